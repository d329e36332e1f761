"""What the screens and the rooms above read of visits: who is inside, what was done, what is missing, and figures."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from cases.desk.words import due_words
from cases.models import Clock, ClockState, Matter, Officer, Unit
from cases.models.limit import LimitNature, LimitStatus
from cases.models.matter import MatterQuerySet
from cases.queries import matters_of, units_of
from supervision.custody import rules
from supervision.custody.models import Centre, Fault, FaultQuerySet, FaultSort, Room, Stage, Visit, VisitStep

KIND: Final = "custody_visit"
TRUSTED: Final = (LimitStatus.VERIFIED, LimitStatus.SECONDARY)


def local_day(at: datetime) -> date:
    return timezone.localdate(at)


# -- rows ----------------------------------------------------------------------------------------------------------------


def visits_of(officer: Officer) -> MatterQuerySet:
    """The matters of visits an officer may see, with what is known of each."""
    return matters_of(officer).filter(custody_visit__isnull=False)


def cases_of(officer: Officer) -> MatterQuerySet:
    """The cases an officer may see in which somebody may be brought in."""
    families = sorted({family for known in rules.FAMILIES.values() for family in known})
    return matters_of(officer).filter(kind__family__in=families)


def faults_of(officer: Officer) -> FaultQuerySet:
    """The faults of visits an officer may see."""
    return Fault.objects.visible_to(officer)


def centres_of(officer: Officer) -> QuerySet[Centre]:
    """The centres in use of the units an officer may see, and of the bureaus above them."""
    units = units_of(officer)
    above = Q(unit__in=units) | Q(unit__in=units.values("county")) | Q(unit__in=units.values("city"))
    return Centre.objects.filter(above, closed_at=None).select_related("unit")


def serves(centre: Centre, unit: Unit) -> bool:
    """Whether a unit may bring somebody to a centre: its own, its county's or its city's."""
    return centre.unit_id in (unit.pk, unit.station_id, unit.county_id, unit.city_id)


def steps_of(officer: Officer) -> QuerySet[VisitStep]:
    """What happened in the visits that an officer may see."""
    return VisitStep.objects.filter(visit__in=matters_of(officer).values("pk"))


def steps_on(visit: Visit) -> list[VisitStep]:
    """The ledger of one visit, the latest first."""
    rows = VisitStep.objects.filter(visit=visit).select_related("by", "event__kind", "stage__room")
    return list(rows.order_by("-at", "-pk"))


def stages_on(visit: Visit) -> list[Stage]:
    """The steps of one visit in their order, the void ones too."""
    return list(Stage.objects.filter(visit=visit).select_related("room", "guard").order_by("begun_at", "pk"))


def stage_now(visit: Visit) -> Stage | None:
    """The step of a visit that goes on, if one does."""
    return Stage.objects.filter(visit=visit, ended_at=None, voided_at=None).first()


def clocks_on(matter: Matter) -> list[Clock]:
    """The clocks of one visit, those that run first; without the void ones."""
    rows = Clock.objects.filter(matter=matter).exclude(state=ClockState.VOID)
    return list(rows.select_related("limit", "start_event__kind").order_by("state", "due_at", "pk"))


# -- rooms ---------------------------------------------------------------------------------------------------------------


def in_rooms(rooms: Collection[int]) -> dict[int, int]:
    """How many are in each of the rooms now, by room; rooms that are empty are left out. One question."""
    rows = Stage.objects.filter(room__in=rooms, ended_at=None, voided_at=None, visit__left_at=None).order_by()
    return dict(rows.values_list("room").annotate(inside=Count("pk")))


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody inside now: the matter, the visit, the step that goes on, and the clock that runs out first."""

    matter: Matter
    visit: Visit
    stage: Stage | None
    clock: Clock | None


@dataclass(frozen=True, slots=True)
class Occupied:
    """A room with those in it whom the officer may see, how many there are in all, and how many more it takes."""

    room: Room
    inside: tuple[Inside, ...]
    number: int

    @property
    def free(self) -> int:
        return max(self.room.capacity - self.number, 0)

    @property
    def others(self) -> int:
        """How many of other units, of whom nothing is shown."""
        return self.number - len(self.inside)


def inside_of(officer: Officer, centre: Centre) -> list[Inside]:
    """Those inside a centre now whom an officer may see, the longest first. Three questions, whatever their number."""
    rows = visits_of(officer).filter(custody_visit__centre=centre, custody_visit__left_at=None)
    matters = list(rows.select_related("custody_visit", "unit", "officer").order_by("custody_visit__arrived_at", "pk"))
    keys = [one.pk for one in matters]
    stages = {
        one.visit_id: one
        for one in Stage.objects.filter(visit__in=keys, ended_at=None, voided_at=None).select_related("guard")
    }
    clocks: dict[int, Clock] = {}
    for clock in Clock.objects.open().filter(matter__in=keys).select_related("limit").order_by("due_at", "pk"):
        clocks.setdefault(clock.matter_id, clock)
    return [Inside(one, one.custody_visit, stages.get(one.pk), clocks.get(one.pk)) for one in matters]


def rooms_now(officer: Officer, centre: Centre) -> tuple[list[Occupied], list[Inside], int]:
    """The rooms of a centre in use with those in them; those an officer may see who are in no room; and how many are
    inside in all, whoever may see them."""
    rooms = list(Room.objects.filter(centre=centre, closed_at=None))
    numbers = in_rooms([one.pk for one in rooms])
    inside = inside_of(officer, centre)
    by_room: dict[int, list[Inside]] = defaultdict(list)
    for one in inside:
        if one.stage is not None:
            by_room[one.stage.room_id].append(one)
    total = Visit.objects.filter(centre=centre, left_at=None, matter__withdrawn_at=None).count()
    occupied = [Occupied(one, tuple(by_room[one.pk]), numbers.get(one.pk, 0)) for one in rooms]
    return occupied, [one for one in inside if one.stage is None], total


# -- what the rules look at ----------------------------------------------------------------------------------------------


def facts_of(visits: Collection[Visit], at: datetime) -> dict[int, rules.Facts]:
    """What the rules look at, of visits read with their matter, by matter; at the aware moment `at`. Two questions,
    whatever their number."""
    keys = [one.pk for one in visits]
    stages: dict[int, list[rules.Stage]] = defaultdict(list)
    for row in Stage.objects.filter(visit__in=keys, voided_at=None).order_by("begun_at", "pk"):
        stages[row.visit_id].append(
            rules.Stage(
                rules.Kind(row.kind), row.begun_at, row.ended_at, guarded=row.guard_id is not None,
                recorded=row.recorded,
            )
        )  # fmt: skip
    over: dict[int, list[rules.Over]] = defaultdict(list)
    late = Clock.objects.filter(ran_over(at), matter__in=keys).select_related("limit").order_by("pk")
    for clock in late:
        over[clock.matter_id].append(rules.Over(clock.pk, clock.limit.name, clock.limit.citation, due_words(clock)))
    return {
        one.pk: rules.Facts(
            basis=rules.Basis(one.basis),
            case_kind=str(one.matter.facts.get("case_kind", "")),
            entered_at=one.entered_at,
            left_at=one.left_at,
            stages=tuple(stages[one.pk]),
            examine=one.examine,
            family_told=one.family_told_at is not None,
            over=tuple(over[one.pk]),
        )
        for one in visits
    }


def ran_over(at: datetime) -> Q:
    """Ceilings, verified or at second hand, that were exceeded, or are at the moment `at`."""
    ended = Q(state=ClockState.STOPPED, late=True)
    return (ended | Q(state=ClockState.RUNNING, ended_at=None, due_at__lte=at)) & Q(
        limit__nature=LimitNature.CEILING, limit__status__in=TRUSTED
    )


def over_limit(at: datetime) -> Exists:
    """Of a matter: one of its ceilings was exceeded."""
    return Exists(Clock.objects.filter(ran_over(at), matter=OuterRef("pk")))


def faulty(sort: FaultSort | str) -> Exists:
    """Of a matter: a fault of the sort stands against its visit."""
    return Exists(Fault.objects.standing().filter(visit=OuterRef("pk"), sort=sort))


# -- figures -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MonthOfCentre:
    """Visits to a centre that began in a local month: how many, over a limit, with steps missing, and with gaps."""

    centre: Centre
    month: date
    visits: int
    over: int
    missing: int
    gaps: int

    @property
    def query(self) -> str:
        """What opens their list."""
        _, last = monthrange(self.month.year, self.month.month)
        return f"centre={self.centre.pk}&entered_after={self.month}&entered_before={self.month.replace(day=last)}"


def figures(officer: Officer, at: datetime, *, since: date) -> list[MonthOfCentre]:
    """By centre and month of entry from the local day `since`, of the visits an officer may see, the latest month first.
    Two questions, whatever the number of rows."""
    zone = ZoneInfo(settings.TIME_ZONE)
    begins = datetime.combine(since, datetime.min.time(), tzinfo=zone)
    rows = (
        visits_of(officer)
        .filter(custody_visit__entered_at__gte=begins)
        .annotate(month=TruncMonth("custody_visit__entered_at", tzinfo=zone))
        .annotate(
            is_over=over_limit(at),
            lacks=faulty(FaultSort.MISSING),
            has_gap=faulty(FaultSort.GAP),
        )
        .order_by()
        .values_list("custody_visit__centre", "month")
        .annotate(
            number=Count("pk"),
            over=Count("pk", filter=Q(is_over=True)),
            missing=Count("pk", filter=Q(lacks=True)),
            gaps=Count("pk", filter=Q(has_gap=True)),
        )
    )
    found = list(rows)
    centres = Centre.objects.select_related("unit").in_bulk({row[0] for row in found})
    figures = [MonthOfCentre(centres[row[0]], row[1].date(), row[2], row[3], row[4], row[5]) for row in found]
    return sorted(figures, key=lambda one: (-one.month.toordinal(), one.centre.pk))
