"""A timetable of two lines, and runs of theirs."""

from datetime import UTC, datetime, timedelta

from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from supervision.operations.models import JobRun, Outcome

# Ten o'clock in Shanghai.
AT = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)


def plan(
    name: str = "每分钟扫描预警", task: str = "alerts.sweep", *, minute: str = "*", hour: str = "*"
) -> PeriodicTask:
    hours = CrontabSchedule.objects.create(minute=minute, hour=hour, timezone="Asia/Shanghai")
    return PeriodicTask.objects.create(name=name, task=task, crontab=hours)


def plan_every(seconds: int) -> PeriodicTask:
    every = IntervalSchedule.objects.create(every=seconds, period=IntervalSchedule.SECONDS)
    return PeriodicTask.objects.create(name="间隔", task="alerts.climb", interval=every)


def ran(
    outcome: Outcome = Outcome.GOOD,
    *,
    job: str = "alerts.sweep",
    ago: timedelta = timedelta(seconds=30),
    worker: str = "celery@one",
    task_id: str = "",
) -> JobRun:
    """A run that began so long before AT, and took a second if it came to an end."""
    started = AT - ago
    return JobRun.objects.create(
        job=job,
        task_id=task_id or f"{job}-{started.timestamp()}",
        worker=worker,
        started_at=started,
        ended_at=started + timedelta(seconds=1) if outcome in Outcome.ended() else None,
        outcome=outcome,
        error="程序出错，详见运行日志" if outcome == Outcome.FAILED else "",
    )
