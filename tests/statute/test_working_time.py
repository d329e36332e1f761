"""Working time, on the calendar of 2026: 1 to 5 May are off, Saturday 9 May is worked; local time of Shanghai."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from cases.statute.workdays import Calendar, SpecialDay
from cases.statute.working_time import WorkingHours, WorkingTime

ZONE = ZoneInfo("Asia/Shanghai")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def bureau() -> WorkingTime:
    off = [SpecialDay(datetime(2026, 5, day).date(), False, "劳动节") for day in range(1, 6)]  # noqa: DTZ001
    worked = [SpecialDay(moment("2026-05-09").date(), True, "劳动节")]
    return WorkingTime(Calendar("cn", [*off, *worked], [2026]), WorkingHours(time(9), time(17, 30)), ZONE)


@pytest.mark.parametrize(
    ("at", "opens", "why"),
    [
        ("2026-04-30 08:59", "2026-04-30 09:00", "before opening: the same day"),
        ("2026-04-30 09:00", "2026-04-30 09:00", "the opening itself is working time"),
        ("2026-04-30 17:29", "2026-04-30 17:29", "the last minute too"),
        ("2026-04-30 17:30", "2026-05-06 09:00", "after closing before a holiday: the day after it"),
        ("2026-05-03 10:00", "2026-05-06 09:00", "in the holiday"),
        ("2026-05-08 18:00", "2026-05-09 09:00", "a worked Saturday is a working day"),
        ("2026-05-09 20:00", "2026-05-11 09:00", "an ordinary Sunday is not"),
    ],
)
def test_the_next_opening(at: str, opens: str, why: str) -> None:
    assert bureau().next_open(moment(at)) == moment(opens), why


@pytest.mark.parametrize(
    ("since", "days", "passed", "why"),
    [
        ("2026-03-25 00:00", 2, "2026-03-27 09:00", "midnight comes before the opening, so the Wednesday counts"),
        ("2026-03-25 09:00", 2, "2026-03-27 09:00", "so does what comes at the opening"),
        ("2026-03-25 09:01", 2, "2026-03-30 09:00", "what comes later has the next two days: Thursday and Friday"),
        ("2026-04-30 10:00", 1, "2026-05-07 09:00", "a holiday is no day of silence"),
        ("2026-05-08 00:00", 2, "2026-05-11 09:00", "Friday and the worked Saturday"),
    ],
)
def test_days_of_silence_are_whole_working_days(since: str, days: int, passed: str, why: str) -> None:
    assert bureau().after_days(moment(since), days) == moment(passed), why


@pytest.mark.parametrize(
    ("at", "days"),
    [("2026-03-25 08:00", 0), ("2026-03-26 08:59", 0), ("2026-03-26 09:00", 1), ("2026-03-30 09:00", 3)],
)
def test_the_days_that_have_passed_agree_with_the_opening_they_end_at(at: str, days: int) -> None:
    assert bureau().days_between(moment("2026-03-25"), moment(at)) == days


def test_no_day_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="至少要过一个工作日"):
        bureau().after_days(moment("2026-03-25"), 0)


def test_a_day_that_closes_before_it_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="下班时间必须晚于上班时间"):
        WorkingHours(time(17), time(9))
