"""Rows -> statute -> rows: the only bridge between the events in the database and the clocks wound from them.

Bulk is the normal case: the events of some thousand matters are read in a fixed number of queries, wound in Python and
written set-based. One event entered through a form is a batch of one.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from cases.bulk import execute_many, row_adapter
from cases.clock_writing import STATES, ClockRow, Comparison, Key, existing_clocks, write_clocks
from cases.courses import Courses
from cases.effects import Effects
from cases.law_lock import hold_law
from cases.matter_reading import (
    Holder,
    MatterRow,
    Place,
    Story,
    Transfer,
    facts_of,
    life_of,
    read_matters,
    read_stories,
    units_of,
)
from cases.models import (
    ApproverLevel,
    CalendarYear,
    Clock,
    DayOff,
    EventKind,
    Limit,
    MatterKind,
    PendingWinding,
)
from cases.models.limit import LimitStatus
from cases.statute import clocks as statute
from cases.statute.events import Occurrence
from cases.statute.reckoning import ApproverLevel as StatuteApprover
from cases.statute.workdays import Calendar, SpecialDay

log = logging.getLogger(__name__)

CHUNK = 2000

# In place of the number of a matter that only its handlers see.
CLOSED = "（仅经办人可见的事项）"


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
    # Of every limit, drafts too: its family and its code.
    families: Mapping[int, str]
    codes: Mapping[int, str]


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
    return {code: _built(code, tuple(special[code]), tuple(announced)) for code, announced in years.items()}


@lru_cache(maxsize=16)
def _built(code: str, special: tuple[SpecialDay, ...], announced: tuple[int, ...]) -> Calendar:
    """Its tables take long to build and the same rows always give the same calendar, which is frozen."""
    return Calendar(code, special, announced)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a change would make of the law: limits by code, new or instead of the row they name; calendars by code.

    A limit comes with the ids of the kinds of matter it would apply to; a new one carries an id that no row has.
    """

    limits: Mapping[str, tuple[Limit, Sequence[int]]] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)


def catalogue(supposing: Hypothesis | None = None, *, kinds: Collection[int] | None = None) -> Catalogue:
    """Read the whole catalogue: a handful of queries, whatever is to be wound. Drafts are left out.

    `supposing` a change, it is the catalogue as it would then be. With `kinds`, ids of kinds of matter, there are
    rulebooks for these only: reading every limit there is would be most of the work of winding one matter.
    """
    supposed = supposing or Hypothesis()
    known = {**calendars(), **supposed.calendars}
    approvers = {
        row.code: StatuteApprover(row.code, row.name, row.line, row.rank) for row in ApproverLevel.objects.all()
    }
    by_kind: dict[int, list[Any]] = defaultdict(list)
    limit_ids: dict[str, int] = {}
    limit_ladders: dict[str, int] = {}
    rows = {**_written(), **supposed.limits}.values()
    for row, applies_to in rows:
        if row.status == LimitStatus.DRAFT:
            continue
        limit_ids[row.code] = row.pk
        if row.ladder_id is not None:
            limit_ladders[row.code] = row.ladder_id
        if wanted := [kind for kind in applies_to if kinds is None or kind in kinds]:
            rule = row.rule()
            for kind in wanted:
                by_kind[kind].append(rule)
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
        families={row.pk: row.family for row, _ in rows},
        codes={row.pk: row.code for row, _ in rows},
    )


def _written() -> dict[str, tuple[Limit, Sequence[int]]]:
    """Every limit by its code, with the ids of the kinds it applies to."""
    kinds: dict[int, list[int]] = defaultdict(list)
    for limit_id, kind_id in Limit.kinds.through.objects.values_list("limit_id", "matterkind_id"):
        kinds[limit_id].append(kind_id)
    return {row.code: (row, kinds[row.pk]) for row in Limit.objects.all()}


# -- winding ---------------------------------------------------------------------------------------------------------


def _as_row(clock: statute.Clock, holder: Holder, law: Catalogue) -> ClockRow:
    course = law.courses.of(clock, holder.unit_id)
    warnings = clock.warnings(course.ladder) if course is not None else None
    ended = clock.ended
    due = clock.due
    return ClockRow(
        *holder,
        clock.started_at,
        due.nominal_on,
        due.due_on,
        due.due_at,
        warnings[0] if warnings else None,
        warnings[1] if warnings else None,
        None if course is None else course.manner_id,
        STATES[clock.state],
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
    clock: statute.Clock, matter: MatterRow, transfers: Sequence[Transfer], units: Mapping[int, Place]
) -> Holder:
    """Whose clock it is: the unit that holds the matter, or that held it when the clock ended or ran out."""
    if transfers:
        over = [m for m in (clock.due.due_at, clock.ended.at if clock.ended else None) if m is not None]
        for handed in transfers:
            if over and min(over) <= handed.at:
                city, county, station = units[handed.from_unit]
                return Holder(handed.from_unit, city, county, station, handed.from_officer, matter.restricted)
    return Holder(
        matter.unit_id, matter.city_id, matter.county_id, matter.station_id, matter.officer_id, matter.restricted
    )


def wind_matters(
    matter_ids: Sequence[int],
    *,
    at: datetime,
    cause: str,
    law: Catalogue | None = None,
    up_to_date: bool = False,
    change_id: int | None = None,
    effects: Effects | None = None,
) -> WindingReport:
    """Rewind the clocks of these matters from their events, as known at `at`; an aware moment.

    In the caller's transaction or its own. Same facts, same rows: a second call writes nothing. A clock whose start no
    longer counts becomes void. Matters that cannot be wound are named in the report and left as they were.

    `up_to_date` takes in what was recorded after `at` too: for work that waited, while others went on recording.
    `change_id` is the change of the law whose doing this is; `effects` is told what moves.
    """
    ids = sorted(set(matter_ids))
    report = WindingReport()
    if not ids:
        return report
    with transaction.atomic():
        hold_law()
        matters = read_matters(ids, lock=True)
        law = law or catalogue(kinds={matter.kind_id for matter in matters})
        wound = _wind(matters, law, at, up_to_date=up_to_date, lock=True)
        for matter_id, error in wound.failed.items():
            PendingWinding.objects.update_or_create(
                matter_id=matter_id, defaults={"cause": cause, "asked_at": at, "error": _why(error)[:300]}
            )
        write_clocks(wound.compared, at=at, cause=cause, change_id=change_id)
        adapt_life = row_adapter((0, 1), ())
        lives = [adapt_life((*life, matter_id)) for matter_id, life in wound.lives.items()]
        execute_many('UPDATE "cases_matter" SET "opened_at" = %s, "closed_at" = %s WHERE "id" = %s', lives)
        if effects is not None:
            effects.take(wound.compared, at=at, matters=len(matters), closed=_closed(matters), codes=law.codes)
    _tell(report, wound, matters)
    return report


def foresee(
    matter_ids: Sequence[int],
    *,
    at: datetime,
    law: Catalogue,
    effects: Effects,
    supposed: Mapping[int, Sequence[Occurrence]] | None = None,
    up_to_date: bool = False,
) -> tuple[WindingReport, Comparison]:
    """What rewinding these matters would write, without writing, locking or a transaction.

    `law` may be one that is not in force yet, and `supposed` holds events that nobody has recorded, by matter; the
    report and the effects are those of `wind_matters` on the same facts, because the same lines make them.
    """
    ids = sorted(set(matter_ids))
    report = WindingReport()
    if not ids:
        return report, Comparison(law.families)
    matters = read_matters(ids, lock=False)
    wound = _wind(matters, law, at, lock=False, supposed=supposed or {}, up_to_date=up_to_date)
    effects.take(wound.compared, at=at, matters=len(matters), closed=_closed(matters), codes=law.codes)
    _tell(report, wound, matters)
    return report, wound.compared


@dataclass(slots=True)
class _Wound:
    """Some matters wound: what would be written of their clocks and lives, and what could not be wound."""

    compared: Comparison
    lives: dict[int, tuple[datetime | None, datetime | None]] = field(default_factory=dict)
    failed: dict[int, Exception] = field(default_factory=dict)


def _wind(
    matters: Sequence[MatterRow],
    law: Catalogue,
    at: datetime,
    *,
    lock: bool,
    up_to_date: bool = False,
    supposed: Mapping[int, Sequence[Occurrence]] = MappingProxyType({}),
) -> _Wound:
    ids = [matter.id for matter in matters]
    stories = read_stories(ids, {matter.id: matter.kind_id for matter in matters}, law)
    for matter_id, events in supposed.items():
        stories[matter_id].events.extend(events)
    if up_to_date:
        known = max((event.known_at for story in stories.values() for event in story.events), default=at)
        at = max(at, known)
    existing = existing_clocks(ids, lock)
    units = units_of(stories)
    wound = _Wound(Comparison(law.families))
    for matter in matters:
        story = stories.get(matter.id) or Story()
        try:
            rows = _wind_one(matter, story, at, law, units)
        except (ValueError, KeyError, LookupError) as error:
            log.exception("winding of matter %s failed", matter.id)
            wound.failed[matter.id] = error
            continue
        wound.compared.take(matter.id, rows, existing.get(matter.id, {}))
        life = life_of(matter, story, at, law)
        if life != (matter.opened_at, matter.closed_at):
            wound.lives[matter.id] = life
    return wound


def _tell(report: WindingReport, wound: _Wound, matters: Sequence[MatterRow]) -> None:
    report.matters += len(matters)
    report.clocks_written += wound.compared.clocks
    report.moves += wound.compared.moves
    # These names go into logs and onto pages of everybody: of a restricted matter not even the number.
    unwound = [matter for matter in matters if matter.id in wound.failed]
    report.failed += [CLOSED if matter.restricted else matter.number for matter in unwound]


def _closed(matters: Sequence[MatterRow]) -> int:
    return sum(matter.restricted for matter in matters)


def _why(error: Exception) -> str:
    """What a person can do about a matter that could not be wound."""
    if isinstance(error, KeyError):
        return f"目录中缺少“{error.args[0]}”（日历或者节点），请载入目录后重算"
    return str(error)


def _wind_one(
    matter: MatterRow, story: Story, at: datetime, law: Catalogue, units: Mapping[int, Place]
) -> dict[Key, ClockRow]:
    """The clocks of one matter as rows, by limit and start event."""
    rulebook = law.rulebooks.get(matter.kind_id)
    if rulebook is None or matter.withdrawn_at is not None:
        return {}
    rows = {}
    for clock in rulebook.wind(story.events, at, facts_of(matter, law)):
        key = (law.limit_ids[clock.limit.code], clock.start.key)
        rows[key] = _as_row(clock, _holder(clock, matter, story.transfers, units), law)
    return rows


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
    while limit is None or report.matters < limit:
        with transaction.atomic():
            waiting = PendingWinding.objects.filter(error="").order_by("pk")
            if connection.features.has_select_for_update_skip_locked:
                waiting = waiting.select_for_update(skip_locked=True)
            taken = list(waiting.values_list("pk", "cause")[:chunk])
            if not taken:
                break
            PendingWinding.objects.filter(pk__in=[pk for pk, _ in taken]).delete()
            # Read for every chunk: the law may have changed since the last one.
            hold_law()
            law = catalogue()
            by_cause: dict[str, list[int]] = defaultdict(list)
            for pk, cause in taken:
                by_cause[cause].append(pk)
            for cause, ids in by_cause.items():
                report.add(wind_matters(ids, at=at, cause=cause, law=law, up_to_date=True))
    if report.failed:
        raise WindingFailed(report.failed)
    return report


def explain(clock: Clock, *, known_at: datetime) -> statute.Clock | None:
    """The clock wound again with its steps, as far as was known at `known_at`; none if it did not exist then."""
    matter = read_matters([clock.matter_id], lock=False)[0]
    law = catalogue(kinds={matter.kind_id})
    rulebook = law.rulebooks.get(matter.kind_id)
    if rulebook is None:
        return None
    story = read_stories([matter.id], {matter.id: matter.kind_id}, law).get(matter.id) or Story()
    for wound in rulebook.wind(story.events, known_at, facts_of(matter, law)):
        if law.limit_ids[wound.limit.code] == clock.limit_id and wound.start.key == clock.start_event_id:
            return wound
    return None
