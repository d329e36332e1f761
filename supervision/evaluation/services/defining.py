"""Indicators come into force and go out of it: new versions, a bureau's own, the end of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from cases.models import Officer, Unit
from supervision.evaluation import refusals, terms
from supervision.evaluation.models import Indicator, Part, Shape, Side, Term
from supervision.evaluation.queries.versions import above, bureaus_of
from supervision.evaluation.rates import MINIMUM_DENOMINATOR
from supervision.evaluation.refusals import EvaluationRefused
from supervision.evaluation.rules.forbidden import forbidden, refusal


@dataclass(frozen=True, slots=True)
class Wording:
    """What an indicator says of itself, beside what it counts."""

    name: str
    numerator_words: str
    denominator_words: str
    better: str
    period_words: str = ""
    scope_words: str = ""
    exclusion_words: str = ""
    basis: str = ""
    group: str = "other"
    shape: str = "rate"
    minimum: int = MINIMUM_DENOMINATOR
    warns_above: bool = False
    draft: bool = False
    order: int = 100


def define_indicator(
    *,
    wording: Wording,
    numerator: Sequence[Term],
    denominator: Sequence[Term],
    unit: Unit,
    in_force_from: date,
    by: Officer,
    at: datetime,
) -> Indicator:
    """Put an indicator of a bureau's own into force, for itself and what lies below.

    Refuses what may not be measured, with its basis; a name that is taken; two equal sides; a day that is past; and a
    bureau the officer holds no post of a legal officer in.
    """
    _check_bureau(unit, by)
    _check_day(in_force_from, at)
    wording = replace(wording, name=wording.name.strip())
    _check_name(wording.name, unit, in_force_from)
    number = Indicator.objects.filter(code__startswith=f"own_{unit.code}_").values("code").distinct().count() + 1
    return publish(
        code=f"own_{unit.code}_{number}",
        version=1,
        wording=wording,
        numerator=numerator,
        denominator=denominator,
        unit=unit,
        in_force_from=in_force_from,
        by=by,
        at=at,
    )


def revise_indicator(
    *,
    indicator: Indicator,
    wording: Wording,
    numerator: Sequence[Term] | None = None,
    denominator: Sequence[Term] | None = None,
    unit: Unit,
    in_force_from: date,
    by: Officer,
    at: datetime,
) -> Indicator:
    """Put a new version of an indicator into force: of a bureau's own, or a bureau's own version of one of the house.

    Without terms it counts what it did. The version it follows ends on the day; what was frozen under it stays. Refuses
    what `define_indicator` refuses, an indicator of another bureau, a day before that version began, and no change at all.
    """
    _check_bureau(unit, by)
    _check_day(in_force_from, at)
    if indicator.unit_id not in (None, unit.pk):
        raise EvaluationRefused(refusals.OTHER_BUREAU.format(unit=indicator.unit))
    counted = {side: [part.term for part in indicator.parts.all() if part.side == side] for side in Side}
    above_line = list(numerator) if numerator is not None else counted[Side.NUMERATOR]
    below_line = list(denominator) if denominator is not None else counted[Side.DENOMINATOR]
    same_terms = [[term.text for term in side] for side in (above_line, below_line)] == [
        [term.text for term in counted[side]] for side in (Side.NUMERATOR, Side.DENOMINATOR)
    ]
    if same_terms and indicator.unit_id == unit.pk and wording == wording_of(indicator):
        raise EvaluationRefused(refusals.NOTHING_CHANGED)
    latest = Indicator.objects.filter(code=indicator.code).aggregate(latest=Max("version"))["latest"]
    return publish(
        code=indicator.code,
        version=latest + 1,
        wording=wording,
        numerator=above_line,
        denominator=below_line,
        unit=unit,
        in_force_from=in_force_from,
        by=by,
        at=at,
    )


def end_indicator(*, indicator: Indicator, until: date, by: Officer, at: datetime) -> Indicator:
    """Take a bureau's own indicator, or its own version of one of the house, out of force from a day on.

    Refuses one of the house, one that has ended, another bureau's, and a day that is past.
    """
    if indicator.unit is None:
        raise EvaluationRefused(refusals.NOT_OWN)
    _check_bureau(indicator.unit, by)
    _check_day(until, at)
    if until < indicator.in_force_from:
        raise EvaluationRefused(refusals.DAY_TOO_EARLY.format(day=indicator.in_force_from))
    if not Indicator.objects.filter(pk=indicator.pk, in_force_until=None).update(in_force_until=until):
        raise EvaluationRefused(refusals.ALREADY_ENDED)
    indicator.refresh_from_db()
    return indicator


def publish(
    *,
    code: str,
    version: int,
    wording: Wording,
    numerator: Sequence[Term],
    denominator: Sequence[Term],
    unit: Unit | None,
    in_force_from: date,
    by: Officer | None,
    at: datetime,
) -> Indicator:
    """Write a version and its parts, and end the one it follows on the day it begins. Whose it may be others have asked."""
    check_definition(code=code, wording=wording, numerator=numerator, denominator=denominator)
    with transaction.atomic():
        before = Indicator.objects.select_for_update().filter(code=code, unit=unit, in_force_until=None).first()
        if before is not None:
            if in_force_from < before.in_force_from:
                raise EvaluationRefused(refusals.DAY_TOO_EARLY.format(day=before.in_force_from))
            Indicator.objects.filter(pk=before.pk, in_force_until=None).update(in_force_until=in_force_from)
        row = Indicator(
            code=code,
            version=version,
            unit=unit,
            by=by,
            made_at=at,
            in_force_from=in_force_from,
            restricted=terms.is_restricted([*numerator, *denominator]),
            **asdict(wording),
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise EvaluationRefused(refusals.VERSION_TAKEN) from error
        parts = [
            (side, term) for side, of in ((Side.NUMERATOR, numerator), (Side.DENOMINATOR, denominator)) for term in of
        ]
        kept = terms.keep([term for _, term in parts])
        Part.objects.bulk_create(
            Part(indicator=row, side=side, term=term, order=order)
            for order, ((side, _), term) in enumerate(zip(parts, kept, strict=True))
        )
    return row


def check_definition(*, code: str, wording: Wording, numerator: Sequence[Term], denominator: Sequence[Term]) -> None:
    """Refuse an indicator without a name, without anything to count, with equal sides, and what may not be measured."""
    if not wording.name.strip() or not wording.numerator_words.strip() or not wording.denominator_words.strip():
        raise EvaluationRefused(refusals.NAME_NEEDED)
    if found := forbidden(
        code=code,
        name=wording.name,
        better=wording.better,
        numerator=[terms.as_raw(term) for term in numerator],
        denominator=[terms.as_raw(term) for term in denominator],
    ):
        raise EvaluationRefused(refusal(found))
    if wording.draft:
        return
    if not denominator or (wording.shape == Shape.RATE and not numerator):
        raise EvaluationRefused(refusals.NOTHING_COUNTED)
    if {term.text for term in numerator} == {term.text for term in denominator}:
        raise EvaluationRefused(refusals.SAME_SIDES)


def wording_of(indicator: Indicator) -> Wording:
    """What a version says of itself."""
    told: dict[str, Any] = {name: getattr(indicator, name) for name in Wording.__slots__}
    return Wording(**told)


def _check_bureau(unit: Unit, by: Officer) -> None:
    if unit.pk not in {one.pk for one in bureaus_of(by)}:
        raise EvaluationRefused(refusals.NOT_YOUR_BUREAU)


def _check_day(day: date, at: datetime) -> None:
    if day < timezone.localdate(at):
        raise EvaluationRefused(refusals.DAY_PAST)


def _check_name(name: str, unit: Unit, day: date) -> None:
    taken = Indicator.objects.in_force_on(day).filter(Q(unit=None) | Q(unit__path__in=above(unit.path)), name=name)
    if taken.exists():
        raise EvaluationRefused(refusals.NAME_TAKEN.format(name=name))
