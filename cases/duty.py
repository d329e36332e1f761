"""Who answers for a unit's matters today: the officer, the head, the legal officer, the leader; and when people work."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models import Absence, Limit, Officer, Post, Role, Unit, UnitLevel, WorkCalendar
from cases.models.scope import posts_of
from cases.models.unit import STEP_WIDTH
from cases.statute.workdays import Calendar
from cases.statute.working_time import WorkingHours, WorkingTime
from cases.winding import calendars

# Deputies of deputies are followed this far; beyond that it is a circle, or nobody knows any more.
MOST_DEPUTIES = 3
# The posts that answer above the officer himself.
_ANSWERING = (Role.UNIT_HEAD, Role.LEGAL_OFFICER, Role.LEADER)


class Rung(models.IntegerChoices):
    """How far up the chain a thing has come (层级)."""

    OFFICER = 0, "经办民警"
    HEAD = 1, "办案单位负责人"
    LEGAL = 2, "法制民警"
    LEADER = 3, "局领导"

    @property
    def role(self) -> Role:
        return (Role.CASE_OFFICER, Role.UNIT_HEAD, Role.LEGAL_OFFICER, Role.LEADER)[self.value]


class DutyRoster:
    """Who holds which post on a day, and who stands in for whom; a handful of queries, whatever is asked of it."""

    def __init__(self, at: datetime) -> None:
        today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        self._units = {
            pk: (path, level, county, city)
            for pk, path, level, county, city in Unit.objects.values_list("pk", "path", "level", "county_id", "city_id")
        }
        self._by_path = {path: pk for pk, (path, _, _, _) in self._units.items()}
        self._active = set(Officer.objects.filter(is_active=True).values_list("pk", flat=True))
        self._posts: dict[tuple[str, int], list[int]] = defaultdict(list)
        for role, unit_id, officer_id in (
            Post.objects.current()
            .filter(role__in=_ANSWERING)
            .order_by("pk")
            .values_list("role", "unit_id", "officer_id")
        ):
            if officer_id in self._active:
                self._posts[role, self._seat(role, unit_id)].append(officer_id)
        self._deputies = dict(
            Absence.objects.on(today).order_by("-from_on", "pk").values_list("officer_id", "deputy_id")
        )

    def _seat(self, role: str, unit_id: int) -> int:
        """The unit a post answers for: a legal officer or leader in a squad of a county answers for that county."""
        _, level, county, city = self._units[unit_id]
        if role == Role.UNIT_HEAD or level != UnitLevel.STATION:
            return unit_id
        return county or city or unit_id

    def answering(self, rung: Rung | int, *, unit_id: int, officer_id: int | None) -> tuple[int, ...]:
        """Who answers at a rung for a unit's matter: officers by id, deputies in place of those away.

        A rung nobody holds passes to the next above it; empty where nobody above holds any.
        """
        return tuple(dict.fromkeys(self.stands_in(one) for one in self._first_holders(rung, unit_id, officer_id)))

    def _first_holders(self, rung: Rung | int, unit_id: int, officer_id: int | None) -> tuple[int, ...]:
        """Who holds a rung, or the first above it that anybody holds, there or away."""
        for asked in list(Rung)[int(rung) :]:
            if found := self._holders(asked, unit_id, officer_id):
                return tuple(found)
        return ()

    def persons_of(self, officer_id: int) -> tuple[int, ...]:
        """The officer, and those away whom he stands in for today."""
        away = (one for one in self._deputies if one != officer_id and one in self._active)
        return (officer_id, *(one for one in away if self.stands_in(one) == officer_id))

    def units_of(self, officer_id: int) -> dict[Rung, tuple[int, ...]]:
        """The units for whose matters an officer answers at each rung above the first, for himself or for somebody away.

        An officer away still answers for his own; his deputy is told besides.
        """
        persons = set(self.persons_of(officer_id))
        seats = tuple(
            self._units[seat][0] for (_, seat), holders in self._posts.items() if persons.intersection(holders)
        )
        below = [unit_id for unit_id, (path, _, _, _) in self._units.items() if path.startswith(seats)]
        return {
            rung: tuple(one for one in below if persons.intersection(self._first_holders(rung, one, None)))
            for rung in Rung
            if rung != Rung.OFFICER
        }

    def _holders(self, rung: Rung, unit_id: int, officer_id: int | None) -> Iterable[int]:
        if rung == Rung.OFFICER:
            return (officer_id,) if officer_id is not None and officer_id in self._active else ()
        for above in self._line(unit_id):
            if holders := self._posts.get((rung.role, above)):
                return holders
        return ()

    def _line(self, unit_id: int) -> Iterable[int]:
        """The unit and those above it, nearest first."""
        path = self._units[unit_id][0]
        while path:
            if path in self._by_path:
                yield self._by_path[path]
            path = path[:-STEP_WIDTH]

    def stands_in(self, officer_id: int) -> int:
        """The officer himself, or who stands in for him today."""
        one = officer_id
        for _ in range(MOST_DEPUTIES):
            deputy = self._deputies.get(one)
            if deputy is None or deputy not in self._active:
                return one
            one = deputy
        return officer_id if one in self._deputies else one


class Duties:
    """What waits for one officer at a moment: conditions on rows with a `unit` and an `officer`.

    The other way round of `DutyRoster.answering`, so that a list finds for him what he is told of. Restricted matters,
    which nobody but their handlers answers for, are for the room that asks.
    """

    def __init__(self, officer: Officer, at: datetime) -> None:
        self._at = at
        self._roster: DutyRoster | None = None
        self._persons: tuple[int, ...] = (officer.pk,)
        self._units: dict[Rung, tuple[int, ...]] = {}
        today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        answers = any(role in _ANSWERING for role, _, _ in posts_of(officer))
        # Most officers answer for nothing but what bears their name, and need no roster to know it.
        if answers or Absence.objects.on(today).filter(deputy=officer).exists():
            self._persons = self.roster.persons_of(officer.pk)
            self._units = self.roster.units_of(officer.pk)

    @property
    def roster(self) -> DutyRoster:
        """The roster of the day, read when it is first asked for."""
        if self._roster is None:
            self._roster = DutyRoster(self._at)
        return self._roster

    def waiting_at(self, rung: Rung) -> Q:
        """Rows that have come to a rung and wait for the officer there."""
        if rung != Rung.OFFICER:
            return Q(unit__in=self._units.get(rung, ()))
        wanted = Q(officer__in=self._persons)
        if headed := self._units.get(Rung.HEAD):
            wanted |= Q(unit__in=headed) & (Q(officer=None) | Q(officer__is_active=False))
        return wanted


def duties_of(officer: Officer, at: datetime) -> Duties:
    """What waits for an officer on the day of `at`; the roster is read once for an officer object."""
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    known: dict[object, Duties] = officer.__dict__.setdefault("_duties", {})
    if today not in known:
        known[today] = Duties(officer, at)
    return known[today]


def work_calendar(at: datetime) -> Calendar:
    """The calendar most limits are counted by; with none loaded, weekends only."""
    known = calendars()
    named = Limit.objects.active().values_list("definition__calendar", flat=True)
    for code, _ in Counter(code for code in named if code).most_common():
        if code in known:
            return known[code]
    return next(iter(known.values()), None) or Calendar("weekends", (), (at.year,))


def working_time(at: datetime) -> WorkingTime:
    """When this bureau works: the hours of that calendar, in the site's time zone."""
    calendar = work_calendar(at)
    row = WorkCalendar.objects.filter(code=calendar.code).first()
    hours = WorkingHours(row.opens, row.closes) if row is not None else WorkingHours()
    return WorkingTime(calendar, hours, ZoneInfo(settings.TIME_ZONE))
