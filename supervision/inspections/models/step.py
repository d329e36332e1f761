"""The ledger of the room."""

from __future__ import annotations

from django.db import models

from cases.models import Officer
from supervision.inspections.models.draw import Check
from supervision.inspections.models.plan import InspectionPlan, PlannedItem


class Action(models.TextChoices):
    """What a step records."""

    PLANNED = "planned", "制定计划"
    ADDED = "added", "列入抽查事项"
    MOVED = "moved", "改期"
    DRAWN = "drawn", "随机抽取"
    RECUSED = "recused", "回避更换"
    INSPECTED = "inspected", "登记结果"
    PUBLISHED = "published", "公示"
    WITHHELD = "withheld", "不公示"
    CLOSED = "closed", "结束计划"


class InspectionStep(models.Model):
    """One thing that happened under a plan (双随机台账). Append-only, by database trigger."""

    plan = models.ForeignKey(InspectionPlan, models.PROTECT, related_name="ledger", verbose_name="计划")
    item = models.ForeignKey(
        PlannedItem, models.PROTECT, null=True, blank=True, related_name="ledger", verbose_name="抽查事项"
    )
    check_row = models.ForeignKey(
        Check, models.PROTECT, null=True, blank=True, related_name="ledger", verbose_name="检查"
    )
    action = models.CharField("事由", max_length=10, choices=Action)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="经手人")
    text = models.CharField("内容", max_length=1000, blank=True)

    class Meta:
        verbose_name = "双随机台账"
        verbose_name_plural = "双随机台账"
        ordering = ("at", "id")
        indexes = (models.Index(fields=("at",), name="inspection_steps_of_a_period"),)

    def __str__(self) -> str:
        return self.get_action_display()
