"""Disputes between people that the police help to settle."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Matter, Unit


class Sort(models.TextChoices):
    """What a dispute is about (纠纷类型)."""

    FAMILY = "family", "婚姻家庭"
    NEIGHBOURS = "neighbours", "邻里"
    DEBT = "debt", "债务"
    LABOUR = "labour", "劳动"
    LAND = "land", "土地山林"
    PROPERTY = "property", "物业"
    CONSUMER = "consumer", "消费"
    DAMAGE = "damage", "损害赔偿"
    MEDICAL = "medical", "医疗"
    OTHER = "other", "其他"


class Risk(models.TextChoices):
    """How grave the matter may become (风险等级); of the matter, never of a person."""

    LOW = "low", "一般"
    MEDIUM = "medium", "较大"
    HIGH = "high", "重大"

    @property
    def sign(self) -> str:
        return {"low": "●", "medium": "▲", "high": "■"}[self.value]

    @property
    def tone(self) -> str:
        return {"low": "grey", "medium": "orange", "high": "red"}[self.value]


class Channel(models.TextChoices):
    """How a dispute came in (来源)."""

    CALL = "call", "警情"
    VISIT = "visit", "走访摸排"
    COUNTER = "counter", "群众上门"
    HOTLINE = "hotline", "12345 热线"
    PASSED_ON = "passed_on", "其他部门转来"


class DisputeStage(models.TextChoices):
    """How a dispute stands."""

    OPEN = "open", "待调解"
    MEDIATING = "mediating", "调解中"
    SETTLED = "settled", "已化解"
    UNSETTLED = "unsettled", "调解不成"

    @classmethod
    def unended(cls) -> tuple[DisputeStage, ...]:
        return (cls.OPEN, cls.MEDIATING)

    @property
    def sign(self) -> str:
        return {"open": "○", "mediating": "▶", "settled": "✓", "unsettled": "×"}[self.value]

    @property
    def tone(self) -> str:
        return {"open": "yellow", "mediating": "green", "settled": "grey", "unsettled": "orange"}[self.value]


class Dispute(models.Model):
    """What is known of a dispute (矛盾纠纷) beside its matter: what about, how grave, who mediated, what came of it.

    The day it was taken in is the matter's `opened_at`. A matter of this kind without a row came from elsewhere and has
    not been registered here. `recheck_due_on` is the day by which it is looked whether the settlement held.
    """

    matter = models.OneToOneField(Matter, models.PROTECT, primary_key=True, related_name="dispute", verbose_name="事项")
    sort = models.CharField("纠纷类型", max_length=12, choices=Sort)
    risk = models.CharField("风险等级", max_length=8, choices=Risk)
    channel = models.CharField("来源", max_length=12, choices=Channel)
    stage = models.CharField("阶段", max_length=12, choices=DisputeStage, default=DisputeStage.OPEN)
    mediated_by = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="调解单位"
    )
    mediation_began_on = models.DateField("开始调解", null=True, blank=True)
    ended_on = models.DateField("化解或者终结", null=True, blank=True)
    result = models.CharField("结果", max_length=500, blank=True)
    recheck_due_on = models.DateField("回访期限", null=True, blank=True)
    rechecked_on = models.DateField("已回访", null=True, blank=True)
    recheck_result = models.CharField("回访情况", max_length=300, blank=True)
    # From when somebody is to be told that the settlement is to be looked at again.
    tell_since = models.DateTimeField("提醒时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "矛盾纠纷"
        verbose_name_plural = "矛盾纠纷"
        constraints = (
            # A unit mediates from a day, or nobody does yet.
            models.CheckConstraint(
                condition=Q(mediated_by=None, mediation_began_on=None)
                | Q(mediated_by__isnull=False, mediation_began_on__isnull=False),
                name="dispute_mediated_by_a_unit_from_a_day",
            ),
            # Nobody mediates an open one, somebody the one in mediation; settled is only what was mediated.
            models.CheckConstraint(
                condition=Q(stage=DisputeStage.OPEN, mediated_by=None)
                | Q(stage__in=(DisputeStage.MEDIATING, DisputeStage.SETTLED), mediated_by__isnull=False)
                | Q(stage=DisputeStage.UNSETTLED),
                name="dispute_settled_by_mediation",
            ),
            # What has ended says when and how; what has not says neither.
            models.CheckConstraint(
                condition=(
                    Q(stage__in=(DisputeStage.SETTLED, DisputeStage.UNSETTLED), ended_on__isnull=False) & ~Q(result="")
                )
                | Q(stage__in=(DisputeStage.OPEN, DisputeStage.MEDIATING), ended_on=None, result=""),
                name="dispute_ended_says_how",
            ),
            # Mediation does not end before it begins.
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(mediation_began_on=None) | Q(ended_on__gte=F("mediation_began_on")),
                name="dispute_ends_after_mediation_began",
            ),
            # A settlement, and nothing else, is looked at again, on a day not before it.
            models.CheckConstraint(
                condition=Q(stage=DisputeStage.SETTLED, recheck_due_on__isnull=False, recheck_due_on__gte=F("ended_on"))
                | (~Q(stage=DisputeStage.SETTLED) & Q(recheck_due_on=None)),
                name="settlement_is_rechecked",
            ),
            # Whoever looked again says what he found; he looks at a settlement.
            models.CheckConstraint(
                condition=Q(rechecked_on=None, recheck_result="")
                | (
                    Q(stage=DisputeStage.SETTLED, rechecked_on__isnull=False, rechecked_on__gte=F("ended_on"))
                    & ~Q(recheck_result="")
                ),
                name="recheck_says_what_it_found",
            ),
        )
        indexes = (
            # Settlements still to be looked at again.
            models.Index(
                fields=("recheck_due_on",),
                condition=Q(recheck_due_on__isnull=False, rechecked_on=None),
                name="disputes_to_recheck",
            ),
            models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="disputes_to_tell"),
        )

    def __str__(self) -> str:
        return f"{self.matter}"

    @property
    def at_stage(self) -> DisputeStage:
        return DisputeStage(self.stage)

    @property
    def at_risk(self) -> Risk:
        return Risk(self.risk)

    @property
    def awaits_recheck(self) -> bool:
        return self.stage == DisputeStage.SETTLED and self.rechecked_on is None
