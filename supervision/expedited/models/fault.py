"""What is wrong with a case handled by the expedited procedure: found by the rules, judged by a person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Clock, Matter, Officer
from supervision.expedited import rules
from supervision.expedited.models.case import ExpeditedCase
from supervision.expedited.rules import MOST_TEXT
from supervision.rectification.models import Order


class FaultRule(models.TextChoices):
    """Which rule found it."""

    INELIGIBLE = rules.Rule.INELIGIBLE.value, "不应适用而适用"
    UNCONVERTED = rules.Rule.UNCONVERTED.value, "应转未转"
    NO_CONSENT = rules.Rule.NO_CONSENT.value, "未经同意"
    OVERLONG = rules.Rule.OVERLONG.value, "超过四十八小时"


class FaultState(models.TextChoices):
    """What a person made of it."""

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


class FaultQuerySet(models.QuerySet["Fault"]):
    def visible_to(self, officer: Officer) -> FaultQuerySet:
        """Those of cases whose matter the officer may see."""
        return self.filter(case__in=Matter.objects.standing().visible_to(officer).values("pk"))

    def to_judge(self) -> FaultQuerySet:
        return self.filter(state=FaultState.FOUND)


class Fault(models.Model):
    """One fault of one case (快速办理问题): found by `rule`, with what was seen and by which article.

    Confirmed, it names the order that it be put right. One that the data no longer bear out lapses by itself, unless a
    person has judged it.
    """

    case = models.ForeignKey(ExpeditedCase, models.PROTECT, related_name="faults", verbose_name="快速办理案件")
    rule = models.CharField("问题", max_length=12, choices=FaultRule)
    text = models.CharField("查明的情况", max_length=600)
    citation = models.CharField("依据", max_length=200)
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
        verbose_name = "快速办理问题"
        verbose_name_plural = "快速办理问题"
        constraints = (
            # A rule finds something about a case once.
            models.UniqueConstraint(fields=("case", "rule"), name="rule_finds_once_on_an_expedited_case"),
            # What a person judged says who and when; what nobody judged does not.
            models.CheckConstraint(
                condition=Q(state__in=(FaultState.FOUND, FaultState.LAPSED), judged_at=None, judged_by=None)
                | Q(
                    state__in=(FaultState.CONFIRMED, FaultState.DISMISSED),
                    judged_at__isnull=False,
                    judged_by__isnull=False,
                ),
                name="judged_expedited_fault_says_by_whom",
            ),
            # Dismissing says why.
            models.CheckConstraint(
                condition=~Q(state=FaultState.DISMISSED) | ~Q(why=""), name="dismissed_expedited_fault_says_why"
            ),
            # What is confirmed is ordered to be put right, and nothing else is.
            models.CheckConstraint(
                condition=Q(state=FaultState.CONFIRMED, order__isnull=False)
                | (~Q(state=FaultState.CONFIRMED) & Q(order=None)),
                name="confirmed_expedited_fault_is_ordered",
            ),
        )
        indexes = (
            models.Index(fields=("found_at", "id"), name="expedited_faults_list"),
            models.Index(fields=("found_at", "id"), condition=Q(state="found"), name="expedited_faults_to_judge"),
        )

    def __str__(self) -> str:
        return f"{self.get_rule_display()}：{self.text}"

    @property
    def stands(self) -> FaultState:
        return FaultState(self.state)
