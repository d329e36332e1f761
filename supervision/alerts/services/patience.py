"""How long silence may last before somebody else hears of it, as SQL: worked out once for a moment, in working time."""

from datetime import datetime
from typing import Any

from cases.duty import Rung, working_time
from cases.models import Manner
from supervision.alerts.services.claims import driver_moment

_COLUMNS = ("head_after", "legal_after", "leader_after")


class Patience:
    """The moments at which what is silent from `at` on climbs; a handful of queries, whatever climbs."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.working = working_time(at)
        rows = Manner.objects.values_list(*_COLUMNS).distinct()
        self.days = sorted({days for row in rows for days in row})
        self.params: dict[str, Any] = {
            "at": driver_moment(at),
            **{f"after_{days}": driver_moment(self.working.after_days(at, days)) for days in self.days},
        }

    def first(self, manner: str) -> str:
        """When the head gets it; `manner` is the alias of the manner's row."""
        return self._after(f"{manner}.head_after")

    def after(self, rung: str, manner: str) -> str:
        """When it goes on from a rung (an SQL expression); empty from the top."""
        steps = " ".join(
            f"WHEN {here.value} THEN {self._after(f'{manner}.{column}')}"
            for here, column in zip(list(Rung)[:-1], _COLUMNS, strict=True)
        )
        return f"CASE {rung} {steps} END"

    def _after(self, column: str) -> str:
        if not self.days:
            # No clock has a manner yet: never, as a moment, which a bare NULL is not for PostgreSQL.
            return "CASE WHEN FALSE THEN %(at)s END"
        return f"CASE {column} {' '.join(f'WHEN {days} THEN %(after_{days})s' for days in self.days)} END"
