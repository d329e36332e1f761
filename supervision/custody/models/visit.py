"""A visit, and the stages of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Matter, Officer
from supervision.custody import rules
from supervision.custody.models.centre import Centre, Room
from supervision.custody.rules import MOST_TEXT


class Basis(models.TextChoices):
    """By what somebody is in the centre (入区依据)."""

    INQUIRY = rules.Basis.INQUIRY.value, "行政案件传唤、到案询问查证"
    CONTINUED = rules.Basis.CONTINUED.value, "继续盘问"
    SUMMONS = rules.Basis.SUMMONS.value, "刑事传唤"
    COMPELLED = rules.Basis.COMPELLED.value, "拘传"


class StageKind(models.TextChoices):
    """What is done (环节)."""

    SEARCH = rules.Kind.SEARCH.value, "安全检查"
    COLLECTION = rules.Kind.COLLECTION.value, "信息采集"
    EXAMINATION = rules.Kind.EXAMINATION.value, "健康检查"
    WAITING = rules.Kind.WAITING.value, "看管候问"
    QUESTIONING = rules.Kind.QUESTIONING.value, "询问、讯问"
    REST = rules.Kind.REST.value, "饮食、休息"
    SOBERING = rules.Kind.SOBERING.value, "醉酒约束"


class Visit(models.Model):
    """One stay in a centre (入区) beside its matter, whose parent is the case and whose clocks count the hours.

    The person is known by a reference of the centre and the masked name; the full name and the number of the identity
    card stay in the system that handles the case. `special`: those of 公安机关适用继续盘问规定第十条. `examine`: hurt, ill
    or drunk, to be looked at. The hours run from `arrived_at`, which may lie before the entry. `left_at` empty: inside now. A matter of this kind without this row was only imported.
    """

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="custody_visit", verbose_name="事项"
    )
    centre = models.ForeignKey(Centre, models.PROTECT, db_index=False, related_name="visits", verbose_name="办案中心")
    basis = models.CharField("入区依据", max_length=12, choices=Basis)
    reference = models.CharField("人员编号", max_length=40)
    shown_as = models.CharField("姓名（隐去）", max_length=8)
    document = models.CharField("文书号", max_length=80, blank=True)
    special = models.BooleanField("特殊人员", default=False)
    examine = models.BooleanField("需要健康检查", default=False)
    arrived_at = models.DateTimeField("到案时间")
    entered_at = models.DateTimeField("入区时间")
    left_at = models.DateTimeField("离开时间", null=True, blank=True)
    outcome = models.CharField("离开时的处理", max_length=MOST_TEXT, blank=True)
    family_told_at = models.DateTimeField("通知家属时间", null=True, blank=True)

    class Meta:
        verbose_name = "入区"
        verbose_name_plural = "入区"
        constraints = (
            # Nobody leaves before he came.
            models.CheckConstraint(condition=Q(left_at=None) | Q(left_at__gt=F("entered_at")), name="exit_after_entry"),
            # Nobody is inside before the police had him.
            models.CheckConstraint(condition=Q(entered_at__gte=F("arrived_at")), name="entry_after_arrival"),
            # Who left, left to something.
            models.CheckConstraint(
                condition=Q(left_at=None, outcome="") | (Q(left_at__isnull=False) & ~Q(outcome="")),
                name="exit_says_what_followed",
            ),
            # Nobody is in a centre twice at once.
            models.UniqueConstraint(
                fields=("centre", "reference"), condition=Q(left_at=None), name="inside_a_centre_once"
            ),
            # A name is kept masked.
            models.CheckConstraint(condition=Q(shown_as__endswith="*"), name="name_is_masked"),
        )
        indexes = (
            # Figures of a centre by month.
            models.Index(fields=("centre", "entered_at"), name="visits_of_a_centre"),
            # Who is inside, and what the watch looks through.
            models.Index(fields=("matter",), condition=Q(left_at=None), name="visits_inside"),
        )

    def __str__(self) -> str:
        return self.matter.number

    @property
    def is_inside(self) -> bool:
        return self.left_at is None


class Stage(models.Model):
    """One stretch of a visit (环节): what was done from when to when, where, and who watched; `ended_at` empty: it goes on.

    A void one was entered wrongly and no longer counts.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="stages", verbose_name="入区")
    kind = models.CharField("环节", max_length=12, choices=StageKind)
    room = models.ForeignKey(Room, models.PROTECT, db_index=False, related_name="stages", verbose_name="房间")
    begun_at = models.DateTimeField("开始")
    ended_at = models.DateTimeField("结束", null=True, blank=True)
    guard = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="看管、办理人"
    )
    recorded = models.BooleanField("同步录音录像", default=False)
    result = models.CharField("结果", max_length=MOST_TEXT, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)

    class Meta:
        verbose_name = "环节"
        verbose_name_plural = "环节"
        ordering = ("begun_at", "id")
        constraints = (
            # What ended, ended after it began.
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("begun_at")), name="stage_ends_after_it_begins"
            ),
            # One thing at a time.
            models.UniqueConstraint(
                fields=("visit",), condition=Q(ended_at=None, voided_at=None), name="one_stage_of_a_visit_goes_on"
            ),
        )
        indexes = (
            # Who is in a room now.
            models.Index(fields=("room",), condition=Q(ended_at=None, voided_at=None), name="stages_in_a_room"),
        )

    def __str__(self) -> str:
        return self.get_kind_display()
