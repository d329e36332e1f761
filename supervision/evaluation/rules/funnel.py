"""Which units stand out from their bureau, and which only look as if they did (漏斗图).

A league table always has a last place, chance or not. Here a unit is named only if its rate lies outside what chance
alone would give a unit of its size around the rate of all. Source: Spiegelhalter, Funnel plots for comparing
institutional performance, Statistics in Medicine 24 (2005) 1185, appendices A.1.1 (exact limits) and A.3
(over-dispersion); how limits between whole numbers are to be taken: Manktelow and Seaton, PLoS ONE 7 (2012) e45723.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from math import sqrt

from supervision.evaluation.rates import MINIMUM_DENOMINATOR

# What a tail may hold: 2.5 % beyond the limits of 95 %, 0.1 % beyond those of 99.8 %.
TAIL_95 = 0.025
TAIL_998 = 0.001

# The share of the z-scores at either end that is drawn in before the spread is measured, as in the source's examples. Of
# a few units at least one (the house's choice), or the single station that stands out in a county of eight would widen the
# limits until it no longer did.
WINSORISED = 0.1

# Of fewer units nobody can say that all of them spread; their limits are those of chance. The house's choice.
FEWEST_SPREADING = 5

NOT_A_PROPORTION = "分子大于分母的数据不是比例，不能画漏斗图；请改用趋势图或者条形图。"


class NotAProportion(ValueError):
    """Counts that a binomial distribution cannot speak about."""


class Band(IntEnum):
    """Where a unit lies: within the limits, outside those of 95 %, outside those of 99.8 %."""

    WITHIN = 0
    BEYOND_95 = 1
    BEYOND_998 = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """The four control limits of a denominator, as shares, from the lowest to the highest."""

    low_998: float
    low_95: float
    high_95: float
    high_998: float

    def band(self, share: float) -> Band:
        """Where a share lies. On a limit is within it."""
        if share < self.low_998 or share > self.high_998:
            return Band.BEYOND_998
        if share < self.low_95 or share > self.high_95:
            return Band.BEYOND_95
        return Band.WITHIN


@dataclass(frozen=True, slots=True)
class Count:
    """What a unit counted; `key` is whatever the caller knows the unit by."""

    key: str
    numerator: int
    denominator: int

    @property
    def share(self) -> float:
        return self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit stands to the rate of all.

    `z` is in standard errors of a unit of this size, before any allowance for over-dispersion; None where all units
    have everything or nothing. `compared` is false below the minimum: such a unit is within the limits by rule.
    """

    count: Count
    z: float | None
    limits: Limits
    band: Band
    compared: bool

    @property
    def above(self) -> bool:
        """Whether it lies above the limits; whether that is good depends on the indicator."""
        return self.band is not Band.WITHIN and self.count.share > self.limits.high_95

    @property
    def below(self) -> bool:
        return self.band is not Band.WITHIN and self.count.share < self.limits.low_95


@dataclass(frozen=True, slots=True)
class Funnel:
    """Units around the rate of all of them: the rate, the over-dispersion, and each unit's standing.

    `phi` is how many times wider than chance the units spread (variance, winsorised); the limits are widened by its
    root only where that is more than chance would give, see `over_dispersed`.
    """

    target: float
    phi: float
    over_dispersed: bool
    standings: tuple[Standing, ...]

    @property
    def inflation(self) -> float:
        """What the distance of a limit from the rate is multiplied by; 1 where there is no over-dispersion."""
        return sqrt(self.phi) if self.over_dispersed else 1.0

    def limits_at(self, denominator: int) -> Limits:
        """The limits in force for a unit of a size; for the curves of a drawing."""
        return inflate(exact_limits(self.target, denominator), self.target, self.inflation)

    def outside(self) -> list[Standing]:
        """The units that may be named, the farthest out first."""
        named = [standing for standing in self.standings if standing.band is not Band.WITHIN]
        return sorted(named, key=lambda s: (-s.band, -abs(s.z or 0.0), s.count.key))


def compare(counts: Iterable[Count], *, minimum: int = MINIMUM_DENOMINATOR) -> Funnel | None:
    """Every unit against the rate of all of them together, itself included, the small ones too.

    None where nothing was counted anywhere. Refuses (NotAProportion) numerators above their denominators. A unit
    without any denominator has no rate and is left out; one below `minimum` neither stands out nor widens the limits.
    """
    counts = [count for count in counts if count.denominator or count.numerator]
    if any(count.numerator > count.denominator or count.numerator < 0 for count in counts):
        raise NotAProportion(NOT_A_PROPORTION)
    whole = sum(count.denominator for count in counts)
    if not whole:
        return None
    target = sum(count.numerator for count in counts) / whole
    compared = [count for count in counts if count.denominator >= minimum]
    scores = [z for count in compared if (z := z_score(count, target)) is not None]
    phi = dispersion(scores)
    over = is_over_dispersed(phi, len(scores))
    inflation = sqrt(phi) if over else 1.0
    standings = tuple(_stand(count, target, inflation, minimum) for count in counts)
    return Funnel(target=target, phi=phi, over_dispersed=over, standings=standings)


def _stand(count: Count, target: float, inflation: float, minimum: int) -> Standing:
    limits = inflate(exact_limits(target, count.denominator), target, inflation)
    compared = count.denominator >= minimum
    band = limits.band(count.share) if compared else Band.WITHIN
    return Standing(count=count, z=z_score(count, target), limits=limits, band=band, compared=compared)


def z_score(count: Count, target: float) -> float | None:
    """How many standard errors of a unit of its size a unit lies above (or below, negative) the rate of all."""
    variance = target * (1 - target) / count.denominator
    return (count.share - target) / sqrt(variance) if variance > 0 else None


def dispersion(scores: Sequence[float], *, winsorised: float = WINSORISED) -> float:
    """The mean square of the z-scores after the most extreme at either end are drawn in to the next: phi.

    Drawn in and not dropped, so that a few real outliers neither hide themselves by widening the limits nor make the
    others look too much alike. 1 where there is nothing to measure.
    """
    if not scores:
        return 1.0
    ranked = sorted(scores)
    drawn_in = max(1, int(len(ranked) * winsorised)) if winsorised and len(ranked) >= FEWEST_SPREADING else 0
    low, high = ranked[drawn_in], ranked[-1 - drawn_in]
    return sum(min(max(z, low), high) ** 2 for z in ranked) / len(ranked)


def is_over_dispersed(phi: float, units: int) -> bool:
    """Whether units spread more than by chance: by chance phi is about 1 with a variance of 2 over their number.

    Two standard deviations above 1 are asked for, the custom of such plots. It is a cautious one: scores that were drawn
    in spread less (by chance alone phi is then about 0.7), so limits are widened only for a spread beyond all doubt.
    They are never narrowed.
    """
    return units >= FEWEST_SPREADING and phi > 1 + 2 * sqrt(2 / units)


def inflate(limits: Limits, target: float, factor: float) -> Limits:
    """The limits moved away from the target by a factor, as far as shares go (the multiplicative adjustment)."""

    def moved(limit: float) -> float:
        return min(1.0, max(0.0, target + factor * (limit - target)))

    return Limits(moved(limits.low_998), moved(limits.low_95), moved(limits.high_95), moved(limits.high_998))


def exact_limits(target: float, denominator: int) -> Limits:
    """The limits of the binomial distribution, interpolated between its whole numbers so that they run smoothly.

    For a tail p below: r is the smallest number with P(R <= r) > p, the limit (r - a) / n where a is how far into the
    step at r the tail reaches, a = (P(R <= r) - p) / P(R = r). Above it is the same seen from the other end. So whoever
    lies beyond a limit had a chance of p at most to be so far out, and a rate and its complement name the same units;
    the source's formula, taken literally above, would name ten of ten where 99 % are usual. Refuses a denominator of
    nought.
    """
    if denominator < 1:
        raise ValueError("limits are those of something counted")
    if not 0 < target < 1:
        return Limits(target, target, target, target)
    first, steps = _binomial(target, denominator)
    last = first + len(steps) - 1

    def low(tail: float) -> float:
        return max(0.0, (first + _into(steps, tail)) / denominator)

    def high(tail: float) -> float:
        return min(1.0, (last - _into(steps[::-1], tail)) / denominator)

    return Limits(low(TAIL_998), low(TAIL_95), high(TAIL_95), high(TAIL_998))


def _into(steps: Sequence[float], tail: float) -> float:
    """How many steps a tail reaches into them, the last one in part; up to one step short of where they begin."""
    heights = list(accumulate(steps))
    place = bisect_right(heights, tail)
    return place - (heights[place] - tail) / steps[place]


def _binomial(target: float, denominator: int) -> tuple[int, list[float]]:
    """The probabilities around the most likely number, and the number the first of them belongs to.

    Each is reckoned from its neighbour and all are scaled to add up to one, so that no factorial is needed and a
    million is as exact as ten; what is left out at the ends is far less than the last bit.
    """
    odds = target / (1 - target)
    mode = min(denominator, int((denominator + 1) * target))
    below: list[float] = []
    weight, number = 1.0, mode
    while number > 0 and weight > 1e-20:
        weight *= number / ((denominator - number + 1) * odds)
        number -= 1
        below.append(weight)
    first = number
    above: list[float] = []
    weight, number = 1.0, mode
    while number < denominator and weight > 1e-20:
        weight *= (denominator - number) * odds / (number + 1)
        number += 1
        above.append(weight)
    weights = [*reversed(below), 1.0, *above]
    total = sum(weights)
    return first, [weight / total for weight in weights]
