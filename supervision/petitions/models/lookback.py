"""What is asked of the bureau itself: where a petition came from, and what was decided about it together."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Officer, Unit
from supervision.petitions.models.petition import Petition


class Cause(models.TextChoices):
    """Why a petition arose."""

    CASE_FAULT = "case_fault", "办案存在过错、瑕疵"
    DELAY = "delay", "拖延、不作为"
    ATTITUDE = "attitude", "态度、作风"
    MISUNDERSTANDING = "misunderstanding", "误解"
    OUTSIDE = "outside", "不属于本机关职权"

    @classmethod
    def our_own(cls) -> tuple[Cause, ...]:
        """Causes somebody of ours answers for."""
        return (cls.CASE_FAULT, cls.DELAY, cls.ATTITUDE)


class LookBack(models.Model):
    """A look back into how a petition arose (倒查): cause, who answers for it, and the order that went out for it.

    `order_number` is the number of the rectification order; the order names the fault and never the petition.
    """

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="look_backs", verbose_name="信访事项")
    cause = models.CharField("原因", max_length=20, choices=Cause)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任单位")
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任民警"
    )
    finding = models.TextField("认定")
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="倒查人")
    looked_at = models.DateTimeField("倒查时间")
    ordered_at = models.DateTimeField("发出整改时间", null=True, blank=True)
    order_number = models.CharField("整改通知编号", max_length=64, blank=True)

    class Meta:
        verbose_name = "倒查"
        verbose_name_plural = "倒查"
        ordering = ("-looked_at", "-id")
        constraints = (
            # What is our own fault is some unit's.
            models.CheckConstraint(
                condition=~Q(cause__in=Cause.our_own()) | Q(unit__isnull=False),
                name="look_back_at_our_fault_has_a_unit",
            ),
        )

    def __str__(self) -> str:
        return self.get_cause_display()


class Meeting(models.Model):
    """A meeting at which a petition was talked over (调度会): who chaired it, and the minutes."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="meetings", verbose_name="信访事项")
    held_at = models.DateTimeField("召开时间")
    chair = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="主持人")
    minutes = models.TextField("会议纪要")
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="记录人")

    class Meta:
        verbose_name = "调度会"
        verbose_name_plural = "调度会"
        ordering = ("-held_at", "-id")

    def __str__(self) -> str:
        return f"{self.petition}调度会"


class Decision(models.Model):
    """One thing a meeting decided (议定事项): who is to do it, by when he replies, and the reply."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="decisions", verbose_name="调度会")
    what = models.CharField("议定事项", max_length=300)
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="落实人")
    reply_due_on = models.DateField("回复期限")
    replied_at = models.DateTimeField("回复时间", null=True, blank=True)
    reply = models.CharField("回复", max_length=500, blank=True)
    tell_since = models.DateTimeField("提醒时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "议定事项"
        verbose_name_plural = "议定事项"
        ordering = ("reply_due_on", "id")
        constraints = (
            # A reply says something.
            models.CheckConstraint(condition=Q(replied_at=None) | ~Q(reply=""), name="decision_replied_says_what"),
        )
        indexes = (
            models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="decision_to_tell"),
        )

    def __str__(self) -> str:
        return self.what
