"""Who sees what was drawn: those whose post is over the unit it was drawn of.

Not the officer of the matter: a visit asks about a matter and follows nobody, and who is evaluated does not look up who
was asked. So these rows have no officer, and the scope of a case officer holds none of them.
"""

from __future__ import annotations

from django.db.models import Q

from cases.models import Officer
from cases.models.scope import below_posts, reaches_cases

NOTHING = Q(pk__in=())


def over_units(officer: Officer, prefix: str = "") -> Q | None:
    """The condition on rows with unit columns that an officer's posts are over; None means everything, by right."""
    if not reaches_cases(officer):
        return NOTHING
    below = below_posts(officer, prefix)
    return None if below is None else below or NOTHING
