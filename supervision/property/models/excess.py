"""What of an item exceeds the law, or may: found by the rules, judged by a person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Clock, Matter, Officer
from supervision.property import rules
from supervision.property.models.item import Item
from supervision.property.rules import MOST_TEXT
from supervision.rectification.models import Order


class ExcessKind(models.TextChoices):
    """The four excesses (四超)."""

    AUTHORITY = rules.Kind.AUTHORITY.value, "超权限"
    SCOPE = rules.Kind.SCOPE.value, "超范围"
    AMOUNT = rules.Kind.AMOUNT.value, "超数额"
    TIME = rules.Kind.TIME.value, "超时限"


class ExcessState(models.TextChoices):
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


class ExcessQuerySet(models.QuerySet["Excess"]):
    def visible_to(self, officer: Officer) -> ExcessQuerySet:
        """Those of items whose matter the officer may see."""
        return self.filter(item__in=Matter.objects.standing().visible_to(officer).values("pk"))

    def to_judge(self) -> ExcessQuerySet:
        return self.filter(state=ExcessState.FOUND)


class Excess(models.Model):
    """One excess of one item (四超): found by `rule`, with what was seen and by which article.

    `computed` says that it follows from the data alone; otherwise a person has to look. Confirmed, it names the order that
    it be put right. One that the data no longer bear out lapses by itself, unless a person has judged it.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="excesses", verbose_name="涉案财物")
    kind = models.CharField("类别", max_length=10, choices=ExcessKind)
    rule = models.CharField("规则", max_length=40)
    text = models.CharField("查明的情况", max_length=300)
    citation = models.CharField("依据", max_length=200)
    problem = models.CharField("整改问题", max_length=40)
    computed = models.BooleanField("由系统比对得出")
    clock = models.ForeignKey(
        Clock, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+", verbose_name="时钟"
    )
    state = models.CharField("状态", max_length=10, choices=ExcessState, default=ExcessState.FOUND)
    found_at = models.DateTimeField("发现时间")
    judged_at = models.DateTimeField("核实时间", null=True, blank=True)
    judged_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="核实人"
    )
    why = models.CharField("核实意见", max_length=MOST_TEXT, blank=True)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="整改通知"
    )

    objects = ExcessQuerySet.as_manager()

    class Meta:
        verbose_name = "四超问题"
        verbose_name_plural = "四超问题"
        constraints = (
            # A rule finds something about an item once.
            models.UniqueConstraint(fields=("item", "rule"), name="rule_finds_once_on_an_item"),
            # What a person judged says who and when; what nobody judged does not.
            models.CheckConstraint(
                condition=Q(state__in=(ExcessState.FOUND, ExcessState.LAPSED), judged_at=None, judged_by=None)
                | Q(
                    state__in=(ExcessState.CONFIRMED, ExcessState.DISMISSED),
                    judged_at__isnull=False,
                    judged_by__isnull=False,
                ),
                name="judged_excess_says_by_whom",
            ),
            # Dismissing says why.
            models.CheckConstraint(
                condition=~Q(state=ExcessState.DISMISSED) | ~Q(why=""), name="dismissed_excess_says_why"
            ),
            # What is confirmed is ordered to be put right, and nothing else is.
            models.CheckConstraint(
                condition=Q(state=ExcessState.CONFIRMED, order__isnull=False)
                | (~Q(state=ExcessState.CONFIRMED) & Q(order=None)),
                name="confirmed_excess_is_ordered",
            ),
        )
        indexes = (
            models.Index(fields=("found_at", "id"), name="excesses_list"),
            models.Index(fields=("found_at", "id"), condition=Q(state="found"), name="excesses_to_judge"),
        )
        permissions = (("judge_excess", "可以核实四超问题"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.text}"

    @property
    def stands(self) -> ExcessState:
        return ExcessState(self.state)
