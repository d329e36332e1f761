"""Passwords somebody has had."""

from __future__ import annotations

from django.db import models

from cases.models import Officer


class PastPassword(models.Model):
    """A password that was set for an account (历次密码), as its hash; the latest one is in use. It is not chosen again."""

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="past_passwords", verbose_name="民警")
    hash = models.CharField("散列值", max_length=256)
    set_at = models.DateTimeField("设置时间")

    class Meta:
        verbose_name = "历次密码"
        verbose_name_plural = "历次密码"
        ordering = ("officer_id", "-set_at", "-id")

    def __str__(self) -> str:
        return f"{self.set_at:%Y-%m-%d}"
