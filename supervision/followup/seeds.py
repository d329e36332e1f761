"""The rules and outlines that come with the product, from YAML into rows that a bureau then edits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from cases.models import MatterKind
from supervision.followup.models import EntryRule, OutlineTemplate, TemplateItem
from supervision.followup.rules import (
    MOST_WORKING_DAYS,
    STAGNATION_DAYS,
    WrongCondition,
    named_once,
    parse_condition,
)

SECTION = "followup"
TEMPLATE_FIELDS = {"code", "name", "kinds", "stagnation_days", "order", "items"}
RULE_FIELDS = {"code", "name", "told_as", "condition", "template", "line_word", "order"}


class WrongSeed(Exception):
    """The file cannot be loaded; the message says where and how to put it right. Nothing has been changed."""


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What was added; what was there already is left as the bureau has it."""

    templates: int = 0
    rules: int = 0
    kept: int = 0


def load_followup(file: Path) -> SeedReport:
    """Add the templates and rules of a file that are not there yet, all or nothing.

    A row that exists is never changed: it may have been edited. Refuses what is misspelt, a condition that cannot be
    understood, and kinds and templates that are not there.
    """
    templates, rules = _read(file)
    known = set(MatterKind.objects.values_list("code", flat=True))
    for entry in templates:
        if unknown := [kind for kind in entry.get("kinds", []) if kind not in known]:
            raise WrongSeed(f"提纲模板 {entry['code']}：没有“{unknown[0]}”这种事项，请先载入目录")
    with transaction.atomic():
        had = set(OutlineTemplate.objects.values_list("code", flat=True))
        fresh = [entry for entry in templates if entry["code"] not in had]
        for number, entry in enumerate(fresh, 1):
            _add_template(entry, number * 10)
        by_code = {template.code: template for template in OutlineTemplate.objects.all()}
        had_rules = set(EntryRule.objects.values_list("code", flat=True))
        fresh_rules = [entry for entry in rules if entry["code"] not in had_rules]
        for number, entry in enumerate(fresh_rules, 1):
            template = entry.get("template")
            if template is not None and template not in by_code:
                raise WrongSeed(f"进入规则 {entry['code']}：没有提纲模板“{template}”")
            EntryRule.objects.create(
                code=entry["code"],
                name=entry["name"],
                told_as=entry["told_as"],
                condition=entry["condition"],
                template=by_code.get(template or ""),
                line_word=entry.get("line_word", ""),
                order=entry.get("order", number * 10),
            )
    kept = len(templates) + len(rules) - len(fresh) - len(fresh_rules)
    return SeedReport(len(fresh), len(fresh_rules), kept)


def _add_template(entry: dict[str, Any], order: int) -> None:
    template = OutlineTemplate.objects.create(
        code=entry["code"],
        name=entry["name"],
        kinds=list(entry.get("kinds", [])),
        stagnation_days=entry.get("stagnation_days", STAGNATION_DAYS),
        order=entry.get("order", order),
    )
    TemplateItem.objects.bulk_create(
        TemplateItem(template=template, order=number, title=item["title"], working_days=item["working_days"])
        for number, item in enumerate(entry["items"], 1)
    )


# -- reading ---------------------------------------------------------------------------------------------------------


def _read(file: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WrongSeed(f"没有文件 {file}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise WrongSeed(f"{file.name} 不合 YAML 的写法，请检查缩进、冒号、引号和括号") from error
    section = document.get(SECTION) if isinstance(document, dict) else None
    if not isinstance(section, dict) or set(section) - {"templates", "rules"}:
        raise WrongSeed(f"{file.name} 应有 {SECTION} 一部分，其下为 templates 和 rules")
    templates = _entries(section, "templates", TEMPLATE_FIELDS, {"code", "name", "items"})
    rules = _entries(section, "rules", RULE_FIELDS, {"code", "name", "told_as", "condition"})
    for entry in templates:
        _check_template(entry)
    for entry in rules:
        try:
            parse_condition(entry["condition"])
        except WrongCondition as error:
            raise WrongSeed(f"进入规则 {entry['code']}：{error}") from error
    return templates, rules


def _entries(section: dict[str, Any], name: str, known: set[str], needed: set[str]) -> list[dict[str, Any]]:
    entries = section.get(name) or []
    if not isinstance(entries, list):
        raise WrongSeed(f"{name} 应为列表")
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise WrongSeed(f"{name} 第{number}条应为一组字段")
        where = f"{name} 第{number}条"
        if missing := sorted(needed - set(entry)):
            raise WrongSeed(f"{where}缺少 {'、'.join(missing)}")
        if unknown := sorted(set(map(str, entry)) - known):
            raise WrongSeed(f"{where}没有“{unknown[0]}”这个字段，可用的有 {'、'.join(sorted(known))}")
        for field in ("code", "name", "told_as", "line_word", "template"):
            if field in entry and (not isinstance(entry[field], str) or not entry[field].strip()):
                raise WrongSeed(f"{where}的 {field} 应为文字")
    if twice := named_once([entry["code"] for entry in entries]):
        raise WrongSeed(f"{name} 中代码“{twice}”写了两遍")
    return entries


def _check_template(entry: dict[str, Any]) -> None:
    where = f"提纲模板 {entry['code']}"
    if not _whole(entry.get("stagnation_days", STAGNATION_DAYS)):
        raise WrongSeed(f"{where}：stagnation_days 应为 1 至 {MOST_WORKING_DAYS}")
    kinds, items = entry.get("kinds", []), entry["items"]
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise WrongSeed(f"{where}：kinds 应为一列种类代码")
    if not isinstance(items, list) or not items:
        raise WrongSeed(f"{where}：items 至少要有一条")
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict) or set(item) != {"title", "working_days"}:
            raise WrongSeed(f"{where}第{number}条应写 title 和 working_days")
        if not isinstance(item["title"], str) or not _whole(item["working_days"]):
            raise WrongSeed(f"{where}第{number}条：title 应为文字，working_days 应为 1 至 {MOST_WORKING_DAYS}")


def _whole(days: Any) -> bool:
    return isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= MOST_WORKING_DAYS
