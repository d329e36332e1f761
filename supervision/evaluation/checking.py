"""Figures held against the lists behind them, and against a count of all rows from scratch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from supervision.evaluation.counting import count
from supervision.evaluation.models import Side
from supervision.evaluation.queries.figures import FigureCell, figures_of
from supervision.evaluation.rules.periods import Period


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not what its rows say."""

    cell: FigureCell
    numerator: int
    denominator: int

    def __str__(self) -> str:
        cell = self.cell
        return (
            f"{cell.unit.code} {cell.indicator.label} {cell.period.code}："
            f"{cell.numerator}/{cell.denominator}，从明细数得 {self.numerator}/{self.denominator}"
        )


def differing_lists(cells: Iterable[FigureCell]) -> list[Difference]:
    """The figures whose numbers are not the numbers of rows on the lists behind them, taken at the same cutoff."""
    found = []
    counted: dict[tuple[int, str, str, str], int] = {}
    for cell in cells:
        sides = dict.fromkeys(Side, 0)
        for part in cell.indicator.parts.all():
            key = (cell.unit.pk, part.term.text, cell.period.code, cell.cutoff.isoformat())
            if key not in counted:
                counted[key] = count(part.term, cell.unit, cell.period, cell.cutoff)
            sides[Side(part.side)] += counted[key]
        numerator, denominator = sides[Side.NUMERATOR], sides[Side.DENOMINATOR]
        if (numerator, denominator) != (cell.numerator, cell.denominator):
            found.append(Difference(cell, numerator, denominator))
    return found


def differing_rebuilt(cells: Iterable[FigureCell], *, at: datetime) -> list[Difference]:
    """The figures that a count of all rows from scratch, taken at the same cutoff, comes to otherwise; an aware moment."""
    by_taking: dict[tuple[Period, datetime], list[FigureCell]] = defaultdict(list)
    for cell in cells:
        by_taking[cell.period, cell.cutoff].append(cell)
    found = []
    for (period, cutoff), held in by_taking.items():
        units = {cell.unit.pk: cell.unit for cell in held}
        indicators = {cell.indicator.pk: cell.indicator for cell in held}
        anew = figures_of(units.values(), period, at=at, cutoff=cutoff, indicators=list(indicators.values()))
        numbers = {cell.key: (cell.numerator, cell.denominator) for cell in anew}
        found += [
            Difference(cell, *numbers[cell.key])
            for cell in held
            if numbers[cell.key] != (cell.numerator, cell.denominator)
        ]
    return found
