"""What of a ladder a unit may say for itself, and the manners in which clocks are pressed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from cases.models.limit import Ladder, Limit
from cases.models.officer import Officer
from cases.models.unit import Unit
from cases.statute.ladders import Conduct, Demand
from cases.statute.ladders import Manner as StatuteManner


class LevelDemand(models.IntegerChoices):
    """What a level of a warning asks for."""

    NONE = Demand.NONE.value, "不要求"
    ACKNOWLEDGEMENT = Demand.ACKNOWLEDGEMENT.value, "答复"
    ORDER = Demand.ORDER.value, "整改"


class Manner(models.Model):
    """One manner in which clocks are pressed (督促方式): for each level, whether people are told and what is asked.

    Found or made by the winding from the ladder, the unit's own ladder and whose limit it is; never edited. There are as
    many rows as there are different manners, not clocks. Absence on a clock: it is quiet and asks for nothing.
    """

    yellow_loud = models.BooleanField("黄色通知")
    yellow_demands = models.PositiveSmallIntegerField("黄色要求", choices=LevelDemand)
    yellow_grade = models.CharField("黄色整改级别", max_length=12, blank=True)
    yellow_within = models.PositiveSmallIntegerField("黄色整改工作日", default=0)
    orange_loud = models.BooleanField("橙色通知")
    orange_demands = models.PositiveSmallIntegerField("橙色要求", choices=LevelDemand)
    orange_grade = models.CharField("橙色整改级别", max_length=12, blank=True)
    orange_within = models.PositiveSmallIntegerField("橙色整改工作日", default=0)
    red_loud = models.BooleanField("超期通知")
    red_demands = models.PositiveSmallIntegerField("超期要求", choices=LevelDemand)
    red_grade = models.CharField("超期整改级别", max_length=12, blank=True)
    red_within = models.PositiveSmallIntegerField("超期整改工作日", default=0)
    head_after = models.PositiveSmallIntegerField("到负责人的工作日")
    legal_after = models.PositiveSmallIntegerField("到法制民警的工作日")
    leader_after = models.PositiveSmallIntegerField("到局领导的工作日")

    class Meta:
        verbose_name = "督促方式"
        verbose_name_plural = "督促方式"
        constraints = (
            # Each manner is one row.
            models.UniqueConstraint(
                fields=(
                    *(f"{level}_{part}" for level in ("yellow", "orange", "red") for part in ("loud", "demands")),
                    *(f"{level}_{part}" for level in ("yellow", "orange", "red") for part in ("grade", "within")),
                    *("head_after", "legal_after", "leader_after"),
                ),
                name="manner_is_one_row",
            ),
            # Silence lasts a day at least before somebody else hears of it.
            models.CheckConstraint(
                condition=Q(head_after__gte=1, legal_after__gte=1, leader_after__gte=1), name="manner_climbs_by_days"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk}"

    def conduct(self, level: int) -> Conduct:
        """What comes with a level (1 yellow, 2 orange, 3 red)."""
        name = ("yellow", "orange", "red")[level - 1]
        said: Any = [getattr(self, f"{name}_{part}") for part in ("loud", "demands", "grade", "within")]
        return Conduct(said[0], Demand(said[1]), said[2], said[3])

    def value(self) -> StatuteManner:
        """The row as the pure core knows it."""
        climbs = (self.head_after, self.legal_after, self.leader_after)
        return StatuteManner(self.conduct(1), self.conduct(2), self.conduct(3), climbs)

    @classmethod
    def row_of(cls, manner: StatuteManner) -> Manner:
        """A row, not yet written, that says this."""
        said = {
            f"{level}_{part}": getattr(getattr(manner, level), part)
            for level in ("yellow", "orange", "red")
            for part in ("loud", "demands", "grade", "within")
        }
        head, legal, leader = manner.climbs
        return cls(**said, head_after=head, legal_after=legal, leader_after=leader)


class UnitLadder(models.Model):
    """A unit's own copy of a ladder, for itself and all below it (单位阶梯); with a limit, for that limit alone.

    It may be stricter than the ladder above it, not slacker. The nearest unit that has one wins. Absence: what holds
    above holds here. Changed through `cases.ladders`, which has the clocks concerned rewound.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="ladders", verbose_name="单位")
    ladder = models.ForeignKey(Ladder, models.PROTECT, related_name="copies", verbose_name="预警阶梯")
    limit = models.ForeignKey(
        Limit, models.PROTECT, null=True, blank=True, related_name="unit_ladders", verbose_name="只用于时限"
    )
    yellow = models.JSONField("黄色")
    orange = models.JSONField("橙色")
    red = models.JSONField("超期", default=dict, blank=True)
    climbs = models.JSONField("逐级上报", default=list, blank=True)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="设定人")
    at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = "单位阶梯"
        verbose_name_plural = "单位阶梯"
        ordering = ("unit__path", "ladder_id", "limit_id")
        constraints = (
            # A unit says it once for a ladder.
            models.UniqueConstraint(
                fields=("unit", "ladder"), condition=Q(limit=None), name="unit_ladder_once_for_a_ladder"
            ),
            # And once for a limit.
            models.UniqueConstraint(
                fields=("unit", "ladder", "limit"),
                condition=Q(limit__isnull=False),
                name="unit_ladder_once_for_a_limit",
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit} {self.limit or self.ladder}"
