"""The next year is asked for from the first of November, and only whom it concerns."""

import pytest

from cases.changes.care import calendar_care
from cases.models import CalendarYear, Officer, WorkCalendar
from cases.roles import plan_roles
from tests.cases.factories import Bureau, make_case, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def may(legal_officer: Officer, catalogue: None) -> Officer:
    plan_roles()
    return legal_officer


@pytest.mark.parametrize(
    ("at", "years"),
    [
        ("2026-10-31 23:59", []),
        ("2026-11-01 00:00", [2027]),
        ("2026-12-31 23:59", [2027]),
        # The year itself has come and is still not in.
        ("2027-01-01 00:00", [2027]),
        ("2027-11-01 00:00", [2027, 2028]),
    ],
)
def test_a_year_is_missed_from_november_on(may: Officer, at: str, years: list[int]) -> None:
    assert [one.year for one in calendar_care(officer=may, at=moment(at))] == years


def test_a_year_that_is_in_is_not_missed(may: Officer) -> None:
    CalendarYear.objects.create(calendar=WorkCalendar.objects.get(), year=2027)

    assert calendar_care(officer=may, at=moment("2026-11-02")) == []


def test_a_calendar_that_no_limit_counts_by_is_nobodys_care(may: Officer) -> None:
    WorkCalendar.objects.create(code="moon", name="月历")

    assert [one.calendar.code for one in calendar_care(officer=may, at=moment("2026-11-02"))] == ["cn"]


def test_the_provisional_dates_are_those_the_officer_may_see(bureau: Bureau, may: Officer) -> None:
    make_case("A1", bureau.station, filed="2026-12-10")
    make_case("A2", bureau.other_station, filed="2026-12-10")
    make_case("A3", bureau.station, filed="2026-10-10")

    assert [str(one.provisional) for one in calendar_care(officer=may, at=moment("2026-12-20"))] == ["1"]


def test_who_may_not_load_a_year_is_not_reminded(officer: Officer, catalogue: None) -> None:
    plan_roles()

    assert calendar_care(officer=officer, at=moment("2026-11-02")) == []
