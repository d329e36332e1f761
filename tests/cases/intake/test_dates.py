"""How a bureau writes its times, and which of them never were."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.intake.dates import BadTime, TimeReader

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROME = ZoneInfo("Europe/Rome")


def local(value: Any, **options: Any) -> tuple[str, bool]:
    """What is read, in local time."""
    zone = options.pop("zone", SHANGHAI)
    at, day_only = TimeReader(day_zone=zone, zone=zone, **options).read(value)
    assert at.tzinfo is UTC
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}", day_only


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02",
        "2026/3/2",
        "2026.3.2",
        "20260302",
        "2026年3月2日",
        "2026 年 3 月 2 日",
        " 2026-03-02 ",
        "２０２６－０３－０２",
        "46083",
        46083,
        46083.0,
        date(2026, 3, 2),
    ],
)
def test_a_day_is_local_midnight_and_only_a_day(written: Any) -> None:
    assert local(written) == ("2026-03-02 00:00:00", True)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02 10:05",
        "2026/3/2 10:05",
        "2026/3/2 10:05:00",
        "2026-03-02T10:05",
        "2026-03-02T10:05:00.000",
        "2026-03-02T10:05:00+08:00",
        "2026-03-02T02:05:00Z",
        "2026-03-01T21:05:00-0500",
        "20260302100500",
        "202603021005",
        "20260302 100500",
        "2026年3月2日10时5分",
        "2026年3月2日 10时05分00秒",
        "2026年3月2日10:05",
        "２０２６年３月２日１０：０５",
        datetime(2026, 3, 2, 10, 5),  # noqa: DTZ001  (as a spreadsheet has it)
        46083 + (10 * 60 + 5) / 1440,
        f"{46083 + (10 * 60 + 5) / 1440}",
    ],
)
def test_a_moment_is_taken_to_the_second(written: Any) -> None:
    assert local(written) == ("2026-03-02 10:05:00", False)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("2026-02-29", "2026年2月没有29日"),
        ("2026-04-31", "2026年4月没有31日"),
        ("2026-13-01", "没有13月"),
        ("2026-00-10", "没有0月"),
        ("2026-03-00", "2026年3月没有0日"),
        ("20260229", "2026年2月没有29日"),
        ("2026-03-02 24:00", "24:00应写成次日00:00"),
        ("2026-03-02 24:00:00", "24:00应写成次日00:00"),
        ("2026-03-02 25:10", "没有25时10分"),
        ("2026-03-02 10:60", "没有10时60分"),
        ("0206-03-02", "年份应在1900至2199之间"),
        ("9999-12-31", "年份应在1900至2199之间"),
        ("明天", "不是日期或时间"),
        ("02/03/2026", "不是日期或时间"),
        ("2026-03-02 10:05 左右", "不是日期或时间"),
        ("12345678901234567890", "不是日期或时间"),
        (12.5, "不是日期或时间"),
        (True, "不是日期或时间"),
        (time(10, 5), "只有时刻，没有日期"),
    ],
)
def test_a_time_that_never_was_is_refused_with_the_reason(written: Any, why: str) -> None:
    with pytest.raises(BadTime, match=why):
        local(written)


def test_the_moment_a_clock_skips_in_spring_is_refused() -> None:
    assert local("2026-03-29 01:59", zone=ROME) == ("2026-03-29 01:59:00", False)
    with pytest.raises(BadTime, match="跳过了它"):
        local("2026-03-29 02:30", zone=ROME)


def test_a_day_read_as_a_day_loses_its_time_of_day_in_its_own_zone() -> None:
    assert local("2026-03-02 23:30", reading="day") == ("2026-03-02 00:00:00", True)
    assert local("2026-03-02T23:30:00Z", reading="day") == ("2026-03-03 00:00:00", True)


def test_a_moment_is_demanded_where_the_mapping_says_so() -> None:
    with pytest.raises(BadTime, match="只有日期，应写明时刻"):
        local("2026-03-02", reading="moment")


def test_formats_of_the_mapping_come_first() -> None:
    assert local("02/03/2026", formats=["%d/%m/%Y"]) == ("2026-03-02 00:00:00", True)
    assert local("02/03/2026 10:05", formats=["%d/%m/%Y %H:%M"]) == ("2026-03-02 10:05:00", False)
    assert local("2026-03-02", formats=["%d/%m/%Y"]) == ("2026-03-02 00:00:00", True)


def test_a_moment_of_another_zone_is_the_same_moment_and_a_day_keeps_the_matters_zone() -> None:
    reader = TimeReader(day_zone=SHANGHAI, zone=ROME)

    assert reader.read("2026-07-01 10:00")[0] == datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    assert reader.read("2026-07-01")[0] == datetime(2026, 6, 30, 16, 0, tzinfo=UTC)


def test_the_day_a_document_sets_is_the_local_one() -> None:
    assert TimeReader(day_zone=SHANGHAI).read_day("2026-03-02 00:30") == date(2026, 3, 2)


def test_the_number_one_and_the_word_true_are_not_mixed_up_by_the_memory() -> None:
    reader = TimeReader(day_zone=SHANGHAI)
    reader.read(46083)

    with pytest.raises(BadTime):
        reader.read(True)
    assert reader.read(46083.0) == reader.read("46083")
