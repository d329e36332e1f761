"""What was drawn, what each inspection came to, and what was found."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from cases.models import Matter, Officer, Role, Unit
from cases.models.scope import over_units, posts_of, scope_index
from supervision.inspections.models.plan import PlannedItem
from supervision.inspections.models.register import Target
from supervision.inspections.rules import METHOD, MOST_TEXT, REGISTERED, Candidate, matter_key
from supervision.rectification.models import Order, Problem


class Draw(models.Model):
    """One draw of an item (双随机抽取记录): the frame of targets, the register of inspectors and who of them kept away from
    what, as they were, and the seed. It never changes, and an item has one for good: nobody draws until he likes it.

    `publish_due_on` is the first day on which a result that is there is to be public; empty while none waits.
    """

    item = models.OneToOneField(PlannedItem, models.PROTECT, related_name="draw", verbose_name="抽查事项")
    method = models.CharField("抽取方法", max_length=20, default=METHOD)
    seed = models.CharField("随机种子", max_length=64)
    seed_given = models.BooleanField("种子由人给定", default=False)
    frame = models.JSONField("总体", help_text="每行：单位代码、种类或者类别、编号")
    frame_size = models.PositiveIntegerField("总体个数")
    frame_digest = models.CharField("总体摘要（SHA-256）", max_length=64)
    drawn = models.PositiveIntegerField("抽取个数")
    pool = models.JSONField("检查人员名录", help_text="警号")
    away = models.JSONField("回避", help_text="对象：警号")
    drawn_at = models.DateTimeField("抽取时间")
    drawn_by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="抽取人")
    publish_due_on = models.DateField("最早的公示期限", null=True, blank=True)
    tell_since = models.DateTimeField("待告知自", null=True, blank=True)

    class Meta:
        verbose_name = "双随机抽取记录"
        verbose_name_plural = "双随机抽取记录"
        constraints = (
            # A draw without its seed and digest could not be done again.
            models.CheckConstraint(condition=~Q(seed="") & ~Q(frame_digest=""), name="inspection_can_be_drawn_again"),
            # Something is drawn, and no more than there is.
            models.CheckConstraint(
                condition=Q(drawn__gte=1, drawn__lte=F("frame_size")), name="inspection_draws_what_there_is"
            ),
            # Where nothing waits to be public nobody is to be told.
            models.CheckConstraint(
                condition=Q(tell_since=None) | Q(publish_due_on__isnull=False), name="draw_tells_of_a_day"
            ),
        )
        indexes = (
            # What is still to be told.
            models.Index(
                fields=("tell_since", "id"), condition=Q(tell_since__isnull=False), name="inspection_draws_untold"
            ),
        )

    def __str__(self) -> str:
        return f"{self.item} {self.seed}"

    @property
    def number(self) -> str:
        """The number of the draw: the local year and the number of the row, the same for ever."""
        return f"双随机〔{timezone.localtime(self.drawn_at).year}〕{self.pk}号"


class CheckState(models.TextChoices):
    """How an inspection stands."""

    DRAWN = "drawn", "待检查"
    INSPECTED = "inspected", "待公示"
    PUBLISHED = "published", "已公示"
    WITHHELD = "withheld", "不公示"

    @classmethod
    def settled(cls) -> tuple[CheckState, ...]:
        """Nothing is to be done any more."""
        return (cls.PUBLISHED, cls.WITHHELD)

    @property
    def tone(self) -> str:
        return {"drawn": "yellow", "inspected": "orange", "published": "green", "withheld": "grey"}[self.value]

    @property
    def sign(self) -> str:
        return {"drawn": "▲", "inspected": "◆", "published": "✓", "withheld": "—"}[self.value]


class Outcome(models.TextChoices):
    """What an inspection found."""

    CLEAN = "clean", "未发现问题"
    FAULTS = "faults", "发现问题"
    GONE = "gone", "对象已不存在或者无法检查"


# Who directs inspections sees what is drawn before it is inspected; a head of a unit only what it came to.
DIRECTORS = (Role.LEGAL_OFFICER, Role.INSPECTOR, Role.LEADER)


class InspectedQuerySet(models.QuerySet["Check"]):
    def waiting(self) -> InspectedQuerySet:
        """Inspected, and neither made public nor withheld."""
        return self.filter(state=CheckState.INSPECTED)

    def visible_to(self, officer: Officer) -> InspectedQuerySet:
        """Those the officer is drawn for, and those in the units his posts are over: for who directs from the draw on, for
        others once they are inspected, so that nobody is warned. Restricted matters are never drawn, and none becomes one."""
        own = over_units(officer)
        if own is None:
            return self
        if not any(role in DIRECTORS for role, _, _ in posts_of(officer)):
            own &= ~Q(state=CheckState.DRAWN)
        named = CheckInspector.objects.on_duty().filter(check_row=OuterRef("pk"), officer=officer)
        return self.filter(own | Q(Exists(named))) if officer.is_active else self.none()


class Check(models.Model):
    """One target of a draw and what its inspection came to (检查). `unit` is that of the target when it was drawn.

    A result is made public, with where, or withheld, with why; it is due `publish_due_on`, empty before the inspection.
    """

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="checks", verbose_name="抽取记录")
    position = models.PositiveIntegerField("抽取次序")
    target = models.ForeignKey(
        Target, models.PROTECT, null=True, blank=True, related_name="checks", verbose_name="检查对象"
    )
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="事项")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="管辖单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    drawn_at = models.DateTimeField("抽取时间")
    state = models.CharField("状态", max_length=10, choices=CheckState, default=CheckState.DRAWN)
    outcome = models.CharField("检查结果", max_length=10, choices=Outcome, blank=True)
    inspected_on = models.DateField("检查日期", null=True, blank=True)
    text = models.CharField("检查情况", max_length=MOST_TEXT, blank=True)
    recorded_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="登记人"
    )
    publish_due_on = models.DateField("公示期限", null=True, blank=True)
    published_on = models.DateField("公示日期", null=True, blank=True)
    published_where = models.CharField("公示载体", max_length=200, blank=True)
    withheld_why = models.CharField("不公示的理由", max_length=200, blank=True)
    settled_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="公示经手人"
    )

    objects = InspectedQuerySet.as_manager()

    class Meta:
        verbose_name = "双随机检查"
        verbose_name_plural = "双随机检查"
        ordering = ("draw_id", "position")
        constraints = (
            # A place in the order of a draw is taken once.
            models.UniqueConstraint(fields=("draw", "position"), name="check_has_its_place"),
            # A target is drawn once in a draw.
            models.UniqueConstraint(fields=("draw", "target"), name="target_drawn_once"),
            # A matter is drawn once in a draw.
            models.UniqueConstraint(fields=("draw", "matter"), name="matter_drawn_once"),
            # A target of the register or a matter is inspected, and not both.
            models.CheckConstraint(
                condition=Q(target__isnull=False, matter=None) | Q(target=None, matter__isnull=False),
                name="check_is_of_one_thing",
            ),
            # What was inspected says when, what it came to, in words, by whom, and by when that is to be public.
            models.CheckConstraint(
                condition=Q(
                    state=CheckState.DRAWN,
                    outcome="",
                    inspected_on=None,
                    recorded_by=None,
                    publish_due_on=None,
                    text="",
                )
                | (
                    ~Q(state=CheckState.DRAWN)
                    & ~Q(outcome="")
                    & ~Q(text="")
                    & Q(inspected_on__isnull=False, recorded_by__isnull=False, publish_due_on__isnull=False)
                ),
                name="inspected_check_says_what",
            ),
            # What is public says since when and where.
            models.CheckConstraint(
                condition=Q(state=CheckState.PUBLISHED, published_on__isnull=False) & ~Q(published_where="")
                | (~Q(state=CheckState.PUBLISHED) & Q(published_on=None, published_where="")),
                name="published_check_says_where",
            ),
            # What is withheld says why.
            models.CheckConstraint(
                condition=(Q(state=CheckState.WITHHELD) & ~Q(withheld_why=""))
                | (~Q(state=CheckState.WITHHELD) & Q(withheld_why="")),
                name="withheld_check_says_why",
            ),
            # Whoever made it public or withheld it is named.
            models.CheckConstraint(
                condition=Q(state__in=CheckState.settled(), settled_by__isnull=False)
                | (~Q(state__in=CheckState.settled()) & Q(settled_by=None)),
                name="settled_check_says_by_whom",
            ),
        )
        indexes = (
            *(scope_index("inspectcheck", level, "drawn_at") for level in ("city", "county", "station")),
            models.Index(fields=("drawn_at", "id"), name="inspectcheck_list_of_all"),
        )
        permissions = (("record_check", "可以登记双随机检查结果"),)

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"

    @property
    def number(self) -> str:
        return f"{self.draw.number}-{self.position}"

    @property
    def subject(self) -> str:
        """The target by its name, or the matter by kind and number."""
        if self.target is not None:
            return self.target.name
        return f"{self.matter.kind} {self.matter.number}" if self.matter is not None else ""

    @property
    def candidate(self) -> Candidate:
        """What it is called in the draw: by the unit it was drawn of."""
        if self.target is not None:
            return Candidate(self.unit.code, matter_key(f"{REGISTERED}{self.target.category}", self.target.code))
        assert self.matter is not None
        return Candidate(self.unit.code, matter_key(self.matter.kind.code, self.matter.number))

    @property
    def at_state(self) -> CheckState:
        return CheckState(self.state)


class CheckInspectorQuerySet(models.QuerySet["CheckInspector"]):
    def on_duty(self) -> CheckInspectorQuerySet:
        """Who did not step aside."""
        return self.filter(stepped_aside_at=None)


class CheckInspector(models.Model):
    """Who inspects a target (检查人员). Who stepped aside stays on record, with why (回避)."""

    check_row = models.ForeignKey(Check, models.PROTECT, related_name="inspectors", verbose_name="检查")
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="检查人员")
    stepped_aside_at = models.DateTimeField("回避时间", null=True, blank=True)
    why = models.CharField("回避理由", max_length=200, blank=True)

    objects = CheckInspectorQuerySet.as_manager()

    class Meta:
        verbose_name = "检查人员"
        verbose_name_plural = "检查人员"
        constraints = (
            # Nobody is drawn for a target twice.
            models.UniqueConstraint(fields=("check_row", "officer"), name="inspector_on_a_check_once"),
            # Who steps aside says why.
            models.CheckConstraint(
                condition=Q(stepped_aside_at=None, why="") | (Q(stepped_aside_at__isnull=False) & ~Q(why="")),
                name="who_steps_aside_says_why",
            ),
        )

    def __str__(self) -> str:
        return str(self.officer)


class Finding(models.Model):
    """One thing found in an inspection (检查发现的问题): against which article, what, and the order that came of it."""

    check_row = models.ForeignKey(Check, models.PROTECT, related_name="findings", verbose_name="检查")
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="+", verbose_name="整改问题")
    article = models.CharField("违反的条款", max_length=200)
    text = models.CharField("查明的情况", max_length=500)
    order = models.OneToOneField(
        Order, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="整改通知"
    )
    found_at = models.DateTimeField("记入时间")

    class Meta:
        verbose_name = "检查发现的问题"
        verbose_name_plural = "检查发现的问题"
        ordering = ("check_row_id", "pk")
        constraints = (
            # A finding says against which article, and what.
            models.CheckConstraint(condition=~Q(article="") & ~Q(text=""), name="finding_says_against_what"),
        )

    def __str__(self) -> str:
        return f"{self.article}：{self.text}"
