"""Absences: who answers for an officer while he is away."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from cases.models.officer import Officer


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def on(self, day: date) -> "AbsenceQuerySet":
        return self.filter(from_on__lte=day, until_on__gte=day)


class Absence(models.Model):
    """An officer away from one day to another, both included, and who stands in for him (外出代理).

    The deputy is told what the officer would be told; what the officer sees and answers for does not change. Absence
    of a row: he is there.
    """

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="absences", verbose_name="民警")
    deputy = models.ForeignKey(Officer, models.PROTECT, related_name="deputises", verbose_name="代理人")
    from_on = models.DateField("自")
    until_on = models.DateField("至")
    reason = models.CharField("事由", max_length=100, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = "外出代理"
        verbose_name_plural = "外出代理"
        ordering = ("-from_on", "id")
        constraints = (
            # Nobody stands in for himself.
            models.CheckConstraint(condition=~Q(deputy=F("officer")), name="absence_has_another_deputy"),
            # An absence ends after it begins.
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="absence_ends_after_it_begins"),
        )
        indexes = (
            # Who is away today.
            models.Index(fields=("until_on", "from_on"), name="absences_of_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.officer} {self.from_on}至{self.until_on}"
