"""Rounds of review: by what form, what was drawn from, how, and who reviews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from cases.models import Officer, Unit
from cases.models.scope import over_units, scope_index
from supervision.reviews.rules import METHOD, MOST_FILES


class Template(models.Model):
    """A version of the form that files are reviewed by (评查表样), from the catalogue: its check items with their articles.

    A round keeps the items it was drawn with, so that a later version changes no form that was filled in.
    """

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100)
    version = models.CharField("版本", max_length=20)
    kinds = models.JSONField("适用事项种类", default=list, help_text="种类代码，空为全部")
    items = models.JSONField("评查项目")
    in_use = models.BooleanField("在用", default=True)
    order = models.PositiveSmallIntegerField("排序", default=100)

    class Meta:
        verbose_name = "评查表样"
        verbose_name_plural = "评查表样"
        ordering = ("order", "code")

    def __str__(self) -> str:
        return f"{self.name}（{self.version}）"


class Basis(models.TextChoices):
    """Which day of a file lies in the period."""

    CLOSED = "closed", "办结日期"
    OPENED = "opened", "发生日期"
    LONG_OPEN = "long_open", "发生日期，至今未结超过规定天数"


class Matters(models.TextChoices):
    """Which of the files are drawn from, by a fact of theirs."""

    ANY = "", "全部"
    ECONOMIC = "economic", "经济犯罪案件"
    ENTERPRISE = "enterprise", "涉企案件"


@dataclass(frozen=True, slots=True)
class Item:
    """One check item of a form (评查项目), as the round keeps it; `most` points may be deducted for it, or added."""

    code: str
    group: str
    text: str
    law: str
    article: str
    most: int
    merit: bool
    problem: str
    limits: tuple[str, ...]

    @property
    def citation(self) -> str:
        return f"《{self.law}》{self.article}" if self.law else self.article


class ReviewRoundQuerySet(models.QuerySet["ReviewRound"]):
    def open(self) -> ReviewRoundQuerySet:
        return self.filter(closed_at=None)

    def visible_to(self, officer: Officer) -> ReviewRoundQuerySet:
        """Rounds drawn under the officer's units, those in which one of his units was drawn from, and those he reviews in."""
        own = over_units(officer)
        if own is None:
            return self
        strata = Stratum.objects.filter(over_units(officer, "unit__") or Q(), round=OuterRef("pk"))
        reviews = RoundReviewer.objects.filter(officer=officer, round=OuterRef("pk"))
        return self.filter(own | Q(Exists(strata)) | Q(Exists(reviews)))


class ReviewRound(models.Model):
    """One sample of files drawn to be reviewed (评查批次).

    What it was drawn from (`kinds`, `basis`, the days, `matters`, the unit and those below), how (`method`, `seed`,
    `files`, `least`) and by what form (`items`) never changes; `frame_digest` is over the whole frame, which is kept
    stratum by stratum, so that the draw can be done again by anybody. Open until `closed_at`. Nobody in `drawn_by`: drawn
    by the command.
    """

    title = models.CharField("批次名称", max_length=100)
    template = models.ForeignKey(Template, models.PROTECT, related_name="+", verbose_name="评查表样")
    items = models.JSONField("评查项目")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="范围（单位）")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    kinds = models.JSONField("事项种类", help_text="种类代码")
    basis = models.CharField("日期依据", max_length=10, choices=Basis)
    matters = models.CharField("案件范围", max_length=12, choices=Matters, blank=True)
    from_on = models.DateField("自")
    until_on = models.DateField("至")
    files = models.PositiveSmallIntegerField("抽取件数")
    least = models.PositiveSmallIntegerField("每单位至少")
    second_percent = models.PositiveSmallIntegerField("复评比例（%）")
    crossed = models.BooleanField("交叉评查", default=False)
    method = models.CharField("抽取方法", max_length=20, default=METHOD)
    seed = models.CharField("随机种子", max_length=64)
    seed_given = models.BooleanField("种子由人给定", default=False)
    frame_size = models.PositiveIntegerField("总体件数")
    frame_digest = models.CharField("总体摘要（SHA-256）", max_length=64)
    drawn_at = models.DateTimeField("抽取时间")
    drawn_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="抽取人"
    )
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="结束人"
    )

    objects = ReviewRoundQuerySet.as_manager()

    class Meta:
        verbose_name = "评查批次"
        verbose_name_plural = "评查批次"
        constraints = (
            # A period does not end before it begins.
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="review_ends_after_it_begins"),
            # A sample is drawn of something, by a number, and no more than there is.
            models.CheckConstraint(
                condition=Q(files__gte=1, files__lte=MOST_FILES, least__gte=1, frame_size__gte=F("files")),
                name="review_draws_something",
            ),
            # So many in a hundred are reviewed twice.
            models.CheckConstraint(condition=Q(second_percent__lte=100), name="review_second_is_a_share"),
            # A draw without its seed and digest could not be done again.
            models.CheckConstraint(condition=~Q(seed="") & ~Q(frame_digest=""), name="review_can_be_drawn_again"),
            # What is closed says when and by whom.
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="closed_review_says_by_whom",
            ),
        )
        indexes = (
            *(scope_index("reviewround", level, "drawn_at") for level in ("city", "county", "station")),
            models.Index(fields=("drawn_at", "id"), name="reviewround_list_of_all"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """The number of the round: the local year it was drawn in and the number of the row, the same for ever."""
        return f"评查〔{timezone.localtime(self.drawn_at).year}〕{self.pk}号"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def check_items(self) -> tuple[Item, ...]:
        """The items of its form, in their order."""
        return items_of(self.items)


def items_of(rows: list[dict[str, Any]]) -> tuple[Item, ...]:
    """The items that a template or a round holds."""
    return tuple(Item(**{**row, "limits": tuple(row["limits"])}) for row in rows)


class Stratum(models.Model):
    """What a round was drawn from in one unit and kind (评查分层): the numbers of the frame, and how many of them were drawn.
    No row: nothing of the unit and kind was in the frame."""

    round = models.ForeignKey(ReviewRound, models.PROTECT, related_name="strata", verbose_name="评查批次")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    kind = models.CharField("事项种类", max_length=40)
    frame = models.JSONField("总体")
    frame_size = models.PositiveIntegerField("总体件数")
    drawn = models.PositiveSmallIntegerField("抽取件数")

    class Meta:
        verbose_name = "评查分层"
        verbose_name_plural = "评查分层"
        ordering = ("round_id", "unit__path", "kind")
        constraints = (
            # A stratum is drawn from once in a round.
            models.UniqueConstraint(fields=("round", "unit", "kind"), name="review_draws_of_a_stratum_once"),
            # No more is drawn than there is.
            models.CheckConstraint(
                condition=Q(frame_size__gte=1, drawn__lte=F("frame_size")), name="review_draws_no_more_than_there_is"
            ),
        )

    def __str__(self) -> str:
        return f"{self.round} {self.unit} {self.kind}"


class RoundReviewer(models.Model):
    """Who reviews in a round (评查员)."""

    round = models.ForeignKey(ReviewRound, models.PROTECT, related_name="reviewers", verbose_name="评查批次")
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="评查员")

    class Meta:
        verbose_name = "评查员"
        verbose_name_plural = "评查员"
        constraints = (
            # Nobody reviews in a round twice.
            models.UniqueConstraint(fields=("round", "officer"), name="reviewer_named_once"),
        )

    def __str__(self) -> str:
        return f"{self.round} {self.officer}"


class Kinship(models.Model):
    """That two officers are near of kin (近亲属申报), declared by one of them: neither reviews the other's files."""

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="申报人")
    kin = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="近亲属")
    declared_at = models.DateTimeField("申报时间")

    class Meta:
        verbose_name = "近亲属申报"
        verbose_name_plural = "近亲属申报"
        constraints = (
            # Declared once.
            models.UniqueConstraint(fields=("officer", "kin"), name="kinship_declared_once"),
            # Nobody is his own kin.
            models.CheckConstraint(condition=~Q(officer=F("kin")), name="kinship_is_between_two"),
        )

    def __str__(self) -> str:
        return f"{self.officer}、{self.kin}"
