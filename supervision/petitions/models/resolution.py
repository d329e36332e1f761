"""Putting a petition to rest, looking at it again, and what may become of its papers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Officer
from supervision.petitions.models.petition import Petition


class Resolution(models.Model):
    """A petition put to rest (化解): when and how; with `reopened_at` it does not count any more."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="resolutions", verbose_name="信访事项")
    resolved_at = models.DateTimeField("化解时间")
    how = models.CharField("化解情况", max_length=500)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="认定人")
    reopened_at = models.DateTimeField("重新办理时间", null=True, blank=True)
    reopened_why = models.CharField("重新办理理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "化解"
        verbose_name_plural = "化解"
        ordering = ("resolved_at", "id")
        constraints = (
            # A petition is at rest once at a time.
            models.UniqueConstraint(fields=("petition",), condition=Q(reopened_at=None), name="petition_rests_once"),
            # It is reopened after it was put to rest, and for a reason.
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopened_why="")
                | (Q(reopened_at__gte=F("resolved_at")) & ~Q(reopened_why="")),
                name="resolution_reopened_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.petition}化解"


class Recheck(models.Model):
    """A look at a petition some time after it was put to rest (化解后复查): whether it still holds."""

    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="rechecks", verbose_name="化解")
    days = models.PositiveSmallIntegerField("化解后天数")
    due_on = models.DateField("复查日期")
    done_at = models.DateTimeField("实际时间", null=True, blank=True)
    holds = models.BooleanField("仍然化解", null=True, blank=True)
    note = models.CharField("复查情况", max_length=300, blank=True)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复查人")
    tell_since = models.DateTimeField("提醒时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "化解后复查"
        verbose_name_plural = "化解后复查"
        ordering = ("due_on", "id")
        constraints = (
            # Once after so many days.
            models.UniqueConstraint(fields=("resolution", "days"), name="recheck_once_after_so_many_days"),
            # A re-check that was made says whether it holds, and by whom.
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(holds__isnull=False, by__isnull=False), name="recheck_done_says_what"
            ),
        )
        indexes = (models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="recheck_to_tell"),)

    def __str__(self) -> str:
        return f"{self.days} 日复查"


class Disposal(models.Model):
    """Disposing of the papers of a petition (销毁): asked for by one person, confirmed by another."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="disposals", verbose_name="信访事项")
    asked_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    reason = models.CharField("理由", max_length=200)
    confirmed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        verbose_name = "销毁"
        verbose_name_plural = "销毁"
        constraints = (
            # Two people dispose of it, never one.
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("asked_by")), name="disposal_takes_two_people"
            ),
            # Confirmed by somebody at some moment, or not at all.
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="disposal_confirmed_says_by_whom",
            ),
            # Asked for once at a time.
            models.UniqueConstraint(
                fields=("petition",), condition=Q(confirmed_at=None), name="disposal_asked_for_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.petition}销毁"
