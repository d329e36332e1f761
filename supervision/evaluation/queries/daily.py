"""A rate day by day, from the day counts: what a unit and all below it had on each day."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import Q, Sum

from cases.models import Unit
from supervision.evaluation.models import DayCount, Indicator, Side
from supervision.evaluation.rates import Rate
from supervision.evaluation.rules.periods import ONE_DAY

STOCK: Final = "存量只有月初的数，没有逐日的"


def daily(unit: Unit, indicator: Indicator, first_on: date, last_on: date) -> list[tuple[date, Rate]]:
    """Each local day from the first to the last, both counted, with its rate; one question, answered by the unit's index.

    Conditions that look at the cutoff are those of the day's month, as `DayCount` says. Days before the stored months have
    nothing. Refuses (ValueError) an indicator that counts a stock, which has no days.
    """
    sides: dict[Side, set[int]] = {side: set() for side in Side}
    for part in indicator.parts.all():
        if part.term.stock:
            raise ValueError(STOCK)
        sides[Side(part.side)].add(part.term_id)
    rows = DayCount.objects.filter(
        unit=unit, term__in=sides[Side.NUMERATOR] | sides[Side.DENOMINATOR], day__gte=first_on, day__lte=last_on
    )
    above, below = (
        Sum("total", filter=Q(term__in=sides[side]), default=0) for side in (Side.NUMERATOR, Side.DENOMINATOR)
    )
    counted = {day: Rate(n, of) for day, n, of in rows.order_by().values_list("day").annotate(n=above, of=below)}
    days = ((first_on + ONE_DAY * number) for number in range((last_on - first_on).days + 1))
    return [(day, counted.get(day, Rate(0, 0))) for day in days]
