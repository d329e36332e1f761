"""Reconsideration and litigation against what we decided."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Matter, Officer


class Track(models.TextChoices):
    """Before whom our act is reviewed."""

    RECONSIDERATION = "reconsideration", "行政复议"
    SUIT = "suit", "行政诉讼"


class Instance(models.TextChoices):
    """The instance of a suit (审级); a reconsideration knows one only."""

    FIRST = "first", "一审"
    APPEAL = "appeal", "二审"
    RETRIAL = "retrial", "再审"


class ReviewStage(models.TextChoices):
    """How a review stands."""

    RECEIVED = "received", "待答复"
    ANSWERED = "answered", "审理中"
    ENDED = "ended", "已审结"

    @classmethod
    def unended(cls) -> tuple[ReviewStage, ...]:
        return (cls.RECEIVED, cls.ANSWERED)

    @property
    def sign(self) -> str:
        return {"received": "!", "answered": "▶", "ended": "✓"}[self.value]

    @property
    def tone(self) -> str:
        return {"received": "yellow", "answered": "green", "ended": "grey"}[self.value]


class Outcome(models.TextChoices):
    """How a review ended (结果)."""

    UPHELD = "upheld", "维持"
    DISMISSED = "dismissed", "驳回请求"
    REVOKED = "revoked", "撤销"
    CHANGED = "changed", "变更"
    UNLAWFUL = "unlawful", "确认违法"
    WITHDRAWN = "withdrawn", "撤回"
    MEDIATED = "mediated", "调解"

    @classmethod
    def our_act_stands(cls) -> tuple[Outcome, ...]:
        return (cls.UPHELD, cls.DISMISSED)

    @classmethod
    def lost(cls) -> tuple[Outcome, ...]:
        return (cls.REVOKED, cls.CHANGED, cls.UNLAWFUL)

    @classmethod
    def decided(cls) -> tuple[Outcome, ...]:
        """Ended by a decision on our act; what was withdrawn or mediated says nothing about it."""
        return (*cls.our_act_stands(), *cls.lost())

    @classmethod
    def undecided(cls) -> tuple[Outcome, ...]:
        return (cls.WITHDRAWN, cls.MEDIATED)


class Review(models.Model):
    """What is known of one reconsideration, or of one instance of a suit (行政复议、行政诉讼), beside its matter.

    The matter's unit is the one whose act is reviewed. `against` is the case the act came from where it is known here.
    `hearing_set_on` is the day that court or agency set for it, `hearing_head` the responsible head who is to come.
    `hearing_on` is the (last) day of the hearing of this instance and `head_appeared` whether a responsible head of the
    agency came to it (行政诉讼法第三条); both are empty where nothing was heard. `opinion_on` is when the opinion that asks for
    correction was received.
    """

    matter = models.OneToOneField(Matter, models.PROTECT, primary_key=True, related_name="review", verbose_name="事项")
    track = models.CharField("途径", max_length=16, choices=Track)
    instance = models.CharField("审级", max_length=8, choices=Instance, default=Instance.FIRST)
    body = models.CharField("复议机关或者法院", max_length=80)
    act = models.CharField("被复议、被诉的行为", max_length=200, help_text="决定名称和文书号，不写当事人姓名")
    against = models.ForeignKey(
        Matter, models.PROTECT, null=True, blank=True, related_name="reviews", verbose_name="所涉案件"
    )
    stage = models.CharField("阶段", max_length=10, choices=ReviewStage, default=ReviewStage.RECEIVED)
    answered_on = models.DateField("提交答复", null=True, blank=True)
    hearing_set_on = models.DateField("定于何日开庭、听证", null=True, blank=True)
    hearing_head = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确定到场的负责人"
    )
    hearing_on = models.DateField("开庭、听证", null=True, blank=True)
    head_appeared = models.BooleanField("负责人出庭", null=True, blank=True)
    absence_reason = models.CharField("未出庭的原因", max_length=300, blank=True)
    decided_on = models.DateField("审结", null=True, blank=True)
    outcome = models.CharField("结果", max_length=10, choices=Outcome, blank=True)
    document_number = models.CharField("决定书、裁判文书号", max_length=80, blank=True)
    opinion_on = models.DateField("收到意见书", null=True, blank=True)
    to_correct = models.CharField("需要纠正的事项", max_length=500, blank=True)
    corrected_on = models.DateField("报送纠正情况", null=True, blank=True)
    correction = models.CharField("纠正情况", max_length=500, blank=True)
    # From when somebody is to be told of the hearing: that it comes, and after it that it is to be put on record.
    tell_since = models.DateTimeField("提醒时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "复议诉讼"
        verbose_name_plural = "复议诉讼"
        constraints = (
            # Only a suit goes through instances.
            models.CheckConstraint(
                condition=Q(track=Track.SUIT) | Q(instance=Instance.FIRST), name="reconsideration_has_one_instance"
            ),
            # It names before whom, and which act.
            models.CheckConstraint(condition=~Q(body="") & ~Q(act=""), name="review_names_body_and_act"),
            # What is answered says when; what waits for our answer has none.
            models.CheckConstraint(
                condition=Q(stage=ReviewStage.RECEIVED, answered_on=None)
                | Q(stage=ReviewStage.ANSWERED, answered_on__isnull=False)
                | Q(stage=ReviewStage.ENDED),
                name="review_answered_on_a_day",
            ),
            # What has ended says when and how; what has not says neither.
            models.CheckConstraint(
                condition=(Q(stage=ReviewStage.ENDED, decided_on__isnull=False) & ~Q(outcome=""))
                | (~Q(stage=ReviewStage.ENDED) & Q(decided_on=None, outcome="")),
                name="review_ended_has_an_outcome",
            ),
            # A head is named for a hearing whose day is set.
            models.CheckConstraint(
                condition=Q(hearing_head=None) | Q(hearing_set_on__isnull=False), name="head_named_for_a_set_hearing"
            ),
            # Of every hearing it is known whether a head came; where none came, why.
            models.CheckConstraint(
                condition=Q(hearing_on=None, head_appeared=None, absence_reason="")
                | Q(hearing_on__isnull=False, head_appeared__isnull=False, head_appeared=True, absence_reason="")
                | (
                    Q(hearing_on__isnull=False, head_appeared__isnull=False, head_appeared=False)
                    & ~Q(absence_reason="")
                ),
                name="hearing_says_whether_a_head_came",
            ),
            # An opinion says what is to be corrected.
            models.CheckConstraint(
                condition=Q(opinion_on=None) | ~Q(to_correct=""), name="opinion_says_what_to_correct"
            ),
            # What is corrected was to be corrected, and is reported on a day, with how.
            models.CheckConstraint(
                condition=Q(corrected_on=None, correction="")
                | (Q(corrected_on__isnull=False) & ~Q(correction="") & ~Q(to_correct="")),
                name="correction_says_how",
            ),
        )
        indexes = (
            # The figures of a period.
            models.Index(fields=("decided_on",), name="reviews_decided"),
            models.Index(fields=("hearing_on",), name="reviews_heard"),
            models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="reviews_to_tell"),
        )

    def __str__(self) -> str:
        return f"{self.matter}"

    @property
    def at_stage(self) -> ReviewStage:
        return ReviewStage(self.stage)

    @property
    def is_lost(self) -> bool:
        return self.outcome in Outcome.lost()

    @property
    def is_suit(self) -> bool:
        return self.track == Track.SUIT

    @property
    def hearing_word(self) -> str:
        """What the hearing is called: of a court, or of the agency that reviews."""
        return "开庭" if self.is_suit else "听证"

    @property
    def coming_word(self) -> str:
        """What the head does there."""
        return "出庭" if self.is_suit else "参加听证"

    @property
    def awaits_hearing(self) -> bool:
        """A day is set, and whether it was heard is not on record."""
        return self.stage in ReviewStage.unended() and self.hearing_set_on is not None and self.hearing_on is None

    @property
    def awaits_correction(self) -> bool:
        return self.to_correct != "" and self.corrected_on is None
