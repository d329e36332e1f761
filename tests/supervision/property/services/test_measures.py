"""What becomes of a measure, and what that does to its limits; every day literal, by article."""

from decimal import Decimal

import pytest

from cases.models import Clock, ClockState
from supervision.property import services
from supervision.property.models import CaseAmount, Item, PropertyStep
from supervision.property.services import PropertyRefused
from tests.cases.factories import day, moment
from tests.supervision.property.factories import AT, FROZEN, SEIZED, TAKEN, County, actions, found, take

pytestmark = pytest.mark.django_db

LATER = moment("2026-04-08 10:00")


def clock(item: Item, limit: str) -> Clock:
    return Clock.objects.get(matter=item.matter_id, limit__code=limit)


# -- approved afterwards -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "late", "left"),
    [("2026-03-11 08:59", False, set()), ("2026-03-11 09:01", True, {("authority", "late")})],
)
def test_what_was_taken_on_the_spot_is_approved_within_twenty_four_hours(
    county: County, at: str, late: bool, left: set[tuple[str, str]]
) -> None:
    """行政案件程序规定第五十六条。"""
    item = take(county, on_spot=True, approver="")

    item = services.report_measure(
        item=item, reported_at=moment(at), approver="county_leader", by=county.officer, at=LATER
    )

    assert clock(item, "adm_force_report_24h").late is late
    assert (item.approver, item.awaits_report) == ("county_leader", False)
    assert found(item) == left


def test_an_approval_given_afterwards_must_be_of_the_right_level_too(county: County) -> None:
    item = take(county, on_spot=True, approver="")

    services.report_measure(item=item, reported_at=AT, approver="station_head", by=county.officer, at=AT)

    assert found(item) == {("authority", "low_approver")}


def test_only_what_was_taken_on_the_spot_is_reported_and_once(county: County) -> None:
    with pytest.raises(PropertyRefused, match="不是当场"):
        services.report_measure(item=take(county), reported_at=AT, approver="county_leader", by=county.officer, at=AT)
    item = take(county, "扣2", on_spot=True, approver="")
    item = services.report_measure(item=item, reported_at=AT, approver="county_leader", by=county.officer, at=AT)
    with pytest.raises(PropertyRefused, match="已经补办"):
        services.report_measure(item=item, reported_at=AT, approver="county_leader", by=county.officer, at=AT)


# -- lengthened ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("in_crime", "known", "limit", "approver", "major", "due"),
    [
        (False, SEIZED, "prop_adm_seizure_30d", "county_leader", False, "2026-05-09"),
        (False, FROZEN, "prop_adm_freeze_30d", "county_leader", False, "2026-05-09"),
        (True, FROZEN, "prop_crim_freeze_6m", "county_leader", False, "2027-03-10"),
        (True, FROZEN, "prop_crim_freeze_6m", "city_bureau", True, "2027-09-10"),
    ],
)
def test_a_measure_is_lengthened_by_its_own_event(
    county: County, in_crime: bool, known: services.Known, limit: str, approver: str, major: bool, due: str
) -> None:
    """行政强制法第二十五条、第三十二条；刑事程序规定第二百四十三条。2026-05-09 是补班的周六，不顺延。"""
    item = take(county, known=known, case=county.crime if in_crime else county.case)

    services.extend_measure(
        item=item, on=day("2026-04-07"), document="延 1 号", approver=approver, major=major, by=county.officer, at=LATER
    )

    assert clock(item, limit).due_on == day(due)
    assert actions(item)[-1] == "extended"


def test_registered_evidence_and_criminal_seizure_are_not_lengthened(county: County) -> None:
    told = {"on": day("2026-03-10"), "document": "延 1 号", "approver": "county_leader", "by": county.officer, "at": AT}

    for item in (take(county, measure="registered"), take(county, "扣2", case=county.crime)):
        with pytest.raises(PropertyRefused, match="没有延长的规定"):
            services.extend_measure(item=item, **told)  # type: ignore[arg-type]


def test_lengthening_needs_a_document_and_somebody_who_approved(county: County) -> None:
    item = take(county)

    for document, approver, says in (
        ("", "county_leader", "文书号"),
        ("延 1 号", "", "批准层级"),
        ("延 1 号", "x", "不在目录里"),
    ):
        with pytest.raises(PropertyRefused, match=says):
            services.extend_measure(
                item=item, on=day("2026-03-10"), document=document, approver=approver, by=county.officer, at=AT
            )  # fmt: skip


# -- found unrelated, given back, disposed of ----------------------------------------------------------------------------


@pytest.mark.parametrize(("known", "limit"), [(SEIZED, "prop_crim_release_3d"), (FROZEN, "prop_crim_unfreeze_3d")])
def test_what_is_unrelated_is_given_back_within_three_days(county: County, known: services.Known, limit: str) -> None:
    """刑事诉讼法第一百四十五条，刑事程序规定第二百三十三条、第二百四十七条；2026-03-12 起三日，15 日是周日，顺延到 16 日。"""
    item = take(county, known=known, case=county.crime)

    item = services.note_unrelated(item=item, on=day("2026-03-12"), reason="系其亲属的", by=county.officer, at=LATER)

    assert clock(item, limit).due_on == day("2026-03-16")
    item = services.return_item(item=item, ended_at=LATER, text="退还清单 1 号", by=county.officer, at=LATER)
    assert (clock(item, limit).state, clock(item, limit).late) == (ClockState.STOPPED, True)
    assert item.state == "returned"
    with pytest.raises(PropertyRefused, match="已经登记"):
        services.note_unrelated(item=item, on=day("2026-03-12"), reason="重复", by=county.officer, at=LATER)


@pytest.mark.parametrize("verb", [services.return_item, services.dispose_item])
def test_an_item_that_ends_stops_its_ceiling(county: County, verb) -> None:  # type: ignore[no-untyped-def]
    item = take(county)

    item = verb(item=item, ended_at=LATER, text="清单 1 号", by=county.officer, at=LATER)

    assert (clock(item, "prop_adm_seizure_30d").state, item.is_held) == (ClockState.STOPPED, False)
    item.matter.refresh_from_db()
    assert item.matter.closed_at == LATER
    with pytest.raises(PropertyRefused, match="不能"):
        verb(item=item, ended_at=LATER, text="清单 2 号", by=county.officer, at=LATER)


def test_what_ends_says_how_and_not_before_it_was_taken(county: County) -> None:
    item = take(county)

    with pytest.raises(PropertyRefused, match="结果和文书"):
        services.return_item(item=item, ended_at=LATER, text=" ", by=county.officer, at=LATER)
    with pytest.raises(PropertyRefused, match="早于采取措施"):
        services.return_item(
            item=item, ended_at=moment("2026-03-09 09:00"), text="清单", by=county.officer, at=LATER
        )  # fmt: skip


def test_what_he_may_not_see_he_does_nothing_with(county: County) -> None:
    with pytest.raises(PropertyRefused, match="看不到"):
        services.return_item(item=take(county), ended_at=AT, text="清单", by=county.sibling, at=AT)


# -- the amount at issue -------------------------------------------------------------------------------------------------


def test_the_money_that_goes_beyond_the_amount_at_issue_is_found_in_the_order_it_was_frozen(county: County) -> None:
    """行政强制法第二十九条：冻结数额应当与违法行为涉及的金额相当。"""
    first = take(county, "冻1", FROZEN)
    second = take(county, "冻2", FROZEN, taken_at=AT)
    assert found(first) == found(second) == set()

    services.note_amount(case=county.case, amount=Decimal(15_000), basis="审计报告", by=county.officer, at=AT)

    assert (found(first), found(second)) == (set(), {("amount", "over_amount")})


def test_what_was_frozen_earlier_and_entered_later_pushes_the_other_beyond(county: County) -> None:
    services.note_amount(case=county.case, amount=Decimal(15_000), basis="审计报告", by=county.officer, at=AT)
    later = take(county, "冻2", FROZEN, taken_at=AT)
    assert found(later) == set()

    earlier = take(county, "冻1", FROZEN)

    assert (found(earlier), found(later)) == (set(), {("amount", "over_amount")})


def test_what_is_unfrozen_no_longer_weighs(county: County) -> None:
    first, second = take(county, "冻1", FROZEN), take(county, "冻2", FROZEN, taken_at=AT)
    services.note_amount(case=county.case, amount=Decimal(15_000), basis="审计报告", by=county.officer, at=AT)

    services.return_item(item=first, ended_at=AT, text="解除冻结 1 号", by=county.officer, at=AT)

    assert found(second) == set()
    assert actions(second)[-1] == "lapsed"


def test_an_amount_noted_anew_holds_and_the_ledger_keeps_both(county: County) -> None:
    item = take(county, known=FROZEN)
    for amount, basis in ((5_000, "当事人陈述"), (20_000, "审计报告")):
        services.note_amount(case=county.case, amount=Decimal(amount), basis=basis, by=county.officer, at=AT)

    texts = PropertyStep.objects.filter(matter=county.case).order_by("pk").values_list("text", flat=True)
    assert list(texts) == ["5,000 元：当事人陈述", "20,000 元：审计报告"]
    assert CaseAmount.objects.get(matter=county.case).amount == 20_000
    assert found(item) == set()


def test_an_amount_says_where_it_comes_from(county: County) -> None:
    with pytest.raises(PropertyRefused, match="依据"):
        services.note_amount(case=county.case, amount=Decimal(1), basis=" ", by=county.officer, at=AT)
    with pytest.raises(PropertyRefused, match="小于零"):
        services.note_amount(case=county.case, amount=Decimal(-1), basis="陈述", by=county.officer, at=AT)
    with pytest.raises(PropertyRefused, match="看不到"):
        services.note_amount(case=county.case, amount=Decimal(1), basis="陈述", by=county.stranger, at=AT)


def test_taken_is_when_it_was_taken_and_not_when_it_was_entered(county: County) -> None:
    assert take(county, at=LATER).matter.opened_at == TAKEN
