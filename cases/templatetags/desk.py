"""How the pages of the desk say days, moments and how a clock stands."""

from datetime import date, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cases.desk import words
from cases.models import Clock, Level

register = template.Library()


@register.filter
def standing(clock: Clock, at: datetime) -> SafeString:
    """A badge: how much is left or how it ended, with its sign."""
    return badge(words.standing(clock, at))


@register.filter
def badge(how: words.Standing) -> SafeString:
    return format_html(
        '<span class="mark mark-{}">{} <i aria-hidden="true">{}</i></span>', how.tone, how.text, how.sign
    )


@register.filter
def level_mark(level: int) -> SafeString:
    """A badge for a level by itself, as short as a column of them should be."""
    known = Level(level)
    tone = ("green", "yellow", "orange", "red")[known.value]
    word = known.label.removesuffix("预警").removeprefix("已")
    return format_html('<span class="mark mark-{}">{} <i aria-hidden="true">{}</i></span>', tone, word, known.sign)


@register.filter
def due(clock: Clock) -> str:
    return words.due_words(clock)


@register.filter
def day(value: date | datetime | None) -> str:
    """A day alone; of a moment its local day."""
    if isinstance(value, datetime):
        value = timezone.localdate(value)
    return "" if value is None else f"{value:%Y-%m-%d}"


@register.filter
def weekday(value: date | None) -> str:
    return words.day_words(value)


@register.filter
def moment(value: datetime | None) -> str:
    return words.moment_words(value)


@register.filter
def short_moment(value: datetime | None, at: datetime) -> str:
    return words.short_moment(value, at)


@register.filter
def happened(event: object) -> str:
    """When an event occurred: its day where only that is known."""
    occurred_at = getattr(event, "occurred_at", None)
    if occurred_at is None:
        return ""
    return day(occurred_at) if getattr(event, "day_only", False) else words.moment_words(occurred_at)


@register.filter
def last_day(due_at: datetime | None) -> str:
    """A due moment as people say it: the midnight that ends a day is that day, any other moment is itself."""
    if due_at is None:
        return ""
    local = timezone.localtime(due_at)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d}"
    return words.moment_words(due_at)
