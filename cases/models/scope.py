"""Who may see which rows: the one place where a queryset is cut to an officer's scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Q

from cases.models.officer import Officer, Role
from cases.models.unit import STEP_WIDTH, Unit, UnitLevel

Row = TypeVar("Row", bound=models.Model, covariant=True)

# Fewer restricted matters than this would tell whom they are about (信访工作条例 30): where counts are shown to those who
# may not see the matters, so few are not told apart, nor told in a sum.
FEW = 5

_COLUMNS = {UnitLevel.CITY: "city", UnitLevel.COUNTY: "county", UnitLevel.STATION: "station"}


def held_posts(officer: Officer) -> list[tuple[str, int, int, int | None]]:
    """(role, unit, its level, its county) of the posts held now; read once for an officer object."""
    held: list[tuple[str, int, int, int | None]] | None = officer.__dict__.get("_posts_held")
    if held is None:
        rows = officer.posts.current().values_list("role", "unit_id", "unit__level", "unit__county_id")
        held = officer.__dict__["_posts_held"] = list(rows)
    return held


def forget_posts(officer: Officer) -> None:
    """What an officer object has learnt from its posts is asked anew."""
    for known in ("_posts_held", "_roots"):
        officer.__dict__.pop(known, None)


def posts_of(officer: Officer) -> list[tuple[str, int, int]]:
    """(role, unit, level of the unit) that the posts held now reach.

    A legal officer, leader or inspector in a unit of a county reaches that county; a head only his own unit.
    """
    reached = []
    for role, unit_id, level, county_id in held_posts(officer):
        lifted = role in Role.sees_subtree() and role != Role.UNIT_HEAD and level == UnitLevel.STATION
        if lifted and county_id is not None:
            reached.append((role, county_id, UnitLevel.COUNTY.value))
        else:
            reached.append((role, unit_id, level))
    return reached


def restricted_matters(officer: Officer) -> list[int]:
    """Restricted matters whose named handler the officer is now, in whatever unit; read once for an officer object.

    The three separated administrators and accounts without a post handle none. Who is barred from a matter, by himself
    or because he belongs to a unit that is or holds a post in one, does not see it even where he was named before.
    """
    named: list[int] | None = officer.__dict__.get("_restricted_matters")
    if named is None:
        works = officer.is_superuser or any(role not in Role.administrators() for role, _, _ in posts_of(officer))
        rows = officer.handlings.filter(until_at=None, matter__restricted=True)
        named = list(rows.values_list("matter_id", flat=True)) if officer.is_active and works else []
        if named:
            barred = set(barrings_of(officer).filter(matter__in=named).values_list("matter_id", flat=True))
            named = [matter_id for matter_id in named if matter_id not in barred]
        officer.__dict__["_restricted_matters"] = named
    return named


def barrings_of(officer: Officer) -> models.QuerySet[models.Model]:
    """The barrings in force that meet an officer: himself, his unit, the units of his posts, and all above them."""
    places = {officer.unit_id, *officer.posts.current().values_list("unit_id", flat=True)}
    paths = Unit.objects.filter(pk__in=places).values_list("path", flat=True)
    line = {path[:end] for path in paths for end in range(STEP_WIDTH, len(path) + 1, STEP_WIDTH)}
    # Not by its class: barrings are rows of matters, and matters are cut to scope here.
    rows = apps.get_model("cases", "Barring")._default_manager.filter(until_at=None)
    return rows.filter(Q(officer=officer) | Q(unit__path__in=line))


def only_reads(officer: Officer) -> None:
    """From here on the officer object is only used to answer one page that changes nothing: what it once learns of its
    scope holds for all of the page."""
    officer.__dict__.setdefault("_strays_known", {})


def reach(officer: Officer, prefix: str = "") -> Q | None:
    """The condition that cuts rows with unit columns to an officer's scope; None means everything, by right.

    Case officers reach their own matters, heads their unit and below, legal officers, leaders and inspectors their
    bureau. The three separated administrators reach no case content at all.
    """
    if not reaches_cases(officer):
        return Q(pk__in=())
    below = below_posts(officer, prefix)
    return None if below is None else Q(**{f"{prefix}officer_id": officer.pk}) | below


def reaches_cases(officer: Officer) -> bool:
    """Whether an officer may see any case content: not an account out of use, without a post, or an administrator's."""
    if not officer.is_active or officer.is_superuser:
        return officer.is_active
    return any(role not in Role.administrators() for role, _, _ in posts_of(officer))


def below_posts(officer: Officer, prefix: str = "") -> Q | None:
    """The part of a scope that lies in the units the officer's posts reach, empty where they reach none; None means
    everything."""
    if officer.is_superuser:
        return None
    below = Q()
    for role, unit_id, level in posts_of(officer):
        if role not in Role.sees_subtree():
            continue
        if level == UnitLevel.PROVINCE:
            return None
        below |= below_post(unit_id, level, prefix)
    return below


def below_post(unit_id: int, level: int, prefix: str = "") -> Q:
    """Rows with unit columns that lie in a unit of a level; of a province all of them."""
    if level == UnitLevel.PROVINCE:
        return Q()
    return Q(**{f"{prefix}{_COLUMNS[UnitLevel(level)]}_id": unit_id})


def over_units(officer: Officer, prefix: str = "") -> Q | None:
    """The condition on rows with unit columns that an officer's posts are over; None means everything, by right.

    For rows that follow a matter and nobody who handles it: a visit, a check, a form of review. They are not an officer's
    own because the matter is, so the scope of a case officer holds none of them.
    """
    if not reaches_cases(officer):
        return Q(pk__in=())
    below = below_posts(officer, prefix)
    return None if below is None else below or Q(pk__in=())


class ScopedQuerySet(models.QuerySet[Row]):
    """A queryset of rows that carry unit columns and an officer."""

    # The matter a row belongs to, seen from the row; empty where rows belong to no matter.
    matter_path = ""

    def visible_to(self, officer: Officer) -> Self:
        """Only what the officer may see. Every queryset that leaves a room passes through here.

        Restricted matters are seen by their named handlers only, and by those whatever their unit.
        """
        wanted = self._wanted(officer)
        seen = self._unrestricted() if wanted is None else wanted & self._unrestricted()
        # The handler's few matters are named one by one, so that the lists of everybody else keep to one index.
        if self.matter_path and (named := restricted_matters(officer)):
            seen |= Q(**{f"{self.matter_path}__in": named})
        return self.filter(seen)

    def _wanted(self, officer: Officer) -> Q | None:
        """The officer's reach. Of two alternatives a database finds no row by an index in their order, so what he has a
        part in himself is only asked for where some of it lies outside his units; one small question tells."""
        if not reaches_cases(officer):
            return Q(pk__in=())
        below = below_posts(officer)
        if below is None:
            return None
        if below and not self._strays(officer, below):
            return below
        return self._own(officer) | below

    def _strays(self, officer: Officer, below: Q) -> bool:
        """Whether some of the officer's own rows lie outside his units; asked once a kind of row while a page is answered."""
        known: dict[type[models.Model], bool] | None = officer.__dict__.get("_strays_known")
        if known is not None and self.model in known:
            return known[self.model]
        rows = self.model._base_manager.order_by()
        first, *others = (rows.filter(way).exclude(below).values("pk") for way in self._ways(officer))
        found = (first.union(*others, all=True) if others else first).exists()
        if known is not None:
            known[self.model] = found
        return found

    def _own(self, officer: Officer) -> Q:
        """The rows that are the officer's own, whatever his posts."""
        return Q(officer=officer)

    def _ways(self, officer: Officer) -> Sequence[Q]:
        """The same by the ways in which a row is his, each of them found by an index of its own: of alternatives in one
        condition PostgreSQL finds none by index and reads the whole table for nothing."""
        return (self._own(officer),)

    def _unrestricted(self) -> Q:
        """The rows that are not closed to all but named handlers."""
        raise NotImplementedError(f"{type(self).__name__} 没有写明哪些行不受限制")


def scope_index(table: str, level: str, moment: str) -> models.Index:
    """The index behind a list of one unit's rows by `moment`, paged by key."""
    return models.Index(fields=(level, moment, "id"), name=f"{table}_list_of_{level}")
