"""What the screens, the bulletins and the commands read: figures, the rows behind them, and who may be told what."""

from supervision.evaluation.queries.adjusted import Adjusted, adjusted_since, numbers_now
from supervision.evaluation.queries.daily import daily
from supervision.evaluation.queries.figures import (
    FigureCell,
    RowsBehind,
    behind,
    cutoff_of,
    figures_of,
    on_time_by_limit,
    rates_of_terms,
    spells_of,
)
from supervision.evaluation.queries.limits import LimitStand, limits_standing
from supervision.evaluation.queries.telling import ToldFigure, told_to, told_to_anybody, withheld
from supervision.evaluation.queries.versions import (
    beside_those,
    bureaus_of,
    indicators_of,
    last_version,
    version_for,
    version_numbered,
    versions_for,
)

__all__ = [
    "Adjusted",
    "FigureCell",
    "LimitStand",
    "RowsBehind",
    "ToldFigure",
    "adjusted_since",
    "behind",
    "beside_those",
    "bureaus_of",
    "cutoff_of",
    "daily",
    "figures_of",
    "indicators_of",
    "last_version",
    "limits_standing",
    "numbers_now",
    "on_time_by_limit",
    "rates_of_terms",
    "spells_of",
    "told_to",
    "told_to_anybody",
    "version_for",
    "version_numbered",
    "versions_for",
    "withheld",
]
