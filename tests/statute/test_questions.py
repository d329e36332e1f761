"""Open questions: what an answer puts in place, what it may not touch, and what is said of it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cases.statute.clocks import Rulebook, Transition
from cases.statute.events import Occurrence
from cases.statute.limits import InvalidLimit, Limit, Rollover, Unit, parse_limit
from cases.statute.questions import (
    Standing,
    by_default,
    changes_to,
    limits_as_answered,
    parse_question,
    replaced,
    standing_on,
)
from cases.statute.reckoning import ApproverLevel
from tests.statute.facts import CHINA, LATER, SHANGHAI, at

OLD: dict[str, Any] = {
    "code": "case_v2012",
    "name": "办案（旧）",
    "starts": ["filed"],
    "stops": ["decided"],
    "length": 30,
    "unit": "day",
    "rollover": "forward",
    "calendar": "cn",
    "law": "某法",
    "in_force_from": "2013-01-01",
    "in_force_until": "2025-12-31",
    "kinds": ["case"],
}
NEW: dict[str, Any] = {
    **OLD,
    "code": "case_v2025",
    "name": "办案（新）",
    "length": 40,
    "in_force_from": "2026-01-01",
    "in_force_until": None,
}
ASKED: dict[str, Any] = {
    "code": "across",
    "question": "跨年的用哪个文本",
    "why": "没有过渡条款",
    "citations": ["《某法》第一条"],
    "default": "old",
    "options": [
        {"code": "old", "text": "旧文本", "basis": "从旧"},
        {"code": "new", "text": "新文本", "basis": "从新", "changes": {"case_v2025": {"transition": "running"}}},
        {"code": "strict", "text": "不顺延", "basis": "从严", "changes": {"case": {"rollover": "none"}}},
    ],
}


def answered(option: str, decided_on: date | None = date(2026, 3, 1)) -> Standing:
    question = parse_question(ASKED)
    chosen = question.option(option)
    assert chosen is not None
    return Standing(question, chosen, decided_on, "某局〔2026〕1号")


def rules(*standing: Standing) -> dict[str, Limit]:
    return {limit.code: limit for limit in limits_as_answered([OLD, NEW], standing)}


def test_by_default_every_limit_is_as_it_is_written() -> None:
    default = by_default(parse_question(ASKED))

    assert rules(default) == {code: parse_limit(row) for code, row in (("case_v2012", OLD), ("case_v2025", NEW))}
    assert replaced(OLD, changes_to("case_v2012", "case", [default])) is OLD


def test_an_answer_by_code_changes_that_version_only() -> None:
    found = rules(answered("new"))

    assert found["case_v2025"].transition is Transition.RUNNING
    assert found["case_v2012"].transition is Transition.AT_START


def test_an_answer_by_family_changes_every_version() -> None:
    assert {limit.rollover for limit in rules(answered("strict")).values()} == {Rollover.NONE}


def test_which_text_rules_what_is_open_concerns_the_old_text_too() -> None:
    question = parse_question({**ASKED, "options": ASKED["options"][:2]})

    assert question.about == {"case_v2025", "case"}
    assert question.concerns("case_v2012", "case")
    assert not question.concerns("other", "other")


def test_a_clock_open_at_the_turn_of_the_year_goes_over_to_the_new_text_when_so_answered() -> None:
    """《治安管理处罚法》（2012）第九十九条, （2025）第一百一十八条: which of them, the law does not say."""
    filed = Occurrence(key=1, kind="filed", at=at("2025-12-20"), day=date(2025, 12, 20), known_at=at("2025-12-20"))

    def due(*standing: Standing) -> tuple[str, date | None]:
        (clock,) = Rulebook(rules(*standing).values(), {"cn": CHINA}, SHANGHAI).wind([filed], LATER)
        return clock.limit.code, clock.due_on

    # 20 December and thirty days; 29 January and forty, both Mondays or Thursdays at work.
    assert due() == ("case_v2012", date(2026, 1, 19))
    assert due(answered("new")) == ("case_v2025", date(2026, 1, 29))


def test_a_note_says_by_which_answer_the_date_was_counted() -> None:
    assert by_default(parse_question(ASKED)).note == (
        "本期限取决于待定问题“跨年的用哪个文本”：尚未答复，按默认（旧文本）计算"
    )
    assert answered("new").note == (
        "本期限取决于待定问题“跨年的用哪个文本”：按 2026-03-01 的答复（新文本；某局〔2026〕1号）计算"
    )


def test_an_answer_as_json() -> None:
    assert answered("new").as_json() == {
        "code": "across",
        "question": "跨年的用哪个文本",
        "option": "new",
        "text": "新文本",
        "basis": "从新",
        "default": False,
        "decided_on": "2026-03-01",
        "ground": "某局〔2026〕1号",
        "note": answered("new").note,
    }


def test_only_the_questions_about_a_limit_are_noted_on_it() -> None:
    limit = parse_limit(OLD)
    other = replace(limit, code="other", family="other")

    assert standing_on(limit, [answered("old")]) == (answered("old"),)
    assert standing_on(other, [answered("old")]) == ()


def test_answers_that_do_not_go_together_are_refused() -> None:
    question = parse_question(
        {
            **ASKED,
            "options": [
                ASKED["options"][0],
                {"code": "hours", "text": "小时", "basis": "某", "changes": {"case": {"unit": "hour"}}},
            ],
        }
    )
    option = question.option("hours")
    assert option is not None

    with pytest.raises(InvalidLimit, match="按小时、分钟计算的期限不顺延"):
        limits_as_answered([OLD], [Standing(question, option)])


REFUSED = (
    ({"default": "else"}, "default", "没有“else”这种答复，可用的有 old、new、strict"),
    ({"default": "new"}, "default", "默认答复就是目录中时限所写的，不能另有改动，请直接改时限"),
    ({"options": ASKED["options"][:1]}, "options", "至少要有两种答复"),
    ({"citations": []}, "citations", "必填，写明因哪些条款不明确"),
    ({"why": ""}, "why", "必填"),
    ({"qestion": "?"}, "qestion", "没有这个字段，是不是“question”"),
    (
        {"options": [ASKED["options"][0], {"code": "a", "text": "甲", "basis": "某"}]},
        "options",
        "没有一种答复改动任何时限，这样的问题不必列入",
    ),
    (
        {"options": [ASKED["options"][0], {"code": "old", "text": "甲", "basis": "某", "changes": {"case": {"unit": "day"}}}]},
        "options",
        "答复代码重复",
    ),
    (
        {"options": [ASKED["options"][0], {"code": "a", "text": "甲", "basis": "某", "changes": {"case": {"status": "verified"}}}]},
        "options[2].changes.case.status",
        "答复不能改动这个字段，只能改动影响计算的字段",
    ),
    (
        {"options": [ASKED["options"][0], {"code": "a", "text": "甲", "basis": "某", "changes": {"case": []}}]},
        "options[2].changes.case",
        "应为一组字段",
    ),
    ({"options": [ASKED["options"][0], {"code": "a", "text": "甲", "changes": {"case": {"unit": "day"}}}]}, "options[2].basis", "必填"),
)  # fmt: skip


@pytest.mark.parametrize(("changed", "field", "text"), REFUSED)
def test_a_question_that_cannot_be_is_refused_field_by_field(changed: dict[str, Any], field: str, text: str) -> None:
    with pytest.raises(InvalidLimit) as refusal:
        parse_question({**ASKED, **changed})

    assert (field, text) in refusal.value.problems


LEVELS = {
    "head": ApproverLevel("head", "公安机关负责人", "police", 30),
    "department": ApproverLevel("department", "办案部门负责人", "police", 20),
}


@pytest.mark.parametrize(
    ("approver", "noted"),
    [
        ("head", []),
        # Not on record: nothing can be said.
        ("", []),
        ("department", ["起算的措施由“办案部门负责人”批准，层级不够，须公安机关负责人批准；期限照常计算"]),
    ],
)
def test_a_measure_taken_on_the_word_of_too_low_a_level_runs_and_is_noted(approver: str, noted: list[str]) -> None:
    """《行政处罚法》第五十六条: registered evidence is approved by the head of the agency."""
    limit = parse_limit({**NEW, "unit": "workday", "length": 7, "start_approvers": ["head"]})
    taken = Occurrence(
        key=1, kind="filed", at=at("2026-03-02"), day=date(2026, 3, 2), known_at=at("2026-03-02"), approver=approver
    )

    (clock,) = Rulebook([limit], {"cn": CHINA}, SHANGHAI, LEVELS).wind([taken], LATER)

    assert (clock.due_on, limit.unit) == (date(2026, 3, 11), Unit.WORKDAY)
    assert [fault.text for fault in clock.faults] == noted
    assert [fault.refused for fault in clock.faults] == [False] * len(noted)
