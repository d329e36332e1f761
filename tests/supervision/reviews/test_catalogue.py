"""The room's section of the catalogue: the forms that files are reviewed by."""

from pathlib import Path

import pytest
import yaml
from django.conf import settings

from cases.catalogue import InvalidCatalogue, read_catalogue
from cases.catalogue.loading import load_catalogue
from cases.statute.limits import family_of
from supervision.reviews.models import Template
from supervision.reviews.models.round import items_of
from tests.cases.factories import moment
from tests.cases.test_catalogue import folder_of

NOW = moment("2026-05-19 09:00")
GOOD = """
review_forms:
  - code: short
    name: 评查表
    version: 第1版
    items:
      - {code: late, group: 期限, text: 超期, law: 测试法, article: 第一条, most: 5, problem: late, limits: [close]}
      - {code: merit, group: 加分, text: 规范, most: 5, merit: true}
"""


@pytest.mark.django_db
def test_forms_are_loaded_and_loading_again_changes_nothing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"review_forms.yaml": GOOD})

    first, second = load_catalogue(folder, at=NOW), load_catalogue(folder, at=NOW)

    late, merit = items_of(Template.objects.get().items)
    assert (late.citation, late.most, late.merit, late.limits) == ("《测试法》第一条", 5, False, ("close",))
    assert (merit.citation, merit.merit, merit.problem) == ("", True, "")
    assert first.created["review_forms"] == 1 and not second.changed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("most: 5, problem: late", "problem: late"),
        ("most: 101, problem: late", "最多 100 分"),
        ("most: 5, merit: true, problem: late", "加分项目不引出整改"),
        ("most: 5, problm: late", "是不是“problem”"),
    ],
)
def test_an_item_that_could_not_be_used_is_refused_with_its_place(tmp_path: Path, wrong: str, said: str) -> None:
    text = GOOD.replace("most: 5, problem: late", wrong)
    text = text if wrong != "most: 5, problem: late" else text.replace("article: 第一条, ", "")
    said = "必填" if wrong == "most: 5, problem: late" else said

    with pytest.raises(InvalidCatalogue, match=said):
        load_catalogue(folder_of(tmp_path, {"review_forms.yaml": text}), at=NOW)
    assert not Template.objects.exists()


def test_the_form_we_bring_has_the_sixteen_groups_and_refers_to_what_there_is() -> None:
    seeds = settings.ROOT / "seeds"
    [form] = yaml.safe_load((seeds / "review_forms.yaml").read_text(encoding="utf-8"))["review_forms"]
    problems = {one["code"] for one in yaml.safe_load((seeds / "problems.yaml").read_text("utf-8"))["problems"]}
    catalogue = read_catalogue(seeds)
    known = {family_of(code) for code in catalogue.limits} | set(catalogue.limits)

    groups = list(dict.fromkeys(item["group"] for item in form["items"]))
    assert groups == [
        "接报案", "立案", "期限", "传唤询问", "未成年人", "扣押", "财物", "鉴定", "告知听证", "审核", "送达", "执行", "快速办理",
        "行刑衔接", "刑事强制措施", "检察监督", "文书", "加分",
    ]  # fmt: skip
    assert {item["problem"] for item in form["items"] if not item.get("merit")} <= problems
    named = [limit for item in form["items"] for limit in item.get("limits", ())]
    assert [limit for limit in named if limit != "*" and limit not in known] == []
    assert len(named) == len(set(named))
    assert all(item.get("law") or item.get("article") for item in form["items"] if not item.get("merit"))
