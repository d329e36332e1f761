"""Whose clocks a change of the catalogue may move: the matters that are then to be rewound, and no others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from cases.catalogue.calendar_reach import clocks_reached
from cases.models import Clock, ClockState, Event, Limit, Matter, MatterKind
from cases.models.matter import MatterQuerySet
from cases.statute.limits import Limit as Rule
from cases.statute.limits import Transition
from cases.winding import ask_winding, calendars


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
        self.take_starts(cause, [(row.rule(), row.kinds.all()) for row in found])

    def take_starts(self, cause: str, rules: Iterable[tuple[Rule, Iterable[MatterKind]]]) -> None:
        """Matters of these kinds that may get a clock of these limits: by an event, or by the expiry they count from."""
        starts: dict[int, set[str]] = defaultdict(set)
        anchors: set[str] = set()
        for rule, kinds in rules:
            anchors |= {rule.before_expiry_of, rule.after_expiry_of} - {""}
            for kind in kinds:
                starts[kind.pk].update((*rule.starts, *rule.restarts))
        for kind_id, codes in starts.items():
            self.take(cause, with_events(codes).filter(kind=kind_id))
        tied = Q(clocks__limit__family__in=anchors) | Q(clocks__limit__code__in=anchors)
        self.take(cause, Matter.objects.filter(tied))

    def take_version(self, cause: str, old: Rule | None, new: Rule, begins: date) -> None:
        """Matters that a new version of a limit, in force from the day `begins`, may rule instead of the old one.

        Those with an event from then on that starts either; where the version also rules what is open, those with a
        clock of the family that had not ended by then; where it counts from another expiry, those with that clock.
        """
        # A day earlier, whatever the zone.
        since = datetime.combine(begins, time.min, tzinfo=UTC) - timedelta(days=1)
        versions = [rule for rule in (old, new) if rule is not None]
        kinds = {kind for rule in versions for kind in rule.kinds}
        anchors = {rule.before_expiry_of or rule.after_expiry_of for rule in versions} - {""}
        running = Clock.objects.exclude(state=ClockState.VOID).filter(matter__kind__code__in=kinds)
        if anchors:
            named = Q(limit__family__in=anchors) | Q(limit__code__in=anchors) | Q(limit__family=new.family)
            self.take_clocks(cause, running.filter(named))
            return
        starts = {kind for rule in versions for kind in (*rule.starts, *rule.restarts)}
        events = Event.objects.filter(kind__code__in=starts, occurred_at__gte=since, withdrawn_at=None)
        self.take(cause, Matter.objects.filter(kind__code__in=kinds, pk__in=events.values("matter_id")))
        if new.transition is Transition.RUNNING:
            still = Q(ended_at=None) | Q(ended_at__gte=since)
            self.take_clocks(cause, running.filter(still, limit__family=new.family))

    def take_days(self, calendar: str, days: Iterable[date], announced: bool) -> None:
        """Matters whose clocks the changed days may move, or that were waiting for the year to be announced."""
        cause = f"日历“{calendar}”的放假安排已变动"
        for clocks in clocks_reached(calendar, days, known=calendars().get(calendar), announced=announced):
            self.take_clocks(cause, clocks)

    def take_clocks(self, cause: str, clocks: QuerySet[Clock]) -> None:
        """The matters these clocks are of."""
        rows = clocks.filter(matter__withdrawn_at=None).order_by().values_list("matter_id", flat=True)
        for matter in rows.distinct().iterator():
            self.causes.setdefault(matter, cause)

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
