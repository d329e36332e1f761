"""The ledger of the room."""

from __future__ import annotations

from django.db import models

from cases.models import Officer
from supervision.reviews.models.form import ReviewForm
from supervision.reviews.models.round import ReviewRound


class Action(models.TextChoices):
    """What a step records."""

    DRAWN = "drawn", "抽取"
    GIVEN = "given", "改由他人评查"
    FILED = "filed", "初评"
    CONFIRMED = "confirmed", "复评"
    SETTLED = "settled", "评定"
    OBJECTED = "objected", "提出异议"
    DECIDED = "decided", "裁定异议"
    FINAL = "final", "确定"
    ORDERED = "ordered", "下达整改"
    CLOSED = "closed", "结束批次"


class ReviewStep(models.Model):
    """One thing that happened in a round (评查台账). Append-only, by database trigger. Nobody in `by`: the system."""

    round = models.ForeignKey(ReviewRound, models.PROTECT, related_name="steps", verbose_name="评查批次")
    form = models.ForeignKey(
        ReviewForm, models.PROTECT, null=True, blank=True, related_name="steps", verbose_name="案件评查表"
    )
    action = models.CharField("事由", max_length=10, choices=Action)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="经手人"
    )
    text = models.CharField("内容", max_length=1000, blank=True)

    class Meta:
        verbose_name = "评查台账"
        verbose_name_plural = "评查台账"
        ordering = ("at", "id")
        indexes = (models.Index(fields=("at",), name="review_steps_of_a_period"),)

    def __str__(self) -> str:
        return self.get_action_display()
