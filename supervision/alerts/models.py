"""Warnings on clocks, and the ledger of everything that happened to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Clock, Level, Officer, Unit
from cases.models.scope import ScopedQuerySet, scope_index


class AlertState(models.TextChoices):
    """How a warning stands."""

    OPEN = "open", "待处理"
    WITHDRAWN = "withdrawn", "已撤销"


class Action(models.TextChoices):
    """What a step records."""

    RAISED = "raised", "预警"
    REOPENED = "reopened", "恢复"
    WITHDRAWN = "withdrawn", "撤销"


class Withdrawal(models.TextChoices):
    """Why a warning no longer stands."""

    STOPPED = "stopped", "时钟已终止"
    MOVED = "moved", "届满日已变动"
    VOIDED = "voided", "起算节点已作废"
    PAUSED = "paused", "时钟已暂停"


class AlertQuerySet(ScopedQuerySet["Alert"]):
    matter_path = "clock__matter"

    def open(self) -> AlertQuerySet:
        return self.filter(state=AlertState.OPEN)

    def _unrestricted(self) -> Q:
        return Q(clock__matter__restricted=False)


class Alert(models.Model):
    """A warning on one clock for one due moment (预警): the highest level reached and whether it still stands.

    State and level are what the last step says. A clock whose due moment moves gets a new warning in its time.
    """

    clock = models.ForeignKey(Clock, models.PROTECT, db_index=False, related_name="alerts", verbose_name="时钟")
    due_at = models.DateTimeField("届满时刻")
    level = models.PositiveSmallIntegerField("级别", choices=Level)
    state = models.CharField("状态", max_length=10, choices=AlertState, default=AlertState.OPEN)
    raised_at = models.DateTimeField("首次预警时间")
    ended_at = models.DateTimeField("撤销时间", null=True, blank=True)
    reason = models.CharField("撤销原因", max_length=10, choices=Withdrawal, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    officer = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="alerts", verbose_name="经办人")

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = "预警"
        verbose_name_plural = "预警"
        constraints = (
            # A clock is warned of once for each due moment.
            models.UniqueConstraint(fields=("clock", "due_at"), name="alert_once_for_a_due_moment"),
            # At most one open warning a clock.
            models.UniqueConstraint(
                fields=("clock",), condition=Q(state=AlertState.OPEN), name="one_open_alert_a_clock"
            ),
            # A withdrawn warning says when and why.
            models.CheckConstraint(
                condition=Q(state=AlertState.OPEN, ended_at=None, reason="")
                | (Q(state=AlertState.WITHDRAWN, ended_at__isnull=False) & ~Q(reason="")),
                name="alert_withdrawn_says_why",
            ),
            # Green is not a warning.
            models.CheckConstraint(
                condition=Q(level__gte=Level.YELLOW, level__lte=Level.RED), name="alert_level_warns"
            ),
        )
        indexes = (
            *(scope_index("alert", level, "due_at") for level in ("city", "county", "station")),
            models.Index(fields=("due_at", "id"), name="alert_list_of_all"),
        )

    def __str__(self) -> str:
        return f"{self.clock} {self.get_level_display()}"


class AlertStep(models.Model):
    """One thing that happened to a warning (预警台账). Append-only, by database trigger.

    `due_moment` is when the level was due to be reached, `found_at` when the sweep found it; they differ after a
    silence.
    """

    clock = models.ForeignKey(Clock, models.PROTECT, db_index=False, related_name="alert_steps", verbose_name="时钟")
    due_at = models.DateTimeField("届满时刻")
    action = models.CharField("事由", max_length=10, choices=Action)
    level = models.PositiveSmallIntegerField("级别", choices=Level)
    due_moment = models.DateTimeField("应预警时刻")
    found_at = models.DateTimeField("处理时刻")
    reason = models.CharField("原因", max_length=10, choices=Withdrawal, blank=True)

    class Meta:
        verbose_name = "预警台账"
        verbose_name_plural = "预警台账"
        ordering = ("found_at", "id")
        constraints = (
            # A level is reached once for each due moment.
            models.UniqueConstraint(
                fields=("clock", "due_at", "level"),
                condition=Q(action=Action.RAISED),
                name="alert_step_once_for_level_and_due_moment",
            ),
        )
        indexes = (models.Index(fields=("found_at",), name="alert_steps_of_a_period"),)

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.get_level_display()}"
