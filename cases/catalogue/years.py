"""The announced years of a working-day calendar, as a folder writes them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cases.statute.limits import FieldReader
from cases.statute.workdays import SATURDAY, SpecialDay

# No holiday is longer; a longer range is a slip of the pen.
LONGEST_HOLIDAY = timedelta(days=31)
# The years a calendar may speak of.
YEARS = range(1949, 2200)


@dataclass(frozen=True, slots=True)
class Year:
    """An announced year of a calendar: its notices and the days they set, some of them in the December before."""

    year: int
    notice: str
    days: tuple[SpecialDay, ...]


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """A working-day calendar."""

    code: str
    name: str
    years: tuple[Year, ...]


def read_year(reader: FieldReader) -> Year | None:
    """An announced year as it is written; what is wrong with it is told to the reader."""
    reader.only(("year", "notice", "off", "worked"))
    number = reader.count("year", required=True)
    notice = reader.text("notice")
    if number is None:
        return None
    if number not in YEARS:
        reader.wrong("year", f"应在 {YEARS.start} 与 {YEARS.stop - 1} 之间，现为 {number}")
        return None
    days = [
        day
        for part, working in (("off", False), ("worked", True))
        for _, entry in reader.rows(part)
        for day in _days(entry, number, working, notice)
    ]
    notices = dict.fromkeys(text for text in (notice, *(special.notice for special in days)) if text)
    return Year(number, "；".join(notices), tuple(sorted(days, key=lambda special: special.day)))


def _days(reader: FieldReader, year: int, working: bool, notice: str) -> list[SpecialDay]:
    reader.only(("name", "days", "notice"))
    name = reader.text("name", required=True)
    special = SpecialDay(date.min, working, name, reader.text("notice") or notice)
    found: list[SpecialDay] = []
    for text in reader.words("days"):
        try:
            first, last = (date.fromisoformat(part) for part in (text.split("/") if "/" in text else (text, text)))
        except ValueError:
            reader.wrong("days", f"“{text}”不是日期，应写成 2026-01-01 或 2026-01-01/2026-01-03")
            continue
        if not first <= last <= first + LONGEST_HOLIDAY:
            reader.wrong("days", f"“{text}”的起止日期不对")
            continue
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        # A year's notice also arranges the last days of the December before, for New Year.
        if any(day.year != year and (day.year, day.month) != (year - 1, 12) for day in days):
            reader.wrong("days", f"“{text}”不在{year}年，也不在上一年十二月")
        elif working and any(day.weekday() < SATURDAY for day in days):
            reader.wrong("days", f"“{text}”不是周六、周日，本来就上班，请删去")
        else:
            found += [replace(special, day=day) for day in days]
    if not reader.row.get("days"):
        reader.wrong("days", "必填")
    return found


def listed_twice(years: Iterable[Year]) -> dict[date, list[str]]:
    """Days that are written more than once, with the names they are written under."""
    listed: dict[date, list[str]] = defaultdict(list)
    for year in years:
        for special in year.days:
            listed[special.day].append(special.name)
    return {day: names for day, names in listed.items() if len(names) > 1}
