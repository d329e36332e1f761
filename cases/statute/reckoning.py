"""From a start to the due day or moment: length, tier, uncounted time, extensions, rollover.

One `Reckoning` is one run of one limit. Answer and explanation are replayed through the same few functions; that the
steps add up to the answer is a property test.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cases.statute import periods
from cases.statute.events import (
    DaySpan,
    Interval,
    MomentSpan,
    Occurrence,
    merge_days,
    merge_moments,
)
from cases.statute.limits import Approval, Extension, Facts, Limit, Rollover, Tier, Unit, holds
from cases.statute.workdays import Calendar


@dataclass(frozen=True, slots=True)
class ApproverLevel:
    """A level that approves: the line it belongs to (police, procuratorate) and its rank in that line."""

    code: str
    name: str
    line: str
    rank: int


def _as_day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


Approvers = Mapping[str, ApproverLevel]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something on record that the law does not accept, or that is missing; it never moves a date by itself."""

    code: str
    text: str
    event: int
    refused: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation: what was added, under which article, from where to where."""

    kind: str
    text: str
    article: str
    before: date | datetime
    after: date | datetime
    skipped: tuple[tuple[date, str], ...] = ()

    @property
    def length(self) -> timedelta:
        """How far this step moves the end; negative when counting backwards."""
        if isinstance(self.before, datetime) and isinstance(self.after, datetime):
            return self.after - self.before
        return _as_day(self.after) - _as_day(self.before)


@dataclass(frozen=True, slots=True)
class Change:
    """A modification in force: uncounted time, an extension or another tier, since which event."""

    span: DaySpan | MomentSpan | None = None
    extension: Extension | None = None
    amount: int = 0
    tier: Tier | None = None
    event: Occurrence | None = None


@dataclass(slots=True)
class Due:
    """Where a run stands: the un-rolled last day, the due day or moment, whether only provisionally known."""

    nominal_on: date | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    provisional: bool = False


@dataclass(slots=True)
class Stage:
    """A stretch of a run with its own expiry: the first period, then one for each extension granted."""

    start: Occurrence
    due: Due


@dataclass(slots=True)
class Reckoning:
    """One run: `limit` from `start`, with what changes its end. `ended` is the event that stopped it, if any."""

    limit: Limit
    start: Occurrence
    calendar: Calendar | None
    zone: ZoneInfo
    facts: Facts
    approvers: Approvers
    tier: Tier | None = None
    ended: Occurrence | None = None
    started_at: datetime = field(init=False)
    started_on: date = field(init=False)
    waiting: bool = False
    paused: bool = False
    due: Due = field(default_factory=Due)
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    delayed_by: Occurrence | None = None
    _stage_start: Occurrence = field(init=False)

    def __post_init__(self) -> None:
        self.started_at = self.start.at
        self.started_on = self.start.day
        self._stage_start = self.start

    # -- the answer ----------------------------------------------------------------------------------------------

    def reckon(self, by_kind: Mapping[str, Sequence[Occurrence]]) -> None:
        """Work out the due day or moment from the standing events, grouped by kind."""
        limit = self.limit
        if limit.plain:
            self.due = self._due_after(())
            self.stages.append(Stage(self.start, self.due))
            return
        self._delay(by_kind)
        if self.waiting:
            return
        if limit.tiers and self.tier is None:
            self.tier = self._tier_at_start()
        self.due = self._due_after(())
        if limit.pauses or limit.extensions or any(tier.by for tier in limit.tiers):
            self._walk(by_kind)
        self.stages.append(Stage(self._stage_start, self.due))
        if self.paused:
            self.due = Due()

    @property
    def unit(self) -> Unit:
        return self.tier.unit if self.tier is not None else self.limit.unit

    @property
    def length(self) -> int:
        return self.tier.length if self.tier is not None else self.limit.length or 0

    def in_time(self, event: Occurrence) -> bool:
        """Whether `event` comes on or before the last day (or the last moment) as it now stands."""
        return in_time(event, self.due)

    def _due_after(self, changes: Sequence[Change]) -> Due:
        """Replay: start, length, changes in order, rollover."""
        due = Due()
        if self.unit.exact:
            due.due_at = self._moment_after(changes)
            return due
        day = self._first_last_day()
        for change in changes:
            day = self._moved(day, change)
        due.nominal_on = day
        self._close(due, day)
        return due

    def _close(self, due: Due, day: date) -> None:
        """Roll the last day where the limit says so, mark what is only provisional, and set the midnight."""
        limit, calendar = self.limit, self.calendar
        if calendar is not None:
            if limit.rollover is Rollover.FORWARD and not limit.custody:
                # 行政案件程序规定(2020) 第三十五条, 刑事诉讼法(2018) 第一百零五条
                day = periods.roll_forward(day, calendar, provisional=True)
            elif limit.rollover is Rollover.BACKWARD:
                day = periods.roll_backward(day, calendar, provisional=True)
            due.provisional = not calendar.knows(self.started_on, day)
        due.due_on = day
        due.due_at = periods.end_of_day(day, self.zone)

    def _first_last_day(self) -> date:
        limit, start = self.limit, self.started_on
        if limit.set_by_event:
            return self._day_set()
        if limit.backward:
            return self._counted_back(self._day_set())
        origin = self.tier_event.day if self.tier_event is not None else start
        return self._add(origin, self.length, self.unit, start_counted=limit.start_counted)

    def _day_set(self) -> date:
        if self.start.sets_on is not None:
            return self.start.sets_on
        if self.start.sets_at is not None:
            return self.start.sets_at.astimezone(self.zone).date()
        return self.start.day

    def _counted_back(self, from_day: date) -> date:
        if self.unit is Unit.WORKDAY:
            return periods.working_days_before(from_day, self.length, self._need_calendar(), provisional=True)
        if self.unit is Unit.MONTH:
            return periods.add_months(from_day, -self.length)
        if self.unit is Unit.YEAR:
            return periods.add_years(from_day, -self.length)
        return periods.days_before(from_day, self.length)

    @property
    def tier_event(self) -> Occurrence | None:
        """The event from which the tier now in force counts, where it counts from its own event."""
        for change in reversed(self.changes):
            if change.tier is not None:
                return change.event if change.tier.from_event else None
        return None

    def _add(self, start: date, length: int, unit: Unit, *, start_counted: bool = False) -> date:
        if unit is Unit.DAY:
            return periods.add_days(start, length, start_counted=start_counted)
        if unit is Unit.WORKDAY:
            return periods.add_working_days(
                start, length, self._need_calendar(), start_counted=start_counted, provisional=True
            )
        if unit is Unit.MONTH:
            return periods.add_months(start, length)
        if unit is Unit.YEAR:
            return periods.add_years(start, length)
        raise ValueError(f"期限“{self.limit.code}”不能在以日计算的期限上加{unit.chinese}")

    def _need_calendar(self) -> Calendar:
        if self.calendar is None:
            raise ValueError(f"期限“{self.limit.code}”按工作日计算，但没有日历")
        return self.calendar

    def _moved(self, day: date, change: Change) -> date:
        if change.extension is not None:
            # Counted from the un-rolled last day: an extension lengthens the period, not the holiday after it.
            return self._add(day, change.amount, change.extension.unit)
        if isinstance(change.span, DaySpan) and change.span.until is not None:
            if self.unit is Unit.WORKDAY:
                skipped = self._need_calendar().working_between(
                    change.span.after, change.span.until, provisional=True
                )
                return periods.add_working_days(day, skipped, self._need_calendar(), provisional=True) if skipped else day
            return day + (change.span.until - change.span.after)
        return day

    def _moment_after(self, changes: Sequence[Change]) -> datetime:
        if self.limit.set_by_event and self.start.sets_at is not None:
            moment = self.start.sets_at
        else:
            origin = self.tier_event.at if self.tier_event is not None else self.started_at
            moment = self._add_exact(origin, self.length, self.unit)
        for change in changes:
            if change.extension is not None:
                moment = self._add_exact(moment, change.amount, change.extension.unit)
            elif isinstance(change.span, MomentSpan) and change.span.until is not None:
                moment += change.span.until - change.span.after
        return moment

    @staticmethod
    def _add_exact(start: datetime, length: int, unit: Unit) -> datetime:
        if unit is Unit.MINUTE:
            return periods.add_minutes(start, length)
        return periods.add_hours(start, length if unit is Unit.HOUR else 24 * length)

    # -- what changes it -----------------------------------------------------------------------------------------

    def _delay(self, by_kind: Mapping[str, Sequence[Occurrence]]) -> None:
        for delay in self.limit.delays:
            begun = next((e for e in by_kind.get(delay.begins, ()) if self._before_end(e)), None)
            if begun is None:
                continue
            until = next(
                (e for e in by_kind.get(delay.ends, ()) if e.day >= begun.day and self._before_end(e)),
                None,
            )
            if until is None:
                self.waiting = True
            elif until.at > self.started_at:
                # 刑事诉讼法(2018) 第一百六十条: counted from the day the identity is established.
                self.started_at, self.started_on, self.delayed_by = until.at, until.day, until

    def _before_end(self, event: Occurrence) -> bool:
        return self.ended is None or event.at <= self.ended.at

    def _tier_at_start(self) -> Tier | None:
        if self.start.tier:
            named = self.limit.tier_named(self.start.tier)
            if named is not None:
                return named
            self.faults.append(Fault("tier", f"没有“{self.start.tier}”这一档", self.start.key))
        for tier in self.limit.tiers:
            if tier.when and holds(tier.when, self.facts):
                return tier
        return None

    def _walk(self, by_kind: Mapping[str, Sequence[Occurrence]]) -> None:
        """Take pauses, extensions and tier changes in the order they happened; each must come before the expiry."""
        happenings: list[tuple[datetime, int, int, object]] = []
        for number, span in enumerate(self._spans(by_kind)):
            moment = span.after if isinstance(span, MomentSpan) else periods.start_of_day(span.after, self.zone)
            happenings.append((moment, 0, number, span))
        for kind in {step.event for step in self.limit.extensions}:
            happenings.extend((e.at, 1, e.key, e) for e in by_kind.get(kind, ()) if self._during(e))
        for tier in self.limit.tiers:
            for kind in tier.by:
                happenings.extend((e.at, 2, e.key, (tier, e)) for e in by_kind.get(kind, ()) if self._during(e))
        used = [0] * len(self.limit.extensions)
        for _, _, _, happening in sorted(happenings, key=lambda h: h[:3]):
            if isinstance(happening, DaySpan | MomentSpan):
                self._take_span(happening)
            elif isinstance(happening, Occurrence):
                self._take_extension(happening, used, by_kind)
            elif isinstance(happening, tuple):
                self._take_tier(*happening)

    def _during(self, event: Occurrence) -> bool:
        """Within the run: not before its start day, not after its end."""
        return event.day >= self.started_on and self._before_end(event)

    def _spans(self, by_kind: Mapping[str, Sequence[Occurrence]]) -> Sequence[DaySpan | MomentSpan]:
        intervals = [interval for pause in self.limit.pauses for interval in pair(by_kind, pause.begins, pause.ends)]
        intervals = [one for one in intervals if self._before_end(one.begins)]
        if self.unit.exact:
            moments = [MomentSpan(a.at, None if b is None else b.at) for a, b in intervals]
            return merge_moments(moments, self.started_at, None if self.ended is None else self.ended.at)
        days = [DaySpan(a.day, None if b is None else b.day) for a, b in intervals]
        return merge_days(days, self.started_on, None if self.ended is None else self.ended.day)

    def _take_span(self, span: DaySpan | MomentSpan) -> None:
        if self.paused or not self._begins_in_time(span):
            return
        self._apply(Change(span=span))
        if span.until is None:
            self.paused = True

    def _begins_in_time(self, span: DaySpan | MomentSpan) -> bool:
        if isinstance(span, MomentSpan):
            return self.due.due_at is not None and span.after <= self.due.due_at
        return self.due.due_on is not None and span.after <= self.due.due_on

    def _take_extension(
        self, event: Occurrence, used: list[int], by_kind: Mapping[str, Sequence[Occurrence]]
    ) -> None:
        rung = self._rung(event, used)
        if rung is None:
            return
        step = self.limit.extensions[rung]
        if not self.paused and not self.in_time(event):
            self._refuse("late", f"{event.day}批准延长时期限已于{self._due_text()}届满，不予计算", event)
        elif event.amount is not None and not 1 <= event.amount <= step.length:
            self._refuse("amount", f"批准延长{event.amount}，超出每次最多{step.length}{step.unit.chinese}，不予计算", event)
        elif step.grounds and event.ground and event.ground not in step.grounds:
            self._refuse("ground", f"延长理由“{event.ground}”不是法定理由，不予计算", event)
        elif self._may_approve(step.approvers, event) and self._told(step, event, by_kind):
            used[rung] += 1
            self._apply(Change(extension=step, amount=event.amount or step.length, event=event))

    def _rung(self, event: Occurrence, used: list[int]) -> int | None:
        """The rung of the ladder this event takes; refuses one too many and one out of order."""
        ladder = self.limit.extensions
        open_rungs = [
            number
            for number, step in enumerate(ladder)
            if step.event == event.kind and (step.times is None or used[number] < step.times)
        ]
        if not open_rungs:
            self._refuse("times", "法定延长次数已经用完，不予计算", event)
            return None
        rung = next((n for n in open_rungs if event.ground and event.ground in ladder[n].grounds), open_rungs[0])
        if self.limit.ladder_in_order and any(not used[earlier] for earlier in range(rung)):
            self._refuse("order", f"尚未依{self._article(ladder[rung - 1].article)}延长，不能直接适用本次延长，不予计算", event)
            return None
        return rung

    def _may_approve(self, allowed: Sequence[Approval], event: Occurrence) -> bool:
        """Whether the level that approved may; a missing level is noted, a wrong one refused."""
        levels = [one for one in allowed if holds(one.when, self.facts)]
        if not levels:
            return True
        if not event.approver:
            self.faults.append(Fault("approver_missing", "没有记录批准的机关或负责人", event.key, refused=False))
            return True
        if approves(event.approver, levels, self.facts, self.approvers):
            return True
        names = "、".join(self._level_name(one.level) for one in levels)
        self._refuse("approver", f"批准层级“{self._level_name(event.approver)}”不够，须{names}批准，不予计算", event)
        return False

    def _level_name(self, code: str) -> str:
        level = self.approvers.get(code)
        return level.name if level is not None else code

    def _told(self, step: Extension, event: Occurrence, by_kind: Mapping[str, Sequence[Occurrence]]) -> bool:
        """Whether the notice an extension needs is on record in time."""
        if not step.requires:
            return True
        told = any(self.started_on <= e.day and self.in_time(e) for e in by_kind.get(step.requires, ()))
        if not told:
            self._refuse("notice", "期限届满前没有告知当事人的记录，延长不完整，不予计算", event)
        return told

    def _take_tier(self, tier: Tier, event: Occurrence) -> None:
        if not self.paused and not self.in_time(event):
            self._refuse("late", f"{event.day}批准适用“{tier.condition}”时期限已于{self._due_text()}届满，不予计算", event)
        elif self._may_approve(tier.approvers, event):
            self.tier = tier
            self._apply(Change(tier=tier, event=event))

    def _refuse(self, code: str, text: str, event: Occurrence) -> None:
        self.faults.append(Fault(code, text, event.key))

    def _due_text(self) -> str:
        if self.due.due_on is not None:
            return str(self.due.due_on)
        return "" if self.due.due_at is None else f"{self.due.due_at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def _article(self, article: str) -> str:
        return article or self.limit.citation

    def _apply(self, change: Change) -> None:
        """Take a change into account; an extension or tier closes the stage that was running and opens the next."""
        if change.event is not None:
            self.stages.append(Stage(self._stage_start, self.due))
            self._stage_start = change.event
        self.changes.append(change)
        self.due = self._due_after(self.changes)

    # -- the explanation -----------------------------------------------------------------------------------------

    def steps(self) -> list[Step]:
        """The arithmetic in words, step by step; each begins where the one before ended, the last ends at the due day.

        Empty while the clock waits for its start. While it is paused the steps lead up to the pause.
        """
        if self.waiting:
            return []
        return self._exact_steps() if self.unit.exact else self._day_steps()

    def _day_steps(self) -> list[Step]:
        limit = self.limit
        steps: list[Step] = []
        day = self._first_last_day()
        if limit.set_by_event:
            steps.append(Step("set", "由文书或者指示确定届满日", limit.citation, self.start.day, day))
        elif limit.backward:
            text = f"自{self._day_set()}向前倒算{self.length}{self.unit.chinese}"
            steps.append(Step("backward", text, limit.citation, self._day_set(), day))
        else:
            origin = self._origin_steps(steps)
            counted = "开始的日计算在内" if limit.start_counted else "开始的日不计算在内"
            text = f"自{origin}起{self.length}{self.unit.chinese}，{counted}"
            steps.append(Step("length", text, limit.citation, origin, day, self._off_between(origin, day)))
        for change in self.changes:
            after = self._moved(day, change)
            step = self._change_step(change, day, after)
            if step is not None:
                steps.append(step)
            day = after
        due = Due()
        self._close(due, day)
        if due.due_on is not None and due.due_on != day:
            steps.append(self._roll_step(day, due.due_on))
        return steps

    def _origin_steps(self, steps: list[Step]) -> date:
        if self.delayed_by is not None:
            steps.append(Step("delay", "自查清之日起算", self.limit.citation, self.start.day, self.started_on))
        tier_event = self.tier_event
        if tier_event is None:
            return self.started_on
        steps.append(Step("tier", "起算日移至新的节点", self.limit.citation, self.started_on, tier_event.day))
        return tier_event.day

    def _off_between(self, after: date, until: date) -> tuple[tuple[date, str], ...]:
        """The days off a count of working days passed over."""
        if self.unit is not Unit.WORKDAY or self.calendar is None:
            return ()
        days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
        return tuple((d, self.calendar.why(d)) for d in days if not self.calendar.is_working(d, provisional=True))

    def _change_step(self, change: Change, before: date, after: date) -> Step | None:
        if change.extension is not None:
            step = change.extension
            approver = self._level_name(change.event.approver) if change.event and change.event.approver else ""
            text = f"{change.event.day if change.event else ''}经{approver}批准延长{change.amount}{step.unit.chinese}"
            return Step("extension", text, self._article(step.article), before, after)
        if isinstance(change.span, DaySpan):
            if change.span.until is None:
                return Step("paused", f"自{change.span.after}起暂停计算，尚未恢复", self._pause_article(), before, after)
            days = (change.span.until - change.span.after).days
            text = f"{change.span.after}至{change.span.until}{self._pause_name()}{days}日不计入"
            return Step("pause", text, self._pause_article(), before, after)
        return None

    def _pause_name(self) -> str:
        return "、".join(pause.name for pause in self.limit.pauses if pause.name)[:40]

    def _pause_article(self) -> str:
        return next((pause.article for pause in self.limit.pauses if pause.article), "") or self.limit.citation

    def _roll_step(self, before: date, after: date) -> Step:
        basis = self.limit.rollover_basis or self.limit.citation
        first, last = min(before, after), max(before, after)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        calendar = self._need_calendar()
        off = tuple((d, calendar.why(d)) for d in days if not calendar.is_working(d, provisional=True))
        word = "顺延至" if after > before else "提前至"
        return Step("rollover", f"末日{before}（{calendar.why(before)}）不是工作日，{word}{after}", basis, before, after, off)

    def _exact_steps(self) -> list[Step]:
        limit = self.limit
        if limit.set_by_event and self.start.sets_at is not None:
            return [Step("set", "由文书或者指示确定届满时刻", limit.citation, self.start.at, self.start.sets_at)]
        steps: list[Step] = []
        if self.delayed_by is not None:
            steps.append(Step("delay", "自查清之时起算", limit.citation, self.start.at, self.started_at))
        origin = self.tier_event.at if self.tier_event is not None else self.started_at
        if origin != self.started_at:
            steps.append(Step("tier", "起算时刻移至新的节点", limit.citation, self.started_at, origin))
        moment = self._add_exact(origin, self.length, self.unit)
        steps.append(Step("length", f"自起算时刻起{self.length}{self.unit.chinese}，不因节假日顺延", limit.citation, origin, moment))
        for change in self.changes:
            before = moment
            if change.extension is not None:
                moment = self._add_exact(moment, change.amount, change.extension.unit)
                text = f"批准延长{change.amount}{change.extension.unit.chinese}"
                steps.append(Step("extension", text, self._article(change.extension.article), before, moment))
            elif isinstance(change.span, MomentSpan) and change.span.until is not None:
                moment += change.span.until - change.span.after
                steps.append(Step("pause", f"{self._pause_name()}时间不计入", self._pause_article(), before, moment))
            elif isinstance(change.span, MomentSpan):
                steps.append(Step("paused", "暂停计算，尚未恢复", self._pause_article(), before, before))
        return steps


def in_time(event: Occurrence, due: Due) -> bool:
    """Whether an event comes in time: by the end of the due day, or not after the due moment."""
    if due.due_on is not None:
        return event.day <= due.due_on
    return due.due_at is not None and event.at <= due.due_at


def pair(by_kind: Mapping[str, Sequence[Occurrence]], begins: str, ends: str) -> list[Interval]:
    """Beginnings with the ends that follow them, first with first; an end with the same reference comes first."""
    waiting = list(by_kind.get(ends, ()))
    intervals = []
    for begun in by_kind.get(begins, ()):
        later = [e for e in waiting if (e.day >= begun.day if e.day_only or begun.day_only else e.at >= begun.at)]
        same = [e for e in later if begun.reference and e.reference == begun.reference]
        found = next(iter(same or later), None)
        if found is not None:
            waiting.remove(found)
        intervals.append(Interval(begun, found))
    return intervals


def approves(given: str, allowed: Sequence[Approval], facts: Facts, approvers: Approvers) -> bool:
    """Whether the level that approved is one of those that may, or a higher one of the same line."""
    mine = approvers.get(given)
    for approval in allowed:
        if not holds(approval.when, facts):
            continue
        if given == approval.level:
            return True
        needed = approvers.get(approval.level)
        if mine and needed and mine.line == needed.line and mine.rank >= needed.rank:
            return True
    return False
