"""How many cases were closed, and how many of them by the procedure."""

import pytest
from pytest_django import DjangoAssertNumQueries

from supervision.expedited import services
from supervision.expedited.queries import Closed, closed_in
from tests.cases.factories import moment
from tests.supervision.expedited.factories import AT, County, a_case, agreed, applied, decided, happen

pytestmark = pytest.mark.django_db

BEGINS, ENDS = moment("2026-03-01"), moment("2026-04-01")


def test_closed_cases_are_counted_by_unit_with_all_below_at_once(
    county: County, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    decided(county, agreed(county, applied(county)), AT)
    converted = applied(county, a_case("治2", county.station, county.officer))
    services.convert_case(case=converted, converted_at=AT, why="有异议", by=county.officer, at=AT)
    elsewhere = a_case("治3", county.bureau.sibling, None)
    for matter in (county.case, converted.matter, elsewhere, county.crime):
        happen(matter, "case_closed", AT)
    units = [county.bureau.county, county.station, county.bureau.sibling]
    closed_in(county.legal, units, BEGINS, ENDS)

    # The first asks what the officer may see.
    with django_assert_num_queries(2):
        counted = closed_in(county.legal, units, BEGINS, ENDS)

    assert [counted[unit.pk] for unit in units] == [Closed(3, 1), Closed(2, 1), Closed(1, 0)]
    assert closed_in(county.legal, units, ENDS, moment("2026-05-01"))[county.station.pk] == Closed(0, 0)
    assert closed_in(county.stranger, units, BEGINS, ENDS)[county.station.pk] == Closed(0, 0)
