"""Tokens of calling systems, and the ledger of them."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from cases.models import Officer, Unit
from supervision.api.rules import SCOPE_WORDS, Scope


class SystemToken(models.Model):
    """What one calling system is let in by (系统令牌): for a unit and all below it, for certain questions, until a moment.

    Of the secret only a digest is kept; `prefix` is the part of the token that may be read by anybody. `networks` are
    where it may come from, empty: from anywhere. `last_used_at` is right to a minute.
    """

    name = models.CharField("调用系统", max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="单位（含下级）")
    scopes = models.JSONField("权限", default=list)
    networks = models.JSONField("允许的网段", default=list, blank=True)
    prefix = models.CharField("令牌前缀", max_length=12, unique=True, editable=False)
    digest = models.CharField("密钥摘要", max_length=64, editable=False)
    made_at = models.DateTimeField("发放时间")
    made_by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="发放人")
    expires_at = models.DateTimeField("有效期至")
    revoked_at = models.DateTimeField("吊销时间", null=True, blank=True)
    revoked_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="吊销人"
    )
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)

    class Meta:
        verbose_name = "系统令牌"
        verbose_name_plural = "系统令牌"
        ordering = ("-made_at", "-id")
        constraints = (
            # A token ends after it begins.
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="token_ends_after_it_begins"),
            # A revoked token says when and by whom.
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="revoked_token_says_by_whom",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}）"

    def may(self, scope: Scope) -> bool:
        return scope.value in self.scopes

    def stands(self, at: datetime) -> bool:
        """Neither revoked nor run out at a moment."""
        return self.revoked_at is None and at < self.expires_at

    @property
    def scope_words(self) -> str:
        return "、".join(SCOPE_WORDS[Scope(scope)] for scope in self.scopes)


class Action(models.TextChoices):
    """What a step records."""

    MADE = "made", "发放"
    REVOKED = "revoked", "吊销"


class TokenStep(models.Model):
    """One thing that was done to a token (令牌台账). Append-only, by database trigger."""

    token = models.ForeignKey(SystemToken, models.PROTECT, related_name="steps", verbose_name="令牌")
    action = models.CharField("事由", max_length=10, choices=Action)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="经手人")
    text = models.CharField("内容", max_length=600, blank=True)

    class Meta:
        verbose_name = "令牌台账"
        verbose_name_plural = "令牌台账"
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.get_action_display()
