"""The same facts under the old and the new text: what each gives, which applies, and why."""

import json
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from cases import calculator
from cases.asking import read_given
from cases.catalogue import Core, load_core
from cases.comparison import answer_of, compare
from cases.statute.limits import Transition

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def law() -> Core:
    return load_core(ROOT / "seeds")


@pytest.fixture
def shipped(law: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculator, "law_in_force", lambda: (law, ()))


HEARING = "hearing_notified@2026-01-05/2026-01-10"
TESTED = "appraisal_commissioned@2026-03-10/2026-03-25"
LONGER = (
    "extension_approved@2026-03-30,approver=county_bureau",
    "extension_approved@2026-04-29,approver=county_bureau",
)

# (start, events, due under 2012 and under 2025, which applies)
COMPARED: tuple[tuple[str, tuple[str, ...], str, str, str], ...] = (
    # 19 January is a Monday; five days of hearing (118, 2025) make it Saturday the 24th, carried to Monday.
    ("2025-12-20", (HEARING,), "2026-01-19", "2026-01-26", "2012"),
    # Testing is left out of both.
    ("2026-03-02", (TESTED,), "2026-04-16", "2026-04-16", "2025"),
    # 99 (2012) allows one extension, 118 (2025) two: 1 May carried over the holiday, 31 May a Sunday.
    ("2026-03-02", LONGER, "2026-05-06", "2026-06-01", "2025"),
    # The last day of the old text and the first of the new.
    ("2025-12-31", (), "2026-01-30", "2026-01-30", "2012"),
    ("2026-01-01", (), "2026-02-02", "2026-02-02", "2025"),
)  # fmt: skip


@pytest.mark.parametrize(("start", "events", "old", "new", "applies"), COMPARED)
def test_each_text_gives_its_own_day_and_one_applies(
    law: Core, start: str, events: tuple[str, ...], old: str, new: str, applies: str
) -> None:
    found = compare(
        "psa_case_30d_v2025", date.fromisoformat(start), events=[read_given(text) for text in events], law=law
    )

    assert [one.limit.code for one in found] == ["psa_case_30d_v2012", "psa_case_30d_v2025"]
    assert [str(one.answer.clock.due_on) for one in found if one.answer] == [old, new]
    assert [one.limit.code for one in found if one.applies] == [f"psa_case_30d_v{applies}"]


def test_why_a_text_applies_or_not_is_said(law: Core) -> None:
    early = compare("psa_case_30d", date(2025, 12, 20), law=law)
    late = compare("psa_case_30d", date(2026, 3, 2), law=law)

    assert [one.why for one in early] == ["起算日 2025-12-20 在其施行期内", "起算日 2025-12-20 早于施行日 2026-01-01"]
    assert [one.why for one in late] == ["起算日 2026-03-02 晚于失效日 2025-12-31", "起算日 2026-03-02 在其施行期内"]


def test_where_the_new_text_takes_over_what_is_open_it_applies(law: Core) -> None:
    """As answered to the question of cases open across 2026-01-01."""
    limits = tuple(
        replace(one, transition=Transition.RUNNING) if one.code == "psa_case_30d_v2025" else one for one in law.limits
    )

    open_still = compare("psa_case_30d", date(2025, 12, 20), law=law._replace(limits=limits))
    expired = compare("psa_case_30d", date(2025, 11, 20), law=law._replace(limits=limits))

    assert [one.applies for one in open_still] == [False, True]
    assert [one.why for one in open_still] == [
        "起算时施行，自 2026-01-01 起未办结的改按新文本",
        "起算时尚未施行；2026-01-01 施行时未办结、未届满，改按这一文本",
    ]
    assert [one.applies for one in expired] == [True, False]


def test_what_a_text_does_not_know_of_is_left_out_and_said(law: Core) -> None:
    old, new = compare("psa_case_30d", date(2025, 12, 20), events=[read_given(HEARING)], law=law)

    assert old.answer is not None
    assert new.answer is not None
    assert "这一文本没有“送达听证通知”的规定，没有计算" in old.answer.cautions
    assert new.answer.cautions == ()


def test_a_tier_that_only_the_new_text_has_is_refused_under_the_old(law: Core) -> None:
    """治安管理处罚法(2025) 第九十七条 added the twelve hours."""
    old, new = compare("psa_inquiry_8h", date(2026, 3, 2), tier="12h", law=law)

    assert (old.answer, new.applies) == (None, True)
    assert "没有“12h”这一档" in old.refusal
    assert old.as_json()["error"] == old.refusal
    assert "due_on" not in old.as_json()


def test_a_limit_with_one_text_is_compared_with_nothing(law: Core) -> None:
    (only,) = compare("adm_case_90d", date(2026, 3, 2), law=law)

    assert only.applies
    assert compare("nothing", date(2026, 3, 2), law=law) == []


def test_before_any_text_none_applies(law: Core) -> None:
    found = compare("psa_case_30d", date(2012, 1, 4), law=law)

    assert [one.applies for one in found] == [False, False]
    assert answer_of(found) is None


# -- the command -----------------------------------------------------------------------------------------------------


def command(*words: str) -> Any:
    out = StringIO()
    call_command("deadline", *words, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("shipped")
def test_the_command_adds_the_comparison_and_keeps_its_keys() -> None:
    plain = json.loads(command("psa_case_30d", "--start", "2026-03-02", "--json"))
    said = json.loads(command("psa_case_30d", "--start", "2026-03-02", "--compare", "--json"))

    assert said.keys() - plain.keys() == {"compared"}
    assert {**said, "compared": None} == {**plain, "compared": None}
    assert [(one["limit"], one["applies"], one["due_on"]) for one in said["compared"]] == [
        ("psa_case_30d_v2012", False, "2026-04-01"),
        ("psa_case_30d_v2025", True, "2026-04-01"),
    ]


@pytest.mark.usefixtures("shipped")
def test_with_a_comparison_the_answer_is_that_of_the_text_that_applies() -> None:
    said = json.loads(command("psa_case_30d_v2025", "--start", "2025-12-20", "--event", HEARING, "--compare", "--json"))

    assert (said["limit"], said["due_on"]) == ("psa_case_30d_v2012", "2026-01-19")


@pytest.mark.usefixtures("shipped")
def test_the_comparison_in_words() -> None:
    text = command("psa_case_30d", "--start", "2026-03-02", "--compare")

    assert "【不适用：起算日 2026-03-02 晚于失效日 2025-12-31】" in text
    assert "【适用：起算日 2026-03-02 在其施行期内】" in text
