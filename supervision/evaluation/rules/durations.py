"""How long things take, with those that are not over counted for what they are worth (办案周期).

A median of closed cases alone flatters whoever leaves the hard ones lying. Kaplan and Meier (Journal of the American
Statistical Association 53 (1958) 457) let an open case count as long as it has been watched. Days are whole numbers.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt

from supervision.evaluation.rules.intervals import Z_95, Interval

MEDIAN = 0.5
NINETY = 0.9

# Products of fractions miss a half by the last bits; nobody's median moves by a day for that.
_LAST_BITS = 1e-12


@dataclass(frozen=True, slots=True)
class Span:
    """Days from beginning to end where it `ended`, or to the cutoff where it was still open.

    `weight` is how many there are of the kind. Begun and ended on one day is a span of nought.
    """

    days: int
    ended: bool
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """A day on which something ended: how many were still open when it came, how many ended, what share stays open.

    `error` is Greenwood's standard error of `open_share`, None where nothing is left open.
    """

    days: int
    at_risk: int
    ended: int
    open_share: float
    error: float | None

    def interval(self, *, z: float = Z_95) -> Interval | None:
        """The interval of the share, on the log-log scale so that it stays between nought and one; None at the ends."""
        if self.error is None or not 0 < self.open_share < 1:
            return None
        scale = log(self.open_share)
        reach = z * self.error / (self.open_share * abs(scale))
        return Interval(self.open_share ** exp(reach), self.open_share ** exp(-reach))


@dataclass(frozen=True, slots=True)
class Curve:
    """What share is still open after so many days: one step a day on which something ended.

    `count` is how many there are in all, `ended` how many of them are over, `open_ages` the ages of the open ones as (days,
    how many), the youngest first, `last` the longest that anything was watched.
    """

    steps: tuple[Step, ...]
    count: int
    ended: int
    open_ages: tuple[tuple[int, int], ...]
    last: int

    def open_share(self, days: int) -> float:
        """The share still open after a number of days; beyond what was watched it is not known and stays as it was."""
        place = bisect_right([step.days for step in self.steps], days)
        return self.steps[place - 1].open_share if place else 1.0

    def at_risk(self, days: int) -> int:
        """How many were still open and watched when that day began, those that ended or were last seen on it included."""
        ended = sum(step.ended for step in self.steps if step.days < days)
        return self.count - ended - sum(many for age, many in self.open_ages if age < days)

    def quantile(self, share: float) -> int | None:
        """The first day by which at least a share has ended; None: not reached (未达到), too many are still open."""
        if not 0 < share < 1:
            raise ValueError("a quantile lies between 0 and 1")
        left = 1 - share + _LAST_BITS
        return next((step.days for step in self.steps if step.open_share <= left), None)

    @property
    def median(self) -> int | None:
        return self.quantile(MEDIAN)

    @property
    def ninetieth(self) -> int | None:
        return self.quantile(NINETY)


def kaplan_meier(spans: Iterable[Span]) -> Curve:
    """The curve of a number of spans, in any order. What was open on a day on which others ended was still at risk then.

    Refuses days and weights below nought. Of nothing the curve has no step and no quantile.
    """
    over: Counter[int] = Counter()
    still: Counter[int] = Counter()
    for span in spans:
        if span.days < 0 or span.weight < 0:
            raise ValueError("days and weights are not negative")
        if span.weight:
            (over if span.ended else still)[span.days] += span.weight
    ended, count = over.total(), over.total() + still.total()

    steps: list[Step] = []
    at_risk, share, greenwood = count, 1.0, 0.0
    for day in sorted({*over, *still}):
        if gone := over[day]:
            left = at_risk - gone
            share *= left / at_risk
            if left:
                # Greenwood (1926): the variance adds up over the steps.
                greenwood += gone / (at_risk * left)
            steps.append(Step(day, at_risk, gone, share, share * sqrt(greenwood) if left else None))
        at_risk -= gone + still[day]
    last = max({*over, *still}, default=0)
    return Curve(tuple(steps), count=count, ended=ended, open_ages=tuple(sorted(still.items())), last=last)
