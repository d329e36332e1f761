"""The rate of expedited cases by unit (快办率): closed, handled quickly, the rate with its interval, and its place in the funnel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe

from cases.desk.frame import page, show, who
from cases.models import Officer, Unit
from supervision.evaluation.counted import local_zone
from supervision.evaluation.drawing.rendering import svg
from supervision.evaluation.forms import LookForm
from supervision.evaluation.outliers import EXPEDITED, outliers, place_words
from supervision.evaluation.pages.figures import link_to, taken
from supervision.evaluation.pages.overview import NO_FUNNEL
from supervision.evaluation.pictures import funnel_of, funnel_plot
from supervision.evaluation.queries import ToldFigure, figures_of, told_to, version_for
from supervision.evaluation.rules.periods import Period
from supervision.expedited.queries import Closed, closed_in


@dataclass(frozen=True, slots=True)
class Row:
    """A unit: how many administrative cases it closed, how many of them quickly, its rate, and its place among all."""

    figure: ToldFigure
    closed: Closed
    closed_link: str
    expedited_link: str
    link: str
    place: str
    outside: bool


@page("evaluation.view_figure")
def expedited(request: HttpRequest) -> HttpResponse:
    """The units right below a unit beside each other, after the unit itself."""
    officer, at = who(request), timezone.now()
    form = LookForm(request.GET, by=officer, today=timezone.localdate(at))
    if not form.is_valid():
        return show(request, "evaluation/expedited.html", title="快办率", form=form, status=422)
    unit, period = form.cleaned_data["unit"], form.cleaned_data["period"]
    return show(
        request,
        "evaluation/expedited.html",
        title="快办率",
        form=form,
        unit=unit,
        period=period,
        **_counted(officer, form.units, unit, period, at),
    )


def _counted(officer: Officer, seen: Sequence[Unit], unit: Unit, period: Period, at: datetime) -> dict[str, Any]:
    indicator = version_for(unit, EXPEDITED, period.begins_on)
    if indicator is None:
        return {}
    below = [one for one in seen if one.parent_id == unit.pk]
    cells = figures_of([unit, *below], period, at=at, indicators=[indicator])
    if not cells:
        return {}
    told = told_to(cells, officer, at=at)
    zone = local_zone()
    closed = closed_in(officer, [unit, *below], period.begins(zone), period.ends(zone))
    lower = told[1:]
    funnel = funnel_of(lower) if lower else None
    standings = {int(one.count.key): one for one in funnel.standings} if funnel is not None else {}
    asked = outliers(lower, funnel, _leads)
    rows = []
    for one in told:
        pk = one.cell.unit.pk
        place = "整体" if one is told[0] else place_words(standings.get(pk), indicator.minimum)
        rows.append(
            Row(
                one,
                closed[pk],
                _closed(one.cell.unit, period),
                _closed(one.cell.unit, period, procedure="expedited"),
                _leads(one),
                place,
                any(other.figure is one for other in asked),
            )
        )
    # Its own words are escaped as it is made, and nothing in it runs (`drawing.markup`).
    drawn = None if funnel is None else mark_safe(svg(funnel_plot(lower, funnel, _leads)))
    return {
        "indicator": indicator,
        "counted": rows,
        "outliers": asked,
        "funnel": drawn,
        "no_funnel": NO_FUNNEL,
        "taken": taken(period, at, told[0].cell.provisional_reason),
    }


def _closed(unit: Unit, period: Period, **more: str) -> str:
    asked = {"unit": unit.pk, "closed_after": period.begins_on, "closed_before": period.last_on, **more}
    return f"{reverse('expedited:matters')}?{urlencode(asked)}"


def _leads(figure: ToldFigure) -> str:
    return link_to(figure.cell.indicator, figure.cell.unit, figure.cell.period)
