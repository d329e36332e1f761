"""Lists of matters and clocks, and the page of a matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.facts import fact_name, fact_value
from cases.desk.forms import EventForm, HandlerForm, MatterForm, VoidForm, as_entered
from cases.desk.frame import page, show, who
from cases.desk.links import buttons_of, links_of
from cases.desk.lists import Emptiness, named_limits, show_list
from cases.desk.pictures import Bar, Mark, time_axis
from cases.desk.words import due_words, moment_words, standing
from cases.filters import ClockFilter, MatterFilter
from cases.foresight import Foreseen, foresee_event, foresee_void
from cases.models import ApproverLevel, Clock, ClockMove, ClockState, Event, Handling, Limit, Matter, MatterKind
from cases.queries import clocks_of, events_of, matters_of, most_urgent, number_begins
from cases.services import CaseRefused, name_handler, open_matter, record_event, void_event

MATTERS_EMPTY = Emptiness("还没有您可以看到的事项", "导入案件数据，或者新建事项以后，会在这里列出。")
CLOCKS_EMPTY = Emptiness(
    "还没有您可以看到的期限", "事项登记了起算节点（受案、立案、扣押等）以后，期限会自动算出并在这里列出。"
)


@page("cases.view_matter")
def matters(request: HttpRequest) -> HttpResponse:
    officer = who(request)

    def dress(rows: list[Matter]) -> dict[str, Any]:
        urgent = most_urgent(rows)
        for row in rows:
            row.urgent = urgent.get(row.pk)  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "desk/matters.html",
        title="事项",
        filter_class=MatterFilter,
        rows=matters_of(officer).select_related("kind", "unit", "officer"),
        moment="opened_at",
        descending=True,
        at=timezone.now(),
        empty=MATTERS_EMPTY,
        tabs=(("全部", ""), ("在办", "state=open"), ("我经办的在办", "state=open&mine=1"), ("有超期", "level=3")),
        dress=dress,
        buttons=buttons_of(officer),
    )


@page("cases.view_clock")
def clocks(request: HttpRequest) -> HttpResponse:
    officer = who(request)
    if not request.GET:
        return redirect(f"{reverse('desk:clocks')}?state=open")

    def dress(rows: list[Clock]) -> dict[str, Any]:
        # A clock that ran out stays with the unit that let it, and its matter may since have left that unit's sight.
        ids = {row.matter_id for row in rows}
        return {"open_to": set(matters_of(officer).filter(pk__in=ids).values_list("pk", flat=True))}

    return show_list(
        request,
        "desk/clocks.html",
        title="期限",
        filter_class=ClockFilter,
        rows=clocks_of(officer)
        .select_related("matter", "officer")
        .prefetch_related(named_limits("limit"), "matter__kind", "unit")
        .defer("matter__facts"),
        moment="due_at",
        at=timezone.now(),
        empty=CLOCKS_EMPTY,
        tabs=(
            ("未办结", "state=open"),
            ("已超期", "due=expired&nature=counted"),
            ("今天届满", "due=today&nature=counted"),
            ("本周届满", "due=week&nature=counted"),
            ("30 天内", "due=month&nature=counted"),
            ("暂停中", "state=paused"),
            ("有问题待核", "faults=1"),
            ("全部", "state="),
        ),
        dress=dress,
    )


@page("cases.view_matter")
def find(request: HttpRequest) -> HttpResponse:
    """Search by number from anywhere: one matter opens its page, several or none open the list."""
    number = request.GET.get("number", "").strip()[:64]
    if not number:
        return redirect("desk:matters")
    visible = matters_of(who(request))
    found = list(visible.filter(number=number).values_list("pk", flat=True)[:2])
    if not found:
        found = list(visible.filter(number_begins(number)).values_list("pk", flat=True)[:2])
    if len(found) == 1:
        return redirect("desk:matter", pk=found[0])
    query = request.GET.copy()
    query.clear()
    query["q"] = number
    return redirect(f"{reverse('desk:matters')}?{query.urlencode()}")


@page("cases.add_matter", ("GET", "HEAD", "POST"))
def new_matter(request: HttpRequest) -> HttpResponse:
    officer = who(request)
    form = MatterForm(request.POST or None, by=officer)
    if request.method == "POST" and form.is_valid():
        kind: MatterKind = form.cleaned_data["kind"]
        try:
            matter = open_matter(
                kind=kind.code,
                number=form.cleaned_data["number"].strip(),
                title=form.cleaned_data["title"],
                unit=form.cleaned_data["unit"],
                officer=form.cleaned_data["officer"],
            )
        except CaseRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已新建{kind} {matter.number}。登记起算节点以后，期限会自动算出。")
            return redirect(
                reverse("desk:matter", args=(matter.pk,))
                if matters_of(officer).filter(pk=matter.pk).exists()
                else reverse("desk:matters")
            )
    return show(
        request, "desk/open_matter.html", title="新建事项", form=form, trail=(("事项", reverse("desk:matters")),)
    )


# -- the page of a matter --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Entry:
    """A line of the timeline: an event, and what became of it."""

    event: Event
    approver: str
    struck_by: Event | None = None
    faults: tuple[str, ...] = ()
    may_void: bool = False


# What a button says that only asks what an entry would do.
LOOK = "look"


@dataclass(frozen=True, slots=True)
class Preview:
    """What an entry would do to the clocks of the matter; nothing has been saved."""

    act: str
    foreseen: list[Foreseen]
    # The event to be struck out, and the reason given so far.
    striking: int | None = None
    reason: str = ""


def _seen(request: HttpRequest, pk: int) -> Matter:
    rows = matters_of(who(request)).select_related("kind", "unit", "officer", "parent", "batch")
    return get_object_or_404(rows, pk=pk)


@page("cases.view_matter")
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    return _matter_page(request, _seen(request, pk))


@page("cases.add_event", ("POST",))
def add_event(request: HttpRequest, pk: int) -> HttpResponse:
    seen = _seen(request, pk)
    form = EventForm(request.POST, matter=seen, limits=_limits_of(seen))
    if not form.is_valid():
        return _matter_page(request, seen, form=form, status=422)
    at = timezone.now()
    facts = form.facts()
    try:
        if request.POST.get("act") == LOOK:
            foreseen = foresee_event(matter=seen, by=who(request), at=at, **facts)
            return _matter_page(request, seen, form=form, preview=Preview("登记这个节点", foreseen))
        event = record_event(matter=seen, by=who(request), at=at, **facts)
    except CaseRefused as refusal:
        form.add_error(None, str(refusal))
        return _matter_page(request, seen, form=form, status=422)
    done = "更正为" if event.voids_id is not None else "登记"
    messages.success(request, f"已{done}“{event.kind}”。{_what_moved(seen, at)}")
    return redirect("desk:matter", pk=pk)


@page("cases.add_event", ("POST",))
def strike_event(request: HttpRequest, pk: int, event_pk: int) -> HttpResponse:
    seen = _seen(request, pk)
    event = get_object_or_404(events_of(who(request)), pk=event_pk, matter=seen)
    form = VoidForm(request.POST)
    at = timezone.now()
    if request.POST.get("act") == LOOK:
        try:
            foreseen = foresee_void(event=event, by=who(request), at=at)
        except CaseRefused as refusal:
            messages.error(request, f"不能作废：{refusal}。")
            return redirect("desk:matter", pk=pk)
        reason = request.POST.get("reason", "")[:300]
        return _matter_page(
            request, seen, preview=Preview(f"作废“{event.kind}”", foreseen, striking=event.pk, reason=reason)
        )
    if not form.is_valid():
        messages.error(request, "没有作废：必须写明作废理由。")
    else:
        try:
            void_event(event=event, reason=form.cleaned_data["reason"], by=who(request), at=at)
            messages.success(request, f"已作废“{event.kind}”。{_what_moved(seen, at)}")
        except CaseRefused as refusal:
            messages.error(request, f"没有作废：{refusal}。")
    return redirect("desk:matter", pk=pk)


@page("cases.add_handling", ("POST",))
def add_handler(request: HttpRequest, pk: int) -> HttpResponse:
    seen = _seen(request, pk)
    form = HandlerForm(request.POST)
    if form.is_valid():
        try:
            handling = name_handler(
                matter=seen,
                officer=form.cleaned_data["police_number"],
                role=form.cleaned_data["role"],
                at=timezone.now(),
            )
        except CaseRefused as refusal:
            messages.error(request, f"没有指定：{refusal}。")
        else:
            messages.success(request, f"已指定{handling.officer}为{handling.get_role_display()}。")
    else:
        messages.error(
            request, "没有指定：" + "；".join(str(text) for texts in form.errors.values() for text in texts) + "。"
        )
    return redirect("desk:matter", pk=pk)


def _limits_of(seen: Matter) -> Any:
    return Limit.objects.active().filter(kinds=seen.kind_id)


def _what_moved(seen: Matter, at: datetime) -> str:
    """Which due dates an entry moved, for the message after it."""
    zone = ZoneInfo(seen.kind.zone)
    moves = ClockMove.objects.filter(clock__matter=seen, moved_at=at).select_related("clock__limit")
    parts = []
    for move in moves:
        if move.clock.state == ClockState.VOID:
            parts.append(f"{move.clock.limit}不再计算")
            continue
        if move.clock.due_on is not None:
            new = f"{move.clock.due_on:%Y-%m-%d}"
        elif move.new_due_at is None:
            new = "未定"
        else:
            new = moment_words(move.new_due_at, zone)
        parts.append(f"{move.clock.limit}的届满改为 {new}")
    return "；".join(parts) + "。" if parts else "没有期限因此改变届满日。"


def _matter_page(
    request: HttpRequest,
    seen: Matter,
    *,
    form: EventForm | None = None,
    preview: Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    officer, at = who(request), timezone.now()
    zone = ZoneInfo(seen.kind.zone)
    running = list(
        Clock.objects.filter(matter=seen).select_related("limit", "start_event__kind").order_by("started_at", "pk")
    )
    shown = [clock for clock in running if clock.state != ClockState.VOID]
    may_write = officer.has_perm("cases.add_event")
    entries = _entries(seen, running, may_write)
    if may_write and form is None:
        corrected = _to_correct(request, entries)
        initial = as_entered(corrected, zone) if corrected else {"on": timezone.localdate(at, zone)}
        form = EventForm(matter=seen, limits=_limits_of(seen), initial=initial)
    return show(
        request,
        "desk/matter.html",
        title=f"{seen.kind} {seen.number}",
        trail=(("事项", reverse("desk:matters")),),
        status=status,
        zone=zone,
        matter=seen,
        at=at,
        clocks=sorted(shown, key=lambda clock: (clock.state != ClockState.RUNNING, clock.due_at or clock.started_at)),
        void_clocks=len(running) - len(shown),
        next_duty=_next_duty(shown),
        picture=time_axis(_bars(shown, at, zone), _marks(entries, zone), at, zone),
        entries=entries,
        handlings=list(Handling.objects.filter(matter=seen).select_related("officer").order_by("from_at")),
        children=list(matters_of(officer).filter(parent=seen).select_related("kind")[:20]),
        parent=seen.parent if seen.parent and matters_of(officer).filter(pk=seen.parent.pk).exists() else None,
        facts=[(fact_name(name), fact_value(value)) for name, value in sorted(seen.facts.items())],
        links=links_of(seen, officer),
        form=form,
        preview=preview,
        handler_form=HandlerForm() if officer.has_perm("cases.add_handling") else None,
    )


def _to_correct(request: HttpRequest, entries: list[Entry]) -> Event | None:
    """The event the address names to be corrected, if it may still be."""
    asked = request.GET.get("correct", "")
    return next((entry.event for entry in entries if str(entry.event.pk) == asked and entry.may_void), None)


def _next_duty(clocks: list[Clock]) -> Clock | None:
    """What must be done now: of the bureau's own running clocks the one that runs out first."""
    own = [clock for clock in clocks if clock.state == ClockState.RUNNING and clock.due_at is not None]
    own = [clock for clock in own if clock.limit.nature in ("authority_duty", "measure_cap")]
    return min(own, key=lambda clock: (clock.due_at, clock.pk), default=None)


def _bars(clocks: list[Clock], at: datetime, zone: ZoneInfo) -> list[Bar]:
    return [
        Bar(
            name=clock.limit.name,
            link=reverse("desk:clock", args=(clock.pk,)),
            begins=clock.started_at,
            due=clock.due_at,
            ends=clock.ended_at,
            standing=standing(clock, at),
            tip=f"{clock.limit.name}：自 {moment_words(clock.started_at, zone)} 起，届满 {due_words(clock, zone)}",
        )
        for clock in clocks
        if clock.state != ClockState.MOOT
    ]


def _marks(entries: list[Entry], zone: ZoneInfo) -> list[Mark]:
    return [
        Mark(entry.event.occurred_at, f"{moment_words(entry.event.occurred_at, zone)} {entry.event.kind}")
        for entry in entries
        if entry.struck_by is None
    ]


def _entries(seen: Matter, clocks: list[Clock], may_write: bool) -> list[Entry]:
    """The events as a timeline, latest first; those that only strike out another are told with what they struck."""
    events = list(
        Event.objects.filter(matter=seen, withdrawn_at=None)
        .select_related("kind", "by", "to_unit", "to_officer", "voids__kind")
        .order_by("-occurred_at", "-pk")
    )
    dead: dict[int, Event] = {}
    for event in sorted(events, key=lambda e: (e.recorded_at, e.pk), reverse=True):
        if event.voids_id is not None and event.pk not in dead:
            dead[event.voids_id] = event
    touched = {event.voids_id for event in events if event.voids_id is not None}
    levels = dict(ApproverLevel.objects.values_list("code", "name"))
    faults: dict[int, list[str]] = {}
    for clock in clocks:
        for fault in clock.faults:
            faults.setdefault(fault["event"], []).append(f"{clock.limit.name}：{fault['text']}")
    return [
        Entry(
            event,
            levels.get(event.approver, event.approver),
            dead.get(event.pk),
            tuple(faults.get(event.pk, ())),
            may_write and event.pk not in touched and event.to_unit_id is None,
        )
        for event in events
        if not (event.only_voids and event.pk not in dead)
    ]
