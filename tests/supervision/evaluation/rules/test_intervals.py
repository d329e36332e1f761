"""The interval of a rate, against a published table, against another's arithmetic, and at its ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from supervision.evaluation.rules.intervals import Z_95, Z_998, Interval, may_be_chance, told, wilson, z_of

# Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3 (score without continuity correction), four places.
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662, "an ordinary share of many"),
    (15, 148, 0.0624, 0.1605, "a small share"),
    (0, 20, 0.0000, 0.1611, "none of twenty is not never"),
    (1, 29, 0.0061, 0.1718, "one of few"),
]


@pytest.mark.parametrize(("numerator", "denominator", "low", "high", "why"), NEWCOMBE)
def test_the_interval_is_that_of_the_published_table(
    numerator: int, denominator: int, low: float, high: float, why: str
) -> None:
    interval = wilson(numerator, denominator)

    assert interval is not None, why
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


# Newcombe, Statistics in Medicine 17 (1998) 873, table II, method 10: the interval of each difference holds nought or not.
DIFFERENCES = [
    ((56, 70), (48, 80), False, "0.0524 to 0.3339"),
    ((9, 10), (3, 10), False, "0.1705 to 0.8090"),
    ((6, 7), (2, 7), False, "0.0582 to 0.8062"),
    ((5, 56), (0, 29), True, "-0.0381 to 0.1926"),
    ((0, 10), (0, 20), True, "-0.1611 to 0.2775"),
    ((0, 10), (0, 10), True, "-0.2775 to 0.2775"),
    ((10, 10), (0, 20), False, "0.6791 to 1.0000"),
    ((12, 10), (5, 10), None, "more than all is no part of a whole"),
    ((1, 10), (0, 0), None, "of nothing there is no share"),
]


@pytest.mark.parametrize(("now", "then", "chance", "why"), DIFFERENCES)
def test_two_rates_differ_by_more_than_chance_where_the_published_interval_leaves_nought_out(
    now: tuple[int, int], then: tuple[int, int], chance: bool | None, why: str
) -> None:
    assert may_be_chance(now, then) is chance, why
    assert may_be_chance(then, now) is chance, "whichever of the two is greater"


@given(
    now=st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    then=st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
)
def test_a_rate_and_its_complement_say_the_same_of_a_difference(now: tuple[int, int], then: tuple[int, int]) -> None:
    rest = tuple((whole - part, whole) for part, whole in (now, then))

    assert may_be_chance(now, then) is may_be_chance(*rest)
    assert may_be_chance(now, now) is True


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.998])
@pytest.mark.parametrize(
    ("numerator", "denominator"), [(0, 1), (1, 1), (3, 7), (0, 40), (40, 40), (17, 1000), (999, 10**6)]
)
def test_the_interval_is_that_of_another_library(numerator: int, denominator: int, confidence: float) -> None:
    expected = binomtest(numerator, denominator).proportion_ci(confidence_level=confidence, method="wilson")

    interval = wilson(numerator, denominator, z=z_of(confidence))

    assert interval is not None
    assert interval.low == pytest.approx(expected.low, abs=1e-12)
    assert interval.high == pytest.approx(expected.high, abs=1e-12)


def test_none_of_some_begins_at_nought_and_all_of_some_ends_at_one() -> None:
    none, every = wilson(0, 12), wilson(12, 12)

    assert none is not None and none.low == 0.0 and none.high > 0.2
    assert every is not None and every.high == 1.0 and every.low < 0.8


def test_of_nothing_there_is_no_interval() -> None:
    assert wilson(0, 0) is None


def test_a_rate_above_one_hundred_percent_has_no_interval() -> None:
    assert wilson(12, 10) is None


def test_counts_below_nought_are_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        wilson(-1, 10)


def test_the_widths_are_those_of_the_normal_distribution() -> None:
    assert pytest.approx(norm.ppf(0.975)) == Z_95
    assert pytest.approx(norm.ppf(0.999)) == Z_998


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_a_confidence_outside_nought_and_one_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        z_of(confidence)


def test_both_ends_belong_to_an_interval() -> None:
    assert 0.2 in Interval(0.2, 0.4) and 0.4 in Interval(0.2, 0.4)
    assert 0.41 not in Interval(0.2, 0.4)


@given(st.integers(1, 10**7), st.floats(0, 1))
def test_an_interval_holds_its_rate_and_stays_a_share(denominator: int, part: float) -> None:
    numerator = int(denominator * part)

    interval = wilson(numerator, denominator)

    assert interval is not None
    assert 0 <= interval.low <= numerator / denominator <= interval.high <= 1


@pytest.mark.parametrize(
    ("numerator", "denominator", "words", "why"),
    [
        (81, 263, "25.5%～36.7%", "Newcombe 1998, table I: 0.2553 to 0.3662, each end outwards"),
        (15, 148, "6.2%～16.1%", "Newcombe 1998, table I: 0.0624 to 0.1605"),
        (0, 20, "0.0%～16.2%", "Newcombe 1998, table I: 0 to 0.1611"),
        (20, 20, "83.8%～100.0%", "the same from the other end"),
        (0, 0, "", "of nothing there is none"),
        (12, 10, "", "more above than below is no part of a whole"),
    ],
)
def test_an_interval_is_told_in_percent_and_never_narrower_than_it_is(
    numerator: int, denominator: int, words: str, why: str
) -> None:
    assert told(numerator, denominator) == words, why
