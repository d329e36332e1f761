"""Complaints: what is special to a matter of that kind, who made it, and which may be the same."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from cases.models import Matter, Officer, Unit
from cases.models.scope import ScopedQuerySet
from supervision.petitions.models.petition import Category


class ComplaintChannel(models.TextChoices):
    """Where a complaint came in."""

    POLICE = "12389", "12389 公安举报"
    POLITICAL_LEGAL = "12337", "12337 政法举报"
    HOTLINE = "12345", "12345 热线"
    EMERGENCY = "110", "110 报警"
    LETTER = "letter", "来信"
    VISIT = "visit", "来访"
    ONLINE = "online", "网上"

    @classmethod
    def handed_on(cls) -> tuple[ComplaintChannel, ...]:
        """Handed on to us by whoever took it in, and not made to us (信访工作条例 23)."""
        return (cls.POLICE, cls.POLITICAL_LEGAL, cls.HOTLINE)

    @classmethod
    def unnumbered(cls) -> tuple[ComplaintChannel, ...]:
        """A letter or a visitor may come without a number; a telephone line or a platform always gives one."""
        return (cls.LETTER, cls.VISIT, cls.ONLINE)


class ComplaintStage(models.TextChoices):
    """How far a complaint has come."""

    REGISTERED = "registered", "已登记"
    ACCEPTED = "accepted", "核查中"
    FOUND = "found", "已认定"
    REPLIED = "replied", "已答复"
    CLOSED = "closed", "已办结"
    REOPENED = "reopened", "重新核查"
    MERGED = "merged", "已并入"

    @classmethod
    def in_hand(cls) -> tuple[ComplaintStage, ...]:
        """Somebody still owes something."""
        return (cls.REGISTERED, cls.ACCEPTED, cls.REOPENED, cls.FOUND, cls.REPLIED)

    @classmethod
    def looked_into(cls) -> tuple[ComplaintStage, ...]:
        """Somebody looks into it, and owes a finding."""
        return (cls.ACCEPTED, cls.REOPENED)

    @classmethod
    def unanswered(cls) -> tuple[ComplaintStage, ...]:
        """Taken in hand, and whoever complained waits for an answer."""
        return (cls.ACCEPTED, cls.REOPENED, cls.FOUND)


class Verdict(models.TextChoices):
    """What was found of a complaint (查实情况)."""

    VERIFIED = "verified", "属实"
    PARTLY = "partly", "部分属实"
    NOT_VERIFIED = "not_verified", "不属实"
    CANNOT = "cannot", "无法查实"

    @classmethod
    def borne_out(cls) -> tuple[Verdict, ...]:
        return (cls.VERIFIED, cls.PARTLY)


# What a complaint may be by the regulations; a suggestion is none.
COMPLAINT_CATEGORIES = (
    (Category.ACCUSATION.value, Category.ACCUSATION.label),
    (Category.CLAIM.value, Category.CLAIM.label),
)


class ComplaintQuerySet(ScopedQuerySet["Complaint"]):
    matter_path = "matter"

    def standing(self) -> ComplaintQuerySet:
        return self.filter(matter__withdrawn_at=None)

    def distinct_ones(self) -> ComplaintQuerySet:
        """Each counted once, through however many channels it came."""
        return self.filter(same_as=None)

    def received_between(self, begins: datetime, ends: datetime) -> ComplaintQuerySet:
        """Received in the half-open period."""
        return self.filter(received_at__gte=begins, received_at__lt=ends)

    def _wanted(self, officer: Officer) -> Q:
        """Nothing by any post: a complaint is its handlers' alone, even if the mark on its matter were lost."""
        return Q(pk__in=())

    def _unrestricted(self) -> Q:
        return Q(pk__in=())


class Complaint(models.Model):
    """What a matter is as a complaint (投诉举报): where it came in, about what and whom, what was found and answered.

    A matter of the kind without this row was entered elsewhere. Who complained stands apart, sealed (`Complainant`); who
    is complained about is barred from the matter from the first moment. With `same_as` it is the same as another one.
    """

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="complaint", verbose_name="投诉举报"
    )
    year = models.PositiveSmallIntegerField("年份")
    serial = models.PositiveIntegerField("顺序号")
    channel = models.CharField("渠道", max_length=10, choices=ComplaintChannel)
    channel_number = models.CharField("渠道编号", max_length=64, blank=True)
    received_at = models.DateTimeField("收到时间")
    subject = models.TextField("投诉内容")
    category = models.CharField("类别", max_length=12, choices=COMPLAINT_CATEGORIES, blank=True)
    about = models.ForeignKey(
        Matter, models.PROTECT, null=True, blank=True, related_name="complaints", verbose_name="所涉案件"
    )
    accused_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="被投诉单位"
    )
    accused_officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="被投诉民警"
    )
    enterprise = models.BooleanField("涉企", default=False)
    anonymous = models.BooleanField("匿名", default=False)
    # What whoever handed it on asks for; not a limit of the law.
    reply_asked_on = models.DateField("交办单位要求答复日", null=True, blank=True)
    stage = models.CharField("阶段", max_length=12, choices=ComplaintStage, default=ComplaintStage.REGISTERED)
    same_as = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="taken_in", verbose_name="并入"
    )
    verdict = models.CharField("查实情况", max_length=14, choices=Verdict, blank=True)
    verdict_reason = models.TextField("认定理由", blank=True)
    found_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="认定人"
    )
    found_at = models.DateTimeField("认定时间", null=True, blank=True)
    replied_at = models.DateTimeField("答复时间", null=True, blank=True)
    evaluation_asked_at = models.DateTimeField("请予评价时间", null=True, blank=True)
    ordered_at = models.DateTimeField("发出整改时间", null=True, blank=True)
    order_number = models.CharField("整改通知编号", max_length=64, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    retain_until = models.DateField("保存至", null=True, blank=True)
    disposed_at = models.DateTimeField("销毁时间", null=True, blank=True)
    # From when a handler is to be told: of the notice, of an extension nobody was told of, of the day asked for.
    tell_since = models.DateTimeField("提醒告知时间", null=True, blank=True, editable=False)
    tell_extension_since = models.DateTimeField("提醒告知延期时间", null=True, blank=True, editable=False)
    tell_reply_since = models.DateTimeField("提醒答复时间", null=True, blank=True, editable=False)
    unhandled_told_at = models.DateTimeField("无人经办已提醒", null=True, blank=True, editable=False)
    registered_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="登记人")
    registered_at = models.DateTimeField("登记时间")

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = "投诉举报"
        verbose_name_plural = "投诉举报"
        constraints = (
            # Our own number is given once.
            models.UniqueConstraint(fields=("year", "serial"), name="complaint_serial_given_once"),
            # What one channel numbered is taken in once.
            models.UniqueConstraint(
                fields=("channel", "channel_number"), condition=~Q(channel_number=""), name="complaint_once_a_channel"
            ),
            # A telephone line or a platform always gives a number.
            models.CheckConstraint(
                condition=Q(channel__in=ComplaintChannel.unnumbered()) | ~Q(channel_number=""),
                name="complaint_of_a_line_has_its_number",
            ),
            # What is looked into has a category.
            models.CheckConstraint(
                condition=Q(stage__in=(ComplaintStage.REGISTERED, ComplaintStage.MERGED)) | ~Q(category=""),
                name="complaint_accepted_has_a_category",
            ),
            # It is the same as another one, and only then taken into it.
            models.CheckConstraint(
                condition=(Q(stage=ComplaintStage.MERGED, same_as__isnull=False) & ~Q(same_as=F("matter")))
                | (~Q(stage=ComplaintStage.MERGED) & Q(same_as=None)),
                name="complaint_merged_into_another",
            ),
            # What was found has a reason, and is somebody's.
            models.CheckConstraint(
                condition=Q(verdict="", verdict_reason="", found_by=None, found_at=None)
                | (~Q(verdict="") & ~Q(verdict_reason="") & Q(found_by__isnull=False, found_at__isnull=False)),
                name="complaint_found_says_why_and_by_whom",
            ),
            # Nobody finds about himself.
            models.CheckConstraint(
                condition=Q(found_by=None) | Q(accused_officer=None) | ~Q(found_by=F("accused_officer")),
                name="complaint_not_found_by_the_accused",
            ),
            # What is found, answered or closed was found.
            models.CheckConstraint(
                condition=~Q(stage__in=(ComplaintStage.FOUND, ComplaintStage.REPLIED, ComplaintStage.CLOSED))
                | ~Q(verdict=""),
                name="complaint_answered_was_found",
            ),
            # Answered means when; an evaluation is asked for with the answer or after it.
            models.CheckConstraint(
                condition=~Q(stage=ComplaintStage.REPLIED) | Q(replied_at__isnull=False),
                name="complaint_replied_says_when",
            ),
            models.CheckConstraint(
                condition=Q(evaluation_asked_at=None) | Q(replied_at__isnull=False),
                name="complaint_evaluation_asked_after_the_reply",
            ),
            # Only who gave no name is left without an answer, and only where none is owed within a term.
            models.CheckConstraint(
                condition=~Q(stage=ComplaintStage.CLOSED)
                | (
                    Q(closed_at__isnull=False)
                    & (Q(replied_at__isnull=False) | Q(anonymous=True, category=Category.ACCUSATION))
                ),
                name="complaint_closed_was_answered",
            ),
            # Kept until a day once it is closed; what is looked into again is kept.
            models.CheckConstraint(
                condition=Q(retain_until=None) | Q(stage=ComplaintStage.CLOSED), name="complaint_kept_once_closed"
            ),
            # Only what is closed, or went with another that is, is disposed of.
            models.CheckConstraint(
                condition=Q(disposed_at=None) | Q(stage__in=(ComplaintStage.CLOSED, ComplaintStage.MERGED)),
                name="complaint_disposed_of_was_closed",
            ),
            # What is to be put right was borne out, and is some unit's.
            models.CheckConstraint(
                condition=Q(order_number="", ordered_at=None)
                | (
                    ~Q(order_number="")
                    & Q(ordered_at__isnull=False, verdict__in=Verdict.borne_out(), accused_unit__isnull=False)
                ),
                name="complaint_ordered_was_borne_out",
            ),
        )
        indexes = (
            # The list.
            models.Index(fields=("received_at", "matter"), name="complaint_list"),
            # What handlers are to be told.
            models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="complaint_to_tell"),
            models.Index(
                fields=("tell_reply_since",),
                condition=Q(tell_reply_since__isnull=False),
                name="complaint_reply_to_tell",
            ),
            models.Index(
                fields=("tell_extension_since",),
                condition=Q(tell_extension_since__isnull=False),
                name="complaint_extension_to_tell",
            ),
        )
        permissions = (("direct_complaint", "可以认定、办结投诉举报"),)

    def __str__(self) -> str:
        return self.matter.number


class Complainant(models.Model):
    """Who made a complaint (投诉人身份): sealed under a key outside the database. No row: nobody gave a name.

    As `Petitioner`: the digests only say whether two rows are of the same person.
    """

    complaint = models.OneToOneField(
        Complaint, models.PROTECT, primary_key=True, related_name="complainant", verbose_name="投诉举报"
    )
    key = models.CharField("密钥", max_length=16)
    sealed = models.TextField("密文")
    identity_digest = models.CharField("证件摘要", max_length=64, blank=True)
    phone_digest = models.CharField("电话摘要", max_length=64, blank=True)
    entered_at = models.DateTimeField("登记时间")
    erased_at = models.DateTimeField("销毁时间", null=True, blank=True)

    class Meta:
        verbose_name = "投诉人身份"
        verbose_name_plural = "投诉人身份"
        constraints = (
            # Nothing stands here in the clear, nor empty; what is erased is gone: no seal, no digest.
            models.CheckConstraint(
                condition=(Q(erased_at=None) & ~Q(sealed="") & ~Q(key=""))
                | Q(erased_at__isnull=False, sealed="", key="", identity_digest="", phone_digest=""),
                name="complainant_is_sealed",
            ),
        )
        indexes = (
            # Whether somebody complained before.
            models.Index(fields=("identity_digest",), name="complainant_by_identity"),
            models.Index(fields=("phone_digest",), name="complainant_by_phone"),
            # What is still under an old key.
            models.Index(fields=("key", "complaint"), name="complainant_by_key"),
        )

    def __str__(self) -> str:
        return "投诉人"

    @property
    def place(self) -> str:
        """What the seal is bound to."""
        return f"complaint:{self.complaint_id}"


class ComplainantLook(models.Model):
    """One look at who made a complaint (投诉人身份查看记录): who, when and why. Append-only, by database trigger."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="looks", verbose_name="投诉举报")
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="查看人")
    looked_at = models.DateTimeField("查看时间")
    reason = models.CharField("理由", max_length=200)

    class Meta:
        verbose_name = "投诉人身份查看记录"
        verbose_name_plural = "投诉人身份查看记录"
        ordering = ("-looked_at", "-id")
        constraints = (
            # Nobody looks without saying why.
            models.CheckConstraint(condition=~Q(reason=""), name="complainant_look_says_why"),
        )

    def __str__(self) -> str:
        return f"{self.officer} {self.looked_at:%Y-%m-%d}"


class SameGround(models.TextChoices):
    """What two complaints have in common."""

    PERSON = "person", "投诉人相同"
    SUBJECT = "subject", "内容相近"


class SameState(models.TextChoices):
    """What a person made of it."""

    SUGGESTED = "suggested", "待核对"
    SAME = "same", "同一件，已并入"
    DIFFERENT = "different", "不是同一件"


class ComplaintLikeness(models.Model):
    """Two complaints that may be the same (疑似同一件): suggested by the system, decided by a person."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="likenesses", verbose_name="后来的")
    earlier = models.ForeignKey(Complaint, models.PROTECT, related_name="later_likenesses", verbose_name="先前的")
    ground = models.CharField("依据", max_length=10, choices=SameGround)
    shared = models.FloatField("相同文字的比例", default=0)
    state = models.CharField("结论", max_length=10, choices=SameState, default=SameState.SUGGESTED)
    decided_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核对人"
    )
    decided_at = models.DateTimeField("核对时间", null=True, blank=True)

    class Meta:
        verbose_name = "疑似同一件"
        verbose_name_plural = "疑似同一件"
        ordering = ("-shared", "id")
        constraints = (
            # Two complaints are set side by side once.
            models.UniqueConstraint(fields=("complaint", "earlier"), name="complaint_likeness_suggested_once"),
            # Nothing is like itself.
            models.CheckConstraint(condition=~Q(complaint=F("earlier")), name="complaint_likeness_is_of_two"),
            # A decision is somebody's.
            models.CheckConstraint(
                condition=Q(state=SameState.SUGGESTED) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="complaint_likeness_decided_by_a_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.complaint} / {self.earlier}"


class ComplaintStep(models.Model):
    """One thing done about a complaint (投诉台账). Append-only, by database trigger; it never names who complained."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="steps", verbose_name="投诉举报")
    act = models.CharField("事由", max_length=40)
    stage = models.CharField("此后阶段", max_length=12, choices=ComplaintStage)
    text = models.CharField("内容", max_length=500, blank=True)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "投诉台账"
        verbose_name_plural = "投诉台账"
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.act
