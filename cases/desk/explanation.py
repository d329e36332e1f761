"""How a due day comes about: the answer in a sentence, the steps with their articles, the days as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from cases.accounts import (
    Notice,
    clock_json,
    limit_json,
    notices_of,
    questions_json,
    text_of,
    text_version_of,
    unannounced_years,
)
from cases.catalogue.answers import standing_on_limit
from cases.desk.frame import page, show, who
from cases.desk.pictures import Bar, Day, Mark, Month, days_between, months, time_axis
from cases.desk.words import day_words, due_words, hours_words, moment_words, standing
from cases.models import Clock, ClockMove, ClockState, Event, Officer
from cases.moments import read_moment
from cases.queries import matters_of
from cases.statute import clocks as statute
from cases.statute.events import DaySpan
from cases.statute.limits import Unit
from cases.statute.questions import Standing
from cases.statute.reckoning import Step
from cases.statute.workdays import Calendar
from cases.winding import explain

# Beyond this many days a calendar is no longer a picture.
DAYS_IN_A_PICTURE = 200

# What a step is called.
STEP_NAMES = {
    "set": "文书定日",
    "backward": "倒算",
    "delay": "推迟起算",
    "tier": "换档",
    "length": "法定长度",
    "extension": "延长",
    "pause": "不计入",
    "paused": "暂停",
    "held": "等候",
    "rollover": "顺延",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A step of the explanation as the table shows it."""

    name: str
    text: str
    article: str
    version: str
    before: str
    after: str
    length: str
    counted: int | None
    uncounted: int | None
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """Everything a page says of how one clock was reckoned."""

    clock: statute.Clock
    lines: list[Line]
    months: list[Month]
    notices: list[Notice]
    unannounced: list[int]

    @property
    def counted(self) -> int:
        """How many days count towards the period, over all steps."""
        return sum(line.counted or 0 for line in self.lines)

    @property
    def uncounted(self) -> int:
        return sum(line.uncounted or 0 for line in self.lines)

    @property
    def in_days(self) -> bool:
        """Whether any step is counted in days; limits in hours are not."""
        return any(line.counted is not None for line in self.lines)

    @property
    def due(self) -> str:
        return due_text(self.clock, ZoneInfo(str(self.clock.reckoning.zone)))


def account_of(clock: statute.Clock) -> Account:
    zone = clock.reckoning.zone
    lines = [_line(step, clock, zone) for step in clock.steps()]
    return Account(clock, lines, _picture(clock), notices_of(clock), unannounced_years(clock))


def due_text(clock: statute.Clock, zone: ZoneInfo) -> str:
    """The due day with its weekday, or the due moment."""
    return day_words(clock.due_on) if clock.due_on is not None else moment_words(clock.due_at, zone, seconds=True)


def _line(step: Step, clock: statute.Clock, zone: ZoneInfo) -> Line:
    if isinstance(step.before, datetime):
        length = hours_words(abs(step.length))
    else:
        length = f"{step.length.days} 天"
    return Line(
        name=STEP_NAMES.get(step.kind, step.kind),
        text=step.text,
        article=step.article,
        version=text_version_of(step, clock.limit),
        before=_point(step.before, zone),
        after=_point(step.after, zone),
        length=length,
        counted=step.counted,
        uncounted=step.uncounted,
        skipped=tuple(f"{day:%m-%d} {why}" for day, why in step.skipped),
    )


def _point(value: date | datetime, zone: ZoneInfo) -> str:
    return moment_words(value, zone, seconds=True) if isinstance(value, datetime) else day_words(value)


def _picture(clock: statute.Clock) -> list[Month]:
    """The days from start to due day: which counted, which did not, and why not."""
    due_on, begins = clock.due_on, clock.reckoning.started_on
    if due_on is None or clock.reckoning.waiting:
        return []
    set_on = [step.before for step in clock.steps() if step.kind == "backward"]
    first = min(begins, due_on)
    last = max([due_on, *(day for day in set_on if not isinstance(day, datetime))])
    if (last - first).days > DAYS_IN_A_PICTURE:
        return []
    looks = {day: _look(clock, day, begins, due_on) for day in days_between(first, last)}
    return months(first, last, looks)


def _look(clock: statute.Clock, day: date, begins: date, due_on: date) -> Day:
    reckoning = clock.reckoning
    calendar = reckoning.calendar
    if day == due_on:
        return Day(day.day, "due", "届", "届满日")
    if day == begins:
        return Day(day.day, "start", "起", "起算日")
    if day > due_on or day < begins:
        return Day(day.day)
    for change in reckoning.changes:
        if isinstance(change.span, DaySpan) and change.span.after < day <= (change.span.until or day):
            return Day(day.day, "paused", "停", "不计入期限")
    nominal = reckoning.due.nominal_on
    rolled = nominal is not None and day >= nominal
    if calendar is not None and (rolled or reckoning.unit is Unit.WORKDAY):
        if not calendar.is_working(day, provisional=True):
            return Day(day.day, "off", "休", _why(calendar, day))
        return Day(day.day, "counted", "班" if day in calendar.special else "", _why(calendar, day))
    return Day(day.day, "counted")


def _why(calendar: Calendar, day: date) -> str:
    """What kind of day it is, and by which notice."""
    special = calendar.special.get(day)
    return f"{calendar.why(day)} {special.notice if special is not None else ''}".strip()


# -- the page --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Explained:
    """One clock as it was known at a moment: its row, the clock wound again (none if it was not known of), its moves.

    `current` says that it is as known now; `wrong` says what is not a time in what was asked, all is then as known now.
    """

    row: Clock
    wound: statute.Clock | None
    moves: list[ClockMove]
    known_at: datetime
    standing: tuple[Standing, ...]
    current: bool = True
    wrong: str = ""

    def as_json(self) -> dict[str, Any]:
        """What the page says, as one object; see `cases.accounts.clock_json` for the clock."""
        row, wound = self.row, self.wound
        return {
            "matter": row.matter.number,
            **limit_json(row.limit.rule()),
            "known_at": timezone.localtime(self.known_at).isoformat(),
            **(_reckoned(wound) if wound is not None else _ABSENT),
            "warnings": {
                "yellow_at": _iso(row.yellow_at if self.current else None),
                "orange_at": _iso(row.orange_at if self.current else None),
            },
            "questions": questions_json(self.standing),
            "moves": [
                {
                    "moved_at": timezone.localtime(move.moved_at).isoformat(),
                    "old_due_at": _iso(move.old_due_at),
                    "new_due_at": _iso(move.new_due_at),
                    "reason": move.reason,
                }
                for move in self.moves
            ],
        }


def explained(officer: Officer, pk: int, asked: str, at: datetime) -> Explained:
    """A clock the officer may see, as known at `at` or at the time `asked` for; raises Http404 where there is none."""
    rows = Clock.objects.visible_to(officer).select_related(
        "limit", "matter__kind", "unit", "officer", "start_event__kind", "ended_by__kind"
    )
    row = get_object_or_404(rows, pk=pk, matter__withdrawn_at=None)
    known_at, wrong = at, ""
    if asked:
        try:
            known_at = read_moment(asked)
        except ValueError as error:
            wrong = str(error)
    wound = explain(row, known_at=known_at)
    moves = list(ClockMove.objects.filter(clock=row))
    return Explained(row, wound, moves, known_at, standing_on_limit(row.limit), not asked or bool(wrong), wrong)


def explained_response(found: Explained) -> JsonResponse:
    """The answer as JSON; 400 with a sentence where what was asked is no time."""
    if found.wrong:
        return JsonResponse({"error": found.wrong}, status=400, json_dumps_params={"ensure_ascii": False})
    return JsonResponse(found.as_json(), json_dumps_params={"ensure_ascii": False, "indent": 1})


@page("cases.view_clock")
def clock(request: HttpRequest, pk: int) -> HttpResponse:
    """A clock explained, as known now or at `known_at`; the same as JSON with `format=json`."""
    officer, at = who(request), timezone.now()
    asked = request.GET.get("known_at", "").strip()
    found = explained(officer, pk, asked, at)
    if request.GET.get("format") == "json":
        return explained_response(found)
    row, wound, wrong = found.row, found.wound, found.wrong
    zone = ZoneInfo(row.matter.kind.zone)
    may_open = matters_of(officer).filter(pk=row.matter_id).exists()
    trail: tuple[tuple[str, str], ...] = (("期限", reverse("desk:clocks")),)
    if may_open:
        trail = (
            ("事项", reverse("desk:matters")),
            (row.matter.number, reverse("desk:matter", args=(row.matter_id,))),
        )
    return show(
        request,
        "desk/clock.html",
        title=row.limit.name,
        trail=trail,
        zone=zone,
        row=row,
        at=at,
        account=account_of(wound) if wound is not None else None,
        sentence=_sentence(row, wound, zone),
        moves=found.moves,
        faults=list(wound.faults) if wound is not None else [],
        may_open=may_open,
        asked=asked,
        wrong=wrong,
        known_at=found.known_at if asked and not wrong else None,
        standing=found.standing,
        text=text_of(row.limit.rule()),
        differs=bool(asked and not wrong and wound is not None and wound.due_at != row.due_at),
        axis=_axis(row, wound, at, zone),
    )


def _sentence(row: Clock, wound: statute.Clock | None, zone: ZoneInfo) -> str:
    if wound is None:
        if row.state == ClockState.VOID:
            return "起算节点已经作废，这一期限不再计算。"
        return "在所选时间，这一期限的起算节点尚未登记，还没有这个期限。"
    if wound.due_at is None:
        return f"{row.limit.name}暂停计算，恢复以后才能确定届满。"
    return f"{row.limit.name}于 {due_text(wound, zone)} 届满，依据{row.limit.citation}。"


def _axis(row: Clock, wound: statute.Clock | None, at: datetime, zone: ZoneInfo) -> Any:
    """For limits in hours, or too long for a calendar, the run as a bar with the events of the matter on it."""
    if wound is None or wound.due_at is None:
        return ""
    bar = Bar(
        name=row.limit.name,
        link="#steps",
        begins=wound.started_at,
        due=wound.due_at,
        ends=wound.ended.at if wound.ended is not None else None,
        standing=standing(row, at),
        tip=f"自 {moment_words(wound.started_at, zone)} 起，届满 {due_words(row, zone)}",
    )
    events = Event.objects.filter(matter=row.matter_id, withdrawn_at=None, only_voids=False, struck_by=None)
    last = max(wound.due_at, bar.ends or wound.due_at)
    marks = [
        Mark(event.occurred_at, f"{moment_words(event.occurred_at, zone)} {event.kind}")
        for event in events.select_related("kind").filter(occurred_at__gte=wound.started_at, occurred_at__lte=last)
    ]
    return time_axis([bar], marks, at, zone)


_ABSENT: Mapping[str, Any] = {"state": "absent", "due_on": None, "due_at": None, "steps": []}


def _reckoned(wound: statute.Clock) -> dict[str, Any]:
    """A clock of the pure core as JSON, with what of its events was not taken into account."""
    faults = [{"code": fault.code, "text": fault.text, "refused": fault.refused} for fault in wound.faults]
    return {**clock_json(wound, ZoneInfo(str(wound.reckoning.zone))), "faults": faults}


def _iso(moment: datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat() if moment is not None else None
