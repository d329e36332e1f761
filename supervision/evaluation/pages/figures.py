"""The figures of a unit, one figure with its explanation, and the list behind each number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import DateTimeField, F, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import address
from cases.desk.paging import page_by_key
from cases.models import Officer, Unit
from supervision.evaluation.forms import LookForm
from supervision.evaluation.models import Group, Indicator, Side
from supervision.evaluation.queries import (
    RowsBehind,
    ToldFigure,
    behind,
    figures_of,
    told_to,
    version_for,
)
from supervision.evaluation.queries.showing import read_with, seen_by, show_row
from supervision.evaluation.rules.periods import Period, previous, year_before
from supervision.evaluation.sources import SOURCES
from supervision.evaluation.terms import told as words_of


@dataclass(slots=True)
class Line:
    """One indicator on the page of a unit: what it came to, and what it was before."""

    now: ToldFigure
    before: ToldFigure | None
    year_ago: ToldFigure | None
    link: str

    @property
    def indicator(self) -> Indicator:
        return self.now.cell.indicator


@dataclass(slots=True)
class Section:
    """Indicators of one group."""

    name: str
    lines: list[Line] = field(default_factory=list)


@page("evaluation.view_figure")
def figures(request: HttpRequest) -> HttpResponse:
    """Everything that is measured of a unit in a period, beside the period before and the same a year ago."""
    officer, at = who(request), timezone.now()
    form = LookForm(request.GET, by=officer, today=timezone.localdate(at))
    sections: list[Section] = []
    if form.is_valid():
        unit, period = form.cleaned_data["unit"], form.cleaned_data["period"]
        sections = _sections(officer, unit, period, at)
    return show(
        request,
        "evaluation/figures.html",
        title="指标数据",
        form=form,
        sections=sections,
        asked=form.cleaned_data if form.is_valid() else None,
        provisional=_provisional(sections),
    )


def _provisional(sections: Sequence[Section]) -> str:
    return next((line.now.cell.provisional_reason for one in sections for line in one.lines), "")


def _sections(officer: Officer, unit: Unit, period: Period, at: datetime) -> list[Section]:
    now = told_to(figures_of(unit, period, at=at), officer, at=at)
    versions = [one.cell.indicator for one in now]
    earlier = [
        {
            one.cell.indicator.pk: one
            for one in told_to(figures_of(unit, other, at=at, indicators=versions), officer, at=at)
        }
        for other in (previous(period), year_before(period))
    ]
    sections = {group: Section(str(group.label)) for group in Group}
    for one in now:
        pk = one.cell.indicator.pk
        line = Line(one, earlier[0].get(pk), earlier[1].get(pk), _link(one.cell.indicator, unit, period))
        sections[Group(one.cell.indicator.group)].lines.append(line)
    return [section for section in sections.values() if section.lines]


def _link(indicator: Indicator, unit: Unit, period: Period, **more: str) -> str:
    asked = urlencode({"unit": unit.pk, "period": period.code, **more})
    return f"{reverse('evaluation:figure', args=(indicator.code,))}?{asked}"


# -- one figure ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """A list behind a side of a figure, as a tab: what it counts and how many, where that may be told."""

    name: str
    words: str
    link: str
    chosen: bool


@page("evaluation.view_figure")
def figure(request: HttpRequest, code: str) -> HttpResponse:
    """One figure: both numbers, what they count, the units below, and the rows behind."""
    officer, at = who(request), timezone.now()
    form = LookForm(request.GET, by=officer, today=timezone.localdate(at))
    if not form.is_valid():
        return show(request, "evaluation/figure.html", title="指标数据", trail=_trail(), form=form, status=422)
    unit, period = form.cleaned_data["unit"], form.cleaned_data["period"]
    indicator = version_for(unit, code, period.begins_on)
    if indicator is None:
        raise Http404(code)
    cells = figures_of(unit, period, at=at, indicators=[indicator])
    cell = told_to(cells, officer, at=at)[0] if cells else None
    return show(
        request,
        "evaluation/figure.html",
        title=indicator.name,
        trail=_trail(),
        form=form,
        indicator=indicator,
        unit=unit,
        period=period,
        figure=cell,
        below=_below(officer, form.units, unit, indicator, period, at),
        **(_behind(request, officer, cell) if cell is not None else {}),
    )


def _trail() -> tuple[tuple[str, str], ...]:
    return (("指标数据", reverse("evaluation:figures")),)


def _below(
    officer: Officer, seen: Sequence[Unit], unit: Unit, indicator: Indicator, period: Period, at: datetime
) -> list[tuple[ToldFigure, str]]:
    """The units right below that he may look at, each by the same version, so that they add up."""
    units = [one for one in seen if one.parent_id == unit.pk]
    told = told_to(figures_of(units, period, at=at, indicators=[indicator]), officer, at=at)
    return [(one, _link(indicator, one.cell.unit, period)) for one in told]


def _behind(request: HttpRequest, officer: Officer, told: ToldFigure) -> dict[str, Any]:
    """The list that was asked for: of the numerator unless another side or part is named."""
    cell = told.cell
    lists = [
        (side, number, one)
        for side in Side
        for number, one in enumerate(behind(cell.indicator, side, cell.unit, cell.period, cell.cutoff))
    ]
    asked = (request.GET.get("side", Side.NUMERATOR.value), request.GET.get("part", "0"))
    chosen = next((one for one in lists if (one[0].value, str(one[1])) == asked), lists[0])
    tabs = [
        Choice(
            f"{side.label}{number + 1 if sum(other is side for other, _, _ in lists) > 1 else ''}",
            words_of(one.term),
            _link(cell.indicator, cell.unit, cell.period, side=side.value, part=str(number)),
            (side, number) == chosen[:2],
        )
        for side, number, one in lists
    ]
    return {"tabs": tabs, **_rows(request, officer, told, chosen[2])}


def _rows(request: HttpRequest, officer: Officer, told: ToldFigure, one: RowsBehind) -> dict[str, Any]:
    """A page of the rows he may see; how many he may not is said only where the number itself is."""
    source = SOURCES[one.term.source]
    moment = source.moments[one.term.at]
    # Days have no place on a scale of moments: such rows come in the order in which they were put on record.
    when = Value(None, output_field=DateTimeField()) if moment.is_day else F(moment.column)
    seen = read_with(source.name, seen_by(source, one.rows, officer)).annotate(counted_at=when)
    found = page_by_key(
        seen,
        moment="counted_at",
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    hidden = one.rows.count() - seen.count() if told.told else 0
    return {
        "rows": [show_row(source.name, row, one.term.at) for row in found.rows],
        "page": found,
        "hidden": hidden,
        "words": words_of(one.term),
        "previous": address(request, "before", found.previous) if found.previous else "",
        "next": address(request, "after", found.next) if found.next else "",
    }
