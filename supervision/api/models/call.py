"""Calls that brought something in, kept so that the same call twice does it once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Batch
from supervision.api.models.token import SystemToken


class CallState(models.TextChoices):
    """How far a call has come."""

    IN_FLIGHT = "in_flight", "处理中"
    ANSWERED = "answered", "已答复"


class IntakeCall(models.Model):
    """One call of a system that sent rows in, under the key it gave it (送入调用), and what it was answered.

    `digest` tells its body from another. `head_row` is how many lines stood above the first row of the file that was made
    of it, so that rows are named as they were sent. In flight and older than a while: its process was killed, and the
    same call again takes it over. No row: no call of that key, or one that broke.
    """

    token = models.ForeignKey(SystemToken, models.PROTECT, related_name="calls", db_index=False, verbose_name="令牌")
    key = models.CharField("幂等键", max_length=64)
    digest = models.CharField("内容摘要", max_length=64)
    state = models.CharField("状态", max_length=10, choices=CallState, default=CallState.IN_FLIGHT)
    at = models.DateTimeField("调用时间")
    status = models.PositiveSmallIntegerField("答复状态", null=True)
    answer = models.JSONField("答复", null=True)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="+", verbose_name="批次")
    head_row = models.PositiveSmallIntegerField("表头行", default=1)

    class Meta:
        verbose_name = "送入调用"
        verbose_name_plural = "送入调用"
        constraints = (
            # A key of a system is one call.
            models.UniqueConstraint(fields=("token", "key"), name="intake_call_once_a_key"),
            # An answered call has its answer, one in flight has none.
            models.CheckConstraint(
                condition=Q(state=CallState.ANSWERED, status__isnull=False, answer__isnull=False)
                | Q(state=CallState.IN_FLIGHT, status=None),
                name="answered_call_has_an_answer",
            ),
        )

    def __str__(self) -> str:
        return self.key
