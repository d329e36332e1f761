"""How the pages of the room say how long."""

from datetime import datetime

from django import template

from cases.desk.words import hours_words

register = template.Library()


@register.filter
def stayed(since: datetime, until: datetime) -> str:
    """From one moment to another in hours and minutes, as hour limits are counted."""
    return hours_words(until - since)
