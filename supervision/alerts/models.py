"""Warnings on clocks, and the ledger of everything that happened to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.duty import Rung
from cases.models import Clock, Level, LevelDemand, Officer, Unit
from cases.models.scope import ScopedQuerySet, scope_index
from supervision.rectification.models import Order


class AlertState(models.TextChoices):
    """How a warning stands: it waits for a word, has one, has led to an order, or stands no more."""

    OPEN = "open", "待处理"
    ACKNOWLEDGED = "acknowledged", "已答复"
    ORDERED = "ordered", "已转整改"
    WITHDRAWN = "withdrawn", "已撤销"

    @classmethod
    def standing(cls) -> tuple[AlertState, ...]:
        return (cls.OPEN, cls.ACKNOWLEDGED, cls.ORDERED)


class Action(models.TextChoices):
    """What a step records."""

    RAISED = "raised", "预警"
    REOPENED = "reopened", "恢复"
    WITHDRAWN = "withdrawn", "撤销"
    ACKNOWLEDGED = "acknowledged", "答复"
    CLIMBED = "climbed", "上报"
    ORDERED = "ordered", "转整改"
    HANDED = "handed", "移交"


class Withdrawal(models.TextChoices):
    """Why a warning no longer stands."""

    STOPPED = "stopped", "时钟已终止"
    MOVED = "moved", "届满日已变动"
    VOIDED = "voided", "起算节点已作废"
    PAUSED = "paused", "时钟已暂停"
    CORRECTED = "corrected", "数据已更正"
    EARLY = "early", "预警时刻已变动"


class AlertQuerySet(ScopedQuerySet["Alert"]):
    matter_path = "clock__matter"

    def open(self) -> AlertQuerySet:
        """Those that wait for a word."""
        return self.filter(state=AlertState.OPEN, ended_at=None)

    def standing(self) -> AlertQuerySet:
        """Whatever was said about them or ordered: all that are not withdrawn."""
        return self.filter(ended_at=None)

    def untold(self) -> AlertQuerySet:
        """Those somebody is to be told of."""
        return self.filter(tell_since__isnull=False)

    def wanting_order(self) -> AlertQuerySet:
        """Those whose level demands an order and that have none."""
        return self.filter(ended_at=None, demands=LevelDemand.ORDER, order=None)

    def _unrestricted(self) -> Q:
        return Q(restricted=False)


class Alert(models.Model):
    """A warning on one clock for one due moment (预警): the highest level reached and whether it still stands.

    State, level and rung are what the last step says. A clock whose due moment moves gets a new warning in its time.
    `rung` is how far up the chain it has come, `climbs_at` when the next one gets it if nothing is said until then (empty:
    it goes no further). `tell_since` is since when whoever answers at the rung is to be told, empty once told or settled.
    `demands` is what its level asks for. The last word said of it is `said`, by `said_by` at `said_at`; `next_on` is the
    day it is promised to be looked at again. `restricted` is the clock's, which never changes.
    """

    clock = models.ForeignKey(Clock, models.PROTECT, db_index=False, related_name="alerts", verbose_name="时钟")
    due_at = models.DateTimeField("届满时刻")
    level = models.PositiveSmallIntegerField("级别", choices=Level)
    state = models.CharField("状态", max_length=12, choices=AlertState, default=AlertState.OPEN)
    rung = models.PositiveSmallIntegerField("层级", choices=Rung, default=Rung.OFFICER)
    demands = models.PositiveSmallIntegerField("要求", choices=LevelDemand, default=LevelDemand.NONE)
    climbs_at = models.DateTimeField("下次上报时刻", null=True, blank=True)
    tell_since = models.DateTimeField("待通知自", null=True, blank=True)
    said_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="答复人"
    )
    said_at = models.DateTimeField("答复时间", null=True, blank=True)
    said = models.CharField("答复", max_length=500, blank=True)
    next_on = models.DateField("下次时间", null=True, blank=True)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, db_index=False, related_name="alerts", verbose_name="整改"
    )
    raised_at = models.DateTimeField("首次预警时间")
    ended_at = models.DateTimeField("撤销时间", null=True, blank=True)
    reason = models.CharField("撤销原因", max_length=10, choices=Withdrawal, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, db_index=False, related_name="alerts", verbose_name="经办人"
    )
    restricted = models.BooleanField("仅经办人可见", default=False)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = "预警"
        verbose_name_plural = "预警"
        permissions = (("acknowledge_alert", "答复预警"), ("order_alert", "对预警下达整改"))
        constraints = (
            # A clock is warned of once for each due moment.
            models.UniqueConstraint(fields=("clock", "due_at"), name="alert_once_for_a_due_moment"),
            # At most one standing warning a clock.
            models.UniqueConstraint(fields=("clock",), condition=Q(ended_at=None), name="one_standing_alert_a_clock"),
            # A withdrawn warning says when and why, and nobody waits for it or is told of it.
            models.CheckConstraint(
                condition=Q(state__in=AlertState.standing(), ended_at=None, reason="")
                | (
                    Q(state=AlertState.WITHDRAWN, ended_at__isnull=False, climbs_at=None, tell_since=None)
                    & ~Q(reason="")
                ),
                name="alert_withdrawn_says_why",
            ),
            # An acknowledgement has a name, a reason and a next day, and comes back to somebody when that is over.
            models.CheckConstraint(
                condition=~Q(state=AlertState.ACKNOWLEDGED)
                | (
                    Q(said_by__isnull=False, said_at__isnull=False, next_on__isnull=False, climbs_at__isnull=False)
                    & ~Q(said="")
                ),
                name="alert_acknowledged_by_name",
            ),
            # What is ordered has its order, and the order climbs by its own rules.
            models.CheckConstraint(
                condition=~Q(state=AlertState.ORDERED) | Q(order__isnull=False, climbs_at=None),
                name="alert_ordered_has_an_order",
            ),
            # There are four rungs and three demands.
            models.CheckConstraint(
                condition=Q(rung__lte=Rung.LEADER, demands__lte=LevelDemand.ORDER), name="alert_rung_is_known"
            ),
            # Green is not a warning.
            models.CheckConstraint(
                condition=Q(level__gte=Level.YELLOW, level__lte=Level.RED), name="alert_level_warns"
            ),
        )
        indexes = (
            *(scope_index("alert", level, "due_at") for level in ("city", "county", "station", "officer")),
            models.Index(fields=("due_at", "id"), name="alert_list_of_all"),
            # The same lists of what stands: what was withdrawn over the years would lie before it.
            *(
                models.Index(
                    fields=(*level, "due_at", "id"),
                    condition=Q(ended_at=None),
                    name=f"alert_standing_of_{'_'.join(level) or 'all'}",
                )
                for level in ((), ("city",), ("county",), ("station",))
            ),
            # And of what was withdrawn, before which all that stands would lie on a first day.
            *(
                models.Index(
                    fields=(*level, "due_at", "id"),
                    condition=Q(ended_at__isnull=False),
                    name=f"alert_ended_of_{'_'.join(level) or 'all'}",
                )
                for level in ((), ("city",), ("county",), ("station",))
            ),
            # What has climbed to somebody's desk: few, whatever stands below.
            *(
                models.Index(
                    fields=(level, "rung"), condition=Q(ended_at=None, rung__gt=0), name=f"alert_climbed_of_{level}"
                )
                for level in ("city", "county", "station")
            ),
            # What is new since somebody last looked.
            models.Index(fields=("raised_at",), condition=Q(ended_at=None), name="alert_fresh"),
            # The climb.
            models.Index(fields=("climbs_at",), condition=Q(climbs_at__isnull=False), name="alert_climb"),
            # What is to be told.
            models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="alert_untold"),
            # What is to be ordered.
            models.Index(
                fields=("id",),
                condition=Q(ended_at=None, demands=LevelDemand.ORDER, order=None),
                name="alert_wants_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.clock} {self.get_level_display()}"

    @property
    def seen(self) -> str:
        """How it stands, in short: two readings that differ in it were not of the same."""
        said = f"{self.said_at:%Y%m%d%H%M%S%f}" if self.said_at is not None else ""
        return f"{self.state}-{self.level}-{self.rung}-{said}"


class AlertStep(models.Model):
    """One thing that happened to a warning (预警台账). Append-only, by database trigger.

    `due_moment` is when the level was due to be reached, `found_at` when the sweep found it; they differ after a
    silence. `rung` is where it stood then; `text` and `next_on` are what was said, `by` who did it, nobody for what
    happened by itself.
    """

    clock = models.ForeignKey(Clock, models.PROTECT, db_index=False, related_name="alert_steps", verbose_name="时钟")
    due_at = models.DateTimeField("届满时刻")
    action = models.CharField("事由", max_length=12, choices=Action)
    level = models.PositiveSmallIntegerField("级别", choices=Level)
    due_moment = models.DateTimeField("应预警时刻")
    found_at = models.DateTimeField("处理时刻")
    reason = models.CharField("原因", max_length=10, choices=Withdrawal, blank=True)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="操作人")
    rung = models.PositiveSmallIntegerField("层级", choices=Rung, null=True)
    text = models.CharField("说明", max_length=500, blank=True, db_default="", default="")
    next_on = models.DateField("下次时间", null=True)

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
        indexes = (
            models.Index(fields=("found_at",), name="alert_steps_of_a_period"),
            # The story of a warning; its levels are found by the constraint above.
            models.Index(fields=("clock", "id"), condition=~Q(action=Action.RAISED), name="alert_steps_of_a_clock"),
        )

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.get_level_display()}"
