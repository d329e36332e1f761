"""The deadline calculator: one limit, a start and what happened since, answered by the same engine as the clocks.

The command, the page and the interface all call `calculate`. Days are `date`s; moments may be naive, and are then local
time of the matters the limit applies to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError

from cases.accounts import clock_json, limit_json, notices_of, questions_json, text_of
from cases.catalogue import Core, load_core
from cases.catalogue.answers import answers_standing
from cases.courses import read_ladder
from cases.models import ApproverLevel, EventKind, Ladder, Limit, MatterKind
from cases.services import CaseRefused
from cases.statute import limits as statute
from cases.statute.clocks import Clock, Rulebook, State
from cases.statute.events import Occurrence
from cases.statute.ladders import Ladder as StatuteLadder
from cases.statute.limits import Status, Transition
from cases.statute.questions import Standing, standing_on
from cases.statute.reckoning import ApproverLevel as StatuteApprover
from cases.statute.reckoning import Step
from cases.statute.workdays import WEEKDAY_NAMES
from cases.winding import calendars

UNKNOWN_LIMIT = "没有代码或者族名为“{code}”的时限{hint}"
NOT_COMPUTABLE = "“{name}”没有法定的长度，无法推算"
SET_BY_DOCUMENT = "“{name}”的届满由文书确定，请写明文书确定的日期（sets_on）或时刻（sets_at）"
NOT_IN_FORCE = "“{name}”在 {day} 没有施行的文本（{versions}）"
OTHER_VERSION = "{day} 起算的应适用“{other}”，不是“{code}”"
UNKNOWN_TIER = "“{name}”没有“{tier}”这一档，可用的有：{tiers}"
NO_TIERS = "“{name}”不分档"
UNKNOWN_EVENT = "“{name}”与节点“{kind}”无关，可用的有：{kinds}"
NOT_AN_INTERVAL = "节点“{kind}”在这一时限中不是一段时间的开始，请只写一个日期"
NOT_STARTED = "到 {on} 为止还没有起算"
CONDITION = "“{name}”只适用于 {condition}"
ENDS_BEFORE = "节点“{kind}”的结束早于开始"

NOT_VERIFIED = "这一时限尚未核实（草稿），不得作为法定上限"
SECOND_HAND = "这一时限的条文系转引，未读到全文"
BEFORE_START = "节点“{kind}”早于起算，没有计算"
DAY_AS_MIDNIGHT = "只有日期，按当日零时起算，是最早的读法"
PROVISIONAL = "届满日所在年份的放假安排尚未公布，日期只是暂定"
FROM_FOLDER = "数据库中还没有时限，按随附的目录推算"

ALWAYS = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
# What a limit tied to another's expiry is counted from when it stands alone.
EXPIRY = "expiry"


@dataclass(frozen=True, slots=True)
class Given:
    """Something taken as having happened: on a day or at a moment, with `until` also what ended it."""

    kind: str
    at: date | datetime
    until: date | datetime | None = None
    known: date | datetime | None = None
    approver: str = ""
    ground: str = ""
    tier: str = ""
    amount: int | None = None
    sets_on: date | None = None
    sets_at: datetime | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the calculator found: the limit that applies and its clock, with what a reader must know besides."""

    limit: statute.Limit
    clock: Clock
    zone: ZoneInfo
    warnings: tuple[datetime, datetime] | None
    cautions: tuple[str, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    standing: tuple[Standing, ...] = ()

    @property
    def steps(self) -> list[Step]:
        return self.clock.steps()

    def as_json(self) -> dict[str, Any]:
        """One JSON object; see `cases.accounts.clock_json` for the clock."""
        return {
            **limit_json(self.limit),
            **clock_json(self.clock, self.zone),
            "faults": [
                {
                    "code": fault.code,
                    "text": fault.text,
                    "event": self.names.get(fault.event, ""),
                    "refused": fault.refused,
                }
                for fault in self.clock.faults
            ],
            "warnings": {
                "yellow_at": self._moment(self.warnings[0] if self.warnings else None),
                "orange_at": self._moment(self.warnings[1] if self.warnings else None),
            },
            "cautions": list(self.cautions),
            "questions": questions_json(self.standing),
            "notes": self.limit.notes,
        }

    def _moment(self, value: datetime | None) -> str | None:
        return None if value is None else value.astimezone(self.zone).isoformat()

    @property
    def sentence(self) -> str:
        """The answer as one sentence for a document: from what day, how long, until when, under which text."""
        limit, clock = self.limit, self.clock
        text = text_of(limit)
        basis = f"依据{limit.citation}{f'（{text}）' if text else ''}"
        if clock.due_at is None:
            return f"{limit.name}暂停计算，恢复以后才能确定届满；{basis}。"
        due = self._words(clock.due_on or clock.due_at) + ("（暂定）" if clock.provisional else "")
        if limit.backward:
            return f"{limit.name}应于 {due} 以前办理完毕；{basis}。"
        begun = self._words(clock.started_at if clock.due_on is None else clock.reckoning.started_on)
        changed = "、".join(step.text for step in self.steps if step.kind in ("pause", "extension", "tier"))
        return f"{limit.name}自 {begun} 起算，{f'{changed}，' if changed else ''}至 {due} 届满；{basis}。"

    def lines(self) -> Iterator[str]:
        """The answer in words, line by line."""
        limit, clock = self.limit, self.clock
        yield f"{limit.name}（{limit.code}）"
        text = text_of(limit)
        yield f"依据：{limit.citation}{f'（{text}）' if text else ''}"
        for number, step in enumerate(self.steps, 1):
            yield f"  {number}. {step.text}：{self._words(step.after)}　{step.article}"
            if step.skipped:
                yield "     其中 " + "、".join(f"{day}（{why}）" for day, why in step.skipped)
        for notice in notices_of(clock):
            yield f"放假安排：{notice.text}{f'（{notice.notice}）' if notice.notice else ''}"
        yield f"届满：{self._due_words()}"
        if self.warnings is not None:
            yellow, orange = (f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}" for moment in self.warnings)
            yield f"预警：{yellow} 转黄，{orange} 转橙"
        yield f"状态：{_STATES[clock.state]}{'，已超期' if clock.late else ''}"
        for fault in clock.faults:
            yield f"{'不予计算' if fault.refused else '注意'}：{_about(self.names.get(fault.event, ''))}{fault.text}"
        for caution in self.cautions:
            yield f"注意：{caution}"
        for one in self.standing:
            yield f"待定：{one.note}"
        if limit.notes:
            yield f"说明：{limit.notes}"

    def _due_words(self) -> str:
        clock = self.clock
        if clock.due_on is not None:
            words = f"{clock.due_on}（{WEEKDAY_NAMES[clock.due_on.weekday()]}），当日结束前"
        elif clock.due_at is not None:
            words = f"{clock.due_at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"
        else:
            return "暂停计算，恢复后才能确定"
        return f"{words}（暂定）" if clock.provisional else words

    def _words(self, value: date | datetime) -> str:
        if isinstance(value, datetime):
            return f"{value.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"
        return f"{value}（{WEEKDAY_NAMES[value.weekday()]}）"


_STATES = {
    State.RUNNING: "计时中",
    State.PAUSED: "暂停",
    State.STOPPED: "已办结",
    State.RESTARTED: "已重新起算",
    State.MOOT: "不再需要",
}


def _about(name: str) -> str:
    return f"“{name}”" if name else ""


def calculate(
    limit_code: str,
    start: Given | date | datetime,
    *,
    on: date | datetime | None = None,
    tier: str = "",
    events: Sequence[Given] = (),
    facts: Mapping[str, str] | None = None,
    law: Core | None = None,
) -> Answer:
    """When a limit runs out that starts on a day or at a moment.

    `limit_code` is a code, or a family, of which the version in force on the start day answers. For a limit counted
    back from something the start is that thing: the expiry, the hearing. Only what had happened by `on` is known.
    Refuses an unknown limit, version, tier or event, and a fact the limit does not apply to.
    """
    core, cautions = (law, ()) if law is not None else law_in_force()
    return _Question(limit_code, core, cautions).answer(start, on, tier, events, dict(facts or {}))


class _Question:
    """One question put to one family of limits."""

    def __init__(self, code: str, law: Core, cautions: Sequence[str]) -> None:
        self.code = code
        self.law = law
        self.family = self._find()
        self.zone = law.zone_of(self.family[0])
        self.cautions = list(cautions)
        self.names: dict[int, str] = {}

    def _find(self) -> list[statute.Limit]:
        found = next((one.family for one in self.law.limits if one.code == self.code), self.code)
        versions = self.law.family(found)
        if not versions:
            known = sorted({name for one in self.law.limits for name in (one.code, one.family)})
            near = get_close_matches(self.code, known, n=3)
            hint = (
                f"，相近的有 {'、'.join(near)}" if near else "；如果目录还没有载入，请先运行 manage.py load_catalogue"
            )
            raise CaseRefused(UNKNOWN_LIMIT.format(code=self.code, hint=hint))
        return versions

    def answer(
        self,
        start: Given | date | datetime,
        on: date | datetime | None,
        tier: str,
        events: Sequence[Given],
        facts: dict[str, str],
    ) -> Answer:
        given = start if isinstance(start, Given) else Given("", start)
        limit = self._version(self._day(given.at))
        if not limit.computable:
            raise CaseRefused(NOT_COMPUTABLE.format(name=limit.name))
        if limit.length is None and given.sets_on is None and given.sets_at is None:
            raise CaseRefused(SET_BY_DOCUMENT.format(name=limit.name))
        self._check_tier(limit, tier or given.tier)
        facts = self._facts(limit, facts)
        first = self._occurrence(1, replace(given, kind=_start_kind(limit), tier=tier or given.tier))
        later = list(self._occurrences(limit, events, first))
        known_at = ALWAYS if on is None else self._end(on)
        versions = [_alone(one) for one in self.family]
        book = Rulebook(versions, self.law.calendars, self.zone, self.law.approvers)
        clocks = book.wind([first, *later], known_at, facts)
        if not clocks:
            raise CaseRefused(NOT_STARTED.format(on=on))
        clock = max(clocks, key=lambda one: (one.started_at, one.start.key))
        return self._said(clock, first)

    def _said(self, clock: Clock, first: Occurrence) -> Answer:
        limit = next(one for one in self.family if one.code == clock.limit.code)
        if limit.status is not Status.VERIFIED:
            self.cautions.append(NOT_VERIFIED if limit.status is Status.DRAFT else SECOND_HAND)
        if first.day_only and clock.reckoning.unit.exact:
            self.cautions.append(DAY_AS_MIDNIGHT)
        if clock.provisional:
            self.cautions.append(PROVISIONAL)
        ladder = self.law.ladder_for(limit, clock.tier)
        warnings = _warnings(clock, ladder) if ladder is not None else None
        standing = standing_on(limit, self.law.standing)
        return Answer(limit, clock, self.zone, warnings, tuple(self.cautions), self.names, standing)

    # -- which limit ---------------------------------------------------------------------------------------------

    def _version(self, day: date) -> statute.Limit:
        """The limit asked for by code, or the version of the family in force on `day`."""
        in_force = [one for one in self.family if one.in_force_on(day)]
        asked = next((one for one in self.family if one.code == self.code), None)
        if asked is not None and asked in in_force:
            return asked
        if not in_force:
            versions = "；".join(_span_of(one) for one in self.family)
            raise CaseRefused(NOT_IN_FORCE.format(name=self.family[0].name, day=day, versions=versions))
        if asked is not None:
            raise CaseRefused(OTHER_VERSION.format(day=day, other=in_force[0].code, code=asked.code))
        return in_force[0]

    @staticmethod
    def _check_tier(limit: statute.Limit, tier: str) -> None:
        if tier and limit.tier_named(tier) is None:
            if not limit.tiers:
                raise CaseRefused(NO_TIERS.format(name=limit.name))
            tiers = "、".join(f"{one.code}（{one.condition}）" for one in limit.tiers)
            raise CaseRefused(UNKNOWN_TIER.format(name=limit.name, tier=tier, tiers=tiers))

    @staticmethod
    def _facts(limit: statute.Limit, facts: dict[str, str]) -> dict[str, str]:
        """The facts given, and those that asking about this limit takes for granted."""
        for name, allowed in limit.when:
            if facts.setdefault(name, allowed[0]) not in allowed:
                condition = f"{name} 为 {'或'.join(one or '空' for one in allowed)}"
                raise CaseRefused(CONDITION.format(name=limit.name, condition=condition))
        return facts

    # -- what happened -------------------------------------------------------------------------------------------

    def _occurrences(self, limit: statute.Limit, events: Sequence[Given], first: Occurrence) -> Iterator[Occurrence]:
        heard = limit.kinds_heard() | {kind for one in self.family for kind in one.restarts}
        ends = dict(_intervals(limit))
        # A later text that also rules what is open when it comes into force may be the one that counts.
        for later in self.family:
            if later.transition is Transition.RUNNING and later is not limit:
                heard |= later.kinds_heard()
                ends |= dict(_intervals(later))
        key = 2
        for given in events:
            if given.kind not in heard:
                kinds = "、".join(f"{kind}（{self.law.event_names.get(kind, kind)}）" for kind in sorted(heard))
                raise CaseRefused(UNKNOWN_EVENT.format(name=limit.name, kind=given.kind, kinds=kinds))
            one = self._occurrence(key, given)
            yield one
            key += 1
            if one.day < first.day:
                self.cautions.append(BEFORE_START.format(kind=self.law.event_names.get(given.kind, given.kind)))
            if given.until is None:
                continue
            if given.kind not in ends:
                raise CaseRefused(NOT_AN_INTERVAL.format(kind=given.kind))
            until = self._occurrence(key, Given(ends[given.kind], given.until, reference=given.reference))
            if until.at < one.at:
                raise CaseRefused(ENDS_BEFORE.format(kind=given.kind))
            yield until
            key += 1

    def _occurrence(self, key: int, given: Given) -> Occurrence:
        self.names[key] = self.law.event_names.get(given.kind, "")
        at = self._begin(given.at)
        return Occurrence(
            key=key,
            kind=given.kind,
            at=at,
            day=self._day(given.at),
            known_at=at if given.known is None else self._begin(given.known),
            day_only=not isinstance(given.at, datetime),
            tier=given.tier,
            approver=given.approver,
            ground=given.ground,
            amount=given.amount,
            sets_at=None if given.sets_at is None else self._begin(given.sets_at),
            sets_on=given.sets_on,
            reference=given.reference,
        )

    def _day(self, when: date | datetime) -> date:
        return self._begin(when).astimezone(self.zone).date()

    def _begin(self, when: date | datetime) -> datetime:
        """The moment, or the midnight a day begins with."""
        if not isinstance(when, datetime):
            when = datetime.combine(when, time.min)
        return (when if when.tzinfo is not None else when.replace(tzinfo=self.zone)).astimezone(UTC)

    def _end(self, when: date | datetime) -> datetime:
        """The moment itself, or the last instant of a day."""
        if isinstance(when, datetime):
            return self._begin(when)
        return self._begin(when + timedelta(days=1)) - timedelta(microseconds=1)


def _warnings(clock: Clock, ladder: StatuteLadder) -> tuple[datetime, datetime] | None:
    """When yellow and orange begin. Counted back, the start is the far end: warnings then come before what is due."""
    due_at, reckoning = clock.due_at, clock.reckoning
    if due_at is None or not clock.limit.backward:
        return clock.warnings(ladder)
    begin = due_at - (reckoning.started_at - due_at)
    yellow, orange = (
        lead.before(start=begin, due_at=due_at, due_on=clock.due_on, zone=reckoning.zone, calendar=reckoning.calendar)
        for lead in (ladder.yellow, ladder.orange)
    )
    return yellow, max(yellow, orange)


def _intervals(limit: statute.Limit) -> Iterator[tuple[str, str]]:
    """The kinds of event that begin a stretch of time, each with the one that ends it."""
    yield from ((pause.begins, pause.ends) for pause in limit.pauses)
    yield from ((delay.begins, delay.ends) for delay in limit.delays)


def _start_kind(limit: statute.Limit) -> str:
    return limit.starts[0] if limit.starts else EXPIRY


def _alone(limit: statute.Limit) -> statute.Limit:
    """A limit that can be asked about by itself: a draft too, and one that hangs on another's expiry."""
    if limit.before_expiry_of or limit.after_expiry_of:
        limit = replace(limit, before_expiry_of="", after_expiry_of="", starts=(EXPIRY,))
    elif not limit.starts:
        limit = replace(limit, starts=(EXPIRY,))
    return replace(limit, status=Status.VERIFIED)


def _span_of(limit: statute.Limit) -> str:
    until = f"至{limit.in_force_until}" if limit.in_force_until else "起"
    return f"{limit.code} {limit.in_force_from or ''}{until}"


# -- the law ---------------------------------------------------------------------------------------------------------


def law_in_force() -> tuple[Core, tuple[str, ...]]:
    """The law as loaded; before anything is loaded, the catalogue that comes with the product, and a word of that."""
    try:
        rules = tuple(row.rule() for row in Limit.objects.all())
    except DatabaseError:
        rules = ()
    if not rules:
        return load_core(settings.ROOT / "seeds"), (FROM_FOLDER,)
    core = Core(
        limits=rules,
        calendars=calendars(),
        approvers={
            row.code: StatuteApprover(row.code, row.name, row.line, row.rank) for row in ApproverLevel.objects.all()
        },
        ladders={row.code: read_ladder(row) for row in Ladder.objects.all()},
        zones={row.code: ZoneInfo(row.zone) for row in MatterKind.objects.all()},
        event_names=dict(EventKind.objects.values_list("code", "name")),
        standing=tuple(answers_standing()),
    )
    return core, ()
