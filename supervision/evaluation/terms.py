"""Terms: read from what a file or a form says, written in one canonical way, told in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from supervision.evaluation.models import Term
from supervision.evaluation.refusals import (
    NO_CONDITION,
    NO_MOMENT,
    NO_SOURCE,
    NO_STOCK,
    NO_TERM,
    TERM_FIELD,
    TOO_LONG,
    WRONG_VALUE,
    EvaluationRefused,
)
from supervision.evaluation.sources import SOURCES

FIELDS: Final = ("source", "at", "stock", "where")
LONGEST: Final = 500


def read_term(raw: Mapping[str, Any]) -> Term:
    """A term that is not yet on record, in its canonical writing.

    Refuses what no source declares: a source, a moment, a condition or a value; and a stock of what never leaves.
    """
    if unknown := sorted(set(map(str, raw)) - set(FIELDS)):
        raise EvaluationRefused(TERM_FIELD.format(field=unknown[0]))
    name, at = raw.get("source"), raw.get("at")
    if not isinstance(name, str) or not isinstance(at, str):
        raise EvaluationRefused(NO_TERM)
    source = SOURCES.get(name)
    if source is None:
        raise EvaluationRefused(NO_SOURCE.format(source=name, known="、".join(SOURCES)))
    if at not in source.moments:
        raise EvaluationRefused(NO_MOMENT.format(source=source.words, moment=at, known="、".join(source.moments)))
    stock = bool(raw.get("stock", False))
    if stock and not source.leaves:
        raise EvaluationRefused(NO_STOCK.format(source=source.words))
    where: dict[str, Any] = {}
    for condition, value in sorted((raw.get("where") or {}).items()):
        if condition not in source.conditions:
            raise EvaluationRefused(
                NO_CONDITION.format(source=source.words, condition=condition, known="、".join(source.conditions))
            )
        try:
            where[condition] = source.conditions[condition].read(value)
        except ValueError as error:
            raise EvaluationRefused(WRONG_VALUE.format(source=source.words, why=error)) from error
    text = canonical(name, at, stock, where)
    if len(text) > LONGEST:
        raise EvaluationRefused(TOO_LONG)
    return Term(text=text, source=name, at=at, where=where, stock=stock)


def canonical(source: str, at: str, stock: bool, where: Mapping[str, Any]) -> str:
    """The one writing of a term: the same thing counted is the same text."""
    asked = json.dumps(where, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{source}:{at}{'~' if stock else ''}{asked if where else ''}"


def as_raw(term: Term) -> dict[str, Any]:
    """The term as `read_term` reads it."""
    return {"source": term.source, "at": term.at, "stock": term.stock, "where": term.where}


def told(term: Term) -> str:
    """What a term counts, in words."""
    source = SOURCES[term.source]
    moment = source.moments[term.at].words
    asked = "；".join(source.conditions[name].told(value) for name, value in term.where.items())
    when = "期初已有、期初尚未办结" if term.stock else f"计入时刻：{moment}"
    return f"{source.words}，{when}{f'，{asked}' if asked else ''}"


def keep(terms: Sequence[Term]) -> list[Term]:
    """The same terms as rows, those that are not on record yet written; three questions whatever their number."""
    Term.objects.bulk_create(terms, ignore_conflicts=True)
    by_text = {row.text: row for row in Term.objects.filter(text__in=[term.text for term in terms])}
    return [by_text[term.text] for term in terms]


def is_restricted(terms: Sequence[Term]) -> bool:
    """Whether any of them counts rows that only their handlers may see."""
    return any(SOURCES[term.source].restricted for term in terms)
