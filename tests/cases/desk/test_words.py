"""What is said of a clock: a number, a word and a sign, never a colour alone."""

from datetime import date, timedelta

import pytest

from cases.desk.words import duration, hours_words, moment_words, short_moment, standing
from cases.models import Clock, ClockState
from tests.cases.factories import SHANGHAI, moment


def day_clock(**fields: object) -> Clock:
    """Due on 1 April 2026: yellow from 25 March, orange from 29 March."""
    known = {
        "state": ClockState.RUNNING,
        "due_on": date(2026, 4, 1),
        "due_at": moment("2026-04-02"),
        "yellow_at": moment("2026-03-25"),
        "orange_at": moment("2026-03-29"),
    }
    return Clock(**{**known, **fields})


def hour_clock(**fields: object) -> Clock:
    """Due at 22:10 on 2 May 2026."""
    known = {"state": ClockState.RUNNING, "due_at": moment("2026-05-02 22:10"), "orange_at": moment("2026-05-02 19:46")}
    return Clock(**{**known, **fields})


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-03-20 10:00", "剩 12 天 ●"),
        ("2026-03-25 00:00", "剩 7 天 ▲"),
        ("2026-03-29 00:00", "剩 3 天 ◆"),
        ("2026-04-01 23:59", "今天届满 ◆"),
        ("2026-04-02 00:00", "超 1 天 ■"),
        ("2026-04-04 12:00", "超 3 天 ■"),
    ],
)
def test_days_left_are_counted_on_the_calendar(at: str, said: str) -> None:
    assert str(standing(day_clock(), moment(at))) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-05-01 22:10", "剩 1 天 ●"),
        ("2026-05-02 20:00", "剩 2 小时 10 分 ◆"),
        ("2026-05-02 22:10", "超 不到 1 分 ■"),
        ("2026-05-03 00:15", "超 2 小时 5 分 ■"),
    ],
)
def test_hour_limits_are_counted_in_hours_and_minutes(at: str, said: str) -> None:
    assert str(standing(hour_clock(), moment(at))) == said


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        (day_clock(state=ClockState.PAUSED, due_at=None, due_on=None), "暂停计算 ‖"),
        (day_clock(state=ClockState.MOOT), "不再需要 —"),
        (day_clock(state=ClockState.VOID), "已作废 ×"),
        (day_clock(state=ClockState.STOPPED, ended_at=moment("2026-03-20")), "按期办结 ✓"),
        (day_clock(state=ClockState.RESTARTED, ended_at=moment("2026-03-20")), "重新起算 ✓"),
        (day_clock(state=ClockState.STOPPED, late=True, ended_at=moment("2026-04-03 08:00")), "超 2 天办结 ■"),
        (hour_clock(state=ClockState.STOPPED, late=True, ended_at=moment("2026-05-02 23:00")), "超 50 分办结 ■"),
    ],
)
def test_how_a_clock_ended_is_said_with_a_sign(clock: Clock, said: str) -> None:
    assert str(standing(clock, moment("2026-06-01"))) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(0), "不到 1 分"),
        (timedelta(minutes=59), "59 分"),
        (timedelta(hours=2), "2 小时"),
        (timedelta(days=1, minutes=5), "1 天"),
        (timedelta(days=31, hours=22, minutes=9), "31 天 22 小时"),
    ],
)
def test_a_length_names_its_two_largest_parts(length: timedelta, said: str) -> None:
    assert duration(length) == said


def test_seconds_are_said_only_where_they_count() -> None:
    at = moment("2026-05-02 22:10").replace(second=7)

    assert moment_words(at, SHANGHAI) == "2026-05-02 22:10"
    assert moment_words(at, SHANGHAI, seconds=True) == "2026-05-02 22:10:07"
    assert moment_words(None) == ""


def test_a_limit_in_hours_stays_in_hours() -> None:
    assert hours_words(timedelta(hours=24)) == "24 小时"
    assert hours_words(timedelta(hours=48, minutes=30)) == "48 小时 30 分"
    assert hours_words(timedelta(minutes=5)) == "5 分"


def test_a_moment_of_this_year_needs_no_year() -> None:
    now = moment("2026-04-10 09:00")

    assert short_moment(moment("2026-03-25 00:00"), now) == "03-25 00:00"
    assert short_moment(moment("2025-12-31 23:59"), now) == "2025-12-31 23:59"
    assert short_moment(None, now) == ""
