"""The ledger of the room, and what is still to be told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Officer
from supervision.returnvisits.models.check import Check
from supervision.returnvisits.models.round import VisitRound
from supervision.returnvisits.models.visit import Visit


class Action(models.TextChoices):
    """What a step records."""

    DRAWN = "drawn", "抽取"
    CLOSED = "closed", "结束批次"
    ASSIGNED = "assigned", "改由他人回访"
    TRIED = "tried", "联系未果"
    SLIP = "slip", "打印二维码"
    MESSAGED = "messaged", "列入短信名单"
    ANSWERED = "answered", "登记评价"
    INVALIDATED = "invalidated", "评价记为无效"
    UNREACHED = "unreached", "未联系上"
    UNFIT = "unfit", "不适用"
    CHECK_OPENED = "opened", "开始核查"
    CHECK_TAKEN = "taken", "确定核查人"
    UPHELD = "upheld", "核查属实"
    UNFOUNDED = "unfounded", "核查不属实"
    CHECK_MOOT = "moot", "不再核查"


class VisitStep(models.Model):
    """One thing that happened in a round (回访台账). Append-only, by database trigger. Never the words of an answer, nor
    from where it came. Nobody in `by`: the system, or whoever answered by a slip."""

    round = models.ForeignKey(VisitRound, models.PROTECT, related_name="steps", verbose_name="回访批次")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="steps", verbose_name="回访")
    action = models.CharField("事由", max_length=12, choices=Action)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="经手人"
    )
    text = models.CharField("内容", max_length=1000, blank=True)

    class Meta:
        verbose_name = "回访台账"
        verbose_name_plural = "回访台账"
        ordering = ("at", "id")
        indexes = (models.Index(fields=("at",), name="visit_steps_of_a_period"),)

    def __str__(self) -> str:
        return self.get_action_display()


class What(models.TextChoices):
    """What somebody is to be told."""

    CALLS = "calls", "有待回访的事项"
    CALLS_OVER = "calls_over", "答复期已过，还有待回访的事项"
    CHECK = "check", "负面评价待核查"
    CHECK_OVER = "check_over", "负面评价核查超期"

    @property
    def rank(self) -> int:
        """The higher, the more pressing."""
        return ("calls", "check", "calls_over", "check_over").index(self.value)


class Notice(models.Model):
    """One thing that somebody is to be told (待告知), from a moment on; `told_at` once he has been.

    Of the calls of a round each caller is told by name; of a check whoever the duty roster names, until it has a checker.
    """

    what = models.CharField("事由", max_length=12, choices=What)
    round = models.ForeignKey(VisitRound, models.CASCADE, related_name="+", verbose_name="回访批次")
    caller = models.ForeignKey(Officer, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="回访人")
    check_row = models.ForeignKey(Check, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="核查")
    tell_since = models.DateTimeField("应告知时刻")
    told_at = models.DateTimeField("已告知时间", null=True, blank=True)

    class Meta:
        verbose_name = "待告知"
        verbose_name_plural = "待告知"
        constraints = (
            # A caller is told of a round once for each thing.
            models.UniqueConstraint(
                fields=("round", "what", "caller"),
                condition=Q(caller__isnull=False),
                name="caller_told_once_of_a_round",
            ),
            # A check is told of once for each thing.
            models.UniqueConstraint(
                fields=("check_row", "what"), condition=Q(check_row__isnull=False), name="check_told_once"
            ),
            # It is about somebody's calls or about a check.
            models.CheckConstraint(
                condition=Q(what__in=(What.CALLS, What.CALLS_OVER), caller__isnull=False, check_row=None)
                | Q(what__in=(What.CHECK, What.CHECK_OVER), caller=None, check_row__isnull=False),
                name="notice_is_about_calls_or_a_check",
            ),
        )
        indexes = (
            # What is still to be told.
            models.Index(fields=("tell_since", "id"), condition=Q(told_at=None), name="visit_notices_untold"),
        )

    def __str__(self) -> str:
        return self.get_what_display()
