"""The ledger of the room."""

from __future__ import annotations

from django.db import models

from cases.models import Officer
from supervision.campaigns.models.campaign import Campaign


class Action(models.TextChoices):
    """What a step records."""

    BEGUN = "begun", "部署"
    ADDED = "added", "列入工作步骤"
    MOVED = "moved", "改期"
    DONE = "done", "完成"
    LINKED = "linked", "列入评查批次"
    ORDERED = "ordered", "下达整改"
    CLOSED = "closed", "结束"


class CampaignStep(models.Model):
    """One thing that happened in a campaign (专项整治台账). Append-only, by database trigger."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="steps", verbose_name="专项整治")
    action = models.CharField("事由", max_length=10, choices=Action)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="经手人")
    text = models.CharField("内容", max_length=1000, blank=True)

    class Meta:
        verbose_name = "专项整治台账"
        verbose_name_plural = "专项整治台账"
        ordering = ("at", "id")
        indexes = (models.Index(fields=("at",), name="campaign_steps_of_a_period"),)

    def __str__(self) -> str:
        return self.get_action_display()
