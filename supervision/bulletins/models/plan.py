"""When the bulletins of a unit come out by themselves, and what stands at the head and the foot of them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from cases.models import Unit
from cases.statute.workdays import WEEKDAY_NAMES
from supervision.bulletins.models.bulletin import BulletinKind
from supervision.bulletins.rules import life, planning

WEEKDAYS = tuple(enumerate(WEEKDAY_NAMES))
PLANNED = tuple((kind.value, kind.label) for kind in BulletinKind.planned())


class BulletinPlan(models.Model):
    """When bulletins of a kind come out for a unit (编发计划), and whether somebody must sign them first.

    `weekday` is read for weeks only, `working_day` for months only: the n-th working day after the month. Absence of a
    row: none come out by themselves; what is made by hand is signed or not as its kind has it.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    kind = models.CharField("种类", max_length=10, choices=PLANNED)
    leaves_at = models.TimeField("编发时间", default=planning.LEAVES_AT)
    weekday = models.PositiveSmallIntegerField(
        "周点评在周几以后的首个工作日", choices=WEEKDAYS, default=planning.MONDAY
    )
    working_day = models.PositiveSmallIntegerField(
        "月通报在第几个工作日", default=1, validators=(MinValueValidator(1), MaxValueValidator(15))
    )
    waits = models.BooleanField("须经签批", default=False)
    active = models.BooleanField("在用", default=True)
    entered_at = models.DateTimeField("启用时间")

    class Meta:
        verbose_name = "编发计划"
        verbose_name_plural = "编发计划"
        ordering = ("unit_id", "id")
        constraints = (
            # A unit has one plan a kind.
            models.UniqueConstraint(
                fields=("unit", "kind"), name="plan_once_a_kind", violation_error_message="这个单位的这一种通报已有计划"
            ),
            # What has an occasion of its own is not planned.
            models.CheckConstraint(condition=Q(kind__in=BulletinKind.planned()), name="plan_is_of_a_regular_kind"),
            # A week has seven days.
            models.CheckConstraint(condition=Q(weekday__lte=6), name="plan_weekday_exists"),
            # A month has fifteen working days at least, whatever the holidays.
            models.CheckConstraint(
                condition=Q(working_day__gte=1, working_day__lte=15), name="plan_working_day_exists"
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit}{self.get_kind_display()}"

    def rule(self) -> planning.Plan:
        """The plan as the rules read it."""
        return planning.Plan(
            kind=life.Kind(self.kind),
            since=self.entered_at.astimezone(ZoneInfo(settings.TIME_ZONE)),
            leaves_at=self.leaves_at,
            weekday=self.weekday,
            working_day=self.working_day,
        )


class Letterhead(models.Model):
    """What stands at the head and the foot of a unit's bulletins (版式要素). Absence of a row: the unit's own name."""

    unit = models.OneToOneField(Unit, models.CASCADE, related_name="+", verbose_name="单位")
    body = models.CharField("发文机关", max_length=60, help_text="印在红头和落款处，例如“某县公安局法制大队”")
    head = models.CharField("机关代字", max_length=20, help_text="文号由它开头，例如“某公法监”")
    addressees = models.CharField("主送", max_length=200, blank=True, help_text="不填，则为“各单位”")
    copies = models.CharField("抄送", max_length=200, blank=True)

    class Meta:
        verbose_name = "版式要素"
        verbose_name_plural = "版式要素"
        ordering = ("unit_id",)

    def __str__(self) -> str:
        return f"{self.unit}通报版式"
