"""Runs of the jobs, and who asked for one out of turn. Nothing here says what a case is about."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Officer


class Outcome(models.TextChoices):
    """How a run ended, as far as anybody knows."""

    RUNNING = "running", "正在运行"
    GOOD = "good", "成功"
    FAILED = "failed", "失败"
    LOST = "lost", "中断"

    @classmethod
    def ended(cls) -> tuple[Outcome, ...]:
        """Whoever ran it saw its end."""
        return (cls.GOOD, cls.FAILED)


class JobRun(models.Model):
    """One run of one background job (运行记录). Bounded: the latest of each job, its last good and its last failed one.

    `done` is the number the job answered with: how many rows it dealt with; null where it counts nothing. `worker` is
    the name of the process that ran it. `error` never holds the error's own text.
    """

    job = models.CharField("任务", max_length=100)
    task_id = models.CharField("任务标识", max_length=50, db_index=True)
    worker = models.CharField("执行进程", max_length=120, blank=True)
    started_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    outcome = models.CharField("结果", max_length=10, choices=Outcome, default=Outcome.RUNNING)
    done = models.PositiveBigIntegerField("办理数", null=True, blank=True)
    error = models.CharField("失败原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "运行记录"
        verbose_name_plural = "运行记录"
        ordering = ("-id",)
        permissions = (("run_job", "可以立即运行任务"),)
        constraints = (
            # A run that came to its end says when, and no other does.
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.ended(), ended_at__isnull=False)
                | (~Q(outcome__in=Outcome.ended()) & Q(ended_at=None)),
                name="ended_run_says_when",
            ),
            # A failed run says why, and no other does.
            models.CheckConstraint(
                condition=(Q(outcome=Outcome.FAILED) & ~Q(error="")) | (~Q(outcome=Outcome.FAILED) & Q(error="")),
                name="failed_run_says_why",
            ),
        )
        indexes = (
            # The latest runs of a job.
            models.Index(fields=("job", "-id"), name="runs_of_a_job"),
            # What a worker that is gone left behind.
            models.Index(fields=("worker",), condition=Q(outcome=Outcome.RUNNING), name="runs_without_an_end"),
        )

    def __str__(self) -> str:
        return f"{self.job} {self.get_outcome_display()}"


class JobRequest(models.Model):
    """A run somebody asked for out of turn (立即运行). Append-only, by database trigger.

    `queued_at` is filled in once, when the queue took it; without it the queue could not be reached.
    """

    job = models.CharField("任务", max_length=100)
    task_id = models.CharField("任务标识", max_length=50, unique=True)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="操作人")
    asked_at = models.DateTimeField("提出时间")
    queued_at = models.DateTimeField("排队时间", null=True, blank=True)

    class Meta:
        verbose_name = "立即运行"
        verbose_name_plural = "立即运行"
        ordering = ("-id",)
        indexes = (
            # Whether a job was asked for a moment ago.
            models.Index(fields=("job", "asked_at"), name="requests_of_a_job"),
        )

    def __str__(self) -> str:
        return f"{self.job} {self.by}"
