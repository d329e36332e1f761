"""The shipped calendar against those who publish it: day by day, and by the notices."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from cases.catalogue import Core
from cases.statute.workdays import Calendar, UnannouncedYear

FIRST, LAST = 2007, 2026


@pytest.fixture(scope="module")
def calendar(law: Core) -> Calendar:
    return law.calendars["cn"]


def every_day(first: int, last: int) -> Iterator[date]:
    day = date(first, 1, 1)
    while day <= date(last, 12, 31):
        yield day
        day += timedelta(days=1)


def test_every_day_is_as_the_published_calendar_has_it(calendar: Calendar, shared: Path) -> None:
    with (shared / "data" / "cn_workdays_2007_2026.csv").open(encoding="utf-8") as file:
        published = {date.fromisoformat(row["date"]): row["is_workday"] == "1" for row in csv.DictReader(file)}

    differing = [day for day, worked in published.items() if calendar.is_working(day) is not worked]

    assert len(published) == 7305
    assert differing == []


def test_every_day_is_as_an_independent_calendar_has_it(calendar: Calendar) -> None:
    differing = [day for day in every_day(FIRST, LAST) if calendar.is_working(day) != chinese_calendar.is_workday(day)]

    assert differing == []


WORKING_DAYS = (
    (2015, 249),
    (2016, 250),
    (2017, 249),
    (2018, 250),
    (2019, 250),
    (2020, 249),
    (2021, 250),
    (2022, 249),
    (2023, 249),
    (2024, 251),
    (2025, 248),
    (2026, 248),
)


@pytest.mark.parametrize(("year", "days"), WORKING_DAYS)
def test_a_year_has_its_number_of_working_days(calendar: Calendar, year: int, days: int) -> None:
    assert sum(calendar.is_working(day) for day in every_day(year, year)) == days


NOTICES = (
    ("2015-09-03", False, "国发明电〔2015〕1号"),
    ("2015-09-06", True, "国发明电〔2015〕1号"),
    ("2015-10-01", False, "国办发明电〔2014〕28号"),
    ("2018-12-29", True, "国办发明电〔2018〕15号"),
    ("2019-05-02", False, "国办发明电〔2019〕3号"),
    ("2019-05-05", True, "国办发明电〔2019〕3号"),
    ("2020-01-31", False, "国办发明电〔2020〕1号"),
    ("2020-01-30", False, "国办发明电〔2019〕16号"),
    ("2026-02-14", True, "国办发明电〔2025〕7号"),
    ("2026-09-20", True, "国办发明电〔2025〕7号"),
)


@pytest.mark.parametrize(("day", "worked", "notice"), NOTICES)
def test_a_special_day_names_the_notice_that_set_it(calendar: Calendar, day: str, worked: bool, notice: str) -> None:
    special = calendar.special[date.fromisoformat(day)]

    assert (special.working, special.notice) == (worked, notice)


def test_every_special_day_has_a_name_and_a_notice(calendar: Calendar) -> None:
    bare = [special.day for special in calendar.special.values() if not (special.name and special.notice)]

    assert bare == []


def test_the_years_announced_are_those_published(calendar: Calendar) -> None:
    assert calendar.announced == frozenset(range(FIRST, LAST + 1))

    with pytest.raises(UnannouncedYear, match="2027年"):
        calendar.is_working(date(2027, 1, 4))
