"""The indicators that come with the product, from YAML into versions that never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import yaml
from django.db import transaction

from supervision.evaluation import terms
from supervision.evaluation.models import Better, Group, Indicator, Shape, Side, Term, Weight
from supervision.evaluation.queries.versions import with_parts
from supervision.evaluation.refusals import EvaluationRefused
from supervision.evaluation.services.defining import Wording, check_definition, publish, wording_of

FIELDS: Final = {"code", "version", "in_force_from", "numerator", "denominator", *Wording.__slots__}
NEEDED: Final = {"code", "version", "name", "better", "numerator_words", "denominator_words", "in_force_from"}
CHOICES: Final = {"better": Better, "group": Group, "shape": Shape}
WEIGHT_FIELDS: Final = {"score", "code", "weight", "in_force_from"}


class WrongIndicators(Exception):
    """The file cannot be loaded; the message says where and how to put it right. Nothing has been changed."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was added; what was there already is the same."""

    indicators: int = 0
    weights: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    code: str
    version: int
    in_force_from: date
    wording: Wording
    numerator: Sequence[Term]
    denominator: Sequence[Term]


def load_indicators(file: Path, *, at: datetime) -> LoadReport:
    """Add the versions and weights of a file that are not there yet, all or nothing; a second run changes nothing.

    Refuses what is misspelt, what no source declares, what may not be measured, and a version that is on record in other
    words: a change is a new version.
    """
    document = _document(file)
    entries = [_entry(raw, number) for number, raw in enumerate(document.get("indicators") or [], 1)]
    if twice := _twice([entry.code for entry in entries]):
        raise WrongIndicators(f"{file.name} 中指标“{twice}”写了两遍；只写最新的一版")
    known = {(row.code, row.version): row for row in with_parts(Indicator.objects.filter(unit=None))}
    fresh = []
    for entry in entries:
        row = known.get((entry.code, entry.version))
        if row is None:
            fresh.append(entry)
        elif not _same(row, entry):
            raise WrongIndicators(f"指标 {entry.code} 第 {entry.version} 版已经发布，不能改动；请另写一个新的 version")
    with transaction.atomic():
        for entry in fresh:
            try:
                publish(
                    code=entry.code,
                    version=entry.version,
                    wording=entry.wording,
                    numerator=entry.numerator,
                    denominator=entry.denominator,
                    unit=None,
                    in_force_from=entry.in_force_from,
                    by=None,
                    at=at,
                )
            except EvaluationRefused as refused:
                raise WrongIndicators(f"指标 {entry.code}：{refused}") from refused
        weights = _add_weights(document.get("weights") or [], {entry.code for entry in entries})
    return LoadReport(len(fresh), weights, len(entries) - len(fresh))


def _document(file: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WrongIndicators(f"没有文件 {file}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise WrongIndicators(f"{file.name} 不合 YAML 的写法，请检查缩进、冒号、引号和括号") from error
    if not isinstance(document, dict) or set(document) - {"indicators", "weights"}:
        raise WrongIndicators(f"{file.name} 应有 indicators 和 weights 两部分")
    for name in ("indicators", "weights"):
        if not isinstance(document.get(name) or [], list):
            raise WrongIndicators(f"{name} 应为列表")
    return document


def _entry(raw: Any, number: int) -> _Entry:
    where = f"indicators 第{number}条"
    if not isinstance(raw, dict):
        raise WrongIndicators(f"{where}应为一组字段")
    if missing := sorted(NEEDED - set(raw)):
        raise WrongIndicators(f"{where}缺少 {'、'.join(missing)}")
    where = f"指标 {raw['code']}"
    if unknown := sorted(set(map(str, raw)) - FIELDS):
        raise WrongIndicators(f"{where}没有“{unknown[0]}”这个字段")
    for name, choices in CHOICES.items():
        if name in raw and raw[name] not in choices.values:
            raise WrongIndicators(f"{where}的 {name} 应为 {'、'.join(choices.values)} 之一")
    for name in ("version", "minimum", "order"):
        if name in raw and (not isinstance(raw[name], int) or isinstance(raw[name], bool) or raw[name] < 1):
            raise WrongIndicators(f"{where}的 {name} 应为正整数")
    if type(raw["in_force_from"]) is not date:
        raise WrongIndicators(f"{where}的 in_force_from 应为日期，如 2026-01-01")
    told = {"order": number * 10, **{name: raw[name] for name in Wording.__slots__ if name in raw}}
    try:
        sides = [[terms.read_term(term) for term in raw.get(side.value) or []] for side in Side]
        wording = Wording(**told)
        check_definition(code=raw["code"], wording=wording, numerator=sides[0], denominator=sides[1])
    except EvaluationRefused as refused:
        raise WrongIndicators(f"{where}：{refused}") from refused
    return _Entry(raw["code"], raw["version"], raw["in_force_from"], wording, sides[0], sides[1])


def _same(row: Indicator, entry: _Entry) -> bool:
    counted = {side: [part.term.text for part in row.parts.all() if part.side == side] for side in Side}
    return (
        wording_of(row) == entry.wording
        and row.in_force_from == entry.in_force_from
        and counted[Side.NUMERATOR] == [term.text for term in entry.numerator]
        and counted[Side.DENOMINATOR] == [term.text for term in entry.denominator]
    )


def _add_weights(raw: list[Any], codes: set[str]) -> int:
    """Weights a file names and the house does not have; what a bureau weighs stands beside them."""
    fresh = []
    known = {(row.score, row.code, row.in_force_from) for row in Weight.objects.filter(unit=None)}
    for number, entry in enumerate(raw, 1):
        if not isinstance(entry, dict) or set(entry) != WEIGHT_FIELDS:
            raise WrongIndicators(f"weights 第{number}条应写 {'、'.join(sorted(WEIGHT_FIELDS))}")
        if entry["code"] not in codes:
            raise WrongIndicators(f"weights 第{number}条：没有指标“{entry['code']}”")
        try:
            weight = Decimal(str(entry["weight"]))
        except InvalidOperation as error:
            raise WrongIndicators(f"weights 第{number}条的 weight 应为数") from error
        if not 0 < weight <= 1 or type(entry["in_force_from"]) is not date:
            raise WrongIndicators(f"weights 第{number}条：weight 应在 0 与 1 之间，in_force_from 应为日期")
        if (entry["score"], entry["code"], entry["in_force_from"]) not in known:
            fresh.append(
                Weight(score=entry["score"], code=entry["code"], weight=weight, in_force_from=entry["in_force_from"])
            )
    for row in fresh:
        Weight.objects.filter(score=row.score, code=row.code, unit=None, in_force_until=None).update(
            in_force_until=row.in_force_from
        )
        row.save(force_insert=True)
    return len(fresh)


def _twice(codes: Sequence[str]) -> str | None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            return code
        seen.add(code)
    return None
