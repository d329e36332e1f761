"""The rows of the room: what is counted, what it is called, what it came to, and what was said of it once and for all."""

from supervision.evaluation.models.figure import DayCount, Figure, Folding, Stale
from supervision.evaluation.models.frozen import FrozenFigure, FrozenRows
from supervision.evaluation.models.indicator import Better, Group, Indicator, Part, Shape, Side, Term
from supervision.evaluation.models.weight import Weight

__all__ = [
    "Better",
    "DayCount",
    "Figure",
    "Folding",
    "FrozenFigure",
    "FrozenRows",
    "Group",
    "Indicator",
    "Part",
    "Shape",
    "Side",
    "Stale",
    "Term",
    "Weight",
]
