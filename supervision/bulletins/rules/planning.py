"""When a bulletin is owed. Local days and hours; pure, and told what day it is.

A run that was missed is made up: of days one bulletin about all of them, of weeks the last, of months up to three. What
has been made already, in whatever state, is not owed again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from cases.statute.workdays import Calendar
from supervision.bulletins.rules import Month, Span
from supervision.bulletins.rules.life import Kind

LEAVES_AT: Final = time(8, 30)
MONDAY: Final = 0

# How many months a run that comes late makes up for, the newest included.
MONTHS_MADE_UP: Final = 3
# A daily look after a longer silence begins here; what lies before it is in the weeks and months.
DAYS_MADE_UP: Final = 31


@dataclass(frozen=True, slots=True)
class Plan:
    """When the bulletins of a kind come out: at an hour, for weeks from a weekday on (Monday is 0), for months on the
    n-th working day. `since` is the local moment from which it has been in use."""

    kind: Kind
    since: datetime
    leaves_at: time = LEAVES_AT
    weekday: int = MONDAY
    working_day: int = 1


def owed(plan: Plan, *, at: datetime, calendar: Calendar, made: Collection[Span]) -> tuple[Span, ...]:
    """What a plan owes at the local moment `at`, oldest first. `made` is what there is already of this kind."""
    if at.time() < plan.leaves_at:
        return ()
    match plan.kind:
        case Kind.DAILY:
            return _days(plan, at, calendar, made)
        case Kind.WEEKLY:
            return _weeks(plan, at, calendar, made)
        case Kind.MONTHLY:
            return _months(plan, at, calendar, made)
    return ()


def _days(plan: Plan, at: datetime, calendar: Calendar, made: Collection[Span]) -> tuple[Span, ...]:
    """On a working day, all days since the last daily look up to yesterday, in one."""
    today = at.date()
    if not calendar.is_working(today, provisional=True) or not _in_use(plan, today):
        return ()
    covered = max((span.until for span in made if span.until <= today), default=None)
    first = covered or calendar.last_working_until(today - timedelta(days=1), provisional=True)
    first = max(first, today - timedelta(days=DAYS_MADE_UP))
    span = Span(first, today) if first < today else None
    return (span,) if span is not None and not any(span.overlaps(one) for one in made) else ()


def _weeks(plan: Plan, at: datetime, calendar: Calendar, made: Collection[Span]) -> tuple[Span, ...]:
    """The last week whose day has come; a week before it that was missed is not made up."""
    week = Span.of_week(at.date())
    for _ in range(3):
        week = Span.of_week(week.first - timedelta(days=1))
        day = comes_out_on(plan, week, calendar)
        if day <= at.date():
            due = _in_use(plan, day) and week not in made
            return (week,) if due else ()
    return ()


def _months(plan: Plan, at: datetime, calendar: Calendar, made: Collection[Span]) -> tuple[Span, ...]:
    """The month just over from its day on; earlier ones unless nobody was there to read them on their day."""
    found = []
    month = Month.of(at.date()).previous
    for back in range(MONTHS_MADE_UP):
        span = Span.of_month(month)
        day = comes_out_on(plan, span, calendar)
        if day <= at.date() and span not in made and (back == 0 or plan.since.date() <= day):
            found.append(span)
        month = month.previous
    return tuple(reversed(found))


def comes_out_on(plan: Plan, span: Span, calendar: Calendar) -> date:
    """The working day on which the bulletin about `span` comes out. Where the year is not announced, weekends decide.

    Of a week: the first working day of the next one, from the plan's weekday on. Of a month: the plan's n-th working day
    after it.
    """
    if plan.kind == Kind.WEEKLY:
        return calendar.first_working_from(span.until + timedelta(days=plan.weekday), provisional=True)
    if plan.kind == Kind.MONTHLY and plan.working_day > 1:
        return calendar.nth_working_after(span.last, plan.working_day, provisional=True)
    return calendar.first_working_from(span.until, provisional=True)


def _in_use(plan: Plan, day: date) -> bool:
    """Whether the plan was in use when its hour came on that day: what is planned at ten owes nothing at half past eight."""
    return plan.since.replace(tzinfo=None) <= datetime.combine(day, plan.leaves_at)
