"""Who may be told which numbers: what counts petitions and complaints would tell whom they are about (信访工作条例 30)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cases.models import Officer, Role, Unit
from cases.models.scope import FEW, posts_of, reaches_cases
from supervision.evaluation.counted import local_zone
from supervision.evaluation.queries.figures import FigureCell
from supervision.evaluation.rules.rates import NOT_TOLD, may_be_told


@dataclass(frozen=True, slots=True)
class ToldFigure:
    """A figure as one officer may be told it. Not told: no number, no value, and no part in any sum or ranking."""

    cell: FigureCell
    told: bool

    @property
    def numerator(self) -> int | None:
        return self.cell.numerator if self.told else None

    @property
    def denominator(self) -> int | None:
        return self.cell.denominator if self.told else None

    @property
    def value(self) -> Decimal | None:
        return self.cell.value if self.told else None

    @property
    def text(self) -> str:
        return self.cell.text if self.told else NOT_TOLD

    @property
    def grey(self) -> bool:
        return self.told and self.cell.grey

    @property
    def ranked(self) -> bool:
        """Whether it takes part in a comparison."""
        return self.told and not self.grey and self.cell.denominator > 0


def told_to(cells: Iterable[FigureCell], officer: Officer, *, at: datetime) -> list[ToldFigure]:
    """The figures as an officer may be told them.

    What counts restricted matters is told exactly to whoever supervises the unit from above it; to anybody else only where
    neither the counted nor the rest are few, and only of a period that is over, as a number that grew overnight would tell
    that somebody complained yesterday. Whoever may see no cases is told nothing restricted.
    """
    cells = list(cells)
    over = paths_over(officer) if any(cell.indicator.restricted for cell in cells) else []
    return [ToldFigure(cell, _may_tell(cell, over, at)) for cell in cells]


def paths_over(officer: Officer) -> list[str]:
    """The paths of the units an officer's posts make him supervise from; none for administrators."""
    if not reaches_cases(officer):
        return []
    ids = {unit_id for role, unit_id, _ in posts_of(officer) if role in Role.sees_subtree()}
    return list(Unit.objects.filter(pk__in=ids).values_list("path", flat=True))


def is_over(paths: Iterable[str], unit: Unit) -> bool:
    """Whether any of the units lies strictly above one."""
    return any(unit.path.startswith(path) and unit.path != path for path in paths)


def _may_tell(cell: FigureCell, over: list[str], at: datetime) -> bool:
    if not cell.indicator.restricted or is_over(over, cell.unit):
        return True
    ended = cell.period.ends(local_zone()) <= at and cell.cutoff >= cell.period.ends(local_zone())
    return ended and may_be_told(cell.numerator, cell.denominator, FEW)
