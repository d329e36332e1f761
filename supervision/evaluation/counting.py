"""Counting: from a term to rows, and from rows to numbers.

`rows` is the list page behind a number, the keys an issue freezes, and what every other way of counting is held against.
A matter that was handed over counts for the unit that held it at the cutoff.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cases.models import Event, Unit
from cases.models.unit import STEP_WIDTH
from cases.queries import in_unit
from supervision.evaluation.counted import CountedSource, local_zone
from supervision.evaluation.models import Term
from supervision.evaluation.rules.periods import Period
from supervision.evaluation.sources import SOURCES

# Matters handed over since the cutoff are named one by one up to here, beyond it by a question of their own.
_NAMED: Final = 500

UNIT: Final = "counted_for"


def meets(term: Term, period: Period, cutoff: datetime) -> Q:
    """The condition under which a row of the term's source counts, whatever its unit."""
    source = SOURCES[term.source]
    moment = source.moments[term.at]
    if term.stock:
        leaves = source.moments[source.leaves]
        begins = period.begins(local_zone())
        wanted = moment.before(period) & (Q(**{leaves.column: None}) | Q(**{f"{leaves.column}__gte": begins}))
    else:
        wanted = moment.within(period, cutoff)
    for name, value in term.where.items():
        wanted &= source.conditions[name].build(value, cutoff)
    return wanted


def rows(term: Term, unit: Unit, period: Period, cutoff: datetime) -> QuerySet[Any]:
    """The rows a term counts in a unit and everything below it; each once."""
    source = SOURCES[term.source]
    counted = source.standing().filter(_near(source, unit, cutoff)).filter(meets(term, period, cutoff))
    within = Unit.objects.under(unit).values("pk")
    return counted.annotate(**{UNIT: holder(source, cutoff)}).filter(**{f"{UNIT}__in": within})


def count(term: Term, unit: Unit, period: Period, cutoff: datetime) -> int:
    """How many rows a term counts in a unit and everything below it."""
    return rows(term, unit, period, cutoff).order_by().count()


def count_by_unit(terms: Iterable[Term], period: Period, cutoff: datetime) -> dict[str, dict[int, int]]:
    """How many rows each term counts in each unit by itself, by the term's writing and the unit's id; one question a source.

    Units without any are left out; so are rows that count for no unit, as a complaint about nobody in particular.
    """
    by_source: dict[str, dict[str, Term]] = defaultdict(dict)
    for term in terms:
        by_source[term.source][term.text] = term
    found: dict[str, dict[int, int]] = {text: {} for wanted in by_source.values() for text in wanted}
    for name, wanted in by_source.items():
        source = SOURCES[name]
        conditions = [meets(term, period, cutoff) for term in wanted.values()]
        any_of = Q()
        for condition in conditions:
            any_of |= condition
        counts = {f"n{number}": Count("pk", filter=condition) for number, condition in enumerate(conditions)}
        asked = source.standing().filter(any_of).annotate(**{UNIT: holder(source, cutoff)}).order_by()
        for unit_id, *numbers in asked.values_list(UNIT).annotate(**counts):
            if unit_id is None:
                continue
            for text, number in zip(wanted, numbers, strict=True):
                if number:
                    found[text][unit_id] = number
    return found


def fold(counts: Mapping[int, int], paths: Mapping[int, str]) -> dict[str, int]:
    """Counts of units by themselves added up over the tree: by path, for every unit that has any at or below it."""
    total: dict[str, int] = defaultdict(int)
    for unit_id, number in counts.items():
        path = paths[unit_id]
        for end in range(STEP_WIDTH, len(path) + 1, STEP_WIDTH):
            total[path[:end]] += number
    return dict(total)


def holder(source: CountedSource, cutoff: datetime) -> Any:
    """The unit a row counts for: the one it names itself, else the one that held its matter at the cutoff."""
    if not source.matter:
        return F(f"{source.unit}_id")
    # The first hand-over since then says from whom; without one it is where it was.
    since = (
        Event.objects.filter(
            matter=OuterRef(source.matter), from_unit__isnull=False, occurred_at__gte=cutoff, withdrawn_at=None
        )
        .order_by("occurred_at", "pk")
        .values("from_unit_id")[:1]
    )
    first = [F(f"{source.own_unit}_id")] if source.own_unit else []
    return Coalesce(*first, Subquery(since), F(f"{source.unit}_id"), output_field=BigIntegerField())


def _near(source: CountedSource, unit: Unit, cutoff: datetime) -> Q:
    """Rows that may count in a unit's subtree, asked in the way an index answers: those that hang there now, and those
    whose matter has left since the cutoff."""
    head, _, last = source.unit.rpartition("__")
    prefix = f"{head}__" if head else ""
    if last == "unit" and not source.own_unit:
        near = Q(**{f"{prefix}{name}": value for name, value in in_unit(unit).children})  # type: ignore[misc]
    else:
        near = Q(**{f"{source.unit}__path__startswith": unit.path})
    if source.own_unit:
        near |= Q(**{f"{source.own_unit}__path__startswith": unit.path})
    if not source.matter:
        return near
    left = Event.objects.filter(
        from_unit__in=Unit.objects.under(unit).values("pk"), occurred_at__gte=cutoff, withdrawn_at=None
    ).values_list("matter_id", flat=True)
    named = list(left[: _NAMED + 1])
    if not named:
        return near
    gone: Any = named if len(named) <= _NAMED else left
    return near | Q(**{f"{source.matter}__in": gone})
