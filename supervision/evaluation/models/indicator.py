"""Indicators and the terms they count."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from cases.models import Officer, Unit
from supervision.evaluation.rates import MINIMUM_DENOMINATOR


class Group(models.TextChoices):
    """Which part of the work an indicator looks at."""

    FOUR = "four", "四率"
    EFFICIENCY = "efficiency", "办案效率"
    QUALITY = "quality", "办案质量"
    RECTIFICATION = "rectification", "整改盯办"
    PUBLIC = "public", "群众诉求"
    OTHER = "other", "其他"


class Better(models.TextChoices):
    """Which way an indicator should move."""

    UP = "up", "越高越好"
    DOWN = "down", "越低越好"
    NONE = "none", "不分高低"

    @property
    def sign(self) -> str:
        return {"up": "↑", "down": "↓", "none": "—"}[self.value]


class Shape(models.TextChoices):
    """What an indicator says: a share of something, or how long something takes."""

    RATE = "rate", "比率"
    DURATION = "duration", "时长"


class Term(models.Model):
    """One thing that is counted (计数), shared by all indicators that count it.

    `text` is the term in its canonical writing, by which it is known: source, moment, conditions. `stock` counts what was
    there when the period began: come at the moment `at` before it, and not left by then. Append-only, by database trigger.
    """

    text = models.CharField("规范写法", max_length=500, unique=True)
    source = models.CharField("数据来源", max_length=20)
    at = models.CharField("计入时刻", max_length=20)
    where = models.JSONField("条件", default=dict, blank=True)
    stock = models.BooleanField("期初存量", default=False)

    class Meta:
        verbose_name = "计数"
        verbose_name_plural = "计数"
        ordering = ("source", "text")

    def __str__(self) -> str:
        return self.text


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def in_force_on(self, day: date) -> IndicatorQuerySet:
        """Versions in force on a day; of one code there may be the house's and some bureaus'."""
        return self.filter(in_force_from__lte=day).filter(Q(in_force_until=None) | Q(in_force_until__gt=day))

    def counted(self) -> IndicatorQuerySet:
        """Those whose sources exist."""
        return self.filter(draft=False)


class Indicator(models.Model):
    """One version of one indicator (指标): what it is called, what it counts, why and for whom.

    A version never changes (database trigger); a change is a new version, and only the end of an old one is filled in,
    once. `unit` is the bureau that made it, for itself and what lies below; none: it comes with the product. `restricted`:
    it counts matters that only their handlers may see, so its numbers are not everybody's (信访工作条例 30). `draft`: the rows
    it would count do not exist yet, so it has no figures. In force from a day to another, that one left out.
    """

    code = models.CharField("代码", max_length=60)
    version = models.PositiveSmallIntegerField("版本")
    name = models.CharField("名称", max_length=60)
    group = models.CharField("类别", max_length=16, choices=Group, default=Group.OTHER)
    shape = models.CharField("形式", max_length=10, choices=Shape, default=Shape.RATE)
    numerator_words = models.CharField("分子", max_length=300)
    denominator_words = models.CharField("分母", max_length=300, blank=True)
    period_words = models.CharField("统计期", max_length=300)
    scope_words = models.CharField("范围", max_length=300, blank=True)
    exclusion_words = models.CharField("不计入", max_length=300, blank=True)
    basis = models.CharField("依据", max_length=300, blank=True)
    better = models.CharField("方向", max_length=6, choices=Better)
    minimum = models.PositiveSmallIntegerField("最小分母", default=MINIMUM_DENOMINATOR)
    restricted = models.BooleanField("涉及仅经办人可见的事项", default=False)
    draft = models.BooleanField("暂无数据来源", default=False)
    warns_above = models.BooleanField("过高也提示", default=False)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="indicators", verbose_name="制定单位"
    )
    by = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="制定人")
    made_at = models.DateTimeField("制定时间")
    in_force_from = models.DateField("施行日")
    in_force_until = models.DateField("失效日", null=True, blank=True)
    order = models.PositiveSmallIntegerField("排序", default=100)
    terms = models.ManyToManyField(Term, through="Part", related_name="indicators", verbose_name="计数")

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = "指标"
        verbose_name_plural = "指标"
        ordering = ("order", "code", "version")
        constraints = (
            # A version of an indicator is made once.
            models.UniqueConstraint(fields=("code", "version"), name="indicator_version_made_once"),
            # Of one code one version of one maker is without an end.
            models.UniqueConstraint(
                fields=("code", "unit"), condition=Q(in_force_until=None), name="indicator_of_a_bureau_in_force_once"
            ),
            models.UniqueConstraint(
                fields=("code",),
                condition=Q(in_force_until=None, unit=None),
                name="indicator_of_the_house_in_force_once",
            ),
            # It ends no earlier than it begins.
            models.CheckConstraint(
                condition=Q(in_force_until=None) | Q(in_force_until__gte=F("in_force_from")),
                name="indicator_ends_after_it_begins",
            ),
            # Versions are counted from one, and something is always compared with something.
            models.CheckConstraint(condition=Q(version__gte=1, minimum__gte=1), name="indicator_counts_from_one"),
            # What a bureau made somebody made.
            models.CheckConstraint(condition=Q(unit=None) | Q(by__isnull=False), name="own_indicator_is_somebodys"),
        )
        permissions = (("define_indicator", "可以制定本单位的指标"),)

    def __str__(self) -> str:
        return self.name

    @property
    def is_own(self) -> bool:
        """Whether a bureau made it."""
        return self.unit_id is not None

    @property
    def label(self) -> str:
        """Code and version, as a figure names what made it."""
        return f"{self.code}@{self.version}"

    @property
    def improves(self) -> Better:
        return Better(self.better)


class Side(models.TextChoices):
    """On which side of the line a term is counted."""

    NUMERATOR = "numerator", "分子"
    DENOMINATOR = "denominator", "分母"


class Part(models.Model):
    """A term on one side of an indicator (指标构成); the terms of a side add up. Append-only, by database trigger."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="parts", verbose_name="指标")
    side = models.CharField("位置", max_length=12, choices=Side)
    term = models.ForeignKey(Term, models.PROTECT, related_name="parts", verbose_name="计数")
    order = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "指标构成"
        verbose_name_plural = "指标构成"
        ordering = ("indicator_id", "-side", "order")
        constraints = (
            # Nothing is counted twice on one side.
            models.UniqueConstraint(fields=("indicator", "side", "term"), name="term_counted_once_on_a_side"),
        )

    def __str__(self) -> str:
        return f"{self.get_side_display()}：{self.term}"
