"""The four excesses as the rules find them: each on a planted item and none on a clean one; every row with its article."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from supervision.property.rules import (
    Asset,
    Facts,
    Kind,
    Late,
    Measure,
    Owner,
    Rank,
    Reason,
    Side,
    authority_for,
    excesses,
    money,
    outranks,
    reasons_to_release,
    side_of,
    suits,
)

TAKEN = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 11, tzinfo=UTC)
RANKS = {
    "station_head": Rank("police", 10, "派出所负责人"),
    "department_head": Rank("police", 20, "办案部门负责人"),
    "county_leader": Rank("police", 30, "县级公安机关负责人"),
    "city_bureau": Rank("police", 40, "设区的市级公安机关"),
    "province_bureau": Rank("police", 50, "省级公安机关"),
    "county_procuratorate": Rank("procuratorate", 30, "县级人民检察院"),
}
ADMINISTRATIVE = Facts(
    side=Side.ADMINISTRATIVE, measure=Measure.SEIZED, asset=Asset.GOODS, owner=Owner.SUSPECT, taken_at=TAKEN,
    approver="county_leader", value=Decimal(800), case_amount=Decimal(1000),
)  # fmt: skip
CRIMINAL = replace(ADMINISTRATIVE, side=Side.CRIMINAL, filed_at=datetime(2026, 3, 9, tzinfo=UTC))
FUNDS = replace(ADMINISTRATIVE, measure=Measure.FROZEN, asset=Asset.DEPOSIT)
CRIMINAL_FUNDS = replace(CRIMINAL, measure=Measure.FROZEN, asset=Asset.DEPOSIT)
OVERLONG = Late(7, "行政扣押、扣留、查封", "《行政强制法》第二十五条", "2026-04-09")
UNREPORTED = Late(8, "补办", "《公安机关办理行政案件程序规定》第五十六条", "2026-03-11 09:00", of_approval=True)


def changed(facts: Facts, **changes: Any) -> Facts:
    return replace(facts, **changes)


# -- clean ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (ADMINISTRATIVE, "县级公安机关负责人批准的扣押，治安管理处罚法第一百零五条"),
        (changed(ADMINISTRATIVE, measure=Measure.SEALED, asset=Asset.REAL), "查封，行政强制法第十八条"),
        (changed(ADMINISTRATIVE, measure=Measure.REGISTERED), "先行登记保存由县级负责人批准，行政处罚法第五十六条"),
        (changed(ADMINISTRATIVE, approver="", on_spot=True), "当场采取，还在二十四小时内，行政案件程序规定第五十六条"),
        (FUNDS, "冻结不超过涉案金额，行政强制法第二十九条"),
        (changed(FUNDS, funds_before=Decimal(200)), "正好等于涉案金额，不超过"),
        (changed(FUNDS, case_amount=None, value=Decimal(9_999_999)), "涉案金额没有登记，不能比对"),
        (changed(CRIMINAL, approver="department_head"), "办案部门负责人批准一般扣押，刑事程序规定第二百二十八条"),
        (changed(CRIMINAL, approver="", on_spot=True), "现场指挥人员决定，刑事程序规定第二百二十八条"),
        (changed(CRIMINAL, valuable=True), "价值较高的由县级负责人批准，刑事程序规定第二百二十八条"),
        (CRIMINAL_FUNDS, "冻结资金由县级负责人批准，刑事程序规定第二百三十九条"),
        (changed(CRIMINAL_FUNDS, asset=Asset.EQUITY, approver="city_bureau"), "股权由设区的市级批准，第二百三十九条"),
        (
            changed(CRIMINAL_FUNDS, asset=Asset.LISTED, approver="province_bureau"),
            "上市公司股权由省级批准，第二百三十九条",
        ),
        (changed(CRIMINAL_FUNDS, approver="province_bureau"), "级别高的可以代替级别低的"),
        (changed(CRIMINAL, filed_at=TAKEN), "立案当时采取的不早于立案，刑事程序规定第一百七十四条"),
        (changed(CRIMINAL, owner=Owner.UNKNOWN), "权属未查明，不能说不属于嫌疑人"),
    ],
)
def test_nothing_is_found_on_a_clean_item(facts: Facts, why: str) -> None:
    assert excesses(facts, RANKS) == [], why


# -- planted -------------------------------------------------------------------------------------------------------------


PLANTED: list[tuple[Facts, Kind, str, bool, str]] = [
        # 超权限
        (changed(ADMINISTRATIVE, approver="station_head"), Kind.AUTHORITY, "low_approver", True, "第一百零五条"),
        (changed(ADMINISTRATIVE, approver="department_head"), Kind.AUTHORITY, "low_approver", True, "第一百零七条"),
        (changed(ADMINISTRATIVE, approver=""), Kind.AUTHORITY, "no_approver", False, "第一百零五条"),
        (changed(ADMINISTRATIVE, approver="county_procuratorate"), Kind.AUTHORITY, "low_approver", True, "第一百零七条"),
        (changed(FUNDS, approver="department_head"), Kind.AUTHORITY, "low_approver", True, "《行政强制法》第三十条"),
        # 规章写办案部门负责人，法律写行政机关负责人：交人判断
        (
            changed(ADMINISTRATIVE, measure=Measure.REGISTERED, approver="department_head"),
            Kind.AUTHORITY, "low_approver", False, "《行政处罚法》第五十六条",
        ),
        (
            changed(ADMINISTRATIVE, measure=Measure.REGISTERED, approver="station_head"),
            Kind.AUTHORITY, "low_approver", True, "《行政处罚法》第五十六条",
        ),
        # 派出所负责人是不是办案部门负责人，条文没有写：交人判断
        (changed(CRIMINAL, approver="station_head"), Kind.AUTHORITY, "low_approver", False, "第二百二十八条"),
        (changed(CRIMINAL, approver="department_head", valuable=True), Kind.AUTHORITY, "low_approver", True, "第二百二十八条"),
        (
            changed(CRIMINAL, measure=Measure.SEALED, asset=Asset.REAL, approver="department_head"),
            Kind.AUTHORITY, "low_approver", True, "第二百二十八条",
        ),
        # 现场指挥人员不能决定价值较高的；刑事案件没有事后补办
        (changed(CRIMINAL, approver="", on_spot=True, valuable=True), Kind.AUTHORITY, "no_approver", False, "第二百二十八条"),
        (changed(CRIMINAL, filed_at=LATER), Kind.AUTHORITY, "before_filing", True, "第一百七十四条"),
        (changed(CRIMINAL_FUNDS, asset=Asset.EQUITY), Kind.AUTHORITY, "low_approver", True, "第二百三十九条"),
        (changed(CRIMINAL_FUNDS, asset=Asset.LISTED, approver="city_bureau"), Kind.AUTHORITY, "low_approver", True, "第二百三十九条"),
        (changed(ADMINISTRATIVE, on_spot=True, approver="", late=(UNREPORTED,)), Kind.AUTHORITY, "late:8", True, "第五十六条"),
        # 超范围
        (changed(ADMINISTRATIVE, owner=Owner.VICTIM), Kind.SCOPE, "not_seizable", False, "《治安管理处罚法》第一百零五条"),
        (changed(ADMINISTRATIVE, owner=Owner.THIRD), Kind.SCOPE, "not_seizable", False, "《治安管理处罚法》第一百零五条"),
        (changed(ADMINISTRATIVE, owner=Owner.OUTSIDER), Kind.SCOPE, "outsider", False, "《行政强制法》第二十三条"),
        (changed(CRIMINAL, owner=Owner.OUTSIDER), Kind.SCOPE, "outsider", False, "《刑事诉讼法》第一百四十一条"),
        (changed(ADMINISTRATIVE, necessity=True), Kind.SCOPE, "necessity", False, "《行政强制法》第二十三条"),
        (changed(CRIMINAL, necessity=True), Kind.SCOPE, "necessity", False, "《刑事诉讼法》第一百四十一条"),
        (changed(ADMINISTRATIVE, held_elsewhere=True), Kind.SCOPE, "twice", False, "《行政强制法》第二十三条"),
        (changed(FUNDS, held_elsewhere=True), Kind.SCOPE, "twice", False, "《行政强制法》第二十九条"),
        (changed(CRIMINAL_FUNDS, held_elsewhere=True), Kind.SCOPE, "twice", False, "《刑事诉讼法》第一百四十四条"),
        # 超数额
        (changed(FUNDS, funds_before=Decimal("200.01")), Kind.AMOUNT, "over_amount", True, "《行政强制法》第二十九条"),
        (changed(FUNDS, value=None), Kind.AMOUNT, "no_amount", False, "《行政强制法》第二十九条"),
        (changed(CRIMINAL_FUNDS, value=Decimal(1001)), Kind.AMOUNT, "over_amount", True, "冻结措施的若干规定"),
        (changed(ADMINISTRATIVE, all_before=Decimal(201)), Kind.AMOUNT, "over_amount", False, "《行政强制法》第二十九条"),
        # 超时限
        (changed(ADMINISTRATIVE, late=(OVERLONG,)), Kind.TIME, "late:7", True, "《行政强制法》第二十五条"),
    ]  # fmt: skip


@pytest.mark.parametrize(("facts", "kind", "rule", "computed", "article"), PLANTED)
def test_each_excess_is_found_on_a_planted_item_and_no_other(
    facts: Facts, kind: Kind, rule: str, computed: bool, article: str
) -> None:
    [one] = excesses(facts, RANKS)

    assert (one.kind, one.rule, one.computed) == (kind, rule, computed)
    assert article in one.citation


def test_several_excesses_of_one_item_are_all_found() -> None:
    facts = changed(
        FUNDS, approver="department_head", held_elsewhere=True, value=Decimal(1200), late=(OVERLONG,)
    )  # fmt: skip

    found = excesses(facts, RANKS)

    assert [one.kind for one in found] == [Kind.AUTHORITY, Kind.SCOPE, Kind.AMOUNT, Kind.TIME]


def test_what_was_frozen_too_long_is_ordered_otherwise_than_what_was_seized_too_long() -> None:
    [frozen] = excesses(changed(FUNDS, late=(OVERLONG,)), RANKS)
    [seized] = excesses(changed(ADMINISTRATIVE, late=(OVERLONG,)), RANKS)

    assert (frozen.problem, seized.problem) == ("freeze_overlong", "seizure_overlong")
    assert (frozen.clock, seized.clock) == (7, 7)


def test_a_level_the_catalogue_does_not_know_is_held_against_nobody() -> None:
    assert excesses(changed(ADMINISTRATIVE, approver="station_head"), {}) == []


def test_an_amount_is_told_with_both_sums() -> None:
    [one] = excesses(changed(FUNDS, funds_before=Decimal(11_200)), RANKS)

    assert one.text == "本案冻结资金合计 12,000 元，涉案金额 1,000 元"


# -- what measures there are ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "measure", "asset", "fits", "why"),
    [
        (Side.CRIMINAL, Measure.REGISTERED, Asset.GOODS, False, "先行登记保存只在行政处罚法第五十六条"),
        (Side.ADMINISTRATIVE, Measure.REGISTERED, Asset.GOODS, True, "行政处罚法第五十六条"),
        (Side.CRIMINAL, Measure.FROZEN, Asset.GOODS, False, "物品不能冻结，刑事诉讼法第一百四十四条"),
        (Side.CRIMINAL, Measure.SEIZED, Asset.DEPOSIT, False, "存款用冻结，刑事诉讼法第一百四十四条"),
        (Side.CRIMINAL, Measure.SEALED, Asset.REAL, True, "不动产用查封，刑事程序规定第二百二十八条"),
        (Side.ADMINISTRATIVE, Measure.FROZEN, Asset.DEPOSIT, True, "行政强制法第二十九条"),
    ],
)
def test_a_measure_suits_what_it_is_taken_on(side: Side, measure: Measure, asset: Asset, fits: bool, why: str) -> None:
    assert suits(side, measure, asset) is fits, why


def test_every_measure_that_suits_has_an_authority() -> None:
    for side in Side:
        for measure in Measure:
            for asset in Asset:
                if suits(side, measure, asset):
                    needed = authority_for(side, measure, asset)
                    assert needed is not None
                    assert needed.approver in RANKS


def test_only_administrative_and_criminal_cases_have_property() -> None:
    assert [side_of(family) for family in ("行政", "刑事", "信访")] == [Side.ADMINISTRATIVE, Side.CRIMINAL, None]


def test_a_level_of_another_line_outranks_nobody() -> None:
    assert not outranks(RANKS["county_procuratorate"], RANKS["station_head"])


# -- what should have been released --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "known", "reasons", "article"),
    [
        (Side.ADMINISTRATIVE, {}, [], ""),
        (Side.ADMINISTRATIVE, {"unrelated": True}, [Reason.UNRELATED], "第一百一十五条"),
        (Side.CRIMINAL, {"unrelated": True}, [], "三日内不算逾期，刑事诉讼法第一百四十五条"),
        (Side.CRIMINAL, {"unrelated": True, "release_late": True}, [Reason.UNRELATED], "第二百三十三条"),
        (Side.ADMINISTRATIVE, {"expired": True}, [Reason.EXPIRED], "《行政强制法》第二十八条"),
        (Side.CRIMINAL, {"expired": True}, [Reason.EXPIRED], "第二百四十条"),
        (Side.ADMINISTRATIVE, {"case_ended": True}, [Reason.CASE_ENDED], "第一百九十三条"),
        (Side.CRIMINAL, {"case_ended": True}, [], "由法院判决时处理"),
    ],
)
def test_what_should_have_been_released_says_why(
    side: Side, known: dict[str, bool], reasons: list[Reason], article: str
) -> None:
    nothing = {"unrelated": False, "release_late": False, "expired": False, "case_ended": False}

    found = reasons_to_release(side=side, **{**nothing, **known})

    assert [reason for reason, _ in found] == reasons
    assert all(article in cited for _, cited in found)


def test_money_is_written_with_separators_and_the_fen_only_where_there_are_any() -> None:
    assert [money(Decimal(one)) for one in ("12000", "12000.50", "0")] == ["12,000", "12,000.50", "0"]
