"""Who stands out: the limits against another's arithmetic, a published example, and the cautions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from supervision.evaluation.rules.funnel import (
    Band,
    Count,
    NotAProportion,
    compare,
    dispersion,
    exact_limits,
    is_over_dispersed,
    z_score,
)

# Heart surgery on children under one year, 1991 to 1995: operations and deaths within thirty days. Bristol was the
# subject of a public inquiry; the others were not. Source: Spiegelhalter, The Art of Statistics (2019), figure 2.5, from
# Spiegelhalter et al., Bristol Royal Infirmary Inquiry (2001).
HEARTS = {
    "Bristol": (143, 41),
    "Leicester": (187, 25),
    "Leeds": (323, 24),
    "Oxford": (122, 23),
    "Guys": (164, 25),
    "Liverpool": (405, 42),
    "Southampton": (239, 24),
    "Great Ormond St": (482, 53),
    "Newcastle": (195, 26),
    "Harefield": (177, 25),
    "Birmingham": (581, 58),
    "Brompton": (301, 31),
}


def hearts() -> list[Count]:
    return [Count(name, deaths, operations) for name, (operations, deaths) in HEARTS.items()]


def interpolated(tail: float, denominator: int, target: float) -> float:
    """The lower limit by the recipe of appendix A.1.1, with another's distribution."""
    r = int(binom.ppf(tail, denominator, target))
    into = (binom.cdf(r, denominator, target) - tail) / binom.pmf(r, denominator, target)
    return min(1.0, max(0.0, (r - into) / denominator))


def interpolated_above(tail: float, denominator: int, target: float) -> float:
    """The upper limit: r is the largest number with P(R >= r) > p, and a the part of its step that the tail lacks."""
    r = int(binom.isf(tail, denominator, target))
    into = (binom.sf(r - 1, denominator, target) - tail) / binom.pmf(r, denominator, target)
    return min(1.0, max(0.0, (r + into) / denominator))


@pytest.mark.parametrize("target", [0.001, 0.0365, 0.5, 0.93, 0.9999])
@pytest.mark.parametrize("denominator", [1, 2, 10, 37, 500, 20_000, 1_000_000])
def test_limits_are_those_of_the_binomial_distribution_interpolated(denominator: int, target: float) -> None:
    limits = exact_limits(target, denominator)

    expected = [interpolated(tail, denominator, target) for tail in (0.001, 0.025)]
    expected += [interpolated_above(tail, denominator, target) for tail in (0.025, 0.001)]
    assert [limits.low_998, limits.low_95, limits.high_95, limits.high_998] == pytest.approx(expected, abs=2e-7)


@pytest.mark.parametrize("target", [0.0365, 0.5, 0.93, 0.99])
@pytest.mark.parametrize("denominator", [1, 10, 11, 40, 163])
def test_whoever_lies_beyond_a_limit_had_no_more_chance_of_it_than_the_limit_says(
    denominator: int, target: float
) -> None:
    limits = exact_limits(target, denominator)

    for numerator in range(denominator + 1):
        tail = min(binom.cdf(numerator, denominator, target), binom.sf(numerator - 1, denominator, target))
        expected = Band.BEYOND_998 if tail <= 0.001 else Band.BEYOND_95 if tail <= 0.025 else Band.WITHIN
        assert limits.band(numerator / denominator) is expected, numerator


def test_ten_of_ten_is_nothing_special_where_almost_all_have_it() -> None:
    assert exact_limits(0.99, 10).band(1.0) is Band.WITHIN


@given(st.lists(st.tuples(st.integers(1, 300), st.floats(0, 1)), min_size=1, max_size=12))
def test_a_rate_and_its_complement_name_the_same_units_on_opposite_sides(units: list[tuple[int, float]]) -> None:
    counts = [Count(str(n), int(size * part), size) for n, (size, part) in enumerate(units)]
    others = [Count(count.key, count.denominator - count.numerator, count.denominator) for count in counts]

    one, other = compare(counts), compare(others)

    assert one is not None and other is not None
    assert [(s.band, s.above, s.below) for s in one.standings] == [(s.band, s.below, s.above) for s in other.standings]


def test_limits_narrow_as_units_grow() -> None:
    few, many = exact_limits(0.9, 20), exact_limits(0.9, 2000)

    assert few.low_998 < many.low_998 < many.low_95 < 0.9 < many.high_95 < many.high_998 < few.high_998


def test_where_nobody_or_everybody_has_it_the_limits_are_the_rate_itself() -> None:
    assert exact_limits(0.0, 50).high_998 == 0.0
    assert exact_limits(1.0, 50).low_998 == 1.0


def test_limits_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="something counted"):
        exact_limits(0.5, 0)


def test_the_published_example_names_bristol_and_nobody_else_at_three_standard_errors() -> None:
    funnel = compare(hearts())

    assert funnel is not None
    assert funnel.target == pytest.approx(397 / 3319)
    assert [s.count.key for s in funnel.standings if s.band is Band.BEYOND_998] == ["Bristol"]


def test_the_published_example_shows_two_more_at_two_standard_errors_on_opposite_sides() -> None:
    funnel = compare(hearts())

    assert funnel is not None
    assert [(s.count.key, s.above, s.below) for s in funnel.outside()] == [
        ("Bristol", True, False),
        ("Leeds", False, True),
        ("Oxford", True, False),
    ]


def test_a_score_is_the_distance_in_standard_errors() -> None:
    # (41/143 - 397/3319) / sqrt(397/3319 * 2922/3319 / 143)
    assert z_score(Count("Bristol", 41, 143), 397 / 3319) == pytest.approx(6.158, abs=0.001)


def test_without_any_variation_there_is_no_score() -> None:
    assert z_score(Count("a", 5, 5), 1.0) is None


def test_extremes_are_drawn_in_and_not_dropped() -> None:
    scores = [-9.0, -2.0, -1.0, -1.0, 0.0, 0.0, 1.0, 1.0, 2.0, 9.0]

    # One of ten at either end becomes 2: four times 4, four times 1, over ten.
    assert dispersion(scores) == pytest.approx((4 * 4 + 4 * 1) / 10)
    assert dispersion(scores, winsorised=0.0) == pytest.approx((2 * 81 + 2 * 4 + 4) / 10)


def test_of_a_few_units_the_most_extreme_at_either_end_is_drawn_in() -> None:
    assert dispersion([-8.0, 0.1, 0.2, 0.3, 0.4]) == pytest.approx((2 * 0.1**2 + 0.2**2 + 2 * 0.3**2) / 5)


def test_two_units_apart_do_not_widen_their_own_limits() -> None:
    funnel = compare([Count("a", 190, 200), Count("b", 120, 200)])

    assert funnel is not None and not funnel.over_dispersed
    assert {s.count.key for s in funnel.outside()} == {"a", "b"}


def test_of_nothing_the_spread_is_that_of_chance() -> None:
    assert dispersion([]) == 1.0
    assert not is_over_dispersed(9.0, 0) and not is_over_dispersed(9.0, 4)


@pytest.mark.parametrize(
    ("phi", "units", "over"), [(1.8, 12, False), (1.9, 12, True), (1.29, 100, True), (0.4, 100, False)]
)
def test_only_a_spread_beyond_chance_counts_as_over_dispersion(phi: float, units: int, over: bool) -> None:
    assert is_over_dispersed(phi, units) is over


def test_over_dispersion_widens_the_limits_by_its_root() -> None:
    units = [Count(f"u{n}", 100 + (30 if n % 2 else -30), 200) for n in range(20)]
    wild = Count("wild", 199, 200)

    funnel = compare([*units, wild])

    assert funnel is not None and funnel.over_dispersed
    plain = exact_limits(funnel.target, 200)
    widened = funnel.limits_at(200)
    assert widened.high_95 - funnel.target == pytest.approx(funnel.phi**0.5 * (plain.high_95 - funnel.target))
    assert [s.count.key for s in funnel.outside()] == ["wild"]
    assert all(plain.band(unit.share) is Band.BEYOND_998 for unit in units)


def test_a_unit_below_the_minimum_is_in_the_rate_but_is_neither_named_nor_measured() -> None:
    units = [Count(f"u{n}", 90, 100) for n in range(5)]
    tiny = Count("tiny", 0, 9)

    funnel = compare([*units, tiny])

    assert funnel is not None
    assert funnel.target == pytest.approx(450 / 509)
    assert not funnel.standings[-1].compared
    assert funnel.outside() == []
    assert funnel.phi == pytest.approx(z_score(units[0], funnel.target) ** 2)  # type: ignore[operator]


def test_with_a_minimum_of_one_the_same_unit_is_named() -> None:
    funnel = compare([*(Count(f"u{n}", 90, 100) for n in range(5)), Count("tiny", 0, 9)], minimum=1)

    assert funnel is not None
    assert [s.count.key for s in funnel.outside()] == ["tiny"]


def test_of_nothing_counted_there_is_no_comparison() -> None:
    assert compare([Count("a", 0, 0)]) is None
    assert compare([]) is None


def test_a_unit_without_anything_is_left_out() -> None:
    funnel = compare([Count("a", 9, 20), Count("b", 0, 0)])

    assert funnel is not None
    assert [s.count.key for s in funnel.standings] == ["a"]


def test_rates_above_one_hundred_percent_are_refused_with_the_way_out() -> None:
    with pytest.raises(NotAProportion, match="请改用"):
        compare([Count("a", 12, 10)])


def test_where_all_units_have_everything_nobody_stands_out() -> None:
    funnel = compare([Count("a", 20, 20), Count("b", 50, 50)])

    assert funnel is not None
    assert funnel.outside() == [] and funnel.phi == 1.0


@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1)), min_size=1, max_size=12))
def test_every_limit_is_a_share_and_in_order(units: list[tuple[int, float]]) -> None:
    funnel = compare([Count(str(n), int(size * part), size) for n, (size, part) in enumerate(units)])

    assert funnel is not None
    for standing in funnel.standings:
        limits = standing.limits
        assert 0 <= limits.low_998 <= limits.low_95 <= limits.high_95 <= limits.high_998 <= 1
