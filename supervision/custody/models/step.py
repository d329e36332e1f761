"""The ledger of the room."""

from __future__ import annotations

from django.db import models

from cases.models import Event, Officer
from supervision.custody.models.visit import Stage, Visit


class Action(models.TextChoices):
    """What a step records."""

    ENTERED = "entered", "入区"
    BEGUN = "begun", "开始环节"
    FINISHED = "finished", "结束环节"
    MOVED = "moved", "变更房间"
    ADDED = "added", "补登环节"
    VOIDED = "voided", "作废环节"
    EXTENDED = "extended", "延长"
    TOLD = "told", "通知家属"
    CORRECTED = "corrected", "更正时间"
    LEFT = "left", "离开"
    FOUND = "found", "发现问题"
    LAPSED = "lapsed", "问题已不存在"
    CONFIRMED = "confirmed", "核实成立，下达整改"
    DISMISSED = "dismissed", "核实不成立"


class VisitStep(models.Model):
    """One thing that happened in or to a visit (入区台账). Append-only, by database trigger.

    `at` is when it was entered, `moment` when it happened; nobody in `by`: the system.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="steps", verbose_name="入区")
    action = models.CharField("事由", max_length=12, choices=Action)
    at = models.DateTimeField("登记时间")
    moment = models.DateTimeField("发生时间", null=True, blank=True)
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="经手人"
    )
    text = models.CharField("内容", max_length=600, blank=True)
    stage = models.ForeignKey(
        Stage, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="环节"
    )
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="节点"
    )

    class Meta:
        verbose_name = "入区台账"
        verbose_name_plural = "入区台账"
        ordering = ("at", "id")
        indexes = (models.Index(fields=("at",), name="custody_steps_of_a_period"),)

    def __str__(self) -> str:
        return self.get_action_display()
