"""What people do about a warning: say a word about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from cases.duty import working_time
from cases.models import Officer
from cases.statute import periods
from supervision.alerts import refusals
from supervision.alerts.models import Action, Alert, AlertQuerySet, AlertState, AlertStep
from supervision.alerts.queries import last_step
from supervision.alerts.refusals import AlertRefused

MOST_CHARACTERS = 500
# A promise further ahead than this is none.
MOST_DAYS_AHEAD = 30
_AT_ONCE = 1000


def acknowledge(*, alert: Alert, reason: str, next_on: date, by: Officer, at: datetime) -> Alert:
    """Take a warning on by name: why the matter stands as it does, and the day it is looked at again.

    The climb stops until that day is over, and nobody is told any more. Refuses an empty reason, a day that is over or
    more than thirty days ahead, a warning that was withdrawn or ordered, and one that has changed since it was read
    into `alert`: of two who act at once the second is told what the first did.
    """
    text = _reason(reason)
    climbs_at = _promised(next_on, at)
    _may_be_answered(alert)
    with transaction.atomic():
        won = as_seen(alert).update(
            state=AlertState.ACKNOWLEDGED,
            said_by=by,
            said_at=at,
            said=text,
            next_on=next_on,
            climbs_at=climbs_at,
            tell_since=None,
        )
        if not won:
            raise AlertRefused(refusals.MEANWHILE.format(what=what_happened(alert)))
        AlertStep.objects.bulk_create([_said(alert, text, next_on, by, at)])
    alert.refresh_from_db()
    return alert


@dataclass(slots=True)
class ManyReport:
    """How many were done, and which were refused and why: (id, sentence)."""

    done: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def acknowledge_many(*, alerts: Iterable[int], reason: str, next_on: date, by: Officer, at: datetime) -> ManyReport:
    """The same word about many warnings, by id; the caller has cut them to what the officer may see.

    What `acknowledge` would refuse is passed over and named in the report, and so is what somebody else is working on
    at this moment. Refuses the whole only for its reason or its day. Harmless twice: the word is then said again.
    """
    text = _reason(reason)
    climbs_at = _promised(next_on, at)
    report = ManyReport()
    wanted = sorted(set(alerts))
    for begin in range(0, len(wanted), _AT_ONCE):
        ids = wanted[begin : begin + _AT_ONCE]
        with transaction.atomic():
            rows = Alert.objects.filter(pk__in=ids).order_by("pk")
            if connection.features.has_select_for_update_skip_locked:
                rows = rows.select_for_update(skip_locked=True)
            found = {row.pk: row for row in rows}
            good = []
            for pk in ids:
                why = refusals.BUSY if pk not in found else why_not_answered(found[pk])
                if why:
                    report.refused.append((pk, why))
                else:
                    good.append(found[pk])
            Alert.objects.filter(pk__in=[row.pk for row in good]).update(
                state=AlertState.ACKNOWLEDGED,
                said_by=by,
                said_at=at,
                said=text,
                next_on=next_on,
                climbs_at=climbs_at,
                tell_since=None,
            )
            AlertStep.objects.bulk_create([_said(row, text, next_on, by, at) for row in good])
            report.done += len(good)
    return report


def what_happened(alert: Alert) -> str:
    """In words, what came between reading a warning and acting on it."""
    step = last_step(alert)
    if step is None:
        return "这件预警已有变动"
    who = str(step.by) if step.by is not None else "系统"
    return f"{who}已于 {timezone.localtime(step.found_at):%m-%d %H:%M} {step.get_action_display()}"


def _said(alert: Alert, text: str, next_on: date, by: Officer, at: datetime) -> AlertStep:
    return AlertStep(
        clock_id=alert.clock_id,
        due_at=alert.due_at,
        action=Action.ACKNOWLEDGED,
        level=alert.level,
        due_moment=at,
        found_at=at,
        by=by,
        rung=alert.rung,
        text=text,
        next_on=next_on,
    )


def _reason(text: str) -> str:
    said = text.strip()
    if not said:
        raise AlertRefused(refusals.NO_REASON)
    if len(said) > MOST_CHARACTERS:
        raise AlertRefused(refusals.REASON_TOO_LONG.format(most=MOST_CHARACTERS, have=len(said)))
    return said


def _promised(next_on: date | None, at: datetime) -> datetime:
    """The first opening after the promised day is over; refuses a day that is over or too far ahead."""
    zone = ZoneInfo(settings.TIME_ZONE)
    today = at.astimezone(zone).date()
    if next_on is None:
        raise AlertRefused(refusals.NO_NEXT_DAY)
    if next_on < today:
        raise AlertRefused(refusals.NEXT_DAY_OVER.format(day=next_on))
    last = today + timedelta(days=MOST_DAYS_AHEAD)
    if next_on > last:
        raise AlertRefused(refusals.NEXT_DAY_TOO_FAR.format(last=last))
    return working_time(at).next_open(periods.end_of_day(next_on, zone))


def _may_be_answered(alert: Alert) -> None:
    if why := why_not_answered(alert):
        raise AlertRefused(why)


def why_not_answered(alert: Alert) -> str:
    """Why no word can be said about a warning as it stands; empty where one can."""
    if alert.state == AlertState.WITHDRAWN:
        return refusals.WITHDRAWN.format(why=alert.get_reason_display())
    return refusals.ORDERED if alert.state == AlertState.ORDERED else ""


def as_seen(alert: Alert) -> AlertQuerySet:
    """The row, if it still stands as it was read."""
    return Alert.objects.filter(
        pk=alert.pk, state=alert.state, level=alert.level, rung=alert.rung, said_at=alert.said_at
    )
