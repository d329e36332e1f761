"""One form a file: who reviewed it, what was found, what it came to, and what the unit says to that."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from cases.models import Clock, Matter, Officer, Role, Unit
from cases.models.scope import over_units, posts_of, scope_index
from supervision.rectification.models import Order
from supervision.reviews.models.round import ReviewRound
from supervision.reviews.rules import FLOOR, FULL, MOST_POINTS, MOST_TEXT


class FormState(models.TextChoices):
    """How far a form has come."""

    DRAWN = "drawn", "待评查"
    SECOND = "second", "待复评"
    SETTLED = "settled", "已评定，可以提出异议"
    OBJECTED = "objected", "异议待裁定"
    FINAL = "final", "已确定"

    @classmethod
    def told(cls) -> tuple[FormState, ...]:
        """The states in which the unit reads what was found."""
        return (cls.SETTLED, cls.OBJECTED, cls.FINAL)

    @property
    def sign(self) -> str:
        return {"drawn": "◇", "second": "◈", "settled": "●", "objected": "▲", "final": "✓"}[self.value]


class Verdict(models.TextChoices):
    """What a file comes to (评查结论)."""

    CLEAN = "clean", "无问题"
    FLAWED = "flawed", "瑕疵"
    FAULTY = "faulty", "过错"

    @property
    def sign(self) -> str:
        return {"clean": "✓", "flawed": "▲", "faulty": "■"}[self.value]

    @property
    def tone(self) -> str:
        return {"clean": "green", "flawed": "yellow", "faulty": "red"}[self.value]


class Weight(models.TextChoices):
    """How grave a finding is; a merit finds nothing."""

    FLAW = "flaw", "瑕疵"
    FAULT = "fault", "过错"
    MERIT = "merit", "加分"

    @classmethod
    def findings(cls) -> tuple[Weight, ...]:
        return (cls.FLAW, cls.FAULT)


class Stage(models.TextChoices):
    """Who wrote a line."""

    COMPUTED = "computed", "系统比对"
    FIRST = "first", "初评"
    SECOND = "second", "复评"
    DECISION = "decision", "异议裁定"


class ReviewFormQuerySet(models.QuerySet["ReviewForm"]):
    def open(self) -> ReviewFormQuerySet:
        return self.exclude(state=FormState.FINAL)

    def waiting_for(self, officer: Officer) -> ReviewFormQuerySet:
        """Those on which the officer's own review is due."""
        return self.filter(
            Q(state=FormState.DRAWN, reviewer=officer) | Q(state=FormState.SECOND, second_reviewer=officer)
        )

    def to_be_decided_by(self, officer: Officer) -> ReviewFormQuerySet:
        """Objections that the officer may decide, as far as the form tells: he neither reviewed nor objected."""
        own = Q(reviewer=officer) | Q(second_reviewer=officer) | Q(objected_by=officer)
        return self.filter(state=FormState.OBJECTED).exclude(own)

    def open_to_objection_by(self, officer: Officer, at: datetime) -> ReviewFormQuerySet:
        """Those to which the officer may still object at the aware moment `at`: he handled the file, or heads its unit."""
        heads = [unit for role, unit, _ in posts_of(officer) if role == Role.UNIT_HEAD]
        return self.filter(Q(officer=officer) | Q(unit__in=heads), state=FormState.SETTLED, due_at__gt=at)

    def waiting(self, way: str, officer: Officer, at: datetime) -> ReviewFormQuerySet:
        """Those that want something of the officer: a review (`due`), a decision (`decide`), or whether he objects
        (`object`)."""
        if way == "due":
            return self.waiting_for(officer)
        return self.to_be_decided_by(officer) if way == "decide" else self.open_to_objection_by(officer, at)

    def visible_to(self, officer: Officer) -> ReviewFormQuerySet:
        """Those the officer reviews; for who directs reviews those of the units his posts are over; for the others over
        the units, and who handled the file, once it is settled: until then nobody is told who reviews what."""
        wanted = over_units(officer)
        if wanted is None:
            return self
        if not officer.has_perm("reviews.view_reviewform"):
            return self.none()
        over = wanted if officer.has_perm("reviews.decide_reviewform") else wanted & Q(state__in=FormState.told())
        own = Q(officer=officer, state__in=FormState.told())
        return self.filter(over | own | Q(reviewer=officer) | Q(second_reviewer=officer))


class ReviewForm(models.Model):
    """The form of one file that was drawn (一案一表): reviewer, findings, score, verdict, objection and decision.

    `officer` is who handled the file when it was drawn, `reviewer_unit` and `second_unit` where the reviewers belonged then.
    `score` and `verdict` are readings of the standing lines, kept by the services. The last day for an objection is
    `objection_until`, that of its decision `decision_until`; the next moment at which something is due is `due_at`.
    Whoever it waits for is to be told from `tell_since` on, which is empty once he was.
    """

    round = models.ForeignKey(ReviewRound, models.PROTECT, related_name="forms", verbose_name="评查批次")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="review_forms", verbose_name="事项")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="办案单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    officer = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")
    drawn_at = models.DateTimeField("抽取时间")
    state = models.CharField("状态", max_length=10, choices=FormState, default=FormState.DRAWN)
    reviewer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="评查员"
    )
    reviewer_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="评查员所在单位"
    )
    second_drawn = models.BooleanField("抽中复评", default=False)
    second_reviewer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复评员"
    )
    second_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="复评员所在单位"
    )
    opinion = models.CharField("评查意见", max_length=MOST_TEXT, blank=True)
    second_opinion = models.CharField("复评意见", max_length=MOST_TEXT, blank=True)
    score = models.PositiveSmallIntegerField("得分", null=True, blank=True)
    verdict = models.CharField("评查结论", max_length=10, choices=Verdict, blank=True)
    filed_at = models.DateTimeField("初评时间", null=True, blank=True)
    settled_at = models.DateTimeField("评定时间", null=True, blank=True)
    objection_until = models.DateField("异议截止日", null=True, blank=True)
    objected_at = models.DateTimeField("提出异议时间", null=True, blank=True)
    objected_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="异议人"
    )
    objection = models.CharField("异议", max_length=MOST_TEXT, blank=True)
    decision_until = models.DateField("裁定截止日", null=True, blank=True)
    decided_at = models.DateTimeField("裁定时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="裁定人"
    )
    decision = models.CharField("裁定意见", max_length=MOST_TEXT, blank=True)
    due_at = models.DateTimeField("届满时刻", null=True, blank=True)
    final_at = models.DateTimeField("确定时间", null=True, blank=True)
    tell_since = models.DateTimeField("应告知时刻", null=True, blank=True)

    objects = ReviewFormQuerySet.as_manager()

    class Meta:
        verbose_name = "案件评查表"
        verbose_name_plural = "案件评查表"
        constraints = (
            # A round reviews a file once.
            models.UniqueConstraint(fields=("round", "matter"), name="round_reviews_a_file_once"),
            # Nobody reviews a file of his own unit.
            models.CheckConstraint(
                condition=Q(reviewer_unit=None) | ~Q(reviewer_unit=F("unit")), name="reviewer_is_of_another_unit"
            ),
            models.CheckConstraint(
                condition=Q(second_unit=None) | ~Q(second_unit=F("unit")), name="second_reviewer_is_of_another_unit"
            ),
            # Nor his own, nor the same twice, nor decides what is said against his review.
            models.CheckConstraint(
                condition=Q(reviewer=None) | Q(officer=None) | ~Q(reviewer=F("officer")), name="reviewer_is_another"
            ),
            models.CheckConstraint(
                condition=Q(second_reviewer=None)
                | (
                    (Q(reviewer=None) | ~Q(second_reviewer=F("reviewer")))
                    & (Q(officer=None) | ~Q(second_reviewer=F("officer")))
                ),
                name="second_reviewer_is_another",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | (
                    (Q(reviewer=None) | ~Q(decided_by=F("reviewer")))
                    & (Q(second_reviewer=None) | ~Q(decided_by=F("second_reviewer")))
                    & ~Q(decided_by=F("objected_by"))
                ),
                name="objection_is_decided_by_another",
            ),
            # A score lies between the floor and the ceiling, and comes with a verdict.
            models.CheckConstraint(
                condition=Q(score=None, verdict="") | (Q(score__gte=FLOOR, score__lte=FULL) & ~Q(verdict="")),
                name="score_within_bounds",
            ),
            # What was reviewed has a score; what waits has none.
            models.CheckConstraint(
                condition=Q(state=FormState.DRAWN, filed_at=None, score=None)
                | (~Q(state=FormState.DRAWN) & Q(filed_at__isnull=False, score__isnull=False)),
                name="reviewed_form_has_a_score",
            ),
            # An objection says what, when, by whom, and by when it is decided.
            models.CheckConstraint(
                condition=Q(objected_at=None, objected_by=None, objection="", decision_until=None)
                | (
                    Q(objected_at__isnull=False, objected_by__isnull=False, decision_until__isnull=False)
                    & ~Q(objection="")
                ),
                name="objection_is_whole",
            ),
            # A decision says what, when, by whom, on an objection.
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, decision="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False, objected_at__isnull=False) & ~Q(decision="")),
                name="decision_is_whole",
            ),
            # What is final says when, and nothing of it is due any more.
            models.CheckConstraint(
                condition=Q(state=FormState.FINAL, final_at__isnull=False, due_at=None)
                | (~Q(state=FormState.FINAL) & Q(final_at=None)),
                name="final_form_says_when",
            ),
        )
        indexes = (
            *(scope_index("reviewform", level, "drawn_at") for level in ("city", "county", "station")),
            models.Index(fields=("drawn_at", "id"), name="reviewform_list_of_all"),
            # What the watch looks for.
            models.Index(fields=("due_at", "id"), condition=Q(due_at__isnull=False), name="review_forms_due"),
            # What somebody is still to be told of.
            models.Index(
                fields=("tell_since", "id"), condition=Q(tell_since__isnull=False), name="review_forms_untold"
            ),
        )
        permissions = (
            ("review_reviewform", "可以评查案件"),
            ("object_reviewform", "可以对评查结论提出异议"),
            ("decide_reviewform", "可以裁定评查异议"),
        )

    def __str__(self) -> str:
        return f"{self.round.number} {self.matter.number}"

    @property
    def stands(self) -> FormState:
        return FormState(self.state)

    @property
    def found(self) -> Verdict | None:
        return Verdict(self.verdict) if self.verdict else None

    def may_still_object(self, at: datetime) -> bool:
        """Whether the days for an objection are not over at the aware moment `at`."""
        return self.state == FormState.SETTLED and self.due_at is not None and at < self.due_at


class LineQuerySet(models.QuerySet["Line"]):
    def standing(self) -> LineQuerySet:
        return self.filter(struck_at=None)

    def findings(self) -> LineQuerySet:
        """Standing lines that find something, rather than praise."""
        return self.standing().filter(weight__in=Weight.findings())


class Line(models.Model):
    """One finding or merit on a form (评查扣分、加分): by which item, how grave, how many points, what was found and where it can
    be seen. What is struck stays, with why; it counts no more. A computed line names the clock it was read from."""

    form = models.ForeignKey(ReviewForm, models.PROTECT, related_name="lines", verbose_name="案件评查表")
    stage = models.CharField("出自", max_length=10, choices=Stage)
    item = models.CharField("项目代码", max_length=40)
    group = models.CharField("类别", max_length=20)
    title = models.CharField("评查项目", max_length=100)
    citation = models.CharField("依据", max_length=200)
    problem = models.CharField("整改问题", max_length=40, blank=True)
    weight = models.CharField("性质", max_length=6, choices=Weight)
    points = models.PositiveSmallIntegerField("分值")
    text = models.CharField("查明的情况", max_length=500)
    evidence = models.CharField("证据（卷内位置）", max_length=200, blank=True)
    clock = models.ForeignKey(
        Clock, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+", verbose_name="时钟"
    )
    order = models.OneToOneField(
        Order, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="整改通知"
    )
    written_at = models.DateTimeField("记入时间")
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="记入人"
    )
    struck_at = models.DateTimeField("划去时间", null=True, blank=True)
    struck_stage = models.CharField("划去于", max_length=10, choices=Stage, blank=True)
    struck_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="划去人"
    )
    struck_why = models.CharField("划去理由", max_length=200, blank=True)

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = "评查项目结果"
        verbose_name_plural = "评查项目结果"
        ordering = ("form_id", "pk")
        constraints = (
            # Points are never negative: the weight says which way they count.
            models.CheckConstraint(condition=Q(points__lte=MOST_POINTS), name="line_points_within_bounds"),
            # What is found can be ordered to be put right; a merit cannot.
            models.CheckConstraint(
                condition=(Q(weight="merit", problem="")) | (~Q(weight="merit") & ~Q(problem="")),
                name="finding_names_a_problem",
            ),
            # What is struck says when, by whom and why.
            models.CheckConstraint(
                condition=Q(struck_at=None, struck_by=None, struck_why="", struck_stage="")
                | (Q(struck_at__isnull=False, struck_by__isnull=False) & ~Q(struck_why="") & ~Q(struck_stage="")),
                name="struck_line_says_why",
            ),
            # What nobody wrote was computed.
            models.CheckConstraint(
                condition=Q(stage="computed", by=None) | (~Q(stage="computed") & Q(by__isnull=False)),
                name="written_line_says_by_whom",
            ),
            # A clock is read once onto a form.
            models.UniqueConstraint(
                fields=("form", "clock"), condition=Q(clock__isnull=False), name="clock_on_a_form_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}：{self.text}"

    @property
    def stands(self) -> bool:
        return self.struck_at is None

    @property
    def signed_points(self) -> str:
        """ "+5" or "-5"."""
        return f"{'+' if self.weight == Weight.MERIT else '-'}{self.points}"
