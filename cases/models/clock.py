"""Clocks: limits running on matters. Derived from events and limits by the winding; read by the sweep."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cases.models.change import Change
from cases.models.event import Event
from cases.models.ladder import Manner
from cases.models.limit import Limit, LimitNature
from cases.models.matter import Matter
from cases.models.officer import Officer
from cases.models.scope import ScopedQuerySet, scope_index
from cases.models.unit import Unit


class ClockState(models.IntegerChoices):
    """How a clock stands. Void: the event that started it no longer counts."""

    RUNNING = 1, "计时中"
    PAUSED = 2, "暂停"
    STOPPED = 3, "已办结"
    RESTARTED = 4, "已重新起算"
    MOOT = 5, "不再需要"
    VOID = 6, "已作废"

    @classmethod
    def open_states(cls) -> tuple[ClockState, ...]:
        return (cls.RUNNING, cls.PAUSED)


class Level(models.IntegerChoices):
    """How near its end a clock is."""

    GREEN = 0, "正常"
    YELLOW = 1, "黄色预警"
    ORANGE = 2, "橙色预警"
    RED = 3, "已超期"

    @property
    def sign(self) -> str:
        """A mark beside the colour, so that colour is never the only sign."""
        return ("●", "▲", "◆", "■")[self.value]


def is_running(prefix: str = "") -> Q:
    """Clocks that run; `prefix` leads to the clock. That they have not ended is said too, as indexes of open clocks ask."""
    return Q(**{f"{prefix}state": ClockState.RUNNING, f"{prefix}ended_at": None})


def is_open() -> Q:
    """Clocks that run or are paused."""
    return Q(state__in=ClockState.open_states(), ended_at=None)


class ClockQuerySet(ScopedQuerySet["Clock"]):
    matter_path = "matter"

    def running(self) -> ClockQuerySet:
        return self.filter(is_running())

    def open(self) -> ClockQuerySet:
        return self.filter(is_open())

    def overdue(self, at: datetime) -> ClockQuerySet:
        """Running and out of time at the moment `at`."""
        return self.running().filter(due_at__lte=at)

    def due_between(self, begins: datetime, ends: datetime) -> ClockQuerySet:
        """Running and running out in the half-open period."""
        return self.running().filter(due_at__gt=begins, due_at__lte=ends)

    def counted(self) -> ClockQuerySet:
        """Limits that bind the unit itself: duties and ceilings, not other people's rights.

        The others are left out and not these joined: a count up to a cap would read the limit of every row.
        """
        return self.exclude(limit__in=Limit.objects.exclude(nature__in=LimitNature.counted()))

    def _unrestricted(self) -> Q:
        return Q(restricted=False)


class Clock(models.Model):
    """A limit running on a matter from a start event (时钟).

    `due_on` is the last lawful day, `due_at` the moment from which it is late; both empty while paused. `nominal_on` is
    the last day before it was rolled past days off. `next_level_at` is when the level changes next and the only thing
    the sweep looks for. `restricted` is the matter's, which never changes. `unsettled` says that a warning raised on it may no longer stand.
    """

    matter = models.ForeignKey(Matter, models.PROTECT, db_index=False, related_name="clocks", verbose_name="事项")
    limit = models.ForeignKey(Limit, models.PROTECT, related_name="clocks", verbose_name="时限")
    start_event = models.ForeignKey(Event, models.PROTECT, db_index=False, related_name="+", verbose_name="起算节点")
    ended_by = models.ForeignKey(
        Event, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="终止节点"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, db_index=False, related_name="clocks", verbose_name="经办人"
    )
    restricted = models.BooleanField("仅经办人可见", default=False)
    started_at = models.DateTimeField("起算时间")
    nominal_on = models.DateField("顺延前末日", null=True)
    due_on = models.DateField("届满日", null=True)
    due_at = models.DateTimeField("届满时刻", null=True)
    yellow_at = models.DateTimeField("转黄时刻", null=True)
    orange_at = models.DateTimeField("转橙时刻", null=True)
    next_level_at = models.DateTimeField("下次变级时刻", null=True)
    manner = models.ForeignKey(
        Manner, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="督促方式"
    )
    level = models.PositiveSmallIntegerField("级别", choices=Level, default=Level.GREEN)
    state = models.PositiveSmallIntegerField("状态", choices=ClockState)
    ended_at = models.DateTimeField("终止时间", null=True)
    late = models.BooleanField("超期办结", default=False)
    provisional = models.BooleanField("暂定", default=False)
    tier = models.CharField("档次", max_length=40, blank=True)
    faults = models.JSONField("问题", default=list, blank=True)
    unsettled = models.BooleanField("预警待核", default=False)

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = "时钟"
        verbose_name_plural = "时钟"
        constraints = (
            # A limit runs once from one event.
            models.UniqueConstraint(fields=("matter", "limit", "start_event"), name="clock_runs_once_from_an_event"),
            # A running clock is due at some moment.
            models.CheckConstraint(
                condition=~Q(state=ClockState.RUNNING) | Q(due_at__isnull=False), name="running_clock_is_due"
            ),
            # Only a running clock waits for its next level.
            models.CheckConstraint(
                condition=Q(next_level_at=None) | Q(state=ClockState.RUNNING), name="only_running_clock_changes_level"
            ),
            # An ended clock says when.
            models.CheckConstraint(
                condition=~Q(state__in=(ClockState.STOPPED, ClockState.RESTARTED)) | Q(ended_at__isnull=False),
                name="ended_clock_has_an_end",
            ),
            # An open clock has not ended.
            models.CheckConstraint(
                condition=~Q(state__in=(ClockState.RUNNING, ClockState.PAUSED)) | Q(ended_at=None),
                name="open_clock_has_no_end",
            ),
            # There are four levels.
            models.CheckConstraint(condition=Q(level__lte=Level.RED), name="clock_level_is_known"),
        )
        indexes = (
            *(scope_index("clock", level, "due_at") for level in ("city", "county", "station", "officer")),
            models.Index(fields=("due_at", "id"), name="clock_list_of_all"),
            # What is open or over, the longest first: ended clocks would lie before them in any other index.
            *(
                models.Index(
                    fields=(*level, "due_at", "id"),
                    condition=Q(ended_at=None),
                    name=f"clock_open_of_{'_'.join(level) or 'all'}",
                )
                for level in ((), ("city",), ("county",), ("station",))
            ),
            # The sweep.
            models.Index(fields=("next_level_at",), condition=Q(next_level_at__isnull=False), name="clock_sweep"),
            # What the sweep must look at again.
            models.Index(fields=("id",), condition=Q(unsettled=True), name="clock_unsettled"),
            # A change of the calendar.
            models.Index(fields=("nominal_on",), name="clock_by_nominal_day"),
            # Dates that wait for a year to be announced.
            models.Index(fields=("due_at", "id"), condition=Q(provisional=True), name="clock_provisional"),
        )

    def __str__(self) -> str:
        return f"{self.limit}"

    def days_left(self, today: date) -> int | None:
        """Calendar days from `today` (local) to the due day; negative once it is over; none for hours or a pause."""
        return None if self.due_on is None else (self.due_on - today).days


class ClockMove(models.Model):
    """A due moment that moved (届满变动): from when to when, when and why. Append-only."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="moves", verbose_name="时钟")
    moved_at = models.DateTimeField("变动时间")
    old_due_at = models.DateTimeField("原届满", null=True)
    new_due_at = models.DateTimeField("现届满", null=True)
    reason = models.CharField("原因", max_length=200)
    # The change of the law or calendar that moved it, if it was one.
    change = models.ForeignKey(
        Change, models.PROTECT, null=True, db_index=False, related_name="moves", verbose_name="变更"
    )

    class Meta:
        verbose_name = "届满变动"
        verbose_name_plural = "届满变动"
        ordering = ("moved_at", "id")
        indexes = (
            # What a change moved.
            models.Index(fields=("change", "clock"), condition=Q(change__isnull=False), name="moves_of_a_change"),
        )

    def __str__(self) -> str:
        old, new = (
            f"{timezone.localtime(due):%Y-%m-%d %H:%M}" if due else "无" for due in (self.old_due_at, self.new_due_at)
        )
        return f"{old} → {new}"


class PendingWinding(models.Model):
    """A matter whose clocks are to be rewound (待算): written with what made it so, removed by the winding itself.

    With an error it waits for a person: the round went on without it and failed aloud at its end.
    """

    matter = models.OneToOneField(Matter, models.CASCADE, primary_key=True, verbose_name="事项")
    cause = models.CharField("原因", max_length=200)
    asked_at = models.DateTimeField("提出时间")
    error = models.CharField("出错原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "待算事项"
        verbose_name_plural = "待算事项"

    def __str__(self) -> str:
        return f"{self.matter_id}"
