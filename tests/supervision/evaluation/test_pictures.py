"""Told figures put into drawings: what is drawn, what is compared, and what is left out."""

from __future__ import annotations

from datetime import datetime

import pytest

from cases.models import Unit
from supervision.evaluation.drawing.values import Shade
from supervision.evaluation.models import Indicator
from supervision.evaluation.pictures import (
    change_between,
    funnel_of,
    funnel_plot,
    heat_of,
    lights_of,
    shades_of,
    trend_of,
)
from supervision.evaluation.queries import FigureCell, LimitStand, ToldFigure
from supervision.evaluation.rates import NOT_TOLD
from supervision.evaluation.rules.periods import Period, read_period
from tests.cases.factories import moment

MARCH = read_period("2026-03")
FEBRUARY = read_period("2026-02")
CUTOFF: datetime = moment("2026-04-01")


def indicator(better: str = "up", minimum: int = 10) -> Indicator:
    return Indicator(pk=1, code="closing", version=1, name="结案率", better=better, minimum=minimum)


def unit(number: int) -> Unit:
    return Unit(pk=number, name=f"{number}号所", short_name=f"{number}所")


def told(
    numerator: int, denominator: int, of: int = 1, *, what: Indicator | None = None, period: Period = MARCH, withheld: str = ""
) -> ToldFigure:  # fmt: skip
    cell = FigureCell(what or indicator(), unit(of), period, numerator, denominator, CUTOFF)
    return ToldFigure(cell, withheld)


def leads(figure: ToldFigure) -> str:
    return f"/figures/{figure.cell.unit.pk}/{figure.cell.period.code}/"


# -- a change ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("better", "now", "before", "words", "is_better", "why"),
    [
        ("up", (3, 4), (1, 2), "+25.00 个百分点", True, "higher is better"),
        ("down", (3, 4), (1, 2), "+25.00 个百分点", False, "lower is better"),
        ("up", (1, 3), (2, 3), "-33.33 个百分点", False, "33.33 less 66.66, as both are shown"),
        ("none", (1, 2), (1, 4), "+25.00 个百分点", None, "neither is better"),
        ("up", (1, 2), (2, 4), "持平", None, "the same rate of other counts"),
        ("up", (1, 2), (0, 0), "", None, "there was nothing before"),
    ],
)
def test_a_change_is_what_one_gets_by_subtracting_what_is_shown(
    better: str, now: tuple[int, int], before: tuple[int, int], words: str, is_better: bool | None, why: str
) -> None:
    change = change_between(told(*now, what=indicator(better)), told(*before, what=indicator(better)))

    assert (change.words, change.better) == (words, is_better), why


def test_of_what_is_withheld_no_change_is_told() -> None:
    assert change_between(told(1, 2), told(1, 4, withheld=NOT_TOLD)).words == ""
    assert change_between(told(1, 2, withheld=NOT_TOLD), told(1, 4)).words == ""
    assert change_between(told(1, 2), None).words == ""


# -- a trend -----------------------------------------------------------------------------------------------------------


def test_a_trend_draws_each_month_with_its_interval_and_the_year_before() -> None:
    drawn = trend_of([told(0, 0, period=FEBRUARY), told(1, 4)], [told(1, 2), told(0, 2)], leads)

    february, march = drawn.points
    assert (february.value, february.text, february.low, february.counts) == (None, "—", None, "")
    assert (march.value, march.text, march.counts, march.grey) == (25.0, "25.00%", "1/4", True)
    assert march.low == pytest.approx(4.56, abs=0.01) and march.high == pytest.approx(69.94, abs=0.01)
    assert (march.tick, march.href) == ("26-03", "/figures/1/2026-03/")
    assert list(drawn.previous) == [50.0, 0.0]


def test_a_trend_says_of_what_is_withheld_only_that_it_is() -> None:
    drawn = trend_of([told(3, 7, withheld=NOT_TOLD)], [told(3, 7, withheld=NOT_TOLD)], leads)

    assert (drawn.points[0].value, drawn.points[0].text, drawn.points[0].counts) == (None, NOT_TOLD, "")
    assert drawn.points[0].low is None and list(drawn.previous) == [None]


# -- units -------------------------------------------------------------------------------------------------------------

# Three stations at half of a hundred, and one that closes nearly everything.
FOUR = ((50, 100), (52, 100), (48, 100), (95, 100))


@pytest.mark.parametrize(
    ("better", "expected", "why"),
    [
        ("up", Shade.FAR_BETTER, "above is good"),
        ("down", Shade.FAR_WORSE, "above is bad"),
        ("none", Shade.NOT_COMPARED, "neither is good"),
    ],
)
def test_a_unit_beyond_chance_is_judged_by_the_indicators_own_direction(better: str, expected: Shade, why: str) -> None:
    what = indicator(better)

    shades = shades_of(what, [told(*of, number, what=what) for number, of in enumerate(FOUR)])

    assert shades[3] is expected, why


@pytest.mark.parametrize(
    ("figures", "why"),
    [
        ([(5, 10), (9, 10), (0, 3), (1, 2)], "only two have enough"),
        ([(5, 10), (9, 10), (12, 10), (6, 10)], "more above than below is no proportion"),
        ([], "there are none"),
    ],
)
def test_units_are_not_compared_where_nothing_could_be_said(figures: list[tuple[int, int]], why: str) -> None:
    assert funnel_of([told(*of, number) for number, of in enumerate(figures)]) is None, why


def test_units_are_not_compared_where_the_whole_would_give_away_one_that_is_withheld() -> None:
    figures = [told(*of, number) for number, of in enumerate(FOUR)]
    hidden = [*figures[:3], told(2, 100, 3, withheld=NOT_TOLD)]

    assert funnel_of(figures) is not None and funnel_of(hidden) is None
    heat = heat_of({indicator(): hidden}, "各单位", "", leads)
    assert [row.cells[0].shade for row in heat.rows] == [Shade.NOT_COMPARED] * 4
    assert (heat.rows[3].cells[0].text, heat.rows[3].cells[0].counts) == (NOT_TOLD, "")


def test_a_funnel_names_the_units_and_leads_to_their_figures() -> None:
    figures = [told(*of, number) for number, of in enumerate(FOUR)]
    funnel = funnel_of(figures)
    assert funnel is not None

    plot = funnel_plot(figures, funnel, leads)

    assert plot.target_text == "61.25%" and "在 99.8% 控制限以外：3所" in plot.description
    assert [name.href for name in plot.names] == [f"/figures/{number}/2026-03/" for number in range(4)]


def test_too_small_a_unit_is_told_and_not_compared() -> None:
    figures = [told(*of, number) for number, of in enumerate((*FOUR, (1, 9)))]

    shades = shades_of(indicator(), figures)

    assert shades[4] is Shade.NOT_COMPARED and shades[0] is not Shade.NOT_COMPARED


# -- lights ------------------------------------------------------------------------------------------------------------


def test_a_light_that_shines_opens_its_list_and_one_that_does_not_opens_nothing() -> None:
    drawn = lights_of([LimitStand(7, "办案期限", (3, 0, 1, 2))], "时限", "", lambda limit, level: f"/{limit}/{level}/")

    (row,) = drawn.rows
    assert [(light.count, light.href) for light in row.lights] == [(3, "/7/0/"), (0, ""), (1, "/7/2/"), (2, "/7/3/")]
