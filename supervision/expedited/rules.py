"""The rules of the expedited procedure (快速办理): which case may be handled by it, and what went wrong in one that was.

No Django. 公安机关办理行政案件程序规定第四十条至第四十八条. What the data cannot tell is asked of a person, and until he has
answered the rules say that it cannot be told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

MOST_TEXT: Final = 300
LAW: Final = "《公安机关办理行政案件程序规定》"
# The family of kinds of case that has the procedure, as the catalogue calls it.
FAMILY: Final = "行政"


class Fact(StrEnum):
    """What the eligibility of a case depends on."""

    ON_SPOT = "on_spot"
    CLEAR = "clear"
    ADMITS = "admits"
    UNDISPUTED = "undisputed"
    IMPAIRED = "impaired"
    MINOR = "minor"
    MENTAL = "mental"
    HEARING = "hearing"
    TEN_DAYS = "ten_days"
    UNSUITABLE = "unsuitable"


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """Whether a case may be handled by the procedure."""

    MAY = "may"
    MAY_NOT = "may_not"
    UNTOLD = "untold"


class Stand(StrEnum):
    """What a fact says: for the procedure, against it, or nothing as long as nobody has answered."""

    FOR = "for"
    AGAINST = "against"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing the law asks of a case: the question, the answer that speaks for the procedure, what the other one means in
    words, and the article."""

    fact: Fact
    question: str
    wanted: Answer
    against: str
    citation: str


_CONDITION: Final = f"{LAW}第四十条"
_EXCLUSION: Final = f"{LAW}第四十一条"

GROUNDS: Final = (
    Ground(Fact.ON_SPOT, "适用简易程序当场处罚", Answer.NO, "适用简易程序的，不用快速办理", _CONDITION),
    Ground(Fact.CLEAR, "事实清楚", Answer.YES, "事实还不清楚", _CONDITION),
    Ground(Fact.ADMITS, "违法嫌疑人自愿认错认罚", Answer.YES, "违法嫌疑人没有自愿认错认罚", _CONDITION),
    Ground(
        Fact.UNDISPUTED,
        "违法嫌疑人对违法事实和法律适用没有异议",
        Answer.YES,
        "违法嫌疑人对违法事实或者法律适用有异议",
        _CONDITION,
    ),
    Ground(Fact.IMPAIRED, "违法嫌疑人是盲、聋、哑人", Answer.NO, "违法嫌疑人是盲、聋、哑人", _EXCLUSION),
    Ground(Fact.MINOR, "违法嫌疑人是未成年人", Answer.NO, "违法嫌疑人是未成年人", _EXCLUSION),
    Ground(Fact.MENTAL, "违法嫌疑人是疑似精神病人", Answer.NO, "违法嫌疑人是疑似精神病人", _EXCLUSION),
    Ground(Fact.HEARING, "依法应当适用听证程序", Answer.NO, "依法应当适用听证程序", _EXCLUSION),
    Ground(Fact.TEN_DAYS, "可能作出十日以上行政拘留处罚", Answer.NO, "可能作出十日以上行政拘留处罚", _EXCLUSION),
    Ground(Fact.UNSUITABLE, "有其他不宜快速办理的情形", Answer.NO, "有其他不宜快速办理的情形", _EXCLUSION),
)
WRONG_FAMILY: Final = f"不是行政案件（{_CONDITION}）"

# Events that tell of a hearing, and of a penalty given on the spot.
_HEARING_EVENTS: Final = frozenset(
    {
        "hearing_right_told",
        "hearing_applied",
        "hearing_accepted",
        "hearing_scheduled",
        "hearing_notified",
        "hearing_held",
    }
)
_ON_SPOT_EVENTS: Final = frozenset({"onspot_penalty_made"})


def computed(events: Collection[str], facts: Mapping[str, object]) -> dict[Fact, Answer]:
    """What the record of a case tells by itself: `events` are the kinds that stand on it, `facts` what is noted of it.

    A case noted as concerning no minor has no suspect who is one. One noted as concerning a minor may concern a victim:
    that is left to a person.
    """
    told = {}
    if _HEARING_EVENTS & set(events):
        told[Fact.HEARING] = Answer.YES
    if _ON_SPOT_EVENTS & set(events):
        told[Fact.ON_SPOT] = Answer.YES
    if facts.get("minor") in (False, "false"):
        told[Fact.MINOR] = Answer.NO
    return told


@dataclass(frozen=True, slots=True)
class Weighed:
    """A ground with its answer; `computed` ones come from the record and are not asked."""

    ground: Ground
    answer: Answer
    computed: bool

    @property
    def stand(self) -> Stand:
        if self.answer == Answer.UNKNOWN:
            return Stand.MISSING
        return Stand.FOR if self.answer == self.ground.wanted else Stand.AGAINST


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a case may be handled by the procedure, with every ground for and against."""

    verdict: Verdict
    weighed: tuple[Weighed, ...]
    in_family: bool = True

    @property
    def against(self) -> list[str]:
        """Why it may not, each with its article."""
        found = [] if self.in_family else [WRONG_FAMILY]
        return found + [
            f"{one.ground.against}（{one.ground.citation}）" for one in self.weighed if one.stand == Stand.AGAINST
        ]

    @property
    def missing(self) -> list[str]:
        """What a person still has to say."""
        return [one.ground.question for one in self.weighed if one.stand == Stand.MISSING]


def weigh(family: str, stated: Mapping[Fact, Answer], known: Mapping[Fact, Answer]) -> Eligibility:
    """Weigh a case of a family: what the record tells (`known`) goes before what a person stated.

    One ground against is enough; only where there is none does a missing fact leave it open.
    """
    rows = []
    for ground in GROUNDS:
        answer = known.get(ground.fact, stated.get(ground.fact, Answer.UNKNOWN))
        rows.append(Weighed(ground, answer, ground.fact in known))
    stands = {row.stand for row in rows}
    if family != FAMILY or Stand.AGAINST in stands:
        verdict = Verdict.MAY_NOT
    else:
        verdict = Verdict.UNTOLD if Stand.MISSING in stands else Verdict.MAY
    return Eligibility(verdict, tuple(rows), family == FAMILY)


# -- what became of it ---------------------------------------------------------------------------------------------------


class State(StrEnum):
    """What became of a case handled by the procedure."""

    OPEN = "open"
    DECIDED = "decided"
    CONVERTED = "converted"
    CLOSED = "closed"


class Telling(StrEnum):
    """How the suspect was told of the rules of the procedure, and how he agreed."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    ORAL = "oral"


def state_of(
    decided_at: datetime | None, converted_at: datetime | None, closed_at: datetime | None
) -> tuple[State, datetime | None]:
    """What became of a case, and when: of a decision and a conversion the one that came first."""
    if decided_at is not None and (converted_at is None or decided_at <= converted_at):
        return State.DECIDED, decided_at
    if converted_at is not None:
        return State.CONVERTED, converted_at
    return (State.CLOSED, closed_at) if closed_at is not None else (State.OPEN, None)


# -- faults --------------------------------------------------------------------------------------------------------------


class Rule(StrEnum):
    """What can be wrong with a case handled by the procedure."""

    INELIGIBLE = "ineligible"
    UNCONVERTED = "unconverted"
    NO_CONSENT = "no_consent"
    OVERLONG = "overlong"


@dataclass(frozen=True, slots=True)
class Late:
    """The forty-eight hours of a case that ran over: the clock, its source, and its last moment in words."""

    clock: int
    citation: str
    due: str


@dataclass(frozen=True, slots=True)
class Record:
    """A case handled by the procedure as it stands. Moments are aware; `telling` is None where only the consent itself is on
    record, as in a case that was imported."""

    eligibility: Eligibility
    state: State
    ended_at: datetime | None = None
    consented_at: datetime | None = None
    telling: Telling | None = None
    late: Late | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One fault: by which rule of ours, what was seen, by which article, and the clock it is about."""

    rule: Rule
    text: str
    citation: str
    clock: int | None = None


def faults(record: Record) -> list[Found]:
    """Everything that is wrong with a case as it stands; each rule finds once."""
    found = []
    excluded = record.eligibility.verdict == Verdict.MAY_NOT
    reasons = "；".join(record.eligibility.against)
    if excluded and record.state in (State.DECIDED, State.CLOSED):
        cited = f"{LAW}第四十条、第四十一条"
        found.append(Found(Rule.INELIGIBLE, f"不符合条件而快速办理：{reasons}", cited))
    if excluded and record.state == State.OPEN:
        # 公安机关办理行政案件程序规定第四十八条：发现不适宜快速办理的，转为一般案件办理
        found.append(Found(Rule.UNCONVERTED, f"不再适宜快速办理，没有转为一般程序：{reasons}", f"{LAW}第四十八条"))
    if record.state == State.DECIDED and (lack := _lack_of_consent(record)):
        found.append(Found(Rule.NO_CONSENT, lack, f"{LAW}第四十二条"))
    if record.late is not None:
        text = f"违法嫌疑人到案后，{record.late.due} 前没有作出处理决定，也没有转为一般程序"
        found.append(Found(Rule.OVERLONG, text, record.late.citation, record.late.clock))
    return found


def _lack_of_consent(record: Record) -> str:
    """What is missing of the consent to a case that was decided; nothing where it holds."""
    # 公安机关办理行政案件程序规定第四十二条：书面告知、征得同意、签名确认，都在作出决定以前
    if record.consented_at is None:
        return "作出处理决定以前没有违法嫌疑人同意快速办理的记录"
    if record.ended_at is not None and record.consented_at > record.ended_at:
        return "违法嫌疑人同意快速办理的时间晚于作出处理决定"
    if record.telling == Telling.UNSIGNED:
        return "书面告知以后没有违法嫌疑人签名确认"
    if record.telling == Telling.ORAL:
        return "只是口头告知，没有书面告知和签名确认"
    return ""
