"""Bulletins, the ledger of what was done to each, and the papers an issued one was sent out as."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from cases.models import Officer, Unit
from cases.models.scope import ScopedQuerySet, below_posts, reaches_cases
from supervision.bulletins.rules import Span, life
from supervision.campaigns.models import Campaign


class BulletinKind(models.TextChoices):
    """How often a bulletin comes out."""

    DAILY = life.Kind.DAILY.value, "日监测"
    WEEKLY = life.Kind.WEEKLY.value, "周点评"
    MONTHLY = life.Kind.MONTHLY.value, "月通报"
    SPECIAL = life.Kind.SPECIAL.value, "专题通报"

    @classmethod
    def planned(cls) -> tuple[BulletinKind, ...]:
        """Those a timetable can owe."""
        return tuple(cls(kind) for kind in life.Kind.planned())


class BulletinState(models.TextChoices):
    """How a bulletin stands; what may follow what is in `rules.life`. An issued one never changes again."""

    DRAFT = life.State.DRAFT.value, "草稿"
    SUBMITTED = life.State.SUBMITTED.value, "待签批"
    SIGNED = life.State.SIGNED.value, "待签发"
    ISSUED = life.State.ISSUED.value, "已签发"
    ARCHIVED = life.State.ARCHIVED.value, "已归档"
    DROPPED = life.State.DROPPED.value, "不发"

    @classmethod
    def out(cls) -> tuple[BulletinState, ...]:
        """Those whose readers have it."""
        return tuple(cls(state) for state in life.OUT)

    @classmethod
    def unfinished(cls) -> tuple[BulletinState, ...]:
        """Those with which something is still to be done."""
        return (cls.DRAFT, cls.SUBMITTED, cls.SIGNED)


class BulletinQuerySet(ScopedQuerySet["Bulletin"]):
    def issued(self) -> BulletinQuerySet:
        """Out with their readers, archived or not."""
        return self.filter(state__in=BulletinState.out())

    def unfinished(self) -> BulletinQuerySet:
        return self.filter(state__in=BulletinState.unfinished())

    def originals(self) -> BulletinQuerySet:
        """Those that correct no other."""
        return self.filter(corrects=None)

    def light(self) -> BulletinQuerySet:
        """Without the contents, which a list does not show."""
        return self.defer("figures", "circular", "html", "text")

    def _wanted(self, officer: Officer) -> Q | None:
        """The bulletins of the units his posts reach: one is its unit's, and not his own who issued it."""
        if not reaches_cases(officer):
            return Q(pk__in=())
        below = below_posts(officer)
        return below if below is None or below else Q(pk__in=())

    def _unrestricted(self) -> Q:
        """A bulletin holds numbers, and names no restricted matter."""
        return Q()


class Bulletin(models.Model):
    """What a unit is told about a period (通报): figures and words, frozen on the day it is issued.

    It is about the local days from `begins_on` up to and without `ends_on`, counted up to `cutoff`. `revision` counts
    what was composed and commented, so that nobody signs what he has not seen. `officer` issued it by hand; none when
    the timetable did. `corrects` is the issued bulletin that this one puts right, `wrong` says what was wrong in it.
    `campaign` is what a special one is about, where it is about a campaign. `remarks` are the editor's texts by section. `edition` is the name under which its figures are frozen, `circular` what
    was written from them (`composing.draft`); `html` and `text` are what its readers got, empty until it is issued. `tell_since`: somebody must still be told that it is his turn; `told_at`
    when he last was. Absence of a row: nobody has looked at that period yet.
    """

    kind = models.CharField("种类", max_length=10, choices=BulletinKind)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="bulletins", verbose_name="签发人"
    )
    begins_on = models.DateField("起始日")
    ends_on = models.DateField("截止日（不含）")
    cutoff = models.DateTimeField("统计截止")
    title = models.CharField("标题", max_length=200)
    state = models.CharField("状态", max_length=10, choices=BulletinState, default=BulletinState.DRAFT)
    revision = models.PositiveIntegerField("第几稿", default=1)
    composed_at = models.DateTimeField("编制时间")
    submitter = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="送签人"
    )
    submitted_at = models.DateTimeField("送签时间", null=True, blank=True)
    signer = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签批人")
    signed_at = models.DateTimeField("签批时间", null=True, blank=True)
    issued_at = models.DateTimeField("签发时间", null=True, blank=True)
    archived_at = models.DateTimeField("归档时间", null=True, blank=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name="更正"
    )
    wrong = models.CharField("更正说明", max_length=500, blank=True)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="专项整治"
    )
    year = models.PositiveSmallIntegerField("文号年份", null=True, blank=True)
    serial = models.PositiveIntegerField("文号序号", null=True, blank=True)
    number = models.CharField("文号", max_length=60, blank=True)
    seal = models.CharField("落款", max_length=120, blank=True)
    edition = models.CharField("定稿期号", max_length=80, blank=True)
    figures = models.JSONField("数据")
    circular = models.JSONField("正文", null=True, blank=True)
    remarks = models.JSONField("点评", default=dict, blank=True)
    html = models.TextField("网页正文", blank=True)
    text = models.TextField("文字正文", blank=True)
    tell_since = models.DateTimeField("待告知自", null=True, blank=True)
    told_at = models.DateTimeField("最近告知", null=True, blank=True)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = "通报"
        verbose_name_plural = "通报"
        ordering = ("-begins_on", "unit_id")
        permissions = (("sign_bulletin", "可以签批通报"),)
        constraints = (
            # A unit is told about a period once; what corrects a bulletin, and what is of a special kind, is another.
            models.UniqueConstraint(
                fields=("unit", "kind", "begins_on"),
                condition=Q(kind__in=BulletinKind.planned(), corrects=None) & ~Q(state=BulletinState.DROPPED),
                name="bulletin_once_a_period",
            ),
            # Numbers of a unit and kind are given once a year.
            models.UniqueConstraint(fields=("unit", "kind", "year", "serial"), name="bulletin_number_once"),
            # A period has at least a day.
            models.CheckConstraint(condition=Q(ends_on__gt=F("begins_on")), name="bulletin_is_about_a_day_at_least"),
            # Who submitted and when stand together: on what waits for a signature and on what was signed.
            models.CheckConstraint(
                condition=Q(submitter=None, submitted_at=None)
                & ~Q(state__in=(BulletinState.SUBMITTED, BulletinState.SIGNED))
                | Q(submitter__isnull=False, submitted_at__isnull=False)
                & ~Q(state__in=(BulletinState.DRAFT, BulletinState.DROPPED)),
                name="submitted_bulletin_says_by_whom",
            ),
            # Who signed and when stand together, on what was submitted.
            models.CheckConstraint(
                condition=Q(signer=None, signed_at=None) & ~Q(state=BulletinState.SIGNED)
                | Q(signer__isnull=False, signed_at__isnull=False, submitter__isnull=False)
                & ~Q(state=BulletinState.SUBMITTED),
                name="signed_bulletin_says_by_whom",
            ),
            # Nobody signs what he submitted himself.
            models.CheckConstraint(
                condition=Q(signer=None) | ~Q(signer=F("submitter")), name="bulletin_is_signed_by_another"
            ),
            # An issued bulletin says when and bears a number; no other does.
            models.CheckConstraint(
                condition=Q(state__in=BulletinState.out(), issued_at__isnull=False, serial__isnull=False)
                & Q(year__isnull=False)
                & ~Q(number="")
                | ~Q(state__in=BulletinState.out())
                & Q(issued_at=None, officer=None, serial=None, year=None, number="", seal=""),
                name="issued_bulletin_says_when",
            ),
            # An archived bulletin says since when.
            models.CheckConstraint(
                condition=Q(state=BulletinState.ARCHIVED, archived_at__isnull=False)
                | ~Q(state=BulletinState.ARCHIVED) & Q(archived_at=None),
                name="archived_bulletin_says_when",
            ),
            # Of a campaign tells a bulletin of its own.
            models.CheckConstraint(
                condition=Q(campaign=None) | Q(kind=BulletinKind.SPECIAL),
                name="only_a_special_bulletin_is_of_a_campaign",
            ),
            # What corrects another says what was wrong.
            models.CheckConstraint(
                condition=Q(corrects=None, wrong="") | Q(corrects__isnull=False) & ~Q(wrong=""),
                name="correction_says_what_was_wrong",
            ),
        )
        indexes = (
            # The round: what somebody must still be told of.
            models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="bulletins_to_tell"),
            # The list.
            models.Index(fields=("composed_at", "id"), name="bulletins_by_composing"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def span(self) -> Span:
        """The local days it is about."""
        return Span(self.begins_on, self.ends_on)

    @property
    def is_out(self) -> bool:
        return self.state in BulletinState.out()

    @property
    def is_correction(self) -> bool:
        return self.corrects_id is not None

    def remark(self, section: str) -> str:
        """The editor's text under a section; empty where he wrote none."""
        remarks: dict[str, Any] = self.remarks
        return str(remarks.get(section, ""))


class PaperForm(models.TextChoices):
    """In what form an issued bulletin is kept."""

    WORD = "docx", "Word"
    PDF = "pdf", "PDF"
    EXCEL = "xlsx", "Excel"
    PICTURE = "png", "图"


class BulletinPaper(models.Model):
    """One form of an issued bulletin as it was sent (通报文书). Append-only, by database trigger.

    Made once for all recipients, before the first letter leaves. A picture is one of the charts in the mail and is known
    there by its `name`.
    """

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="papers", verbose_name="通报")
    form = models.CharField("形式", max_length=5, choices=PaperForm)
    name = models.CharField("名称", max_length=200)
    content = models.BinaryField("内容")
    made_at = models.DateTimeField("制作时间")

    class Meta:
        verbose_name = "通报文书"
        verbose_name_plural = "通报文书"
        ordering = ("id",)
        constraints = (
            # A bulletin has a paper once.
            models.UniqueConstraint(fields=("bulletin", "name"), name="paper_once_a_bulletin"),
        )

    def __str__(self) -> str:
        return self.name


class BulletinAct(models.TextChoices):
    """What a step of a bulletin records."""

    COMPOSE = life.Act.COMPOSE.value, "编制"
    COMMENT = life.Act.COMMENT.value, "点评"
    SUBMIT = life.Act.SUBMIT.value, "送签"
    RECALL = life.Act.RECALL.value, "撤回"
    SEND_BACK = life.Act.SEND_BACK.value, "退回"
    SIGN_OFF = life.Act.SIGN_OFF.value, "签批"
    ISSUE = life.Act.ISSUE.value, "签发"
    ARCHIVE = life.Act.ARCHIVE.value, "归档"
    CORRECT = life.Act.CORRECT.value, "更正"
    DROP = life.Act.DROP.value, "不发"


class BulletinStepQuerySet(ScopedQuerySet["BulletinStep"]):
    def visible_to(self, officer: Officer) -> BulletinStepQuerySet:
        """The steps of the bulletins the officer may see."""
        return self.filter(bulletin__in=Bulletin.objects.visible_to(officer))


class BulletinStep(models.Model):
    """One thing that was done to a bulletin (通报台账). Append-only, by database trigger.

    `by` is none where the timetable did it. `note` is the reason, or what the editor wrote under `section`; of an
    original that was corrected the step is on the original and names the correction.
    """

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="steps", verbose_name="通报")
    action = models.CharField("事由", max_length=10, choices=BulletinAct)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="操作人"
    )
    revision = models.PositiveIntegerField("第几稿")
    section = models.CharField("部分", max_length=20, blank=True)
    note = models.TextField("说明", blank=True)

    objects = BulletinStepQuerySet.as_manager()

    class Meta:
        verbose_name = "通报台账"
        verbose_name_plural = "通报台账"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.get_action_display()

    @property
    def section_name(self) -> str:
        """What the section is called that a remark was written under."""
        return life.SECTIONS.get(self.section, self.section)
