"""The second factor: an authenticator on a phone, and codes on paper for when it is lost."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Officer
from supervision.accounts.rules import SPOILED_TRIES


class AuthenticatorQuerySet(models.QuerySet["Authenticator"]):
    def confirmed(self) -> AuthenticatorQuerySet:
        return self.exclude(confirmed_at=None)

    def locked(self) -> AuthenticatorQuerySet:
        return self.exclude(locked_at=None)


class Authenticator(models.Model):
    """The second factor of an account (二次验证器). Asked for once it was confirmed by a first code; no row: none.

    `last_step` is the latest time step (30 s each) whose code was taken, so that a code is good for once.
    """

    officer = models.OneToOneField(Officer, models.CASCADE, related_name="authenticator", verbose_name="民警")
    key = models.CharField("密钥名称", max_length=16)
    sealed = models.CharField("加密的密钥", max_length=120)
    made_at = models.DateTimeField("生成时间")
    confirmed_at = models.DateTimeField("启用时间", null=True, blank=True)
    last_step = models.BigIntegerField("最近使用的时间步", default=0)
    failures = models.PositiveSmallIntegerField("连续输错", default=0)
    locked_at = models.DateTimeField("锁定时间", null=True, blank=True)

    objects = AuthenticatorQuerySet.as_manager()

    class Meta:
        verbose_name = "二次验证"
        verbose_name_plural = "二次验证"
        ordering = ("made_at", "id")
        permissions = (("reset_authenticator", "可以重置他人的二次验证"),)
        indexes = (models.Index(fields=("made_at", "id"), name="authenticators_in_order"),)
        constraints = (
            # Whoever spoils as many tries as there are is locked, and nobody else.
            models.CheckConstraint(
                condition=Q(failures__lt=SPOILED_TRIES, locked_at=None)
                | Q(failures=SPOILED_TRIES, locked_at__isnull=False),
                name="authenticator_locked_by_spoiled_tries",
            ),
        )

    def __str__(self) -> str:
        return f"{self.officer}的二次验证"

    @property
    def place(self) -> str:
        """What the seal is bound to."""
        return f"authenticator:{self.officer_id}"


class RecoveryCode(models.Model):
    """A code on paper that stands in for the phone once (备用码). Only its digest is kept."""

    authenticator = models.ForeignKey(Authenticator, models.CASCADE, related_name="codes", verbose_name="二次验证")
    digest = models.CharField("摘要", max_length=64)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "备用码"
        verbose_name_plural = "备用码"
        constraints = (
            # A code stands once on the sheet.
            models.UniqueConstraint(fields=("authenticator", "digest"), name="recovery_code_stands_once"),
        )

    def __str__(self) -> str:
        return "已用" if self.used_at else "未用"
