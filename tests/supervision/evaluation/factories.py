"""Indicators short enough to reckon in the head, over the invented catalogue of `tests.cases.factories`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cases.models import Officer, Unit
from supervision.evaluation.models import Indicator, Term
from supervision.evaluation.services import Wording
from supervision.evaluation.services.defining import publish
from supervision.evaluation.terms import read_term
from tests.cases.factories import moment

MADE = moment("2026-01-01 09:00")
SINCE = date(2025, 1, 1)

FILED: Mapping[str, Any] = {"source": "matters", "at": "opened", "where": {"kind": ["case"]}}
CLOSED: Mapping[str, Any] = {"source": "matters", "at": "opened", "where": {"kind": ["case"], "closed": True}}


def term(source: str, at: str, /, *, stock: bool = False, **where: Any) -> Term:
    """A term that is not on record."""
    return read_term({"source": source, "at": at, "stock": stock, "where": where})


def wording(**told: Any) -> Wording:
    return Wording(
        **{
            "name": "结案率",
            "numerator_words": "其中已结案",
            "denominator_words": "当期立案",
            "better": "up",
            "minimum": 1,
            **told,
        }
    )


def house_indicator(
    code: str = "closing",
    *,
    version: int = 1,
    numerator: Sequence[Mapping[str, Any]] = (CLOSED,),
    denominator: Sequence[Mapping[str, Any]] = (FILED,),
    unit: Unit | None = None,
    by: Officer | None = None,
    since: date = SINCE,
    **told: Any,
) -> Indicator:
    """An indicator in force since long ago."""
    return publish(
        code=code,
        version=version,
        wording=wording(**told),
        numerator=[read_term(one) for one in numerator],
        denominator=[read_term(one) for one in denominator],
        unit=unit,
        in_force_from=since,
        by=by,
        at=MADE,
    )
