"""The steps of a campaign: asking for one, putting it off, doing it; and what was told of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from cases.duty import opening_before, opening_of, work_calendar
from cases.models import Officer
from cases.statute import periods
from supervision.campaigns.models import Action, Campaign, Task
from supervision.campaigns.queries import local_day
from supervision.campaigns.refusals import (
    ALREADY_DONE,
    MOVED_INTO_PAST,
    MOVED_ON,
    NO_NAME,
    NO_NOTE,
    NO_WHY,
    NOT_MOVED,
    OUTSIDE_PERIOD,
    SAME_NAME,
    CampaignRefused,
)
from supervision.campaigns.rules import WARN_WORKDAYS
from supervision.campaigns.services.ledger import hold_open, required, step
from supervision.campaigns.telling import NEAR, rows_named


def add_task(*, campaign: Campaign, name: str, due_on: date, by: Officer, at: datetime) -> Task:
    """Ask for a step by a day. The legal officers are to be told before. Refuses no name, one that is there, a day outside the
    campaign, and a closed campaign."""
    name = required(name, NO_NAME, 100)
    _check_day(campaign, due_on)
    with transaction.atomic():
        hold_open(campaign)
        try:
            with transaction.atomic():
                task = Task.objects.create(campaign=campaign, name=name, first_due_on=due_on, **_days(due_on, at))
        except IntegrityError as error:
            raise CampaignRefused(SAME_NAME.format(name=name)) from error
        step(campaign, Action.ADDED, by=by, at=at, text=f"{name}，{due_on:%Y-%m-%d} 前")
    return task


def move_task(*, task: Task, due_on: date, why: str, by: Officer, at: datetime) -> Task:
    """Put the day of a step off, or forward; the first day stays beside it. Refuses no reason, the same day, one that is past
    or outside the campaign, and a step that is done or was moved meanwhile."""
    why = required(why, NO_WHY, 300)
    if due_on == task.due_on:
        raise CampaignRefused(NOT_MOVED)
    if due_on < local_day(at):
        raise CampaignRefused(MOVED_INTO_PAST.format(day=f"{due_on:%Y-%m-%d}"))
    _check_day(task.campaign, due_on)
    with transaction.atomic():
        hold_open(task.campaign)
        _claim(task, moves=task.moves + 1, **_days(due_on, at))
        text = f"{task.name}由 {task.due_on:%Y-%m-%d} 改为 {due_on:%Y-%m-%d}：{why}"
        step(task.campaign, Action.MOVED, by=by, at=at, text=text)
    task.refresh_from_db()
    return task


def finish_task(*, task: Task, note: str, by: Officer, at: datetime) -> Task:
    """Note that a step was done, on the local day of `at`, and what was done. Refuses no note, and a step that is done."""
    note = required(note, NO_NOTE, 300)
    with transaction.atomic():
        hold_open(task.campaign)
        _claim(task, done_on=local_day(at), note=note, tell_since=None)
        step(task.campaign, Action.DONE, by=by, at=at, text=f"{task.name}：{note}")
    task.refresh_from_db()
    return task


def _claim(task: Task, **changes: object) -> None:
    if not Task.objects.filter(pk=task.pk, done_on=None, due_on=task.due_on).update(**changes):
        done = Task.objects.filter(pk=task.pk, done_on__isnull=False).exists()
        raise CampaignRefused(ALREADY_DONE if done else MOVED_ON)


def _check_day(campaign: Campaign, day: date) -> None:
    if not campaign.begins_on <= day <= campaign.ends_on:
        period = {"begins": f"{campaign.begins_on:%Y-%m-%d}", "ends": f"{campaign.ends_on:%Y-%m-%d}"}
        raise CampaignRefused(OUTSIDE_PERIOD.format(**period))


def _days(due_on: date, at: datetime) -> dict[str, object]:
    calendar = work_calendar(at)
    return {
        "due_on": due_on,
        "warn_on": periods.working_days_before(due_on, WARN_WORKDAYS, calendar, provisional=True),
        "tell_since": max(opening_before(due_on, WARN_WORKDAYS, at), at),
    }


# -- what was told -----------------------------------------------------------------------------------------------------


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """Remember that these were told, so that nobody is told twice; how many were still to be told. Once it is told that a
    step is near its day, the next thing is that it slipped, from the day after. Harmless twice."""
    with transaction.atomic():
        told = 0
        for key, row in list(rows_named(keys)):
            then = opening_of(row.due_on + timedelta(days=1), at) if key.endswith(f":{NEAR}") else None
            rows = Task.objects.filter(pk=row.pk, tell_since=row.tell_since, tell_since__lte=at)
            told += rows.update(tell_since=then)
        return told


def tell_again(keys: Iterable[str], *, at: datetime) -> int:
    """Have what these keys name told once more, from `at` on, to whoever answers for it by then; how many they were."""
    named = [row.pk for _, row in rows_named(keys)]
    return Task.objects.filter(pk__in=named, done_on=None).update(tell_since=at)
