"""A case handled by the expedited procedure, and what was stated of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Event, Matter, Officer
from supervision.expedited import rules


class Verdict(models.TextChoices):
    """Whether the case may be handled so, as the rules last said."""

    MAY = rules.Verdict.MAY.value, "可以适用"
    MAY_NOT = rules.Verdict.MAY_NOT.value, "不能适用"
    UNTOLD = rules.Verdict.UNTOLD.value, "还不能判断"

    @property
    def sign(self) -> str:
        return {"may": "✓", "may_not": "■", "untold": "？"}[self.value]

    @property
    def tone(self) -> str:
        return {"may": "green", "may_not": "red", "untold": "orange"}[self.value]


class CaseState(models.TextChoices):
    """What became of the case."""

    OPEN = rules.State.OPEN.value, "快速办理中"
    DECIDED = rules.State.DECIDED.value, "已作出决定"
    CONVERTED = rules.State.CONVERTED.value, "已转为一般程序"
    CLOSED = rules.State.CLOSED.value, "未作决定已办结"

    @property
    def sign(self) -> str:
        return {"open": "●", "decided": "✓", "converted": "↪", "closed": "—"}[self.value]

    @property
    def tone(self) -> str:
        return {"open": "yellow", "decided": "green", "converted": "grey", "closed": "grey"}[self.value]


class Telling(models.TextChoices):
    """How the suspect was told, and agreed (告知和确认方式)."""

    SIGNED = rules.Telling.SIGNED.value, "书面告知，签名确认"
    UNSIGNED = rules.Telling.UNSIGNED.value, "书面告知，没有签名"
    ORAL = rules.Telling.ORAL.value, "口头告知"


class ExpeditedCase(models.Model):
    """One case handled by the expedited procedure (快速办理案件), beside its matter.

    The state, the end and the consent are readings of the matter's events. Nobody in `applied_by`: it came in with a file
    that calls it expedited. `told_*` say how the consent was asked for; empty where only the consent itself is on record.
    """

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="expedited_case", verbose_name="事项"
    )
    applied_at = models.DateTimeField("适用时间")
    applied_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="登记人"
    )
    verdict = models.CharField("能否适用", max_length=8, choices=Verdict, default=Verdict.UNTOLD)
    told_at = models.DateTimeField("告知时间", null=True, blank=True)
    told_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="告知登记人"
    )
    told_whom = models.CharField("被告知人", max_length=60, blank=True)
    told_how = models.CharField("告知和确认方式", max_length=8, choices=Telling, blank=True)
    consented_at = models.DateTimeField("同意时间", null=True, blank=True)
    consent_document = models.CharField("告知确认文书", max_length=80, blank=True)
    consent_event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="同意节点"
    )
    state = models.CharField("状态", max_length=10, choices=CaseState, default=CaseState.OPEN)
    ended_at = models.DateTimeField("决定、转换或者办结时间", null=True, blank=True)

    class Meta:
        verbose_name = "快速办理案件"
        verbose_name_plural = "快速办理案件"
        constraints = (
            # What goes on has no end yet; what does not says when it ended.
            models.CheckConstraint(
                condition=Q(state=CaseState.OPEN, ended_at=None)
                | (~Q(state=CaseState.OPEN) & Q(ended_at__isnull=False)),
                name="ended_expedited_case_says_when",
            ),
            # How somebody was told is said in full or not at all, and nobody agreed before he was told.
            models.CheckConstraint(
                condition=Q(told_at=None, told_by=None, told_whom="", told_how="")
                | (
                    Q(told_at__isnull=False, told_by__isnull=False, consented_at__gte=F("told_at"))
                    & ~Q(told_whom="")
                    & ~Q(told_how="")
                ),
                name="expedited_telling_is_whole",
            ),
            # Consent is an event on the matter.
            models.CheckConstraint(
                condition=Q(consented_at=None, consent_event=None)
                | Q(consented_at__isnull=False, consent_event__isnull=False),
                name="expedited_consent_is_an_event",
            ),
        )
        indexes = (
            # What the nightly watch looks through.
            models.Index(fields=("matter",), condition=Q(state=CaseState.OPEN), name="expedited_open"),
            models.Index(fields=("ended_at",), name="expedited_by_end"),
        )
        permissions = (("judge_expedited", "可以核实快速办理问题"),)

    def __str__(self) -> str:
        return self.matter.number

    @property
    def stands(self) -> CaseState:
        return CaseState(self.state)

    @property
    def says(self) -> Verdict:
        return Verdict(self.verdict)

    @property
    def goes_on(self) -> bool:
        return self.state == CaseState.OPEN


class StatedFact(models.Model):
    """What a person stated of one case about one fact that its eligibility depends on (适用情形).

    No row: nobody was asked or nobody knows. What the record tells is read anew from the events each time.
    """

    case = models.ForeignKey(ExpeditedCase, models.PROTECT, related_name="stated", verbose_name="快速办理案件")
    fact = models.CharField("情形", max_length=12, choices=[(one.fact.value, one.question) for one in rules.GROUNDS])
    answer = models.CharField(
        "回答", max_length=8, choices=[(rules.Answer.YES.value, "是"), (rules.Answer.NO.value, "否")]
    )
    said_by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="填写人")
    said_at = models.DateTimeField("填写时间")

    class Meta:
        verbose_name = "适用情形"
        verbose_name_plural = "适用情形"
        constraints = (
            # A fact of a case is one thing or the other.
            models.UniqueConstraint(fields=("case", "fact"), name="expedited_fact_is_stated_once"),
            models.CheckConstraint(
                condition=Q(answer__in=(rules.Answer.YES.value, rules.Answer.NO.value)),
                name="expedited_fact_is_yes_or_no",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_fact_display()}：{self.get_answer_display()}"
