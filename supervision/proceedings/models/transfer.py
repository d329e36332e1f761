"""Suspected crimes that administrative agencies hand to the police, and cases the police hand to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Matter


class Direction(models.TextChoices):
    """Which way a case is handed."""

    IN = "in", "行政机关移送公安"
    OUT = "out", "公安移送其他机关"


class TransferStage(models.TextChoices):
    """How a transfer stands."""

    HANDED = "handed", "待审查"
    ACCEPTED = "accepted", "已接受"
    REFUSED = "refused", "未接受"
    REDIRECTED = "redirected", "已转送"

    @classmethod
    def unended(cls) -> tuple[TransferStage, ...]:
        return (cls.HANDED,)

    @property
    def sign(self) -> str:
        return {"handed": "○", "accepted": "✓", "refused": "×", "redirected": "→"}[self.value]

    @property
    def tone(self) -> str:
        return {"handed": "yellow", "accepted": "green", "refused": "orange", "redirected": "grey"}[self.value]


class Supervision(models.TextChoices):
    """How far the procuratorate supervises that a case was not filed (立案监督)."""

    NONE = "none", "没有"
    ASKED = "asked", "要求说明理由"
    EXPLAINED = "explained", "已说明理由"
    ORDERED = "ordered", "通知立案"
    FILED = "filed", "已按通知立案"


class Transfer(models.Model):
    """What is known of one transfer (两法衔接移送) beside its matter: from or to which agency, with what, and the answer.

    The moment it was handed over is the matter's `opened_at`. `reason` is why it was not taken, `returned_on` when the
    papers went back. `supervision` is how far the procuratorate has gone.
    """

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="transfer", verbose_name="事项"
    )
    direction = models.CharField("方向", max_length=4, choices=Direction)
    agency = models.CharField("对方机关", max_length=80)
    documents = models.CharField("移交材料", max_length=500)
    stage = models.CharField("阶段", max_length=12, choices=TransferStage, default=TransferStage.HANDED)
    supplement_asked = models.BooleanField("已通知补正", default=False)
    decided_on = models.DateField("决定", null=True, blank=True)
    reason = models.CharField("不接受或者转送的理由", max_length=500, blank=True)
    returned_on = models.DateField("退回材料", null=True, blank=True)
    appealed_on = models.DateField("移送机关申请复议", null=True, blank=True)
    appeal_decided_on = models.DateField("复议决定", null=True, blank=True)
    # From when somebody is to be told that no answer has come.
    tell_since = models.DateTimeField("提醒时间", null=True, blank=True, editable=False)
    supervision = models.CharField("检察监督", max_length=10, choices=Supervision, default=Supervision.NONE)

    class Meta:
        verbose_name = "两法衔接移送"
        verbose_name_plural = "两法衔接移送"
        constraints = (
            # It names the other agency, and what was handed over.
            models.CheckConstraint(
                condition=~Q(agency="") & ~Q(documents=""), name="transfer_names_agency_and_documents"
            ),
            # What is decided says when; what is not does not.
            models.CheckConstraint(
                condition=Q(stage=TransferStage.HANDED, decided_on=None)
                | (~Q(stage=TransferStage.HANDED) & Q(decided_on__isnull=False)),
                name="transfer_decided_on_a_day",
            ),
            # What is not taken, or sent elsewhere, says why.
            models.CheckConstraint(
                condition=~Q(stage__in=(TransferStage.REFUSED, TransferStage.REDIRECTED)) | ~Q(reason=""),
                name="transfer_refused_says_why",
            ),
            # Papers go back only where the transfer is decided.
            models.CheckConstraint(
                condition=Q(returned_on=None) | ~Q(stage=TransferStage.HANDED), name="papers_return_after_the_decision"
            ),
            # Only an agency that handed us a case may ask us to reconsider, once a decision is there; what is decided
            # on that was asked for.
            models.CheckConstraint(
                condition=Q(appealed_on=None, appeal_decided_on=None)
                | (Q(appealed_on__isnull=False, direction=Direction.IN) & ~Q(stage=TransferStage.HANDED)),
                name="agency_appeals_a_decision_of_ours",
            ),
            # The procuratorate supervises what we did not file, until it is filed.
            models.CheckConstraint(
                condition=Q(supervision=Supervision.NONE)
                | Q(
                    direction=Direction.IN,
                    stage=TransferStage.REFUSED,
                    supervision__in=(Supervision.ASKED, Supervision.EXPLAINED, Supervision.ORDERED),
                )
                | Q(direction=Direction.IN, stage=TransferStage.ACCEPTED, supervision=Supervision.FILED),
                name="procuratorate_supervises_what_is_not_filed",
            ),
        )
        indexes = (
            models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="transfers_to_tell"),
        )

    def __str__(self) -> str:
        return f"{self.matter}"

    @property
    def at_stage(self) -> TransferStage:
        return TransferStage(self.stage)

    @property
    def comes_in(self) -> bool:
        return self.direction == Direction.IN

    @property
    def is_refused(self) -> bool:
        return self.stage == TransferStage.REFUSED

    @property
    def awaits_appeal_decision(self) -> bool:
        return self.appealed_on is not None and self.appeal_decided_on is None
