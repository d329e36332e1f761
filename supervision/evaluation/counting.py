"""Counting: from a term to rows, and from rows to numbers.

`rows` is the list page behind a number, the keys an issue freezes, and what every other way of counting is held against.
A matter that was handed over counts for the unit that held it at the cutoff.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
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
_NOW: Final = "hangs_at"
_DAY: Final = "counted_on"


def meets(term: Term, period: Period, cutoff: datetime) -> Q:
    """The condition under which a row of the term's source counts, whatever its unit."""
    return _in_time(term, period, cutoff) & _asked(term, cutoff)


def _in_time(term: Term, period: Period, cutoff: datetime) -> Q:
    """When a row of the term counts; the same for all terms of one source, one moment, and either flow or stock."""
    source = SOURCES[term.source]
    moment = source.moments[term.at]
    if not term.stock:
        return moment.within(period, cutoff)
    leaves = source.moments[source.leaves]
    begins = period.begins(local_zone())
    return moment.before(period) & (Q(**{leaves.column: None}) | Q(**{f"{leaves.column}__gte": begins}))


def _asked(term: Term, cutoff: datetime) -> Q:
    """What else the term asks of a row; nothing where it takes every one."""
    wanted = Q()
    for name, value in term.where.items():
        wanted &= SOURCES[term.source].conditions[name].build(value, cutoff)
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
    """How many rows each term counts in each unit by itself, by the term's writing and the unit's id; one question for
    each source and moment.

    Units without any are left out; so are rows that count for no unit, as a complaint about nobody in particular.
    """
    once = {term.text: term for term in terms}
    found: dict[str, dict[int, int]] = {text: {} for text in once}
    for wanted in alike(once.values()):
        for unit_id, *numbers in by_holder(wanted, period, cutoff):
            for term, number in zip(wanted, numbers, strict=True):
                if number:
                    found[term.text][unit_id] = number
    return found


def alike(terms: Iterable[Term]) -> Iterator[list[Term]]:
    """Terms of one source and one moment, flows and stocks apart: what one question can count."""
    groups: dict[tuple[str, str, bool], list[Term]] = defaultdict(list)
    for term in terms:
        groups[term.source, term.at, term.stock].append(term)
    yield from groups.values()


def by_holder(terms: Sequence[Term], period: Period, cutoff: datetime, day: Any = None) -> Iterator[tuple[Any, ...]]:
    """How many rows each of terms that are `alike` counts, by the unit that held them at the cutoff and, with a `day` (an
    expression), by that too: (unit, [day,] numbers). Rows that count for no unit are left out.

    One statement, so that all is seen at one moment. Rows are added up where they hang now; the few of matters that were
    handed over since the cutoff are asked for once more, taken off there and put where they were: asking of every row
    who held it then would cost more than counting it.
    """
    source = SOURCES[terms[0].source]
    asked = source.standing().filter(_in_time(terms[0], period, cutoff))
    conditions = [_asked(term, cutoff) for term in terms]
    if all(conditions):
        any_of = Q()
        for condition in conditions:
            any_of |= condition
        asked = asked.filter(any_of)
    counts = {f"n{number}": Count("pk", filter=condition or None) for number, condition in enumerate(conditions)}
    names = [_NOW, UNIT] if day is None else [_NOW, UNIT, _DAY]
    if day is not None:
        asked = asked.annotate(**{_DAY: day})
    asked = asked.annotate(**{_NOW: _standing_unit(source)}).order_by()
    every = asked.annotate(**{UNIT: Value(None, output_field=BigIntegerField())}).values_list(*names).annotate(**counts)
    if source.matter:
        moved = asked.filter(Exists(_handed_over(cutoff).filter(matter=OuterRef(source.matter))))
        then = moved.annotate(**{UNIT: holder(source, cutoff)}).values_list(*names).annotate(**counts)
        every = every.union(then, all=True)
    found: dict[tuple[Any, ...], list[int]] = {}
    for now, held_then, *told in every:
        on, numbers = (told[:1], told[1:]) if day is not None else ([], told)
        for unit_id, sign in ((now, 1),) if held_then is None else ((now, -1), (held_then, 1)):
            if unit_id is None:
                continue
            standing = found.setdefault((unit_id, *on), [0] * len(numbers))
            for place, number in enumerate(numbers):
                standing[place] += sign * number
    for key, numbers in found.items():
        yield (*key, *numbers)


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
        _handed_over(cutoff)
        .filter(matter=OuterRef(source.matter))
        .order_by("occurred_at", "pk")
        .values("from_unit_id")[:1]
    )
    first = [F(f"{source.own_unit}_id")] if source.own_unit else []
    return Coalesce(*first, Subquery(since), F(f"{source.unit}_id"), output_field=BigIntegerField())


def _standing_unit(source: CountedSource) -> Any:
    """The unit a row hangs at now."""
    now = F(f"{source.unit}_id")
    return Coalesce(F(f"{source.own_unit}_id"), now, output_field=BigIntegerField()) if source.own_unit else now


def _handed_over(cutoff: datetime) -> QuerySet[Event]:
    """What moved a matter from one unit to another at the cutoff or since."""
    return Event.objects.filter(from_unit__isnull=False, occurred_at__gte=cutoff, withdrawn_at=None)


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
