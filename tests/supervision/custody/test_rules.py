from datetime import datetime, timedelta

import pytest

from supervision.custody import rules
from supervision.custody.rules import Basis, Facts, Kind, Over, RoomKind, Stage
from tests.cases.factories import moment

NINE = moment("2026-03-10 09:00")
LEFT = moment("2026-03-10 13:00")


def at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def stage(kind: Kind, begins: int, ends: int | None, *, guarded: bool = True, recorded: bool = True) -> Stage:
    return Stage(kind, at(begins), None if ends is None else at(ends), guarded, recorded)


SEARCH, COLLECTION = stage(Kind.SEARCH, 0, 10), stage(Kind.COLLECTION, 10, 30)
ASKED = stage(Kind.QUESTIONING, 30, 240)
WHOLE = (SEARCH, COLLECTION, ASKED)


def facts(*stages: Stage, left: bool = True, **more: object) -> Facts:
    told: dict[str, object] = {
        "basis": Basis.INQUIRY, "case_kind": "public_order_case", "entered_at": NINE, "left_at": LEFT if left else None,
        "stages": stages, "family_told": True,
    }  # fmt: skip
    return Facts(**{**told, **more})  # type: ignore[arg-type]


def found(known: Facts, minutes: int = 240) -> set[str]:
    return {one.rule for one in rules.faults(known, at(minutes))}


@pytest.mark.parametrize(
    ("known", "wanted", "why"),
    [
        (facts(*WHOLE), set(), "每一环节都在"),
        (facts(COLLECTION, ASKED), {"no_search"}, "行政案件程序规定第五十三条"),
        (facts(SEARCH, ASKED), {"no_collection", "gap"}, "没有采集，二十分钟没有记录"),
        (facts(*WHOLE, examine=True), {"no_examination"}, "需要健康检查的"),
        (facts(*WHOLE, family_told=False), {"family_not_told"}, "治安管理处罚法第九十七条"),
        (facts(*WHOLE, family_told=False, basis=Basis.SUMMONS, case_kind="criminal_case"), set(), "第九十七条不管刑事"),
        (facts(left=False), {"gap"}, "还在区内的环节还可以来，但是入区以后什么也没有"),
        (facts(COLLECTION, stage(Kind.WAITING, 30, None), left=False), {"no_search"}, "检查应当在前"),
        (
            facts(stage(Kind.COLLECTION, 0, 10), stage(Kind.SEARCH, 10, 30), ASKED),
            {"search_late"},
            "检查不是第一个环节",
        ),
        (
            facts(stage(Kind.SOBERING, 0, 10), stage(Kind.SEARCH, 10, 20), COLLECTION, ASKED),
            set(),
            "先约束醒酒再检查",
        ),
        (facts(SEARCH, COLLECTION, stage(Kind.QUESTIONING, 30, 240, guarded=False)), {"unguarded"}, "询问没有人看管"),
        (facts(SEARCH, COLLECTION, stage(Kind.QUESTIONING, 30, 240, recorded=False)), {"not_recorded"}, "第九十七条"),
        (
            facts(SEARCH, COLLECTION, stage(Kind.QUESTIONING, 30, 240, recorded=False), case_kind="administrative_case"),
            set(),
            "第九十七条只管治安案件",
        ),
        (facts(SEARCH, COLLECTION, stage(Kind.QUESTIONING, 30, None, recorded=False), left=False), set(), "还在询问"),
    ],
)  # fmt: skip
def test_what_is_amiss_with_a_visit(known: Facts, wanted: set[str], why: str) -> None:
    assert found(known) == wanted, why


@pytest.mark.parametrize(
    ("begins", "gap"), [(24, False), (25, True)]
)  # fmt: skip
def test_fifteen_minutes_with_nothing_on_record_are_a_gap(begins: int, gap: bool) -> None:
    known = facts(SEARCH, stage(Kind.COLLECTION, begins, 40), stage(Kind.QUESTIONING, 40, 240))

    assert rules.gaps(known, LEFT) == ([(at(10), at(begins))] if gap else [])


def test_a_gap_goes_on_while_nothing_is_begun_and_is_said_so() -> None:
    known = facts(SEARCH, left=False)

    assert found(known, 24) == set()
    [one] = rules.faults(known, at(25))
    assert one.rule == "gap" and "现在仍没有" in one.text and not one.computed


def test_steps_that_overlap_cover_the_time_once() -> None:
    known = facts(stage(Kind.SEARCH, 0, 200), stage(Kind.COLLECTION, 10, 30), stage(Kind.QUESTIONING, 200, 240))

    assert rules.gaps(known, LEFT) == []


def test_a_limit_that_ran_over_is_named_with_its_clock_and_source() -> None:
    known = facts(*WHOLE, over=(Over(7, "治安传唤询问查证", "《治安管理处罚法》第九十七条", "2026-03-10 17:00"),))

    [one] = rules.faults(known, LEFT)

    assert (one.rule, one.clock, one.computed, one.problem) == ("over:7", 7, True, "inquiry_overlong")
    assert "2026-03-10 17:00" in one.text


@pytest.mark.parametrize(
    ("basis", "case_kind", "special", "hours", "article"),
    [
        (Basis.INQUIRY, "public_order_case", False, [12, 24], "治安管理处罚法第九十七条"),
        (Basis.INQUIRY, "administrative_case", False, [24], "行政案件程序规定第六十九条，没有十二小时一档"),
        (Basis.CONTINUED, "", False, [24, 48], "继续盘问规定第十一条"),
        (Basis.CONTINUED, "", True, [], "继续盘问规定第十条：四小时以内盘问完毕"),
        (Basis.SUMMONS, "criminal_case", False, [24], "刑事案件程序规定第二百条"),
        (Basis.COMPELLED, "criminal_case", False, [24], "刑事案件程序规定第八十条"),
    ],
)
def test_to_how_many_hours_a_stay_may_be_lengthened(
    basis: Basis, case_kind: str, special: bool, hours: list[int], article: str
) -> None:
    assert list(rules.extensions(basis, case_kind=case_kind, special=special)) == hours, article


@pytest.mark.parametrize(
    ("basis", "family", "fits"),
    [
        (Basis.INQUIRY, "行政", True), (Basis.INQUIRY, "刑事", False), (Basis.INQUIRY, "", False),
        (Basis.CONTINUED, "", True), (Basis.CONTINUED, "刑事", True), (Basis.SUMMONS, "刑事", True),
        (Basis.SUMMONS, "行政", False), (Basis.COMPELLED, "行政", False), (Basis.COMPELLED, "涉案财物", False),
    ],
)  # fmt: skip
def test_a_basis_fits_some_cases(basis: Basis, family: str, fits: bool) -> None:
    assert rules.suits(basis, family) is fits


def test_every_step_has_a_room_and_questioning_is_not_done_in_the_waiting_room() -> None:
    assert all(any(rules.may_use(room, kind) for room in RoomKind) for kind in Kind)
    assert not rules.may_use(RoomKind.WAITING, Kind.QUESTIONING)


@pytest.mark.parametrize(("name", "shown"), [("张三", "张*"), (" 欧阳锋 ", "欧*"), ("", "")])
def test_a_name_is_shown_by_its_first_character(name: str, shown: str) -> None:
    assert rules.masked(name) == shown


@pytest.mark.parametrize(
    ("reference", "identity"),
    [("11010119900101001X", True), ("110101900101001", True), ("手环 12", False), ("123456789012", False)],
)
def test_the_number_of_an_identity_card_is_known_by_its_look(reference: str, identity: bool) -> None:
    assert rules.is_identity(reference) is identity
