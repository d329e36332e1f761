"""Rounds: their list, drawing a new one, how one is getting on, and what it was drawn from."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.audit.handing import CODE, CSV, hand_out, hand_out_table
from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import MatterKind, Officer
from supervision.returnvisits import rules, services
from supervision.returnvisits.filters import RoundFilter
from supervision.returnvisits.forms import DrawForm
from supervision.returnvisits.models import RoundUnit, Visit, VisitRound, VisitState, VisitStep
from supervision.returnvisits.queries import (
    draw_again,
    frame_of,
    local_day,
    progress_of,
    reads_answers,
    rounds_of,
    tallies_of_round,
    visits_of,
)
from supervision.returnvisits.services import ReturnVisitRefused

EMPTY = Emptiness("还没有回访批次", "法制民警或者督察点“抽取新批次”，按单位随机抽取办过的事项，问当事人是否满意。")


@page("returnvisits.view_visitround")
def rounds(request: HttpRequest) -> HttpResponse:
    officer = who(request)

    def dress(rows: list[VisitRound]) -> dict[str, Any]:
        progress = progress_of(rows, seen_by=officer)
        for row in rows:
            row.progress = progress[row.pk]  # type: ignore[attr-defined]
        return {"reads": reads_answers(officer)}

    return show_list(
        request,
        "returnvisits/rounds.html",
        title="回访批次",
        filter_class=RoundFilter,
        rows=rounds_of(officer).select_related("unit", "drawn_by"),
        moment="drawn_at",
        descending=True,
        at=timezone.now(),
        empty=EMPTY,
        tabs=(("全部", ""), ("进行中", "state=open"), ("已结束", "state=closed")),
        dress=dress,
    )


@page("returnvisits.add_visitround", ("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    """First what would be drawn from, unit by unit, and only then the draw: nobody sees the sample before it stands."""
    officer, at = who(request), timezone.now()
    form = DrawForm(request.POST or None, by=officer, today=local_day(at))
    wrong, parts = "", None
    if request.method == "POST" and form.is_valid():
        entered, scope = form.cleaned_data, form.scope()
        try:
            if request.POST.get("act") == "draw":
                drawn = services.draw_round(
                    title=entered["title"],
                    scope=scope,
                    per_unit=entered["per_unit"],
                    reply_until=entered["reply_until"],
                    callers=entered["callers"],
                    seed=entered["seed"],
                    by=officer,
                    at=at,
                )
                messages.success(request, f"已抽取{drawn.number}，种子 {drawn.seed}。")
                return redirect("returnvisits:round", pk=drawn.pk)
            services.check_scope(scope, per_unit=entered["per_unit"], at=at)
            parts = frame_of(scope).parts(entered["per_unit"])
        except ReturnVisitRefused as refusal:
            wrong = str(refusal)
    return show(
        request,
        "returnvisits/new.html",
        title="抽取新批次",
        trail=(("回访批次", reverse("returnvisits:rounds")),),
        form=form,
        wrong=wrong,
        parts=parts,
        size=sum(part.size for part in parts or ()),
        drawn=sum(part.drawn for part in parts or ()),
        status=422 if form.errors or wrong else 200,
    )


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What a round came to in one unit, as the page shows it."""

    part: RoundUnit
    tally: rules.Tally
    waiting: int


@page("returnvisits.view_visitround")
def visit_round(request: HttpRequest, pk: int) -> HttpResponse:
    officer, at = who(request), timezone.now()
    row = _seen(request, pk)
    reads = reads_answers(officer)
    lines = _lines(row, officer)
    told = reads or not row.is_open
    progress = progress_of([row], seen_by=officer)[row.pk] if reads else None
    visits = visits_of(officer).filter(round=row)
    return show(
        request,
        "returnvisits/round.html",
        title=f"{row.number} {row.title}",
        trail=(("回访批次", reverse("returnvisits:rounds")),),
        round=row,
        kinds=list(MatterKind.objects.filter(code__in=row.kinds).values_list("name", flat=True)),
        lines=lines,
        whole=rules.total([line.tally for line in lines]),
        waiting=sum(line.waiting for line in lines),
        mine=visits.filter(state=VisitState.WAITING, caller=officer).count() if reads else 0,
        uncalled=visits.filter(state=VisitState.WAITING, caller=None).count() if reads else 0,
        told=told,
        reads=reads,
        checks=progress.checks if progress else 0,
        over=row.reply_until < local_day(at),
        again=draw_again(row) if request.GET.get("again") and reads else None,
        may_close=row.is_open and officer.has_perm("returnvisits.add_visitround"),
        steps=VisitStep.objects.filter(round=row, visit=None).select_related("by").order_by("-at", "-pk")
        if reads
        else (),
    )


def _seen(request: HttpRequest, pk: int) -> VisitRound:
    rows = rounds_of(who(request)).select_related("unit", "drawn_by", "closed_by")
    return get_object_or_404(rows, pk=pk)


def _lines(row: VisitRound, officer: Officer) -> list[UnitLine]:
    """The units of a round that an officer's posts are over, without the frames themselves; three questions."""
    seen = visits_of(officer).filter(round=row).order_by().values_list("unit_id")
    waiting = dict(seen.annotate(waiting=Count("pk", filter=Q(state=VisitState.WAITING))))
    counted = tallies_of_round(row)
    parts = RoundUnit.objects.filter(round=row, unit__in=waiting).defer("frame").select_related("unit")
    return [
        UnitLine(part, counted.get(part.unit_id, rules.Tally()), waiting.get(part.unit_id, 0))
        for part in parts.order_by("unit__path")
    ]


@page("returnvisits.add_visitround", ("POST",))
def close(request: HttpRequest, pk: int) -> HttpResponse:
    row = _seen(request, pk)
    try:
        services.close_round(visit_round=row, by=who(request), at=timezone.now())
        messages.success(request, "批次已结束，各单位现在看得见自己的结果。")
    except ReturnVisitRefused as refusal:
        messages.error(request, f"没有结束：{refusal}。")
    return redirect("returnvisits:round", pk=pk)


@page("returnvisits.record_visit", ("POST",))
def message_list(request: HttpRequest, pk: int) -> HttpResponse:
    """What the bureau's message gateway is to send: codes and numbers of matters, from which the case system finds whom to
    send it to. No telephone number passes through here."""
    row, officer = _seen(request, pk), who(request)
    try:
        with transaction.atomic():
            waiting = services.list_for_messages(visit_round=row, by=officer, at=timezone.now())
            answer = _hand_out_messages(request, row, waiting)
            # Until the list leaves nobody counts as asked.
            transaction.set_rollback(not answer.has_header(CODE))
    except ReturnVisitRefused as refusal:
        messages.error(request, f"没有导出：{refusal}。")
        return redirect("returnvisits:round", pk=pk)
    return answer


def _hand_out_messages(request: HttpRequest, row: VisitRound, waiting: Sequence[Visit]) -> HttpResponse:
    rows = [("回访编号", "种类", "事项编号", "单位", "短信内容"), *(_message(visit) for visit in waiting)]
    about = f"returnvisits.visitround:{row.pk}"
    content = ("\ufeff" + "".join(_line(*cells) for cells in rows)).encode()
    return hand_out(
        request, content, name=f"messages-{row.pk}.csv", content_type=CSV, what="回访短信名单", about=about,
        rows=len(waiting),
    )  # fmt: skip


def _message(visit: Visit) -> tuple[str, ...]:
    text = (
        f"您好，您在{visit.unit.name}办过事，想请您评价：1满意 2基本满意 3不满意 4很不满意。"
        f"请回复 {visit.code} 加数字，可以再写意见。自愿回答，内容保密。"
    )
    return visit.code, visit.matter.kind.name, visit.matter.number, visit.unit.name, text


@page("returnvisits.add_visitround")
def frame(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The whole frame with the rank of each matter under the seed, as a table: whoever has it can draw again by hand."""
    row = _seen(request, pk)
    about = f"returnvisits.visitround:{row.pk}"
    return hand_out_table(
        request, _table(row), name=f"frame-{row.pk}.csv", what="回访抽样总体", about=about, rows=row.frame_size
    )


def _table(row: VisitRound) -> Iterator[str]:
    # Without this mark Excel takes the file for GBK.
    yield "\ufeff"
    yield _line("单位代码", "种类代码", "编号", "次序值", "抽中")
    drawn = set(Visit.objects.filter(round=row).values_list("unit__code", "matter__kind__code", "matter__number"))
    for code, keys in RoundUnit.objects.filter(round=row).values_list("unit__code", "frame"):
        candidates = [rules.Candidate(code, key) for key in keys]
        for one in sorted(candidates, key=lambda candidate: rules.rank(row.seed, candidate)):
            kind, _, number = one.key.partition("\t")
            taken = "是" if (code, kind, number) in drawn else ""
            yield _line(code, kind, number, rules.rank(row.seed, one), taken)


def _line(*cells: str) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
