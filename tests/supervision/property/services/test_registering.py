"""Items entered when they are taken: which limits run, by which article, until which day, and what is refused.

The shipped catalogue; 2026-05-01 to 05 are days off.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from cases.desk.words import due_words
from cases.models import Clock, ClockState
from cases.services import open_matter, record_event
from supervision.property import services
from supervision.property.models import Item
from supervision.property.services import Known, PropertyRefused
from tests.cases.factories import moment
from tests.supervision.property.factories import AT, FROZEN, SEIZED, TAKEN, County, actions, found, take

pytestmark = pytest.mark.django_db

LAW = ["verified", "secondary"]


def running(item: Item) -> dict[str, str]:
    """The limits that run on an item, drafts left out, each with its last day or moment."""
    rows = Clock.objects.filter(matter=item.matter_id, state=ClockState.RUNNING, limit__status__in=LAW)
    return {one.limit.code: due_words(one) for one in rows.select_related("limit")}


@pytest.mark.parametrize(
    ("in_crime", "known", "limits", "why"),
    [
        (
            False, SEIZED, {"prop_adm_seizure_30d": "2026-04-09", "prop_handover_24h": "2026-03-11 09:00"},
            "扣押三十日（行政强制法第二十五条），移交二十四小时（行政案件程序规定第一百九十条）",
        ),
        (
            False, replace(SEIZED, measure="sealed", asset="real"), {"prop_adm_seizure_30d": "2026-04-09"},
            "查封三十日，没有移交（行政强制法第二十五条）",
        ),
        (
            False, replace(SEIZED, measure="registered"), {"prop_adm_register_7wd": "2026-03-19"},
            "七个工作日（行政处罚法第五十六条、第八十五条）",
        ),
        (
            False, replace(SEIZED, on_spot=True, approver=""),
            {
                "prop_adm_seizure_30d": "2026-04-09", "prop_handover_24h": "2026-03-11 09:00",
                "adm_force_report_24h": "2026-03-11 09:00",
            },
            "当场采取的二十四小时内补办（行政案件程序规定第五十六条）",
        ),
        (
            False, FROZEN, {"prop_adm_freeze_30d": "2026-04-09", "prop_adm_freeze_serve_3wd": "2026-03-13"},
            "冻结三十日（行政强制法第三十二条），三日交付决定书（第三十一条）",
        ),
        (True, SEIZED, {}, "刑事扣押法条无固定日数"),
        (True, FROZEN, {"prop_crim_freeze_6m": "2026-09-10"}, "六个月（刑事程序规定第二百四十三条）"),
        (
            True, replace(FROZEN, approver="city_bureau", major=True), {"prop_crim_freeze_6m": "2027-03-10"},
            "重大复杂案件一年（刑事程序规定第二百四十三条）",
        ),
        (
            True, replace(FROZEN, asset="securities"), {"prop_crim_freeze_securities_2y": "2028-03-10"},
            "证券二年（刑事程序规定第二百四十四条）",
        ),
        (
            True, replace(FROZEN, asset="listed", approver="province_bureau"),
            {"prop_crim_freeze_equity_6m": "2026-09-10"}, "股权六个月（刑事程序规定第二百四十五条）",
        ),
    ],
)  # fmt: skip
def test_taking_something_starts_its_limits(
    county: County, in_crime: bool, known: Known, limits: dict[str, str], why: str
) -> None:
    item = take(county, known=known, case=county.crime if in_crime else county.case)

    assert running(item) == limits, why


def test_an_item_belongs_to_the_unit_and_the_officer_of_its_case(county: County) -> None:
    item = take(county, by=county.legal)

    assert (item.matter.unit, item.matter.officer) == (county.station, county.officer)
    assert item.matter.parent == county.case
    assert (item.side, actions(item)) == ("administrative", ["registered"])


def test_a_clean_item_shows_no_excess(county: County) -> None:
    assert found(take(county)) == set()


def test_what_exceeds_is_found_as_it_is_entered(county: County) -> None:
    item = take(county, approver="department_head", owner="victim")

    assert found(item) == {("authority", "low_approver"), ("scope", "not_seizable")}
    assert actions(item) == ["registered", "found", "found"]


def test_something_taken_before_the_case_was_filed_is_found(county: County) -> None:
    item = take(county, case=county.crime, taken_at=moment("2026-02-28 09:00"))

    assert ("authority", "before_filing") in found(item)


def test_a_filing_that_was_struck_out_does_not_count(county: County) -> None:
    from cases.models import Event
    from cases.services import void_event

    wrong = Event.objects.get(matter=county.crime, kind__code="case_filed")
    void_event(event=wrong, reason="日期登记错误", by=county.officer, at=AT)
    record_event(
        matter=county.crime, kind="case_filed", occurred_at=moment("2026-02-20 09:00"), by=county.officer, at=AT
    )

    assert found(take(county, case=county.crime, taken_at=moment("2026-02-28 09:00"))) == set()


# -- refused -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (replace(SEIZED, taken_at=moment("2026-03-10 10:01")), "晚于现在"),
        (replace(SEIZED, asset="deposit"), "资金、证券、股权用冻结"),
        (replace(SEIZED, approver="nobody"), "不在目录里"),
        (replace(SEIZED, value=Decimal(-1)), "不能小于零"),
        (replace(SEIZED, quantity="长" * 201), "最多 200 个字"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(county: County, known: Known, says: str) -> None:
    with pytest.raises(PropertyRefused, match=says):
        take(county, known=known)

    assert not Item.objects.exists()
    assert not county.case.children.exists()


def test_evidence_is_not_registered_in_a_criminal_case(county: County) -> None:
    with pytest.raises(PropertyRefused, match="先行登记保存只用于行政案件"):
        take(county, measure="registered", case=county.crime)


def test_a_case_he_may_not_see_is_refused(county: County) -> None:
    with pytest.raises(PropertyRefused, match="看不到"):
        take(county, by=county.stranger)


def test_a_case_that_has_no_property_is_refused(county: County) -> None:
    visit = open_matter(kind="custody_visit", number="入1", unit=county.station, officer=county.officer)

    with pytest.raises(PropertyRefused, match="没有涉案财物"):
        take(county, case=visit)


def test_a_number_in_use_is_refused(county: County) -> None:
    take(county)

    with pytest.raises(PropertyRefused, match="扣1"):
        take(county)


# -- imported ------------------------------------------------------------------------------------------------------------


def imported(county: County, **fields: object):  # type: ignore[no-untyped-def]
    matter = open_matter(
        kind="seized_item", number="旧1", unit=county.station, officer=county.officer,
        **{"parent": county.case, **fields},  # type: ignore[arg-type]
    )  # fmt: skip
    record_event(matter=matter, kind="property_seized", occurred_at=TAKEN, by=None, at=AT)
    matter.refresh_from_db()
    return matter


def test_an_imported_item_is_described_and_keeps_its_events(county: County) -> None:
    matter = imported(county)

    item = services.describe_item(
        matter=matter, known=replace(SEIZED, approver="station_head"), by=county.officer, at=AT
    )

    assert matter.events.count() == 1
    assert found(item) == {("authority", "low_approver")}
    assert running(item) == {"prop_adm_seizure_30d": "2026-04-09"}


def test_an_imported_item_that_was_given_back_is_described_as_given_back(county: County) -> None:
    matter = imported(county)
    record_event(matter=matter, kind="property_returned", occurred_at=AT, by=None, at=AT)
    matter.refresh_from_db()

    item = services.describe_item(matter=matter, known=SEIZED, by=county.officer, at=AT)

    assert (item.state, item.ended_at, item.outcome) == ("returned", AT, "按事项节点：退还财物")


def test_an_item_is_described_once(county: County) -> None:
    matter = imported(county)
    services.describe_item(matter=matter, known=SEIZED, by=county.officer, at=AT)

    with pytest.raises(PropertyRefused, match="已经登记过"):
        services.describe_item(matter=matter, known=SEIZED, by=county.officer, at=AT)


def test_an_item_of_no_case_cannot_be_held_against_one(county: County) -> None:
    with pytest.raises(PropertyRefused, match="没有所属案件"):
        services.describe_item(matter=imported(county, parent=None), known=SEIZED, by=county.officer, at=AT)


def test_an_item_that_came_without_its_case_is_joined_to_one(county: County) -> None:
    matter = imported(county, parent=None)

    item = services.describe_item(matter=matter, known=SEIZED, case=county.crime, by=county.officer, at=AT)

    matter.refresh_from_db()
    assert (matter.parent, item.side) == (county.crime, "criminal")
    # 刑事扣押法条无固定日数，行政的三十日不再计
    assert running(item) == {}


def test_a_case_that_is_itself_a_part_is_refused(county: County) -> None:
    part = open_matter(
        kind="public_order_case", number="治9", unit=county.station, officer=county.officer, parent=county.case
    )

    with pytest.raises(PropertyRefused, match="不能作为"):
        services.describe_item(matter=imported(county, parent=None), known=SEIZED, case=part, by=county.officer, at=AT)


def test_only_a_seized_item_is_described(county: County) -> None:
    with pytest.raises(PropertyRefused, match="不是涉案财物"):
        services.describe_item(matter=county.case, known=SEIZED, by=county.officer, at=AT)
