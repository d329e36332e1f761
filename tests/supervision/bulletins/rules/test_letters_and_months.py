"""Months, lateness and the life of a letter, as tables with literal answers."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.statute.workdays import Calendar, SpecialDay
from cases.statute.working_time import WorkingHours, WorkingTime
from supervision.bulletins import rules
from supervision.bulletins.rules import (
    CLAIMABLE,
    REQUEUABLE,
    LetterState,
    Month,
    Period,
    Span,
    Verdict,
    overrun,
    period_of,
    verdict_on,
    wait_after,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc, arg-type]


# -- months ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "first", "last", "previous", "following"),
    [
        ("2026-03-31", "2026-03-01", "2026-03-31", "2026-02-01", "2026-04-01"),
        ("2026-01-01", "2026-01-01", "2026-01-31", "2025-12-01", "2026-02-01"),
        ("2026-12-15", "2026-12-01", "2026-12-31", "2026-11-01", "2027-01-01"),
        ("2028-02-29", "2028-02-01", "2028-02-29", "2028-01-01", "2028-03-01"),
    ],
)
def test_a_month_knows_its_days_and_neighbours(day: str, first: str, last: str, previous: str, following: str) -> None:
    month = Month.of(date.fromisoformat(day))

    answers = (month.first, month.last, month.previous.first, month.following.first)
    assert [str(answer) for answer in answers] == [first, last, previous, following]


def test_a_month_is_named_by_its_first_day_only() -> None:
    with pytest.raises(ValueError, match="第一天"):
        Month(date(2026, 3, 2))


@pytest.mark.parametrize(
    ("at", "cutoff", "over"),
    [
        (local(2026, 4, 1, 8, 30), local(2026, 4, 1), True),
        (local(2026, 4, 1), local(2026, 4, 1), True),
        (local(2026, 7, 1), local(2026, 4, 1), True),
        (local(2026, 3, 31, 23, 59, 59), local(2026, 3, 31, 23, 59, 59), False),
        (datetime(2026, 3, 31, 15, 59, tzinfo=UTC), local(2026, 3, 31, 23, 59), False),
        (local(2026, 2, 1), local(2026, 3, 1), False),
    ],
)
def test_a_month_that_is_over_is_counted_to_its_end_and_one_that_runs_to_now(
    at: datetime, cutoff: datetime, over: bool
) -> None:
    period = period_of(Span.of_month(Month(date(2026, 3, 1))), zone=SHANGHAI, at=at)

    assert period == Period(local(2026, 3, 1), local(2026, 4, 1), cutoff)
    assert period.over is over


@pytest.mark.parametrize(
    ("first", "until", "name", "short"),
    [
        ("2026-03-01", "2026-04-01", "2026年3月", "3月"),
        ("2026-03-02", "2026-03-09", "2026年3月2日至8日", "3月2日至8日"),
        ("2026-03-30", "2026-04-06", "2026年3月30日至4月5日", "3月30日至4月5日"),
        ("2026-12-28", "2027-01-04", "2026年12月28日至2027年1月3日", "12月28日至2027年1月3日"),
        ("2026-03-06", "2026-03-07", "2026年3月6日", "3月6日"),
    ],
)
def test_days_are_named_as_briefly_as_they_can_be(first: str, until: str, name: str, short: str) -> None:
    span = Span(date.fromisoformat(first), date.fromisoformat(until))

    assert (span.name, span.short) == (name, short)


def test_a_span_has_a_day_at_least_and_a_week_begins_on_monday() -> None:
    with pytest.raises(ValueError, match="至少要有一天"):
        Span(date(2026, 3, 2), date(2026, 3, 2))
    assert Span.of_week(date(2026, 3, 8)) == Span(date(2026, 3, 2), date(2026, 3, 9))
    assert Span.of_week(date(2026, 3, 2)) == Span(date(2026, 3, 2), date(2026, 3, 9))


# -- lateness --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due_on", "due_at", "words"),
    [
        (date(2026, 3, 31), local(2026, 4, 1), "超 1 天"),
        (date(2026, 2, 28), local(2026, 3, 1), "超 32 天"),
        (date(2026, 4, 1), local(2026, 4, 2), "超 0 天"),
        (None, local(2026, 3, 31, 23, 30), "超不足 1 小时"),
        (None, local(2026, 3, 31, 23), "超 1 小时"),
        (None, local(2026, 3, 30, 0, 1), "超 47 小时"),
        (None, local(2026, 3, 30), "超 2 天"),
    ],
)
def test_how_late_is_said_in_days_for_days_and_in_hours_for_hours(
    due_on: date | None, due_at: datetime, words: str
) -> None:
    assert overrun(due_on=due_on, due_at=due_at, at=local(2026, 4, 1)) == words


# -- letters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 30), (5, 60), (6, 60), (100, 60)])
def test_a_letter_waits_longer_after_each_try_and_never_more_than_an_hour(tries: int, minutes: int) -> None:
    assert wait_after(tries) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (421, Verdict.LATER),
        (450, Verdict.LATER),
        (451, Verdict.LATER),
        (452, Verdict.LATER),
        (500, Verdict.NEVER),
        (550, Verdict.NEVER),
        (552, Verdict.NEVER),
        (554, Verdict.NEVER),
        (200, Verdict.NEVER),
    ],
)
def test_a_four_is_a_refusal_for_now_and_a_five_one_for_good(code: int, verdict: Verdict) -> None:
    assert verdict_on(code) is verdict


def test_no_letter_that_was_sent_or_is_being_sent_can_be_claimed_or_queued_again() -> None:
    assert {LetterState.SENT, LetterState.SENDING}.isdisjoint((*CLAIMABLE, *REQUEUABLE))


# -- notices ---------------------------------------------------------------------------------------------------------

# 2026: 1 to 5 May are off, Saturday 9 May is worked; nine to half past five.
WORKED = WorkingTime(
    Calendar(
        "cn",
        (
            *(SpecialDay(date(2026, 5, day), working=False, name="劳动节") for day in range(1, 6)),
            SpecialDay(date(2026, 5, 9), working=True, name="调休"),
        ),
        (2026,),
    ),
    WorkingHours(),
    SHANGHAI,
)


@pytest.mark.parametrize(
    ("chosen", "meant"),
    [("08:30", "09:00"), ("09:00", "09:00"), ("17:29", "17:29"), ("17:30", "09:00"), ("00:00", "09:00")],
)
def test_an_hour_that_is_not_worked_means_the_opening(chosen: str, meant: str) -> None:
    assert rules.hour_in(WorkingHours(), time.fromisoformat(chosen)) == time.fromisoformat(meant)


@pytest.mark.parametrize(
    ("at", "chosen", "due"),
    [
        ("2026-04-30 08:59", "08:30", False),
        ("2026-04-30 09:00", "08:30", True),
        ("2026-04-30 13:59", "14:00", False),
        ("2026-04-30 14:00", "14:00", True),
        ("2026-04-30 17:29", "14:00", True),  # a missed hour is made good while it is worked
        ("2026-04-30 17:30", "14:00", False),
        ("2026-05-01 10:00", "09:00", False),  # a holiday
        ("2026-05-09 10:00", "09:00", True),  # a Saturday that is worked
        ("2026-05-10 10:00", "09:00", False),  # a Sunday
        ("2027-01-04 10:00", "09:00", True),  # a year that is not announced goes by its weekends
    ],
)
def test_the_daily_notice_is_due_in_working_time_from_the_chosen_hour_on(at: str, chosen: str, due: bool) -> None:
    assert (
        rules.daily_is_due(
            at=datetime.fromisoformat(at).replace(tzinfo=SHANGHAI), chosen=time.fromisoformat(chosen), worked=WORKED
        )
        is due
    )


def test_a_headline_counts_what_it_is_about_in_the_order_it_comes_up() -> None:
    assert rules.headline_of(["整改", "预警", "整改"]) == "整改 2 条、预警 1 条"


@pytest.mark.parametrize(
    ("numbers", "share", "found"),
    [
        ([], 95, 0),
        ([3], 50, 3),
        ([1, 2, 3, 4], 50, 2),
        ([4, 3, 2, 1], 75, 3),
        (list(range(1, 101)), 95, 95),
        ([1] * 19 + [9], 95, 1),
        ([1] * 18 + [9] * 2, 95, 9),
        ([1, 2], 0, 1),
        ([1, 2], 100, 2),
    ],
)
def test_a_percentile_is_the_smallest_number_that_so_many_do_not_exceed(
    numbers: list[int], share: int, found: int
) -> None:
    assert rules.percentile(numbers, share) == found


def test_only_a_letter_that_is_simply_queued_is_taken_over_by_another() -> None:
    assert set(rules.ABSORBABLE) < set(rules.CLAIMABLE)
