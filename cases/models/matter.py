"""Matters: anything with a number, a kind, a unit, an officer and a life."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from cases.models.batch import Batch
from cases.models.officer import Officer
from cases.models.scope import ScopedQuerySet, scope_index
from cases.models.unit import Unit

if TYPE_CHECKING:
    from cases.models.event import Event  # noqa: F401


class MatterKind(models.Model):
    """A kind of matter (事项种类), a row of the catalogue: incident, administrative case, petition, seized item…"""

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    family = models.CharField("大类", max_length=20, blank=True)
    restricted = models.BooleanField("仅经办人可见", default=False)
    zone = models.CharField("时区", max_length=40, default="Asia/Shanghai")
    order = models.PositiveSmallIntegerField("排序", default=100)

    class Meta:
        verbose_name = "事项种类"
        verbose_name_plural = "事项种类"
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.name


class MatterQuerySet(ScopedQuerySet["Matter"]):
    matter_path = "pk"

    def standing(self) -> MatterQuerySet:
        """Not withdrawn with an undone batch."""
        return self.filter(withdrawn_at=None)

    def open(self) -> MatterQuerySet:
        return self.standing().filter(closed_at=None)

    def opened_between(self, begins: datetime, ends: datetime) -> MatterQuerySet:
        """Opened in the half-open period."""
        return self.standing().filter(opened_at__gte=begins, opened_at__lt=ends)

    def _unrestricted(self) -> Q:
        return Q(restricted=False)


class Matter(models.Model):
    """A matter under supervision (监督事项).

    `opened_at` and `closed_at` are readings of its events, kept by the winding. `facts` holds what limits may depend
    on (expedited, number of suspects, …). `restricted` is set when the matter is registered and never changes after, so
    that what hangs on it may keep a copy. A withdrawn matter came in with a batch that was undone.
    """

    kind = models.ForeignKey(MatterKind, models.PROTECT, db_index=False, verbose_name="种类")
    number = models.CharField("编号", max_length=64)
    title = models.CharField("名称", max_length=200, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="matters", verbose_name="办案单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    officer = models.ForeignKey(
        Officer,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="matters",
        verbose_name="经办人",
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="所属事项"
    )
    facts = models.JSONField("情形", default=dict, blank=True)
    restricted = models.BooleanField("仅经办人可见", default=False)
    opened_at = models.DateTimeField("发生时间", null=True, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, verbose_name="导入批次")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True, editable=False)

    objects = MatterQuerySet.as_manager()

    class Meta:
        verbose_name = "监督事项"
        verbose_name_plural = "监督事项"
        constraints = (
            # A number names one matter of its kind, as long as that matter stands.
            models.UniqueConstraint(
                fields=("kind", "number"), condition=Q(withdrawn_at=None), name="matter_number_is_unique"
            ),
        )
        indexes = (
            *(scope_index("matter", level, "opened_at") for level in ("city", "county", "station", "officer")),
            models.Index(fields=("opened_at", "id"), name="matter_by_opening"),
            # What was closed in a month is counted for every unit at once.
            models.Index(fields=("closed_at",), name="matter_by_closing", condition=Q(closed_at__isnull=False)),
            # The pattern class lets PostgreSQL search by beginning; other engines ignore it.
            models.Index(fields=("number",), name="matter_number_search", opclasses=("varchar_pattern_ops",)),
        )
        permissions = (("calculate_deadline", "可以使用期限计算器"),)

    def __str__(self) -> str:
        return self.number


class HandlingRole(models.TextChoices):
    """As what somebody is responsible for a matter."""

    OFFICER = "officer", "经办民警"
    HEAD = "head", "单位负责人"
    BRANCH = "branch", "专业警种"
    LEGAL = "legal", "法制民警"
    LEADER = "leader", "包案领导"
    INSPECTOR = "inspector", "督察"


class Handling(models.Model):
    """Who is responsible for a matter, as what, from when to when, since which event (经办)."""

    matter = models.ForeignKey(Matter, models.CASCADE, related_name="handlings", verbose_name="事项")
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="handlings", verbose_name="民警")
    role = models.CharField("身份", max_length=10, choices=HandlingRole)
    from_at = models.DateTimeField("自")
    until_at = models.DateTimeField("至", null=True, blank=True)
    since = models.ForeignKey(
        "cases.Event", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="依据节点"
    )

    class Meta:
        verbose_name = "经办"
        verbose_name_plural = "经办"
        constraints = (
            # Nobody is responsible for a matter in the same role twice at once.
            models.UniqueConstraint(
                fields=("matter", "officer", "role"), condition=Q(until_at=None), name="handling_held_once"
            ),
            # One matter, one leading official at any moment.
            models.UniqueConstraint(
                fields=("matter",), condition=Q(role="leader", until_at=None), name="matter_led_by_one"
            ),
            # A handling ends after it begins.
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("from_at")), name="handling_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return f"{self.matter} {self.officer}（{self.get_role_display()}）"
