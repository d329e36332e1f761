"""Petitions: what is special to a matter of that kind."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from cases.models import Matter, Officer
from cases.models.scope import ScopedQuerySet


class Channel(models.TextChoices):
    """How a petition came in (信访工作条例 17)."""

    WEB = "web", "网络"
    LETTER = "letter", "书信"
    PHONE = "phone", "电话"
    FAX = "fax", "传真"
    VISIT = "visit", "走访"
    FORWARDED = "forwarded", "转送交办"


class Category(models.TextChoices):
    """What a petition asks (信访工作条例 29-31)."""

    SUGGESTION = "suggestion", "建议意见"
    ACCUSATION = "accusation", "检举控告"
    CLAIM = "claim", "申诉求决"


class MatterGrade(models.TextChoices):
    """How weighty the matter is; the grade says how high its leading official must stand. Never a grade of a person."""

    ORDINARY = "ordinary", "一般"
    DIFFICULT = "difficult", "疑难复杂"
    MAJOR = "major", "重大紧急"


class Stage(models.TextChoices):
    """How far a petition has come."""

    REGISTERED = "registered", "已登记"
    ACCEPTED = "accepted", "办理中"
    ROUTED = "routed", "已导入程序"
    DECLINED = "declined", "不予受理"
    ANSWERED = "answered", "已答复"
    RESOLVED = "resolved", "已化解"
    REOPENED = "reopened", "重新办理"

    @classmethod
    def undecided(cls) -> tuple[Stage, ...]:
        return (cls.REGISTERED,)

    @classmethod
    def in_hand(cls) -> tuple[Stage, ...]:
        """Somebody owes an answer."""
        return (cls.ACCEPTED, cls.ROUTED, cls.REOPENED)

    @classmethod
    def unresolved(cls) -> tuple[Stage, ...]:
        """Not at rest: a leading official is responsible."""
        return (cls.REGISTERED, cls.ACCEPTED, cls.ROUTED, cls.ANSWERED, cls.REOPENED)

    @classmethod
    def at_rest(cls) -> tuple[Stage, ...]:
        return (cls.DECLINED, cls.RESOLVED)


class Conclusion(models.TextChoices):
    """What an answer says (信访工作条例 32)."""

    SUPPORTED = "supported", "请求事实清楚，予以支持"
    EXPLAINED = "explained", "请求合理但缺乏依据，作好解释"
    REFUSED = "refused", "缺乏事实根据或者不符合规定，不予支持"


class PetitionQuerySet(ScopedQuerySet["Petition"]):
    matter_path = "matter"

    def standing(self) -> PetitionQuerySet:
        return self.filter(matter__withdrawn_at=None)

    def received_between(self, begins: datetime, ends: datetime) -> PetitionQuerySet:
        """Received in the half-open period."""
        return self.filter(received_at__gte=begins, received_at__lt=ends)

    def _wanted(self, officer: Officer) -> Q | None:
        """A petition is its handlers' alone: no post reaches one, even if the mark on its matter were lost."""
        return Q(pk__in=())

    def _unrestricted(self) -> Q:
        return Q()


class Petition(models.Model):
    """What a matter is as a petition (信访事项): how it came, what it asks, how far it has come.

    A matter of the kind without this row was entered elsewhere and is not led from here. Who asked stands apart, sealed
    (`Petitioner`); who is complained about stands as a barring of the matter.
    """

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="petition", verbose_name="信访事项"
    )
    # Empty where the number was given elsewhere, as by an import.
    year = models.PositiveSmallIntegerField("年份", null=True)
    serial = models.PositiveIntegerField("顺序号", null=True)
    channel = models.CharField("渠道", max_length=10, choices=Channel)
    received_at = models.DateTimeField("收到时间")
    subject = models.TextField("反映事项")
    grade = models.CharField("事项分级", max_length=10, choices=MatterGrade, default=MatterGrade.ORDINARY)
    persons = models.PositiveIntegerField("涉及人数", default=1)
    category = models.CharField("类别", max_length=12, choices=Category, blank=True)
    route = models.CharField("办理途径", max_length=24, blank=True)
    stage = models.CharField("阶段", max_length=12, choices=Stage, default=Stage.REGISTERED)
    conclusion = models.CharField("答复结论", max_length=12, choices=Conclusion, blank=True)
    underlying = models.ForeignKey(
        Matter, models.PROTECT, null=True, blank=True, related_name="petitions", verbose_name="所涉案件"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    delivered_at = models.DateTimeField("答复送达时间", null=True, blank=True)
    evaluation_asked_at = models.DateTimeField("请予评价时间", null=True, blank=True)
    registered_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="登记人")
    registered_at = models.DateTimeField("登记时间")
    # Until the petitioner is told: when his handler is to be told that this is due.
    tell_since = models.DateTimeField("提醒时间", null=True, blank=True, editable=False)
    # Until he is told of an extension: when his handler is to be told that it does not count yet.
    tell_extension_since = models.DateTimeField("提醒告知延期时间", null=True, blank=True, editable=False)
    unhandled_told_at = models.DateTimeField("无人经办已提醒", null=True, blank=True, editable=False)
    retain_until = models.DateField("保存至", null=True, blank=True)
    disposed_at = models.DateTimeField("销毁时间", null=True, blank=True)

    objects = PetitionQuerySet.as_manager()

    class Meta:
        verbose_name = "信访事项"
        verbose_name_plural = "信访事项"
        constraints = (
            # A receipt number is given once.
            models.UniqueConstraint(fields=("year", "serial"), name="petition_receipt_number_given_once"),
            # What is decided has a category and a route.
            models.CheckConstraint(
                condition=Q(stage__in=(Stage.REGISTERED, Stage.DECLINED)) | (~Q(category="") & ~Q(route="")),
                name="petition_decided_has_a_route",
            ),
            # A resolved petition was answered, the answer delivered, and the petitioner's evaluation asked for.
            models.CheckConstraint(
                condition=~Q(stage=Stage.RESOLVED)
                | Q(answered_at__isnull=False, delivered_at__isnull=False, evaluation_asked_at__isnull=False),
                name="petition_resolved_was_answered_and_asked_about",
            ),
            # An answer is delivered after it is given.
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(answered_at__isnull=False, delivered_at__gte=F("answered_at")),
                name="petition_answer_delivered_after_given",
            ),
            # Somebody asks.
            models.CheckConstraint(condition=Q(persons__gte=1), name="petition_has_somebody"),
        )
        indexes = (
            # The list.
            models.Index(fields=("received_at", "matter"), name="petition_list"),
            # What handlers are to be told.
            models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="petition_to_tell"),
            models.Index(
                fields=("tell_extension_since",),
                condition=Q(tell_extension_since__isnull=False),
                name="petition_extension_to_tell",
            ),
        )
        permissions = (("direct_petition", "可以决定信访事项的办理"),)

    def __str__(self) -> str:
        return self.matter.number

    @property
    def joint(self) -> bool:
        """Whether several people ask together."""
        return self.persons > 1


class RankRule(models.Model):
    """How high the leading official of a matter of one grade must stand (包案层级). A bureau sets its own."""

    grade = models.CharField("事项分级", max_length=10, choices=MatterGrade, unique=True)
    least_rank = models.PositiveSmallIntegerField(
        "最低层级", choices=((10, "所队负责人"), (30, "县局领导"), (40, "市局领导"), (50, "省厅领导"))
    )

    class Meta:
        verbose_name = "包案层级"
        verbose_name_plural = "包案层级"
        ordering = ("least_rank", "grade")

    def __str__(self) -> str:
        return f"{self.get_grade_display()}：{self.get_least_rank_display()}以上"
