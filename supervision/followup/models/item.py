"""What is to be done in a followed case: items of the outline, and the leaders' instructions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Event, Officer
from supervision.followup.models.case import FollowedCase


class ItemState(models.TextChoices):
    """How an item of the outline stands."""

    OPEN = "open", "待办"
    DONE = "done", "已完成"
    RETURNED = "returned", "退回补办"
    STRUCK = "struck", "已划去"

    @classmethod
    def open_states(cls) -> tuple[ItemState, ...]:
        return (cls.OPEN, cls.RETURNED)

    @property
    def sign(self) -> str:
        return {"open": "○", "done": "✓", "returned": "↩", "struck": "—"}[self.value]

    @property
    def tone(self) -> str:
        return {"open": "grey", "done": "green", "returned": "orange", "struck": "grey"}[self.value]


class OutlineItem(models.Model):
    """One thing to be done in a followed case (提纲事项): by whom, by which day, with what result and evidence.

    `evidence` names documents by number; `event` is the event of the matter that shows it done. `due_on` is the last
    day, whole. Without an officer it is the named officer's.
    """

    case = models.ForeignKey(FollowedCase, models.PROTECT, related_name="items", verbose_name="盯办案件")
    order = models.PositiveSmallIntegerField("序号")
    title = models.CharField("事项", max_length=200)
    due_on = models.DateField("完成期限")
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="outline_items", verbose_name="承办人"
    )
    state = models.CharField("状态", max_length=10, choices=ItemState, default=ItemState.OPEN)
    result = models.CharField("结果", max_length=500, blank=True)
    evidence = models.CharField("证明材料", max_length=200, blank=True)
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="证明节点"
    )
    done_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="完成人"
    )
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    reason = models.CharField("退回或者划去的理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "提纲事项"
        verbose_name_plural = "提纲事项"
        ordering = ("case_id", "order", "id")
        constraints = (
            # What is done says with what result, by whom and when; what is open says none of it.
            models.CheckConstraint(
                condition=(Q(state=ItemState.DONE, done_by__isnull=False, done_at__isnull=False) & ~Q(result=""))
                | (~Q(state=ItemState.DONE) & Q(done_by=None, done_at=None)),
                name="item_done_has_a_result",
            ),
            # Nothing is returned or struck without a reason.
            models.CheckConstraint(
                condition=~Q(state__in=(ItemState.RETURNED, ItemState.STRUCK)) | ~Q(reason=""),
                name="item_returned_or_struck_says_why",
            ),
        )
        indexes = (
            # The watch: what falls due.
            models.Index(
                fields=("due_on",), condition=Q(state__in=("open", "returned")), name="outline_items_falling_due"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in ItemState.open_states()

    @property
    def mark(self) -> ItemState:
        return ItemState(self.state)


class InstructionState(models.TextChoices):
    """How a leader's instruction stands."""

    OPEN = "open", "待回复"
    REPLIED = "replied", "已回复"
    WITHDRAWN = "withdrawn", "已撤回"


class Instruction(models.Model):
    """A leader's written instruction on a followed case (批示): what, to whom, and by which day a reply is due."""

    case = models.ForeignKey(FollowedCase, models.PROTECT, related_name="instructions", verbose_name="盯办案件")
    leader = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="批示领导")
    given_at = models.DateTimeField("批示时间")
    text = models.CharField("批示内容", max_length=500)
    to = models.ForeignKey(Officer, models.PROTECT, related_name="instructions", verbose_name="批示给")
    due_on = models.DateField("回复期限")
    state = models.CharField("状态", max_length=10, choices=InstructionState, default=InstructionState.OPEN)
    reply = models.CharField("回复", max_length=1000, blank=True)
    replied_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="回复人"
    )
    replied_at = models.DateTimeField("回复时间", null=True, blank=True)
    late = models.BooleanField("逾期回复", default=False)
    reason = models.CharField("撤回理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "批示"
        verbose_name_plural = "批示"
        ordering = ("case_id", "given_at", "id")
        constraints = (
            # A reply says what, by whom and when, and only a reply can be late.
            models.CheckConstraint(
                condition=(
                    Q(state=InstructionState.REPLIED, replied_by__isnull=False, replied_at__isnull=False) & ~Q(reply="")
                )
                | (~Q(state=InstructionState.REPLIED) & Q(replied_by=None, replied_at=None, reply="", late=False)),
                name="instruction_replied_has_a_reply",
            ),
            # One that was taken back says why.
            models.CheckConstraint(
                condition=~Q(state=InstructionState.WITHDRAWN) | ~Q(reason=""), name="instruction_withdrawn_says_why"
            ),
        )
        indexes = (
            # The watch: replies that fall due.
            models.Index(fields=("due_on",), condition=Q(state="open"), name="instructions_falling_due"),
        )

    def __str__(self) -> str:
        return self.text

    @property
    def is_open(self) -> bool:
        return self.state == InstructionState.OPEN
