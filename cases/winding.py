"""Rows -> statute -> rows: the only bridge between the events in the database and the clocks wound from them.

Bulk is the normal case: the events of some thousand matters are read in a fixed number of queries, wound in Python and
written set-based. One event entered through a form is a batch of one.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from cases.bulk import execute_many, fetch_rows, insert_rows, row_adapter
from cases.courses import Courses
from cases.models import (
    ApproverLevel,
    CalendarYear,
    Clock,
    ClockMove,
    ClockState,
    DayOff,
    Event,
    EventKind,
    Limit,
    Matter,
    MatterKind,
    PendingWinding,
    Unit,
)
from cases.statute import clocks as statute
from cases.statute.events import Occurrence, standing
from cases.statute.limits import Facts, fact_text
from cases.statute.reckoning import ApproverLevel as StatuteApprover
from cases.statute.workdays import Calendar, SpecialDay

log = logging.getLogger(__name__)

CHUNK = 2000


class WindingFailed(Exception):
    """Some matters could not be wound; they are marked and the others are done."""

    def __init__(self, numbers: Sequence[str]) -> None:
        super().__init__(f"{len(numbers)} 件事项的时钟无法计算：{'、'.join(numbers[:20])}")
        self.numbers = numbers


@dataclass(slots=True)
class WindingReport:
    """What a winding did."""

    matters: int = 0
    clocks_written: int = 0
    moves: int = 0
    failed: list[str] = field(default_factory=list)

    def add(self, other: "WindingReport") -> None:
        self.matters += other.matters
        self.clocks_written += other.clocks_written
        self.moves += other.moves
        self.failed += other.failed


# -- the catalogue ready for winding ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The law as loaded: a rulebook for each kind of matter, and what is needed to write its clocks as rows."""

    rulebooks: Mapping[int, statute.Rulebook]
    zones: Mapping[int, ZoneInfo]
    limit_ids: Mapping[str, int]
    courses: Courses
    kinds: Mapping[int, str]
    event_kinds: Mapping[int, str]
    marks: Mapping[str, tuple[bool, bool]]


def calendars() -> dict[str, Calendar]:
    """Every calendar with at least one announced year."""
    years: dict[str, list[int]] = defaultdict(list)
    for code, year in CalendarYear.objects.values_list("calendar__code", "year"):
        years[code].append(year)
    special: dict[str, list[SpecialDay]] = defaultdict(list)
    for code, on, working, name, notice in DayOff.objects.values_list(
        "calendar__code", "day", "working", "name", "notice"
    ):
        special[code].append(SpecialDay(on, working, name, notice))
    return {code: Calendar(code, special[code], announced) for code, announced in years.items()}


def catalogue() -> Catalogue:
    """Read the whole catalogue: a handful of queries, whatever is to be wound. Drafts are left out."""
    known = calendars()
    approvers = {
        row.code: StatuteApprover(row.code, row.name, row.line, row.rank) for row in ApproverLevel.objects.all()
    }
    by_kind: dict[int, list[Any]] = defaultdict(list)
    limit_ids: dict[str, int] = {}
    limit_ladders: dict[str, int] = {}
    for row in Limit.objects.active().prefetch_related("kinds"):
        rule = row.rule()
        limit_ids[row.code] = row.pk
        if row.ladder_id is not None:
            limit_ladders[row.code] = row.ladder_id
        for kind in row.kinds.all():
            by_kind[kind.pk].append(rule)
    marks = list(EventKind.objects.values_list("pk", "code", "opens", "closes"))
    zones = {kind.pk: ZoneInfo(kind.zone) for kind in MatterKind.objects.all()}
    return Catalogue(
        rulebooks={kind: statute.Rulebook(rules, known, zones[kind], approvers) for kind, rules in by_kind.items()},
        zones=zones,
        limit_ids=limit_ids,
        courses=Courses(limit_ladders, {pk: code for code, pk in limit_ids.items()}),
        kinds=dict(MatterKind.objects.values_list("pk", "code")),
        event_kinds={pk: code for pk, code, _, _ in marks},
        marks={code: (opens, closes) for _, code, opens, closes in marks},
    )


# -- reading ---------------------------------------------------------------------------------------------------------


class _MatterRow(NamedTuple):
    id: int
    number: str
    kind_id: int
    unit_id: int
    city_id: int | None
    county_id: int | None
    station_id: int | None
    officer_id: int | None
    facts: dict[str, Any]
    unit_kind: str
    unit_level: int
    case_kind_id: int | None
    opened_at: datetime | None
    closed_at: datetime | None
    withdrawn_at: datetime | None


class _Holder(NamedTuple):
    """Whose clock it is: the unit's columns and the officer."""

    unit_id: int
    city_id: int | None
    county_id: int | None
    station_id: int | None
    officer_id: int | None


# City, county and station of a unit.
_Place = tuple[int | None, int | None, int | None]


class _Transfer(NamedTuple):
    at: datetime
    from_unit: int
    from_officer: int | None


_EVENT_COLUMNS = (
    "id",
    "matter_id",
    "kind_id",
    "occurred_at",
    "day_only",
    "recorded_at",
    "voids_id",
    "only_voids",
    "tier",
    "approver",
    "ground",
    "amount",
    "sets_at",
    "sets_on",
    "reference",
    "from_unit_id",
    "from_officer_id",
)


_EVENT_MOMENTS = tuple(_EVENT_COLUMNS.index(name) for name in ("occurred_at", "recorded_at", "sets_at"))
_EVENT_DAYS = (_EVENT_COLUMNS.index("sets_on"),)


def _marks(ids: Sequence[int]) -> str:
    return ", ".join(["%s"] * len(ids))


@dataclass(slots=True)
class _Story:
    """The events of one matter: all of them, and the hand-overs among them."""

    events: list[Occurrence] = field(default_factory=list)
    transfers: list[_Transfer] = field(default_factory=list)


def _matters(ids: Sequence[int], lock: bool) -> list[_MatterRow]:
    rows = Matter.objects.filter(pk__in=ids).order_by("pk")
    if lock and connection.features.has_select_for_update:
        # Two windings of one matter take turns; the second sees what the first wrote.
        list(rows.select_for_update().values_list("pk"))
    return [
        _MatterRow(*row)
        for row in rows.values_list(
            "id",
            "number",
            "kind_id",
            "unit_id",
            "city_id",
            "county_id",
            "station_id",
            "officer_id",
            "facts",
            "unit__kind",
            "unit__level",
            "parent__kind_id",
            "opened_at",
            "closed_at",
            "withdrawn_at",
        )
    ]


def _stories(ids: Sequence[int], kind_of: Mapping[int, int], law: Catalogue) -> dict[int, _Story]:
    stories: dict[int, _Story] = defaultdict(_Story)
    days: dict[tuple[datetime, int], date] = {}
    rows = fetch_rows(
        Event._meta.db_table,
        _EVENT_COLUMNS,
        f'"matter_id" IN ({_marks(ids)}) AND "withdrawn_at" IS NULL',
        ids,
        moments=_EVENT_MOMENTS,
        days=_EVENT_DAYS,
    )
    for row in rows:
        matter_id, at, kind_id = row[1], row[3], kind_of[row[1]]
        on = days.get((at, kind_id))
        if on is None:
            on = days[(at, kind_id)] = at.astimezone(law.zones[kind_id]).date()
        kind = "" if row[7] else law.event_kinds[row[2]]
        story = stories[matter_id]
        story.events.append(
            Occurrence(
                row[0],
                kind,
                at,
                on,
                row[5],
                row[4],
                row[6],
                row[8],
                row[9],
                row[10],
                row[11],
                row[12],
                row[13],
                row[14],
            )
        )
        if row[15] is not None:
            story.transfers.append(_Transfer(at, row[15], row[16]))
    for story in stories.values():
        story.transfers.sort()
    return stories


def _facts(matter: _MatterRow, law: Catalogue) -> Facts:
    facts = {name: fact_text(value) for name, value in matter.facts.items()}
    facts["unit_kind"] = matter.unit_kind
    facts["unit_level"] = str(matter.unit_level)
    if matter.case_kind_id is not None:
        # Measures, seized items and visits stand under the law of the case they belong to.
        facts.setdefault("case_kind", law.kinds[matter.case_kind_id])
    facts["kind"] = law.kinds[matter.kind_id]
    return facts


# -- what a clock looks like as a row --------------------------------------------------------------------------------


class _ClockRow(NamedTuple):
    """The derived part of a clock row, in the order of `_DERIVED`."""

    unit_id: int
    city_id: int | None
    county_id: int | None
    station_id: int | None
    officer_id: int | None
    started_at: datetime
    nominal_on: date | None
    due_on: date | None
    due_at: datetime | None
    yellow_at: datetime | None
    orange_at: datetime | None
    manner_id: int | None
    state: int
    ended_at: datetime | None
    ended_by_id: int | None
    late: bool
    provisional: bool
    tier: str
    faults: str


_DERIVED = _ClockRow._fields
_MOMENTS = tuple(_DERIVED.index(name) for name in ("started_at", "due_at", "yellow_at", "orange_at", "ended_at"))
_DAYS = tuple(_DERIVED.index(name) for name in ("nominal_on", "due_on"))

_STATES = {
    statute.State.RUNNING: ClockState.RUNNING.value,
    statute.State.PAUSED: ClockState.PAUSED.value,
    statute.State.STOPPED: ClockState.STOPPED.value,
    statute.State.RESTARTED: ClockState.RESTARTED.value,
    statute.State.MOOT: ClockState.MOOT.value,
}


class _Existing(NamedTuple):
    id: int
    row: _ClockRow
    level: int
    next_level_at: datetime | None
    unsettled: bool

    @property
    def was_due_at(self) -> datetime | None:
        """The due moment that stood; a void clock keeps its columns but stands for none."""
        return None if self.row.state == ClockState.VOID else self.row.due_at


def _as_row(clock: statute.Clock, holder: _Holder, law: Catalogue) -> _ClockRow:
    course = law.courses.of(clock, holder.unit_id)
    warnings = clock.warnings(course.ladder) if course is not None else None
    ended = clock.ended
    due = clock.due
    return _ClockRow(
        *holder,
        clock.started_at,
        due.nominal_on,
        due.due_on,
        due.due_at,
        warnings[0] if warnings else None,
        warnings[1] if warnings else None,
        None if course is None else course.manner_id,
        _STATES[clock.state],
        None if ended is None else ended.at,
        None if ended is None else ended.key,
        clock.late,
        due.provisional,
        clock.tier.code if clock.tier is not None else "",
        json.dumps([_fault(fault) for fault in clock.faults], ensure_ascii=False) if clock.faults else "[]",
    )


def _fault(fault: Any) -> dict[str, Any]:
    return {"code": fault.code, "text": fault.text, "event": fault.event, "refused": fault.refused}


def _holder(
    clock: statute.Clock, matter: _MatterRow, transfers: Sequence[_Transfer], units: Mapping[int, _Place]
) -> _Holder:
    """Whose clock it is: the unit that holds the matter, or that held it when the clock ended or ran out."""
    if transfers:
        over = [m for m in (clock.due.due_at, clock.ended.at if clock.ended else None) if m is not None]
        for handed in transfers:
            if over and min(over) <= handed.at:
                city, county, station = units[handed.from_unit]
                return _Holder(handed.from_unit, city, county, station, handed.from_officer)
    return _Holder(matter.unit_id, matter.city_id, matter.county_id, matter.station_id, matter.officer_id)


# -- winding ---------------------------------------------------------------------------------------------------------


def wind_matters(matter_ids: Sequence[int], *, at: datetime, cause: str, law: Catalogue | None = None) -> WindingReport:
    """Rewind the clocks of these matters from their events, as known at `at`; an aware moment.

    In the caller's transaction or its own. Same facts, same rows: a second call writes nothing. A clock whose start no
    longer counts becomes void. Matters that cannot be wound are named in the report and left as they were.
    """
    law = law or catalogue()
    report = WindingReport()
    ids = sorted(set(matter_ids))
    if not ids:
        return report
    with transaction.atomic():
        matters = _matters(ids, lock=True)
        stories = _stories(ids, {m.id: m.kind_id for m in matters}, law)
        existing = _existing_clocks(ids)
        units = _units_of(stories)
        writer = _Writer(at, cause)
        lives: list[Sequence[Any]] = []
        adapt_life = row_adapter((0, 1), ())
        for matter in matters:
            story = stories.get(matter.id) or _Story()
            try:
                rows = _wind_one(matter, story, at, law, units)
            except (ValueError, KeyError, LookupError) as error:
                log.exception("winding of matter %s failed", matter.id)
                report.failed.append(matter.number)
                PendingWinding.objects.update_or_create(
                    matter_id=matter.id, defaults={"cause": cause, "asked_at": at, "error": _why(error)[:300]}
                )
                continue
            writer.compare(matter.id, rows, existing.get(matter.id, {}))
            life = _life(matter, story, at, law)
            if life != (matter.opened_at, matter.closed_at):
                lives.append(adapt_life((*life, matter.id)))
        writer.flush(report)
        execute_many('UPDATE "cases_matter" SET "opened_at" = %s, "closed_at" = %s WHERE "id" = %s', lives)
        report.matters += len(matters)
    return report


def _why(error: Exception) -> str:
    """What a person can do about a matter that could not be wound."""
    if isinstance(error, KeyError):
        return f"目录中缺少“{error.args[0]}”（日历或者节点），请载入目录后重算"
    return str(error)


def _wind_one(
    matter: _MatterRow, story: _Story, at: datetime, law: Catalogue, units: Mapping[int, _Place]
) -> dict[tuple[int, int], _ClockRow]:
    """The clocks of one matter as rows, by limit and start event."""
    rulebook = law.rulebooks.get(matter.kind_id)
    if rulebook is None or matter.withdrawn_at is not None:
        return {}
    rows = {}
    for clock in rulebook.wind(story.events, at, _facts(matter, law)):
        key = (law.limit_ids[clock.limit.code], clock.start.key)
        rows[key] = _as_row(clock, _holder(clock, matter, story.transfers, units), law)
    return rows


def _life(matter: _MatterRow, story: _Story, at: datetime, law: Catalogue) -> tuple[datetime | None, datetime | None]:
    """When the matter opened and closed: its first opening event (or first event), and its last closing event.

    An opening event after the last closing one opens it again.
    """
    first = opened = reopened = closed = None
    for event in standing(story.events, at):
        if not event.kind:
            continue
        opens, closes = law.marks[event.kind]
        first = first or event.at
        if opens:
            opened, reopened = opened or event.at, event.at
        if closes:
            closed = event.at
    return opened or first, None if closed and reopened and reopened > closed else closed


def _units_of(stories: Mapping[int, _Story]) -> dict[int, _Place]:
    ids = {handed.from_unit for story in stories.values() for handed in story.transfers}
    if not ids:
        return {}
    rows = Unit.objects.filter(pk__in=ids).values_list("pk", "city_id", "county_id", "station_id")
    return {pk: (city, county, station) for pk, city, county, station in rows}


_CLOCK_COLUMNS = ("id", "matter_id", "limit_id", "start_event_id", "level", "next_level_at", "unsettled", *_DERIVED)
_FIRST_DERIVED = len(_CLOCK_COLUMNS) - len(_DERIVED)


def _existing_clocks(ids: Sequence[int]) -> dict[int, dict[tuple[int, int], _Existing]]:
    found: dict[int, dict[tuple[int, int], _Existing]] = defaultdict(dict)
    # Locked: the sweep skips what is being rewound and finds it again a minute later.
    lock = ' ORDER BY "id" FOR UPDATE' if connection.features.has_select_for_update else ""
    rows = fetch_rows(
        Clock._meta.db_table,
        _CLOCK_COLUMNS,
        f'"matter_id" IN ({_marks(ids)}){lock}',
        ids,
        moments=(_CLOCK_COLUMNS.index("next_level_at"), *(_FIRST_DERIVED + index for index in _MOMENTS)),
        days=[_FIRST_DERIVED + index for index in _DAYS],
    )
    for row in rows:
        derived = list(row[_FIRST_DERIVED:])
        if derived[-1] != "[]":
            derived[-1] = json.dumps(json.loads(derived[-1]), ensure_ascii=False)
        found[row[1]][row[2], row[3]] = _Existing(row[0], _ClockRow(*derived), row[4], row[5], row[6])
    return found


class _Writer:
    """Collects what differs and writes it set-based."""

    def __init__(self, at: datetime, cause: str) -> None:
        self.at = at
        self.cause = cause
        self.new: list[tuple[Any, ...]] = []
        self.changed: list[tuple[Any, ...]] = []
        self.void: list[tuple[int]] = []
        self.moves: list[Sequence[Any]] = []
        width = len(_DERIVED)
        self.adapt_row = row_adapter((*_MOMENTS, width), _DAYS)
        self.adapt_move = row_adapter((1, 2, 3), ())

    def compare(
        self, matter_id: int, wound: Mapping[tuple[int, int], _ClockRow], existing: Mapping[tuple[int, int], _Existing]
    ) -> None:
        for key, row in wound.items():
            old = existing.get(key)
            if old is None:
                self._add(matter_id, key, row)
            elif old.row != row:
                self._change(old, row)
        for key, old in existing.items():
            if key not in wound and old.row.state != ClockState.VOID:
                self.void.append((old.id,))
                self._moved(old, None, "起算节点已作废")

    def _add(self, matter_id: int, key: tuple[int, int], row: _ClockRow) -> None:
        running = row.state == ClockState.RUNNING
        next_level_at = (row.yellow_at or row.due_at) if running else None
        self.new.append((matter_id, *key, *self.adapt_row((*row, next_level_at)), 0, False))

    def _change(self, old: _Existing, row: _ClockRow) -> None:
        """Rewrite a clock. Unless it keeps running towards the same moments, its level starts anew at green.

        A warning raised at the old level is then for the sweep to settle.
        """
        running = row.state == ClockState.RUNNING
        same_course = (
            running
            and old.row.state == row.state
            and (old.row.yellow_at, old.row.orange_at, old.row.due_at) == (row.yellow_at, row.orange_at, row.due_at)
        )
        if same_course:
            level, next_level_at, unsettled = old.level, old.next_level_at, old.unsettled
        else:
            level = 0 if running else old.level
            next_level_at = (row.yellow_at or row.due_at) if running else None
            unsettled = old.unsettled or old.level > 0
        # Warnings go where their clock goes.
        unsettled = unsettled or old.row[: len(_Holder._fields)] != row[: len(_Holder._fields)]
        self.changed.append((*self.adapt_row((*row, next_level_at)), level, unsettled, old.id))
        if old.was_due_at != row.due_at:
            self._moved(old, row.due_at, self.cause)

    def _moved(self, old: _Existing, new_due_at: datetime | None, reason: str) -> None:
        self.moves.append(self.adapt_move((old.id, self.at, old.was_due_at, new_due_at, reason[:200])))

    def flush(self, report: WindingReport) -> None:
        columns = ("matter_id", "limit_id", "start_event_id", *_DERIVED, "next_level_at", "level", "unsettled")
        if self.new:
            insert_rows(Clock._meta.db_table, columns, self.new)
        sets = ", ".join(f'"{name}" = %s' for name in (*_DERIVED, "next_level_at", "level", "unsettled"))
        execute_many(f'UPDATE "{Clock._meta.db_table}" SET {sets} WHERE "id" = %s', self.changed)
        execute_many(
            f'UPDATE "{Clock._meta.db_table}" SET "state" = {ClockState.VOID.value}, "next_level_at" = NULL, '
            '"unsettled" = ("unsettled" OR "level" > 0) WHERE "id" = %s',
            self.void,
        )
        if self.moves:
            insert_rows(
                ClockMove._meta.db_table,
                ("clock_id", "moved_at", "old_due_at", "new_due_at", "reason"),
                self.moves,
            )
        report.clocks_written += len(self.new) + len(self.changed) + len(self.void)
        report.moves += len(self.moves)


# -- work left to do -------------------------------------------------------------------------------------------------


def ask_winding(matter_ids: Iterable[int], *, cause: str, at: datetime) -> None:
    """Note that these matters are to be rewound; in the transaction of whatever made it so.

    An entry that is already there is touched, not left alone: a winding about to remove it then waits for us, or we
    for it, and no event falls between.
    """
    rows = [PendingWinding(matter_id=pk, cause=cause[:200], asked_at=at) for pk in matter_ids]
    PendingWinding.objects.bulk_create(
        rows,
        batch_size=5000,
        update_conflicts=True,
        unique_fields=("matter",),
        update_fields=("cause", "asked_at", "error"),
    )


def wind_pending(*, at: datetime, chunk: int = CHUNK, limit: int | None = None) -> WindingReport:
    """Wind what is waiting, in chunks of one transaction each.

    1. Take a chunk of waiting entries out of the table (entries with an error wait for a person).
    2. Rewind their matters in the same transaction; a kill at any line leaves chunk and clocks as they were.
    3. Go on until nothing waits, or `limit` matters are done.
    4. At the end fail aloud, naming the matters that could not be wound.
    """
    report = WindingReport()
    law: Catalogue | None = None
    while limit is None or report.matters < limit:
        with transaction.atomic():
            waiting = PendingWinding.objects.filter(error="").order_by("pk")
            if connection.features.has_select_for_update_skip_locked:
                waiting = waiting.select_for_update(skip_locked=True)
            taken = list(waiting.values_list("pk", "cause")[:chunk])
            if not taken:
                break
            PendingWinding.objects.filter(pk__in=[pk for pk, _ in taken]).delete()
            law = law or catalogue()
            by_cause: dict[str, list[int]] = defaultdict(list)
            for pk, cause in taken:
                by_cause[cause].append(pk)
            for cause, ids in by_cause.items():
                report.add(wind_matters(ids, at=at, cause=cause, law=law))
    if report.failed:
        raise WindingFailed(report.failed)
    return report


def explain(clock: Clock, *, known_at: datetime) -> statute.Clock | None:
    """The clock wound again with its steps, as far as was known at `known_at`; none if it did not exist then."""
    law = catalogue()
    matter = _matters([clock.matter_id], lock=False)[0]
    rulebook = law.rulebooks.get(matter.kind_id)
    if rulebook is None:
        return None
    story = _stories([matter.id], {matter.id: matter.kind_id}, law).get(matter.id) or _Story()
    for wound in rulebook.wind(story.events, known_at, _facts(matter, law)):
        if law.limit_ids[wound.limit.code] == clock.limit_id and wound.start.key == clock.start_event_id:
            return wound
    return None
