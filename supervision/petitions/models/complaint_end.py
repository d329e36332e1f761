"""What becomes of a complaint after its end: looked into again, and in the end disposed of."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Officer
from supervision.petitions.models.complaint import Complaint, Verdict


class ComplaintReopening(models.Model):
    """A complaint looked into again (重新核查): when, why, and what had been found and answered, which counts no more."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="reopenings", verbose_name="投诉举报")
    reopened_at = models.DateTimeField("重新核查时间")
    why = models.CharField("理由", max_length=300)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="办理人")
    verdict = models.CharField("原查实情况", max_length=14, choices=Verdict)
    verdict_reason = models.TextField("原认定理由")
    found_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="原认定人")
    found_at = models.DateTimeField("原认定时间")
    replied_at = models.DateTimeField("原答复时间", null=True, blank=True)
    order_number = models.CharField("原整改通知编号", max_length=64, blank=True)

    class Meta:
        verbose_name = "投诉重新核查"
        verbose_name_plural = "投诉重新核查"
        ordering = ("reopened_at", "id")
        constraints = (
            # Nothing is looked into again without a reason.
            models.CheckConstraint(condition=~Q(why=""), name="complaint_reopened_says_why"),
        )

    def __str__(self) -> str:
        return f"{self.complaint}重新核查"


class ComplaintDisposal(models.Model):
    """Disposing of what identifies people in a complaint (投诉销毁): asked for by one person, confirmed by another."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="disposals", verbose_name="投诉举报")
    asked_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    reason = models.CharField("理由", max_length=200)
    confirmed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        verbose_name = "投诉销毁"
        verbose_name_plural = "投诉销毁"
        constraints = (
            # Two people dispose of it, never one.
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("asked_by")),
                name="complaint_disposal_takes_two_people",
            ),
            # Confirmed by somebody at some moment, or not at all.
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="complaint_disposal_confirmed_says_by_whom",
            ),
            # Asked for once at a time.
            models.UniqueConstraint(
                fields=("complaint",), condition=Q(confirmed_at=None), name="complaint_disposal_asked_for_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.complaint}销毁"
