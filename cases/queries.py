"""What the screens read. Everything that leaves here is cut to what the officer may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import (
    Absence,
    Batch,
    Clock,
    ClockMove,
    ClockState,
    Event,
    Handling,
    Level,
    Limit,
    Matter,
    MatterKind,
    Officer,
    Role,
    Unit,
    UnitLevel,
)
from cases.models.clock import ClockQuerySet, is_running
from cases.models.matter import MatterQuerySet
from cases.models.scope import posts_of, restricted_matters
from cases.statute import periods

# The greatest character, for "begins with" as a range where that is what an index can answer.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Today:
    """The moments a screen sorts by, all from one `at`: an aware moment."""

    at: datetime

    @property
    def begins(self) -> datetime:
        return periods.start_of_day(self._local.date(), self._local_zone)

    @property
    def ends(self) -> datetime:
        """Midnight at the end of today; what is due today is late from this moment."""
        return periods.end_of_day(self._local.date(), self._local_zone)

    @property
    def week_ends(self) -> datetime:
        """Midnight at the end of this week's Sunday."""
        today = self._local.date()
        return periods.end_of_day(today + timedelta(days=6 - today.weekday()), self._local_zone)

    def days_on(self, days: int) -> datetime:
        """Midnight at the end of the day that many days from today."""
        return periods.end_of_day(self._local.date() + timedelta(days=days), self._local_zone)

    @property
    def _local(self) -> datetime:
        return self.at.astimezone(self._local_zone)

    @property
    def _local_zone(self) -> ZoneInfo:
        return ZoneInfo(settings.TIME_ZONE)


# -- rows ------------------------------------------------------------------------------------------------------------


def matters_of(officer: Officer) -> MatterQuerySet:
    """The matters an officer may see, without those withdrawn with an undone batch."""
    return Matter.objects.standing().visible_to(officer)


def clocks_of(officer: Officer) -> ClockQuerySet:
    """The clocks of those matters; void ones are only on the page of their matter."""
    return Clock.objects.exclude(state=ClockState.VOID).visible_to(officer)


def events_of(officer: Officer) -> QuerySet[Event]:
    """The events of those matters, struck out or not."""
    return Event.objects.filter(_hangs_on("matter_id", matters_of(officer), officer), withdrawn_at=None)


def moves_of(officer: Officer) -> QuerySet[ClockMove]:
    """The moves of due moments on clocks an officer may see, void ones too."""
    return ClockMove.objects.filter(on_visible_clocks(officer, "clock_id"), clock__matter__withdrawn_at=None)


def on_visible_clocks(officer: Officer, column: str) -> Q:
    """Rows that hang on a clock an officer may see; `column` is their foreign key."""
    return _hangs_on(column, Clock.objects.visible_to(officer), officer)


def _hangs_on(column: str, parents: QuerySet[Any], officer: Officer) -> Q:
    """Rows of a ledger whose parent is visible, asked so that the latest of them are found quickly.

    Who sees most rows has them looked at from the end, one by one; who sees few has his few parents looked up.
    """
    if sees_more_than_own(officer):
        return Q(Exists(parents.filter(pk=OuterRef(column))))
    return Q(**{f"{column.removesuffix('_id')}__in": parents})


def batches_of(officer: Officer) -> QuerySet[Batch]:
    """Batches an officer brought in himself and, for a legal officer, those of his bureau's people.

    What others brought in of restricted matters shows in its rows who is concerned, so that is theirs alone.
    """
    rows = Batch.objects.all()
    if officer.is_superuser:
        return rows
    mine = Q(by=officer)
    for role, unit_id, _ in posts_of(officer):
        if role == Role.LEGAL_OFFICER:
            others = Q(by__unit__in=Unit.objects.under(Unit.objects.get(pk=unit_id)))
            mine |= others & ~Q(Exists(Matter.objects.filter(batch=OuterRef("pk"), restricted=True)))
    return rows.filter(mine)


def units_of(officer: Officer) -> QuerySet[Unit]:
    """The units whose matters an officer may see: his own and, by his posts, everything below."""
    units = Unit.objects.order_by("path")
    if officer.is_superuser:
        return units
    within = Q()
    for path in _roots_of(officer):
        within |= Q(path__startswith=path)
    return units.filter(within)


def _roots_of(officer: Officer) -> list[str]:
    """Where the parts of the tree that an officer sees begin, by path; read once for an officer object, as his posts are."""
    paths: list[str] | None = officer.__dict__.get("_roots")
    if paths is None:
        roots = {officer.unit_id}
        roots |= {unit_id for role, unit_id, _ in posts_of(officer) if role in Role.sees_subtree()}
        paths = officer.__dict__["_roots"] = list(Unit.objects.filter(pk__in=roots).values_list("path", flat=True))
    return paths


def units_kept_by(officer: Officer) -> QuerySet[Unit]:
    """The units whose accounts, posts and settings an officer may keep up: those he may see the matters of, and for an
    administrator the unit of his post with everything below. A matter is seen by nobody because of this."""
    units = Unit.objects.order_by("path")
    if officer.is_superuser:
        return units
    kept = [unit_id for role, unit_id, _ in posts_of(officer) if role in Role.administrators()]
    within = Q()
    for path in (*_roots_of(officer), *Unit.objects.filter(pk__in=kept).values_list("path", flat=True)):
        within |= Q(path__startswith=path)
    return units.filter(within)


def people_of(officer: Officer) -> QuerySet[Officer]:
    """The officers of the units he is the head of, and of those below; none for anybody else."""
    headed = [unit_id for role, unit_id, _ in posts_of(officer) if role == Role.UNIT_HEAD]
    wanted = Q(pk__in=())
    for path in Unit.objects.filter(pk__in=headed).values_list("path", flat=True):
        wanted |= Q(unit__path__startswith=path)
    return Officer.objects.filter(wanted, is_active=True)


def absences_of(officer: Officer, today: date) -> QuerySet[Absence]:
    """Absences not yet over that concern him: his own, those he stands in for, and those of his people."""
    concerned = Q(officer=officer) | Q(deputy=officer) | Q(officer__in=people_of(officer))
    return Absence.objects.filter(concerned, until_on__gte=today).select_related("officer__unit", "deputy")


def sees_more_than_own(officer: Officer) -> bool:
    """Whether his posts show an officer more than the matters he handles himself."""
    return officer.is_superuser or any(role in Role.sees_subtree() for role, _, _ in posts_of(officer))


def kinds_of(officer: Officer) -> QuerySet[MatterKind]:
    """The kinds of matter an officer may meet: a restricted kind only who handles such a matter and may see it."""
    handled = Matter.objects.filter(pk__in=restricted_matters(officer), kind=OuterRef("pk"))
    return MatterKind.objects.filter(Q(restricted=False) | Exists(handled))


def handlers_in_sight(matters: Iterable[int] | QuerySet[Any]) -> dict[int, list[Handling]]:
    """By restricted matter who handles it now and may see it: of those named, nobody barred since, by a move or a post.

    Whoever is told of a restricted matter is told through here. `matters` are ids, or a question that answers them. A few
    questions for each officer named.
    """
    found: dict[int, list[Handling]] = defaultdict(list)
    sight: dict[int, set[int]] = {}
    asked = matters if isinstance(matters, QuerySet) else list(matters)
    rows = (
        Handling.objects.filter(matter__in=asked, matter__restricted=True, until_at=None)
        .select_related("officer")
        .order_by("pk")
    )
    for handling in rows:
        if handling.officer_id not in sight:
            sight[handling.officer_id] = set(restricted_matters(handling.officer))
        if handling.matter_id in sight[handling.officer_id]:
            found[handling.matter_id].append(handling)
    return dict(found)


def hidden_from(officer: Officer, matters: Iterable[int]) -> set[int]:
    """Of the matters those an officer may no longer be told of: restricted, and he does not handle them or is barred."""
    closed = Matter.objects.filter(pk__in=list(matters), restricted=True).values_list("pk", flat=True)
    found = set(closed)
    return found - set(restricted_matters(officer)) if found else found


def limits_of(officer: Officer) -> QuerySet[Limit]:
    """The limits that may run on matters an officer may meet."""
    running_on = Limit.kinds.through.objects.filter(limit=OuterRef("pk"), matterkind__in=kinds_of(officer))
    return Limit.objects.active().filter(Exists(running_on))


def in_unit(unit: Unit) -> Q:
    """Rows with unit columns that hang on a unit or below it: one equality at any level.

    Of a unit merged into another of its level the columns name that other, so its own rows are found by its place.
    """
    column = {UnitLevel.CITY: "city", UnitLevel.COUNTY: "county", UnitLevel.STATION: "station"}.get(
        UnitLevel(unit.level)
    )
    if column is None or getattr(unit, f"{column}_id") != unit.pk:
        return Q(unit__path__startswith=unit.path)
    return Q(**{column: unit})


def number_begins(text: str, prefix: str = "") -> Q:
    """Matters whose number begins with the text, asked in the way the engine's index answers."""
    if connection.vendor == "sqlite":
        return Q(**{f"{prefix}number__gte": text, f"{prefix}number__lt": text + _LAST})
    return Q(**{f"{prefix}number__startswith": text})


def with_level(level: Level | int, at: datetime) -> Q:
    """Running clocks at a level, by their own moments."""
    reached = {
        Level.RED: Q(due_at__lte=at),
        Level.ORANGE: Q(orange_at__lte=at, due_at__gt=at),
        Level.YELLOW: Q(yellow_at__lte=at, due_at__gt=at) & ~Q(orange_at__lte=at),
        Level.GREEN: Q(due_at__gt=at) & ~Q(yellow_at__lte=at),
    }
    return is_running() & reached[Level(level)]


def most_urgent(matters: list[Matter]) -> dict[int, Clock]:
    """Of each matter the running clock that runs out first; one question whatever their number."""
    found: dict[int, Clock] = {}
    rows = (
        Clock.objects.running()
        .counted()
        .filter(matter__in=[matter.pk for matter in matters])
        .select_related("limit")
        .order_by("due_at", "pk")
    )
    for clock in rows:
        found.setdefault(clock.matter_id, clock)
    return found
