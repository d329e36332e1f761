"""Whose clocks a change of the catalogue may move: the matters that are then to be rewound, and no others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from cases.models import Clock, Event, Limit, Matter
from cases.models.matter import MatterQuerySet
from cases.winding import ask_winding

# A last day may be carried over a stretch of days off, or a warning set before it: longer than any holiday.
NEAR = timedelta(days=15)


class Concerned:
    """Collects matters, each with the first reason found, and asks for their rewinding."""

    def __init__(self) -> None:
        self.causes: dict[int, str] = {}

    def take(self, cause: str, matters: MatterQuerySet) -> None:
        for matter in matters.standing().values_list("pk", flat=True).distinct().iterator():
            self.causes.setdefault(matter, cause)

    def take_limits(self, cause: str, limits: QuerySet[Limit]) -> None:
        """Matters with a clock of these limits, and those that may get one: with an event that starts it."""
        found = list(limits.prefetch_related("kinds"))
        if not found:
            return
        self.take(cause, Matter.objects.filter(clocks__limit__in=[limit.pk for limit in found]))
        starts: dict[int, set[str]] = defaultdict(set)
        anchors: set[str] = set()
        for row in found:
            rule = row.rule()
            anchors |= {rule.before_expiry_of, rule.after_expiry_of} - {""}
            for kind in row.kinds.all():
                starts[kind.pk].update((*rule.starts, *rule.restarts))
        for kind_id, codes in starts.items():
            self.take(cause, with_events(codes).filter(kind=kind_id))
        tied = Q(clocks__limit__family__in=anchors) | Q(clocks__limit__code__in=anchors)
        self.take(cause, Matter.objects.filter(tied))

    def take_days(self, calendar: str, days: Iterable[date], announced: bool) -> None:
        """Matters whose clocks the changed days may move, or that were waiting for the year to be announced."""
        limits = [row for row in Limit.objects.all() if row.written.get("calendar") == calendar]
        by_workdays = [row.pk for row in limits if "workday" in str(row.written)]
        near = Q(provisional=True) if announced else Q(pk__in=[])
        for first, last in _stretches(days):
            near |= Q(nominal_on__gte=first - NEAR, nominal_on__lte=last + NEAR)
            near |= Q(limit__in=by_workdays, started_at__date__lte=last, nominal_on__gte=first)
        clocks = Clock.objects.filter(limit__in=[row.pk for row in limits]).filter(near)
        self.take(f"日历“{calendar}”的放假安排已变动", Matter.objects.filter(pk__in=clocks.values("matter_id")))

    def ask(self, *, at: datetime) -> int:
        """Ask for the rewinding of all that were taken; how many they are."""
        by_cause: dict[str, list[int]] = defaultdict(list)
        for matter, cause in self.causes.items():
            by_cause[cause].append(matter)
        for cause, matters in by_cause.items():
            ask_winding(matters, cause=cause, at=at)
        return len(self.causes)


def with_events(kinds: Iterable[str]) -> MatterQuerySet:
    """Matters that have an event of one of these kinds."""
    return Matter.objects.filter(pk__in=Event.objects.filter(kind__code__in=list(kinds)).values("matter_id"))


def naming(approvers: set[str]) -> QuerySet[Limit]:
    """Limits whose definition names one of these approval levels."""
    if not approvers:
        return Limit.objects.none()
    named = [row.pk for row in Limit.objects.all() if not approvers.isdisjoint(_levels(row.written))]
    return Limit.objects.filter(pk__in=named)


def _levels(definition: Mapping[str, Any]) -> Iterator[str]:
    parts = (*(definition.get("tiers") or ()), *(definition.get("extensions") or ()))
    for given in (definition.get("start_approvers") or (), *(part.get("approvers") or () for part in parts)):
        for one in (given,) if isinstance(given, str | dict) else given:
            yield one if isinstance(one, str) else one["level"]


def _stretches(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Days that lie near one another as one stretch, so that a year's notice is a handful of conditions."""
    ordered = sorted(days)
    if not ordered:
        return
    first = last = ordered[0]
    for day in ordered[1:]:
        if day - last > NEAR:
            yield first, last
            first = day
        last = day
    yield first, last
