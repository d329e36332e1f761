"""Who sees what was drawn: those whose post is over the unit it was drawn of.

Not the officer of the matter: a visit asks about a matter and follows nobody, and who is evaluated does not look up who
was asked. So these rows have no officer, and the scope of a case officer holds none of them.
"""

from __future__ import annotations

from django.db.models import Q

from cases.models import Officer, Role, UnitLevel
from cases.models.scope import posts_of

_COLUMNS = {UnitLevel.CITY: "city", UnitLevel.COUNTY: "county", UnitLevel.STATION: "station"}
NOTHING = Q(pk__in=())


def over_units(officer: Officer, prefix: str = "") -> Q | None:
    """The condition on rows with unit columns that an officer's posts are over; None means everything, by right."""
    if not officer.is_active:
        return NOTHING
    if officer.is_superuser:
        return None
    wanted = NOTHING
    for role, unit_id, level in posts_of(officer):
        if role not in Role.sees_subtree():
            continue
        if level == UnitLevel.PROVINCE:
            return None
        wanted |= Q(**{f"{prefix}{_COLUMNS[UnitLevel(level)]}_id": unit_id})
    return wanted
