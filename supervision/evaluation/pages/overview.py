"""The month of a bureau at a glance (总览): the four rates, where its units stand, and which limits press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from cases.desk.frame import page, show, who
from cases.models import Level, Officer, Unit
from supervision.evaluation.drawing.rendering import svg
from supervision.evaluation.drawing.values import Drawing, HeatTable, Shade
from supervision.evaluation.forms import LookForm
from supervision.evaluation.models import Group, Indicator
from supervision.evaluation.outliers import expedited_outliers
from supervision.evaluation.pages.figures import link_to, taken
from supervision.evaluation.pictures import (
    Change,
    change_between,
    funnel_of,
    funnel_plot,
    heat_of,
    lights_of,
    trend_of,
)
from supervision.evaluation.queries import FigureCell, ToldFigure, figures_of, limits_standing, told_to
from supervision.evaluation.rules.periods import Period, previous, year_before

# How many periods a trend looks back over, the one looked at included.
TREND: Final = 12
# So many limits are shown, those that press most; the others are on the list.
MOST_LIMITS: Final = 12
NO_TREND: Final = "走势按月画，请选一个月作统计期。"
NO_FUNNEL: Final = (
    "不比较：件数够比较的下级单位少于三个，或者分子大于分母，或者有单位的数字不便单列（从整体里减去别的就会推出它）。"
)


@dataclass(frozen=True, slots=True)
class Card:
    """One of the rates: what it came to, how it moved, and where it leads."""

    now: ToldFigure
    since_before: Change
    since_year: Change
    link: str
    chosen: bool
    choose: str


@page("evaluation.view_figure")
def overview(request: HttpRequest) -> HttpResponse:
    """A unit's month; without a choice the last whole month of the highest unit one may look at."""
    officer, at = who(request), timezone.now()
    form = LookForm(request.GET, by=officer, today=timezone.localdate(at))
    if not form.is_valid():
        return show(request, "evaluation/overview.html", title="总览", form=form, status=422)
    unit, period = form.cleaned_data["unit"], form.cleaned_data["period"]
    return show(
        request,
        "evaluation/overview.html",
        title="总览",
        form=form,
        unit=unit,
        period=period,
        **_rates(request, officer, form.units, unit, period, at),
        **_lights(officer, unit, at),
    )


def _rates(
    request: HttpRequest, officer: Officer, seen: Sequence[Unit], unit: Unit, period: Period, at: datetime
) -> dict[str, Any]:
    """The cards, the trend of the chosen rate, and the units right below beside each other."""
    measured = figures_of(unit, period, at=at)
    asked = expedited_outliers(officer, seen, measured, _leads, at=at)
    here = [cell for cell in measured if cell.indicator.group == Group.FOUR]
    if not here:
        return {"outliers": asked}
    indicators = [cell.indicator for cell in here]
    chosen = next((one for one in indicators if one.code == request.GET.get("indicator")), indicators[0])
    others = dict.fromkeys((previous(period), year_before(period)))
    earlier = [cell for other in others for cell in figures_of(unit, other, at=at, indicators=indicators)]
    below = [one for one in seen if one.parent_id == unit.pk]
    beside = figures_of(below, period, at=at, indicators=indicators) if below else []
    looked_back = _months(unit, period, chosen, at)
    told = iter(told_to([*here, *earlier, *beside, *looked_back], officer, at=at))
    now = [next(told) for _ in here]
    before = {(one.cell.period, one.cell.indicator.pk): one for one in (next(told) for _ in earlier)}
    units = [next(told) for _ in beside]
    months = list(told)
    cards = []
    for one in now:
        cell = one.cell
        cards.append(
            Card(
                one,
                change_between(one, before.get((previous(period), cell.indicator.pk))),
                change_between(one, before.get((year_before(period), cell.indicator.pk))),
                _leads(one),
                cell.indicator == chosen,
                _address(unit, period, chosen=cell.indicator),
            )
        )
    return {
        "cards": cards,
        "outliers": asked,
        "chosen": chosen,
        "taken": taken(period, at, here[0].provisional_reason),
        "trend": _drawn(trend_of(months[:TREND], months[TREND:], _leads)) if months else None,
        "no_trend": NO_TREND,
        **_beside(units, indicators, chosen, unit, period),
    }


def _months(unit: Unit, period: Period, chosen: Indicator, at: datetime) -> list[FigureCell]:
    """A rate in the months up to the one looked at, and after them in the same months a year before; by one version."""
    if not period.is_month:
        return []
    months = [period]
    while len(months) < TREND:
        months.insert(0, previous(months[0]))
    asked = [*months, *(year_before(month) for month in months)]
    return [cell for month in asked for cell in figures_of(unit, month, at=at, indicators=[chosen])]


def _beside(
    units: Sequence[ToldFigure], indicators: Sequence[Indicator], chosen: Indicator, unit: Unit, period: Period
) -> dict[str, Any]:
    """The units below: as a table, and by the chosen rate as a funnel."""
    if not units:
        return {}
    by_indicator = {row: [one for one in units if one.cell.indicator == row] for row in indicators}
    heat = heat_of(by_indicator, f"{unit}各单位", f"{period.name}，与{unit}各单位的整体相比", _leads)
    funnel = funnel_of(by_indicator[chosen])
    return {
        "heat": _drawn(heat),
        "worse": _standing_out(heat),
        "below": [(one, _address(one, period)) for one in dict.fromkeys(row.cell.unit for row in units)],
        "funnel": None if funnel is None else _drawn(funnel_plot(by_indicator[chosen], funnel, _leads)),
        "no_funnel": NO_FUNNEL,
    }


def _standing_out(heat: HeatTable) -> list[tuple[str, str, str]]:
    """What lies beyond all chance on the bad side, as (unit, indicator, address): the first thing to ask about."""
    return [
        (row.label, heat.columns[place], cell.href)
        for row in heat.rows
        for place, cell in enumerate(row.cells)
        if cell.shade is Shade.FAR_WORSE
    ]


def _lights(officer: Officer, unit: Unit, at: datetime) -> dict[str, Any]:
    """Where the running clocks stand now that the officer may see; those that press most first."""
    stands = limits_standing(officer, unit, at)
    if not stands:
        return {}
    drawn = lights_of(
        stands[:MOST_LIMITS],
        f"{unit}各时限正在计时的",
        f"截至 {timezone.localtime(at):%Y-%m-%d %H:%M}，只计本机关的义务与上限",
        lambda limit, level: _clocks(unit, limit=limit, level=level),
    )
    return {
        "lights": _drawn(drawn),
        "overdue": sum(stand.counts[Level.RED] for stand in stands),
        "overdue_link": _clocks(unit, level=Level.RED),
        "more_limits": max(0, len(stands) - MOST_LIMITS),
        "clocks_link": _clocks(unit),
    }


def _clocks(unit: Unit, **asked: int) -> str:
    told = {"state": "running", "nature": "counted", "unit": unit.pk, **{name: int(one) for name, one in asked.items()}}
    return f"{reverse('desk:clocks')}?{urlencode(told)}"


def _leads(figure: ToldFigure) -> str:
    return link_to(figure.cell.indicator, figure.cell.unit, figure.cell.period)


def _address(unit: Unit, period: Period, *, chosen: Indicator | None = None) -> str:
    asked = {"unit": str(unit.pk), "period": period.code}
    if chosen is not None:
        asked["indicator"] = chosen.code
    return f"{reverse('evaluation:overview')}?{urlencode(asked)}"


def _drawn(drawing: Drawing) -> SafeString:
    # Its own words are escaped as it is made, and nothing in it runs (`drawing.markup`).
    return mark_safe(svg(drawing))
