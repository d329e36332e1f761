"""Rounds of return visits: what was drawn from, how, and of which units."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from cases.models import Officer, Unit
from cases.models.scope import over_units, scope_index
from supervision.returnvisits.rules import METHOD, MOST_A_UNIT


class Basis(models.TextChoices):
    """Which day of a matter lies in the period."""

    CLOSED = "closed", "办结日期"
    OPENED = "opened", "发生日期"


class VisitRoundQuerySet(models.QuerySet["VisitRound"]):
    def open(self) -> VisitRoundQuerySet:
        return self.filter(closed_at=None)

    def visible_to(self, officer: Officer) -> VisitRoundQuerySet:
        """Rounds drawn under the officer's units, and those in which one of his units was drawn from."""
        own = over_units(officer)
        if own is None:
            return self
        parts = RoundUnit.objects.filter(over_units(officer, "unit__") or Q(), round=OuterRef("pk"))
        return self.filter(own | Q(Exists(parts)))


class VisitRound(models.Model):
    """One sample of matters drawn to ask the people concerned how they were served (回访批次).

    What it was drawn from (`kinds`, the days, the unit and those below) and how (`method`, `seed`, `per_unit`) never
    changes; `frame_digest` is over the whole frame, whose matters are kept unit by unit, so that the draw can be done
    again by anybody. Open until `closed_at`.
    """

    title = models.CharField("批次名称", max_length=100)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="范围（单位）")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    kinds = models.JSONField("事项种类", help_text="种类代码")
    basis = models.CharField("日期依据", max_length=8, choices=Basis)
    from_on = models.DateField("自")
    until_on = models.DateField("至")
    per_unit = models.PositiveSmallIntegerField("每单位件数")
    method = models.CharField("抽取方法", max_length=20, default=METHOD)
    seed = models.CharField("随机种子", max_length=64)
    seed_given = models.BooleanField("种子由人给定", default=False)
    frame_size = models.PositiveIntegerField("总体件数")
    frame_digest = models.CharField("总体摘要（SHA-256）", max_length=64)
    reply_until = models.DateField("答复截止日")
    drawn_at = models.DateTimeField("抽取时间")
    drawn_by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="抽取人")
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="结束人"
    )

    objects = VisitRoundQuerySet.as_manager()

    class Meta:
        verbose_name = "回访批次"
        verbose_name_plural = "回访批次"
        constraints = (
            # A period does not end before it begins.
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="round_ends_after_it_begins"),
            # A sample is drawn of something, and by a number.
            models.CheckConstraint(
                condition=Q(per_unit__gte=1, per_unit__lte=MOST_A_UNIT, frame_size__gte=1), name="round_draws_something"
            ),
            # A draw without its seed and digest could not be done again.
            models.CheckConstraint(condition=~Q(seed="") & ~Q(frame_digest=""), name="round_can_be_drawn_again"),
            # What is closed says when and by whom.
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="closed_round_says_by_whom",
            ),
        )
        indexes = (
            *(scope_index("visitround", level, "drawn_at") for level in ("city", "county", "station")),
            models.Index(fields=("drawn_at", "id"), name="visitround_list_of_all"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """The number of the round: the local year it was drawn in and the number of the row, the same for ever."""
        return f"回访〔{timezone.localtime(self.drawn_at).year}〕{self.pk}号"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class RoundUnit(models.Model):
    """What a round was drawn from in one unit (回访批次单位): the matters of the frame by kind and number, and how many of
    them were drawn. No row: nothing of the unit was in the frame."""

    round = models.ForeignKey(VisitRound, models.PROTECT, related_name="parts", verbose_name="回访批次")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    frame = models.JSONField("总体")
    frame_size = models.PositiveIntegerField("总体件数")
    drawn = models.PositiveSmallIntegerField("抽取件数")

    class Meta:
        verbose_name = "回访批次单位"
        verbose_name_plural = "回访批次单位"
        ordering = ("round_id", "unit__path")
        constraints = (
            # A unit is drawn from once in a round.
            models.UniqueConstraint(fields=("round", "unit"), name="round_draws_of_a_unit_once"),
            # No more is drawn than there is, and of what there is something.
            models.CheckConstraint(
                condition=Q(drawn__gte=1, drawn__lte=F("frame_size")), name="round_draws_no_more_than_there_is"
            ),
        )

    def __str__(self) -> str:
        return f"{self.round} {self.unit}"
