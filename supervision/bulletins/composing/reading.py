"""What a circular is written from: frozen figures, the same of the periods beside them, and what was adjusted since.

A circular goes to many, so it tells what anybody may be told (`evaluation.queries.told_to_anybody`): restricted figures
only of whole months that are over and where neither those counted nor the rest are few (信访工作条例 30), ratings only
when nobody is being asked any more. Restricted ones are told for the unit reported on as a whole, never for one below it.
What may not be told is not handed on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from cases.models import Unit
from supervision.bulletins.composing.looking_back import adjusted, adjusted_earlier, as_told, last_issued
from supervision.bulletins.counting import read_figures
from supervision.bulletins.figures import Figures
from supervision.bulletins.models import Bulletin
from supervision.bulletins.rules import Period as Counted
from supervision.bulletins.rules import Span, life
from supervision.campaigns.models import Campaign
from supervision.campaigns.queries import Figures as CampaignFigures
from supervision.campaigns.queries import Standing, figures_within, standing_of, tasks_of, words_of
from supervision.evaluation.models import Indicator
from supervision.evaluation.queries import (
    Adjusted,
    FigureCell,
    figures_of,
    told_to_anybody,
    versions_for,
)
from supervision.evaluation.queries.comparing import Period, may_be_chance, previous, year_before
from supervision.evaluation.rates import NOT_TOLD, Rate
from supervision.evaluation.services import freeze

# What a look at a day or a week tells; a month and what has an occasion of its own tell everything there is.
BRIEF: Final = {
    life.Kind.DAILY: ("on_time", "triage_on_time", "filing_on_time", "rectified_on_time"),
    life.Kind.WEEKLY: (
        "close_adm_cohort",
        "close_crim_cohort",
        "on_time",
        "triage_on_time",
        "filing_on_time",
        "rectified_cohort",
        "rectified_on_time",
        "followup_complete",
    ),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure that may be told, in its period."""

    indicator: Indicator
    unit: Unit
    period: Period
    numerator: int
    denominator: int

    @property
    def rate(self) -> Rate:
        return Rate(self.numerator, self.denominator)

    @property
    def value(self) -> Decimal | None:
        """Percent, cut off after two decimals; none of nothing."""
        return self.rate.value

    @property
    def grey(self) -> bool:
        """Too few to be compared."""
        return self.rate.is_thin(self.indicator.minimum)

    @property
    def compared(self) -> bool:
        return self.denominator >= self.indicator.minimum

    def as_json(self) -> dict[str, Any]:
        return {
            "indicator": self.indicator.code,
            "version": self.indicator.version,
            "unit": self.unit.code,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": None if self.value is None else f"{self.value:.2f}",
        }

    @property
    def key(self) -> str:
        """By what the figure is traced: indicator and version, unit, period."""
        return f"{self.indicator.label}/{self.unit.code}/{self.period.code}"


@dataclass(frozen=True, slots=True)
class Compared:
    """An indicator of the unit reported on: now, in the period before, in the same period a year ago.

    `now` is none where it may not be told, and `withheld` what is said instead; what is beside it is none where that may
    not be told, or nothing was counted.
    """

    indicator: Indicator
    now: Cell | None
    before: Cell | None = None
    year_ago: Cell | None = None
    withheld: str = NOT_TOLD

    @property
    def on_before(self) -> Decimal | None:
        """Percentage points on the period before; none unless both have the minimum."""
        return _difference(self.now, self.before)

    @property
    def on_year(self) -> Decimal | None:
        return _difference(self.now, self.year_ago)

    @property
    def on_before_by_chance(self) -> bool:
        """Whether the change on the period before may be chance alone."""
        return _by_chance(self.now, self.before)

    @property
    def on_year_by_chance(self) -> bool:
        return _by_chance(self.now, self.year_ago)


def _by_chance(now: Cell | None, then: Cell | None) -> bool:
    if now is None or then is None:
        return False
    return bool(may_be_chance((now.numerator, now.denominator), (then.numerator, then.denominator)))


def _difference(now: Cell | None, then: Cell | None) -> Decimal | None:
    if now is None or then is None or not (now.compared and then.compared):
        return None
    assert now.value is not None and then.value is not None
    return now.value - then.value


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a campaign and how it stood: put off or late is `slipped`."""

    name: str
    due_on: date
    done_on: date | None
    standing: Standing
    slipped: bool


@dataclass(frozen=True, slots=True)
class OfCampaign:
    """What a campaign looks at, in words, what it came to in the unit reported on, and its steps."""

    campaign: Campaign
    words: str
    figures: CampaignFigures
    steps: tuple[Step, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.campaign.title,
            "units": [asdict(line) for line in self.figures.units],
            "whole": asdict(self.figures.whole),
            "findings": [{"kind": kind, "count": count} for kind, count in self.figures.kinds],
        }


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a circular is written from. `edition` is the name under which its figures are frozen.

    `below` holds what the units right below came to, by indicator's code and unit's code; nothing restricted, and nothing
    that may not be told.
    """

    unit: Unit
    kind: life.Kind
    span: Span
    period: Counted
    edition: str
    figures: Figures
    compared: tuple[Compared, ...]
    places: tuple[Unit, ...]
    below: Mapping[str, Mapping[str, Cell]]
    last: Bulletin | None
    adjusted: tuple[Adjusted, ...]
    older: tuple[tuple[Bulletin, tuple[Adjusted, ...]], ...] = ()
    campaign: OfCampaign | None = None

    def of(self, *codes: str) -> list[Compared]:
        """What is told of these indicators, in this order."""
        found = {one.indicator.code: one for one in self.compared}
        return [found[code] for code in codes if code in found]

    def as_json(self) -> dict[str, Any]:
        """The figures as data, with everything that may be told of the unit and of those below it."""
        cells = [one.now for one in self.compared if one.now is not None]
        below = [cell for by_unit in self.below.values() for cell in by_unit.values()]
        earlier = ((self.last, self.adjusted), *self.older)
        anew = [as_told(of, one) for of, found in earlier if of is not None for one in found]
        return {
            **self.figures.as_json(self.kind),
            "indicators": [cell.as_json() for cell in (*cells, *below)],
            **({"adjusted": anew} if anew else {}),
            **({} if self.campaign is None else {"campaign": self.campaign.as_json()}),
        }

    def of_group(self, group: str) -> list[Compared]:
        return [one for one in self.compared if one.indicator.group == group]


def read_material(
    *,
    unit: Unit,
    kind: life.Kind,
    span: Span,
    period: Counted,
    edition: str,
    at: datetime,
    campaign: Campaign | None = None,
) -> Material:
    """Count and freeze what a bulletin says under `edition`, and read what it is compared with; part of the caller's
    transaction. Refuses (EvaluationRefused) an edition that is frozen already."""
    own = Period(span.first, span.until)
    indicators = _wanted(unit, kind, own)
    places = _places(unit)
    cells: list[FigureCell] = []
    before: dict[str, Cell] = {}
    year_ago: dict[str, Cell] = {}
    if indicators:
        frozen = freeze(
            edition=edition, units=[unit, *places], period=own, at=at, cutoff=period.cutoff, indicators=indicators
        )
        cells = [FigureCell(row.indicator, row.unit, own, row.numerator, row.denominator, row.cutoff) for row in frozen]
        before = _beside(unit, previous(own), indicators, at)
        if kind != life.Kind.DAILY:
            year_ago = _beside(unit, year_before(own), indicators, at)
    now: dict[str, Cell] = {}
    words: dict[str, str] = {}
    below: dict[str, dict[str, Cell]] = {}
    for figure in told_to_anybody(cells, at=at):
        code, of = figure.cell.indicator.code, figure.cell.unit
        if of == unit:
            words[code] = figure.withheld
        if not figure.told or (of != unit and figure.cell.indicator.restricted):
            continue
        if of == unit:
            now[code] = _cell(figure.cell)
        else:
            below.setdefault(code, {})[of.code] = _cell(figure.cell)
    last = last_issued(unit, kind, span)
    return Material(
        unit=unit,
        kind=kind,
        span=span,
        period=period,
        edition=edition,
        figures=read_figures(unit, period),
        compared=tuple(
            Compared(
                one, now.get(one.code), before.get(one.code), year_ago.get(one.code), words.get(one.code, NOT_TOLD)
            )
            for one in indicators
        ),
        places=tuple(places),
        below=below,
        last=last,
        adjusted=tuple(adjusted(last, at)) if last is not None else (),
        older=tuple(adjusted_earlier(last, at)) if last is not None else (),
        campaign=None if campaign is None else _of_campaign(campaign, unit, at),
    )


def _of_campaign(campaign: Campaign, unit: Unit, at: datetime) -> OfCampaign:
    """As it stands at `at`: a campaign has no figures of a day that is past."""
    today = timezone.localdate(at)
    steps = tuple(
        Step(task.name, task.due_on, task.done_on, standing_of(task, today), task.slipped)
        for task in tasks_of(campaign)
    )
    return OfCampaign(campaign, words_of([campaign])[campaign.pk], figures_within(campaign, unit, at=at), steps)


def _wanted(unit: Unit, kind: life.Kind, period: Period) -> list[Indicator]:
    """The versions in force for the unit, those it is compared by too: one version for all, or they could not be."""
    codes = BRIEF.get(kind)
    rows = versions_for([unit], period.begins_on)[unit.pk]
    return [row for row in rows if not row.draft and row.shape == "rate" and (codes is None or row.code in codes)]


def _places(unit: Unit) -> list[Unit]:
    return list(Unit.objects.in_force().filter(parent=unit).order_by("path"))


def _beside(unit: Unit, period: Period, indicators: Collection[Indicator], at: datetime) -> dict[str, Cell]:
    cells = figures_of(unit, period, at=at, indicators=indicators)
    return {one.cell.indicator.code: _cell(one.cell) for one in told_to_anybody(cells, at=at) if one.told}


def _cell(cell: FigureCell) -> Cell:
    return Cell(cell.indicator, cell.unit, cell.period, cell.numerator, cell.denominator)
