"""The ledger of the room."""

from __future__ import annotations

from django.db import models

from cases.models import Event, Matter, Officer
from supervision.property.models.item import Place


class Action(models.TextChoices):
    """What a step records."""

    REGISTERED = "registered", "登记"
    HANDED_OVER = "handed_over", "移交保管"
    MOVED = "moved", "变更保管场所"
    REPORTED = "reported", "补办批准"
    EXTENDED = "extended", "延长、续行"
    UNRELATED = "unrelated", "查明与案件无关"
    RETURNED = "returned", "解除、退还"
    DISPOSED = "disposed", "处理"
    AMOUNT = "amount", "登记涉案金额"
    FOUND = "found", "发现四超问题"
    LAPSED = "lapsed", "四超问题已不存在"
    CONFIRMED = "confirmed", "核实成立，下达整改"
    DISMISSED = "dismissed", "核实不成立"


class PropertyStep(models.Model):
    """One thing that happened to an item, or to what is known of its case (财物台账). Append-only, by database trigger.

    `from_place` and `to_place` are of movements; nobody in `by`: the system.
    """

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="property_steps", verbose_name="事项")
    action = models.CharField("事由", max_length=12, choices=Action)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="经手人"
    )
    text = models.CharField("内容", max_length=600, blank=True)
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="节点"
    )
    from_place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="原场所"
    )
    to_place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="新场所"
    )

    class Meta:
        verbose_name = "财物台账"
        verbose_name_plural = "财物台账"
        ordering = ("at", "id")
        indexes = (models.Index(fields=("at",), name="property_steps_of_a_period"),)

    def __str__(self) -> str:
        return self.get_action_display()
