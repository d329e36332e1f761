"""From events to clocks: what starts a run, what stops it, which version of the law it runs under.

`wind` is a function of its arguments alone: the same events in any order, the same limits, calendar and state of
knowledge give the same clocks.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from cases.statute.events import Occurrence, comes_before, standing
from cases.statute.limits import Facts, Ladder, Limit, Status, Tier, Transition, holds
from cases.statute.reckoning import Approvers, Due, Fault, Reckoning, Stage, Step, in_time
from cases.statute.workdays import Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


class State(StrEnum):
    """How a clock stands: it runs, it is held, or it has ended in one of three ways."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    RESTARTED = "restarted"
    MOOT = "moot"


@dataclass(slots=True)
class Clock:
    """A limit running on a matter from a start event.

    `due_on` is the last lawful day (none for hour limits), `due_at` the moment from which it is late; both are none
    while the clock is paused or waits for its start. `late` says that it ended after its due day or moment.
    """

    reckoning: Reckoning
    start: Occurrence
    due: Due
    state: State = State.RUNNING
    ended: Occurrence | None = None
    late: bool = False

    @property
    def limit(self) -> Limit:
        return self.reckoning.limit

    @property
    def started_at(self) -> datetime:
        return self.reckoning.started_at

    @property
    def due_on(self) -> date | None:
        return self.due.due_on

    @property
    def due_at(self) -> datetime | None:
        return self.due.due_at

    @property
    def provisional(self) -> bool:
        return self.due.provisional

    @property
    def faults(self) -> list[Fault]:
        return self.reckoning.faults

    @property
    def tier(self) -> Tier | None:
        return self.reckoning.tier

    def steps(self) -> list[Step]:
        """The explanation: steps whose lengths add up from the start to the due day or moment."""
        return self.reckoning.steps()

    def warnings(self, ladder: Ladder) -> tuple[datetime, datetime] | None:
        """When yellow and when orange begin; none while there is no due moment."""
        if self.due.due_at is None:
            return None
        r = self.reckoning
        yellow, orange = (
            lead.before(
                start=r.started_at, due_at=self.due.due_at, due_on=self.due.due_on, zone=r.zone, calendar=r.calendar
            )
            for lead in (ladder.yellow, ladder.orange)
        )
        return yellow, max(yellow, orange)


@dataclass(slots=True)
class _Run:
    limit: Limit
    start: Occurrence
    ended: Occurrence | None = None
    restarted: bool = False
    # The stage of another clock this run is tied to, when it counts from that clock's expiry.
    stage: Stage | None = None
    moot: bool = False


@dataclass(slots=True)
class _Family:
    versions: list[Limit]
    heard: frozenset[str]
    starts: frozenset[str]
    anchor: str = ""


@dataclass(slots=True)
class Rulebook:
    """The limits that apply to a kind of matter, made ready once for winding many matters.

    Drafts are left out: what is not verified raises nothing. Limits that count from another's expiry come after it;
    a circle of such limits is refused.
    """

    limits: Iterable[Limit]
    calendars: Mapping[str, Calendar]
    zone: ZoneInfo = SHANGHAI
    approvers: Approvers = field(default_factory=dict)
    families: list[_Family] = field(init=False)
    conditional: bool = field(init=False)

    def __post_init__(self) -> None:
        grouped: dict[str, list[Limit]] = defaultdict(list)
        for limit in self.limits:
            if limit.status is not Status.DRAFT:
                grouped[limit.family].append(limit)
        families = {}
        for name, versions in grouped.items():
            versions.sort(key=lambda v: (v.in_force_from or date.min, v.code))
            families[name] = _Family(
                versions,
                frozenset(kind for v in versions for kind in v.watched),
                frozenset(kind for v in versions for kind in (*v.starts, *v.restarts)),
                next((v.before_expiry_of or v.after_expiry_of for v in versions), ""),
            )
        self.families = _anchors_first(families)
        self.conditional = any(v.when for versions in grouped.values() for v in versions)

    def wind(
        self, events: Iterable[Occurrence], known_at: datetime, facts: Facts | None = None
    ) -> list[Clock]:
        """The clocks of one matter as far as was known at `known_at` (an aware moment)."""
        facts = {} if facts is None else facts
        live = standing(events, known_at)
        by_kind: dict[str, list[Occurrence]] = {}
        for event in live:
            by_kind.setdefault(event.kind, []).append(event)
        kinds = by_kind.keys()
        clocks: list[Clock] = []
        wound: dict[str, list[Clock]] = {}
        for family in self.families:
            if family.anchor:
                runs = self._anchored(family, wound.get(family.anchor, []), by_kind, facts)
            elif family.starts.isdisjoint(kinds):
                continue
            else:
                runs = self._paired(family, live, facts)
            made = [self._clock(run, family, by_kind, facts) for run in runs]
            if family.anchor:
                made = [clock for clock in made if clock.due.due_at is not None or not clock.limit.after_expiry_of]
            wound[family.versions[0].family] = made
            clocks.extend(made)
        return clocks

    # -- runs ----------------------------------------------------------------------------------------------------

    def _paired(self, family: _Family, live: Sequence[Occurrence], facts: Facts) -> list[_Run]:
        """Walk the events once: each start opens a run, each stop ends one, a restart does both."""
        runs: list[_Run] = []
        open_runs: list[_Run] = []
        early: list[Occurrence] = []
        for event in live:
            if event.kind not in family.heard:
                continue
            if self._ends(event, open_runs):
                continue
            restarted = [run for run in open_runs if event.kind in run.limit.restarts]
            for run in restarted:
                run.ended, run.restarted = event, True
                open_runs.remove(run)
            again = bool(restarted) or any(event.kind in run.limit.restarts for run in runs)
            limit = self._version(family, event, facts, again)
            if limit is None:
                early.append(event)
            elif not open_runs or limit.concurrent:
                run = _Run(limit, event)
                runs.append(run)
                if not self._already(run, early):
                    open_runs.append(run)
        for run in runs:
            self._carry_over(run, family)
        return runs

    @staticmethod
    def _ends(event: Occurrence, open_runs: list[_Run]) -> bool:
        """Let a stop end the run it belongs to: the one with its reference, otherwise the oldest."""
        candidates = [run for run in open_runs if event.kind in run.limit.stops]
        if not candidates:
            return False
        same = [run for run in candidates if event.reference and run.start.reference == event.reference]
        run = (same or candidates)[0]
        run.ended = event
        open_runs.remove(run)
        # A stop that is also a restart goes on to open the next run.
        return event.kind not in run.limit.starts and event.kind not in run.limit.restarts

    @staticmethod
    def _already(run: _Run, early: list[Occurrence]) -> bool:
        """A stop recorded before the start counts if the limit says so, or if only its day is known and it is the same."""
        for event in early:
            if event.kind in run.limit.stops and (
                run.limit.satisfied_before or not comes_before(event, run.start)
            ):
                run.ended = event
                early.remove(event)
                return True
        return False

    @staticmethod
    def _version(family: _Family, event: Occurrence, facts: Facts, again: bool) -> Limit | None:
        """The version in force on the day of the start, among those this kind of event starts."""
        for limit in family.versions:
            starts = event.kind in limit.starts or (again and event.kind in limit.restarts)
            if starts and limit.in_force_on(event.day) and (not limit.when or holds(limit.when, facts)):
                return limit
        return None

    @staticmethod
    def _carry_over(run: _Run, family: _Family) -> None:
        """A later version that says so also rules runs still open on the day it comes into force."""
        for later in family.versions:
            if (
                later.transition is Transition.RUNNING
                and later.in_force_from is not None
                and run.limit.in_force_from is not None
                and run.start.day < later.in_force_from
                and (run.ended is None or run.ended.day >= later.in_force_from)
            ):
                run.limit = later

    def _anchored(
        self,
        family: _Family,
        anchors: Sequence[Clock],
        by_kind: Mapping[str, Sequence[Occurrence]],
        facts: Facts,
    ) -> list[_Run]:
        """Runs that count from the expiry of another clock: one for each stage of it."""
        runs: list[_Run] = []
        for anchor in anchors:
            stages = anchor.reckoning.stages
            for number, stage in enumerate(stages):
                if stage.due.due_on is None and stage.due.due_at is None:
                    continue
                last = number == len(stages) - 1
                if last and anchor.due.due_at is None:
                    continue
                limit = self._anchored_version(family, stage, facts)
                if limit is None:
                    continue
                if limit.after_expiry_of:
                    if not last or (anchor.ended is not None and not anchor.late):
                        continue
                    runs.append(self._after(limit, anchor, stage, by_kind))
                else:
                    follower = None if last else stages[number + 1].start
                    runs.append(self._before(limit, anchor, stage, follower, by_kind))
        return runs

    @staticmethod
    def _anchored_version(family: _Family, stage: Stage, facts: Facts) -> Limit | None:
        for limit in family.versions:
            if limit.in_force_on(stage.start.day) and (not limit.when or holds(limit.when, facts)):
                return limit
        return None

    @staticmethod
    def _after(limit: Limit, anchor: Clock, stage: Stage, by_kind: Mapping[str, Sequence[Occurrence]]) -> _Run:
        run = _Run(limit, stage.start, stage=stage)
        expiry = stage.due.due_at
        stops = [e for kind in limit.stops for e in by_kind.get(kind, ()) if expiry is None or e.at >= expiry]
        run.ended = min(stops, key=lambda e: (e.at, e.key), default=None)
        return run

    @staticmethod
    def _before(
        limit: Limit,
        anchor: Clock,
        stage: Stage,
        follower: Occurrence | None,
        by_kind: Mapping[str, Sequence[Occurrence]],
    ) -> _Run:
        """Something to be done before an expiry: moot once the expiry has moved or the anchor has ended without it."""
        run = _Run(limit, stage.start, stage=stage)
        closed_by = follower or anchor.ended
        stops = [
            e
            for kind in limit.stops
            for e in by_kind.get(kind, ())
            if not comes_before(e, stage.start) and (closed_by is None or not comes_before(closed_by, e))
        ]
        run.ended = min(stops, key=lambda e: (e.at, e.key), default=None)
        if run.ended is None and closed_by is not None:
            run.ended, run.moot = closed_by, True
        return run

    # -- clocks --------------------------------------------------------------------------------------------------

    def _clock(
        self, run: _Run, family: _Family, by_kind: Mapping[str, Sequence[Occurrence]], facts: Facts
    ) -> Clock:
        limit = run.limit
        calendar = self.calendars[limit.calendar] if limit.calendar else None
        start = run.start
        if run.stage is not None:
            start = start._replace(sets_on=run.stage.due.due_on, sets_at=run.stage.due.due_at)
            if limit.after_expiry_of and run.stage.due.due_on is not None:
                start = start._replace(day=run.stage.due.due_on, at=run.stage.due.due_at or start.at)
            elif limit.after_expiry_of and run.stage.due.due_at is not None:
                moment = run.stage.due.due_at
                start = start._replace(day=moment.astimezone(self.zone).date(), at=moment)
        reckoning = Reckoning(limit, start, calendar, self.zone, facts, self.approvers, ended=run.ended)
        reckoning.reckon(by_kind)
        clock = Clock(reckoning, run.start, reckoning.due)
        if run.ended is not None:
            clock.ended = run.ended
            clock.state = State.RESTARTED if run.restarted else State.MOOT if run.moot else State.STOPPED
            clock.late = not run.moot and reckoning.due.due_at is not None and not in_time(run.ended, reckoning.due)
        elif reckoning.waiting or reckoning.paused:
            clock.state = State.PAUSED
        return clock


def _anchors_first(families: Mapping[str, _Family]) -> list[_Family]:
    ordered: list[_Family] = []
    done: set[str] = set()
    left = dict(families)
    while left:
        ready = [name for name, family in left.items() if not family.anchor or family.anchor in done]
        absent = [name for name, family in left.items() if family.anchor and family.anchor not in families]
        if not ready and not absent:
            raise ValueError("期限互相以对方的届满为起算，无法计算：" + "、".join(sorted(left)))
        for name in ready:
            ordered.append(left.pop(name))
            done.add(name)
        for name in absent:
            # What it counts from does not apply to this kind of matter, so neither does it.
            left.pop(name, None)
            done.add(name)
    return ordered


def wind(
    events: Iterable[Occurrence],
    limits: Iterable[Limit],
    calendar: Calendar | Mapping[str, Calendar],
    known_at: datetime,
    *,
    zone: ZoneInfo = SHANGHAI,
    facts: Facts | None = None,
    approvers: Approvers | None = None,
) -> list[Clock]:
    """All clocks of one matter from its events, as known at `known_at` (an aware moment); local days in `zone`."""
    calendars = {calendar.code: calendar} if isinstance(calendar, Calendar) else calendar
    return Rulebook(limits, calendars, zone, approvers or {}).wind(events, known_at, facts)
