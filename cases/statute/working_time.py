"""Working time: the hours of working days, in which people are told things and in which silence counts.

Nothing here is a statutory limit; it is the manner in which a bureau supervises its own. Moments are aware; no function
asks what time it is. A year that is not announced is taken by its weekends only, as nothing is counted from it in law.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.statute.workdays import Calendar


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """From when to when a working day is worked, on the wall; the closing time is no longer worked."""

    opens: time = time(9)
    closes: time = time(17, 30)

    def __post_init__(self) -> None:
        if self.closes <= self.opens:
            raise ValueError("下班时间必须晚于上班时间")


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The working time of one bureau: its calendar, its hours and where its clock hangs."""

    calendar: Calendar
    hours: WorkingHours
    zone: ZoneInfo

    def is_open(self, at: datetime) -> bool:
        """Whether `at` is in working time."""
        local = at.astimezone(self.zone)
        return self._works(local.date()) and self.hours.opens <= local.time() < self.hours.closes

    def next_open(self, at: datetime) -> datetime:
        """The moment itself in working time, otherwise the next opening."""
        if self.is_open(at):
            return at
        return self._opening(self._first_day(at))

    def after_days(self, since: datetime, days: int) -> datetime:
        """The opening at which `days` whole working days have passed since a moment.

        The day of `since` is one of them if it is worked and had not yet opened. Refuses less than one day.
        """
        if days < 1:
            raise ValueError("至少要过一个工作日")
        return self._opening(self.calendar.nth_working_after(self._first_day(since), days, provisional=True))

    def days_between(self, since: datetime, at: datetime) -> int:
        """How many whole working days have passed from `since` to `at`, counted as `after_days` counts them."""
        first, local = self._first_day(since), at.astimezone(self.zone)
        last = local.date() if local.time() >= self.hours.opens else local.date() - timedelta(days=1)
        return self.calendar.working_between(first, last, provisional=True)

    def _first_day(self, at: datetime) -> date:
        """The first working day that is still to open at `at`, or opens at it."""
        local = at.astimezone(self.zone)
        day = local.date() if local.time() <= self.hours.opens else local.date() + timedelta(days=1)
        return self.calendar.first_working_from(day, provisional=True)

    def _works(self, day: date) -> bool:
        return self.calendar.is_working(day, provisional=True)

    def _opening(self, day: date) -> datetime:
        return datetime.combine(day, self.hours.opens, tzinfo=self.zone).astimezone(UTC)
