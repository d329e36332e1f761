"""Figures: an indicator of a unit in a period, read from what is stored or counted from the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from cases.models import Unit
from supervision.evaluation.counted import local_zone
from supervision.evaluation.counting import UNIT, count_by_unit, fold, holder, meets, rows
from supervision.evaluation.models import DayCount, Figure, Folding, Indicator, Shape, Side, Term
from supervision.evaluation.queries.versions import versions_for
from supervision.evaluation.rates import Rate
from supervision.evaluation.rules.periods import Period
from supervision.evaluation.sources import SOURCES

_SIDES: Final = (Side.NUMERATOR, Side.DENOMINATOR)
STILL_RUNNING: Final = "统计期未完，截至 {cutoff:%Y-%m-%d %H:%M}"


class FigureCell(NamedTuple):
    """What an indicator came to in a unit and everything below it in a period.

    `provisional_reason` says why the numbers will still change, and is empty where they will not but by a correction.
    `known_on` is the local day on which a stored figure was so known, none where it was counted just now. A tuple, as a
    province has tens of thousands of them.
    """

    indicator: Indicator
    unit: Unit
    period: Period
    numerator: int
    denominator: int
    cutoff: datetime
    provisional_reason: str = ""
    known_on: date | None = None

    @property
    def rate(self) -> Rate:
        return Rate(self.numerator, self.denominator)

    @property
    def value(self) -> Decimal | None:
        """Percent, cut off to two decimals; none where there is nothing to compare with."""
        return self.rate.value

    @property
    def text(self) -> str:
        return self.rate.text

    @property
    def grey(self) -> bool:
        """Too few to be compared, and out of any ranking."""
        return self.rate.is_thin(self.indicator.minimum)

    @property
    def key(self) -> tuple[int, int]:
        return (self.unit.pk, self.indicator.pk)

    def as_json(self) -> dict[str, Any]:
        return {
            "indicator": self.indicator.code,
            "version": self.indicator.version,
            "name": self.indicator.name,
            "unit": self.unit.code,
            "period": self.period.code,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": None if self.value is None else f"{self.value:.2f}",
            "grey": self.grey,
            "cutoff": self.cutoff.isoformat(),
            "provisional": self.provisional_reason,
        }


def cutoff_of(period: Period, at: datetime) -> datetime:
    """When a figure of the period is taken, asked for at `at`: at its end, or now while it runs."""
    zone = local_zone()
    return min(period.ends(zone), max(at.astimezone(zone), period.begins(zone)))


def figures_of(
    units: Unit | Iterable[Unit],
    period: Period,
    *,
    at: datetime,
    indicators: Collection[Indicator] | None = None,
    cutoff: datetime | None = None,
    known_on: date | None = None,
) -> list[FigureCell]:
    """The figures of units, each with everything below it, in the order of the units and then of the indicators.

    Without `indicators` the versions that hold for each unit on the first day of the period; those without a source yet,
    and those that are no rate, are left out. Whole months are read from what is stored, where it is; any other period,
    and any `cutoff` of one's own, is counted from the rows. With `known_on` (a local day) only what was stored then.
    Everybody's exact numbers: whoever shows them asks `told_to` first.
    """
    asked = [units] if isinstance(units, Unit) else list(units)
    wanted = _wanted(asked, period, indicators)
    found: dict[tuple[int, int], FigureCell] = {}
    if period.is_month and cutoff is None:
        found = _stored(asked, wanted, period, known_on, at, in_force=indicators is None)
    if known_on is None:
        missing = _missing(asked, wanted, found)
        if any(missing.values()):
            found |= _counted(asked, missing, period, cutoff or cutoff_of(period, at))
    cells = (found.get((unit_id, pk)) for unit_id in (unit.pk for unit in asked) for pk in wanted[unit_id])
    return [cell for cell in cells if cell is not None]


# By unit the indicators asked for, by id. Thousands of units ask for the same ones, and share them.
_Wanted = Mapping[int, Mapping[int, Indicator]]


def _wanted(units: Sequence[Unit], period: Period, indicators: Collection[Indicator] | None) -> _Wanted:
    if indicators is None:
        chosen: Mapping[int, Collection[Indicator]] = versions_for(units, period.begins_on)
    else:
        chosen = {unit.pk: indicators for unit in units}
    shared: dict[int, dict[int, Indicator]] = {}
    for of in chosen.values():
        if id(of) not in shared:
            shared[id(of)] = {one.pk: one for one in of if not one.draft and one.shape == Shape.RATE}
    return {unit_id: shared[id(of)] for unit_id, of in chosen.items()}


def _missing(
    units: Sequence[Unit],
    wanted: _Wanted,
    found: Mapping[tuple[int, int], FigureCell],
    among: Collection[int] | None = None,
) -> _Wanted:
    """What of the wanted has not been found; of the indicators `among` these."""
    return {
        unit_id: {
            pk: one
            for pk, one in wanted[unit_id].items()
            if (unit_id, pk) not in found and (among is None or pk in among)
        }
        for unit_id in (unit.pk for unit in units)
    }


def _stored(
    units: Sequence[Unit],
    wanted: _Wanted,
    period: Period,
    known_on: date | None,
    at: datetime,
    *,
    in_force: bool,
) -> dict[tuple[int, int], FigureCell]:
    """What is stored of a month: of each figure the last row, or the last not after a day.

    Where an indicator has been counted into the month, a figure without a row comes to nothing; by a version that was not
    `in_force` for its unit then it is added up from the days.
    """
    by_id = {pk: one for of in {id(of): of for of in wanted.values()}.values() for pk, one in of.items()}
    places = {unit.pk: unit for unit in units}
    taken = _counted_until(by_id.values(), period, at) if known_on is None else {}
    if known_on is None and not taken:
        return {}
    stored = Figure.objects.filter(unit__in=places, indicator__in=by_id, month=period.begins_on)
    if known_on is not None:
        stored = stored.known_by(known_on)
    told = _Told(period)
    found = {}
    # Thousands of units have tens of thousands of figures: no row becomes an object of its own.
    columns = ("unit_id", "indicator_id", "numerator", "denominator", "cutoff", "known_on")
    for unit_id, indicator_id, numerator, denominator, cutoff, on in stored.order_by("known_on").values_list(*columns):
        if known_on is None:
            if indicator_id not in taken:
                continue
            cutoff = taken[indicator_id]
        found[unit_id, indicator_id] = FigureCell(
            by_id[indicator_id], places[unit_id], period, numerator, denominator, *told.of(cutoff), on
        )
    missing = _missing(units, wanted, found, taken)
    return found | _added_up(units, missing, period, taken, nothing=in_force)


class _Told:
    """When figures of a period are taken and what is said of it; of the same moment the same, and worked out once."""

    def __init__(self, period: Period) -> None:
        self.period = period
        self.known: dict[datetime, tuple[datetime, str]] = {}

    def of(self, cutoff: datetime) -> tuple[datetime, str]:
        if cutoff not in self.known:
            self.known[cutoff] = (cutoff.astimezone(local_zone()), _provisional(self.period, cutoff))
        return self.known[cutoff]


def _counted_until(indicators: Iterable[Indicator], period: Period, at: datetime) -> dict[int, datetime]:
    """By indicator when its figure of the month is taken, for those of which everything they count is stored."""
    rows = Folding.objects.filter(indicator__in=[one.pk for one in indicators], first_month__lte=period.begins_on)
    begins, ends = period.begins(local_zone()), period.ends(local_zone())
    # Not a month that was over before it was counted to its end, nor one asked about at a moment before the counting.
    return {
        row.indicator_id: min(row.folded_at, ends)
        for row in rows
        if begins <= row.folded_at and (row.folded_at >= ends if at >= ends else row.folded_at <= at)
    }


def _added_up(
    units: Sequence[Unit],
    missing: _Wanted,
    period: Period,
    taken: Mapping[int, datetime],
    *,
    nothing: bool,
) -> dict[tuple[int, int], FigureCell]:
    """Figures added up from the days that are stored, one question whatever their number; or of which it is known that
    there is `nothing`."""
    once = {pk: one for of in missing.values() for pk, one in of.items()}
    sums: dict[tuple[int, int], int] = {}
    if not nothing:
        wanted = {part.term_id for one in once.values() for part in one.parts.all()}
        sums = sums_of([unit.pk for unit in units if missing[unit.pk]], wanted, period) if wanted else {}
    told = _Told(period)
    rest = {pk: told.of(taken[pk]) for pk in once}
    sides = {} if nothing else {pk: Sides.of(one) for pk, one in once.items()}
    found = {}
    for unit in units:
        unit_id = unit.pk
        for pk, one in missing[unit_id].items():
            numbers = (0, 0) if nothing else sides[pk].added_up(unit_id, sums)
            found[unit_id, pk] = FigureCell(one, unit, period, *numbers, *rest[pk])
    return found


def sums_of(units: Iterable[int], terms: Iterable[int], month: Period) -> dict[tuple[int, int], int]:
    """What terms count in units with all below them in a month, by (unit, term), from the days that are stored."""
    rows = DayCount.objects.filter(
        unit__in=list(units), term__in=list(terms), day__gte=month.begins_on, day__lt=month.ends_on
    )
    added_up = rows.order_by().values_list("unit_id", "term_id").annotate(Sum("total"))
    return {(unit, term): number for unit, term, number in added_up}


@dataclass(frozen=True, slots=True)
class Sides:
    """The terms on either side of an indicator, by id: looked up once, however many units it is added up for."""

    numerator: tuple[int, ...]
    denominator: tuple[int, ...]

    @classmethod
    def of(cls, indicator: Indicator) -> Sides:
        parts = indicator.parts.all()
        return cls(*(tuple(part.term_id for part in parts if part.side == side) for side in _SIDES))

    def added_up(self, unit: int, sums: Mapping[tuple[int, int], int]) -> tuple[int, int]:
        """Numerator and denominator, from what the terms count in units."""
        return (
            sum(sums.get((unit, term), 0) for term in self.numerator),
            sum(sums.get((unit, term), 0) for term in self.denominator),
        )


def _counted(
    units: Sequence[Unit], wanted: _Wanted, period: Period, cutoff: datetime
) -> dict[tuple[int, int], FigureCell]:
    """Counted from the rows: one question a source, added up over the tree."""
    once = {pk: one for of in wanted.values() for pk, one in of.items()}
    totals = _totals((part.term for one in once.values() for part in one.parts.all()), period, cutoff)
    told = (cutoff.astimezone(local_zone()), _provisional(period, cutoff))
    # Looked up once: thousands of units ask for the same.
    sides = {
        pk: [[totals[part.term.text] for part in one.parts.all() if part.side == side] for side in _SIDES]
        for pk, one in once.items()
    }
    found = {}
    for unit in units:
        unit_id, path = unit.pk, unit.path
        for pk, one in wanted[unit_id].items():
            numerator, denominator = (sum(counts.get(path, 0) for counts in side) for side in sides[pk])
            found[unit_id, pk] = FigureCell(one, unit, period, numerator, denominator, *told)
    return found


def _totals(terms: Iterable[Term], period: Period, cutoff: datetime) -> dict[str, dict[str, int]]:
    """How many rows each term counts in every unit with what lies below it, by the term's writing and the unit's path."""
    counted = count_by_unit(terms, period, cutoff)
    met = {unit_id for counts in counted.values() for unit_id in counts}
    paths = dict(Unit.objects.filter(pk__in=met).values_list("pk", "path"))
    return {text: fold(counts, paths) for text, counts in counted.items()}


def rates_of_terms(
    numerator: Sequence[Term], denominator: Sequence[Term], units: Iterable[Unit], period: Period, cutoff: datetime
) -> dict[int, Rate]:
    """What an indicator that is not on record would come to, by the unit's id; for a preview.

    Everybody's exact numbers: whoever shows them asks `withheld` first.
    """
    totals = _totals([*numerator, *denominator], period, cutoff)

    def added_up(side: Sequence[Term], unit: Unit) -> int:
        return sum(totals[term.text].get(unit.path, 0) for term in side)

    return {unit.pk: Rate(added_up(numerator, unit), added_up(denominator, unit)) for unit in units}


def _provisional(period: Period, cutoff: datetime) -> str:
    if cutoff >= period.ends(local_zone()):
        return ""
    return STILL_RUNNING.format(cutoff=timezone.localtime(cutoff, local_zone()))


# -- what lies behind ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RowsBehind:
    """The rows of one term behind one side of a figure: exactly as many as the term contributes to it."""

    term: Term
    rows: QuerySet[Any]


def behind(indicator: Indicator, side: Side, unit: Unit, period: Period, cutoff: datetime) -> list[RowsBehind]:
    """The lists behind a side of a figure, term by term: together as many rows as its number says.

    Everybody's rows: whoever shows them cuts them to what the officer may see.
    """
    return [
        RowsBehind(part.term, rows(part.term, unit, period, cutoff))
        for part in indicator.parts.all()
        if part.side == side
    ]


# -- by limit, by length ---------------------------------------------------------------------------------------------


def on_time_by_limit(unit: Unit, period: Period, *, at: datetime, indicator: Indicator) -> dict[str, Rate]:
    """A rate of clocks limit by limit, by the limit's family; limits without anything to count are left out."""
    cutoff = cutoff_of(period, at)
    sides: dict[str, dict[Side, int]] = defaultdict(lambda: dict.fromkeys(Side, 0))
    for part in indicator.parts.all():
        if part.term.source != "clocks":
            continue
        counted = rows(part.term, unit, period, cutoff).order_by().values_list("limit__family")
        for family, number in counted.annotate(n=Count("pk")):
            sides[family][Side(part.side)] += number
    return {family: Rate(of[Side.NUMERATOR], of[Side.DENOMINATOR]) for family, of in sorted(sides.items())}


def spells_of(
    units: Iterable[Unit], period: Period, *, at: datetime, indicator: Indicator, cutoff: datetime | None = None
) -> dict[int, list[tuple[float, bool]]]:
    """By unit how long the rows of a duration took: (days from opening, whether closed by the cutoff), with what lies below.

    What is still open took as long as it has been open, and counts as not ended; days are exact, with their fraction.
    """
    taken = cutoff or cutoff_of(period, at)
    units = list(units)
    by_unit: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for part in indicator.parts.all():
        source = SOURCES[part.term.source]
        moment, leaves = source.moments[part.term.at].column, source.moments[source.leaves].column
        asked = source.standing().filter(meets(part.term, period, taken)).annotate(**{UNIT: holder(source, taken)})
        met = list(asked.order_by().values_list(UNIT, moment, leaves))
        paths = dict(Unit.objects.filter(pk__in={unit_id for unit_id, _, _ in met}).values_list("pk", "path"))
        for unit_id, begun, ended in met:
            closed = ended is not None and ended < taken
            length = ((ended if closed else taken) - begun) / timedelta(days=1)
            by_unit[paths[unit_id]].append((max(length, 0.0), closed))
    return {
        unit.pk: [spell for path, of in by_unit.items() if path.startswith(unit.path) for spell in of] for unit in units
    }
