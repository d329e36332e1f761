"""From a start to the due day or moment: length, tier, uncounted time, extensions, rollover.

One `Reckoning` is one run of one limit. Answer and explanation are replayed through the same few functions; that the
steps add up to the answer is a property test.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cases.statute import periods
from cases.statute.events import (
    DaySpan,
    MomentSpan,
    Occurrence,
    comes_before,
    concerns,
    in_order,
    merge_days,
    merge_moments,
    pair,
)
from cases.statute.limits import Approval, Extension, Facts, Limit, Rollover, Tier, Unit, among, holds
from cases.statute.workdays import Calendar

# Bound once: on every clock, looking a member up in its class costs more than the arithmetic.
MINUTE, HOUR, DAY, WORKDAY, MONTH, YEAR = Unit
FORWARD, BACKWARD = Rollover.FORWARD, Rollover.BACKWARD

ByKind = Mapping[str, Sequence[Occurrence]]
Span = DaySpan | MomentSpan


@dataclass(frozen=True, slots=True)
class ApproverLevel:
    """A level that approves: the line it belongs to (police, procuratorate) and its rank in that line."""

    code: str
    name: str
    line: str
    rank: int


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
    start_counted: bool = False

    @property
    def length(self) -> timedelta:
        """How far this step moves the end; negative when counting backwards."""
        if isinstance(self.before, datetime) and isinstance(self.after, datetime):
            return self.after - self.before
        return _as_day(self.after) - _as_day(self.before)

    @property
    def counted(self) -> int | None:
        """How many of the days from `before` to `after` count towards the period; none for hours and minutes.

        Uncounted time, waiting and rolling move the end and count nothing; what a document sets is not counted out.
        """
        if isinstance(self.before, datetime) or self.kind == "set":
            return None
        if self.kind not in _COUNTING:
            return 0
        return abs(self.length.days) - len(self.skipped) + self.start_counted

    @property
    def uncounted(self) -> int | None:
        """How many of the days from `before` to `after` do not count; none for hours and minutes."""
        counted = self.counted
        return None if counted is None else abs(self.length.days) + self.start_counted - counted


_COUNTING = frozenset(("length", "backward", "extension"))


def _as_day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


@dataclass(frozen=True, slots=True)
class Change:
    """What moves the end of a run: uncounted time, or an extension of `amount` granted by `event`."""

    span: Span | None = None
    extension: Extension | None = None
    amount: int = 0
    event: Occurrence | None = None


@dataclass(slots=True)
class Due:
    """Where a run stands: the un-rolled last day, the due day or moment, whether only provisionally known.

    Limits in hours and minutes have a moment only.
    """

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
    """One run: `limit` from `start`, with what changes its end. `ended` is the event that stopped it, if any.

    `started_at` and `started_on` are where the count begins, later than `start` where the law delays it.
    """

    limit: Limit
    start: Occurrence
    calendar: Calendar | None
    zone: ZoneInfo
    facts: Facts
    approvers: Approvers
    ended: Occurrence | None = None
    started_at: datetime = field(init=False)
    started_on: date = field(init=False)
    tier: Tier | None = None
    tier_event: Occurrence | None = None
    length: int = field(init=False)
    unit: Unit = field(init=False)
    waiting: bool = False
    paused: bool = False
    due: Due = field(init=False)
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    delayed_by: Occurrence | None = None
    delay_article: str = ""
    held_until: date | None = None
    _stage_start: Occurrence = field(init=False)
    _used: list[int] = field(init=False, repr=False, compare=False)
    _notices: set[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.started_at = self.start.at
        self.started_on = self.start.day
        self.length = self.limit.length or 0
        self.unit = self.limit.unit
        self._stage_start = self.start

    # -- the answer ----------------------------------------------------------------------------------------------

    def reckon(self, by_kind: ByKind) -> None:
        """Work out the due day or moment from the standing events, grouped by kind."""
        limit = self.limit
        if limit.start_approvers:
            self._check_start()
        if limit.plain:
            self.due = self._first_due()
            self.stages.append(Stage(self.start, self.due))
            return
        self._delay(by_kind)
        if limit.set_by_event and limit.length is None and not self._date_set:
            self.faults.append(Fault("no_date", "文书或者指示没有写明期限届满的日期", self.start.key, refused=False))
            self.waiting = True
        if self.waiting:
            self.due = Due()
            return
        if limit.tiers:
            self._set_tier(self._tier_at_start())
        self.due = self._first_due()
        if limit.pauses or limit.decisions:
            self._walk(by_kind)
        self._close_stage()
        if self.paused:
            self.due = Due()

    def in_time(self, event: Occurrence) -> bool:
        """Whether `event` comes on or before the last day (or the last moment) as it now stands."""
        return in_time(event, self.due)

    @property
    def _date_set(self) -> bool:
        return self.start.sets_on is not None or self.start.sets_at is not None

    # -- days ----------------------------------------------------------------------------------------------------

    def _first_due(self) -> Due:
        """The end of the run before anything has changed it."""
        if self.unit.exact:
            return Due(due_at=self._first_moment())
        return self._closed(self._first_day())

    def _first_day(self) -> date:
        limit = self.limit
        if limit.set_by_event and self._date_set:
            return self._day_set()
        if limit.backward:
            return self._counted_back(self._day_set())
        return self._add(self._origin_on, self.length, self.unit, start_counted=limit.start_counted)

    @property
    def _origin_on(self) -> date:
        """The day the count starts from: that of a tier counted from its own event, otherwise the start."""
        return self.tier_event.day if self.tier_event is not None else self.started_on

    def _day_set(self) -> date:
        """The day a document fixed, or on which the thing itself takes place."""
        if self.start.sets_on is not None:
            return self.start.sets_on
        if self.start.sets_at is not None:
            return self.start.sets_at.astimezone(self.zone).date()
        return self.start.day

    def _counted_back(self, from_day: date) -> date:
        unit = self.unit
        if unit is WORKDAY:
            return periods.working_days_before(from_day, self.length, self._need_calendar(), provisional=True)
        if unit is MONTH:
            return periods.add_months(from_day, -self.length)
        if unit is YEAR:
            return periods.add_years(from_day, -self.length)
        return periods.days_before(from_day, self.length)

    def _add(self, start: date, length: int, unit: Unit, *, start_counted: bool = False) -> date:
        if unit is DAY:
            return periods.add_days(start, length, start_counted=start_counted)
        if unit is WORKDAY:
            return periods.add_working_days(
                start, length, self._need_calendar(), start_counted=start_counted, provisional=True
            )
        if unit is MONTH:
            return periods.add_months(start, length, start_counted=start_counted)
        if unit is YEAR:
            return periods.add_years(start, length, start_counted=start_counted)
        raise ValueError(f"期限“{self.limit.code}”不能在以日计算的期限上加{unit.chinese}")

    def _need_calendar(self) -> Calendar:
        if self.calendar is None:
            raise ValueError(f"期限“{self.limit.code}”按工作日计算，但没有日历")
        return self.calendar

    def _moved(self, day: date, change: Change) -> date:
        """The un-rolled last day after one change."""
        if change.extension is not None:
            # 公安机关办理行政案件程序规定(2020) 第三十五条 carries the last *day* past a holiday; what is extended is
            # the period, so the extension is counted from the last day before it was carried.
            return self._add(day, change.amount, change.extension.unit)
        span = change.span
        if not isinstance(span, DaySpan) or span.until is None:
            return day
        # 治安管理处罚法(2025) 第一百一十八条: what is not counted moves the last day by its own length.
        if self.unit is not WORKDAY:
            return day + (span.until - span.after)
        calendar = self._need_calendar()
        skipped = calendar.working_between(span.after, span.until, provisional=True)
        return periods.add_working_days(day, skipped, calendar, provisional=True) if skipped else day

    def _closed(self, day: date) -> Due:
        """Roll the last day where the limit says so, mark what is only provisional, and set the midnight."""
        limit, calendar = self.limit, self.calendar
        last = day if self.held_until is None else self._held(day)
        if calendar is None:
            return Due(day, last, periods.end_of_day(last, self.zone))
        if limit.rolls is FORWARD:
            last = periods.roll_forward(last, calendar, provisional=True)
        elif limit.rolls is BACKWARD:
            last = periods.roll_backward(last, calendar, provisional=True)
        first = day if self.unit is not WORKDAY else self._first_counted()
        year = last.year
        provisional = year not in calendar.announced if first.year == year else not calendar.knows(first, last)
        return Due(day, last, periods.end_of_day(last, self.zone), provisional)

    def _held(self, day: date) -> date:
        """Not before uncounted time is over that began when all was counted, in the holiday after the last day."""
        if self.held_until is None or self.held_until <= day:
            return day
        if self.unit is not WORKDAY:
            return self.held_until
        return periods.roll_forward(self.held_until, self._need_calendar(), provisional=True)

    def _first_counted(self) -> date:
        if self.limit.backward:
            return self._day_set()
        return self._origin_on if self.limit.start_counted else self._origin_on + timedelta(days=1)

    # -- moments -------------------------------------------------------------------------------------------------

    def _first_moment(self) -> datetime:
        limit = self.limit
        if limit.set_by_event and self._date_set:
            return self._moment_set(periods.end_of_day)
        if limit.backward:
            return self._add_exact(self._moment_set(periods.start_of_day), -self.length, self.unit)
        return self._add_exact(self._origin_at, self.length, self.unit)

    @property
    def _origin_at(self) -> datetime:
        return self.tier_event.at if self.tier_event is not None else self.started_at

    def _moment_set(self, of_day: periods.EdgeOfDay) -> datetime:
        """The moment a document fixed; where it fixed only a day, that edge of the day."""
        if self.start.sets_at is not None:
            return self.start.sets_at.astimezone(UTC)
        return self.start.at if self.start.sets_on is None else of_day(self.start.sets_on, self.zone)

    def _add_exact(self, start: datetime, length: int, unit: Unit) -> datetime:
        if unit is MINUTE:
            return periods.add_minutes(start, length)
        if unit is HOUR:
            return periods.add_hours(start, length)
        if unit is DAY:
            return periods.add_hours(start, 24 * length)
        raise ValueError(f"期限“{self.limit.code}”不能在以时计算的期限上加{unit.chinese}")

    def _moment_moved(self, moment: datetime, change: Change) -> datetime:
        """The due moment after one change."""
        if change.extension is not None:
            return self._add_exact(moment, change.amount, change.extension.unit)
        span = change.span
        if not isinstance(span, MomentSpan) or span.until is None:
            return moment
        return moment + (span.until - span.after)

    # -- what changes it -----------------------------------------------------------------------------------------

    def _delay(self, by_kind: ByKind) -> None:
        """Let the start wait for what the law makes it wait for; the latest such moment counts."""
        for delay in self.limit.delays:
            for begun, until in pair(by_kind, delay.begins, delay.ends):
                if not self._about_this(begun) or not self._before_end(begun):
                    continue
                open_still = until is None or not self._before_end(until)
                if until is not None and not open_still and until.at <= self.started_at:
                    continue
                # 公安机关办理刑事案件程序规定(2020) 第一百五十二条: not by the investigators themselves.
                if not self._may_approve(delay.approvers, begun):
                    continue
                if until is None or open_still:
                    self.waiting = True
                else:
                    # 刑事诉讼法(2018) 第一百六十条: counted from the day the identity is established.
                    self.started_at, self.started_on, self.delayed_by = until.at, until.day, until
                    self.delay_article = delay.article

    def _before_end(self, event: Occurrence) -> bool:
        return self.ended is None or not comes_before(self.ended, event)

    def _about_this(self, event: Occurrence) -> bool:
        """Of several runs at a time, the one an event means is told by its reference."""
        return not self.limit.concurrent or concerns(event, self.start)

    def _during(self, event: Occurrence) -> bool:
        """About this run, not certainly before its start and not certainly after its end."""
        if event.day < self.started_on or not self._about_this(event):
            return False
        if event.at < self.started_at and not event.day_only and not self.start.day_only:
            return False
        return self._before_end(event)

    def _tier_at_start(self) -> Tier | None:
        """The tier the start names, or the first whose facts hold."""
        if self.start.tier:
            named = self.limit.tier_named(self.start.tier)
            if named is None:
                self._refuse("tier", f"没有“{self.start.tier}”这一档", self.start)
            elif self._grounded(named.grounds, self.start) and self._may_approve(named.approvers, self.start):
                return named
        return next((tier for tier in self.limit.tiers if tier.when and holds(tier.when, self.facts)), None)

    def _set_tier(self, tier: Tier | None) -> None:
        if tier is not None:
            self.tier, self.length, self.unit = tier, tier.length, tier.unit

    def _walk(self, by_kind: ByKind) -> None:
        """Take pauses, extensions and tier changes in the order they happened; each must come before the expiry."""
        decisions = [e for kind in self.limit.decisions for e in by_kind.get(kind, ()) if self._during(e)]
        decisions.sort(key=in_order)
        self._used, self._notices = [0] * len(self.limit.extensions), set()
        ahead = self._spans(by_kind)
        for event in decisions:
            while ahead and self._begins_by(ahead[0], event):
                self._take_span(ahead.popleft())
            tier, extends = self._meant(event)
            if tier is not None and self._takes_tier(tier, event):
                self._turn_to(tier, event)
                ahead = self._spans(by_kind)
                while ahead and self._begins_by(ahead[0], event):
                    self._apply(Change(span=ahead.popleft()))
            elif extends:
                self._take_extension(event, by_kind)
        for span in ahead:
            self._take_span(span)

    # Uncounted time.

    def _spans(self, by_kind: ByKind) -> deque[Span]:
        """What is not counted, merged; in moments or in days as the unit is."""
        numbered = [
            (number, interval)
            for number, pause in enumerate(self.limit.pauses)
            for interval in pair(by_kind, pause.begins, pause.ends)
            if self._about_this(interval.begins) and self._before_end(interval.begins)
        ]
        if not numbered:
            return deque()
        ended = self.ended
        if self.unit.exact:
            moments = [MomentSpan(a.at, b.at if b else None, (number,)) for number, (a, b) in numbered]
            return deque(merge_moments(moments, self._origin_at, ended.at if ended else None))
        days = [DaySpan(a.day, b.day if b else None, (number,)) for number, (a, b) in numbered]
        return deque(merge_days(days, self._origin_on, ended.day if ended else None))

    @staticmethod
    def _begins_by(span: Span, event: Occurrence) -> bool:
        return span.after <= event.at if isinstance(span, MomentSpan) else span.after <= event.day

    def _take_span(self, span: Span) -> None:
        if not self.paused and self._begins_in_time(span):
            self._apply(Change(span=span))

    def _begins_in_time(self, span: Span) -> bool:
        if isinstance(span, MomentSpan):
            return self.due.due_at is not None and span.after <= self.due.due_at
        return self.due.due_on is not None and span.after <= self.due.due_on

    # Extensions.

    def _take_extension(self, event: Occurrence, by_kind: ByKind) -> None:
        rung = self._rung(event)
        if rung is None:
            return
        step = self.limit.extensions[rung]
        if not self.paused and not self.in_time(event):
            self._refuse("late", f"{event.day}批准延长时期限已于{self.due_text()}届满，不予计算", event)
        elif self.tier is not None and self.tier.total:
            self._refuse("total", f"已适用“{self.tier.condition}”的期限，该期限是总长，不再另行延长，不予计算", event)
        elif event.amount is not None and not 1 <= event.amount <= step.length:
            self._refuse(
                "amount", f"批准延长{event.amount}，超出每次最多{step.length}{step.unit.chinese}，不予计算", event
            )
        elif (
            self._grounded(step.grounds, event)
            and self._may_approve(step.approvers, event)
            and self._told(step, event, by_kind)
        ):
            self._used[rung] += 1
            self._open_stage(event)
            self._apply(Change(extension=step, amount=event.amount or step.length, event=event))

    def _rung(self, event: Occurrence) -> int | None:
        """The rung of the ladder this event takes; refuses one too many and one out of order."""
        ladder, used = self.limit.extensions, self._used
        open_rungs = [
            number
            for number, step in enumerate(ladder)
            if step.event == event.kind and (step.times is None or used[number] < step.times)
        ]
        if not open_rungs:
            self._refuse("times", "法定延长次数已经用完，不予计算", event)
            return None
        rung = next((n for n in open_rungs if event.ground and among(event.ground, ladder[n].grounds)), open_rungs[0])
        if self.limit.ladder_in_order and any(not used[earlier] for earlier in range(rung)):
            before = self._article(ladder[rung - 1].article)
            self._refuse("order", f"尚未依{before}延长，不能直接适用本次延长，不予计算", event)
            return None
        return rung

    def _grounded(self, grounds: Sequence[str], event: Occurrence) -> bool:
        """Whether the ground on record is one the law knows; a missing one is noted, a wrong one refused."""
        if not grounds:
            return True
        if not event.ground:
            self.faults.append(Fault("ground_missing", "没有记录法定的理由", event.key, refused=False))
            return True
        if among(event.ground, grounds):
            return True
        known = "、".join(f"“{ground}”" for ground in grounds)
        self._refuse("ground", f"理由“{event.ground}”不是法定理由（{known}），不予计算", event)
        return False

    def _may_approve(self, allowed: Sequence[Approval], event: Occurrence) -> bool:
        """Whether the level that approved may; a missing level is noted, a wrong one refused."""
        if not allowed:
            return True
        levels = [one for one in allowed if holds(one.when, self.facts)]
        if not levels:
            self.faults.append(Fault("approver_unclear", "不能确定应由哪一级批准", event.key, refused=False))
            return True
        if not event.approver:
            self.faults.append(Fault("approver_missing", "没有记录批准的机关或负责人", event.key, refused=False))
            return True
        if any(approves(event.approver, one.level, self.approvers) for one in levels):
            return True
        names = "、".join(self._level_name(one.level) for one in levels)
        self._refuse("approver", f"批准层级“{self._level_name(event.approver)}”不够，须{names}批准，不予计算", event)
        return False

    def _check_start(self) -> None:
        """A measure taken on the word of too low a level still runs; that it was so is noted."""
        allowed = [one for one in self.limit.start_approvers if holds(one.when, self.facts)]
        given = self.start.approver
        if not given or not allowed or any(approves(given, one.level, self.approvers) for one in allowed):
            return
        names = "、".join(self._level_name(one.level) for one in allowed)
        text = f"起算的措施由“{self._level_name(given)}”批准，层级不够，须{names}批准；期限照常计算"
        self.faults.append(Fault("start_approver", text, self.start.key, refused=False))

    def _level_name(self, code: str) -> str:
        return level_name(code, self.approvers)

    def _told(self, step: Extension, event: Occurrence, by_kind: ByKind) -> bool:
        """Whether the notice an extension needs is on record in time; one notice serves one extension."""
        if not step.requires:
            return True
        for notice in by_kind.get(step.requires, ()):
            if notice.key in self._notices or not self._during(notice):
                continue
            if self.paused or self.in_time(notice):
                self._notices.add(notice.key)
                return True
        self._refuse("notice", "期限届满前没有告知当事人的记录，延长不完整，不予计算", event)
        return False

    # Tiers.

    def _meant(self, event: Occurrence) -> tuple[Tier | None, bool]:
        """The tier an event turns to, and otherwise whether it is an extension.

        An event that may be either is an extension unless it names the tier.
        """
        extends = event.kind in self.limit.extending
        if not self.limit.tiers:
            return None, extends
        tiers = [tier for tier in self.limit.tiers if event.kind in tier.by]
        named = next((tier for tier in tiers if tier.code == event.tier), None)
        if named is not None or extends:
            return named, extends
        if event.tier:
            self._refuse("tier", f"没有“{event.tier}”这一档，不予计算", event)
        elif len(tiers) > 1:
            self._refuse("tier", "没有写明适用哪一档，不予计算", event)
        else:
            return tiers[0], False
        return None, False

    def _takes_tier(self, tier: Tier, event: Occurrence) -> bool:
        if not self.paused and not self.in_time(event):
            self._refuse(
                "late", f"{event.day}批准适用“{tier.condition}”时期限已于{self.due_text()}届满，不予计算", event
            )
            return False
        # 公安机关适用继续盘问规定(2004) 第十一条: never from twelve hours straight to forty-eight.
        if tier.follows and (self.tier is None or self.tier.code != tier.follows):
            self._refuse("order", f"尚未适用前一档，不能直接适用“{tier.condition}”，不予计算", event)
            return False
        return self._grounded(tier.grounds, event) and self._may_approve(tier.approvers, event)

    def _turn_to(self, tier: Tier, event: Occurrence) -> None:
        """Count anew with another length. Uncounted time is then taken again, in the unit of the tier.

        Extensions stand, except under a total tier and one that counts from its own event.
        """
        self._open_stage(event)
        # 刑事诉讼法(2018) 第九十一条: extended *to* thirty days, the one to four days before included.
        lapsed = tier.total or tier.from_event
        extensions = [] if lapsed else [change for change in self.changes if change.extension is not None]
        self._set_tier(tier)
        self.tier_event = event if tier.from_event else None
        self.paused = False
        self.held_until = None
        self.changes = []
        self.due = self._first_due()
        for change in extensions:
            self._apply(change)

    # Both.

    def _refuse(self, code: str, text: str, event: Occurrence) -> None:
        self.faults.append(Fault(code, text, event.key))

    def due_text(self) -> str:
        """The due day, or the local due moment, as refusals name it."""
        if self.due.due_on is not None:
            return str(self.due.due_on)
        return "" if self.due.due_at is None else self._local(self.due.due_at)

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def _article(self, article: str) -> str:
        return article or self.limit.citation

    def _open_stage(self, event: Occurrence) -> None:
        """An extension or a tier closes the stage that was running and opens the next."""
        self._close_stage()
        self._stage_start = event

    def _close_stage(self) -> None:
        self.stages.append(Stage(self._stage_start, Due() if self.paused else self.due))

    def _apply(self, change: Change) -> None:
        """Take a change into account."""
        self.changes.append(change)
        span = change.span
        if span is not None and span.until is None:
            self.paused = True
        elif isinstance(span, DaySpan):
            self.held_until = span.until
        due = self.due
        if due.nominal_on is not None:
            self.due = self._closed(self._moved(due.nominal_on, change))
        elif due.due_at is not None:
            self.due = Due(due_at=self._moment_moved(due.due_at, change))

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
        day = self._first_day()
        if limit.set_by_event and self._date_set:
            steps.append(Step("set", "由文书或者指示确定届满日", limit.citation, self.start.day, day))
        elif limit.backward:
            origin = self._day_set()
            text = f"自{origin}向前倒算{self._length_text()}"
            off = self._off_counted(day, origin - timedelta(days=1))
            steps.append(Step("backward", text, limit.citation, origin, day, off))
        else:
            origin = self._origin_on
            steps += self._origin_steps(self.start.day, self.started_on, origin)
            counted = "开始的日计算在内" if limit.start_counted else "开始的日不计算在内"
            text = f"自{origin}起{self._length_text()}，{counted}"
            off = self._off_counted(origin, day)
            steps.append(Step("length", text, limit.citation, origin, day, off, start_counted=limit.start_counted))
        for change in self.changes:
            after = self._moved(day, change)
            steps.append(self._change_step(change, day, after))
            day = after
        held = self._held(day)
        if held != day:
            steps.append(Step("held", f"不早于不计入的时间结束之日{self.held_until}", limit.citation, day, held))
        last = self._closed(day).due_on
        if last is not None and last != held:
            steps.append(self._roll_step(held, last))
        return steps

    def _exact_steps(self) -> list[Step]:
        limit = self.limit
        steps: list[Step] = []
        moment = self._first_moment()
        if limit.set_by_event and self._date_set:
            steps.append(Step("set", "由文书或者指示确定届满时刻", limit.citation, self.start.at, moment))
        elif limit.backward:
            origin = self._moment_set(periods.start_of_day)
            text = f"自{self._local(origin)}向前倒算{self._length_text()}"
            steps.append(Step("backward", text, limit.citation, origin, moment))
        else:
            origin = self._origin_at
            steps += self._origin_steps(self.start.at, self.started_at, origin)
            text = f"自{self._local(origin)}起{self._length_text()}，不因节假日顺延"
            steps.append(Step("length", text, limit.citation, origin, moment))
        for change in self.changes:
            after = self._moment_moved(moment, change)
            steps.append(self._change_step(change, moment, after))
            moment = after
        return steps

    def _length_text(self) -> str:
        tier = self.tier
        return f"{self.length}{self.unit.chinese}{f'（{tier.condition}）' if tier and tier.condition else ''}"

    def _origin_steps(self, start: date | datetime, begun: date | datetime, origin: date | datetime) -> Iterable[Step]:
        if self.delayed_by is not None:
            yield Step("delay", f"自{self.delayed_by.day}起算", self._article(self.delay_article), start, begun)
        if self.tier_event is not None:
            yield Step("tier", f"改自{self.tier_event.day}起算", self.limit.citation, begun, origin)

    def _off_between(self, after: date, until: date) -> tuple[tuple[date, str], ...]:
        """The days off a count of working days passed over."""
        if self.calendar is None:
            return ()
        days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
        return tuple((d, self.calendar.why(d)) for d in days if not self.calendar.is_working(d, provisional=True))

    def _off_counted(self, after: date, until: date) -> tuple[tuple[date, str], ...]:
        """The same, where the limit itself is counted in working days."""
        return self._off_between(after, until) if self.unit is WORKDAY else ()

    def _change_step(self, change: Change, before: date | datetime, after: date | datetime) -> Step:
        span, extension = change.span, change.extension
        if span is not None:
            return self._span_step(span, before, after)
        assert extension is not None
        assert change.event is not None
        approver = f"经{self._level_name(change.event.approver)}" if change.event.approver else ""
        text = f"{change.event.day}{approver}批准延长{change.amount}{extension.unit.chinese}"
        off = self._off_between(before, after) if extension.unit is WORKDAY else ()
        return Step("extension", text, self._article(extension.article), before, after, off)

    def _span_step(self, span: Span, before: date | datetime, after: date | datetime) -> Step:
        pauses = [self.limit.pauses[number] for number in span.causes]
        name = "、".join(pause.name for pause in pauses if pause.name)
        article = self._article(next((pause.article for pause in pauses if pause.article), ""))
        begin = self._local(span.after) if isinstance(span, MomentSpan) else str(span.after)
        if span.until is None:
            return Step("paused", f"自{begin}起{name}暂停计算，尚未恢复", article, before, after)
        if isinstance(span, MomentSpan):
            text = f"{begin}至{self._local(span.until)}{name}时间不计入"
        else:
            text = f"{begin}至{span.until}{name}{(span.until - span.after).days}日不计入"
        return Step("pause", text, article, before, after)

    def _roll_step(self, before: date, after: date) -> Step:
        basis = self.limit.rollover_basis or self.limit.citation
        first, last = min(before, after), max(before, after)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        calendar = self._need_calendar()
        off = tuple((d, calendar.why(d)) for d in days if not calendar.is_working(d, provisional=True))
        word = "顺延至" if after > before else "提前至"
        text = f"末日{before}（{calendar.why(before)}）不是工作日，{word}{after}"
        return Step("rollover", text, basis, before, after, off)


def in_time(event: Occurrence, due: Due) -> bool:
    """Whether an event comes in time: by the end of the due day, or not after the due moment."""
    if due.due_on is not None:
        return event.day <= due.due_on
    return due.due_at is not None and event.at <= due.due_at


def approves(given: str, needed: str, approvers: Approvers) -> bool:
    """Whether the level that approved is the one needed, or a higher one of the same line."""
    if given == needed:
        return True
    mine, theirs = approvers.get(given), approvers.get(needed)
    return mine is not None and theirs is not None and mine.line == theirs.line and mine.rank >= theirs.rank


def level_name(code: str, approvers: Approvers) -> str:
    """The name of a level, or its code where it is not among them."""
    level = approvers.get(code)
    return level.name if level is not None else code
