"""The ledger of the followed cases, and what is still to be told of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Officer
from supervision.followup.models.case import FollowedCase
from supervision.followup.models.item import Instruction, OutlineItem


class Action(models.TextChoices):
    """What a step records."""

    ENTERED = "entered", "列入盯办"
    PARTIES = "parties", "落实责任"
    OFFICER_LEFT = "officer_left", "责任人离岗"
    FOLLOWED_MATTER = "followed_matter", "随案移交"
    ITEM_ADDED = "item_added", "增列事项"
    ITEM_MOVED = "item_moved", "调整事项"
    ITEM_DONE = "item_done", "完成事项"
    ITEM_RETURNED = "item_returned", "退回补办"
    ITEM_STRUCK = "item_struck", "划去事项"
    INSTRUCTED = "instructed", "批示"
    REPLIED = "replied", "回复批示"
    INSTRUCTION_WITHDRAWN = "unsaid", "撤回批示"
    STAGNANT = "stagnant", "停滞提醒"
    HANDED_OVER = "handed_over", "交接"
    ASKED = "asked", "申请办结"
    REFUSED = "refused", "不同意办结"
    CONSENTED = "consented", "同意办结"
    REOPENED = "reopened", "重新盯办"


class FollowStep(models.Model):
    """One thing that happened to a followed case (盯办台账). Append-only, by database trigger."""

    case = models.ForeignKey(FollowedCase, models.PROTECT, related_name="steps", verbose_name="盯办案件")
    action = models.CharField("事由", max_length=16, choices=Action)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="经手人"
    )
    item = models.ForeignKey(
        OutlineItem, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="提纲事项"
    )
    instruction = models.ForeignKey(
        Instruction, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="批示"
    )
    text = models.CharField("内容", max_length=1200, blank=True)

    class Meta:
        verbose_name = "盯办台账"
        verbose_name_plural = "盯办台账"
        ordering = ("at", "id")
        indexes = (models.Index(fields=("at",), name="follow_steps_of_a_period"),)

    def __str__(self) -> str:
        return f"{self.get_action_display()}"


class What(models.TextChoices):
    """What somebody is to be told."""

    ENTERED = "entered", "列入盯办"
    INCOMPLETE = "incomplete", "责任没有落实"
    ITEM_DUE = "item_due", "提纲事项今天到期"
    ITEM_OVERDUE = "item_overdue", "提纲事项逾期"
    ITEM_RETURNED = "item_returned", "提纲事项退回补办"
    INSTRUCTED = "instructed", "新批示"
    REPLY_DUE = "reply_due", "批示今天应当回复"
    REPLY_OVERDUE = "reply_overdue", "批示逾期未复"
    REPLIED = "replied", "批示已回复"
    STAGNANT = "stagnant", "盯办停滞"
    HANDED_OVER = "handed_over", "盯办交接"
    ASKED = "asked", "申请办结待审核"
    REFUSED = "refused", "不同意办结"

    @property
    def rank(self) -> int:
        """The higher, the more pressing."""
        order = (
            "replied entered handed_over incomplete item_returned refused asked stagnant item_due instructed "
            "reply_due item_overdue reply_overdue"
        ).split()
        return order.index(self.value)


class Notice(models.Model):
    """One thing that somebody is to be told of a followed case (待告知), from a moment on; `told_at` once he has been.

    Who hears of it is asked of the duty roster when it is told. `due_on` is the day it is about where it is about one,
    so that a moved due day is told anew and the same one never twice.
    """

    case = models.ForeignKey(FollowedCase, models.CASCADE, related_name="notices", verbose_name="盯办案件")
    what = models.CharField("事由", max_length=16, choices=What)
    item = models.ForeignKey(
        OutlineItem, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="提纲事项"
    )
    instruction = models.ForeignKey(
        Instruction, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="批示"
    )
    due_on = models.DateField("期限", null=True, blank=True)
    tell_since = models.DateTimeField("应告知时刻")
    told_at = models.DateTimeField("已告知时间", null=True, blank=True)

    class Meta:
        verbose_name = "待告知"
        verbose_name_plural = "待告知"
        constraints = (
            # An item is told of once for each thing and due day.
            models.UniqueConstraint(
                fields=("item", "what", "due_on"),
                condition=Q(item__isnull=False, due_on__isnull=False),
                name="item_told_once_of_a_due_day",
            ),
            # So is an instruction.
            models.UniqueConstraint(
                fields=("instruction", "what", "due_on"),
                condition=Q(instruction__isnull=False, due_on__isnull=False),
                name="instruction_told_once_of_a_due_day",
            ),
        )
        indexes = (
            # What is still to be told.
            models.Index(fields=("tell_since", "id"), condition=Q(told_at=None), name="follow_notices_untold"),
        )

    def __str__(self) -> str:
        return f"{self.case} {self.get_what_display()}"
