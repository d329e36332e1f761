"""The ledger of the room."""

from __future__ import annotations

from django.db import models

from cases.models import Event, Matter, Officer

TEXT_WIDTH = 600


class Action(models.TextChoices):
    """What a step records."""

    APPLIED = "applied", "适用快速办理"
    ADOPTED = "adopted", "导入的快速办理案件"
    STATED = "stated", "填写适用情形"
    CONSENTED = "consented", "告知并同意"
    CONSENT_VOID = "consent_void", "同意节点已作废"
    DECIDED = "decided", "作出处理决定"
    CONVERTED = "converted", "转为一般程序"
    CLOSED = "closed", "办结"
    REOPENED = "reopened", "恢复快速办理中"
    FOUND = "found", "发现问题"
    LAPSED = "lapsed", "问题已不存在"
    CONFIRMED = "confirmed", "核实成立，下达整改"
    DISMISSED = "dismissed", "核实不成立"


class ExpeditedStep(models.Model):
    """One thing that happened to a case handled by the procedure (快速办理台账). Append-only, by database trigger.

    Nobody in `by`: the system.
    """

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="expedited_steps", verbose_name="事项")
    action = models.CharField("事由", max_length=12, choices=Action)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="经手人"
    )
    text = models.CharField("内容", max_length=TEXT_WIDTH, blank=True)
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="节点"
    )

    class Meta:
        verbose_name = "快速办理台账"
        verbose_name_plural = "快速办理台账"
        ordering = ("at", "id")
        indexes = (models.Index(fields=("at",), name="expedited_steps_of_a_period"),)

    def __str__(self) -> str:
        return self.get_action_display()
