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

from cases.statute import periods
from cases.statute.events import Occurrence, comes_before, concerns, in_order, standing
from cases.statute.ladders import Ladder
from cases.statute.limits import Facts, Limit, RestartApproval, Status, Tier, Transition, holds
from cases.statute.reckoning import Approvers, ByKind, Due, Fault, Reckoning, Stage, Step, approves, in_time, level_name
from cases.statute.workdays import Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


class State(StrEnum):
    """How a clock stands: it runs, it is held, or it has ended in one of three ways."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    RESTARTED = "restarted"
    MOOT = "moot"


# Bound once: on every clock, looking a member up in its class is what would take the time.
STOPPED, RESTARTED, MOOT = State.STOPPED, State.RESTARTED, State.MOOT


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
    # What is wrong with a restart: refused on the run that goes on, noted on the one that began.
    faults: tuple[Fault, ...] = ()

    def is_about(self, event: Occurrence) -> bool:
        """Of several runs at a time, the one an event means is told by its reference."""
        return not self.limit.concurrent or concerns(event, self.start)


@dataclass(slots=True)
class _Family:
    name: str
    versions: list[Limit]
    heard: frozenset[str]
    starts: frozenset[str]
    # Later versions that also rule what is open when they come into force.
    overtaking: list[Limit]
    anchor: str = ""


def _family(name: str, versions: list[Limit]) -> _Family:
    versions.sort(key=lambda v: (v.in_force_from or date.min, v.code))
    return _Family(
        name,
        versions,
        frozenset(kind for v in versions for kind in v.watched),
        frozenset(kind for v in versions for kind in v.starts),
        [v for v in versions if v.transition is Transition.RUNNING and v.in_force_from is not None],
        next((v.before_expiry_of or v.after_expiry_of for v in versions), ""),
    )


@dataclass(slots=True)
class Rulebook:
    """The limits that apply to a kind of matter, made ready once for winding many matters.

    Drafts are left out: what is not verified raises nothing; so are mere rules without a length. Limits that count
    from another's expiry come after it; a circle of such limits is refused.
    """

    limits: Iterable[Limit]
    calendars: Mapping[str, Calendar]
    zone: ZoneInfo = SHANGHAI
    approvers: Approvers = field(default_factory=dict)
    families: list[_Family] = field(init=False)

    def __post_init__(self) -> None:
        grouped: dict[str, list[Limit]] = defaultdict(list)
        family_of_code = {}
        for limit in self.limits:
            if limit.status is not Status.DRAFT and limit.computable:
                grouped[limit.family].append(limit)
                family_of_code[limit.code] = limit.family
        families = {name: _family(name, versions) for name, versions in grouped.items()}
        for family in families.values():
            # An anchor may be named by its family or by the code of one version.
            if family.anchor not in families:
                family.anchor = family_of_code.get(family.anchor, family.anchor)
        self.families = _anchors_first(families)

    def wind(self, events: Iterable[Occurrence], known_at: datetime, facts: Facts | None = None) -> list[Clock]:
        """The clocks of one matter as far as was known at `known_at` (an aware moment).

        Refuses a matter with a date so early or late that nothing can be counted from it.
        """
        try:
            return self._wound(events, known_at, {} if facts is None else facts)
        except OverflowError as error:
            raise ValueError("有节点的日期太早或者太晚，无法计算") from error

    def _wound(self, events: Iterable[Occurrence], known_at: datetime, facts: Facts) -> list[Clock]:
        live = standing(events, known_at)
        by_kind: dict[str, list[Occurrence]] = {}
        for event in live:
            by_kind.setdefault(event.kind, []).append(event)
        kinds = by_kind.keys()
        clocks: list[Clock] = []
        wound: dict[str, list[Clock]] = {}
        for family in self.families:
            if family.anchor:
                anchors = wound.get(family.anchor)
                if not anchors:
                    continue
                made = self._anchored(family, anchors, by_kind, facts)
            elif family.starts.isdisjoint(kinds):
                continue
            else:
                made = [self._clock(run, by_kind, facts) for run in self._runs(family, live, by_kind, facts)]
            wound[family.name] = made
            clocks += made
        return clocks

    # -- runs ----------------------------------------------------------------------------------------------------

    def _runs(self, family: _Family, live: Sequence[Occurrence], by_kind: ByKind, facts: Facts) -> list[_Run]:
        """Walk the events once: each start opens a run, each stop ends one, a restart does both."""
        runs: list[_Run] = []
        open_runs: list[_Run] = []
        early: list[Occurrence] = []
        for event in live:
            if event.kind not in family.heard:
                continue
            if open_runs:
                if family.overtaking:
                    self._overtake(family, open_runs, event.day, by_kind, facts)
                if self._ends(event, open_runs):
                    continue
            restarted: list[_Run] = []
            notes: tuple[Fault, ...] = ()
            if open_runs:
                restarted, notes = self._restarted(event, open_runs, by_kind, facts)
            limit = self._version(family, event, facts, restarted)
            if limit is None:
                early.append(event)
            elif not open_runs or limit.concurrent:
                run = _Run(limit, event, faults=notes)
                runs.append(run)
                if not (early and self._already(run, early)):
                    open_runs.append(run)
        if family.overtaking:
            self._overtake(family, open_runs, date.max, by_kind, facts)
        return runs

    @staticmethod
    def _ends(event: Occurrence, open_runs: list[_Run]) -> bool:
        """Let a stop end the run it belongs to: the one with its reference, otherwise the oldest it may be about.

        True when that was all; a stop that is also a start goes on to open the next run. What is also a restart only
        restarts.
        """
        candidates = [
            run
            for run in open_runs
            if event.kind in run.limit.stops and event.kind not in run.limit.restarts and run.is_about(event)
        ]
        if not candidates:
            return False
        same = [run for run in candidates if event.reference and run.start.reference == event.reference]
        run = (same or candidates)[0]
        run.ended = event
        open_runs.remove(run)
        return event.kind not in run.limit.starts

    def _restarted(
        self, event: Occurrence, open_runs: list[_Run], by_kind: ByKind, facts: Facts
    ) -> tuple[list[_Run], tuple[Fault, ...]]:
        """End the runs that an event restarts; those runs, and what is only missing for the restart."""
        restarted = [run for run in open_runs if event.kind in run.limit.restarts and run.is_about(event)]
        notes: tuple[Fault, ...] = ()
        for run in tuple(restarted):
            if run.limit.restart_approval is not None:
                fault = self._restart_wanting(run, run.limit.restart_approval, event, by_kind, facts)
                if fault is not None and fault.refused:
                    run.faults += (fault,)
                    restarted.remove(run)
                    continue
                notes += () if fault is None else (fault,)
            run.ended, run.restarted = event, True
            open_runs.remove(run)
        return restarted, notes

    def _restart_wanting(
        self, run: _Run, need: RestartApproval, event: Occurrence, by_kind: ByKind, facts: Facts
    ) -> Fault | None:
        """What is wrong with a restart that must come in time and be approved; of several approvals one is enough."""
        so_far = self._clock(run, by_kind, facts)
        if not so_far.reckoning.paused and not so_far.reckoning.waiting and not in_time(event, so_far.due):
            text = f"{event.day}重新计算时期限已于{so_far.reckoning.due_text()}届满，不予计算"
            return Fault("late", text, event.key)
        given = [e for e in by_kind.get(need.event, ()) if not comes_before(e, event) and concerns(e, event)]
        found = [self._restart_fault(run.limit, need, event, approval, facts) for approval in given]
        if not found:
            return Fault("approval_missing", "没有记录重新计算的批准", event.key, refused=False)
        return next((fault for fault in found if fault is None or not fault.refused), found[0])

    def _restart_fault(
        self, limit: Limit, need: RestartApproval, event: Occurrence, approval: Occurrence, facts: Facts
    ) -> Fault | None:
        """What is wrong with an approval of a restart: too late, or by a level that may not."""
        last, calendar = periods.add_days(event.day, need.days), self.calendars.get(limit.calendar)
        if calendar is not None:
            last = periods.roll_forward(last, calendar, provisional=True)
        if approval.day > last:
            return Fault("late", f"重新计算须在{last}前报批，{approval.day}才批准，不予计算", approval.key)
        levels = [one.level for one in need.approvers if holds(one.when, facts)]
        if not levels or any(approves(approval.approver, level, self.approvers) for level in levels):
            return None
        if not approval.approver:
            return Fault("approver_missing", "没有记录批准的机关或负责人", approval.key, refused=False)
        names = "、".join(level_name(level, self.approvers) for level in levels)
        given = level_name(approval.approver, self.approvers)
        return Fault("approver", f"重新计算须{names}批准，批准层级“{given}”不够，不予计算", approval.key)

    @staticmethod
    def _already(run: _Run, early: list[Occurrence]) -> bool:
        """A stop recorded before the start counts if the limit says so, or if it is not certain that it came before."""
        for event in early:
            if (
                event.kind in run.limit.stops
                and run.is_about(event)
                and (run.limit.satisfied_before or not comes_before(event, run.start))
            ):
                run.ended = event
                early.remove(event)
                return True
        return False

    @staticmethod
    def _version(family: _Family, event: Occurrence, facts: Facts, restarted: Sequence[_Run]) -> Limit | None:
        """The version in force on the day of the start, among those this kind of event starts.

        A run restarted by an event that the version now in force does not know goes on under its own.
        """
        for limit in family.versions:
            starts = event.kind in limit.starts or (restarted and event.kind in limit.restarts)
            if starts and limit.in_force_on(event.day) and (not limit.when or holds(limit.when, facts)):
                return limit
        return restarted[0].limit if restarted else None

    def _overtake(self, family: _Family, open_runs: Iterable[_Run], until: date, by_kind: ByKind, facts: Facts) -> None:
        """A later version that says so also rules runs open, and not expired, on the day it comes into force."""
        for run in open_runs:
            for later in family.overtaking:
                begins = later.in_force_from or date.min
                if not run.start.day < begins <= until or run.limit is later:
                    continue
                if later.when and not holds(later.when, facts):
                    continue
                due_at = self._clock(run, by_kind, facts).due.due_at
                if due_at is None or due_at > periods.start_of_day(begins, self.zone):
                    run.limit = later

    # -- runs tied to another clock ------------------------------------------------------------------------------

    def _anchored(self, family: _Family, anchors: Sequence[Clock], by_kind: ByKind, facts: Facts) -> list[Clock]:
        """Clocks that count from the expiry of another: one for each of its stages, or one after the last."""
        made: dict[int, Clock] = {}
        used: set[int] = set()
        for anchor in anchors:
            stages = anchor.reckoning.stages
            for number, stage in enumerate(stages):
                follower = stages[number + 1].start if number + 1 < len(stages) else None
                run = self._tied(family, anchor, stage, follower, by_kind, facts, used)
                if run is None:
                    continue
                if run.ended is not None and not run.moot:
                    used.add(run.ended.key)
                clock = self._clock(run, by_kind, facts)
                # One event may extend several runs at a time; of the clocks it starts, the first to expire counts.
                other = made.get(run.start.key)
                if other is None or (clock.due_at and other.due_at and clock.due_at < other.due_at):
                    made[run.start.key] = clock
        return list(made.values())

    def _tied(
        self,
        family: _Family,
        anchor: Clock,
        stage: Stage,
        follower: Occurrence | None,
        by_kind: ByKind,
        facts: Facts,
        used: set[int],
    ) -> _Run | None:
        """The run that counts from this expiry, if there is one.

        Nothing counts from an expiry not known while the clock is paused. After an expiry nothing is due if the stage
        was extended, or what was due was done in time.
        """
        if stage.due.due_at is None:
            return None
        expiry = stage.due.due_at.astimezone(self.zone).date() if stage.due.due_on is None else stage.due.due_on
        for limit in family.versions:
            after = bool(limit.after_expiry_of)
            starts_on = expiry if after else stage.start.day
            if limit.in_force_on(starts_on) and (not limit.when or holds(limit.when, facts)):
                break
        else:
            return None
        run = _Run(limit, stage.start, stage=stage)
        stops = [
            e
            for kind in limit.stops
            for e in by_kind.get(kind, ())
            if e.key != run.start.key
            and e.key not in used
            and (not anchor.limit.concurrent or concerns(e, anchor.start))
        ]
        if not after:
            self._end_before(run, stops, follower or anchor.ended)
        elif follower is not None or (anchor.ended is not None and not anchor.late):
            return None
        else:
            due_at = stage.due.due_at
            late = [e for e in stops if limit.satisfied_before or e.at >= due_at]
            run.ended = min(late, key=in_order, default=None)
        return run

    @staticmethod
    def _end_before(run: _Run, stops: Iterable[Occurrence], closed_by: Occurrence | None) -> None:
        """Something to be done before an expiry: moot once the expiry has moved or the anchor has ended without it."""
        within = [
            e for e in stops if not comes_before(e, run.start) and (closed_by is None or not comes_before(closed_by, e))
        ]
        run.ended = min(within, key=in_order, default=None)
        if run.ended is None and closed_by is not None:
            run.ended, run.moot = closed_by, True

    # -- clocks --------------------------------------------------------------------------------------------------

    def _clock(self, run: _Run, by_kind: ByKind, facts: Facts) -> Clock:
        limit, start, ended = run.limit, run.start, run.ended
        calendar = self.calendars.get(limit.calendar)
        if calendar is None and limit.calendar:
            raise ValueError(f"期限“{limit.code}”用的日历“{limit.calendar}”不存在，或者没有一年已公布")
        if run.stage is not None:
            start = self._start_at(run.stage, limit)
        reckoning = Reckoning(limit, start, calendar, self.zone, facts, self.approvers, ended)
        reckoning.reckon(by_kind)
        if run.faults:
            reckoning.faults += run.faults
        if run.stage is not None and run.stage.due.provisional:
            reckoning.due.provisional = True
        clock = Clock(reckoning, run.start, reckoning.due)
        if ended is not None:
            clock.ended = ended
            clock.state = RESTARTED if run.restarted else MOOT if run.moot else STOPPED
            clock.late = not run.moot and reckoning.due.due_at is not None and not in_time(ended, reckoning.due)
        elif reckoning.waiting or reckoning.paused:
            clock.state = State.PAUSED
        return clock

    def _start_at(self, stage: Stage, limit: Limit) -> Occurrence:
        """The start of a run tied to an expiry: backwards from it, or from it as its first uncounted day."""
        due_on, due_at = stage.due.due_on, stage.due.due_at
        start = stage.start._replace(sets_on=due_on, sets_at=due_at)
        if not limit.after_expiry_of or due_at is None:
            return start
        day = due_on if due_on is not None else due_at.astimezone(self.zone).date()
        return start._replace(at=due_at, day=day, day_only=False)


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
