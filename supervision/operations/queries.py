"""How each scheduled job stands, and what is stuck behind them. Counts only: nothing here says what a case is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django_celery_beat.models import PeriodicTask

from cases.models import Batch, BatchState, PendingWinding
from supervision.bulletins.models import Letter, LetterState
from supervision.operations import rules
from supervision.operations.models import JobRequest, JobRun, Outcome
from supervision.operations.rules import JobFacts, JobStanding
from supervision.webhooks.models import Delivery, DeliveryState

# Celery's own, which sweeps what this product never stores.
NOT_OURS = "celery."
REQUESTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable with what is known of its runs."""

    planned: PeriodicTask
    standing: JobStanding
    good: JobRun | None
    failed: JobRun | None
    latest: JobRun | None


Lookups = Mapping[str, Any]


class Kept(StrEnum):
    """What may be stuck."""

    BULLETIN_LETTERS = "bulletin_letters"
    NOTICE_LETTERS = "notice_letters"
    WEBHOOKS = "webhooks"
    IMPORTS = "imports"
    WINDINGS = "windings"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What lies behind the jobs: overdue, broken off half way, failed for good; and since when the oldest waits.

    `conditions` says of each of the three by which columns its rows are found.
    """

    what: Kept
    name: str
    overdue: int
    broken_off: int
    failed: int
    oldest_at: datetime | None
    conditions: Mapping[str, Lookups]

    @property
    def stuck(self) -> int:
        return self.overdue + self.broken_off + self.failed

    @property
    def numbers(self) -> dict[str, int]:
        return {"overdue": self.overdue, "broken_off": self.broken_off, "failed": self.failed}


def planned_jobs() -> QuerySet[PeriodicTask]:
    """The timetable as the administrator left it, without Celery's own."""
    return (
        PeriodicTask.objects.exclude(task__startswith=NOT_OURS)
        .select_related("crontab", "interval")
        .order_by("name", "pk")
    )


def jobs(*, at: datetime) -> list[Job]:
    """Every line of the timetable and how it stands; two questions to the database, however many there are."""
    planned = list(planned_jobs())
    return _with_runs(planned, at)


def job(pk: int, *, at: datetime) -> Job | None:
    """One line of the timetable; None when there is none."""
    found = _with_runs(list(planned_jobs().filter(pk=pk)), at)
    return found[0] if found else None


def runs_of(name: str) -> QuerySet[JobRun]:
    """The kept runs of a job, latest first."""
    return JobRun.objects.filter(job=name).order_by("-id")


def requests_of(name: str) -> QuerySet[JobRequest]:
    """The latest runs of a job that somebody asked for."""
    return JobRequest.objects.filter(job=name).select_related("by").order_by("-id")[:REQUESTS_SHOWN]


def due_after(planned: PeriodicTask, moment: datetime) -> datetime | None:
    """The first moment after `moment` at which the line wants a run; None where it goes by no clock."""
    if planned.crontab is not None:
        start, step, _ = planned.crontab.schedule.remaining_delta(moment, tz=planned.crontab.timezone)
        due: datetime = start + step
        return due
    if planned.interval is not None:
        return moment + planned.interval.schedule.run_every
    return None


def _with_runs(planned: list[PeriodicTask], at: datetime) -> list[Job]:
    runs: dict[str, list[JobRun]] = defaultdict(list)
    for run in JobRun.objects.filter(job__in={line.task for line in planned}).order_by("-id"):
        runs[run.job].append(run)
    return [_job(line, runs[line.task], at) for line in planned]


def _job(planned: PeriodicTask, runs: list[JobRun], at: datetime) -> Job:
    """`runs` come latest first."""

    def last(outcome: Outcome) -> JobRun | None:
        return next((run for run in runs if run.outcome == outcome), None)

    good, failed, running, lost = (
        last(outcome) for outcome in (Outcome.GOOD, Outcome.FAILED, Outcome.RUNNING, Outcome.LOST)
    )
    since = good.started_at if good else (runs[-1].started_at if runs else None)
    facts = JobFacts(
        enabled=planned.enabled,
        good_at=good.started_at if good else None,
        failed_at=failed.started_at if failed else None,
        running_since=running.started_at if running else None,
        lost_at=lost.started_at if lost else None,
        due_at=due_after(planned, since) if since else None,
    )
    return Job(planned, rules.standing_of(facts, at=at), good, failed, runs[0] if runs else None)


def backlogs(*, at: datetime) -> list[Backlog]:
    """What is stuck in the outbox, on its way to other systems, in imports and before the clocks; one question each."""
    long_ago = at - rules.WAITS_AT_MOST
    return [
        _letters(Kept.BULLETIN_LETTERS, "通报信件", {"notice__isnull": True}, at),
        _letters(Kept.NOTICE_LETTERS, "通知信件", {"notice__isnull": False}, at),
        _counted(
            Kept.WEBHOOKS,
            "对外推送",
            Delivery.objects.all(),
            "queued_at",
            overdue={"next_try_at__lte": long_ago},
            failed={"state__exact": DeliveryState.GIVEN_UP},
        ),
        _counted(
            Kept.IMPORTS,
            "导入",
            Batch.objects.all(),
            "started_at",
            broken_off={"state__exact": BatchState.LOADING, "started_at__lte": at - rules.STUCK_AFTER},
        ),
        _counted(
            Kept.WINDINGS,
            "待算时钟",
            PendingWinding.objects.all(),
            "asked_at",
            overdue={"error__exact": "", "asked_at__lte": long_ago},
            failed={"error__gt": ""},
        ),
    ]


def numbers_among(backlog: Backlog, rows: QuerySet[Any]) -> dict[str, int]:
    """How many of the rows that are stuck are among those somebody may see, of each kind; one question."""
    return dict(
        rows.aggregate(**{how: Count("pk", filter=Q(**condition)) for how, condition in backlog.conditions.items()})
    )


def _letters(what: Kept, name: str, which: Lookups, at: datetime) -> Backlog:
    return _counted(
        what,
        name,
        Letter.objects.all(),
        "queued_at",
        overdue={
            **which,
            "state__in": LetterState.waiting(),
            "next_try_at__lte": at - rules.WAITS_AT_MOST,
        },
        broken_off={**which, **Letter.left_behind(at)},
        failed={**which, "state__exact": LetterState.FAILED},
    )


def _counted(what: Kept, name: str, rows: QuerySet[Any], since: str, **conditions: Lookups) -> Backlog:
    any_of = Q()
    for condition in conditions.values():
        any_of |= Q(**condition)
    found = rows.filter(any_of).aggregate(
        oldest=Min(since), **{how: Count("pk", filter=Q(**condition)) for how, condition in conditions.items()}
    )
    overdue, broken_off, failed = (found.get(how, 0) for how in ("overdue", "broken_off", "failed"))
    return Backlog(what, name, overdue, broken_off, failed, found["oldest"], conditions)
