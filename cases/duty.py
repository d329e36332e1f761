"""Who answers for a unit's matters today: the officer, the head, the legal officer, the leader; and when people work."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from cases.models import Absence, Limit, Officer, Post, Role, Unit, UnitLevel, WorkCalendar
from cases.models.scope import below_post, posts_of
from cases.models.unit import STEP_WIDTH
from cases.statute import periods
from cases.statute.workdays import Calendar
from cases.statute.working_time import WorkingHours, WorkingTime
from cases.winding import calendars

# Deputies of deputies are followed this far; beyond that it is a circle, or nobody knows any more.
MOST_DEPUTIES = 3


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
        wanted = (Role.UNIT_HEAD, Role.LEGAL_OFFICER, Role.LEADER)
        for role, unit_id, officer_id in (
            Post.objects.current().filter(role__in=wanted).order_by("pk").values_list("role", "unit_id", "officer_id")
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
        for asked in list(Rung)[int(rung) :]:
            if found := self._holders(asked, unit_id, officer_id):
                return tuple(dict.fromkeys(self.stands_in(one) for one in found))
        return ()

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


def answered_by(officer: Officer, role: Role) -> Q:
    """Rows with unit columns that an officer answers for in a role: of the units his posts reach those where nobody
    holds the role nearer, as the roster has it."""
    wanted = Q(pk__in=())
    for held, unit_id, level in posts_of(officer):
        if held != role:
            continue
        inside = below_post(unit_id, level)
        if level < UnitLevel.COUNTY:
            nearer = Q(unit__county=OuterRef("county"))
            if level == UnitLevel.PROVINCE:
                nearer |= Q(unit__city=OuterRef("city"), unit__county=None)
            inside &= ~Q(Exists(Post.objects.current().filter(nearer, role=role, officer__is_active=True)))
        wanted |= inside
    return wanted


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


def opening_of(on: date, at: datetime) -> datetime:
    """When people are to be told of something due on a local day: as work opens that day, or on the next worked one."""
    return working_time(at).next_open(periods.start_of_day(on, ZoneInfo(settings.TIME_ZONE)))


def opening_before(on: date, workdays: int, at: datetime) -> datetime:
    """As work opens so many worked days before a local day."""
    return opening_of(periods.working_days_before(on, workdays, work_calendar(at), provisional=True), at)
