"""What the screens and the rooms above read of the expedited procedure: cases, faults, and how many were closed by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet

from cases.desk.words import moment_words
from cases.models import Clock, ClockState, Event, Limit, Matter, Officer, Unit
from cases.models.limit import LimitStatus
from cases.models.matter import MatterQuerySet
from cases.queries import matters_of
from supervision.expedited import rules
from supervision.expedited.models import ExpeditedCase, ExpeditedStep, Fault, FaultQuerySet, StatedFact
from supervision.expedited.rules import Answer, Eligibility, Fact, Late, Record

FACT: Final = "expedited"
ARRIVED: Final = "suspect_arrived"
AGREED: Final = "expedited_agreed"
DECIDED: Final = "decision_made"
CONVERTED: Final = "expedited_ended"
TRUSTED: Final = (LimitStatus.VERIFIED, LimitStatus.SECONDARY)


def called_expedited() -> Q:
    """Matters noted as expedited; a form keeps a fact as it is, an import as its word."""
    return Q(facts__expedited=True) | Q(facts__expedited="true")


def closed_by_it() -> Q:
    """Matters that are, or were closed, handled by the procedure: those turned into ordinary cases are not."""
    return called_expedited() & ~Q(expedited_case__state=rules.State.CONVERTED.value)


# -- rows ----------------------------------------------------------------------------------------------------------------


def cases_of(officer: Officer) -> MatterQuerySet:
    """The matters handled by the procedure that an officer may see, also those that left it."""
    return matters_of(officer).filter(expedited_case__isnull=False)


def administrative_of(officer: Officer) -> MatterQuerySet:
    """The administrative cases an officer may see, by whatever procedure they are handled."""
    return matters_of(officer).filter(kind__family=rules.FAMILY)


def faults_of(officer: Officer) -> FaultQuerySet:
    """The faults of cases an officer may see."""
    return Fault.objects.visible_to(officer)


def steps_of(officer: Officer) -> QuerySet[ExpeditedStep]:
    """What happened to the cases that an officer may see."""
    return ExpeditedStep.objects.filter(matter__in=matters_of(officer).values("pk"))


def steps_on(matter: Matter) -> list[ExpeditedStep]:
    """The ledger of one case, the latest first."""
    rows = ExpeditedStep.objects.filter(matter=matter).select_related("by", "event__kind")
    return list(rows.order_by("-at", "-pk"))


def limits_of_the_procedure() -> QuerySet[Limit]:
    """The limits of the catalogue that run on expedited cases only."""
    return Limit.objects.filter(definition__when__has_key=FACT)


def clocks_on(matter: Matter) -> list[Clock]:
    """The clocks of one case that belong to the procedure; without the void ones."""
    rows = Clock.objects.filter(matter=matter, limit__in=limits_of_the_procedure()).exclude(state=ClockState.VOID)
    return list(rows.select_related("limit", "start_event__kind").order_by("state", "due_at", "pk"))


def arrival_on(matter: Matter) -> Event | None:
    """The arrival of the suspect on record, of several the first: from it the hours run."""
    rows = Event.objects.standing().filter(matter=matter, kind__code=ARRIVED, only_voids=False)
    return rows.order_by("occurred_at", "pk").first()


# -- what the rules look at ----------------------------------------------------------------------------------------------


def known_of(matters: Collection[Matter]) -> dict[int, dict[Fact, Answer]]:
    """What the records of matters tell of their eligibility; one question whatever their number."""
    kinds: dict[int, set[str]] = defaultdict(set)
    rows = Event.objects.standing().filter(matter__in=[one.pk for one in matters], only_voids=False)
    for pk, code in rows.values_list("matter", "kind__code"):
        kinds[pk].add(code)
    return {one.pk: rules.computed(kinds[one.pk], one.facts) for one in matters}


def stated_of(cases: Collection[int]) -> dict[int, dict[Fact, Answer]]:
    """What people stated of cases; one question."""
    found: dict[int, dict[Fact, Answer]] = defaultdict(dict)
    for pk, fact, answer in StatedFact.objects.filter(case__in=cases).values_list("case", "fact", "answer"):
        found[pk][Fact(fact)] = Answer(answer)
    return found


def eligibility_of(matters: Collection[Matter]) -> dict[int, Eligibility]:
    """Whether each of the matters, read with its kind, may be handled by the procedure; two questions."""
    known, stated = known_of(matters), stated_of([one.pk for one in matters])
    return {one.pk: rules.weigh(one.kind.family, stated.get(one.pk, {}), known[one.pk]) for one in matters}


def records_of(cases: Collection[ExpeditedCase], at: datetime) -> dict[int, Record]:
    """What the rules of faults look at, of cases read with their matter and its kind, at the aware moment `at`; a fixed number
    of questions."""
    weighed = eligibility_of([one.matter for one in cases])
    late = _late([one.pk for one in cases], at)
    return {
        one.pk: Record(
            eligibility=weighed[one.pk],
            state=rules.State(one.state),
            ended_at=one.ended_at,
            consented_at=one.consented_at,
            telling=rules.Telling(one.told_how) if one.told_how else None,
            late=late.get(one.pk),
        )
        for one in cases
    }


def _late(cases: Collection[int], at: datetime) -> dict[int, Late]:
    """Of each case its hours that ran over, by verified limits or such at second hand."""
    ran_over = Q(state=ClockState.STOPPED, late=True) | Q(state=ClockState.RUNNING, ended_at=None, due_at__lte=at)
    rows = Clock.objects.filter(ran_over, matter__in=cases, limit__in=limits_of_the_procedure())
    rows = rows.filter(limit__status__in=TRUSTED).select_related("limit").order_by("-pk")
    return {
        clock.matter_id: Late(clock.pk, clock.limit.citation, moment_words(clock.due_at))
        for clock in rows
        if clock.due_at is not None
    }


# -- how many ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Closed:
    """How many administrative cases were closed in a period, and how many of them by the procedure."""

    closed: int
    expedited: int


def closed_in(officer: Officer, units: Iterable[Unit], begins: datetime, ends: datetime) -> Mapping[int, Closed]:
    """Of each unit with all below it the administrative cases that an officer may see, closed in the half-open period; one
    question beside that of scope. What was turned into an ordinary case is not closed by the procedure."""
    rows = administrative_of(officer).filter(closed_at__gte=begins, closed_at__lt=ends)
    counted = list(
        rows.order_by().values_list("unit__path").annotate(closed=Count("pk"), quick=Count("pk", filter=closed_by_it()))
    )
    return {
        unit.pk: Closed(
            sum(closed for path, closed, _ in counted if path.startswith(unit.path)),
            sum(quick for path, _, quick in counted if path.startswith(unit.path)),
        )
        for unit in units
    }
