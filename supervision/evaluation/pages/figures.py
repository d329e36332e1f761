"""The figures of a unit, one figure with its explanation, and the list behind each number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
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
from supervision.evaluation.outliers import expedited_outliers
from supervision.evaluation.queries import (
    FigureCell,
    RowsBehind,
    ToldFigure,
    behind,
    figures_of,
    last_version,
    told_to,
    version_for,
    version_numbered,
)
from supervision.evaluation.queries.showing import read_with, seen_by, show_row
from supervision.evaluation.rules.periods import Period, following, month_of, previous, year_before
from supervision.evaluation.sources import SOURCES
from supervision.evaluation.terms import told as words_of

OVER: Final = "统计期已过，取数时点为期末"
NOT_BEGUN: Final = "统计期还没有开始，没有可数的"
_ORDINALS: Final = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Linked:
    """A figure with the address of its page."""

    told: ToldFigure
    link: str


@dataclass(slots=True)
class Line:
    """One indicator on the page of a unit: what it came to, and what it was before, by the same version."""

    now: ToldFigure
    before: Linked | None
    year_ago: Linked | None
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
    if not form.is_valid():
        return show(request, "evaluation/figures.html", title="指标数据", form=form, status=422)
    unit, period = form.cleaned_data["unit"], form.cleaned_data["period"]
    sections = _sections(officer, unit, period, at)
    measured = [line.now.cell for one in sections for line in one.lines]
    reason = next((cell.provisional_reason for cell in measured), "")
    return show(
        request,
        "evaluation/figures.html",
        title="指标数据",
        form=form,
        unit=unit,
        period=period,
        before=previous(period),
        year_ago=year_before(period),
        sections=sections,
        outliers=expedited_outliers(officer, form.units, measured, _of, at=at),
        taken=taken(period, at, reason),
    )


def taken(period: Period, at: datetime, reason: str) -> str:
    """When the figures of a period are taken, in words."""
    if period.begins_on > timezone.localdate(at):
        return NOT_BEGUN
    return reason or OVER


def _sections(officer: Officer, unit: Unit, period: Period, at: datetime) -> list[Section]:
    cells = figures_of(unit, period, at=at)
    versions = [cell.indicator for cell in cells]
    told = told_to([*cells, *_earlier(unit, period, versions, at)], officer, at=at)
    linked = _linked(told)
    sections = {group: Section(str(group.label)) for group in Group}
    for one in told[: len(cells)]:
        indicator = one.cell.indicator
        before, year_ago = (linked.get((other, indicator.pk)) for other in (previous(period), year_before(period)))
        sections[Group(indicator.group)].lines.append(Line(one, before, year_ago, link_to(indicator, unit, period)))
    return [section for section in sections.values() if section.lines]


def _earlier(unit: Unit, period: Period, versions: Collection[Indicator], at: datetime) -> list[FigureCell]:
    """What it was a period and a year before, by the same versions, so that it can be compared."""
    # Of a year both are the same.
    others = dict.fromkeys((previous(period), year_before(period)))
    return [cell for other in others for cell in figures_of(unit, other, at=at, indicators=versions)]


def _linked(told: Iterable[ToldFigure]) -> dict[tuple[Period, int], Linked]:
    """Figures of one unit by their period and indicator."""
    return {
        (one.cell.period, one.cell.indicator.pk): Linked(
            one, link_to(one.cell.indicator, one.cell.unit, one.cell.period)
        )
        for one in told
    }


def link_to(indicator: Indicator, unit: Unit, period: Period, **more: str) -> str:
    """The page of a figure by this version, whichever holds in the period."""
    asked = urlencode({"unit": unit.pk, "period": period.code, "version": indicator.version, **more})
    return f"{reverse('evaluation:figure', args=(indicator.code,))}?{asked}"


def _of(told: ToldFigure) -> str:
    return link_to(told.cell.indicator, told.cell.unit, told.cell.period)


# -- one figure ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """A list behind a side of a figure, as a tab: what it counts, and how many where that may be told."""

    name: str
    counted: int | None
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
    indicator = _version(request, unit, code, period)
    if indicator is None:
        return _no_version(request, form, unit, code, period)
    return show(
        request,
        "evaluation/figure.html",
        title=indicator.name,
        trail=_trail(unit, period),
        form=form,
        indicator=indicator,
        unit=unit,
        period=period,
        **_told_of(request, officer, form.units, unit, indicator, period, at),
    )


def _told_of(
    request: HttpRequest,
    officer: Officer,
    seen: Sequence[Unit],
    unit: Unit,
    indicator: Indicator,
    period: Period,
    at: datetime,
) -> dict[str, Any]:
    """A figure, what it was before, the units right below that he may look at, by the same version so that they add up, and
    a list behind; nothing of what is not counted."""
    below = [one for one in seen if one.parent_id == unit.pk]
    cells = figures_of([unit, *below], period, at=at, indicators=[indicator])
    if not cells:
        return {}
    told = told_to([*cells, *_earlier(unit, period, [indicator], at)], officer, at=at)
    linked = _linked(told[len(cells) :])
    return {
        "figure": told[0],
        "taken": taken(period, at, told[0].cell.provisional_reason),
        "earlier": [
            (name, other, linked[other, indicator.pk])
            for name, other in (("上期", previous(period)), ("上年同期", year_before(period)))
        ],
        "below": [(one, link_to(indicator, one.cell.unit, period)) for one in told[1 : len(cells)]],
        **_behind(request, officer, told[0]),
    }


def _version(request: HttpRequest, unit: Unit, code: str, period: Period) -> Indicator | None:
    """The version that was asked for by its number, else the one in force on the first day of the period."""
    number = request.GET.get("version", "")
    if number.isascii() and number.isdigit() and len(number) < 5:
        asked = version_numbered(unit, code, int(number))
        if asked is not None:
            return asked
    return version_for(unit, code, period.begins_on)


def _no_version(request: HttpRequest, form: LookForm, unit: Unit, code: str, period: Period) -> HttpResponse:
    """What to say of a period in which the indicator was not in force; one that no unit here ever had is not found."""
    known = last_version(unit, code)
    if known is None:
        raise Http404(code)
    first = month_of(known.in_force_from)
    if first.begins_on < known.in_force_from:
        first = following(first)
    return show(
        request,
        "evaluation/figure.html",
        title=known.name,
        trail=_trail(unit, period),
        form=form,
        unit=unit,
        period=period,
        absent=known,
        first=first,
    )


def _trail(unit: Unit | None = None, period: Period | None = None) -> tuple[tuple[str, str], ...]:
    """Back to the figures of the same unit and period."""
    asked = f"?{urlencode({'unit': unit.pk, 'period': period.code})}" if unit is not None and period is not None else ""
    return (("指标数据", f"{reverse('evaluation:figures')}{asked}"),)


def _behind(request: HttpRequest, officer: Officer, told: ToldFigure) -> dict[str, Any]:
    """The list that was asked for: of the numerator unless another side or part is named."""
    cell = told.cell
    lists = [
        (side, number, one)
        for side in Side
        for number, one in enumerate(behind(cell.indicator, side, cell.unit, cell.period, cell.cutoff))
    ]
    several = {side: sum(other is side for other, _, _ in lists) > 1 for side in Side}
    asked = (request.GET.get("side", Side.NUMERATOR.value), request.GET.get("part", "0"))
    chosen = next((one for one in lists if (one[0].value, str(one[1])) == asked), lists[0])
    tabs = []
    for side, number, one in lists:
        # What a side amounts to is the figure; what its parts amount to is told where that says no more than the figure.
        counted = one.rows.count() if told.told and not (told.only_whole and several[side]) else None
        tabs.append(
            Choice(
                f"{side.label}之{_ORDINALS[number]}" if several[side] else str(side.label),
                counted,
                words_of(one.term),
                link_to(cell.indicator, cell.unit, cell.period, side=side.value, part=str(number)),
                (side, number) == chosen[:2],
            )
        )
    return {"tabs": tabs, **_rows(request, officer, chosen[2], next(tab.counted for tab in tabs if tab.chosen))}


def _rows(request: HttpRequest, officer: Officer, one: RowsBehind, counted: int | None) -> dict[str, Any]:
    """A page of the rows he may see; how many he may not is said only where their number is told him."""
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
    return {
        "rows": [show_row(source.name, row, one.term.at) for row in found.rows],
        "page": found,
        "counted": counted,
        "hidden": counted - seen.count() if counted is not None else 0,
        "words": words_of(one.term),
        "moment": moment,
        "previous": address(request, "before", found.previous) if found.previous else "",
        "next": address(request, "after", found.next) if found.next else "",
    }
