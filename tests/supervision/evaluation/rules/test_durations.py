"""How long things take: the textbook example of Kaplan and Meier's method, and what becomes of the open ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from supervision.evaluation.rules.durations import Span, kaplan_meier

# Weeks in remission of leukaemia, Freireich et al., Blood 21 (1963) 699; treated and placebo, 21 each. As in Kleinbaum
# and Klein, Survival Analysis (3rd ed. 2012), table 1.1 and chapter 2.
TREATED_OVER = [6, 6, 6, 7, 10, 13, 16, 22, 23]
TREATED_OPEN = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]

# Week, at risk, ended, share, Greenwood's standard error, and the log-log interval as published with the example.
PUBLISHED = [
    (6, 21, 3, 0.8571, 0.0764, 0.6197, 0.9516),
    (7, 17, 1, 0.8067, 0.0869, 0.5631, 0.9228),
    (10, 15, 1, 0.7529, 0.0963, 0.5032, 0.8894),
    (13, 12, 1, 0.6902, 0.1068, 0.4316, 0.8491),
    (16, 11, 1, 0.6275, 0.1141, 0.3675, 0.8049),
    (22, 7, 1, 0.5378, 0.1282, 0.2678, 0.7468),
    (23, 6, 1, 0.4482, 0.1346, 0.1881, 0.6801),
]


def treated() -> list[Span]:
    return [Span(days, ended=True) for days in TREATED_OVER] + [Span(days, ended=False) for days in TREATED_OPEN]


def test_the_curve_is_that_of_the_published_table() -> None:
    curve = kaplan_meier(treated())

    rows = []
    for step in curve.steps:
        interval = step.interval()
        assert step.error is not None and interval is not None
        numbers = (step.open_share, step.error, interval.low, interval.high)
        rows.append((step.days, step.at_risk, step.ended, *(round(number, 4) for number in numbers)))
    assert rows == PUBLISHED


def test_the_medians_are_those_of_the_published_example() -> None:
    assert kaplan_meier(treated()).median == 23
    assert kaplan_meier(Span(days, ended=True) for days in PLACEBO).median == 8


def test_too_many_open_ones_leave_a_quantile_unreached() -> None:
    curve = kaplan_meier(treated())

    assert curve.ninetieth is None
    assert curve.quantile(0.25) == 13


def test_without_open_ones_the_ninetieth_percentile_is_the_nineteenth_of_twenty_one() -> None:
    assert kaplan_meier(Span(days, ended=True) for days in PLACEBO).ninetieth == 17


def test_a_share_that_is_exactly_one_half_is_reached() -> None:
    # 1 - 1/10 - ... five times: the floating product misses 0.5 by the last bit.
    curve = kaplan_meier(Span(days, ended=True) for days in range(1, 11))

    assert curve.median == 5


def test_leaving_the_hard_ones_open_does_not_shorten_the_median() -> None:
    closed = [Span(10, ended=True)] * 5

    assert kaplan_meier(closed).median == 10
    assert kaplan_meier([*closed, *[Span(90, ended=False)] * 10]).median is None


def test_one_open_on_the_day_another_ended_was_still_at_risk() -> None:
    curve = kaplan_meier([Span(5, ended=True), Span(5, ended=False)])

    assert [(step.at_risk, step.open_share) for step in curve.steps] == [(2, 0.5)]


def test_when_the_last_one_ends_nothing_is_open_and_no_error_is_told() -> None:
    curve = kaplan_meier([Span(3, ended=True), Span(7, ended=True)])

    assert curve.steps[-1].open_share == 0.0
    assert curve.steps[-1].error is None and curve.steps[-1].interval() is None


def test_a_case_closed_on_its_own_day_counts_from_the_start() -> None:
    curve = kaplan_meier([Span(0, ended=True), Span(4, ended=True)])

    assert curve.open_share(0) == 0.5 and curve.open_share(3) == 0.5 and curve.open_share(4) == 0.0
    assert kaplan_meier([Span(4, ended=True)]).open_share(0) == 1.0


def test_a_weight_is_so_many_of_a_kind() -> None:
    heavy = kaplan_meier([Span(3, ended=True, weight=4), Span(9, ended=False, weight=2)])
    single = kaplan_meier([*[Span(3, ended=True)] * 4, *[Span(9, ended=False)] * 2])

    assert heavy == single
    assert (heavy.count, heavy.ended, heavy.open_ages, heavy.last) == (6, 4, ((9, 2),), 9)


def test_at_risk_on_a_day_are_those_who_neither_ended_nor_fell_out_of_sight_before() -> None:
    curve = kaplan_meier(treated())

    assert [curve.at_risk(week) for week in (0, 6, 7, 10, 23, 35, 36)] == [21, 21, 17, 15, 6, 1, 0]


def test_of_nothing_there_is_no_median() -> None:
    curve = kaplan_meier([])

    assert curve.steps == () and curve.median is None and curve.open_share(100) == 1.0


def test_of_open_ones_alone_nothing_is_reached() -> None:
    curve = kaplan_meier([Span(40, ended=False)] * 3)

    assert curve.median is None and curve.ended == 0 and curve.last == 40


@pytest.mark.parametrize("span", [Span(-1, ended=True), Span(3, ended=True, weight=-1)])
def test_days_and_weights_below_nought_are_refused(span: Span) -> None:
    with pytest.raises(ValueError, match="not negative"):
        kaplan_meier([span])


@pytest.mark.parametrize("share", [0, 1, 50])
def test_a_quantile_outside_nought_and_one_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        kaplan_meier(treated()).quantile(share)


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=40),
    st.lists(st.integers(0, 30), max_size=40),
)
def test_the_curve_is_that_of_another_library(over: list[int], still: list[int]) -> None:
    expected = ecdf(CensoredData(uncensored=over, right=still)).sf

    curve = kaplan_meier([*(Span(d, ended=True) for d in over), *(Span(d, ended=False) for d in still)])

    for days in range(31):
        assert curve.open_share(days) == pytest.approx(float(expected.evaluate(days)), abs=1e-9)
