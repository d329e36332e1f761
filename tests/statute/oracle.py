"""A second, plodding way to the same dates: day after day over a set of days off, with nothing of the core in it.

It knows no tables, no merging and no formulas; it only asks of each day (or each quarter of an hour) whether it counts.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class DayCase:
    """A limit in days, working days, months or years, and what happened: pauses (from, to) and extensions (day)."""

    start: date
    unit: str
    length: int
    off: frozenset[date]
    rolls: bool = False
    start_counted: bool = False
    pauses: tuple[tuple[date, date], ...] = ()
    extensions: tuple[date, ...] = ()
    extension_length: int = 1
    extension_times: int = 1


def last_day(case: DayCase) -> date:
    """The due day. Each thing that happened is taken if the period, as it then stands, has not run out before it."""
    taken: list[tuple[date, date]] = []
    extended = 0
    happened = [(begin, 0, end) for begin, end in case.pauses] + [(day, 1, day) for day in case.extensions]
    for day, is_extension, end in sorted(happened):
        if is_extension and day < case.start:
            continue
        if day > _end(case, taken, extended):
            continue
        if not is_extension:
            taken.append((day, end))
        elif extended < case.extension_times:
            extended += 1
    return _end(case, taken, extended)


def _end(case: DayCase, pauses: list[tuple[date, date]], extended: int) -> date:
    if case.unit in ("month", "year"):
        day = _months_and_pauses(case, pauses, extended)
    else:
        day = _nth_counted_day(case, pauses, case.length + extended * case.extension_length)
    day = max([day, *(end for _, end in pauses if end > case.start)])
    while (case.rolls or case.unit == "workday") and day in case.off:
        day += DAY
    return day


def _nth_counted_day(case: DayCase, pauses: list[tuple[date, date]], wanted: int) -> date:
    day = case.start - DAY if case.start_counted else case.start
    while wanted:
        day += DAY
        uncounted = any(begin < day <= end for begin, end in pauses) and day > case.start
        if not uncounted and not (case.unit == "workday" and day in case.off):
            wanted -= 1
    return day


def _months_and_pauses(case: DayCase, pauses: list[tuple[date, date]], extended: int) -> date:
    """Months first, then months more for each extension, then one day more for each uncounted day.

    Both at once are not asked of it: months are not all as long, so that their order would matter.
    """
    assert not (extended and pauses)
    months = 12 if case.unit == "year" else 1
    day = _corresponding_day(case.start, case.length * months, case.start_counted)
    for _ in range(extended):
        day = _corresponding_day(day, case.extension_length * months, False)
    uncounted = {
        begin + n * DAY
        for begin, end in pauses
        for n in range(1, (end - begin).days + 1)
        if begin + n * DAY > case.start
    }
    return day + len(uncounted) * DAY


def _corresponding_day(start: date, months: int, start_counted: bool) -> date:
    """Month by month to the month meant, then day by day to the number meant or the month's end."""
    first = start.replace(day=1)
    for _ in range(months):
        day = first
        while day.month == first.month:
            day += DAY
        first = day
    day = first
    while day.day < start.day and (day + DAY).month == first.month:
        day += DAY
    return day - DAY if start_counted and day.day == start.day else day


@dataclass(frozen=True)
class BackCase:
    """Something to be done so many days, working days, months or years before a day."""

    before: date
    unit: str
    length: int
    off: frozenset[date]
    rolls: bool = False


def last_day_before(case: BackCase) -> date:
    """The last day on which it can still be done; a day off is of no use where the limit is brought forward."""
    day, left = case.before, case.length
    if case.unit in ("month", "year"):
        day = _corresponding_day_before(case.before, left * (12 if case.unit == "year" else 1))
    else:
        while left:
            day -= DAY
            if not (case.unit == "workday" and day in case.off):
                left -= 1
    while case.rolls and day in case.off:
        day -= DAY
    return day


def _corresponding_day_before(day: date, months: int) -> date:
    """Month by month back to the month meant, then day by day to the number meant or the month's end."""
    first = day.replace(day=1)
    for _ in range(months):
        first = (first - DAY).replace(day=1)
    found = first
    while found.day < day.day and (found + DAY).month == first.month:
        found += DAY
    return found


@dataclass(frozen=True)
class HourCase:
    """A limit in hours, on a grid of quarters of an hour in universal time: pauses (from, to) and extensions (moment)."""

    start: datetime
    hours: int
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    extensions: tuple[datetime, ...] = ()
    extension_hours: int = 1


def last_moment(case: HourCase) -> datetime:
    """The due moment; one extension, taken if it came before the time was up."""
    taken: list[tuple[datetime, datetime]] = []
    hours = case.hours
    happened = [(begin, 0, end) for begin, end in case.pauses] + [(moment, 1, moment) for moment in case.extensions]
    for moment, is_extension, end in sorted(happened):
        if (is_extension and moment < case.start) or moment > _moment_after(case, taken, hours):
            continue
        if not is_extension:
            taken.append((moment, end))
        elif hours == case.hours:
            hours += case.extension_hours
    return _moment_after(case, taken, hours)


def _moment_after(case: HourCase, pauses: list[tuple[datetime, datetime]], hours: int) -> datetime:
    moment, quarters = case.start, 4 * hours
    while quarters:
        if not any(begin <= moment < end for begin, end in pauses):
            quarters -= 1
        moment += QUARTER
    # Uncounted time that begins at the very moment the time is up is waited for.
    while any(begin <= moment < end for begin, end in pauses):
        moment += QUARTER
    return moment


# -- cases at random -------------------------------------------------------------------------------------------------


@dataclass
class Dice:
    """Draws cases around one year, over some pattern of days off."""

    random: random.Random
    off: frozenset[date]
    first: date = date(2025, 1, 1)
    spread: int = 600
    units: tuple[str, ...] = field(default=("day", "day", "workday", "month", "year"))

    def day_case(self) -> DayCase:
        roll = self.random
        unit = roll.choice(self.units)
        start = self.first + roll.randrange(self.spread) * DAY
        length = {"day": 90, "workday": 30, "month": 7, "year": 2}[unit]
        pauses = tuple(self._span(start) for _ in range(roll.choice((0, 0, 1, 1, 2, 3, 4))))
        months = unit in ("month", "year")
        if pauses and roll.random() < 0.3:
            pauses += (self._within(pauses[0]),)
        return DayCase(
            start=start,
            unit=unit,
            length=roll.randint(1, length),
            off=self.off,
            rolls=unit != "workday" and roll.random() < 0.5,
            start_counted=roll.random() < 0.2,
            pauses=pauses,
            extensions=tuple(sorted(start + roll.randint(-3, 120) * DAY for _ in range(roll.choice((0, 0, 1, 2, 3)))))
            if not (months and pauses)
            else (),
            extension_length=roll.randint(1, {"month": 3, "year": 1}.get(unit, 30)),
            extension_times=roll.choice((1, 2)),
        )

    def _span(self, start: date) -> tuple[date, date]:
        begin = start + self.random.randint(-10, 100) * DAY
        return begin, begin + self.random.choice((0, 1, 2, 3, 5, 8, 15, 40)) * DAY

    def _within(self, span: tuple[date, date]) -> tuple[date, date]:
        """A span nested in another: it begins no earlier and ends no later."""
        days = (span[1] - span[0]).days
        begin = span[0] + self.random.randint(0, days) * DAY
        return begin, begin + self.random.randint(0, (span[1] - begin).days) * DAY

    def back_case(self) -> BackCase:
        roll = self.random
        unit = roll.choice(self.units)
        length = {"day": 90, "workday": 30, "month": 7, "year": 2}[unit]
        before = self.first + roll.randint(400, 400 + self.spread) * DAY
        return BackCase(before, unit, roll.randint(1, length), self.off, rolls=roll.random() < 0.6)

    def hour_case(self, start: datetime) -> HourCase:
        roll = self.random
        begins = [start + roll.randint(-20, 200) * QUARTER for _ in range(roll.choice((0, 1, 2, 3)))]
        return HourCase(
            start=start,
            hours=roll.choice((1, 2, 8, 12, 24, 48)),
            pauses=tuple((begin, begin + roll.randint(0, 40) * QUARTER) for begin in begins),
            extensions=tuple(start + roll.randint(0, 200) * QUARTER for _ in range(roll.choice((0, 1, 2)))),
            extension_hours=roll.randint(1, 24),
        )


def days_off_at_random(dice: random.Random, years: Iterable[int]) -> frozenset[date]:
    """Weekends, some of them worked, and some festivals of one to nine days."""
    off = set()
    for year in years:
        day = date(year, 1, 1)
        while day.year == year:
            if day.weekday() >= 5 and dice.random() < 0.95:
                off.add(day)
            day += DAY
        for _ in range(7):
            first = date(year, 1, 1) + dice.randrange(350) * DAY
            off.update(first + n * DAY for n in range(dice.randint(1, 9)))
    return frozenset(off)
