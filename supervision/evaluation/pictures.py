"""Figures as they may be told, put into drawings: a trend, units beside each other, and the lights of limits.

What is withheld takes no part: it is neither drawn nor compared, and stands in a table in the words that say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from supervision.evaluation.drawing.values import (
    FunnelPlot,
    HeatCell,
    HeatRow,
    HeatTable,
    Light,
    LightRow,
    Lights,
    Shade,
    Trend,
    TrendPoint,
    UnitName,
)
from supervision.evaluation.models import Better, Indicator
from supervision.evaluation.queries import LimitStand, ToldFigure
from supervision.evaluation.rules.funnel import Band, Count, Funnel, NotAProportion, Standing, compare
from supervision.evaluation.rules.intervals import wilson

# Of fewer units that have enough to be compared nobody can say which of them stands out.
FEWEST_COMPARED: Final = 3

# From a told figure to the page that explains it and lists its rows.
Leads = Callable[[ToldFigure], str]


@dataclass(frozen=True, slots=True)
class Change:
    """How a rate moved since another period, in percentage points of what is shown; empty where either is not told."""

    words: str
    better: bool | None = None


def change_between(now: ToldFigure, before: ToldFigure | None) -> Change:
    """From what is shown then to what is shown now, so that whoever subtracts the two gets the same."""
    if before is None or now.value is None or before.value is None:
        return Change("")
    moved = now.value - before.value
    better = now.cell.indicator.better
    if not moved:
        return Change("持平")
    words = f"{moved:+.2f} 个百分点"
    if better == Better.NONE:
        return Change(words)
    return Change(words, (moved > 0) == (better == Better.UP))


# -- a trend -----------------------------------------------------------------------------------------------------------


def trend_of(now: Sequence[ToldFigure], year_before: Sequence[ToldFigure], leads: Leads) -> Trend:
    """One indicator of one unit over consecutive periods, with the same periods a year before."""
    indicator, unit = now[0].cell.indicator, now[0].cell.unit
    return Trend(
        title=f"{unit} {indicator.name}",
        note=f"{now[0].cell.period.name}至{now[-1].cell.period.name}，{indicator.get_better_display()}",
        points=tuple(_point(one, leads) for one in now),
        series=f"{unit} {indicator.name}",
        previous=tuple(_share(one.value) for one in year_before),
        previous_series="上年同期",
    )


def _point(figure: ToldFigure, leads: Leads) -> TrendPoint:
    cell = figure.cell
    between = wilson(cell.numerator, cell.denominator) if figure.told else None
    return TrendPoint(
        label=cell.period.name,
        tick=f"{cell.period.begins_on:%y-%m}",
        value=_share(figure.value),
        text=figure.text,
        counts=_counts(figure),
        low=None if between is None else between.low * 100,
        high=None if between is None else between.high * 100,
        grey=figure.grey,
        href=leads(figure),
    )


def _share(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _counts(figure: ToldFigure) -> str:
    return f"{figure.numerator}/{figure.denominator}" if figure.told and figure.denominator else ""


# -- units beside each other -------------------------------------------------------------------------------------------


def funnel_of(figures: Sequence[ToldFigure]) -> Funnel | None:
    """Units compared by one indicator; none where it is no proportion, where fewer than three units have enough to be
    compared, or where the figure of one of them is withheld, which the whole would give away."""
    if any(not one.told for one in figures) or sum(one.ranked for one in figures) < FEWEST_COMPARED:
        return None
    rows = [Count(str(one.cell.unit.pk), one.cell.numerator, one.cell.denominator) for one in figures]
    try:
        return compare(rows, minimum=figures[0].cell.indicator.minimum)
    except NotAProportion:
        return None


def funnel_plot(figures: Sequence[ToldFigure], funnel: Funnel, leads: Leads) -> FunnelPlot:
    """The units of a funnel, each with the page of its figure."""
    indicator = figures[0].cell.indicator
    return FunnelPlot(
        title=f"{indicator.name}：各单位是否超出偶然",
        note=f"{figures[0].cell.period.name}，分母不足 {indicator.minimum} 的不比较",
        funnel=funnel,
        names=tuple(UnitName(str(one.cell.unit.pk), str(one.cell.unit), one.text, leads(one)) for one in figures),
        size="分母（件）",
        target_text=f"{funnel.target:.2%}",
    )


def shades_of(indicator: Indicator, figures: Sequence[ToldFigure]) -> dict[int, Shade]:
    """How each unit compares with all of them, by the unit's id, judged by the indicator's own direction."""
    funnel = funnel_of(figures)
    if funnel is None or indicator.better == Better.NONE:
        return dict.fromkeys((one.cell.unit.pk for one in figures), Shade.NOT_COMPARED)
    standings = {int(standing.count.key): standing for standing in funnel.standings}
    return {one.cell.unit.pk: _shade(standings.get(one.cell.unit.pk), indicator) for one in figures}


def _shade(standing: Standing | None, indicator: Indicator) -> Shade:
    if standing is None or not standing.compared:
        return Shade.NOT_COMPARED
    if standing.band is Band.WITHIN:
        return Shade.USUAL
    good, far = standing.above == (indicator.better == Better.UP), standing.band is Band.BEYOND_998
    if good:
        return Shade.FAR_BETTER if far else Shade.BETTER
    return Shade.FAR_WORSE if far else Shade.WORSE


def heat_of(by_indicator: Mapping[Indicator, Sequence[ToldFigure]], title: str, note: str, leads: Leads) -> HeatTable:
    """Units down, indicators across; each column is compared by itself."""
    shades = {indicator: shades_of(indicator, figures) for indicator, figures in by_indicator.items()}
    units = [one.cell.unit for one in next(iter(by_indicator.values()))]
    told = {(one.cell.unit.pk, indicator): one for indicator, figures in by_indicator.items() for one in figures}
    return HeatTable(
        title=title,
        note=note,
        columns=tuple(indicator.name for indicator in by_indicator),
        rows=tuple(
            HeatRow(
                str(unit),
                tuple(
                    HeatCell(
                        told[unit.pk, indicator].text,
                        _counts(told[unit.pk, indicator]),
                        shades[indicator][unit.pk],
                        leads(told[unit.pk, indicator]),
                    )
                    for indicator in by_indicator
                ),
            )
            for unit in units
        ),
    )


# -- lights ------------------------------------------------------------------------------------------------------------


def lights_of(stands: Sequence[LimitStand], title: str, note: str, leads: Callable[[int, int], str]) -> Lights:
    """The lights of limits; `leads` gives the list of a limit's clocks at a level."""
    rows = []
    for stand in stands:
        calm, yellow, orange, red = (
            Light(count, leads(stand.limit_id, level) if count else "") for level, count in enumerate(stand.counts)
        )
        rows.append(LightRow(stand.name, calm, yellow, orange, red))
    return Lights(title=title, note=note, rows=tuple(rows))
