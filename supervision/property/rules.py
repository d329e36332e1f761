"""The rules of property seized in a case (涉案财物): who must approve a measure, and what of an item exceeds the law.

No Django. Sums are in yuan. What the data cannot tell for certain is left to a person: `Found.computed` says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

MOST_TEXT: Final = 500


class Side(StrEnum):
    ADMINISTRATIVE = "administrative"
    CRIMINAL = "criminal"


class Measure(StrEnum):
    SEIZED = "seized"
    SEALED = "sealed"
    REGISTERED = "registered"
    FROZEN = "frozen"


class Asset(StrEnum):
    GOODS = "goods"
    REAL = "real"
    DEPOSIT = "deposit"
    SECURITIES = "securities"
    EQUITY = "equity"
    LISTED = "listed"


class Owner(StrEnum):
    SUSPECT = "suspect"
    VICTIM = "victim"
    THIRD = "third"
    OUTSIDER = "outsider"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """The four excesses (四超)."""

    AUTHORITY = "authority"
    SCOPE = "scope"
    AMOUNT = "amount"
    TIME = "time"


# What can lie in an account and be frozen there; everything else is seized or sealed.
FREEZABLE: Final = (Asset.DEPOSIT, Asset.SECURITIES, Asset.EQUITY, Asset.LISTED)
# Families of kinds of case, as the catalogue calls them.
FAMILIES: Final = {"行政": Side.ADMINISTRATIVE, "刑事": Side.CRIMINAL}


def side_of(family: str) -> Side | None:
    """Under which procedure a case of a family is handled; None where its property is none of ours."""
    return FAMILIES.get(family)


def suits(side: Side, measure: Measure, asset: Asset) -> bool:
    """Whether the procedure knows such a measure on such an asset: evidence is registered in administrative cases only
    (行政处罚法第五十六条), and only what lies in an account is frozen."""
    if (measure == Measure.FROZEN) != (asset in FREEZABLE):
        return False
    return not (measure == Measure.REGISTERED and side == Side.CRIMINAL)


# -- authority -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Authority:
    """Who must approve a measure at least, and by which article. An approval from `disputed` up to that level is one that
    the texts judge differently: a person decides."""

    approver: str
    citation: str
    disputed: str = ""


_ADMINISTRATIVE: Final = {
    Measure.SEIZED: Authority(
        "county_leader", "《治安管理处罚法》第一百零五条、《公安机关办理行政案件程序规定》第一百零七条"
    ),
    Measure.SEALED: Authority("county_leader", "《行政强制法》第十八条"),
    # The rules of the police name the head of the section, the law above them the head of the agency.
    Measure.REGISTERED: Authority("county_leader", "《行政处罚法》第五十六条", disputed="department_head"),
    Measure.FROZEN: Authority("county_leader", "《行政强制法》第三十条、第十八条"),
}
_FROZEN: Final = {
    Asset.EQUITY: Authority("city_bureau", "《公安机关办理刑事案件程序规定》第二百三十九条"),
    Asset.LISTED: Authority("province_bureau", "《公安机关办理刑事案件程序规定》第二百三十九条"),
}
_FROZEN_FUNDS: Final = Authority("county_leader", "《公安机关办理刑事案件程序规定》第二百三十九条")
_OF_VALUE: Final = Authority("county_leader", "《公安机关办理刑事案件程序规定》第二百二十八条")
# Whether the head of a station is the head of the section that handles the case, no text says.
_USUAL: Final = Authority("department_head", "《公安机关办理刑事案件程序规定》第二百二十八条", disputed="station_head")


def authority_for(
    side: Side, measure: Measure, asset: Asset, *, valuable: bool = False, on_spot: bool = False
) -> Authority | None:
    """Who must approve such a measure; None where whoever commands at the scene decides.

    `valuable`: of high value, or taking it may gravely disturb production or trade.
    """
    if side == Side.ADMINISTRATIVE:
        return _ADMINISTRATIVE[measure]
    if measure == Measure.FROZEN:
        return _FROZEN.get(asset, _FROZEN_FUNDS)
    if measure == Measure.SEALED or valuable:
        return _OF_VALUE
    # 公安机关办理刑事案件程序规定第二百二十八条：现场勘查或者搜查中需要扣押的，由现场指挥人员决定
    return None if on_spot else _USUAL


@dataclass(frozen=True, slots=True)
class Rank:
    """A level that approves: the line it belongs to, its rank in it, and what it is called."""

    line: str
    rank: int
    name: str


def outranks(given: Rank, needed: Rank) -> bool:
    """Whether an approval given is one of the level needed or above it in the same line."""
    return given.line == needed.line and given.rank >= needed.rank


# -- the four excesses ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Late:
    """A limit of an item that ran over: its clock, name and source, in words when it ended, and whether it is the duty
    to have a measure taken on the spot approved afterwards."""

    clock: int
    name: str
    citation: str
    due: str
    of_approval: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an item when it is looked at.

    `filed_at` is when the case was filed, where it was. `funds_before` is the sum of the money frozen earlier in the case
    and still held, `all_before` that of everything taken earlier and still held; `case_amount` the amount at issue.
    """

    side: Side
    measure: Measure
    asset: Asset
    owner: Owner
    taken_at: datetime
    approver: str = ""
    on_spot: bool = False
    valuable: bool = False
    necessity: bool = False
    held_elsewhere: bool = False
    value: Decimal | None = None
    funds_before: Decimal = Decimal(0)
    all_before: Decimal = Decimal(0)
    case_amount: Decimal | None = None
    filed_at: datetime | None = None
    late: tuple[Late, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One excess: which, by which rule of ours, what was seen, by which article, and what is ordered to be put right.

    `computed` ones follow from the data alone; the others are put before a person to judge. `rule` names a finding for
    good: an item has one of each.
    """

    kind: Kind
    rule: str
    text: str
    citation: str
    problem: str
    computed: bool
    clock: int | None = None


def excesses(facts: Facts, ranks: Mapping[str, Rank]) -> list[Found]:
    """Everything about an item that exceeds the law, or may; `ranks` are the levels of the catalogue by code."""
    return [*_of_authority(facts, ranks), *_of_scope(facts), *_of_amount(facts), *_of_time(facts)]


def _of_authority(facts: Facts, ranks: Mapping[str, Rank]) -> list[Found]:
    found = []
    # 公安机关办理刑事案件程序规定第一百七十四条：立案前不得查封、扣押、冻结被调查对象的财产
    if facts.side == Side.CRIMINAL and facts.filed_at is not None and facts.taken_at < facts.filed_at:
        found.append(
            Found(
                Kind.AUTHORITY, "before_filing", "采取措施早于立案", "《公安机关办理刑事案件程序规定》第一百七十四条",
                "property_over_authority", computed=True,
            )
        )  # fmt: skip
    needed = authority_for(
        facts.side, facts.measure, facts.asset, valuable=facts.valuable, on_spot=facts.on_spot
    )  # fmt: skip
    if needed is None or needed.approver not in ranks:
        return found
    given, least = ranks.get(facts.approver), ranks[needed.approver]
    if given is None:
        # In an administrative case what was taken on the spot is approved within twenty-four hours: that duty has a clock.
        if not (facts.on_spot and facts.side == Side.ADMINISTRATIVE):
            found.append(
                Found(
                    Kind.AUTHORITY, "no_approver", f"没有记录批准人，应当由{least.name}批准", needed.citation,
                    "seizure_unapproved", computed=False,
                )
            )  # fmt: skip
    elif not outranks(given, least):
        disputed = needed.disputed in ranks and outranks(given, ranks[needed.disputed])
        found.append(
            Found(
                Kind.AUTHORITY, "low_approver", f"由{given.name}批准，应当由{least.name}批准", needed.citation,
                "property_over_authority", computed=not disputed,
            )
        )  # fmt: skip
    return found


def _of_scope(facts: Facts) -> list[Found]:
    """Nobody but a person can tell what belongs to a case: each of these is put before one."""
    criminal = facts.side == Side.CRIMINAL
    unrelated = "《刑事诉讼法》第一百四十一条" if criminal else "《行政强制法》第二十三条"
    found = []
    if facts.owner in (Owner.VICTIM, Owner.THIRD) and not criminal:
        found.append(("not_seizable", "被侵害人或者善意第三人合法占有的财产", "《治安管理处罚法》第一百零五条", "property_not_seizable"))  # fmt: skip
    elif facts.owner in (Owner.VICTIM, Owner.THIRD, Owner.OUTSIDER):
        found.append(("outsider", "不属于违法犯罪嫌疑人，是否与案件有关", unrelated, "property_over_scope"))
    if facts.necessity:
        # The criminal procedure has no article of its own: whether such things belong to the case is what is asked there.
        found.append(("necessity", "个人及其所扶养家属的生活必需品", unrelated, "property_over_scope"))
    if facts.held_elsewhere:
        frozen = facts.measure == Measure.FROZEN
        twice = "《刑事诉讼法》第一百四十四条" if criminal else f"《行政强制法》第二十{'九' if frozen else '三'}条"
        found.append(("twice", "已被其他国家机关依法查封、冻结，是否重复", twice, "property_over_scope"))
    return [Found(Kind.SCOPE, rule, text, cited, problem, computed=False) for rule, text, cited, problem in found]


def _of_amount(facts: Facts) -> list[Found]:
    # 行政强制法第二十九条：冻结存款、汇款的数额应当与违法行为涉及的金额相当
    cited = (
        "公安部《关于规范办理刑事案件适用资金冻结措施的若干规定》（2024年，条号未核）"
        if facts.side == Side.CRIMINAL
        else "《行政强制法》第二十九条"
    )
    frozen = facts.measure == Measure.FROZEN
    if facts.value is None:
        if not frozen:
            return []
        return [Found(Kind.AMOUNT, "no_amount", "没有记录冻结数额", cited, "property_over_amount", computed=False)]
    if facts.case_amount is None:
        return []
    funds = frozen and facts.asset == Asset.DEPOSIT
    before = facts.funds_before if funds else facts.all_before
    if before + facts.value <= facts.case_amount:
        return []
    # Money is counted; what other things are worth is an estimate, and what serves as evidence is not held to a sum.
    what = "本案冻结资金合计" if funds else "本案查封、扣押、冻结合计"
    text = f"{what} {money(before + facts.value)} 元，涉案金额 {money(facts.case_amount)} 元"
    return [Found(Kind.AMOUNT, "over_amount", text, cited, "property_over_amount", computed=funds)]


def _of_time(facts: Facts) -> list[Found]:
    found = []
    overlong = "freeze_overlong" if facts.measure == Measure.FROZEN else "seizure_overlong"
    for one in facts.late:
        if one.of_approval:
            text = f"当场采取措施，{one.due} 前没有补办批准手续"
            kind, problem = Kind.AUTHORITY, "seizure_unapproved"
        else:
            text, kind, problem = f"{one.name}，届满 {one.due}", Kind.TIME, overlong
        found.append(Found(kind, f"late:{one.clock}", text, one.citation, problem, computed=True, clock=one.clock))
    return found


def money(sum_of: Decimal) -> str:
    """Yuan with separators, and the fen only where there are any: 12,000 or 12,000.50."""
    return f"{sum_of:,.2f}".removesuffix(".00")


# -- what should have been released --------------------------------------------------------------------------------------


class Reason(StrEnum):
    """Why an item that is still held should be released."""

    UNRELATED = "unrelated"
    EXPIRED = "expired"
    CASE_ENDED = "case_ended"


def reasons_to_release(
    *, side: Side, unrelated: bool, release_late: bool, expired: bool, case_ended: bool
) -> list[tuple[Reason, str]]:
    """Why an item still held should have been released, each with its article.

    `release_late`: the limit that runs from finding it unrelated is over; an administrative case has none, there it is to
    be given back at once.
    """
    found = []
    criminal = side == Side.CRIMINAL
    if unrelated and (release_late or not criminal):
        # 公安机关办理行政案件程序规定第一百一十五条：立即退还；刑事程序规定第二百三十三条、第二百四十七条：三日
        article = (
            "《公安机关办理刑事案件程序规定》第二百三十三条、第二百四十七条"
            if criminal
            else "《公安机关办理行政案件程序规定》第一百一十五条"
        )
        found.append((Reason.UNRELATED, article))
    if expired:
        # 行政强制法第二十八条第四项：期限已经届满的，应当及时解除；刑事冻结逾期视为自动解除（第二百四十条）
        article = "《公安机关办理刑事案件程序规定》第二百四十条" if criminal else "《行政强制法》第二十八条"
        found.append((Reason.EXPIRED, article))
    if case_ended and not criminal:
        # 行政案件程序规定第一百九十三条：作出处理决定时，应当对涉案财物一并作出处理
        found.append((Reason.CASE_ENDED, "《公安机关办理行政案件程序规定》第一百九十三条"))
    return found
