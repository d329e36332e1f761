"""Who sees which hand-over, and which of its lines."""

import pytest

from cases.models import BarringGround, Officer, Role
from cases.services import bar, end_post
from cases.tree import move_unit
from supervision.handovers.models import Handover
from supervision.handovers.queries import handovers_of, items_of, people_around, tallies, units_handing
from tests.cases.factories import day, make_officer
from tests.supervision.handovers.factories import AT, House, begin, carried, case


@pytest.fixture
def across(house: House) -> Handover:
    """The legal officer hands two cases to the station next door; one of them may not go there."""
    case(house, "A-1")
    barred = case(house, "A-2")
    bar(matter=barred, unit=house.bureau.sibling, ground=BarringGround.ACCUSED, by=None, at=AT)
    return carried(begin(house, by=house.legal, unit=house.bureau.sibling))


def seen(officer: Officer) -> list[str]:
    fresh = Officer.objects.get(pk=officer.pk)
    numbers = list(items_of(fresh).order_by("place").values_list("number", flat=True))
    assert handovers_of(fresh).exists() == bool(numbers)
    return numbers


def test_a_line_is_seen_where_it_lay_and_where_it_went(house: House, across: Handover) -> None:
    assert seen(house.head) == seen(house.legal) == seen(house.county.branch_officer) == ["A-1", "A-2"]
    # What stayed is none of the receiver's business.
    assert seen(house.next_door) == ["A-1"]
    for stranger in (house.county.stranger, house.taker, house.leaver):
        assert seen(stranger) == []
    assert seen(house.county.leader) == ["A-1", "A-2"]
    other = make_officer("100030", house.bureau.other_county, Role.LEGAL_OFFICER)
    administrators = [
        make_officer(f"90000{n}", house.bureau.county, role) for n, role in enumerate(Role.administrators())
    ]
    assert [seen(one) for one in (other, *administrators)] == [[]] * 4


def test_the_receiver_sees_what_he_received_and_only_while_he_holds_a_post(house: House) -> None:
    case(house, "A-1")
    carried(begin(house, to=house.taker))

    assert seen(house.taker) == ["A-1"] and seen(house.leaver) == []
    end_post(post=house.taker.posts.get(), until_on=day("2026-03-01"))
    assert seen(house.taker) == []


def test_what_has_not_moved_yet_is_seen_only_where_it_lies(house: House) -> None:
    case(house, "A-1")
    begin(house, by=house.legal, unit=house.bureau.sibling)

    assert seen(house.head) == ["A-1"] and seen(house.next_door) == []


def test_lines_are_counted_as_each_may_see_them(house: House, across: Handover) -> None:
    assert tallies(house.legal, [across]) == {across.pk: {"moved": 1, "kept": 1}}
    assert tallies(house.next_door, [across]) == {across.pk: {"moved": 1}}
    assert tallies(house.county.stranger, [across]) == {across.pk: {}}


def test_who_hands_over_does_so_in_his_unit_or_bureau(house: House) -> None:
    assert set(units_handing(house.head)) == {house.station}
    bureau = house.bureau
    county = {bureau.county, bureau.legal, bureau.station, bureau.sibling, house.county.branch}
    assert set(units_handing(house.legal)) == county
    city = make_officer("100031", bureau.city, Role.LEGAL_OFFICER)
    assert set(units_handing(city)) == county | {bureau.city, bureau.other_county, bureau.other_station}
    for nobody in (house.leaver, house.county.leader, house.county.branch_officer):
        assert not units_handing(nobody).exists()
    house.head.is_active = False
    assert not units_handing(house.head).exists()


def test_those_in_office_in_reach_are_offered_unless_they_are_too_many(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_officer("100040", house.station)
    make_officer("900009", house.station, Role.AUDITOR)

    assert people_around(house.head) == [house.leaver, house.taker, house.head]
    assert house.next_door in people_around(house.legal) and house.county.stranger not in people_around(house.legal)
    assert people_around(house.leaver) == []
    monkeypatch.setattr("supervision.handovers.queries.PEOPLE_OFFERED", 2)
    assert people_around(house.head) == []


def test_the_lines_of_a_unit_that_moved_are_seen_from_above_it_now(house: House) -> None:
    case(house, "A-1")
    carried(begin(house, to=house.taker))
    other = make_officer("100030", house.bureau.other_county, Role.LEGAL_OFFICER)
    assert seen(house.legal) == ["A-1"] and seen(other) == []

    move_unit(unit=house.station, parent=house.bureau.other_county, at=AT)

    assert seen(house.legal) == [] and seen(other) == ["A-1"] == seen(house.head)
