"""Rates: cut off and never rounded, a dash of nothing, and told only where it tells of nobody."""

from decimal import Decimal

import pytest

from supervision.evaluation.rates import Rate, may_be_told


@pytest.mark.parametrize(
    ("numerator", "denominator", "text", "why"),
    [
        (3, 7, "42.85%", "42.857, cut off"),
        (12, 13, "92.30%", "92.307, both decimals shown"),
        (49_999, 50_000, "99.99%", "99.998 never becomes 100"),
        (4, 4, "100.00%", "all of them"),
        (0, 4, "0.00%", "none of some is nought"),
        (0, 0, "—", "none of none is neither nought nor all"),
        (5, 0, "—", "nothing to compare with"),
        (5, 4, "125.00%", "more closed than opened"),
        (99_999_999, 100_000_000, "99.99%", "nor does 99.999999"),
        (1, 1_000_000, "0.00%", "less than a hundredth is told as nought"),
        (29, 100, "29.00%", "exactly where a binary fraction would fall short"),
        (57, 100, "57.00%", "and here"),
    ],
)
def test_a_rate_is_cut_off_to_two_decimals(numerator: int, denominator: int, text: str, why: str) -> None:
    assert Rate(numerator, denominator).text == text, why


def test_the_value_of_a_rate_is_exact() -> None:
    assert Rate(3, 7).value == Decimal("42.85")
    assert Rate(1, 0).value is None


def test_rates_of_two_units_add_up_part_by_part() -> None:
    assert Rate(1, 2) + Rate(1, 3) == Rate(2, 5)


def test_a_rate_of_few_is_thin_and_one_of_nothing_is_not() -> None:
    assert Rate(1, 9).is_thin() and not Rate(1, 10).is_thin() and not Rate(0, 0).is_thin()
    assert not Rate(1, 9).is_thin(minimum=1)


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="不能为负"):
        Rate(-1, 2)


@pytest.mark.parametrize(
    ("numerator", "denominator", "told"),
    [(5, 10, True), (4, 10, False), (0, 10, False), (6, 10, False), (10, 10, False), (0, 0, False)],
)
def test_few_people_are_told_apart_neither_by_the_counted_nor_by_the_rest(
    numerator: int, denominator: int, told: bool
) -> None:
    assert may_be_told(numerator, denominator, 5) is told
