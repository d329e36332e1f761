"""Periods: half-open local days, their neighbours and their names."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from supervision.evaluation.rules import periods
from supervision.evaluation.rules.periods import Period

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_a_month_begins_at_its_first_midnight_and_ends_at_the_next() -> None:
    march = periods.month_of(day("2026-03-17"))

    assert march.begins(SHANGHAI).isoformat() == "2026-03-01T00:00:00+08:00"
    assert march.ends(SHANGHAI).isoformat() == "2026-04-01T00:00:00+08:00"
    assert march.last_on == day("2026-03-31")


@pytest.mark.parametrize(
    ("written", "before", "a_year_before", "why"),
    [
        ("2026-03", "2026-02", "2025-03", "a month and the month before it"),
        ("2026-01", "2025-12", "2025-01", "over the turn of the year"),
        ("2026", "2025", "2025", "a year and the year before it, which is the year before it"),
        ("2026-04-01/2026-06-30", "2026-01-01/2026-03-31", "2025-04-01/2025-06-30", "a quarter, by months"),
        ("2026-03-02/2026-03-08", "2026-02-23/2026-03-01", "2025-03-02/2025-03-08", "a week, by days"),
        ("2028-02-29/2028-02-29", "2028-02-28/2028-02-28", "2027-02-28/2027-02-28", "a day that last year had not"),
        ("2025-02", "2025-01", "2024-02", "the whole of the leap February, not its first 28 days"),
    ],
)
def test_periods_have_the_neighbours_a_reader_expects(written: str, before: str, a_year_before: str, why: str) -> None:
    period = periods.read_period(written)

    assert periods.previous(period).code == before, why
    assert periods.year_before(period).code == a_year_before, why


@pytest.mark.parametrize(
    ("written", "after", "why"),
    [
        ("2026-03", "2026-04", "a month and the month after it"),
        ("2026-12", "2027-01", "over the turn of the year"),
        ("2026", "2027", "a year and the year after it"),
        ("2026-04-01/2026-06-30", "2026-07-01/2026-09-30", "a quarter, by months"),
        ("2026-02-23/2026-03-01", "2026-03-02/2026-03-08", "a week, by days"),
    ],
)
def test_a_period_is_followed_by_one_of_its_kind_which_has_it_before(written: str, after: str, why: str) -> None:
    period = periods.read_period(written)

    assert periods.following(period).code == after, why
    assert periods.previous(periods.following(period)) == period


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("2026-03", "2026年3月"),
        ("2026", "2026年"),
        ("2026-07-01/2026-09-30", "2026年第3季度"),
        ("2026-07-01/2026-12-31", "2026年下半年"),
        ("2026-02-01/2026-04-30", "2026年2月1日至2026年4月30日"),
        ("2026-03-09/2026-03-09", "2026年3月9日"),
    ],
)
def test_periods_say_their_name(written: str, name: str) -> None:
    assert periods.read_period(written).name == name


@pytest.mark.parametrize(
    "text", ["", "2026-13", "26", "2026-03-02/2026-03-01", "上个月", "2026-3", "9999-12", "2026-01-01/9999-12-31"]
)
def test_what_is_no_period_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="写成 2026"):
        periods.read_period(text)


def test_a_period_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="止日"):
        Period(day("2026-03-01"), day("2026-03-01"))


def test_a_year_consists_of_its_months() -> None:
    months = periods.year_of(day("2026-05-05")).each_month

    assert [one.code for one in months][:2] == ["2026-01", "2026-02"]
    assert len(months) == 12
    assert periods.week_of(day("2026-05-05")).each_month == ()
    assert periods.week_of(day("2026-05-05")) == periods.span(day("2026-05-04"), day("2026-05-10"))
