"""What was found wrong with a visit."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Clock, Matter, Officer
from supervision.custody import rules
from supervision.custody.models.visit import Visit
from supervision.custody.rules import MOST_TEXT
from supervision.rectification.models import Order


class FaultSort(models.TextChoices):
    LIMIT = rules.Sort.LIMIT.value, "超过时限"
    MISSING = rules.Sort.MISSING.value, "缺环节"
    GAP = rules.Sort.GAP.value, "空档"


class FaultState(models.TextChoices):
    """What became of a fault that was found."""

    FOUND = "found", "待核实"
    CONFIRMED = "confirmed", "成立"
    DISMISSED = "dismissed", "不成立"
    LAPSED = "lapsed", "已不存在"

    @property
    def sign(self) -> str:
        return {"found": "▲", "confirmed": "■", "dismissed": "○", "lapsed": "—"}[self.value]

    @property
    def tone(self) -> str:
        return {"found": "orange", "confirmed": "red", "dismissed": "grey", "lapsed": "grey"}[self.value]

    @classmethod
    def standing(cls) -> tuple[FaultState, ...]:
        """Of those that count: found and not refuted."""
        return (cls.FOUND, cls.CONFIRMED)


class FaultQuerySet(models.QuerySet["Fault"]):
    def visible_to(self, officer: Officer) -> FaultQuerySet:
        """Those of visits whose matter the officer may see."""
        return self.filter(visit__in=Matter.objects.standing().visible_to(officer).values("pk"))

    def to_judge(self) -> FaultQuerySet:
        return self.filter(state=FaultState.FOUND)

    def standing(self) -> FaultQuerySet:
        return self.filter(state__in=FaultState.standing())


class Fault(models.Model):
    """One fault of one visit (入区问题): found by `rule`, with what was seen and by which article.

    `computed` says that it follows from the data alone; otherwise a person has to look. One that the data no longer bear
    out lapses by itself, unless a person has judged it.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="faults", verbose_name="入区")
    sort = models.CharField("类别", max_length=10, choices=FaultSort)
    rule = models.CharField("规则", max_length=40)
    text = models.CharField("查明的情况", max_length=300)
    citation = models.CharField("依据", max_length=200)
    problem = models.CharField("整改问题", max_length=40)
    computed = models.BooleanField("由系统比对得出")
    clock = models.ForeignKey(
        Clock, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+", verbose_name="时钟"
    )
    state = models.CharField("状态", max_length=10, choices=FaultState, default=FaultState.FOUND)
    found_at = models.DateTimeField("发现时间")
    judged_at = models.DateTimeField("核实时间", null=True, blank=True)
    judged_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="核实人"
    )
    why = models.CharField("核实意见", max_length=MOST_TEXT, blank=True)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="整改通知"
    )

    objects = FaultQuerySet.as_manager()

    class Meta:
        verbose_name = "入区问题"
        verbose_name_plural = "入区问题"
        constraints = (
            # A rule finds something about a visit once.
            models.UniqueConstraint(fields=("visit", "rule"), name="rule_finds_once_on_a_visit"),
            # What a person judged says who and when; what nobody judged does not.
            models.CheckConstraint(
                condition=Q(state__in=("found", "lapsed"), judged_at=None, judged_by=None)
                | Q(state__in=("confirmed", "dismissed"), judged_at__isnull=False, judged_by__isnull=False),
                name="judged_fault_says_by_whom",
            ),
            # Dismissing says why.
            models.CheckConstraint(condition=~Q(state="dismissed") | ~Q(why=""), name="dismissed_fault_says_why"),
            # What is confirmed is ordered to be put right, and nothing else is.
            models.CheckConstraint(
                condition=Q(state="confirmed", order__isnull=False) | (~Q(state="confirmed") & Q(order=None)),
                name="confirmed_fault_is_ordered",
            ),
        )
        indexes = (models.Index(fields=("visit",), condition=Q(state="found"), name="faults_to_judge"),)
        permissions = (("judge_fault", "可以核实入区问题"),)

    def __str__(self) -> str:
        return f"{self.get_sort_display()}：{self.text}"

    @property
    def stands(self) -> FaultState:
        return FaultState(self.state)
