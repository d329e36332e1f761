"""Who may see which rows: the one place where a queryset is cut to an officer's scope."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

from cases.models.officer import Officer, Role
from cases.models.unit import UnitLevel

Row = TypeVar("Row", bound=models.Model, covariant=True)

_COLUMNS = {UnitLevel.CITY: "city", UnitLevel.COUNTY: "county", UnitLevel.STATION: "station"}


def posts_of(officer: Officer) -> list[tuple[str, int, int]]:
    """(role, unit, level of the unit) of the posts held now; read once for an officer object."""
    held: list[tuple[str, int, int]] | None = officer.__dict__.get("_posts_held")
    if held is None:
        held = list(officer.posts.current().values_list("role", "unit_id", "unit__level"))
        officer.__dict__["_posts_held"] = held
    return held


def bureau_of(officer: Officer) -> tuple[int, int] | None:
    """The bureau (unit, level) whose whole subtree a legal officer, leader or inspector of it supervises."""
    unit = officer.unit
    if unit.level < UnitLevel.STATION:
        return unit.pk, unit.level
    return (unit.county_id, UnitLevel.COUNTY) if unit.county_id else (unit.pk, unit.level)


def reach(officer: Officer, prefix: str = "") -> Q | None:
    """The condition that cuts rows with unit columns to an officer's scope; None means everything, by right.

    Case officers reach their own matters, heads their unit and below, legal officers, leaders and inspectors their
    bureau. The three separated administrators reach no case content at all.
    """
    if not officer.is_active:
        return Q(pk__in=())
    if officer.is_superuser:
        return None
    wanted = Q(**{f"{prefix}officer_id": officer.pk})
    held = posts_of(officer)
    if not held or all(role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR) for role, _, _ in held):
        return Q(pk__in=())
    for role, unit_id, level in held:
        if role not in Role.sees_subtree():
            continue
        if role == Role.UNIT_HEAD or level < UnitLevel.STATION:
            place: tuple[int, int] | None = (unit_id, level)
        else:
            place = bureau_of(officer)
        if place is None:
            continue
        if place[1] == UnitLevel.PROVINCE:
            return None
        wanted |= Q(**{f"{prefix}{_COLUMNS[UnitLevel(place[1])]}_id": place[0]})
    return wanted


class ScopedQuerySet(models.QuerySet[Row]):
    """A queryset of rows that carry unit columns and an officer."""

    # Where the columns stand, seen from the row: "" on the row itself, "matter__" behind a foreign key.
    scope_prefix = ""

    def visible_to(self, officer: Officer) -> Self:
        """Only what the officer may see. Every queryset that leaves a room passes through here."""
        wanted = reach(officer, self.scope_prefix)
        rows = self if wanted is None else self.filter(wanted)
        return rows.filter(self._restricted_visible(officer))

    def _restricted_visible(self, officer: Officer) -> Q:
        """Restricted matters are seen by their named handlers only, whatever the unit."""
        raise NotImplementedError(f"{type(self).__name__} 没有写明限制可见事项的条件")


def scope_index(table: str, level: str, moment: str) -> models.Index:
    """The index behind a list of one unit's rows by `moment`, paged by key."""
    return models.Index(fields=(level, moment, "id"), name=f"{table}_list_of_{level}")
