"""How much an indicator weighs in a composite score."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Unit


class Weight(models.Model):
    """What one indicator weighs in a composite score from a day on (权重); the score is always shown with its parts.

    Named by the code of the indicator and not by a version: who changes the wording does not change the weight. `unit` is
    the bureau whose weights they are, none: those that come with the product.
    """

    score = models.CharField("综合得分", max_length=40, default="four_rates")
    code = models.CharField("指标代码", max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="制定单位")
    weight = models.DecimalField("权重", max_digits=6, decimal_places=3)
    in_force_from = models.DateField("施行日")
    in_force_until = models.DateField("失效日", null=True, blank=True)

    class Meta:
        verbose_name = "权重"
        verbose_name_plural = "权重"
        ordering = ("score", "code", "in_force_from")
        constraints = (
            # An indicator has one weight at a time in one score of one bureau.
            models.UniqueConstraint(
                fields=("score", "code", "unit"), condition=Q(in_force_until=None), name="weight_of_a_bureau_once"
            ),
            models.UniqueConstraint(
                fields=("score", "code"), condition=Q(in_force_until=None, unit=None), name="weight_of_the_house_once"
            ),
            # A weight is more than nothing.
            models.CheckConstraint(condition=Q(weight__gt=0), name="weight_is_positive"),
            # It ends no earlier than it begins.
            models.CheckConstraint(
                condition=Q(in_force_until=None) | Q(in_force_until__gte=F("in_force_from")),
                name="weight_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.weight}"
