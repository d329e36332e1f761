"""Where somebody is signed in."""

from __future__ import annotations

from django.db import models

from cases.models import Officer


class OpenSession(models.Model):
    """A browser in which an account is signed in (在线登录). It is over once the session of its key is gone or has run out."""

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="open_sessions", verbose_name="民警")
    session_key = models.CharField("会话", max_length=40, unique=True)
    begun_at = models.DateTimeField("登录时间")
    address = models.CharField("地址", max_length=45, blank=True)
    agent = models.CharField("浏览器", max_length=200, blank=True)

    class Meta:
        verbose_name = "在线登录"
        verbose_name_plural = "在线登录"
        ordering = ("begun_at", "id")

    def __str__(self) -> str:
        return f"{self.officer} {self.address}"
