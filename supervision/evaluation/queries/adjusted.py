"""What has changed since an edition was issued, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects

from cases.models import Unit
from supervision.evaluation import refusals
from supervision.evaluation.counted import local_zone
from supervision.evaluation.counting import rows
from supervision.evaluation.models import FrozenFigure, FrozenRows, Indicator, Part, Side, Term
from supervision.evaluation.queries.figures import figures_of
from supervision.evaluation.queries.showing import ShownRow, show_rows
from supervision.evaluation.rates import Rate
from supervision.evaluation.refusals import EvaluationRefused
from supervision.evaluation.rules.packing import unpack
from supervision.evaluation.rules.periods import Period


@dataclass(frozen=True, slots=True)
class Change:
    """What came into one side of a figure since, or left it."""

    side: Side
    term: Term
    came: Sequence[ShownRow]
    went: Sequence[ShownRow]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A figure that would be said otherwise now: what was said, what would be, and by which rows.

    The same cutoff is kept, so only what was put on record or corrected since can differ. Numbers may be the same and the
    rows not. Everybody's rows: whoever shows them cuts them to what the reader may see.
    """

    frozen: FrozenFigure
    now: Rate
    changes: Sequence[Change]

    @property
    def said(self) -> Rate:
        return Rate(self.frozen.numerator, self.frozen.denominator)

    @property
    def unit(self) -> Unit:
        return self.frozen.unit

    @property
    def indicator(self) -> Indicator:
        return self.frozen.indicator


def numbers_now(edition: str, *, at: datetime) -> list[tuple[FrozenFigure, Rate]]:
    """Each figure of an edition with what it would come to now, at the same cutoff; from what is stored, where it is, so
    that a look at a whole year costs little. Refuses an edition that was never frozen."""
    frozen = _frozen(edition)
    units = list({row.unit_id: row.unit for row in frozen}.values())
    indicators = list({row.indicator_id: row.indicator for row in frozen}.values())
    prefetch_related_objects(indicators, "parts__term")
    cutoff, period = frozen[0].cutoff, Period(frozen[0].begins_on, frozen[0].ends_on)
    own = None if cutoff >= period.ends(local_zone()) else cutoff
    cells = figures_of(units, period, at=at, indicators=indicators, cutoff=own)
    now = {(cell.unit.pk, cell.indicator.pk): Rate(cell.numerator, cell.denominator) for cell in cells}
    return [(row, now[row.unit_id, row.indicator_id]) for row in frozen if (row.unit_id, row.indicator_id) in now]


def _frozen(edition: str) -> list[FrozenFigure]:
    frozen = list(
        FrozenFigure.objects.filter(edition=edition).select_related("unit", "indicator").order_by("unit__path", "pk")
    )
    if not frozen:
        raise EvaluationRefused(refusals.NOTHING_FROZEN.format(edition=edition))
    return frozen


def adjusted_since(edition: str, *, among: Collection[int] | None = None) -> list[Adjusted]:
    """The figures of an edition, or those of its figures `among` these ids, that would be said otherwise now. Refuses an
    edition that was never frozen."""
    frozen = [row for row in _frozen(edition) if among is None or row.pk in among]
    parts: dict[int, list[Part]] = {}
    for part in (
        Part.objects.filter(indicator__in={row.indicator_id for row in frozen}).select_related("term").order_by("order")
    ):
        parts.setdefault(part.indicator_id, []).append(part)
    cutoffs = {(row.unit_id, row.begins_on, row.ends_on): row.cutoff for row in frozen}
    asked = {(row.unit_id, part.term_id) for row in frozen for part in parts.get(row.indicator_id, ())}
    compared = {
        (kept.unit_id, kept.term_id, kept.begins_on, kept.ends_on): _compare(
            kept, cutoffs[kept.unit_id, kept.begins_on, kept.ends_on]
        )
        for kept in FrozenRows.objects.filter(edition=edition).select_related("unit", "term")
        if (kept.unit_id, kept.term_id) in asked
    }
    found = []
    for row in frozen:
        sides = dict.fromkeys(Side, 0)
        changes = []
        for part in parts.get(row.indicator_id, ()):
            number, came, went = compared[row.unit_id, part.term_id, row.begins_on, row.ends_on]
            sides[Side(part.side)] += number
            if came or went:
                changes.append(Change(Side(part.side), part.term, _shown(part.term, came), _shown(part.term, went)))
        if changes:
            found.append(Adjusted(row, Rate(sides[Side.NUMERATOR], sides[Side.DENOMINATOR]), changes))
    return found


def _compare(kept: FrozenRows, cutoff: datetime) -> tuple[int, list[int], list[int]]:
    """(how many now, those that came in since, those that left)."""
    before = set(unpack(bytes(kept.keys)))
    period = Period(kept.begins_on, kept.ends_on)
    now: set[int] = set(rows(kept.term, kept.unit, period, cutoff).order_by().values_list("pk", flat=True))
    return len(now), sorted(now - before), sorted(before - now)


def _shown(term: Term, keys: Iterable[Any]) -> list[ShownRow]:
    return show_rows(term.source, keys)
