"""Changes of the law and the calendar on screen: propose, look at what would move, carry out, see what moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from cases.changes.kinds import proposal_of
from cases.changes.refusals import InvalidProposal
from cases.changes.services import (
    AT_ONCE,
    apply_change,
    drop_change,
    law_digest,
    look_again,
    preview_change,
    propose,
)
from cases.desk.change_forms import NoticeForm, VersionForm, add_problems
from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.effects import Effects
from cases.filters import ChangeFilter
from cases.models import Change, ChangeKind, ChangeState, Limit, Officer, Unit, WorkCalendar
from cases.models.limit import LimitStatus
from cases.queries import matters_of, units_of
from cases.services import CaseRefused

NOTHING_ANSWERS = "后台没有应答；变更已记下，后台恢复以后会自动接着做，不必重新提交。"
EMPTY = Emptiness(
    "还没有提出过变更", "在一条时限的页面上起草新版本，或者在工作日历上录入一年的放假安排以后，会在这里列出。"
)
# Of the greatest moves so many are shown.
SHOWN = 20
TRAIL = (("变更", "desk:changes"),)


def _trail() -> tuple[tuple[str, str], ...]:
    return tuple((text, reverse(name)) for text, name in TRAIL)


@page("cases.view_change")
def changes(request: HttpRequest) -> HttpResponse:
    """All changes, the latest first."""

    def dress(rows: list[Change]) -> dict[str, Any]:
        for row in rows:
            row.told = Effects.from_json(row.preview).told() if row.preview is not None else None  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "desk/changes.html",
        title="变更",
        filter_class=ChangeFilter,
        rows=Change.objects.select_related("proposed_by", "applied_by"),
        moment="proposed_at",
        descending=True,
        at=timezone.now(),
        empty=EMPTY,
        tabs=(("全部", ""), ("待实施", "state=previewed"), ("正在实施", "state=applying"), ("已实施", "state=applied")),
        dress=dress,
    )


@page("cases.add_change", ("GET", "HEAD", "POST"))
def new_version(request: HttpRequest, code: str) -> HttpResponse:
    """A form from the version as it stands; handing it in leads to the preview."""
    limit = get_object_or_404(Limit.objects.exclude(status=LimitStatus.DRAFT), code=code)
    form = VersionForm(request.POST or None, limit=limit)
    if request.method == "POST" and form.is_valid():
        try:
            return proposed(request, ChangeKind.LIMIT, form.payload())
        except InvalidProposal as refusal:
            add_problems(form, refusal.problems, "definition")
    return show(
        request,
        "desk/new_version.html",
        title=f"{limit.name}：新版本",
        trail=(("时限", reverse("desk:limits")), (limit.name, reverse("desk:limit", args=(limit.code,)))),
        form=form,
        limit=limit,
        status=422 if form.errors else 200,
    )


@page("cases.add_change", ("GET", "HEAD", "POST"))
def new_notice(request: HttpRequest, year: int) -> HttpResponse:
    """A form for a year's notice; handing it in leads to the preview."""
    chosen = request.GET.get("calendar") or WorkCalendar.objects.order_by("code").values_list("code", flat=True).first()
    form = NoticeForm(request.POST or None, request.FILES or None, initial={"year": year, "calendar": chosen})
    if request.method == "POST" and form.is_valid():
        try:
            return proposed(request, ChangeKind.CALENDAR, form.payload())
        except InvalidProposal as refusal:
            add_problems(form, refusal.problems, "off")
    return show(
        request,
        "desk/new_notice.html",
        title=f"录入{year}年放假安排",
        trail=(("工作日历", reverse("desk:calendar")), (f"{year}年", reverse("desk:calendar_year", args=(year,)))),
        form=form,
        year=year,
        status=422 if form.errors else 200,
    )


def proposed(request: HttpRequest, kind: ChangeKind, payload: dict[str, Any]) -> HttpResponse:
    """Propose a change and look at it; the answer leads to its page. Refuses by `InvalidProposal`."""
    at = timezone.now()
    change = propose(kind=kind, payload=payload, by=who(request), at=at)
    _look(request, change, at)
    return redirect("desk:change", pk=change.pk)


def _look(request: HttpRequest, change: Change, at: datetime) -> None:
    """Count what it moves: few matters while the page waits, many in the background."""
    if change.total <= AT_ONCE:
        preview_change(change=change, at=at)
    else:
        _send(request)


def _send(request: HttpRequest) -> None:
    from cases.tasks import carry_changes_task  # import here: the tasks import the desk

    try:
        carry_changes_task.delay()
    except OperationalError:
        messages.warning(request, NOTHING_ANSWERS)


@dataclass(frozen=True, slots=True)
class Figure:
    """One count of the preview, and of the result once there is one."""

    what: str
    preview: int
    result: int | None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What a unit is to be told: its share of the counts. Without a link where the officer may not look."""

    name: str
    link: str
    counts: list[int]


@dataclass(frozen=True, slots=True)
class Move:
    """One clock that moves, on a matter the officer may see."""

    matter_id: int
    number: str
    limit: str
    old: datetime | None
    new: datetime | None


_FIGURES = (
    ("moved", "届满日变动", "blue"),
    ("become_overdue", "变为超期", "red"),
    ("no_longer_overdue", "不再超期", ""),
    ("withdrawn", "终止、暂停或作废", "orange"),
    ("started", "新开始计算", ""),
    ("replaced", "改按另一版本计算", ""),
    ("become_firm", "由暂定变为确定", ""),
    ("become_provisional", "变为暂定", "yellow"),
    ("become_late", "变为超期办结", "red"),
    ("no_longer_late", "不再是超期办结", ""),
)


@page("cases.view_change", ("GET", "HEAD", "POST"))
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What a change would move, how far it has come, and what it moved."""
    row = get_object_or_404(Change.objects.select_related("proposed_by", "applied_by"), pk=pk)
    if request.method == "POST":
        return _act(request, row)
    officer = who(request)
    preview = Effects.from_json(row.preview) if row.preview is not None else None
    result = Effects.from_json(row.result) if row.result is not None and row.state == ChangeState.APPLIED else None
    preview, result = (one.told() if one is not None else None for one in (preview, result))
    told = result or preview
    stale = row.state == ChangeState.PREVIEWED and row.law != law_digest()
    response = show(
        request,
        "desk/change.html",
        title=f"变更{row.pk}号",
        trail=_trail(),
        change=row,
        details=_details(row),
        told=told,
        says=_says(told) if told is not None else "",
        figures=_figures(preview, result),
        differs=preview is not None and result is not None and preview.as_json() != result.as_json(),
        shifts=_shifts(told) if told is not None else [],
        columns=[what for _, what in _columns(told)] if told is not None else [],
        units=_units(told, officer, row) if told is not None else [],
        told_units=len(told.units) if told is not None else 0,
        greatest=_greatest(told, officer, row) if told is not None else [],
        steps=list(row.steps.select_related("by")),
        stale=stale,
        may_apply=officer.has_perm("cases.apply_change") and row.state == ChangeState.PREVIEWED and not stale,
        may_propose=officer.has_perm("cases.add_change"),
    )
    if row.state in ChangeState.under_way():
        response["Refresh"] = "3"
    return response


def _says(told: Effects) -> str:
    """The first line: what there is to decide upon."""
    if told.nothing:
        return "没有时钟会因此变动"
    if not told.moved:
        parts = [f"没有届满日变动，{told.clocks} 个时钟有其他变化"]
        if told.become_firm:
            parts = [f"没有届满日变动，{told.become_firm} 个由暂定变为确定"]
    else:
        parts = [f"{told.moved} 个时钟的届满日变动"]
    if told.become_overdue:
        parts.append(f"{told.become_overdue} 个变为超期")
    if told.started:
        parts.append(f"{told.started} 个新开始计算")
    return "，".join(parts)


def _details(row: Change) -> list[tuple[str, str]]:
    """What it holds; of a version that is a row by now only what was proposed can be told."""
    try:
        return list(proposal_of(row).details())
    except CaseRefused:
        return []


def _act(request: HttpRequest, row: Change) -> HttpResponse:
    officer, at, act = who(request), timezone.now(), request.POST.get("act")
    needed = "cases.apply_change" if act == "apply" else "cases.add_change"
    if not officer.has_perm(needed):
        messages.error(request, "没有执行：您没有这项权限。")
        return redirect("desk:change", pk=row.pk)
    try:
        if act == "apply":
            apply_change(change=row, by=officer, at=at)
            if row.state == ChangeState.APPLYING:
                _send(request)
        elif act == "look":
            look_again(change=row, by=officer, at=at)
            _look(request, row, at)
        elif act == "drop":
            drop_change(change=row, by=officer, at=at)
            messages.success(request, "已放弃这项变更，时限、日历和期限都没有改动。")
    except CaseRefused as refusal:
        messages.error(request, f"没有执行：{refusal}。")
    return redirect("desk:change", pk=row.pk)


def _figures(preview: Effects | None, result: Effects | None) -> list[Figure]:
    if preview is None:
        return []
    figures = []
    for name, what, tone in _FIGURES:
        expected, came = getattr(preview, name), getattr(result, name) if result is not None else None
        if expected or came or name in ("moved", "become_overdue", "withdrawn"):
            figures.append(Figure(what, expected, came, tone if expected or came else ""))
    return figures


def _shifts(told: Effects) -> list[tuple[str, int]]:
    """By how much the dates move, earlier ones first; what moves less than a day by itself."""
    shown = []
    for days, count in sorted(told.shifts.items()):
        text = "不足一天" if not days else f"{'推迟' if days > 0 else '提前'} {abs(days)} 天"
        shown.append((text, count))
    undated = told.moved - sum(told.shifts.values())
    return [*shown, *([("变为或者不再没有届满日（暂停）", undated)] if undated else [])]


def _columns(told: Effects) -> list[tuple[str, str]]:
    """What there is to tell units: only what happens to any clock at all."""
    shown = [(name, what) for name, what, _ in _FIGURES if name != "replaced" and getattr(told, name)]
    return [("clocks", "时钟"), *shown]


# What lies on matters that only their handlers see is told of no unit.
CLOSED = "仅经办人可见的事项（不分单位）"


def _units(told: Effects, officer: Officer, row: Change) -> list[Share]:
    """Units to be told, those most touched first; each leads to its clocks, for who may see them."""
    names = {unit.pk: unit for unit in Unit.objects.filter(pk__in=list(told.units))}
    seen = set(units_of(officer).filter(pk__in=list(told.units)).values_list("pk", flat=True))
    applied = f"&change={row.pk}" if row.state == ChangeState.APPLIED else ""
    shares = [
        Share(
            str(names.get(pk, pk)),
            f"{reverse('desk:clocks')}?unit={pk}{applied or '&state=open'}" if pk in seen else "",
            [counts[name] for name, _ in _columns(told)],
        )
        for pk, counts in told.units.items()
    ]
    shares.sort(key=lambda share: (-share.counts[0], share.name))
    if told.closed["clocks"]:
        shares.append(Share(CLOSED, "", [told.closed[name] for name, _ in _columns(told)]))
    return shares


def _greatest(told: Effects, officer: Officer, row: Change) -> list[Move]:
    """The greatest moves among the matters the officer may see."""
    ids = {matter_id for _, matter_id, *_ in told.greatest}
    numbers = dict(matters_of(officer).filter(pk__in=ids).values_list("pk", "number"))
    limits = dict(Limit.objects.values_list("code", "name"))
    if row.kind == ChangeKind.LIMIT:
        # A version that is no row yet.
        limits.setdefault(row.payload["definition"]["code"], row.payload["definition"]["name"])
    return [
        Move(matter_id, numbers[matter_id], limits.get(code, code), _moment(old), _moment(new))
        for _, matter_id, code, _, old, new in told.greatest
        if matter_id in numbers
    ][:SHOWN]


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
