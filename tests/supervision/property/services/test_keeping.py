"""Where property is kept: handed over in time or not, moved, and places opened and closed."""

import pytest

from cases.models import Clock, ClockState
from supervision.property import services
from supervision.property.models import Item, Place, PropertyStep
from supervision.property.queries import places_of
from supervision.property.services import PropertyRefused
from tests.cases.factories import moment
from tests.supervision.property.factories import AT, FROZEN, TAKEN, County, actions, take

pytestmark = pytest.mark.django_db

NEXT_DAY = moment("2026-03-11 12:00")


def handed(county: County, item: Item, at: str = "2026-03-10 20:00") -> Item:
    return services.hand_over(item=item, place=county.store, handed_at=moment(at), by=county.officer, at=NEXT_DAY)


@pytest.mark.parametrize(
    ("at", "late", "why"),
    [
        ("2026-03-11 08:59", False, "二十四小时内（行政案件程序规定第一百九十条）"),
        ("2026-03-11 09:01", True, "超过二十四小时"),
    ],
)
def test_handing_over_ends_the_twenty_four_hours(county: County, at: str, late: bool, why: str) -> None:
    item = handed(county, take(county), at)

    clock = Clock.objects.get(matter=item.matter_id, limit__code="prop_handover_24h")
    assert (clock.state, clock.late) == (ClockState.STOPPED, late), why
    assert (item.place, item.handed_over_at) == (county.store, moment(at))
    assert actions(item) == ["registered", "handed_over"]


def test_every_movement_says_from_where_to_where_and_why(county: County) -> None:
    item = handed(county, take(county))
    lab = services.add_place(unit=county.bureau.county, name="物证室", by=county.legal)

    services.move_item(item=item, place=lab, reason="送检", by=county.officer, at=NEXT_DAY)

    last = PropertyStep.objects.filter(matter=item.matter_id).latest("pk")
    assert (last.action, last.from_place, last.to_place, last.text) == ("moved", county.store, lab, "送检")
    assert item.place == lab


def test_what_is_frozen_is_not_handed_over(county: County) -> None:
    with pytest.raises(PropertyRefused, match="没有实物"):
        handed(county, take(county, known=FROZEN))


def test_it_is_handed_over_once_and_not_before_it_was_taken(county: County) -> None:
    item = take(county)

    with pytest.raises(PropertyRefused, match="早于采取措施"):
        handed(county, item, "2026-03-10 08:59")
    with pytest.raises(PropertyRefused, match="晚于现在"):
        handed(county, item, "2026-03-12 08:59")
    handed(county, item)
    with pytest.raises(PropertyRefused, match="已经移交"):
        handed(county, item)


def test_two_who_hand_it_over_at_once_do_it_once(county: County) -> None:
    seen_by_one, seen_by_other = take(county), Item.objects.select_related("matter__unit", "matter__kind").get()
    handed(county, seen_by_one)

    with pytest.raises(PropertyRefused, match="刚才已有人改动"):
        handed(county, seen_by_other)

    assert actions(seen_by_one) == ["registered", "handed_over"]


def test_it_is_not_moved_before_it_is_handed_over_nor_to_where_it_lies(county: County) -> None:
    item = take(county)

    with pytest.raises(PropertyRefused, match="还没有移交"):
        services.move_item(item=item, place=county.store, reason="调用", by=county.officer, at=NEXT_DAY)
    item = handed(county, item)
    with pytest.raises(PropertyRefused, match="没有改动"):
        services.move_item(item=item, place=county.store, reason="调用", by=county.officer, at=NEXT_DAY)


def test_a_store_of_another_county_keeps_nothing_of_this_one(county: County) -> None:
    other = services.add_place(unit=county.bureau.other_county, name="邻县库房", by=county.stranger)
    item = take(county)

    with pytest.raises(PropertyRefused, match="请另选"):
        services.hand_over(item=item, place=other, handed_at=TAKEN, by=county.officer, at=AT)


def test_what_is_no_longer_held_is_not_moved(county: County) -> None:
    item = handed(county, take(county))
    lab = services.add_place(unit=county.bureau.county, name="物证室", by=county.legal)
    item = services.return_item(item=item, ended_at=NEXT_DAY, text="退还清单 1 号", by=county.officer, at=NEXT_DAY)

    with pytest.raises(PropertyRefused, match="已解除、退还，不能变更保管场所"):
        services.move_item(item=item, place=lab, reason="送检", by=county.officer, at=NEXT_DAY)


# -- places --------------------------------------------------------------------------------------------------------------


def test_a_unit_calls_one_place_by_one_name(county: County) -> None:
    with pytest.raises(PropertyRefused, match="已有名为"):
        services.add_place(unit=county.bureau.county, name="县局财物管理中心", by=county.legal)


def test_a_place_of_a_unit_that_is_not_his_is_refused(county: County) -> None:
    with pytest.raises(PropertyRefused, match="不在您的范围内"):
        services.add_place(unit=county.station, name="库房", by=county.stranger)


def test_a_place_is_closed_when_it_is_empty_and_its_name_is_free_again(county: County) -> None:
    item = handed(county, take(county))
    with pytest.raises(PropertyRefused, match="还有 1 件财物"):
        services.close_place(place=county.store, by=county.legal, at=NEXT_DAY)
    assert Place.objects.filter(pk=county.store.pk, closed_at=None).exists()
    services.return_item(item=item, ended_at=NEXT_DAY, text="退还清单 1 号", by=county.officer, at=NEXT_DAY)

    closed = services.close_place(place=county.store, by=county.legal, at=NEXT_DAY)

    with pytest.raises(PropertyRefused, match="停用"):
        services.close_place(place=closed, by=county.legal, at=NEXT_DAY)
    with pytest.raises(PropertyRefused, match="停用"):
        services.hand_over(item=take(county, "扣2"), place=closed, handed_at=TAKEN, by=county.officer, at=AT)
    assert services.add_place(unit=county.bureau.county, name="县局财物管理中心", by=county.legal).pk != closed.pk


def test_a_station_keeps_in_its_own_place_or_in_one_of_its_county(county: County) -> None:
    own = services.add_place(unit=county.station, name="所内库房", by=county.head)
    services.add_place(unit=county.bureau.other_county, name="邻县库房", by=county.stranger)

    assert set(places_of(county.officer)) == {own, county.store}
