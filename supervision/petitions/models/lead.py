"""Who leads a petition, by what plan."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Officer
from supervision.petitions.models.petition import Petition


class Lead(models.Model):
    """An official who leads a petition from one moment to another (包案领导); an open end means he leads it now.

    `rank` is the one his posts gave him when he took it over. The next one begins at the moment the last one ends.
    """

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="leads", verbose_name="信访事项")
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="包案领导")
    rank = models.PositiveSmallIntegerField("层级")
    from_at = models.DateTimeField("自")
    until_at = models.DateTimeField("至", null=True, blank=True)
    reason = models.CharField("变更理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "包案领导"
        verbose_name_plural = "包案领导"
        ordering = ("from_at", "id")
        constraints = (
            # One petition, one leading official at any moment.
            models.UniqueConstraint(fields=("petition",), condition=Q(until_at=None), name="petition_led_by_one"),
            # Nor do two begin together.
            models.UniqueConstraint(fields=("petition", "from_at"), name="petition_leads_begin_apart"),
            # A change of lead says why.
            models.CheckConstraint(condition=Q(until_at=None) | ~Q(reason=""), name="lead_ended_says_why"),
            # A lead ends after it begins.
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gt=F("from_at")), name="lead_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return str(self.officer)


class Plan(models.Model):
    """How a petition is to be solved (化解方案): one a petition."""

    petition = models.OneToOneField(Petition, models.PROTECT, related_name="plan", verbose_name="信访事项")
    aim = models.TextField("化解目标与思路")
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="制定人")
    made_at = models.DateTimeField("制定时间")

    class Meta:
        verbose_name = "化解方案"
        verbose_name_plural = "化解方案"

    def __str__(self) -> str:
        return f"{self.petition}的方案"


class Measure(models.Model):
    """One measure of a plan (化解措施): what, who, by when, and what came of it."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="measures", verbose_name="方案")
    what = models.CharField("措施", max_length=300)
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="责任人")
    due_on = models.DateField("完成期限")
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    result = models.CharField("结果", max_length=300, blank=True)
    tell_since = models.DateTimeField("提醒时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "化解措施"
        verbose_name_plural = "化解措施"
        ordering = ("due_on", "id")
        constraints = (
            # A measure that is done says what came of it.
            models.CheckConstraint(condition=Q(done_at=None) | ~Q(result=""), name="measure_done_says_result"),
        )
        indexes = (models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="measure_to_tell"),)

    def __str__(self) -> str:
        return self.what


class Service(models.TextChoices):
    """What is done for the people behind a petition (疏导帮扶)."""

    RECEPTION = "reception", "接待"
    EXPLANATION = "explanation", "释法说理"
    MEDIATION = "mediation", "调解"
    LEGAL_AID = "legal_aid", "法律援助"
    JUDICIAL_RELIEF = "judicial_relief", "司法救助"
    ASSISTANCE = "assistance", "困难帮扶"


class Contact(models.Model):
    """One service planned or done for the people behind a petition (疏导帮扶), and what came of it.

    The next contact is the earliest one that has not been held.
    """

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="contacts", verbose_name="信访事项")
    service = models.CharField("方式", max_length=16, choices=Service)
    planned_on = models.DateField("计划日期")
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="联系人")
    held_at = models.DateTimeField("实际时间", null=True, blank=True)
    result = models.CharField("结果", max_length=500, blank=True)
    tell_since = models.DateTimeField("提醒时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "疏导帮扶"
        verbose_name_plural = "疏导帮扶"
        ordering = ("planned_on", "id")
        constraints = (
            # A contact that was held says what came of it.
            models.CheckConstraint(condition=Q(held_at=None) | ~Q(result=""), name="contact_held_says_result"),
        )
        indexes = (models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="contact_to_tell"),)

    def __str__(self) -> str:
        return f"{self.get_service_display()} {self.planned_on}"
