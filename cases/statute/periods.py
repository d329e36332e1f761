"""The kinds of counting the law knows, one function each. Everybody who needs a date calls these.

Days are `date`s, moments are aware `datetime`s. No function asks what time it is.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cases.statute.workdays import Calendar

# Which midnight of a day: its beginning or its end.
EdgeOfDay = Callable[[date, ZoneInfo], datetime]


def add_minutes(start: datetime, minutes: int) -> datetime:
    """The moment `minutes` after `start`, to the second. Such limits never roll over a holiday."""
    # 行政案件程序规定(2020) 第三十五条, 刑事诉讼法(2018) 第一百零五条: only a last *day* is carried past a holiday.
    return start.astimezone(UTC) + timedelta(minutes=minutes)


def add_hours(start: datetime, hours: int) -> datetime:
    """The moment `hours` after `start`, to the second; counted from the minute, the reading that is never too late."""
    # 刑事诉讼法(2018) 第一百零五条, 行政案件程序规定(2020) 第三十五条
    return start.astimezone(UTC) + timedelta(hours=hours)


def add_days(start: date, days: int, *, start_counted: bool = False) -> date:
    """The last day of a period of calendar days; the start day is not counted unless the law counts it."""
    # 刑事诉讼法(2018) 第一百零五条, 行政案件程序规定(2020) 第三十五条: 开始的日不算; 拘留所条例(2012) 第三十二条 counts it.
    return start + timedelta(days=days - 1 if start_counted else days)


def add_working_days(
    start: date, days: int, calendar: Calendar, *, start_counted: bool = False, provisional: bool = False
) -> date:
    """The last day of a period of working days: days off do not count, make-up working days do.

    Raises UnannouncedYear where the calendar ends, unless a provisional answer will do.
    """
    # 行政处罚法(2021) 第八十五条, 行政强制法(2012) 第六十九条, 行政复议法(2024) 第八十八条
    first = start - timedelta(days=1) if start_counted else start
    return calendar.nth_working_after(first, days, provisional=provisional)


def add_months(start: date, months: int, *, start_counted: bool = False) -> date:
    """The corresponding day `months` later, or that month's last day where it has no such day.

    Where the start day is counted, the day before the corresponding one; a month's last day stays the last.
    """
    # 民法典(2021) 第二百零二条; of the two readings at a month's end (刑诉法解释(2021) 第二百零二条) the earlier, so never late.
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    if start.day > last:
        return date(year, month + 1, last)
    end = date(year, month + 1, start.day)
    return end - timedelta(days=1) if start_counted else end


def add_years(start: date, years: int, *, start_counted: bool = False) -> date:
    """The corresponding day `years` later; 29 February becomes the 28th where the year has none."""
    # 民法典(2021) 第二百零二条
    return add_months(start, 12 * years, start_counted=start_counted)


def roll_forward(day: date, calendar: Calendar, *, provisional: bool = False) -> date:
    """The last day itself, or the first working day after the days off it falls in."""
    # 行政案件程序规定(2020) 第三十五条, 刑事诉讼法(2018) 第一百零五条, 民法典(2021) 第二百零三条
    return calendar.first_working_from(day, provisional=provisional)


def roll_backward(day: date, calendar: Calendar, *, provisional: bool = False) -> date:
    """The last working day not after `day`: for a duty that must be done *before* something."""
    return calendar.last_working_until(day, provisional=provisional)


def days_before(day: date, days: int) -> date:
    """The last day on which something due `days` before `day` can still be done."""
    return day - timedelta(days=days)


def working_days_before(day: date, days: int, calendar: Calendar, *, provisional: bool = False) -> date:
    """The same in working days."""
    return calendar.nth_working_after(day, -days, provisional=provisional)


@lru_cache(maxsize=1 << 16)
def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The moment a due day is over: midnight at its end, local time of `zone`. From this moment on it is late."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=1 << 16)
def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Midnight at the beginning of `day`, local time of `zone`."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
