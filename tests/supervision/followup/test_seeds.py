"""The rules and outlines that come with the product, and files that cannot be loaded."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from supervision.followup.models import EntryRule, OutlineTemplate
from supervision.followup.rules import parse_condition
from supervision.followup.seeds import WrongSeed, load_followup
from tests.cases.factories import make_catalogue

pytestmark = pytest.mark.django_db

SHIPPED = settings.ROOT / "seeds" / "followup.yaml"


def test_the_shipped_file_loads_under_the_shipped_catalogue_and_leaves_what_was_edited() -> None:
    call_command("load_catalogue", verbosity=0, stdout=StringIO())
    document = StringIO()

    call_command("load_followup", "--json", stdout=document)

    assert json.loads(document.getvalue()) == {"templates": 4, "rules": 7, "kept": 0}
    assert all(parse_condition(rule.condition) for rule in EntryRule.objects.all())
    assert all(template.items.count() >= 3 for template in OutlineTemplate.objects.all())  # type: ignore[attr-defined]
    EntryRule.objects.filter(code="media").update(told_as="改过的", active=False)
    again = load_followup(SHIPPED)
    assert (again.templates, again.rules, again.kept) == (0, 0, 11)
    assert EntryRule.objects.get(code="media").told_as == "改过的"


def test_nobody_is_told_that_a_petition_has_come_in() -> None:
    call_command("load_catalogue", verbosity=0, stdout=StringIO())
    load_followup(SHIPPED)

    rule = EntryRule.objects.get(code="petition_linked")

    assert not any(word in rule.told_as for word in ("信访", "投诉", "举报"))


TEMPLATE = "  templates: [{code: a, name: 甲, items: [{title: 一, working_days: 1}]}]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: []", "应有 followup 一部分"),
        ("followup: {rule: []}", "应有 followup 一部分"),
        ("followup: [", "不合 YAML 的写法"),
        ("followup: {rules: {a: 1}}", "rules 应为列表"),
        ("followup: {rules: [1]}", "第1条应为一组字段"),
        ("followup: {rules: [{code: a, name: 甲, condition: {petition: true}}]}", "缺少 told_as"),
        ("followup: {rules: [{code: a, name: 甲, told_as: 乙, condition: {}, colour: red}]}", "没有“colour”这个字段"),
        ("followup: {rules: [{code: a, name: 甲, told_as: 乙, condition: {}}]}", "进入条件不能为空"),
        ("followup: {rules: [{code: 1, name: 甲, told_as: 乙, condition: {}}]}", "code 应为文字"),
        (
            "followup: {rules: [{code: a, name: 甲, told_as: 乙, condition: {petition: true}, template: x}]}",
            "没有提纲模板“x”",
        ),
        ("followup: {templates: [{code: a, name: 甲, items: []}]}", "至少要有一条"),
        ("followup: {templates: [{code: a, name: 甲, items: [{title: 一}]}]}", "应写 title 和 working_days"),
        (
            "followup: {templates: [{code: a, name: 甲, items: [{title: 一, working_days: 0}]}]}",
            "working_days 应为 1 至",
        ),
        (
            "followup: {templates: [{code: a, name: 甲, kinds: [x], items: [{title: 一, working_days: 1}]}]}",
            "没有“x”这种事项",
        ),
        (
            "followup: {templates: [{code: a, name: 甲, stagnation_days: 0, items: [{title: 一, working_days: 1}]}]}",
            "stagnation_days 应为",
        ),
        (f"followup:\n{TEMPLATE[:-1]}, {{code: a, name: 乙, items: [{{title: 一, working_days: 1}}]}}]", "写了两遍"),
    ],
)
def test_a_file_with_anything_wrong_changes_nothing_and_says_where(tmp_path: Path, text: str, said: str) -> None:
    make_catalogue()
    file = tmp_path / "followup.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(WrongSeed, match=said):
        load_followup(file)

    assert not EntryRule.objects.exists()
    assert not OutlineTemplate.objects.exists()


def test_the_command_fails_with_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="没有文件"):
        call_command("load_followup", str(tmp_path / "none.yaml"))


def test_the_catalogue_of_the_same_folder_passes_by_this_file() -> None:
    call_command("load_catalogue", str(settings.ROOT / "seeds"), stdout=StringIO())

    assert not EntryRule.objects.exists()
