"""What the indicators came to, and what has to be counted again."""

from __future__ import annotations

from datetime import date

from django.db import models

from cases.models import Unit
from supervision.evaluation.models.indicator import Indicator, Term


class DayCount(models.Model):
    """How many rows a term counts in a unit on one local day (日计数). Derived: it may be thrown away and rebuilt.

    `own` hang on the unit itself, `total` on it and everything below. A condition that asks how a row stands is asked at
    the end of the month of the day, or as of the last counting while that month runs. A stock stands on the first day of
    its month, so that the days of a month always add up to what the month counts.
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


class Folding(models.Model):
    """How far an indicator has been counted into what is stored (统计进度): all months from its first one on, as of a moment."""

    indicator = models.OneToOneField(Indicator, models.CASCADE, related_name="+", verbose_name="指标")
    first_month = models.DateField("起始月份")
    folded_at = models.DateTimeField("统计至")

    class Meta:
        verbose_name = "统计进度"
        verbose_name_plural = "统计进度"

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.folded_at}"


class Stale(models.Model):
    """A row of a source that changed (待重计): when it counts, once for what it was and once for what it is.

    Written by database triggers (`watching`), taken away by whoever counts again; nothing refers to it and it refers to
    nothing, so that no change of a row ever waits for a figure. `at` is a moment, `on` a local day; one of them is filled
    in. Only figures taken later than `since` can differ; empty: all. A source of "*" says that a unit was moved.
    """

    source = models.CharField("数据来源", max_length=20)
    at = models.DateTimeField("时刻", null=True)
    on = models.DateField("日期", null=True)
    since = models.DateTimeField("影响自", null=True)

    class Meta:
        verbose_name = "待重计"
        verbose_name_plural = "待重计"

    def __str__(self) -> str:
        return f"{self.source} {self.at or self.on}"
