"""Figures held against the lists behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from supervision.evaluation.counting import count
from supervision.evaluation.models import Side
from supervision.evaluation.queries.figures import FigureCell


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not what its lists say."""

    cell: FigureCell
    numerator: int
    denominator: int

    def __str__(self) -> str:
        cell = self.cell
        return (
            f"{cell.unit.code} {cell.indicator.label} {cell.period.code}："
            f"{cell.numerator}/{cell.denominator}，按明细为 {self.numerator}/{self.denominator}"
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
