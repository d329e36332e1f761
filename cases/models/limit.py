"""Limits as rows: the law is data, and each version of it a row of its own."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q

from cases.models.matter import MatterKind
from cases.statute import limits as statute
from cases.statute.questions import replaced


class LimitStatus(models.TextChoices):
    VERIFIED = statute.Status.VERIFIED.value, "已核实"
    SECONDARY = statute.Status.SECONDARY.value, "转引"
    DRAFT = statute.Status.DRAFT.value, "草稿"


class LimitNature(models.TextChoices):
    DUTY = statute.Nature.DUTY.value, "机关义务"
    CEILING = statute.Nature.CEILING.value, "措施上限"
    RIGHT = statute.Nature.RIGHT.value, "当事人权利"
    OTHER_BODY = statute.Nature.OTHER_BODY.value, "外部机关"
    TRIGGER = statute.Nature.TRIGGER.value, "起算或触发"
    LIMITATION = statute.Nature.LIMITATION.value, "时效"
    RETENTION = statute.Nature.RETENTION.value, "留存"

    @classmethod
    def counted(cls) -> tuple["LimitNature", ...]:
        """Natures whose running over counts against a unit."""
        return (cls.DUTY, cls.CEILING)


class LimitUnit(models.TextChoices):
    MINUTE = statute.Unit.MINUTE.value, "分钟"
    HOUR = statute.Unit.HOUR.value, "小时"
    DAY = statute.Unit.DAY.value, "日"
    WORKDAY = statute.Unit.WORKDAY.value, "工作日"
    MONTH = statute.Unit.MONTH.value, "月"
    YEAR = statute.Unit.YEAR.value, "年"


class LimitRollover(models.TextChoices):
    NONE = statute.Rollover.NONE.value, "不顺延"
    FORWARD = statute.Rollover.FORWARD.value, "顺延"
    BACKWARD = statute.Rollover.BACKWARD.value, "提前"


class ApproverLevel(models.Model):
    """A level that may approve an extension (批准层级): its line, and its rank in that line."""

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    line = models.CharField("系统", max_length=20)
    rank = models.PositiveSmallIntegerField("级别")

    class Meta:
        verbose_name = "批准层级"
        verbose_name_plural = "批准层级"
        ordering = ("line", "rank")

    def __str__(self) -> str:
        return self.name


class Ladder(models.Model):
    """When a clock turns yellow and orange, and what is said and asked then (预警阶梯). Limits that name none take the one for their length.

    `counts` says whether it suits limits counted in days or in exact time; of those, the one with the greatest
    `from_length` not above the limit's length (months taken as 30 days, years as 365) is the default.
    """

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    counts = models.CharField("适用于", max_length=5, choices=(("day", "按日"), ("exact", "按小时、分钟")))
    from_length = models.PositiveIntegerField("自长度", null=True, blank=True)
    yellow = models.JSONField("黄色提前量")
    orange = models.JSONField("橙色提前量")
    # What red says and asks, and after how many silent working days a warning climbs; empty: the usual.
    red = models.JSONField("超期", default=dict, blank=True)
    climbs = models.JSONField("逐级上报", default=list, blank=True)

    class Meta:
        verbose_name = "预警阶梯"
        verbose_name_plural = "预警阶梯"
        ordering = ("counts", "from_length")

    def __str__(self) -> str:
        return self.name


class LimitQuerySet(models.QuerySet["Limit"]):
    def active(self) -> "LimitQuerySet":
        return self.exclude(status=LimitStatus.DRAFT)

    def in_force_on(self, day: date) -> "LimitQuerySet":
        return self.filter(
            Q(in_force_from=None) | Q(in_force_from__lte=day), Q(in_force_until=None) | Q(in_force_until__gte=day)
        )


class Limit(models.Model):
    """One version of one statutory limit (时限).

    `definition` is the catalogue row it was loaded from; `answered` holds the fields that answers to open questions put
    in place of its own, derived from the answers and empty while the defaults stand. The two together are the whole
    truth; the other columns are readings of it for lists and constraints. A change of the law is a new row of the same
    family.
    """

    code = models.CharField("代码", max_length=60, unique=True)
    family = models.CharField("时限族", max_length=60, db_index=True)
    name = models.CharField("名称", max_length=80)
    field_of_law = models.CharField("领域", max_length=20, blank=True)
    nature = models.CharField("性质", max_length=20, choices=LimitNature)
    law = models.CharField("法律法规", max_length=80)
    article = models.CharField("条款", max_length=60, blank=True)
    text_version = models.CharField("文本版本", max_length=80, blank=True)
    length = models.PositiveIntegerField("长度", null=True, blank=True)
    unit = models.CharField("单位", max_length=8, choices=LimitUnit)
    rollover = models.CharField("末日遇节假日", max_length=8, choices=LimitRollover)
    in_force_from = models.DateField("施行日", null=True, blank=True)
    in_force_until = models.DateField("失效日", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=LimitStatus)
    ladder = models.ForeignKey(Ladder, models.PROTECT, null=True, blank=True, verbose_name="预警阶梯")
    kinds = models.ManyToManyField(MatterKind, related_name="limits", blank=True, verbose_name="适用种类")
    definition = models.JSONField("定义")
    answered = models.JSONField("按答复改动", default=dict, blank=True)

    objects = LimitQuerySet.as_manager()

    class Meta:
        verbose_name = "时限"
        verbose_name_plural = "时限"
        ordering = ("field_of_law", "code")
        constraints = (
            # A version ends after it comes into force.
            models.CheckConstraint(
                condition=Q(in_force_until=None) | Q(in_force_from=None) | Q(in_force_until__gte=F("in_force_from")),
                name="limit_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def citation(self) -> str:
        return f"《{self.law}》{self.article}"

    @property
    def length_text(self) -> str:
        return f"{self.length}{statute.Unit(self.unit).chinese}" if self.length else "由文书确定"

    @property
    def written(self) -> Mapping[str, Any]:
        """The definition as answered."""
        return replaced(self.definition, self.answered)

    def rule(self) -> statute.Limit:
        """The row as the pure core knows it, under the answers that stand."""
        return statute.parse_limit(self.written)
