"""What an issued bulletin said, and which rows it counted."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Unit
from supervision.evaluation.models.indicator import Indicator, Term


class FrozenFigure(models.Model):
    """A figure as an issued bulletin said it (定稿数据): edition, unit, indicator version, period, cutoff, both numbers.

    Append-only, by database trigger: what changes later does not change here, it appears in the next one. The period is
    [begins_on, ends_on) in local days. `edition` is the name under which the bulletin froze it.
    """

    edition = models.CharField("期号", max_length=80)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="单位")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name="指标")
    begins_on = models.DateField("起日")
    ends_on = models.DateField("止日（不含）")
    cutoff = models.DateTimeField("取数时点")
    numerator = models.PositiveIntegerField("分子")
    denominator = models.PositiveIntegerField("分母")
    frozen_at = models.DateTimeField("定稿时间")

    class Meta:
        verbose_name = "定稿数据"
        verbose_name_plural = "定稿数据"
        ordering = ("edition", "begins_on", "unit_id", "indicator_id")
        constraints = (
            # An edition says a figure once.
            models.UniqueConstraint(
                fields=("edition", "unit", "indicator", "begins_on", "ends_on"), name="figure_frozen_once_an_edition"
            ),
            # A period has a day at least.
            models.CheckConstraint(condition=Q(ends_on__gt=F("begins_on")), name="frozen_figure_has_a_period"),
        )

    def __str__(self) -> str:
        return f"{self.edition} {self.numerator}/{self.denominator}"


class FrozenRows(models.Model):
    """The rows one term counted for an issued bulletin (定稿明细): their keys, packed. Append-only, by database trigger.

    Indicators of an edition that share a term share this row. `keys` is written and read by `rules.packing`.
    """

    edition = models.CharField("期号", max_length=80)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="单位")
    term = models.ForeignKey(Term, models.PROTECT, related_name="+", verbose_name="计数")
    begins_on = models.DateField("起日")
    ends_on = models.DateField("止日（不含）")
    count = models.PositiveIntegerField("行数")
    keys = models.BinaryField("明细主键")

    class Meta:
        verbose_name = "定稿明细"
        verbose_name_plural = "定稿明细"
        ordering = ("edition", "begins_on", "unit_id", "term_id")
        constraints = (
            # An edition names the rows of a term once.
            models.UniqueConstraint(
                fields=("edition", "unit", "term", "begins_on", "ends_on"), name="rows_frozen_once_an_edition"
            ),
        )

    def __str__(self) -> str:
        return f"{self.edition} {self.count}"
