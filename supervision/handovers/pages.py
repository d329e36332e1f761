"""The pages: the list of hand-overs, a new one with its preview, and the sheet of one, on screen and in Word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from cases.audit.handing import hand_out
from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import Officer
from cases.queries import matters_of
from supervision.followup.queries import followed_of
from supervision.handovers import papers, queries, rules, services
from supervision.handovers.filters import HandoverFilter
from supervision.handovers.forms import NOBODY, AskedForm, GroundForm
from supervision.handovers.gathering import Asked, Line, Receiver, gather
from supervision.handovers.models import Handover, HandoverItem, Outcome, State, What
from supervision.handovers.refusals import HandoverRefused
from supervision.rectification.queries import orders_of

EMPTY = Emptiness(
    "没有移交", "民警调离、调整分工，或者管辖变更时，由单位负责人、法制民警在“新的移交”里办理，移交单留在这里。"
)
STALE = "预览已经过期，没有移交任何一件；请看过下面现在的情况再办"
NOTHING_ANSWERS = "后台没有应答；移交已记下，后台恢复以后会自动接着办，不必重新提交。"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ADD = "handovers.add_handover"
TRAIL = (("移交", "handovers:handovers"),)


def _trail() -> tuple[tuple[str, str], ...]:
    return tuple((text, reverse(name)) for text, name in TRAIL)


@page("handovers.view_handover")
def handovers(request: HttpRequest) -> HttpResponse:
    """The hand-overs of which the officer may see a line, the latest first."""
    officer = who(request)

    def dress(rows: list[Handover]) -> dict[str, Any]:
        counts = queries.tallies(officer, rows)
        for row in rows:
            row.seen = _Tally.of(counts[row.pk])  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "handovers/handovers.html",
        title="移交",
        filter_class=HandoverFilter,
        rows=queries.handovers_of(officer).select_related("from_officer", "from_unit", "to_unit", "to_officer", "by"),
        moment="at",
        descending=True,
        at=timezone.now(),
        empty=EMPTY,
        tabs=(
            ("全部", ""),
            ("正在移交", "state=running"),
            ("有未移交的", "left=1"),
            ("我办理的", "mine=by"),
            ("移交给我的", "mine=to"),
        ),
        dress=dress,
        may_add=officer.has_perm(ADD),
    )


@dataclass(frozen=True, slots=True)
class _Tally:
    """Of a hand-over how many lines whoever looks may see, by what became of them."""

    moved: int
    kept: int
    waiting: int

    @classmethod
    def of(cls, counts: dict[str | None, int]) -> _Tally:
        return cls(counts.get(Outcome.MOVED, 0), counts.get(Outcome.KEPT, 0), counts.get(None, 0))

    @property
    def total(self) -> int:
        return self.moved + self.kept + self.waiting


# -- a new one -------------------------------------------------------------------------------------------------------


@page(ADD, ("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    """Whose and to whom, then the preview; handing in the preview decides the hand-over."""
    by, at = who(request), timezone.now()
    given = request.POST if request.method == "POST" else request.GET
    form = AskedForm(given or None, by=by)
    good = bool(given) and form.is_valid()
    asked = _asked(form) if good else Asked()
    to = _receiver(form) if good else None
    lines = gather(asked, to=to, by=by, at=at)
    decides = good and request.POST.get("act") == "hand_over"
    if asked.officer is not None and not lines and not decides:
        # Nothing tells a number nobody has from one whose matters are not the asker's.
        form.add_error("officer", NOBODY.format(number=asked.officer.police_number))
    unfit = queries.why_not_received(unit=to.unit, officer=to.officer, by=by, at=at) if to is not None else ""
    ground = GroundForm(request.POST if decides else None)
    wrong = ""
    if decides and to is not None and ground.is_valid():
        try:
            row = services.begin_handover(
                marks=_chosen(request.POST, lines, by),
                from_officer=asked.officer,
                from_unit=asked.unit,
                to_unit=to.unit,
                to_officer=to.officer,
                by=by,
                at=at,
                **ground.cleaned_data,
            )
        except (HandoverRefused, _StalePreview) as refusal:
            wrong = str(refusal)
        else:
            _begin(request, row)
            return redirect("handovers:handover", pk=row.pk)
    return _new_page(request, form, asked, to, lines, ground=ground, unfit=unfit, wrong=wrong)


def _asked(form: AskedForm) -> Asked:
    entered = form.cleaned_data
    matters = tuple(dict.fromkeys([*entered["matter"], *entered["numbers"]]))
    if matters:
        return Asked(matters=matters)
    return Asked(officer=entered["officer"], unit=entered["unit"])


def _receiver(form: AskedForm) -> Receiver | None:
    unit = form.cleaned_data["to_unit"]
    return Receiver(unit, form.cleaned_data["to_officer"]) if unit is not None else None


def _begin(request: HttpRequest, row: Handover) -> None:
    """Few lines while the page waits, many in the background."""
    if row.total > rules.AT_ONCE:
        _send(request)
    elif services.take_up(handover=row, at=timezone.now()):
        services.carry_on(handover=row, tick=timezone.now)


def _send(request: HttpRequest) -> None:
    from supervision.handovers.tasks import carry_out_task  # import here: tasks stand above the pages

    try:
        carry_out_task.delay()
    except OperationalError:
        messages.warning(request, NOTHING_ANSWERS)


class _StalePreview(Exception):
    """What was handed in is not what this page gave out, or was given out too long ago."""


def _salt(by: Officer) -> str:
    return f"handovers.preview.{by.pk}"


def _listed(lines: Sequence[Line]) -> list[Line]:
    """What is shown one by one: so many of each kind, the most urgent first."""
    shown: dict[rules.Thing, list[Line]] = defaultdict(list)
    for line in lines:
        if len(shown[line.mark.thing]) < rules.LISTED:
            shown[line.mark.thing].append(line)
    return [line for thing in rules.Thing for line in shown[thing]]


def _chosen(posted: QueryDict, lines: Sequence[Line], by: Officer) -> list[rules.Mark]:
    """What was ticked, as it stood on the preview; with `rest` all that was not listed there, as it stands now."""
    try:
        told = signing.loads(posted.get("listed", ""), salt=_salt(by), max_age=rules.PREVIEW_HOLDS)
    except signing.BadSignature as error:
        raise _StalePreview(STALE) from error
    listed = {mark.key: mark for mark in map(rules.read_mark, told)}
    ticked = [listed[key] for key in posted.getlist("pk") if key in listed]
    if "rest" in posted:
        ticked += [line.mark for line in lines if line.mark.key not in listed and not line.why]
    return ticked


@dataclass(frozen=True, slots=True)
class _Section:
    """The lines of one kind on a preview."""

    what: What
    lines: list[Line]
    more: int

    @property
    def unfit(self) -> bool:
        """Whether some of them cannot go."""
        return any(line.why for line in self.lines)


def _new_page(
    request: HttpRequest,
    form: AskedForm,
    asked: Asked,
    to: Receiver | None,
    lines: Sequence[Line],
    *,
    ground: GroundForm,
    unfit: str,
    wrong: str,
) -> HttpResponse:
    listed = _listed(lines)
    keys = {line.mark.key for line in listed}
    fit = [line for line in lines if not line.why]
    sections = []
    for what in What:
        shown = [line for line in listed if line.mark.thing == what.value]
        every = sum(line.mark.thing == what.value for line in lines)
        if shown:
            sections.append(_Section(what, shown, every - len(shown)))
    failed = bool(form.errors or ground.errors or wrong)
    # What was unticked stays so where something else was wrong.
    ticked = set(request.POST.getlist("pk")) if request.POST.get("act") == "hand_over" else None
    return show(
        request,
        "handovers/new.html",
        title="新的移交",
        trail=_trail(),
        status=422 if failed else 200,
        form=form,
        people=queries.people_around(who(request)),
        asked=asked,
        to=to,
        sections=sections,
        rest=sum(line.mark.key not in keys and not line.why for line in lines),
        cut=len(lines) >= rules.MOST,
        most=rules.MOST,
        rest_ticked=ticked is None or "rest" in request.POST,
        listed=signing.dumps([line.mark.as_list() for line in listed], salt=_salt(who(request)), compress=True),
        ticked=keys if ticked is None else ticked,
        fit=rules.counted(line.mark.thing for line in fit),
        fit_count=len(fit),
        unfit_count=len(lines) - len(fit),
        unfit=unfit,
        ground=ground,
        wrong=wrong,
        at_once=rules.AT_ONCE,
    )


# -- the sheet -------------------------------------------------------------------------------------------------------


def _seen(request: HttpRequest, pk: int) -> tuple[Handover, list[HandoverItem]]:
    officer = who(request)
    rows = queries.handovers_of(officer).select_related("from_officer", "from_unit", "to_unit", "to_officer", "by")
    row = get_object_or_404(rows, pk=pk)
    items = queries.items_of(officer).filter(handover=row).select_related("unit", "officer").order_by("place")
    return row, list(items)


@page("handovers.view_handover")
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet: what changed hands and what did not, with the reason; while it is under way, how far it has come."""
    row, items = _seen(request, pk)
    _link(items, who(request))
    told = _Tally.of(_by_outcome(items))
    # A page that is asked for every three seconds lists no thousands of lines.
    shown = items if row.state == State.DONE or len(items) <= rules.LISTED else []
    response = show(
        request,
        "handovers/handover.html",
        title=row.number,
        trail=_trail(),
        row=row,
        moved=[item for item in shown if item.outcome == Outcome.MOVED],
        kept=[item for item in shown if item.outcome == Outcome.KEPT],
        waiting=[item for item in shown if item.outcome is None],
        told=told,
        percent=(told.moved + told.kept) * 100 // told.total,
        counted=rules.counted(item.what for item in items if item.outcome == Outcome.MOVED),
        at=timezone.now(),
        may_add=who(request).has_perm(ADD),
    )
    if row.state in State.under_way():
        response["Refresh"] = "3"
    return response


def _by_outcome(items: Sequence[HandoverItem]) -> dict[str | None, int]:
    counts: dict[str | None, int] = defaultdict(int)
    for item in items:
        counts[item.outcome] += 1
    return counts


def _link(items: Sequence[HandoverItem], officer: Officer) -> None:
    """Where each thing is opened, as far as the officer may open it by now."""
    rooms = (
        (What.MATTER, "matter_id", "desk:matter", matters_of(officer)),
        (What.ORDER, "order_id", "rectification:order", orders_of(officer)),
        (What.FOLLOWED, "case_id", "followup:case", followed_of(officer)),
    )
    for what, column, name, rows in rooms:
        ids = {getattr(item, column) for item in items if item.what == what}
        open_to = set(rows.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
        for item in items:
            if item.what == what:
                pk = getattr(item, column)
                item.link = reverse(name, args=(pk,)) if pk in open_to else ""  # type: ignore[attr-defined]


@page("handovers.view_handover")
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet in Word, to be signed."""
    row, items = _seen(request, pk)
    if row.state != State.DONE:
        messages.warning(request, "还没有办完，办完以后再取移交单。")
        return redirect("handovers:handover", pk=pk)
    return hand_out(
        request, papers.sheet(row, items), name=f"{row.number}移交单.docx", content_type=WORD, what="移交单",
        about=f"handovers.handover:{row.pk}",
    )  # fmt: skip
