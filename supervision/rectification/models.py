"""Orders to put something right, the catalogue of what may be wrong, and the ledger of everything that happened."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cases.models import Clock, Matter, Officer, Unit
from cases.models.scope import ScopedQuerySet, scope_index
from supervision.rectification import rules


class Source(models.TextChoices):
    """Who found the fault (来源)."""

    ALERT = "alert", "预警"
    REVIEW = "review", "案件评查"
    PETITION = "petition", "信访"
    COMPLAINT = "complaint", "投诉举报"
    EVALUATION = "evaluation", "群众评价"
    SUPERVISOR = "supervisor", "日常监督"

    @classmethod
    def silent(cls) -> tuple[Source, ...]:
        """What nobody is told, as it would say that somebody complained (信访工作条例 30): told as daily supervision."""
        return (cls.PETITION, cls.COMPLAINT)

    @classmethod
    def told(cls) -> list[tuple[str, str]]:
        """The choices that may be shown."""
        return [(one.value, str(one.label)) for one in cls if one not in cls.silent()]


class Grade(models.TextChoices):
    """How strongly the order speaks (整改等级)."""

    REMINDER = "reminder", "提醒"
    SUPERVISED = "supervised", "督办"
    LISTED = "listed", "挂牌督办"

    @property
    def weight(self) -> int:
        """The order of the grades, the mildest first."""
        return list(Grade).index(self)


class OrderState(models.TextChoices):
    """How an order stands; what may follow what is in `rules`."""

    ISSUED = rules.State.ISSUED.value, "待答复"
    REPLIED = rules.State.REPLIED.value, "待核验"
    RETURNED = rules.State.RETURNED.value, "退回重办"
    VERIFIED = rules.State.VERIFIED.value, "已整改"
    WITHDRAWN = rules.State.WITHDRAWN.value, "已撤销"

    @classmethod
    def open_states(cls) -> tuple[OrderState, ...]:
        return tuple(cls(state) for state in rules.State.open_states())

    @classmethod
    def to_answer(cls) -> tuple[OrderState, ...]:
        return tuple(cls(state) for state in rules.State.to_answer())


class Action(models.TextChoices):
    """What a step of an order records."""

    ISSUED = "issued", "下达"
    REPLIED = "replied", "答复"
    ENDORSED = "endorsed", "单位审核"
    RETURNED = "returned", "退回"
    EXTENDED = "extended", "延期"
    VERIFIED = "verified", "核验通过"
    REOPENED = "reopened", "重新整改"
    WITHDRAWN = "withdrawn", "撤销"
    REASSIGNED = "reassigned", "改派"


class Problem(models.Model):
    """Something that may be wrong, from the catalogue (整改问题): what the law says about it and how it is usually ordered
    to be put right."""

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("问题", max_length=100)
    fault = models.CharField("问题类别", max_length=20)
    law = models.CharField("法律", max_length=100, blank=True)
    article = models.CharField("条款", max_length=100)
    grade = models.CharField("等级", max_length=10, choices=Grade, default=Grade.REMINDER)
    workdays = models.PositiveSmallIntegerField("整改期限（工作日）", default=3)
    demand = models.CharField("整改要求", max_length=300, blank=True)
    needs_evidence = models.BooleanField("答复须附证据", default=True)
    order = models.PositiveSmallIntegerField("排序", default=100)

    class Meta:
        verbose_name = "整改问题"
        verbose_name_plural = "整改问题"
        ordering = ("order", "code")
        constraints = (
            # Whoever is ordered to do something has at least a day for it.
            models.CheckConstraint(
                condition=Q(workdays__gte=1, workdays__lte=rules.MOST_WORKDAYS), name="problem_leaves_time"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def citation(self) -> str:
        return f"《{self.law}》{self.article}" if self.law else self.article


class OrderQuerySet(ScopedQuerySet["Order"]):
    matter_path = "matter"

    def open(self) -> OrderQuerySet:
        return self.filter(state__in=OrderState.open_states())

    def to_answer(self) -> OrderQuerySet:
        """The unit has to reply."""
        return self.filter(state__in=OrderState.to_answer())

    def overdue(self, at: datetime) -> OrderQuerySet:
        """Not ended, and its due day over at the moment `at`."""
        return self.open().filter(due_at__lte=at)

    def founded(self) -> OrderQuerySet:
        """Without those withdrawn as unfounded."""
        return self.exclude(state=OrderState.WITHDRAWN)

    def repeated(self) -> OrderQuerySet:
        """The same unit and officer had the same problem within the year before."""
        return self.filter(repeats__gt=0)

    def hasty(self) -> OrderQuerySet:
        """Verified within minutes of the reply."""
        return self.filter(state=OrderState.VERIFIED, verified_at__lt=F("replied_at") + rules.HASTY)

    def _unrestricted(self) -> Q:
        return Q(restricted=False)


class Order(models.Model):
    """A unit ordered to put something right by a day (整改通知).

    State and everything beside it are what the last step says. `due_on` is the last day, extended or not, `due_at` the
    moment from which it is late; `first_due_on` is the day set when it was issued. `step_number` counts the steps of the
    ledger: whoever acts on what he saw names it, so that of two who act at once the second is told. `tell_number` is the
    step somebody is to hear of, `tell_since` since when, empty once told. `restricted` is the matter's, which never
    changes. Nobody in `by`: issued by the system.
    """

    source = models.CharField("来源", max_length=12, choices=Source)
    source_number = models.CharField("来源编号", max_length=120)
    matter = models.ForeignKey(
        Matter, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name="事项"
    )
    clock = models.ForeignKey(Clock, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name="时钟")
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="orders", verbose_name="问题")
    grade = models.CharField("等级", max_length=10, choices=Grade)
    text = models.TextField("事实与要求")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="责任单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name="责任人"
    )
    issued_at = models.DateTimeField("下达时间")
    by = models.ForeignKey(Officer, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="下达人")
    workdays = models.PositiveSmallIntegerField("整改期限（工作日）")
    first_due_on = models.DateField("原定期限")
    due_on = models.DateField("整改期限")
    due_at = models.DateTimeField("超期时刻")
    provisional = models.BooleanField("期限暂定", default=False)
    extensions = models.PositiveSmallIntegerField("延期次数", default=0)
    state = models.CharField("状态", max_length=10, choices=OrderState, default=OrderState.ISSUED)
    replied_at = models.DateTimeField("答复时间", null=True)
    replied_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="答复人"
    )
    endorsed_at = models.DateTimeField("单位审核时间", null=True)
    endorsed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="审核人"
    )
    verified_at = models.DateTimeField("核验时间", null=True)
    verified_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="核验人"
    )
    withdrawn_at = models.DateTimeField("撤销时间", null=True)
    reopened = models.PositiveSmallIntegerField("重新整改次数", default=0)
    repeats = models.PositiveSmallIntegerField("一年内同类问题", default=0)
    step_number = models.PositiveSmallIntegerField("台账条数", default=1)
    tell_number = models.PositiveSmallIntegerField("待通知的一条", null=True)
    tell_since = models.DateTimeField("待通知自", null=True)
    overdue_told_at = models.DateTimeField("超期已通知", null=True)
    restricted = models.BooleanField("仅经办人可见", default=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = "整改通知"
        verbose_name_plural = "整改通知"
        constraints = (
            # Whatever was found is ordered to be put right once at a time.
            models.UniqueConstraint(
                fields=("source", "source_number"),
                condition=Q(state__in=OrderState.open_states()),
                name="one_open_order_a_source",
            ),
            # Nobody verifies what he replied himself.
            models.CheckConstraint(
                condition=Q(verified_by=None) | ~Q(verified_by=F("replied_by")), name="order_verified_by_another"
            ),
            # Nobody looks over his own reply on behalf of his unit.
            models.CheckConstraint(
                condition=Q(endorsed_by=None) | ~Q(endorsed_by=F("replied_by")), name="order_endorsed_by_another"
            ),
            # A verified order says by whom and when, and no other does.
            models.CheckConstraint(
                condition=Q(state=OrderState.VERIFIED, verified_by__isnull=False, verified_at__isnull=False)
                | (~Q(state=OrderState.VERIFIED) & Q(verified_by=None, verified_at=None)),
                name="verified_order_says_by_whom",
            ),
            # What waits to be verified, or is, was replied to by somebody.
            models.CheckConstraint(
                condition=~Q(state__in=(OrderState.REPLIED, OrderState.VERIFIED))
                | Q(replied_by__isnull=False, replied_at__isnull=False),
                name="replied_order_says_by_whom",
            ),
            # A withdrawn order says when, and no other does.
            models.CheckConstraint(
                condition=Q(state=OrderState.WITHDRAWN, withdrawn_at__isnull=False)
                | (~Q(state=OrderState.WITHDRAWN) & Q(withdrawn_at=None)),
                name="withdrawn_order_says_when",
            ),
            # An extension never brings the day forward.
            models.CheckConstraint(condition=Q(due_on__gte=F("first_due_on")), name="order_is_not_due_earlier"),
            # What is about no matter is closed to nobody.
            models.CheckConstraint(
                condition=Q(restricted=False) | Q(matter__isnull=False), name="restricted_order_is_about_a_matter"
            ),
            # What is still to be told is a step.
            models.CheckConstraint(
                condition=Q(tell_since=None) | Q(tell_number__isnull=False), name="order_tells_a_step"
            ),
        )
        indexes = (
            *(scope_index("order", level, "due_at") for level in ("city", "county", "station")),
            models.Index(fields=("due_at", "id"), name="order_list_of_all"),
            # What is still to be done, before which all that ended over the years would lie.
            *(
                models.Index(
                    fields=(*level, "due_at", "id"),
                    condition=Q(state__in=OrderState.open_states()),
                    name=f"order_open_of_{'_'.join(level) or 'all'}",
                )
                for level in ((), ("city",), ("county",), ("station",))
            ),
            # What somebody is to be told.
            models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="orders_to_tell"),
            # Those that ran out and nobody was told.
            models.Index(
                fields=("due_at",),
                condition=Q(state__in=OrderState.open_states(), overdue_told_at=None),
                name="orders_overdue_untold",
            ),
            # The same problem again.
            models.Index(fields=("unit", "problem", "issued_at"), name="orders_of_a_kind"),
            # Figures of a period.
            models.Index(fields=("issued_at",), name="orders_of_a_period"),
            # An order of a source, ended or not.
            models.Index(fields=("source", "source_number"), name="orders_of_a_source"),
        )
        permissions = (
            ("issue_order", "可以下达整改"),
            ("reply_order", "可以答复整改"),
            ("endorse_order", "可以审核本单位的答复"),
            ("return_order", "可以退回答复"),
            ("extend_order", "可以办理延期"),
            ("verify_order", "可以核验整改"),
            ("reopen_order", "可以要求重新整改"),
            ("withdraw_order", "可以撤销整改"),
            ("reassign_order", "可以改派整改"),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number of the document: the local year of issue and the number of the row, the same for ever."""
        return f"整改〔{timezone.localtime(self.issued_at).year}〕{self.pk}号"

    @property
    def told_source(self) -> str:
        """Where it came from, as it may be said to anybody who sees the order."""
        shown = Source.SUPERVISOR if self.source in Source.silent() else Source(self.source)
        return str(shown.label)

    @property
    def told_source_number(self) -> str:
        """The number of that; empty where it would lead to whoever complained."""
        return "" if self.source in Source.silent() else self.source_number

    @property
    def ground(self) -> str:
        """The article it stands on: that of the limit which ran out, where there is one, else that of the problem."""
        return self.clock.limit.citation if self.clock is not None else self.problem.citation

    @property
    def repeated(self) -> bool:
        return self.repeats > 0

    def is_overdue(self, at: datetime) -> bool:
        """Whether it is late and still not ended at the moment `at`."""
        return rules.is_overdue(self.state, self.due_at, at)


class OrderStep(models.Model):
    """One thing that happened to an order (整改台账). Append-only, by database trigger.

    `due_on` is the day as it stands after the step, where the step set it; `unit` and `officer` whom the order was issued
    or reassigned to. `approver` let the extension pass, where that was not whoever entered it. Nobody in `by`: the system.
    """

    order = models.ForeignKey(Order, models.PROTECT, db_index=False, related_name="ledger", verbose_name="整改通知")
    number = models.PositiveSmallIntegerField("序号")
    action = models.CharField("事由", max_length=10, choices=Action)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(Officer, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="经手人")
    text = models.TextField("内容", blank=True)
    due_on = models.DateField("整改期限", null=True)
    approver = models.ForeignKey(
        Officer, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="批准人"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="责任单位")
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="责任人"
    )

    class Meta:
        verbose_name = "整改台账"
        verbose_name_plural = "整改台账"
        ordering = ("order_id", "number")
        constraints = (
            # Two who act at once do not both make the same step.
            models.UniqueConstraint(fields=("order", "number"), name="order_step_once"),
            # An extension is let pass by somebody.
            models.CheckConstraint(
                condition=~Q(action=Action.EXTENDED) | Q(approver__isnull=False, due_on__isnull=False),
                name="order_extension_is_approved",
            ),
        )
        indexes = (models.Index(fields=("at",), name="order_steps_of_a_period"),)

    def __str__(self) -> str:
        return f"{self.get_action_display()} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"


class ContentType(models.TextChoices):
    """What evidence may be: by what the file holds, not by what it is called."""

    PDF = "application/pdf", "PDF"
    JPEG = "image/jpeg", "JPG 图片"
    PNG = "image/png", "PNG 图片"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word 文档"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel 表格"


class Evidence(models.Model):
    """A file attached to a reply (整改证据). Append-only, by database trigger; the file lies outside the web root.

    `path` is where it lies, below the folder of evidence; it comes from the digest and never from `name`, which is only
    what the file was called by whoever attached it.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="evidence", verbose_name="整改通知")
    step = models.ForeignKey(OrderStep, models.PROTECT, db_index=False, related_name="evidence", verbose_name="台账")
    name = models.CharField("文件名", max_length=150)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("摘要（SHA-256）", max_length=64)
    content_type = models.CharField("类型", max_length=80, choices=ContentType)
    path = models.CharField("存放位置", max_length=100)
    scanned = models.BooleanField("已查毒", default=False)

    class Meta:
        verbose_name = "整改证据"
        verbose_name_plural = "整改证据"
        ordering = ("step_id", "id")
        constraints = (
            # A reply holds a file once.
            models.UniqueConstraint(fields=("step", "sha256"), name="evidence_once_a_reply"),
        )
        indexes = (
            # The same file attached twice.
            models.Index(fields=("sha256",), name="evidence_by_digest"),
        )

    def __str__(self) -> str:
        return self.name
