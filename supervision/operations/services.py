"""What is written about the runs of jobs, and the one thing an administrator may do: have a job run once, now."""

from __future__ import annotations

from datetime import datetime

from celery import current_app, uuid
from django.db import transaction
from django.db.models import Q
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError as QueueError

from cases.models import Officer
from supervision.operations import rules
from supervision.operations.models import JobRequest, JobRun, Outcome
from supervision.operations.refusals import (
    ASKED_ALREADY,
    QUEUE_DOWN,
    RUNNING_ALREADY,
    SWITCHED_OFF,
    JobRefused,
)

__all__ = ["JobRefused", "begin_run", "end_run", "lose_runs", "run_once"]


def begin_run(*, job: str, task_id: str, worker: str, at: datetime) -> JobRun:
    """Write that a run began.

    A run of the same task that never ended was broken off, as its message would not have come back otherwise; so was
    one of the same job older than anybody waits for.
    """
    open_runs = JobRun.objects.filter(outcome=Outcome.RUNNING)
    open_runs.filter(task_id=task_id).update(outcome=Outcome.LOST)
    open_runs.filter(job=job, started_at__lte=at - rules.GIVEN_UP_AFTER).update(outcome=Outcome.LOST)
    return JobRun.objects.create(job=job, task_id=task_id, worker=worker, started_at=at)


def end_run(*, job: str, task_id: str, done: int | None, error: str, at: datetime) -> None:
    """Write how a run ended, without an error well; a run nobody saw begin is left alone. Older runs of the job go."""
    JobRun.objects.filter(task_id=task_id, outcome=Outcome.RUNNING).update(
        outcome=Outcome.FAILED if error else Outcome.GOOD, ended_at=at, done=done, error=error
    )
    forget_runs(job=job)


def forget_runs(*, job: str) -> int:
    """Let go of all but the latest runs of a job, its last good, its last failed and those without an end. Answers how
    many went."""
    runs = JobRun.objects.filter(job=job)
    last = runs.order_by("-id").values_list("id", flat=True)
    beyond = last[rules.RUNS_KEPT : rules.RUNS_KEPT + 1].first()
    if beyond is None:
        return 0
    kept = [last.filter(outcome=outcome).first() for outcome in Outcome.ended()]
    gone, _ = (
        runs.filter(id__lte=beyond)
        .exclude(outcome=Outcome.RUNNING)
        .exclude(id__in=[pk for pk in kept if pk is not None])
        .delete()
    )
    return gone


def lose_runs(*, worker: str) -> int:
    """A worker of this name starts, so whatever an earlier one of the same name was at is broken off. Answers how many."""
    return JobRun.objects.filter(worker=worker, outcome=Outcome.RUNNING).update(outcome=Outcome.LOST)


def run_once(planned: PeriodicTask, *, by: Officer, at: datetime) -> JobRequest:
    """Queue the job for one run out of turn, and keep who asked.

    Refuses a job that is switched off, runs, or was asked for a moment ago and has not begun; and where the queue
    cannot be reached. The run itself is harmless beside the timetable's own.
    """
    with transaction.atomic():
        # Two who press at once come one after the other.
        planned = PeriodicTask.objects.select_for_update().get(pk=planned.pk)
        if not planned.enabled:
            raise JobRefused(SWITCHED_OFF.format(job=planned.name))
        if JobRun.objects.filter(
            job=planned.task, outcome=Outcome.RUNNING, started_at__gt=at - rules.STUCK_AFTER
        ).exists():
            raise JobRefused(RUNNING_ALREADY.format(job=planned.name))
        # Another's request that the queue has not yet answered stands in the way too, but one it never took does not.
        asked = JobRequest.objects.filter(
            Q(queued_at__isnull=False, asked_at__gt=at - rules.ASK_AGAIN_AFTER)
            | Q(queued_at=None, asked_at__gt=at - rules.QUEUE_ANSWERS_WITHIN),
            job=planned.task,
        ).values_list("task_id", flat=True)
        begun = JobRun.objects.filter(job=planned.task, task_id__in=list(asked)).values_list("task_id", flat=True)
        if set(asked) - set(begun):
            raise JobRefused(ASKED_ALREADY.format(job=planned.name))
        request = JobRequest.objects.create(job=planned.task, task_id=uuid(), by=by, asked_at=at)
    try:
        current_app.signature(planned.task).apply_async(task_id=request.task_id)
    except QueueError as error:
        raise JobRefused(QUEUE_DOWN) from error
    JobRequest.objects.filter(pk=request.pk, queued_at=None).update(queued_at=at)
    request.queued_at = at
    return request
