"""What is read of changes of units: who may see and decide which, and what a change would do."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from cases.models import Clock, Matter, Officer, Post, Role, Unit, UnitLevel
from cases.models.unit import STEP_WIDTH
from cases.queries import in_unit, units_kept_by
from supervision.units.models import Kind, State, UnitChange

DECIDE = "units.decide_unitchange"
# Of people and units so many are named one by one.
NAMED = 40


def changes_of(officer: Officer) -> QuerySet[UnitChange]:
    """The changes of units an officer keeps or may see the matters of, or to such a unit."""
    if officer.is_superuser:
        return UnitChange.objects.all()
    kept = units_kept_by(officer).order_by().values("pk")
    return UnitChange.objects.filter(Q(unit__in=kept) | Q(target__in=kept) | Q(former_parent__in=kept))


def waiting_for(officer: Officer) -> QuerySet[UnitChange]:
    """Changes proposed by others that the officer may decide: he keeps both units."""
    rows = UnitChange.objects.filter(state=State.PROPOSED).exclude(proposer=officer)
    if not officer.has_perm(DECIDE):
        return rows.none()
    if officer.is_superuser:
        return rows
    kept = units_kept_by(officer).order_by().values("pk")
    return rows.filter(unit__in=kept, target__in=kept)


@dataclass(frozen=True, slots=True)
class Sight:
    """Somebody whose post reaches further or less far by a change."""

    officer: str
    post: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change does, as far as can be told now. Matters that only their handlers see are in no number."""

    units: list[str]
    children: list[str]
    people: int
    matters: int
    open_matters: int
    running: int
    carried: list[Sight]
    ended: list[Sight]
    gain: list[Sight]
    lose: list[Sight]


def effects_of(change: UnitChange) -> Effects:
    """What a change that was not carried out yet would do; a fixed number of questions."""
    unit, target = change.unit, change.target
    merger = change.kind == Kind.MERGER
    below = list(Unit.objects.in_force().under(unit).exclude(pk=unit.pk).order_by("path"))
    here = in_unit(unit)
    plain = Matter.objects.standing().filter(here, restricted=False)
    handed = plain.filter(closed_at=None, unit=unit) if merger else plain.filter(closed_at=None)
    posts = list(Post.objects.current().filter(unit=unit).select_related("officer", "unit").order_by("officer__pk"))
    stay, end = ([], []) if not merger else (_told(posts, True), _told(posts, False))
    above_now, above_then = _line(unit.path[:-STEP_WIDTH]), _line(target.path)
    return Effects(
        units=[str(one) for one in below],
        children=[str(one) for one in below if one.parent_id == unit.pk] if merger else [],
        people=Officer.objects.filter(unit=unit, is_active=True).count() if merger else 0,
        matters=plain.count(),
        open_matters=handed.count(),
        running=Clock.objects.running().filter(here, restricted=False).count(),
        carried=stay,
        ended=end,
        gain=_over(above_then - above_now),
        lose=_over(above_now - above_then),
    )


def _told(posts: list[Post], carried: bool) -> list[Sight]:
    return [
        Sight(str(post.officer), post.get_role_display())
        for post in posts
        if (post.role == Role.CASE_OFFICER) == carried
    ]


def _line(path: str) -> set[str]:
    return {path[:end] for end in range(STEP_WIDTH, len(path) + 1, STEP_WIDTH)}


def _over(paths: set[str]) -> list[Sight]:
    """Who reaches by his post what lies below these units: holders of posts in them and, of a county, in its squads."""
    units = Unit.objects.filter(path__in=paths)
    lifted = Q(unit__level=UnitLevel.STATION, unit__county__in=units.filter(level=UnitLevel.COUNTY))
    posts = Post.objects.current().filter(role__in=Role.sees_subtree(), officer__is_active=True)
    rows = posts.filter(Q(unit__in=units) | (lifted & ~Q(role=Role.UNIT_HEAD))).select_related("officer", "unit")
    return [
        Sight(str(post.officer), f"{post.unit}{post.get_role_display()}") for post in rows.order_by("unit__path", "pk")
    ]
