"""Calls that were not let in, as far as it is known whose they were."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supervision.api.models.token import SystemToken
from supervision.api.rules import REFUSED_AN_HOUR, NotLetIn


class Why(models.TextChoices):
    """Why a call with a known token was not let in."""

    BAD_SECRET = NotLetIn.BAD_SECRET.value, "密钥不对"
    REVOKED = NotLetIn.REVOKED.value, "已经吊销"
    EXPIRED = NotLetIn.EXPIRED.value, "已经过期"
    WRONG_NETWORK = NotLetIn.WRONG_NETWORK.value, "网段不对"
    NO_SCOPE = NotLetIn.NO_SCOPE.value, "没有权限"


class RefusedCall(models.Model):
    """One call under a token that was not let in (没有放行的调用). Append-only, by database trigger.

    `serial` counts those of one token in one hour, from 1 to `REFUSED_AN_HOUR`: what comes after is on no row, so that
    nobody fills the table. Of what was presented nothing is kept.
    """

    token = models.ForeignKey(
        SystemToken, models.PROTECT, db_index=False, related_name="refused_calls", verbose_name="令牌"
    )
    why = models.CharField("原因", max_length=20, choices=Why)
    what = models.CharField("问的是", max_length=60, blank=True)
    address = models.CharField("来源", max_length=64, blank=True)
    at = models.DateTimeField("时间")
    hour = models.DateTimeField("所在的一小时")
    serial = models.PositiveSmallIntegerField("这一小时第几次")

    class Meta:
        verbose_name = "没有放行的调用"
        verbose_name_plural = "没有放行的调用"
        default_permissions = ()
        constraints = (
            # Those of an hour are counted, each once,
            models.UniqueConstraint(fields=("token", "hour", "serial"), name="refused_call_counted_once"),
            # and no further than this.
            models.CheckConstraint(
                condition=Q(serial__gte=1, serial__lte=REFUSED_AN_HOUR), name="refused_calls_are_bounded"
            ),
        )
        indexes = (
            # Those of a token, latest first.
            models.Index(fields=("token", "at", "id"), name="refused_calls_of_token"),
        )

    def __str__(self) -> str:
        return self.get_why_display()
