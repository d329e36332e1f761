"""Rates: two numbers and the percentage derived from them, cut off and never rounded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

# Below it a rate says little: it is shown grey with both numbers, and takes no part in any ranking.
MINIMUM_DENOMINATOR: Final = 10

NONE: Final = "—"
NOT_TOLD: Final = "少于5，不单列"


@dataclass(frozen=True, slots=True)
class Rate:
    """A numerator and a denominator. The percentage may be above a hundred: more closed than opened is no mistake."""

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if self.numerator < 0 or self.denominator < 0:
            raise ValueError("分子、分母不能为负")

    def __add__(self, other: Rate) -> Rate:
        """The rate of both together: numerators with numerators, denominators with denominators; never a mean."""
        return Rate(self.numerator + other.numerator, self.denominator + other.denominator)

    @property
    def value(self) -> Decimal | None:
        """Percent, cut off after two decimals: 99.998 is 99.99. None of nothing, where nought and a hundred are both wrong."""
        return None if not self.denominator else Decimal(self.numerator * 10_000 // self.denominator) / 100

    @property
    def text(self) -> str:
        """As it is shown: 99.99%, or a dash where there is nothing to count."""
        return percent(self.numerator, self.denominator)

    def is_thin(self, minimum: int = MINIMUM_DENOMINATOR) -> bool:
        """Too few to be compared; where there is nothing at all there is nothing to be grey."""
        return 0 < self.denominator < minimum


def percent(numerator: int, denominator: int) -> str:
    """A rate in words, with both decimals: 50.00%, or a dash of nothing."""
    if not denominator:
        return NONE
    hundredths = numerator * 10_000 // denominator
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def may_be_told(numerator: int, denominator: int, few: int) -> bool:
    """Whether a figure about few people may be told: neither those counted nor the rest are fewer than `few`.

    Nought is few too, and so is a rest of nought: 「none of 6」 and 「all of 6」 say of each of the six what he did.
    """
    return numerator >= few and denominator - numerator >= few
