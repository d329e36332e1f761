"""Periods of figures: whole local days, the last of them left out, so that periods lie side by side without a gap.

Nothing here asks what day it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cases.statute.periods import add_months, start_of_day

ONE_DAY: Final = timedelta(days=1)
# Lengths in months that have a name: a month, a quarter, half a year, a year.
_NAMED_MONTHS: Final = (1, 3, 6, 12)


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """The local days from `begins_on` on, without `ends_on`: [begins_on 00:00, ends_on 00:00)."""

    begins_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.ends_on <= self.begins_on:
            raise ValueError(f"统计期的止日 {self.ends_on} 应当在起日 {self.begins_on} 之后")

    def begins(self, zone: ZoneInfo) -> datetime:
        """The first moment that counts."""
        return start_of_day(self.begins_on, zone).astimezone(zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """The first moment that does not count any more."""
        return start_of_day(self.ends_on, zone).astimezone(zone)

    @property
    def last_on(self) -> date:
        """The last day that counts."""
        return self.ends_on - ONE_DAY

    @property
    def months(self) -> int | None:
        """How many whole months it is; none where it does not begin and end with one."""
        if self.begins_on.day != 1 or self.ends_on.day != 1:
            return None
        return (self.ends_on.year - self.begins_on.year) * 12 + self.ends_on.month - self.begins_on.month

    @property
    def is_month(self) -> bool:
        return self.months == 1

    @property
    def each_month(self) -> tuple[Period, ...]:
        """The months it consists of; none where it is not whole months."""
        return tuple(month_of(add_months(self.begins_on, n)) for n in range(self.months or 0))

    @property
    def code(self) -> str:
        """How it is written in an address and in files: 2026-03, 2026, or both days."""
        if self.is_month:
            return f"{self.begins_on:%Y-%m}"
        if self.months == 12 and self.begins_on.month == 1:
            return f"{self.begins_on:%Y}"
        return f"{self.begins_on}/{self.last_on}"

    @property
    def name(self) -> str:
        """What it is called: 2026年3月, 2026年第1季度, 2026年上半年, 2026年, or its first and last day."""
        year, month, months = self.begins_on.year, self.begins_on.month, self.months
        if months in _NAMED_MONTHS and (month - 1) % months == 0:
            match months:
                case 1:
                    return f"{year}年{month}月"
                case 3:
                    return f"{year}年第{(month + 2) // 3}季度"
                case 6:
                    return f"{year}年{'上' if month == 1 else '下'}半年"
                case _:
                    return f"{year}年"
        if self.last_on == self.begins_on:
            return f"{year}年{month}月{self.begins_on.day}日"
        return f"{_day(self.begins_on)}至{_day(self.last_on)}"


def month_of(day: date) -> Period:
    """The month a day lies in."""
    first = day.replace(day=1)
    return Period(first, add_months(first, 1))


def year_of(day: date) -> Period:
    """The calendar year a day lies in."""
    return Period(date(day.year, 1, 1), date(day.year + 1, 1, 1))


def week_of(day: date) -> Period:
    """Monday to Sunday around a day."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=7))


def span(first_on: date, last_on: date) -> Period:
    """From one day to another, both counted."""
    return Period(first_on, last_on + ONE_DAY)


def year_to(day: date) -> Period:
    """From the first of January to a day, that day counted."""
    return span(date(day.year, 1, 1), day)


def previous(period: Period) -> Period:
    """The period of the same kind just before: as many whole months, otherwise as many days (环比)."""
    if period.months is not None:
        return Period(add_months(period.begins_on, -period.months), period.begins_on)
    return Period(period.begins_on - (period.ends_on - period.begins_on), period.begins_on)


def following(period: Period) -> Period:
    """The period of the same kind just after: as many whole months, otherwise as many days."""
    if period.months is not None:
        return Period(period.ends_on, add_months(period.ends_on, period.months))
    return Period(period.ends_on, period.ends_on + (period.ends_on - period.begins_on))


def year_before(period: Period) -> Period:
    """The same days a year earlier (同比); the 29th of February answers to the 28th."""
    begins_on = add_months(period.begins_on, -12)
    if period.months is not None:
        return Period(begins_on, add_months(period.ends_on, -12))
    return Period(begins_on, add_months(period.last_on, -12) + ONE_DAY)


def read_period(text: str) -> Period:
    """A period from how it is written: 2026, 2026-03, or 2026-03-01/2026-03-15 with both days counted.

    Raises ValueError with a sentence that says how it is written.
    """
    try:
        first, mark, last = text.strip().partition("/")
        if mark:
            return span(date.fromisoformat(first), date.fromisoformat(last))
        if len(first) == 4 and first.isdecimal():
            return year_of(date(int(first), 1, 1))
        if len(first) == 7:
            return month_of(date.fromisoformat(f"{first}-01"))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"“{text}”不是统计期：{_HOW}") from error
    raise ValueError(f"“{text}”不是统计期：{_HOW}")


_HOW: Final = "写成 2026、2026-03，或者 2026-03-01/2026-03-15，起日不晚于止日"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
