"""What the indicators came to, and what has to be counted again."""

from __future__ import annotations

from datetime import date

from django.db import models

from cases.models import Unit
from supervision.evaluation.models.indicator import Indicator, Term


class DayCount(models.Model):
    """How many rows a term counts in a unit on one local day (日计数). Derived: it may be thrown away and rebuilt.

    `own` hang on the unit itself, `total` on it and everything below. A condition that asks how a row stands is asked at
    the end of the month of the day, or now while that month runs. For a stock it is what came that day less what left, so
    that the stock of a morning is the sum of all days before it; therefore both may be negative.
    """

    unit = models.ForeignKey(Unit, models.CASCADE, db_index=False, related_name="+", verbose_name="单位")
    term = models.ForeignKey(Term, models.PROTECT, db_index=False, related_name="+", verbose_name="计数")
    day = models.DateField("日期")
    own = models.IntegerField("本级", default=0)
    total = models.IntegerField("含下级", default=0)

    class Meta:
        verbose_name = "日计数"
        verbose_name_plural = "日计数"
        constraints = (
            # One number a unit, term and day; its index is also the way in for a unit's days in a row.
            models.UniqueConstraint(fields=("unit", "term", "day"), name="day_counted_once"),
        )
        indexes = (
            # All units of a term on some days: a rebuild, a check.
            models.Index(fields=("term", "day"), name="day_counts_of_a_term"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.total}"


class FigureQuerySet(models.QuerySet["Figure"]):
    def known_by(self, day: date) -> FigureQuerySet:
        """What was known at the end of a local day, and perhaps replaced since."""
        return self.filter(known_on__lte=day)


class Figure(models.Model):
    """What an indicator came to in a unit and everything below it in a month (指标数据), as known on a local day.

    A row is added on a day on which the numbers were found changed, one a day at most; what was known on a date is the
    last row not after it, and the last row of all is the current one. `month` is its first day.
    """

    unit = models.ForeignKey(Unit, models.CASCADE, db_index=False, related_name="+", verbose_name="单位")
    indicator = models.ForeignKey(Indicator, models.PROTECT, db_index=False, related_name="+", verbose_name="指标")
    month = models.DateField("月份")
    known_on = models.DateField("得知日")
    numerator = models.PositiveIntegerField("分子")
    denominator = models.PositiveIntegerField("分母")
    cutoff = models.DateTimeField("取数时点")

    objects = FigureQuerySet.as_manager()

    class Meta:
        verbose_name = "指标数据"
        verbose_name_plural = "指标数据"
        constraints = (
            # One row a day at most; its index is also the way in for a unit's months in a row.
            models.UniqueConstraint(fields=("unit", "indicator", "month", "known_on"), name="figure_known_once_a_day"),
        )
        indexes = (
            # All units of an indicator in a month: tables and comparisons.
            models.Index(fields=("indicator", "month", "unit"), name="figures_of_a_month"),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.numerator}/{self.denominator}"


class Stale(models.Model):
    """A row of a source that changed (待重计): where it counts and when, once for what it was and once for what it is.

    Written by database triggers, taken away by whoever counts again; nothing refers to it and it refers to nothing, so that
    no change of a row ever waits for a figure. `at` is a moment, `on` a local day; one of them is filled in.
    """

    source = models.CharField("数据来源", max_length=20)
    unit_id = models.BigIntegerField("单位", null=True)
    at = models.DateTimeField("时刻", null=True)
    on = models.DateField("日期", null=True)

    class Meta:
        verbose_name = "待重计"
        verbose_name_plural = "待重计"

    def __str__(self) -> str:
        return f"{self.source} {self.at or self.on}"
