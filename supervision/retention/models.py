"""Lists of what is to be destroyed, what is on each and what became of it, and holds that keep matters from it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Matter, Officer, Unit
from supervision.retention import rules


class Kind(models.TextChoices):
    """What may be disposed of. Never a case's events, clocks or documents, never a sealed ledger but through its seals."""

    REFUSED_ROWS = rules.REFUSED_ROWS, "导入退回行的原始内容"
    ANSWER_TEXTS = rules.ANSWER_TEXTS, "回访意见原文"
    LOGS = rules.LOGS, "改动日志、查看和导出日志"


class ListState(models.TextChoices):
    """How far a list has come."""

    PROPOSED = "proposed", "待批准"
    APPROVED = "approved", "已批准"
    DONE = "done", "已执行"
    REFUSED = "refused", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"

    @classmethod
    def decided(cls) -> tuple[ListState, ...]:
        """Somebody else decided."""
        return (cls.APPROVED, cls.DONE, cls.REFUSED)

    @property
    def sign(self) -> str:
        return {"proposed": "○", "approved": "▶", "done": "✓", "refused": "✕", "withdrawn": "↩"}[self.value]

    @property
    def tone(self) -> str:
        return {"proposed": "yellow", "approved": "orange", "done": "green", "refused": "red"}.get(self.value, "grey")


class DisposalList(models.Model):
    """A list of records past their time (销毁清单): proposed by one person, approved by another, carried out by a job.

    `unit` is the bureau it is of, `before` the moment before which its records came about, `rule` the words of the rule
    as it was then.
    """

    kind = models.CharField("类别", max_length=20, choices=Kind)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    before = models.DateTimeField("早于")
    rule = models.CharField("留存规定", max_length=300)
    state = models.CharField("状态", max_length=10, choices=ListState, default=ListState.PROPOSED)
    proposer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间")
    decider = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人", db_index=False
    )
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    answer = models.CharField("意见", max_length=200, blank=True)
    done_at = models.DateTimeField("执行完时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "销毁清单"
        ordering = ("-proposed_at", "-pk")
        default_permissions = ("add", "view")
        permissions = (("decide_disposallist", "可以批准销毁清单"),)
        constraints = (
            # Two persons: nobody approves his own list.
            models.CheckConstraint(
                condition=Q(decider=None) | ~Q(decider=F("proposer")), name="disposal_list_takes_two_persons"
            ),
            # What was decided says by whom and when, and nothing else does.
            models.CheckConstraint(
                condition=Q(state__in=ListState.decided(), decider__isnull=False, decided_at__isnull=False)
                | (~Q(state__in=ListState.decided()) & Q(decider=None, decided_at=None)),
                name="disposal_list_decision_is_somebodys",
            ),
            # A list that was carried out says when, and no other does.
            models.CheckConstraint(
                condition=Q(state=ListState.DONE, done_at__isnull=False) | (~Q(state=ListState.DONE) & Q(done_at=None)),
                name="disposal_list_done_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=ListState.REFUSED) | ~Q(answer=""), name="disposal_list_refused_says_why"
            ),
            # Of a kind one list waits or is carried out at a time in a bureau.
            models.UniqueConstraint(
                fields=("unit", "kind"),
                condition=Q(state__in=("proposed", "approved")),
                name="disposal_list_one_at_a_time",
            ),
        )
        indexes = (
            # The lists, latest first.
            models.Index(fields=("proposed_at", "id"), name="disposal_lists_by_time"),
        )

    def __str__(self) -> str:
        return f"销毁清单第 {self.pk} 号"


class Outcome(models.TextChoices):
    """What became of a piece of an approved list."""

    DESTROYED = "destroyed", "已销毁"
    HELD = "held", "已冻结，没有销毁"
    CHANGED = "changed", "清单提出以后有变动，没有销毁"


class DisposalItem(models.Model):
    """A piece of a list (销毁明细): how many rows, and their digest. Append-only, by database trigger.

    `outcome` and `done_at` are filled in once, when it was carried out; what was destroyed is not kept.
    """

    list = models.ForeignKey(DisposalList, models.PROTECT, related_name="items", verbose_name="清单")
    key = models.CharField("对象", max_length=60)
    name = models.CharField("名称", max_length=100)
    count = models.PositiveIntegerField("行数")
    digest = models.CharField("内容摘要（SHA-256）", max_length=64)
    outcome = models.CharField("结果", max_length=10, choices=Outcome, null=True, blank=True)
    done_at = models.DateTimeField("执行时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "销毁明细"
        ordering = ("pk",)
        default_permissions = ()
        constraints = (
            # A piece stands once on a list.
            models.UniqueConstraint(fields=("list", "key"), name="disposal_item_once_on_a_list"),
            # What became of it says when.
            models.CheckConstraint(
                condition=Q(outcome=None, done_at=None) | Q(outcome__isnull=False, done_at__isnull=False),
                name="disposal_item_done_says_when",
            ),
            models.CheckConstraint(condition=Q(count__gte=1), name="disposal_item_of_something"),
        )

    def __str__(self) -> str:
        return self.name


class Hold(models.Model):
    """A matter kept from every disposal (冻结), until somebody else lifts it."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="holds", verbose_name="事项")
    reason = models.CharField("冻结理由", max_length=200)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="冻结人")
    at = models.DateTimeField("冻结时间")
    lifted_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="解除人", db_index=False
    )
    lifted_at = models.DateTimeField("解除时间", null=True, blank=True)
    lift_reason = models.CharField("解除理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "冻结"
        ordering = ("-at", "-pk")
        default_permissions = ("add", "view")
        permissions = (("lift_hold", "可以解除冻结"),)
        constraints = (
            # A matter is held once at a time.
            models.UniqueConstraint(fields=("matter",), condition=Q(lifted_at=None), name="matter_held_once"),
            # Two persons: who held it does not lift it.
            models.CheckConstraint(condition=Q(lifted_by=None) | ~Q(lifted_by=F("by")), name="hold_lifted_by_another"),
            # What was lifted says by whom, when and why.
            models.CheckConstraint(
                condition=Q(lifted_by=None, lifted_at=None, lift_reason="")
                | (Q(lifted_by__isnull=False, lifted_at__isnull=False) & ~Q(lift_reason="")),
                name="hold_lifted_says_why",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_a_reason"),
        )
        indexes = (
            # The holds, latest first.
            models.Index(fields=("at", "id"), name="holds_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.matter}冻结"
