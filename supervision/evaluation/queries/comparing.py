"""What whoever tells figures needs to compare them: periods beside a period, units around their bureau, intervals."""

from supervision.evaluation.rules.funnel import Band, Count, Funnel, NotAProportion, compare
from supervision.evaluation.rules.intervals import Interval, may_be_chance, wilson
from supervision.evaluation.rules.periods import Period, previous, year_before

__all__ = [
    "Band",
    "Count",
    "Funnel",
    "Interval",
    "NotAProportion",
    "Period",
    "compare",
    "may_be_chance",
    "previous",
    "wilson",
    "year_before",
]
