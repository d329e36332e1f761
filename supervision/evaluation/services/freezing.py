"""Freezing: what a bulletin said, with the rows it counted, put on record once and for all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from cases.models import Unit
from supervision.evaluation import refusals
from supervision.evaluation.counting import rows
from supervision.evaluation.models import FrozenFigure, FrozenRows, Indicator
from supervision.evaluation.queries.figures import FigureCell, cutoff_of, figures_of
from supervision.evaluation.refusals import EvaluationRefused
from supervision.evaluation.rules.packing import pack
from supervision.evaluation.rules.periods import Period


def freeze(
    *,
    edition: str,
    units: Iterable[Unit],
    period: Period,
    at: datetime,
    cutoff: datetime | None = None,
    indicators: Collection[Indicator] | None = None,
) -> list[FrozenFigure]:
    """Put on record what an edition says of units in a period, with the keys of every row counted.

    Counted from the rows in this transaction and not read from what is stored, so that numbers and keys are of one moment.
    An edition may be given several periods, each once. Refuses an edition without a name and a period it has already.
    """
    if not edition.strip():
        raise EvaluationRefused(refusals.NO_EDITION)
    units = list(units)
    taken = cutoff or cutoff_of(period, at)
    with transaction.atomic():
        cells = figures_of(units, period, at=at, cutoff=taken, indicators=indicators)
        kept = _keep_rows(edition, cells, period, taken)
        frozen = [
            FrozenFigure(
                edition=edition,
                unit=cell.unit,
                indicator=cell.indicator,
                begins_on=period.begins_on,
                ends_on=period.ends_on,
                cutoff=taken,
                numerator=cell.numerator,
                denominator=cell.denominator,
                frozen_at=at,
            )
            for cell in cells
        ]
        try:
            with transaction.atomic():
                FrozenRows.objects.bulk_create(kept)
                return FrozenFigure.objects.bulk_create(frozen)
        except IntegrityError as error:
            raise EvaluationRefused(refusals.ALREADY_FROZEN.format(edition=edition)) from error


def _keep_rows(edition: str, cells: Iterable[FigureCell], period: Period, cutoff: datetime) -> list[FrozenRows]:
    """The keys of each term in each unit, once however many indicators share it."""
    wanted = {
        (cell.unit.pk, part.term.pk): (cell.unit, part.term) for cell in cells for part in cell.indicator.parts.all()
    }
    kept = []
    for unit, term in wanted.values():
        keys = list(rows(term, unit, period, cutoff).order_by().values_list("pk", flat=True))
        kept.append(
            FrozenRows(
                edition=edition,
                unit=unit,
                term=term,
                begins_on=period.begins_on,
                ends_on=period.ends_on,
                count=len(keys),
                keys=pack(keys),
            )
        )
    return kept
