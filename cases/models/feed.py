"""Feeds: the address under which an officer's calendar fetches his due dates."""

from django.db import models

from cases.models.officer import Officer


class Feed(models.Model):
    """An officer's subscription of his due dates (日程订阅). Absence of a row: he has none.

    The secret part of the address is shown once, when it is made; only its digest is kept, so that whoever reads the
    table cannot fetch anything. Renewing it closes the old address.
    """

    officer = models.OneToOneField(Officer, models.CASCADE, primary_key=True, related_name="feed", verbose_name="民警")
    digest = models.CharField("地址摘要", max_length=64, unique=True)
    made_at = models.DateTimeField("生成时间")
    fetched_at = models.DateTimeField("最近读取时间", null=True, blank=True)

    class Meta:
        verbose_name = "日程订阅"
        verbose_name_plural = "日程订阅"

    def __str__(self) -> str:
        return f"{self.officer}的日程"
