"""Conditions, completeness, closing and days, without a database."""

from datetime import date
from typing import Any

import pytest

from cases.statute.workdays import Calendar, SpecialDay
from supervision.followup import rules
from supervision.followup.rules import Parties, WrongCondition, parse_condition

OFF = [SpecialDay(date(2026, 5, day), False, "劳动节") for day in range(1, 6)]
MAY = Calendar("cn", [*OFF, SpecialDay(date(2026, 5, 9), True, "劳动节")], [2026])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "不能为空"),
        (None, "不能为空"),
        ({"overdue": 3}, "没有“overdue”这项条件"),
        ({"kinds": ["case"]}, "只写种类会把全部案件列入"),
        ({"petition": False, "families": ["刑事"]}, "只写种类会把全部案件列入"),
        ({"overdue_days": -1}, "overdue_days 应为 0 至 3650"),
        ({"open_days": True}, "open_days 应为 0 至 3650"),
        ({"facts": ["economic"]}, "facts 应写成"),
        ({"facts": {"economic": True}}, "应写成一列"),
        ({"facts": {"economic__gt": [1]}}, "代码应为英文字母"),
        ({"facts": {"经济": [True]}}, "代码应为英文字母"),
        ({"facts": {"economic": [None]}}, "应为文字、数字"),
        ({"petition": "yes"}, "true 或 false"),
        ({"kinds": "case", "open_days": 1}, "kinds 应为一列文字"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_refused_with_the_way_out(data: Any, said: str) -> None:
    with pytest.raises(WrongCondition, match=said):
        parse_condition(data)


def test_a_condition_is_read_whole() -> None:
    condition = parse_condition({"kinds": ["case"], "facts": {"economic": [True, "是"]}, "open_days": 180})

    assert condition == rules.Condition(kinds=("case",), facts=(("economic", (True, "是")),), open_days=180)


@pytest.mark.parametrize(
    ("entered_on", "days", "due", "why"),
    [
        ("2026-03-02", 1, "2026-03-03", "the day of entry does not count"),
        ("2026-03-06", 2, "2026-03-10", "a weekend does not count"),
        ("2026-04-30", 1, "2026-05-06", "1 to 5 May are off"),
        ("2026-05-08", 1, "2026-05-09", "a worked Saturday counts"),
        ("2026-12-31", 1, "2027-01-01", "a year not announced is taken by its weekends"),
    ],
)
def test_an_item_is_due_so_many_working_days_after_entry(entered_on: str, days: int, due: str, why: str) -> None:
    assert rules.due_on(date.fromisoformat(entered_on), days, MAY) == date.fromisoformat(due), why


@pytest.mark.parametrize("days", [0, -1, rules.MOST_WORKING_DAYS + 1])
def test_an_item_takes_a_day_at_least_and_not_for_ever(days: int) -> None:
    with pytest.raises(ValueError, match="个工作日"):
        rules.due_on(date(2026, 3, 2), days, MAY)


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ({"main": False}, "主体责任单位"),
        ({"line": False}, "条线责任单位"),
        ({"supervisory": False}, "监督责任单位"),
        ({"officer": False, "officer_there": False}, "盯办责任人"),
        ({"officer_there": False}, "离岗"),
    ],
)
def test_a_case_is_complete_only_with_three_parties_and_an_officer_who_is_there(
    lacking: dict[str, bool], said: str
) -> None:
    named = dict.fromkeys(("main", "line", "supervisory", "officer", "officer_there"), True)

    assert Parties(**named).complete
    assert len(Parties(**{**named, **lacking}).missing) == 1
    assert said in Parties(**{**named, **lacking}).missing[0]


def test_open_items_and_unanswered_instructions_stand_against_closing() -> None:
    assert rules.against_closing(open_items=0, open_instructions=0) == ()
    assert len(rules.against_closing(open_items=2, open_instructions=1)) == 2


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("2026-03-09", ("超 1 天", "■", "red")),
        ("2026-03-10", ("今天到期", "◆", "orange")),
        ("2026-03-12", ("剩 2 天", "▲", "yellow")),
        ("2026-03-13", ("剩 3 天", "●", "green")),
    ],
)
def test_days_left_are_said_in_words_with_a_sign(due: str, said: tuple[str, str, str]) -> None:
    assert rules.left_words(date.fromisoformat(due), date(2026, 3, 10)) == said
