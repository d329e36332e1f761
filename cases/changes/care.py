"""Calendar care: from the first of November on, whoever may load a year is reminded that the next is not in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from cases.desk.paging import Count, count_capped
from cases.models import Limit, Officer, WorkCalendar
from cases.queries import clocks_of

# The notice of the next year comes out in November.
FIRST_MONTH = 11


@dataclass(frozen=True, slots=True)
class MissingYear:
    """A year of a calendar in use that is not loaded, and how many dates the officer sees are provisional."""

    calendar: WorkCalendar
    year: int
    provisional: Count


def calendar_care(*, officer: Officer, at: datetime) -> list[MissingYear]:
    """Years that should be loaded by the local day of `at` and are not, for an officer who may load them.

    From 1 November that is the next year; this year always. Only calendars that limits in use are counted by.
    """
    if not officer.has_perm("cases.add_change"):
        return []
    today = timezone.localdate(at)
    wanted = [today.year, today.year + 1] if today.month >= FIRST_MONTH else [today.year]
    calendars = WorkCalendar.objects.order_by("code").prefetch_related("years")
    missing = [
        (calendar, year)
        for calendar in calendars
        for year in wanted
        if year not in {announced.year for announced in calendar.years.all()}
    ]
    if missing:
        used = set(Limit.objects.active().values_list("definition__calendar", flat=True).distinct())
        missing = [(calendar, year) for calendar, year in missing if calendar.code in used]
    if not missing:
        return []
    provisional = count_capped(clocks_of(officer).open().filter(provisional=True))
    return [MissingYear(calendar, year, provisional) for calendar, year in missing]
