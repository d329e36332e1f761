"""Barrings: who is kept away from a matter, whatever his posts and whoever names him."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models.matter import Matter
from cases.models.officer import Officer
from cases.models.unit import Unit


class BarringGround(models.TextChoices):
    """Why somebody is kept away."""

    ACCUSED = "accused", "被反映"
    INTEREST = "interest", "回避"


class BarringQuerySet(models.QuerySet["Barring"]):
    def in_force(self) -> BarringQuerySet:
        return self.filter(until_at=None)


class Barring(models.Model):
    """Who may not handle a matter, nor see it if it is restricted (不得经办): a unit with all below it, or an officer.

    A unit stands for everybody who belongs to it or holds a post in it now, so it follows people who move. What is
    complained about is barred for being accused; who has an interest recuses himself (信访工作条例 28, 30).
    """

    matter = models.ForeignKey(Matter, models.CASCADE, related_name="barrings", verbose_name="事项")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位")
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="barrings", verbose_name="民警"
    )
    ground = models.CharField("缘由", max_length=10, choices=BarringGround)
    reason = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    from_at = models.DateTimeField("自")
    until_at = models.DateTimeField("至", null=True, blank=True)

    objects = BarringQuerySet.as_manager()

    class Meta:
        verbose_name = "不得经办"
        verbose_name_plural = "不得经办"
        constraints = (
            # Either a unit or an officer is kept away, not both in one row.
            models.CheckConstraint(
                condition=Q(unit=None, officer__isnull=False) | Q(unit__isnull=False, officer=None),
                name="barring_names_a_unit_or_an_officer",
            ),
            # Nobody is kept away twice at once.
            models.UniqueConstraint(
                fields=("matter", "officer"), condition=Q(until_at=None), name="officer_barred_once"
            ),
            models.UniqueConstraint(fields=("matter", "unit"), condition=Q(until_at=None), name="unit_barred_once"),
            # A barring ends after it begins.
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("from_at")), name="barring_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit or self.officer}（{self.get_ground_display()}）"
