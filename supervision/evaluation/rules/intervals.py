"""How far a rate may be from what it looks like: Wilson's interval of a proportion (置信区间).

Ten of ten is not "always": the interval says what a longer run may well turn out to be. Source: Wilson, Journal of the
American Statistical Association 22 (1927) 209; Newcombe, Statistics in Medicine 17 (1998) 857, method 3; of a difference:
Newcombe, the same volume, 873, method 10.
"""

from dataclasses import dataclass
from math import ceil, floor, hypot, sqrt
from statistics import NormalDist


def z_of(confidence: float) -> float:
    """How many standard errors to either side hold so much of a normal distribution: 0.95 gives 1.96."""
    if not 0 < confidence < 1:
        raise ValueError("a confidence lies between 0 and 1")
    return NormalDist().inv_cdf((1 + confidence) / 2)


# The two widths that everything here is judged by; Spiegelhalter (2005): two and three standard errors, put exactly.
Z_95 = z_of(0.95)
Z_998 = z_of(0.998)


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both shares between 0 and 1, both belonging to it."""

    low: float
    high: float

    def __contains__(self, share: float) -> bool:
        return self.low <= share <= self.high


def wilson(numerator: int, denominator: int, *, z: float = Z_95) -> Interval | None:
    """The score interval of a share, without continuity correction.

    None where there is none: of nothing, and where more was counted above than below, since such a rate (closed this
    month, of those opened this month) is no part of a whole. Refuses negative numbers.
    """
    if numerator < 0 or denominator < 0:
        raise ValueError("counts are not negative")
    if denominator == 0 or numerator > denominator:
        return None
    share = numerator / denominator
    spread = z * sqrt(share * (1 - share) / denominator + z * z / (4 * denominator * denominator))
    middle = share + z * z / (2 * denominator)
    whole = 1 + z * z / denominator
    # At the ends one limit is the end itself; the arithmetic would miss it by the last bit.
    low = 0.0 if numerator == 0 else max(0.0, (middle - spread) / whole)
    high = 1.0 if numerator == denominator else min(1.0, (middle + spread) / whole)
    return Interval(low, high)


def may_be_chance(now: tuple[int, int], then: tuple[int, int], *, z: float = Z_95) -> bool | None:
    """Whether two rates, each (numerator, denominator), may differ by chance alone: the interval of the difference, which is
    made of both their own intervals, holds nought. None where either has no interval."""
    ours, theirs = wilson(*now, z=z), wilson(*then, z=z)
    if ours is None or theirs is None:
        return None
    share, other = now[0] / now[1], then[0] / then[1]
    if share >= other:
        return share - other <= hypot(share - ours.low, theirs.high - other)
    return other - share <= hypot(ours.high - share, other - theirs.low)


def told(numerator: int, denominator: int) -> str:
    """The 95 % interval in percent, as it is shown: 4.5%～70.0%; empty where there is none.

    Its ends are put to one decimal outwards, so that what is shown is never narrower than what was reckoned.
    """
    interval = wilson(numerator, denominator)
    if interval is None:
        return ""
    # A last bit of the arithmetic is no tenth: a limit that is a tenth to nine decimals stays where it is.
    low, high = floor(round(interval.low * 1000, 6)), ceil(round(interval.high * 1000, 6))
    return f"{low / 10:.1f}%～{high / 10:.1f}%"
