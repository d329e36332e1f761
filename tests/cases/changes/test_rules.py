"""A year's notice as it is handed in: what is read, and what is refused, with row and field."""

import json
from datetime import date
from typing import Any

import pytest

from cases.changes.rules import Notice, as_payload, check_notice, days_of, read_lines, read_public
from cases.statute.workdays import SpecialDay

FULL = "元旦 2027-01-01/2027-01-03\n春节 2027-02-05 至 2027-02-11"


def public(**changed: Any) -> str:
    """The notice of 2027 as public calendars keep it."""
    days = [{"name": "元旦", "date": f"2027-01-0{n}", "isOffDay": True} for n in range(1, 4)]
    days += [{"name": "春节", "date": f"2027-02-{n:02}", "isOffDay": True} for n in range(5, 12)]
    days += [{"name": "春节", "date": "2027-02-13", "isOffDay": False}]
    return json.dumps({"$id": "x", "year": 2027, "papers": ["https://example.org/notice"], "days": days, **changed})


def told(read: Notice, *, supplement: bool = False, off_now: tuple[date, ...] = ()) -> list[tuple[str, str]]:
    return read.problems or check_notice(read, supplement=supplement, off_now=off_now)


# -- what is read ------------------------------------------------------------------------------------------------------


def test_lines_are_names_with_days_and_stretches_of_days() -> None:
    read = read_lines(2027, "通知", f"{FULL}\n\n清明节：2027-4-3 2027-4-5", "春节 2027-02-13、2027-02-20")

    assert told(read) == []
    assert len(read.days) == 3 + 7 + 2 + 2
    assert read.days[0] == SpecialDay(date(2027, 1, 1), False, "元旦", "通知")
    assert [one.day for one in read.days if one.working] == [date(2027, 2, 13), date(2027, 2, 20)]
    assert [one.day.day for one in read.days if one.name == "清明节"] == [3, 5]


def test_the_public_format_is_read_whole() -> None:
    read = read_public(public())

    assert told(read) == []
    assert (read.year, read.notice, len(read.days)) == (2027, "https://example.org/notice", 11)
    assert read.days[-1] == SpecialDay(date(2027, 2, 13), True, "春节")


def test_both_ways_of_writing_a_notice_come_to_the_same() -> None:
    lines = read_lines(2027, "https://example.org/notice", FULL, "春节 2027-02-13")
    payloads = [as_payload(read, calendar="cn", supplement=False) for read in (lines, read_public(public()))]

    assert payloads[0] == payloads[1]
    assert days_of(payloads[0]) == sorted(lines.days, key=lambda one: one.day)


def test_the_december_before_is_part_of_a_years_notice() -> None:
    assert told(read_lines(2027, "", f"{FULL}\n元旦 2026-12-31", "元旦 2026-12-27")) == []


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "worked", "where", "text"),
    [
        ("2027-01-01", "", "off", "第1行：要先写名称"),
        ("元旦 一月一日", "", "off", "第1行：“元旦 一月一日”不是日期"),
        ("元旦 2027-01-01 休息", "", "off", "第1行：“休息”不是日期"),
        ("元旦 2027-02-30", "", "off", "第1行：没有“2027-02-30”这一天"),
        ("元旦 2027-01-03/2027-01-01", "", "off", "起止日期不对"),
        ("元旦 2027-01-01/2027-03-01", "", "off", "一次放假不超过31天"),
        (f"{FULL}\n元旦 2028-01-01", "", "off", "2028-01-01 不在2027年"),
        (f"{FULL}\n元旦 2026-11-30", "", "off", "2026-11-30 不在2027年"),
        (f"{FULL}\n元旦 2027-01-02", "", "off", "2027-01-02 写了不止一次（元旦、元旦）"),
        (FULL, "春节 2027-02-07", "worked", "2027-02-07 写了不止一次（春节、春节）"),
        (FULL, "春节 2027-02-15", "worked", "2027-02-15 是周一，本来就上班"),
        ("元旦 2027-01-01", "", "off", "全年只写了放假1天"),
        ("长假 2027-01-01/2027-01-31 2027-03-01/2027-03-31", "", "off", "全年写了放假62天"),
        (f"{'长' * 41} 2027-01-01/2027-01-07", "", "off", "最多40个字"),
        ("", "", "off", "没有写任何一天"),
    ],
)
def test_a_line_is_refused_with_its_row_and_the_way_out(off: str, worked: str, where: str, text: str) -> None:
    problems = told(read_lines(2027, "", off, worked))

    assert [name for name, said in problems if text in said] == [where]


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("{", "json", "第1行不合 JSON 的写法"),
        ("[]", "json", "没有找到 days"),
        (public(year="2027"), "json", "字段 year：应为年份数字"),
        (public(days=["x"]), "json", "days 第1条：应为一组字段"),
        (public(days=[{"date": "2027-01-01", "isOffDay": True}]), "json", "days 第1条，字段 name：必填"),
        (
            public(days=[{"name": "元旦", "date": "1月1日", "isOffDay": True}]),
            "json",
            "days 第1条，字段 date：“1月1日”",
        ),
        (public(days=[{"name": "元旦", "date": "2027-01-01"}]), "json", "days 第1条，字段 isOffDay：应为 true"),
        (public(days=[{"name": "元旦", "date": "2027-02-30", "isOffDay": True}]), "json", "没有“2027-02-30”这一天"),
        (public(days=[]), "off", "没有写任何一天"),
        (public(year=1848), "year", "年份应在"),
    ],
)
def test_json_is_refused_with_entry_and_field(text: str, where: str, said: str) -> None:
    problems = told(read_public(text))

    assert [name for name, text in problems if said in text] == [where]


def test_a_notice_number_must_fit() -> None:
    assert ("notice", "最多200个字，现有201个，请缩短") in told(read_lines(2027, "号" * 201, FULL, ""))


# 2015, 2019, 2020: notices that came in the middle of the year and arranged a few days.
@pytest.mark.parametrize(
    ("year", "off", "worked"),
    [
        (2015, "抗战胜利纪念日 2015-09-03/2015-09-05", "抗战胜利纪念日 2015-09-06"),
        (2019, "劳动节 2019-05-01/2019-05-04", "劳动节 2019-04-28 2019-05-05"),
        (2020, "春节 2020-01-31/2020-02-02", ""),
    ],
)
def test_a_supplement_may_arrange_a_few_days(year: int, off: str, worked: str) -> None:
    assert told(read_lines(year, "", off, worked), supplement=True) == []


def test_a_supplement_may_have_a_day_worked_that_was_to_be_off() -> None:
    read = read_lines(2027, "", "", "元旦 2027-01-01")

    assert told(read, supplement=True) != []
    assert told(read, supplement=True, off_now=(date(2027, 1, 1),)) == []
