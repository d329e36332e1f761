"""The number of unread notices, in the frame of every page."""

from typing import Any

from django import template

from cases.desk.paging import Count
from cases.models import Officer
from supervision.bulletins.queries import unread_count

register = template.Library()

_KEPT = "_unread_notices"


@register.simple_tag(takes_context=True)
def unread_notices(context: dict[str, Any]) -> Count | None:
    """How many notices the officer has not read; one question a request, however often a page asks."""
    request = context.get("request")
    officer = getattr(request, "user", None)
    if not isinstance(officer, Officer):
        return None
    kept = getattr(request, _KEPT, None)
    if kept is None:
        kept = unread_count(officer)
        setattr(request, _KEPT, kept)
    return kept
