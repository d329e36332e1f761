"""The ledger of the room."""

from __future__ import annotations

from django.db import models

from cases.models import Event, Matter, Officer


class Action(models.TextChoices):
    """What a step records."""

    REGISTERED = "registered", "登记"
    MEDIATION = "mediation", "开始调解"
    SETTLED = "settled", "化解"
    UNSETTLED = "unsettled", "调解不成"
    RECHECKED = "rechecked", "回访"
    RELAPSED = "relapsed", "回访反复"
    ANSWERED = "answered", "提交答复"
    HEARING_SET = "hearing_set", "确定开庭、听证"
    HEARD = "heard", "开庭、听证"
    ENDED = "ended", "审结"
    OPINION = "opinion", "收到意见书"
    CORRECTED = "corrected", "报送纠正"
    SUPPLEMENT = "supplement", "通知补正"
    ACCEPTED = "accepted", "接受移送"
    REFUSED = "refused", "不接受移送"
    REDIRECTED = "redirected", "转送"
    APPEALED = "appealed", "申请复议"
    APPEAL_DECIDED = "appeal_decided", "复议决定"
    SUPERVISED = "supervised", "检察监督"
    ORDERED = "ordered", "下达整改"


class ProceedingStep(models.Model):
    """One thing that was done to a dispute, a review or a transfer (办理台账). Append-only, by database trigger.

    `event` is what it put on record of the matter, where it did.
    """

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="proceeding_steps", verbose_name="事项")
    action = models.CharField("事由", max_length=16, choices=Action)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="经手人")
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="节点"
    )
    text = models.CharField("内容", max_length=600, blank=True)

    class Meta:
        verbose_name = "办理台账"
        verbose_name_plural = "办理台账"
        ordering = ("at", "id")
        indexes = (models.Index(fields=("at",), name="proceeding_steps_of_a_period"),)

    def __str__(self) -> str:
        return self.get_action_display()
