"""The room's section of the catalogue: loaded with the rest, all of it or nothing."""

from pathlib import Path

import pytest
from django.conf import settings

from cases.catalogue import InvalidCatalogue, read_catalogue
from cases.catalogue.loading import load_catalogue
from supervision.rectification.models import Grade, Problem
from tests.cases.factories import moment
from tests.cases.test_catalogue import folder_of

NOW = moment("2026-05-19 09:00")
GOOD = """
problems:
  - {code: late, name: 超期, fault: 期限, law: 测试法, article: 第一条, grade: supervised, workdays: 3, demand: 办结}
  - {code: slip, name: 笔误, fault: 文书, article: 该文书的格式, workdays: 5, needs_evidence: false}
"""


@pytest.mark.django_db
def test_problems_are_loaded_and_loading_again_changes_nothing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"problems.yaml": GOOD})

    first, second = load_catalogue(folder, at=NOW), load_catalogue(folder, at=NOW)

    late, slip = Problem.objects.order_by("order")
    assert (late.citation, late.grade, late.workdays, late.needs_evidence) == (
        "《测试法》第一条",
        "supervised",
        3,
        True,
    )
    assert (slip.citation, slip.grade, slip.needs_evidence) == ("该文书的格式", Grade.REMINDER, False)
    assert first.created["problems"] == 2 and not second.changed


@pytest.mark.django_db
def test_a_changed_problem_is_rewritten_and_one_that_is_not_mentioned_stays(tmp_path: Path) -> None:
    load_catalogue(folder_of(tmp_path / "a", {"problems.yaml": GOOD}), at=NOW)

    report = load_catalogue(
        folder_of(
            tmp_path / "b", {"own.yaml": GOOD.replace("workdays: 3", "workdays: 2").partition("  - {code: slip")[0]}
        ),
        at=NOW,
    )

    assert (report.updated["problems"], Problem.objects.get(code="late").workdays) == (1, 2)
    assert Problem.objects.filter(code="slip").exists()


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("grade: supervised", "grade: fierce", "没有等级“fierce”"),
        ("workdays: 3", "workdays: 0", "应为不小于 1 的整数"),
        ("workdays: 3", "workdays: 251", "最多 250 个工作日"),
        ("name: 超期", "name: ''", "必填"),
        ("article: 第一条", "artikel: 第一条", "没有这个字段，是不是“article”"),
        ("code: slip", "code: late", "代码重复"),
        ("code: slip", "code: 笔误", "只用英文字母"),
        ("name: 超期", f"name: {'长' * 101}", "最多100个字"),
        ("needs_evidence: false", "needs_evidence: 否", "应为 true 或 false"),
        ("problems:", "problem:", "是不是“problems”"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    folder = folder_of(tmp_path, {"problems.yaml": GOOD.replace(was, becomes, 1)})

    with pytest.raises(InvalidCatalogue, match=said) as wrong:
        read_catalogue(folder)

    assert wrong.value.problems[0].place.file == "problems.yaml"


@pytest.mark.django_db
def test_a_wrong_problem_stops_everything_else_in_the_folder(tmp_path: Path) -> None:
    kinds = "kinds:\n  - {code: case, name: 案件}\n"
    folder = folder_of(tmp_path, {"kinds.yaml": kinds, "problems.yaml": GOOD.replace("workdays: 3", "workdays: 0")})

    with pytest.raises(InvalidCatalogue):
        load_catalogue(folder, at=NOW)

    assert not Problem.objects.exists()


def test_the_problems_that_ship_with_the_product_cite_their_articles() -> None:
    problems = read_catalogue(settings.ROOT / "seeds").others["problems"]

    assert len(problems) >= 25
    assert "overrun" in problems
    # What they are found to be names the rule: the limit that ran out, what an inspection or the check of a visit found;
    # who must approve a measure stands in two regulations, named with their articles.
    unnamed = [code for code, row in problems.items() if not row["law"]]
    assert unnamed == [
        "overrun",
        "custody_step_missing",
        "custody_gap",
        "property_over_authority",
        "inspected_fault",
        "served_badly",
    ]
    assert all(row["article"] for row in problems.values())
    assert {row["grade"] for row in problems.values()} == set(Grade.values)
