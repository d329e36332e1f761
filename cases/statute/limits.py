"""A statutory limit as a value: what starts it, how long it runs, what stops, pauses, extends or restarts it.

A limit is read from a mapping (a row of the catalogue) by `parse_limit`, which names every field that is wrong.
Nothing here knows a limit by name.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from cases.statute.ladders import GRADES, USUAL_CLIMBS, Demand, Ladder, Lead, Said

Facts = Mapping[str, str]
Choice = TypeVar("Choice", bound=StrEnum)
Condition = tuple[tuple[str, tuple[str, ...]], ...]


_UNIT_NAMES = {
    "minute": "分钟",
    "hour": "小时",
    "day": "日",
    "workday": "个工作日",
    "month": "个月",
    "year": "年",
}


class Unit(StrEnum):
    """What a length is counted in."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WORKDAY = "workday"
    MONTH = "month"
    YEAR = "year"

    # Counted from moment to moment, not from day to day; and its name.
    exact: bool
    chinese: str

    def __init__(self, code: str) -> None:
        self.exact = code in ("minute", "hour")
        self.chinese = _UNIT_NAMES[code]


class Rollover(StrEnum):
    """Where a last day goes that falls on a day off."""

    NONE = "none"
    FORWARD = "forward"
    BACKWARD = "backward"


class Nature(StrEnum):
    """Whose limit it is and what running over means. Only duties and ceilings ever count against a unit."""

    DUTY = "authority_duty"
    CEILING = "measure_cap"
    RIGHT = "party_right"
    OTHER_BODY = "external"
    TRIGGER = "computation_rule"
    LIMITATION = "limitation"
    RETENTION = "data_retention"

    @property
    def counts_against_unit(self) -> bool:
        return self in (Nature.DUTY, Nature.CEILING)


class Status(StrEnum):
    """How well the text of the law behind a limit is known."""

    VERIFIED = "verified"
    SECONDARY = "secondary"
    DRAFT = "draft"


class Transition(StrEnum):
    """Which version rules a clock that is open when a new version comes into force."""

    AT_START = "at_start"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Approval:
    """A level that may approve, and the facts under which it is the one that must."""

    level: str
    when: Condition = ()


@dataclass(frozen=True, slots=True)
class Tier:
    """Another length of the same limit, taken by a fact of the matter, by an event, or by naming it.

    A `total` tier is the whole length: extensions granted before it are part of it, and none can follow. One that
    `follows` another can only be turned to from that one.
    """

    code: str
    length: int
    unit: Unit
    condition: str = ""
    when: Condition = ()
    by: tuple[str, ...] = ()
    from_event: bool = False
    total: bool = False
    follows: str = ""
    approvers: tuple[Approval, ...] = ()
    grounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that is not counted: from one kind of event to another."""

    begins: str
    ends: str
    name: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """One rung of the ladder: the event that grants it, how much, how often, by whom, on what ground."""

    event: str
    length: int
    unit: Unit
    times: int | None = 1
    approvers: tuple[Approval, ...] = ()
    ground: str = ""
    grounds: tuple[str, ...] = ()
    requires: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class Delay:
    """The start waits: where the first kind of event is on record, the limit runs only from the second."""

    begins: str
    ends: str
    name: str = ""
    article: str = ""
    approvers: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True)
class RestartApproval:
    """What a restart needs: the event that approves it, by whom, and within how many days of the restarting event.

    Such a restart must also come before the run it restarts has expired.
    """

    event: str
    days: int
    approvers: tuple[Approval, ...] = ()
    article: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where texts of the law differ about a limit: what they say, which of them is followed, and why."""

    about: str
    resolved: str
    basis: str


# For choosing a ladder only: a month is taken as 30 days and a year as 365; hours as minutes.
_ROUGH_LENGTHS = {Unit.MINUTE: 1, Unit.HOUR: 60, Unit.DAY: 1, Unit.WORKDAY: 1, Unit.MONTH: 30, Unit.YEAR: 365}


def default_ladder(length: int | None, unit: Unit, ladders: Iterable[Ladder]) -> Ladder | None:
    """The ladder of a limit that names none: the one for the greatest length not above its own.

    A limit without a length (a document sets its day) is taken as the shortest. None where no default fits.
    """
    rough = (length or 0) * _ROUGH_LENGTHS[unit]
    fitting = [
        (ladder.from_length, ladder.code, ladder)
        for ladder in ladders
        if ladder.exact == unit.exact and ladder.from_length is not None and ladder.from_length <= rough
    ]
    return max(fitting, key=lambda one: one[:2])[2] if fitting else None


@dataclass(frozen=True, slots=True)
class Limit:
    """One version of one statutory limit (时限)."""

    code: str
    family: str
    name: str
    length: int | None
    unit: Unit
    law: str
    article: str
    nature: Nature = Nature.DUTY
    kinds: tuple[str, ...] = ()
    when: Condition = ()
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    start_counted: bool = False
    satisfied_before: bool = False
    concurrent: bool = False
    tiers: tuple[Tier, ...] = ()
    extensions: tuple[Extension, ...] = ()
    ladder_in_order: bool = True
    pauses: tuple[Pause, ...] = ()
    delays: tuple[Delay, ...] = ()
    restarts: tuple[str, ...] = ()
    start_approvers: tuple[Approval, ...] = ()
    restart_approval: RestartApproval | None = None
    before_expiry_of: str = ""
    after_expiry_of: str = ""
    backward: bool = False
    set_by_event: bool = False
    rollover: Rollover = Rollover.NONE
    custody: bool = False
    calendar: str = ""
    bound: str = "max"
    text_version: str = ""
    in_force_from: date | None = None
    in_force_until: date | None = None
    transition: Transition = Transition.AT_START
    status: Status = Status.VERIFIED
    ladder: str = ""
    holder: str = ""
    applies_to: str = ""
    field_of_law: str = ""
    notes: str = ""
    conflicts: tuple[Conflict, ...] = ()
    rollover_basis: str = ""
    rollover_exception: str = ""
    in_force_basis: str = ""
    sources: tuple[str, ...] = ()
    end_text: str = ""
    start_text: str = ""
    not_counted_text: tuple[str, ...] = ()
    restart_text: tuple[str, ...] = ()
    # Decided once, read on every clock: whether nothing but a start and a length is needed; where a last day on a day
    # off goes; the kinds of events that begin or end a run; those that extend it; those and what turns it to a tier.
    plain: bool = field(init=False, default=False)
    watched: frozenset[str] = field(init=False, default=frozenset())
    extending: frozenset[str] = field(init=False, default=frozenset())
    decisions: frozenset[str] = field(init=False, default=frozenset())
    rolls: Rollover = field(init=False, default=Rollover.NONE)

    def __post_init__(self) -> None:
        if self.before_expiry_of:
            object.__setattr__(self, "backward", True)
        plain = not (
            self.tiers
            or self.extensions
            or self.pauses
            or self.delays
            or self.set_by_event
            or self.after_expiry_of
            or self.backward
        )
        object.__setattr__(self, "plain", plain)
        object.__setattr__(self, "watched", frozenset((*self.starts, *self.stops, *self.restarts)))
        extending = frozenset(step.event for step in self.extensions)
        object.__setattr__(self, "extending", extending)
        object.__setattr__(self, "decisions", extending | {kind for tier in self.tiers for kind in tier.by})
        # 刑事诉讼法(2018) 第一百零五条, 行政案件程序规定(2020) 第三十五条: custody ends on its last day.
        object.__setattr__(self, "rolls", Rollover.NONE if self.custody else self.rollover)

    @property
    def computable(self) -> bool:
        """Whether it has an end at all; a mere rule of where to start has none."""
        return self.length is not None or self.set_by_event

    @property
    def has_end(self) -> bool:
        """Whether an end can be worked out: it has a length or a document, and something to be counted from."""
        return self.computable and bool(self.starts or self.before_expiry_of or self.after_expiry_of)

    @property
    def citation(self) -> str:
        return f"《{self.law}》{self.article}"

    def in_force_on(self, day: date) -> bool:
        """Whether this version is the law on `day`; both ends included."""
        if self.in_force_from is not None and day < self.in_force_from:
            return False
        return self.in_force_until is None or day <= self.in_force_until

    def kinds_heard(self) -> set[str]:
        """Every kind of event this limit listens to."""
        kinds = {*self.starts, *self.stops, *self.restarts}
        for tier in self.tiers:
            kinds.update(tier.by)
        for pause in self.pauses:
            kinds.update((pause.begins, pause.ends))
        for extension in self.extensions:
            kinds.add(extension.event)
            if extension.requires:
                kinds.add(extension.requires)
        for delay in self.delays:
            kinds.update((delay.begins, delay.ends))
        if self.restart_approval is not None:
            kinds.add(self.restart_approval.event)
        return kinds

    def tier_named(self, code: str) -> Tier | None:
        return next((tier for tier in self.tiers if tier.code == code), None)


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the facts of a matter meet a condition: every named fact has one of the allowed values."""
    for name, allowed in condition:  # noqa: SIM110 — asked on every clock, and twice as quick as `all`
        if facts.get(name, "") not in allowed:
            return False
    return True


def among(ground: str, grounds: Collection[str]) -> bool:
    """Whether a ground on record is one of those the law allows, or several of them in one breath."""
    return ground in grounds or all(part in grounds for part in ground.split("、"))


class InvalidLimit(ValueError):
    """A catalogue row that cannot be a limit; `problems` holds (field, what is wrong) in Chinese."""

    def __init__(self, code: str, problems: list[tuple[str, str]]) -> None:
        super().__init__(f"{code}: " + "；".join(f"{name}：{text}" for name, text in problems))
        self.code = code
        self.problems = problems


_KNOWN = frozenset(
    """code family name field nature holder bound applies_to kinds when starts stops length unit start_counted
    satisfied_before concurrent tiers extensions ladder_in_order pauses delays restarts start_approvers restart_approval
    before_expiry_of after_expiry_of backward set_by_event rollover rollover_basis rollover_exception custody calendar
    law article text_version in_force_from in_force_until in_force_basis transition status ladder notes conflicts
    sources start_text
    end_text not_counted_text restart_text""".split()
)


_KNOWN_IN_TIER = frozenset("code length unit condition when by from_event total follows approvers grounds".split())
_KNOWN_IN_EXTENSION = frozenset("event length unit times approvers ground grounds requires article".split())
_KNOWN_IN_INTERVAL = frozenset(("from", "to", "name", "article"))
_KNOWN_IN_DELAY = _KNOWN_IN_INTERVAL | {"approvers"}
_KNOWN_IN_RESTART = frozenset(("event", "days", "approvers", "article"))
_KNOWN_IN_APPROVER = frozenset(("level", "when"))


class FieldReader:
    """Reads fields of one mapping and collects what is wrong with them."""

    def __init__(self, row: Mapping[str, Any], prefix: str = "", problems: list[tuple[str, str]] | None = None) -> None:
        self.row = row
        self.prefix = prefix
        self.problems: list[tuple[str, str]] = [] if problems is None else problems

    def wrong(self, name: str, text: str) -> None:
        self.problems.append((self.prefix + name, text))

    def only(self, names: Collection[str]) -> None:
        """A misspelt field is refused, never passed over."""
        for name in self.row:
            if name not in names:
                near = get_close_matches(str(name), names, n=1)
                self.wrong(str(name), f"没有这个字段，是不是“{near[0]}”" if near else "没有这个字段")

    def text(self, name: str, *, required: bool = False) -> str:
        value = self.row.get(name)
        if value is None or value == "":
            if required:
                self.wrong(name, "必填")
            return ""
        if not isinstance(value, str):
            self.wrong(name, f"应为文字，现为 {value!r}")
            return ""
        return value

    def words(self, name: str) -> tuple[str, ...]:
        value = self.row.get(name)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
            self.wrong(name, "应为文字列表")
            return ()
        return tuple(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.row.get(name, default)
        if not isinstance(value, bool):
            self.wrong(name, f"应为 true 或 false，现为 {value!r}")
            return default
        return value

    def count(self, name: str, *, required: bool = False, least: int = 1) -> int | None:
        value = self.row.get(name)
        if value is None:
            if required:
                self.wrong(name, "必填")
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self.wrong(name, f"应为不小于 {least} 的整数，现为 {value!r}")
            return None
        return value

    def share(self, name: str) -> float | None:
        value = self.row.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
            self.wrong(name, f"应为大于 0 小于 1 的小数，现为 {value!r}")
            return None
        return float(value)

    def time_of_day(self, name: str) -> time:
        value = self.row.get(name)
        if value is None:
            return time.min
        try:
            return time.fromisoformat(str(value))
        except ValueError:
            self.wrong(name, f'不是钟点：{value!r}，应写成 "09:00"')
            return time.min

    def choice(self, name: str, kind: type[Choice], default: Choice) -> Choice:
        value = self.row.get(name)
        if value is None:
            return default
        try:
            return kind(value)
        except ValueError:
            self.wrong(name, f"应为 {'、'.join(kind)} 之一，现为 {value!r}")
            return default

    def day(self, name: str) -> date | None:
        value = self.row.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, datetime):
            self.wrong(name, "应为日期，不带时间")
            return None
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.wrong(name, f"不是日期：{value!r}，应写成 2026-01-31")
            return None

    def condition(self, name: str) -> Condition:
        value = self.row.get(name)
        if not value:
            return ()
        if not isinstance(value, Mapping):
            self.wrong(name, "应为“事实: 允许的值”")
            return ()
        pairs = []
        for fact, allowed in value.items():
            many = allowed if isinstance(allowed, list | tuple) else [allowed]
            pairs.append((str(fact), tuple(fact_text(one) for one in many)))
        return tuple(pairs)

    def rows(self, name: str) -> Iterable[tuple[int, "FieldReader"]]:
        value = self.row.get(name)
        if not value:
            return
        if not isinstance(value, list | tuple):
            self.wrong(name, "应为列表")
            return
        for number, entry in enumerate(value, 1):
            if not isinstance(entry, Mapping):
                self.wrong(f"{name}[{number}]", "应为一组字段")
                continue
            yield number, FieldReader(entry, f"{self.prefix}{name}[{number}].", self.problems)

    def approvers(self, name: str = "approvers") -> tuple[Approval, ...]:
        value = self.row.get(name)
        if not value:
            return ()
        found = []
        for entry in value if isinstance(value, list | tuple) else [value]:
            if isinstance(entry, str):
                found.append(Approval(entry))
            elif isinstance(entry, Mapping) and isinstance(entry.get("level"), str):
                inner = FieldReader(entry, f"{self.prefix}{name}.", self.problems)
                inner.only(_KNOWN_IN_APPROVER)
                found.append(Approval(entry["level"], inner.condition("when")))
            else:
                self.wrong(name, "应为审批层级代码，或 level 与 when")
        return tuple(found)


def fact_text(value: object) -> str:
    """How a fact is written for comparison: true and false as words, everything else as its text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def parse_limit(row: Mapping[str, Any]) -> Limit:
    """A catalogue row as a limit. Raises InvalidLimit with every field that is wrong, not only the first.

    Refuses what could not be computed: no start, no length where nothing gives the date, working days or a rollover
    without a calendar, a rollover in custody or on hours, an interval that runs from and to the same event, months on
    hours, a limit that counts from two things at once, a length that leaves the calendar; and every unknown field.
    """
    reader = FieldReader(row)
    reader.only(_KNOWN)
    code = reader.text("code", required=True)
    unit = reader.choice("unit", Unit, Unit.DAY)
    limit = Limit(
        code=code,
        family=reader.text("family") or family_of(code),
        name=reader.text("name", required=True),
        field_of_law=reader.text("field"),
        nature=reader.choice("nature", Nature, Nature.DUTY),
        holder=reader.text("holder"),
        bound=reader.text("bound") or "max",
        applies_to=reader.text("applies_to"),
        kinds=reader.words("kinds"),
        when=reader.condition("when"),
        starts=reader.words("starts"),
        stops=reader.words("stops"),
        length=reader.count("length"),
        unit=unit,
        start_counted=reader.flag("start_counted"),
        satisfied_before=reader.flag("satisfied_before"),
        concurrent=reader.flag("concurrent"),
        tiers=tuple(_tier(entry, unit) for _, entry in reader.rows("tiers")),
        extensions=tuple(_extension(entry, unit) for _, entry in reader.rows("extensions")),
        ladder_in_order=reader.flag("ladder_in_order", True),
        pauses=tuple(_pause(entry) for _, entry in reader.rows("pauses")),
        delays=tuple(_delay(entry) for _, entry in reader.rows("delays")),
        restarts=reader.words("restarts"),
        start_approvers=reader.approvers("start_approvers"),
        restart_approval=_restart_approval(reader),
        before_expiry_of=reader.text("before_expiry_of"),
        after_expiry_of=reader.text("after_expiry_of"),
        backward=reader.flag("backward"),
        set_by_event=reader.flag("set_by_event"),
        rollover=reader.choice("rollover", Rollover, Rollover.NONE),
        rollover_basis=reader.text("rollover_basis"),
        rollover_exception=reader.text("rollover_exception"),
        custody=reader.flag("custody"),
        calendar=reader.text("calendar"),
        law=reader.text("law", required=True),
        article=reader.text("article"),
        text_version=reader.text("text_version"),
        in_force_from=reader.day("in_force_from"),
        in_force_until=reader.day("in_force_until"),
        in_force_basis=reader.text("in_force_basis"),
        transition=reader.choice("transition", Transition, Transition.AT_START),
        status=reader.choice("status", Status, Status.VERIFIED),
        ladder=reader.text("ladder"),
        notes=reader.text("notes"),
        conflicts=tuple(_conflict(entry) for _, entry in reader.rows("conflicts")),
        sources=reader.words("sources"),
        start_text=reader.text("start_text"),
        end_text=reader.text("end_text"),
        not_counted_text=reader.words("not_counted_text"),
        restart_text=reader.words("restart_text"),
    )
    _cross_check(limit, reader)
    if reader.problems:
        raise InvalidLimit(code or "（无代码）", reader.problems)
    return limit


def parse_ladder(row: Mapping[str, Any]) -> Ladder:
    """A ladder row of the catalogue. Raises InvalidLimit with every field that is wrong.

    Refuses a lead in two units or in none, orange before yellow where the two can be compared, an order without its
    grade or days where they are written wrong, and a climb without its three lengths.
    """
    reader = FieldReader(row)
    reader.only(("code", "name", "counts", "from_length", "yellow", "orange", "red", "climbs"))
    reader.text("name", required=True)
    counts = reader.text("counts", required=True)
    if counts and counts not in ("day", "exact"):
        reader.wrong("counts", f"应为 day 或 exact，现为 {counts!r}")
    ladder = Ladder(
        code=reader.text("code", required=True),
        yellow=_lead(reader, "yellow"),
        orange=_lead(reader, "orange"),
        exact=counts == "exact",
        from_length=reader.count("from_length", least=0),
        said=(_said(reader, "yellow"), _said(reader, "orange"), _said(reader, "red")),
        climbs=_climbs(reader),
    )
    for unit in ("days", "workdays", "hours", "share"):
        early, late = getattr(ladder.yellow, unit), getattr(ladder.orange, unit)
        if early is not None and late is not None and late > early:
            reader.wrong("orange", "橙色不能早于黄色")
    if reader.problems:
        raise InvalidLimit(ladder.code or "（无代码）", reader.problems)
    return ladder


_LEADS = ("days", "workdays", "hours", "share", "since_start")
_SAYS = ("loud", "demands", "grade", "within")
# Longer than this nobody waits for an answer or for an order to be carried out.
_MOST_WORKDAYS = 60


def _lead(reader: FieldReader, name: str) -> Lead:
    value = reader.row.get(name)
    if not isinstance(value, Mapping):
        reader.wrong(name, "必填，写成 {days: 7}、{workdays: 2}、{hours: 6}、{share: 0.25} 或 {since_start: 7}")
        return Lead()
    inner = FieldReader(value, f"{name}.", reader.problems)
    inner.only((*_LEADS, "at", *_SAYS))
    if sum(value.get(unit) is not None for unit in _LEADS) != 1:
        reader.wrong(name, "days、workdays、hours、share、since_start 必须写一种，也只写一种")
    return Lead(
        days=inner.count("days", least=0),
        workdays=inner.count("workdays"),
        hours=inner.count("hours"),
        share=inner.share("share"),
        since_start=inner.count("since_start"),
        at=inner.time_of_day("at"),
    )


def _said(reader: FieldReader, name: str) -> Said:
    """What a level says and asks; red has no lead time, as it is the due moment itself."""
    value = reader.row.get(name)
    if value is None or not isinstance(value, Mapping):
        if value is not None and name == "red":
            reader.wrong(name, "应写成 {demands: order, grade: reminder, within: 3}")
        return Said()
    inner = FieldReader(value, f"{name}.", reader.problems)
    if name == "red":
        inner.only(_SAYS)
    demands = inner.text("demands")
    names = [demand.name.lower() for demand in Demand]
    if demands and demands not in names:
        inner.wrong("demands", f"应为 {'、'.join(names)} 之一，现为 {demands!r}")
        demands = ""
    grade = inner.text("grade") or GRADES[0]
    if grade not in GRADES:
        inner.wrong("grade", f"应为 {'、'.join(GRADES)} 之一，现为 {grade!r}")
        grade = GRADES[0]
    return Said(
        loud=inner.flag("loud") if value.get("loud") is not None else None,
        demands=Demand[demands.upper()] if demands else None,
        grade=grade,
        within=_workdays(inner, "within", value.get("within"), 3),
    )


def _climbs(reader: FieldReader) -> tuple[int, int, int]:
    value = reader.row.get("climbs")
    if value is None:
        return USUAL_CLIMBS
    if not isinstance(value, list | tuple) or len(value) != 3:
        reader.wrong("climbs", "应为三个数：无人答复几个工作日后到负责人、到法制民警、到局领导，如 [2, 2, 2]")
        return USUAL_CLIMBS
    head, legal, leader = (_workdays(reader, "climbs", one, 2) for one in value)
    return head, legal, leader


def _workdays(reader: FieldReader, name: str, value: Any, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_WORKDAYS:
        reader.wrong(name, f"应为 1 至 {_MOST_WORKDAYS} 的工作日数，现为 {value!r}")
        return default
    return value


def family_of(code: str) -> str:
    """The name all versions of a limit share: the code without its `_vYYYY` ending."""
    head, mark, tail = code.rpartition("_v")
    return head if head and mark and tail.isdigit() else code


def _tier(reader: FieldReader, unit: Unit) -> Tier:
    reader.only(_KNOWN_IN_TIER)
    return Tier(
        code=reader.text("code", required=True),
        length=reader.count("length", required=True) or 1,
        unit=reader.choice("unit", Unit, unit),
        condition=reader.text("condition"),
        when=reader.condition("when"),
        by=reader.words("by"),
        from_event=reader.flag("from_event"),
        total=reader.flag("total"),
        follows=reader.text("follows"),
        approvers=reader.approvers(),
        grounds=reader.words("grounds"),
    )


def _extension(reader: FieldReader, unit: Unit) -> Extension:
    reader.only(_KNOWN_IN_EXTENSION)
    unlimited = reader.row.get("times") == "unlimited"
    times = None if unlimited else (reader.count("times") or 1)
    return Extension(
        event=reader.text("event", required=True),
        length=reader.count("length", required=True) or 1,
        unit=reader.choice("unit", Unit, unit),
        times=times,
        approvers=reader.approvers(),
        ground=reader.text("ground"),
        grounds=reader.words("grounds"),
        requires=reader.text("requires"),
        article=reader.text("article"),
    )


def _conflict(reader: FieldReader) -> Conflict:
    reader.only(("about", "resolved", "basis"))
    return Conflict(*(reader.text(name, required=True) for name in ("about", "resolved", "basis")))


def _pause(reader: FieldReader) -> Pause:
    reader.only(_KNOWN_IN_INTERVAL)
    return Pause(*_interval(reader))


def _delay(reader: FieldReader) -> Delay:
    reader.only(_KNOWN_IN_DELAY)
    return Delay(*_interval(reader), reader.approvers())


def _restart_approval(reader: FieldReader) -> RestartApproval | None:
    value = reader.row.get("restart_approval")
    if value is None:
        return None
    if not isinstance(value, Mapping):
        reader.wrong("restart_approval", "应为一组字段")
        return None
    inner = FieldReader(value, "restart_approval.", reader.problems)
    inner.only(_KNOWN_IN_RESTART)
    if not reader.row.get("restarts"):
        reader.wrong("restart_approval", "没有重新起算的节点，不需要批准")
    return RestartApproval(
        event=inner.text("event", required=True),
        days=inner.count("days", required=True) or 1,
        approvers=inner.approvers(),
        article=inner.text("article"),
    )


def _interval(reader: FieldReader) -> tuple[str, str, str, str]:
    begins, ends = reader.text("from", required=True), reader.text("to", required=True)
    if begins and begins == ends:
        reader.wrong("to", "开始与结束不能是同一种节点")
    return begins, ends, reader.text("name"), reader.text("article")


def _cross_check(limit: Limit, reader: FieldReader) -> None:
    anchored = bool(limit.before_expiry_of or limit.after_expiry_of)
    if not limit.starts and not anchored and limit.status != Status.DRAFT:
        reader.wrong("starts", "没有起算节点")
    unsaid = reader.row.get("length") is None
    if unsaid and not limit.computable and limit.status != Status.DRAFT and limit.bound != "rule":
        reader.wrong("length", "没有长度，也没有由节点给出届满时间")
    _check_units(limit, reader)
    _check_anchor(limit, reader)
    if limit.in_force_from and limit.in_force_until and limit.in_force_until < limit.in_force_from:
        reader.wrong("in_force_until", "失效日早于施行日")
    if limit.bound not in ("max", "min", "rule"):
        reader.wrong("bound", f"应为 max、min、rule 之一，现为 {limit.bound!r}")
    codes = [tier.code for tier in limit.tiers]
    if len(set(codes)) != len(codes):
        reader.wrong("tiers", "档次代码重复")
    for number, tier in enumerate(limit.tiers, 1):
        if tier.follows and (tier.follows not in codes or tier.follows == tier.code):
            reader.wrong(f"tiers[{number}].follows", f"没有“{tier.follows}”这一档可在其后")


def _check_units(limit: Limit, reader: FieldReader) -> None:
    counted = {limit.unit, *(tier.unit for tier in limit.tiers)}
    units = counted | {step.unit for step in limit.extensions}
    if (Unit.WORKDAY in units or limit.rollover != Rollover.NONE) and not limit.calendar:
        reader.wrong("calendar", "按工作日计算或遇节假日顺延，必须写明日历")
    if limit.custody and limit.rollover != Rollover.NONE:
        # 刑事诉讼法(2018) 第一百零五条, 行政案件程序规定(2020) 第三十五条
        reader.wrong("rollover", "限制人身自由的期限至期满之日为止，不因节假日移动")
    if limit.rollover != Rollover.NONE and all(unit.exact for unit in counted):
        reader.wrong("rollover", "按小时、分钟计算的期限不顺延")
    for number, step in enumerate(limit.extensions, 1):
        for unit in counted:
            if not (step.unit.exact or step.unit is Unit.DAY if unit.exact else not step.unit.exact):
                reader.wrong(f"extensions[{number}].unit", f"按{unit.chinese}计算的期限不能延长若干{step.unit.chinese}")
    lengths = [("length", limit.length, limit.unit)]
    lengths += [(f"tiers[{n}].length", tier.length, tier.unit) for n, tier in enumerate(limit.tiers, 1)]
    lengths += [(f"extensions[{n}].length", step.length, step.unit) for n, step in enumerate(limit.extensions, 1)]
    for name, length, unit in lengths:
        if length is not None and length > _LONGEST[unit]:
            reader.wrong(name, f"不能超过一百年，现为{length}{unit.chinese}")


# A hundred years, so that no sum leaves the calendar.
_LONGEST = {
    Unit.MINUTE: 52_596_000,
    Unit.HOUR: 876_600,
    Unit.DAY: 36_525,
    Unit.WORKDAY: 25_000,
    Unit.MONTH: 1_200,
    Unit.YEAR: 100,
}


def _check_anchor(limit: Limit, reader: FieldReader) -> None:
    """What a limit counts from must be one thing, and a limit that counts back can only be moved by that."""
    if limit.before_expiry_of and limit.after_expiry_of:
        reader.wrong("after_expiry_of", "不能同时从另一期限的届满向前和向后计算")
    if limit.before_expiry_of or limit.after_expiry_of:
        for name, given in (("starts", limit.starts), ("restarts", limit.restarts)):
            if given:
                reader.wrong(name, "从另一期限的届满计算，不再另有起算节点")
        if limit.set_by_event:
            reader.wrong("set_by_event", "从另一期限的届满计算，不能又由节点给出届满时间")
    if not limit.backward:
        return
    if limit.after_expiry_of:
        reader.wrong("backward", "从另一期限的届满向后计算，不能又向前倒算")
    if limit.set_by_event:
        reader.wrong("backward", "届满时间由节点给出，不能又向前倒算")
    if not (limit.before_expiry_of or limit.starts):
        reader.wrong("backward", "向前倒算必须有一个日子可倒算")
    if limit.start_counted:
        reader.wrong("start_counted", "向前倒算的期限不计算开始的日")
    if limit.rollover == Rollover.FORWARD:
        reader.wrong("rollover", "须在某日之前做的事不能顺延，遇节假日只能提前")
    movers = (("pauses", bool(limit.pauses)), ("extensions", bool(limit.extensions)), ("delays", bool(limit.delays)))
    for name, moves in movers:
        if moves:
            reader.wrong(name, "向前倒算的期限只随它所倒算的日子移动")
