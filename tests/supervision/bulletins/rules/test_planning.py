"""When a bulletin is owed: tables with literal days, and why."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.statute.workdays import Calendar, SpecialDay
from supervision.bulletins.rules import Month, Span
from supervision.bulletins.rules.life import Kind
from supervision.bulletins.rules.planning import Plan, comes_out_on, owed

SHANGHAI = ZoneInfo("Asia/Shanghai")
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
LONG_AGO = date(2025, 1, 1)

# 1 January and the first week of October are off; Sunday 4 January and Saturday 10 October are worked. 2027 is not
# announced.
CALENDAR = Calendar(
    "cn",
    [
        *(SpecialDay(date(2026, 1, day), False, "元旦") for day in (1, 2, 3)),
        SpecialDay(date(2026, 1, 4), True, "元旦"),
        SpecialDay(date(2026, 4, 6), False, "清明节"),
        *(SpecialDay(date(2026, 10, day), False, "国庆节") for day in range(1, 8)),
        SpecialDay(date(2026, 10, 10), True, "国庆节"),
    ],
    [2025, 2026],
)


def plan(kind: Kind, since: date = LONG_AGO, **changes: Any) -> Plan:
    return Plan(kind, datetime.combine(since, time.min, tzinfo=SHANGHAI), **changes)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def span(first: str, last: str) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))


def names(spans: tuple[Span, ...]) -> list[str]:
    return [one.name for one in spans]


@pytest.mark.parametrize(
    ("month", "day", "why"),
    [
        ("2026-04-01", "2026-04-01", "a Wednesday"),
        ("2026-08-01", "2026-08-03", "a Saturday"),
        ("2026-01-01", "2026-01-04", "a worked Sunday after the holiday"),
        ("2026-10-01", "2026-10-08", "after the holiday week"),
        ("2027-05-01", "2027-05-03", "not announced: weekends decide"),
    ],
)
def test_a_month_comes_out_on_the_first_working_day_after_it(month: str, day: str, why: str) -> None:
    about = Span.of_month(Month.of(date.fromisoformat(month)).previous)

    assert str(comes_out_on(plan(Kind.MONTHLY), about, CALENDAR)) == day, why


def test_a_month_may_come_out_on_a_later_working_day() -> None:
    about = Span.of_month(Month(date(2026, 9, 1)))

    assert str(comes_out_on(plan(Kind.MONTHLY, working_day=3), about, CALENDAR)) == "2026-10-10"


@pytest.mark.parametrize(
    ("today", "since", "made", "owed_names", "why"),
    [
        ("2026-04-01", LONG_AGO, {JANUARY, FEBRUARY}, ["2026年3月"], "the first working day"),
        ("2026-04-01", LONG_AGO, {JANUARY, FEBRUARY, MARCH}, [], "made already"),
        ("2026-03-31", LONG_AGO, {JANUARY, FEBRUARY, date(2025, 12, 1)}, [], "March is not over"),
        ("2026-10-07", LONG_AGO, {date(2026, 8, 1), date(2026, 7, 1)}, [], "not before the holidays are"),
        ("2026-10-08", LONG_AGO, {date(2026, 8, 1), date(2026, 7, 1)}, ["2026年9月"], "the holidays are over"),
        ("2026-04-20", LONG_AGO, {JANUARY, FEBRUARY}, ["2026年3月"], "a missed run is made good on any day"),
        ("2026-04-01", LONG_AGO, set(), ["2026年1月", "2026年2月", "2026年3月"], "three at most, oldest first"),
        ("2026-04-01", LONG_AGO, {FEBRUARY}, ["2026年1月", "2026年3月"], "only the gaps"),
        ("2026-04-01", date(2026, 3, 20), set(), ["2026年3月"], "nobody was there to read the earlier ones"),
        ("2026-04-20", date(2026, 4, 19), set(), ["2026年3月"], "a first reader gets the month just over"),
        ("2026-04-01", date(2026, 3, 2), set(), ["2026年2月", "2026年3月"], "planned on the day February came out"),
    ],
)
def test_what_months_are_owed(today: str, since: date, made: set[date], owed_names: list[str], why: str) -> None:
    there = {Span.of_month(Month(first)) for first in made}

    spans = owed(plan(Kind.MONTHLY, since), at=at(f"{today} 08:30"), calendar=CALENDAR, made=there)

    assert names(spans) == owed_names, why


WEEK_OF_THE_23RD, WEEK_OF_THE_30TH = span("2026-03-23", "2026-03-29"), span("2026-03-30", "2026-04-05")


@pytest.mark.parametrize(
    ("now", "weekday", "made", "owed_names", "why"),
    [
        ("2026-03-30 08:30", 0, (), ["2026年3月23日至29日"], "Monday"),
        ("2026-03-30 08:29", 0, (), [], "a minute too early"),
        ("2026-03-30 08:30", 0, (WEEK_OF_THE_23RD,), [], "made already"),
        ("2026-04-01 15:00", 0, (), ["2026年3月23日至29日"], "missed on Monday, made up on Wednesday"),
        ("2026-04-06 08:30", 0, (WEEK_OF_THE_23RD,), [], "Monday is a holiday"),
        ("2026-04-06 08:30", 0, (), ["2026年3月23日至29日"], "the week before is still the last whose day has come"),
        ("2026-04-07 08:30", 0, (WEEK_OF_THE_23RD,), ["2026年3月30日至4月5日"], "the first working day of the week"),
        ("2026-04-07 08:30", 0, (), ["2026年3月30日至4月5日"], "of two that were missed the last"),
        ("2026-03-31 08:30", 2, (), ["2026年3月16日至22日"], "the plan says Wednesday, and it is Tuesday"),
        ("2026-04-01 08:30", 2, (), ["2026年3月23日至29日"], "Wednesday"),
        ("2026-10-05 08:30", 0, (span("2026-09-21", "2026-09-27"),), [], "in the holidays"),
        ("2026-10-08 08:30", 0, (), ["2026年9月28日至10月4日"], "after them"),
    ],
)
def test_what_week_is_owed(now: str, weekday: int, made: tuple[Span, ...], owed_names: list[str], why: str) -> None:
    weekly = plan(Kind.WEEKLY, weekday=weekday)

    assert names(owed(weekly, at=at(now), calendar=CALENDAR, made=made)) == owed_names, why


@pytest.mark.parametrize(
    ("now", "made", "owed_names", "why"),
    [
        ("2026-03-31 08:30", (span("2026-03-29", "2026-03-29"),), ["2026年3月30日"], "yesterday"),
        ("2026-03-31 08:29", (span("2026-03-29", "2026-03-29"),), [], "a minute too early"),
        ("2026-03-31 23:59", (span("2026-03-29", "2026-03-29"),), ["2026年3月30日"], "late, but today"),
        ("2026-03-31 08:30", (span("2026-03-30", "2026-03-30"),), [], "made already"),
        (
            "2026-03-30 08:30",
            (span("2026-03-26", "2026-03-26"),),
            ["2026年3月27日至29日"],
            "the weekend with its Friday",
        ),
        ("2026-03-28 08:30", (span("2026-03-26", "2026-03-26"),), [], "a Saturday"),
        ("2026-10-10 08:30", (span("2026-10-08", "2026-10-08"),), ["2026年10月9日"], "a worked Saturday"),
        ("2026-10-08 08:30", (span("2026-09-29", "2026-09-29"),), ["2026年9月30日至10月7日"], "after the holidays"),
        ("2026-03-31 08:30", (span("2026-03-10", "2026-03-10"),), ["2026年3月11日至30日"], "one about all days missed"),
        (
            "2026-03-31 08:30",
            (span("2025-11-10", "2025-11-10"),),
            ["2026年2月28日至3月30日"],
            "thirty-one days at most",
        ),
        ("2026-03-31 08:30", (), ["2026年3月30日"], "the first one: since the last working day"),
        ("2026-03-30 08:30", (), ["2026年3月27日至29日"], "the first one on a Monday"),
    ],
)
def test_what_days_are_owed(now: str, made: tuple[Span, ...], owed_names: list[str], why: str) -> None:
    assert names(owed(plan(Kind.DAILY), at=at(now), calendar=CALENDAR, made=made)) == owed_names, why


@pytest.mark.parametrize("kind", [Kind.DAILY, Kind.WEEKLY])
def test_what_is_planned_after_its_hour_owes_nothing_that_day(kind: Kind) -> None:
    late = Plan(kind, at("2026-03-30 10:00"))

    assert owed(late, at=at("2026-03-30 10:05"), calendar=CALENDAR, made=()) == ()
    assert len(owed(late, at=at("2026-04-07 08:30"), calendar=CALENDAR, made=())) == 1


def test_a_special_bulletin_is_never_owed() -> None:
    assert owed(plan(Kind.SPECIAL), at=at("2026-03-31 08:30"), calendar=CALENDAR, made=()) == ()
