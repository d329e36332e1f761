"""Who may be told which numbers: what counts petitions and complaints would tell whom they are about (信访工作条例 30)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from cases.models import Officer, Role, Unit
from cases.models.scope import FEW, posts_of, reaches_cases
from supervision.evaluation.counted import local_zone
from supervision.evaluation.models import Term
from supervision.evaluation.queries.figures import FigureCell
from supervision.evaluation.rates import NOT_TOLD, Rate, may_be_told
from supervision.evaluation.rules.intervals import told as interval_told
from supervision.evaluation.rules.periods import Period
from supervision.evaluation.terms import is_restricted
from supervision.returnvisits.models import Visit
from supervision.returnvisits.queries import reads_answers

ROUND_OPEN: Final = "回访未结束，暂不公布"
RATINGS: Final = "ratings"


@dataclass(frozen=True, slots=True)
class ToldFigure:
    """A figure as one officer may be told it. Withheld, with what is said instead: no number, no value, and no part in any
    sum or ranking. `only_whole`: a side of it that several counts make up is told, and the counts are not, as one of them
    may be few where their sum is not."""

    cell: FigureCell
    withheld: str = ""
    only_whole: bool = False

    @property
    def told(self) -> bool:
        return not self.withheld

    @property
    def numerator(self) -> int | None:
        return self.cell.numerator if self.told else None

    @property
    def denominator(self) -> int | None:
        return self.cell.denominator if self.told else None

    @property
    def value(self) -> Decimal | None:
        return self.cell.value if self.told else None

    @property
    def text(self) -> str:
        return self.withheld or self.cell.text

    @property
    def interval(self) -> str:
        """Between what the rate may lie by chance alone, 95 % sure; empty where it is not told or no part of a whole."""
        return interval_told(self.cell.numerator, self.cell.denominator) if self.told else ""

    @property
    def grey(self) -> bool:
        return self.told and self.cell.grey

    @property
    def ranked(self) -> bool:
        """Whether it takes part in a comparison."""
        return self.told and not self.grey and self.cell.denominator > 0


def told_to(cells: Iterable[FigureCell], officer: Officer, *, at: datetime) -> list[ToldFigure]:
    """The figures as an officer may be told them.

    What counts restricted matters is told exactly to whoever supervises the unit from above it and does not belong to it;
    to anybody else only where neither the counted nor the rest are few, and only of whole months that are over, as a number
    that grew overnight, or by a day more in the period, would tell that somebody complained that day. Whoever may see no
    cases is told nothing restricted.

    Ratings of a sample whose round is still open are told to those who ask and check only, as on the page of the round:
    until it is over nobody asks around who was dissatisfied.
    """
    cells = list(cells)
    restricted = any(cell.indicator.restricted for cell in cells)
    return _as_heard(cells, _listening(officer, _terms(cells), restricted), at)


def told_to_anybody(cells: Iterable[FigureCell], *, at: datetime) -> list[ToldFigure]:
    """The figures as anybody may be told them, whoever and wherever he is: as a circular tells them to all who get it."""
    cells = list(cells)
    return _as_heard(cells, _Listening(Sight(), answers_of_open_rounds() if _rates(_terms(cells)) else []), at)


def _terms(cells: Iterable[FigureCell]) -> list[Term]:
    indicators = {cell.indicator.pk: cell.indicator for cell in cells}
    return [part.term for one in indicators.values() for part in one.parts.all()]


def _as_heard(cells: Sequence[FigureCell], listening: _Listening, at: datetime) -> list[ToldFigure]:
    counted = {cell.indicator.pk: [part.term for part in cell.indicator.parts.all()] for cell in cells}
    return [
        ToldFigure(
            cell,
            listening.why_not(
                counted[cell.indicator.pk],
                cell.indicator.restricted,
                cell.unit,
                cell.period,
                cell.cutoff,
                cell.rate,
                at,
            ),
            listening.only_whole(cell.indicator.restricted, cell.unit),
        )
        for cell in cells
    ]


def withheld(
    terms: Sequence[Term],
    rates: Mapping[Unit, Rate],
    period: Period,
    cutoff: datetime,
    officer: Officer,
    *,
    at: datetime,
) -> dict[int, str]:
    """By unit's id what an officer is told in place of the rate of terms that are no indicator yet, nothing where he may be
    told it; by the same rules as `told_to`."""
    restricted = is_restricted(terms)
    listening = _listening(officer, terms, restricted)
    return {
        unit.pk: listening.why_not(terms, restricted, unit, period, cutoff, rate, at) for unit, rate in rates.items()
    }


@dataclass(frozen=True, slots=True)
class _Listening:
    """What decides what an officer may be told: from where he looks, and the answers that he may not hear of yet."""

    sight: Sight
    unsettled: list[tuple[str, datetime]]

    def only_whole(self, restricted: bool, unit: Unit) -> bool:
        """Whether a number he is told says no more than itself."""
        return restricted and not self.sight.is_over(unit)

    def why_not(
        self,
        terms: Sequence[Term],
        restricted: bool,
        unit: Unit,
        period: Period,
        cutoff: datetime,
        rate: Rate,
        at: datetime,
    ) -> str:
        """What is said in place of a number, nothing where it may be told."""
        if not is_told(restricted, unit, period, cutoff, rate, sight=self.sight, at=at):
            return NOT_TOLD
        if _rates(terms) and is_unsettled(self.unsettled, unit, period):
            return ROUND_OPEN
        return ""


def _listening(officer: Officer, terms: Sequence[Term], restricted: bool) -> _Listening:
    """Asked only what the terms make it necessary to ask."""
    sight = sight_of(officer) if restricted else Sight()
    return _Listening(sight, answers_of_open_rounds() if _rates(terms) and not reads_answers(officer) else [])


def _rates(terms: Sequence[Term]) -> bool:
    return any(term.source == RATINGS for term in terms)


def answers_of_open_rounds() -> list[tuple[str, datetime]]:
    """The path of the unit that was asked about, and when, of every answer in a round that is not over yet."""
    rows = Visit.objects.filter(round__closed_at=None, feedback__isnull=False)
    return [(path, given) for path, given in rows.values_list("unit__path", "feedback__given_at") if given is not None]


def is_unsettled(answers: Iterable[tuple[str, datetime]], unit: Unit, period: Period) -> bool:
    """Whether any of the answers is about a unit, or what is below it, and of a period."""
    zone = local_zone()
    begins, ends = period.begins(zone), period.ends(zone)
    return any(path.startswith(unit.path) and begins <= given < ends for path, given in answers)


@dataclass(frozen=True, slots=True)
class Sight:
    """From where an officer looks, as paths of units: those his posts supervise from, and those he belongs to himself."""

    over: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def is_over(self, unit: Unit) -> bool:
        """Whether he supervises a unit from strictly above, and is nobody of that unit himself."""
        if any(path.startswith(unit.path) for path in self.own):
            return False
        return any(unit.path.startswith(path) and unit.path != path for path in self.over)


def sight_of(officer: Officer) -> Sight:
    """From where an officer looks now; from nowhere for administrators."""
    if not reaches_cases(officer):
        return Sight()
    over = {unit_id for role, unit_id, _ in posts_of(officer) if role in Role.sees_subtree()}
    # Where a post is, not what it reaches: a legal officer belongs to his squad though he supervises the county.
    own = {officer.unit_id, *officer.posts.current().values_list("unit_id", flat=True)}
    paths = dict(Unit.objects.filter(pk__in=over | own).values_list("pk", "path"))
    return Sight(tuple(paths[pk] for pk in over), tuple(paths[pk] for pk in own))


def is_told(
    restricted: bool, unit: Unit, period: Period, cutoff: datetime, rate: Rate, *, sight: Sight, at: datetime
) -> bool:
    """Whether numbers of a unit may be told to somebody who looks from there."""
    if not restricted or sight.is_over(unit):
        return True
    ends = period.ends(local_zone())
    return (
        period.months is not None
        and ends <= at
        and cutoff >= ends
        and may_be_told(rate.numerator, rate.denominator, FEW)
    )
