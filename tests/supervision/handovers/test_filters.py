"""The filter of the list."""

import pytest
from django.test import RequestFactory
from django.utils.http import urlencode

from cases.models import BarringGround, Officer
from cases.services import bar
from supervision.handovers.filters import HandoverFilter
from supervision.handovers.gathering import Asked
from supervision.handovers.queries import handovers_of
from tests.supervision.handovers.factories import AT, House, begin, carried, case


def narrowed(viewer: Officer, **asked: str) -> list[int]:
    request = RequestFactory().get(f"/handovers/?{urlencode(asked)}")
    request.user = viewer
    found = HandoverFilter(request.GET, handovers_of(viewer), request=request, at=AT)
    return list(found.rows.order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def three(house: House) -> list[int]:
    """One to the colleague, one next door that stays, and one of a colleague's that waits."""
    case(house, "A-1")
    first = carried(begin(house, to=house.taker, reason="retired"))
    barred = case(house, "A-2")
    bar(matter=barred, unit=house.bureau.sibling, ground=BarringGround.ACCUSED, by=None, at=AT)
    second = carried(begin(house, by=house.legal, unit=house.bureau.sibling))
    third = begin(house, by=house.legal, whose=Asked(officer=house.taker), to=house.head)
    return [first.pk, second.pk, third.pk]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [0, 1, 2]),
        ({"mine": "by"}, [1, 2]),
        ({"officer": "100002"}, [0, 2]),
        ({"officer": "没有此人"}, []),
        ({"state": "queued"}, [2]),
        ({"left": "1"}, [1]),
        ({"reason": "retired"}, [0]),
        ({"handed_after": "2026-03-02", "handed_before": "2026-03-02"}, [0, 1, 2]),
        ({"handed_before": "2026-03-01"}, []),
    ],
)
def test_the_list_is_narrowed(house: House, three: list[int], asked: dict[str, str], found: list[int]) -> None:
    assert narrowed(house.legal, **asked) == [three[n] for n in found]


def test_a_unit_is_found_where_things_lay_and_where_they_went(house: House, three: list[int]) -> None:
    assert narrowed(house.legal, unit=str(house.station.pk)) == three
    assert narrowed(house.legal, unit=str(house.bureau.sibling.pk)) == [three[1]]
    assert narrowed(house.taker, mine="to") == [three[0]]
