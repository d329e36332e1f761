"""March 2026 in a county small enough to check by hand: every figure, and every list behind one."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

import supervision.bulletins.rules as bulletins
from cases.models import Unit
from supervision.bulletins.counting import read_figures
from supervision.evaluation.checking import differing_lists
from supervision.evaluation.counting import count
from supervision.evaluation.models import Indicator, Side
from supervision.evaluation.queries import (
    adjusted_since,
    behind,
    figures_of,
    on_time_by_limit,
    spells_of,
    version_for,
    versions_for,
)
from supervision.evaluation.queries.showing import show_row
from supervision.evaluation.rates import Rate
from supervision.evaluation.services import freeze
from supervision.evaluation.sources import SOURCES
from supervision.evaluation.terms import read_term
from supervision.petitions.queries import distinct_complaints, repeat_share, resolution_share
from tests.cases.factories import SHANGHAI, moment, record
from tests.supervision.evaluation.county import LATER, MARCH, TAKEN, County, indicators, march

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def played(law: None, django_db_blocker: DjangoDbBlocker) -> Iterator[County]:
    """The county, played once for the file; every test's own changes are undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        indicators(minimum=1)
        county = march()
        with django_db_blocker.block():
            yield county
        transaction.set_rollback(True)


@pytest.fixture
def county(played: County, db: None) -> County:
    return played


# indicator, A, B, C, county: (numerator, denominator, shown); — where there is nothing
TABLE = (
    ("close_adm_cohort", (1, 2, "50.00%"), (1, 3, "33.33%"), (0, 0, "—"), (2, 5, "40.00%")),
    ("close_adm_stock", (2, 4, "50.00%"), (1, 3, "33.33%"), (0, 0, "—"), (3, 7, "42.85%")),
    ("expedited", (1, 2, "50.00%"), (1, 3, "33.33%"), (0, 0, "—"), (2, 5, "40.00%")),
    ("satisfaction", (8, 9, "88.88%"), (4, 4, "100.00%"), (0, 0, "—"), (12, 13, "92.30%")),
    ("negative", (1, 9, "11.11%"), (0, 4, "0.00%"), (0, 0, "—"), (1, 13, "7.69%")),
    ("complaint", (1, 42, "2.38%"), (1, 28, "3.57%"), (0, 0, "—"), (2, 70, "2.85%")),
    ("rectified_cohort", (1, 2, "50.00%"), (1, 2, "50.00%"), (0, 0, "—"), (2, 4, "50.00%")),
    ("rectified_on_time", (0, 1, "0.00%"), (1, 2, "50.00%"), (0, 0, "—"), (1, 3, "33.33%")),
    ("petition_resolved", None, None, None, (1, 3, "33.33%")),
)
CELLS = [
    (code, place, told)
    for code, *row in TABLE
    for place, told in zip(("a", "b", "c", "county"), row, strict=True)
    if told is not None
]


@pytest.mark.parametrize(("code", "place", "told"), CELLS)
def test_every_figure_of_the_county_is_what_was_counted_by_hand(
    county: County, code: str, place: str, told: tuple[int, int, str]
) -> None:
    unit: Unit = getattr(county, place)

    (cell,) = [cell for cell in figures_of(unit, MARCH, at=TAKEN) if cell.indicator.code == code]

    assert (cell.numerator, cell.denominator, cell.text) == told
    assert not cell.grey
    assert cell.provisional_reason == ""


@pytest.mark.parametrize(
    ("code", "place", "side", "names", "why"),
    [
        ("close_adm_cohort", "a", Side.DENOMINATOR, {"A2", "A3"}, "filed on the first moment of March and after"),
        ("close_adm_cohort", "a", Side.NUMERATOR, {"A2"}, "closed in the last second of March"),
        ("close_adm_cohort", "b", Side.DENOMINATOR, {"B1", "B2", "B3"}, "filed up to the last minute of March"),
        ("close_adm_cohort", "b", Side.NUMERATOR, {"B2"}, "B1 closed when April began"),
        ("close_adm_stock", "a", Side.DENOMINATOR, {"A1", "A2", "A3", "A4"}, "A1 and A4 were open when March began"),
        ("close_adm_stock", "a", Side.NUMERATOR, {"A1", "A2"}, "closed in March, whenever filed"),
        ("close_adm_stock", "b", Side.DENOMINATOR, {"B1", "B2", "B3"}, "B4 left in the last minute of February"),
        ("expedited", "county", Side.NUMERATOR, {"A3", "B2"}, "by the expedited procedure"),
    ],
)
def test_the_list_behind_a_number_names_its_cases(
    county: County, code: str, place: str, side: Side, names: set[str], why: str
) -> None:
    unit: Unit = getattr(county, place)
    indicator = version_for(unit, code, MARCH.begins_on)
    assert indicator is not None

    lists = behind(indicator, side, unit, MARCH, TAKEN)

    shown = [show_row(one.term.source, row).name for one in lists for row in one.rows]
    assert sorted(shown) == sorted(names), why


def test_the_lists_of_orders_leave_out_what_was_unfounded(county: County) -> None:
    indicator = version_for(county.county, "rectified_cohort", MARCH.begins_on)
    assert indicator is not None

    (issued,) = behind(indicator, Side.DENOMINATOR, county.county, MARCH, TAKEN)
    (verified,) = behind(indicator, Side.NUMERATOR, county.county, MARCH, TAKEN)

    number = {order.pk: name for name, order in county.orders.items()}
    assert {number[row.pk] for row in issued.rows} == {"O1", "O2", "O4", "O5"}
    assert {number[row.pk] for row in verified.rows} == {"O1", "O4"}


def test_every_figure_has_as_many_rows_on_its_list_as_it_says(county: County) -> None:
    units = [county.city, county.county, county.legal, county.a, county.b, county.c]

    cells = figures_of(units, MARCH, at=TAKEN)

    assert len(cells) > 100
    assert differing_lists(cells) == []


def test_the_figures_of_march_do_not_drift_when_time_goes_on(county: County) -> None:
    """O2 was verified and B1 closed in April, and neither is of March."""
    units = [county.county, county.a, county.b]

    then = [(cell.key, cell.rate) for cell in figures_of(units, MARCH, at=TAKEN)]
    later = [(cell.key, cell.rate) for cell in figures_of(units, MARCH, at=LATER)]

    assert then == later


def test_a_later_cutoff_asked_for_takes_in_what_came_since(county: County) -> None:
    assert county.rate("rectified_cohort", county.a, cutoff=LATER) == Rate(2, 2)
    assert county.rate("close_adm_cohort", county.b, cutoff=LATER) == Rate(2, 3)
    # What closed in April is no closing of March.
    assert county.rate("close_adm_stock", county.b, cutoff=LATER) == Rate(1, 3)


def test_a_month_that_still_runs_counts_as_far_as_now_and_says_so(county: County) -> None:
    half = figures_of(county.a, MARCH, at=TAKEN.replace(month=3, day=12))
    (cell,) = [cell for cell in half if cell.indicator.code == "close_adm_stock"]

    assert cell.rate == Rate(1, 4)
    assert cell.provisional_reason == "统计期未完，截至 2026-03-12 00:00"


def test_a_parent_adds_up_numbers_and_never_percentages(county: County) -> None:
    whole = {cell.indicator.code: cell.rate for cell in figures_of(county.county, MARCH, at=TAKEN)}
    below = [county.legal, county.a, county.b, county.c]

    for code, rate in whole.items():
        parts = [cell.rate for cell in figures_of(below, MARCH, at=TAKEN) if cell.indicator.code == code]
        assert sum(parts, Rate(0, 0)) == rate, code


def test_with_a_minimum_of_ten_nearly_all_are_grey(county: County) -> None:
    indicators_of_ten = [
        row for row in _first_versions(county) if row.code in {code for code, *_ in TABLE} - {"petition_resolved"}
    ]

    cells = figures_of([county.a, county.b, county.county], MARCH, at=TAKEN, indicators=indicators_of_ten)

    full = {(cell.unit.code, cell.indicator.code) for cell in cells if not cell.grey}
    assert full == {
        ("K", "satisfaction"),
        ("K", "negative"),
        ("KA", "complaint"),
        ("KB", "complaint"),
        ("K", "complaint"),
    }


def _first_versions(county: County) -> list[Indicator]:
    return versions_for([county.county], date(2025, 6, 1))[county.county.pk]


# -- held against what the rooms count themselves ------------------------------------------------------------------------


def test_petitions_and_complaints_are_counted_as_their_room_counts_them(county: County) -> None:
    begins, ends = MARCH.begins(SHANGHAI), MARCH.ends(SHANGHAI)

    resolved = resolution_share(county.county, begins=begins, ends=ends, cutoff=TAKEN)
    repeats = repeat_share(county.county, begins=begins, ends=ends)

    assert county.rate("petition_resolved", county.county) == Rate(resolved.numerator, resolved.denominator)
    assert county.rate("petition_repeat", county.county) == Rate(repeats.numerator, repeats.denominator) == Rate(0, 3)
    for unit in (county.a, county.b, county.county):
        complaints = county.rate("complaint", unit).numerator
        assert complaints == distinct_complaints(unit, begins=begins, ends=ends)


def test_clocks_are_counted_as_the_bulletins_count_them_limit_by_limit(county: County) -> None:
    """Stations have no restricted matters; of the county the bulletins leave out few, and so do these."""
    for unit in (county.a, county.b, county.county):
        theirs = read_figures(unit, bulletins.Period(MARCH.begins(SHANGHAI), MARCH.ends(SHANGHAI), TAKEN))
        on_time = theirs.all_clocks.on_time
        assert county.rate("on_time", unit) == Rate(on_time.numerator, on_time.denominator)


def test_limit_by_limit_the_clocks_add_up_to_all_of_them(county: County) -> None:
    indicator = version_for(county.county, "on_time", MARCH.begins_on)
    assert indicator is not None

    by_limit = on_time_by_limit(county.county, MARCH, at=TAKEN, indicator=indicator)

    assert sum(by_limit.values(), Rate(0, 0)) == county.rate("on_time", county.county)
    # A1 and A2, B1 and B2 were to be decided in 30 days; the incidents nobody sorted.
    assert by_limit["adm_accept_review_24h"].denominator >= 60 and by_limit["psa_case_30d"].denominator > 0


def test_how_long_cases_took_is_told_with_those_still_open(county: County) -> None:
    indicator = version_for(county.county, "duration", MARCH.begins_on)
    assert indicator is not None

    spells = spells_of([county.a, county.c, county.county], MARCH, at=TAKEN, indicator=indicator)

    told = sorted((round(days, 2), closed) for days, closed in spells[county.a.pk])
    assert told == [(21.62, False), (31.0, True)]
    assert spells[county.c.pk] == [] and len(spells[county.county.pk]) == 5


# -- frozen --------------------------------------------------------------------------------------------------------------


def test_a_filing_date_corrected_after_the_issue_is_told_in_the_next_and_changes_nothing_in_it(county: County) -> None:
    units = [county.county, county.a]
    freeze(edition="K 2026-03", units=units, period=MARCH, at=moment("2026-04-01 08:30"))
    case = county.cases["A2"]
    filed = case.events.get(kind__code="case_filed")

    record(case, "case_filed", "2026-02-28 10:00", at="2026-06-10 09:00", voids=filed)

    adjusted = {(row.unit.code, row.indicator.code): row for row in adjusted_since("K 2026-03")}
    cohort, stock = adjusted["KA", "close_adm_cohort"], adjusted["KA", "close_adm_stock"]
    assert (cohort.said, cohort.now) == (Rate(1, 2), Rate(0, 1))
    assert [shown.name for change in cohort.changes for shown in change.went] == ["A2", "A2"]
    # It was there when March began instead of coming in, and is counted as before.
    assert (stock.said, stock.now) == (Rate(2, 4), Rate(2, 4))
    assert [([one.name for one in change.came], [one.name for one in change.went]) for change in stock.changes] == [
        (["A2"], []),
        ([], ["A2"]),
    ]
    assert (adjusted["K", "complaint"].said, adjusted["K", "complaint"].now) == (Rate(2, 70), Rate(2, 69))
    assert ("K", "satisfaction") not in adjusted


@pytest.mark.parametrize("source", SOURCES)
def test_yes_and_no_to_a_condition_are_all_rows_of_the_county(county: County, source: str) -> None:
    for at in SOURCES[source].moments:
        everything = count(read_term({"source": source, "at": at}), county.county, MARCH, TAKEN)
        for name, condition in SOURCES[source].conditions.items():
            if condition.choices is None:
                parts = [
                    count(read_term({"source": source, "at": at, "where": {name: said}}), county.county, MARCH, TAKEN)
                    for said in (True, False)
                ]
                assert sum(parts) == everything, (at, name)
