"""The kinds of counting, each against literal dates."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from cases.statute import periods
from cases.statute.workdays import UnannouncedYear
from tests.statute.facts import CHINA, ROME, SHANGHAI, at


# article | start | length | zone | due | why
@pytest.mark.parametrize(
    ("start", "hours", "zone", "due", "why"),
    [
        ("2026-10-01 15:30", 48, SHANGHAI, "2026-10-03 15:30", "程序规定 47: runs through the holiday"),
        ("2026-05-01 22:10", 8, SHANGHAI, "2026-05-02 06:10", "治安法 97: over midnight"),
        ("2026-05-01 22:10:07", 24, SHANGHAI, "2026-05-02 22:10:07", "to the second"),
        ("2026-03-28 15:00", 24, ROME, "2026-03-29 16:00", "the night is an hour short"),
        ("2026-10-24 15:00", 24, ROME, "2026-10-25 14:00", "the night is an hour long"),
        ("2026-03-29 01:30", 1, ROME, "2026-03-29 03:30", "02:30 did not exist"),
    ],
)
def test_hours_run_by_the_clock_that_never_jumps(start: str, hours: int, zone: ZoneInfo, due: str, why: str) -> None:
    assert periods.add_hours(at(start, zone), hours) == at(due, zone), why


def test_an_hour_that_comes_twice_is_not_lost() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ROME)
    second = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ROME)

    assert periods.add_hours(first, 1) == second.astimezone(UTC)


def test_minutes_are_to_the_second_and_the_answer_is_in_universal_time() -> None:
    due = periods.add_minutes(at("2026-03-02 23:58:31"), 5)

    assert due == at("2026-03-03 00:03:31")
    assert due.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "days", "counted", "due", "why"),
    [
        ("2026-03-02", 30, False, "2026-04-01", "治安法 118: the day after filing is the first"),
        ("2026-09-20", 60, False, "2026-11-19", "信访条例 34"),
        ("2026-02-10", 3, False, "2026-02-13", "刑诉法 91"),
        ("2026-03-02", 20, True, "2026-03-21", "拘留所条例 32: the day of arrival is the first"),
        ("2026-03-02", 1, True, "2026-03-02", "one day, counted, is that day"),
    ],
)
def test_days(start: str, days: int, counted: bool, due: str, why: str) -> None:
    found = periods.add_days(date.fromisoformat(start), days, start_counted=counted)

    assert found == date.fromisoformat(due), why


@pytest.mark.parametrize(
    ("start", "days", "counted", "due", "why"),
    [
        ("2026-04-30", 7, False, "2026-05-13", "处罚法 56, 85: past the May holiday, 05-09 is worked"),
        ("2026-09-30", 5, False, "2026-10-13", "处罚法 64, 85: past the National Day, 10-10 is worked"),
        ("2026-05-02", 1, False, "2026-05-06", "from a day off"),
        ("2026-03-02", 1, True, "2026-03-02", "the start counted"),
        ("2026-05-02", 1, True, "2026-05-06", "the start counted, but it is a day off"),
    ],
)
def test_working_days(start: str, days: int, counted: bool, due: str, why: str) -> None:
    found = periods.add_working_days(date.fromisoformat(start), days, CHINA, start_counted=counted)

    assert found == date.fromisoformat(due), why


@pytest.mark.parametrize(
    ("start", "months", "due", "why"),
    [
        ("2026-03-02", 12, "2027-03-02", "the corresponding day"),
        ("2026-01-31", 1, "2026-02-28", "民法典 202: no such day, so the month's last"),
        ("2028-01-31", 1, "2028-02-29", "in a leap year"),
        ("2026-02-28", 1, "2026-03-28", "刑诉法解释 202 would say 03-31; the earlier is never late"),
        ("2026-12-31", 2, "2027-02-28", "over the year"),
        ("2026-03-31", -1, "2026-02-28", "backwards"),
        ("2026-01-15", -13, "2024-12-15", "backwards over the year"),
    ],
)
def test_months(start: str, months: int, due: str, why: str) -> None:
    assert periods.add_months(date.fromisoformat(start), months) == date.fromisoformat(due), why


@pytest.mark.parametrize(
    ("start", "months", "due", "why"),
    [
        ("2026-01-15", 1, "2026-02-14", "the day before the corresponding one"),
        ("2026-03-01", 1, "2026-03-31", "from a first to a last"),
        ("2026-01-31", 1, "2026-02-28", "no corresponding day: the month's last is within"),
        ("2026-03-30", 1, "2026-04-29", "the corresponding day is the month's last"),
        ("2026-01-01", 12, "2026-12-31", "a year"),
    ],
)
def test_months_with_the_start_counted_end_a_day_sooner(start: str, months: int, due: str, why: str) -> None:
    assert periods.add_months(date.fromisoformat(start), months, start_counted=True) == date.fromisoformat(due), why


@pytest.mark.parametrize(
    ("start", "years", "counted", "due"),
    [
        ("2026-03-02", 2, False, "2028-03-02"),
        ("2024-02-29", 1, False, "2025-02-28"),
        ("2024-02-29", 4, False, "2028-02-29"),
        ("2026-03-02", 2, True, "2028-03-01"),
    ],
)
def test_years(start: str, years: int, counted: bool, due: str) -> None:
    found = periods.add_years(date.fromisoformat(start), years, start_counted=counted)

    assert found == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("day", "forward", "backward", "why"),
    [
        ("2026-05-16", "2026-05-18", "2026-05-15", "a Saturday"),
        ("2026-02-18", "2026-02-24", "2026-02-14", "in the Spring Festival; 02-14 is a worked Saturday"),
        ("2026-09-19", "2026-09-20", "2026-09-18", "a Saturday before a worked Sunday"),
        ("2026-04-01", "2026-04-01", "2026-04-01", "a working day stays"),
    ],
)
def test_a_last_day_off_is_rolled(day: str, forward: str, backward: str, why: str) -> None:
    assert periods.roll_forward(date.fromisoformat(day), CHINA) == date.fromisoformat(forward), why
    assert periods.roll_backward(date.fromisoformat(day), CHINA) == date.fromisoformat(backward), why


@pytest.mark.parametrize(
    "ask",
    [
        lambda: periods.add_working_days(date(2026, 12, 30), 5, CHINA),
        lambda: periods.roll_forward(date(2027, 1, 2), CHINA),
        lambda: periods.roll_backward(date(2024, 12, 28), CHINA),
        lambda: periods.working_days_before(date(2025, 1, 2), 3, CHINA),
    ],
)
def test_a_year_without_a_notice_is_refused_unless_a_provisional_answer_will_do(ask) -> None:
    with pytest.raises(UnannouncedYear):
        ask()


def test_the_start_is_not_counted_unless_the_law_counts_it() -> None:
    assert periods.add_days(date(2026, 3, 2), 1) == date(2026, 3, 3)
    assert periods.add_working_days(date(2026, 3, 2), 1, CHINA) == date(2026, 3, 3)
    assert periods.add_months(date(2026, 3, 2), 1) == date(2026, 4, 2)


def test_so_many_days_before_a_day_leave_that_day_out() -> None:
    # 刑事程序规定(2020) 第一百四十八条: 期限届满七日前
    assert periods.days_before(date(2026, 5, 10), 7) == date(2026, 5, 3)
    # 行政强制法(2012) 第五十一条, 第六十九条: 代履行三日前, in working days
    assert periods.working_days_before(date(2026, 5, 7), 3, CHINA) == date(2026, 4, 29)


@pytest.mark.parametrize(
    ("day", "zone", "starts", "ends"),
    [
        ("2026-04-01", SHANGHAI, "2026-03-31T16:00:00+00:00", "2026-04-01T16:00:00+00:00"),
        ("2026-03-29", ROME, "2026-03-28T23:00:00+00:00", "2026-03-29T22:00:00+00:00"),
        ("2026-10-25", ROME, "2026-10-24T22:00:00+00:00", "2026-10-25T23:00:00+00:00"),
    ],
)
def test_a_day_lies_between_its_midnights(day: str, zone: ZoneInfo, starts: str, ends: str) -> None:
    assert periods.start_of_day(date.fromisoformat(day), zone) == datetime.fromisoformat(starts)
    assert periods.end_of_day(date.fromisoformat(day), zone) == datetime.fromisoformat(ends)
