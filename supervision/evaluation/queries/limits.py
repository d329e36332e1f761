"""Where the clocks that run now stand, limit by limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from cases.models import Level, Officer, Unit
from cases.queries import clocks_of, in_unit, with_level


@dataclass(frozen=True, slots=True)
class LimitStand:
    """How many clocks of a limit run at each level, from calm to run out."""

    limit_id: int
    name: str
    counts: Sequence[int]


def limits_standing(officer: Officer, unit: Unit, at: datetime) -> list[LimitStand]:
    """The limits that bind a unit and run in it or below it, as far as an officer sees their clocks, those that press most
    first; one question. `at` is an aware moment."""
    running = clocks_of(officer).running().counted().filter(in_unit(unit))
    counted = {f"at_{level.value}": Count("pk", filter=with_level(level, at)) for level in Level}
    rows = running.order_by().values("limit_id").annotate(**counted).values_list("limit_id", "limit__name", *counted)
    stands = [LimitStand(limit, name, counts) for limit, name, *counts in rows]
    return sorted(stands, key=lambda one: (*(-count for count in reversed(one.counts)), one.limit_id))
