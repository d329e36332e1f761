"""Changes of the tree of units: proposed by one administrator, approved by another, carried out on their day."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Officer, Unit


class Kind(models.TextChoices):
    """What becomes of the unit."""

    MOVE = "move", "划转（换上级）"
    MERGER = "merger", "撤并（并入别的单位）"


class State(models.TextChoices):
    """How far a change has come. Settling: it holds, and what was written meanwhile is being brought into line."""

    PROPOSED = "proposed", "待批准"
    APPROVED = "approved", "待实施"
    SETTLING = "settling", "已实施，核对中"
    DONE = "done", "已完成"
    REFUSED = "refused", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"

    @classmethod
    def open_states(cls) -> tuple[State, ...]:
        return (cls.PROPOSED, cls.APPROVED, cls.SETTLING)

    @classmethod
    def carried_out(cls) -> tuple[State, ...]:
        return (cls.SETTLING, cls.DONE)

    @property
    def sign(self) -> str:
        return {"proposed": "○", "approved": "▶", "settling": "◐", "done": "✓", "refused": "✕", "withdrawn": "↩"}[
            self.value
        ]

    @property
    def tone(self) -> str:
        return {"proposed": "yellow", "approved": "orange", "settling": "green", "done": "green", "refused": "red"}.get(
            self.value, "grey"
        )


class UnitChange(models.Model):
    """A unit that goes under another, or is merged into another, from a local day on (单位变动).

    `target` is the new unit above it, or the one it is merged into; `former_parent` is what was above it when it was
    proposed. `result` says what was done, in counts that name no restricted matter. `error` is why the last try did
    not carry it out; the next tries again.
    """

    kind = models.CharField("种类", max_length=8, choices=Kind)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    target = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="划归或者并入")
    former_parent = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="原上级"
    )
    effective_on = models.DateField("生效日期")
    ground = models.CharField("依据文号", max_length=80)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED)
    proposer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间")
    decider = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="批准人"
    )
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    answer = models.CharField("意见", max_length=200, blank=True)
    carried_out_at = models.DateTimeField("实施时间", null=True, blank=True)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    result = models.JSONField("结果", default=dict, blank=True)
    error = models.CharField("没有实施的原因", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "单位变动"
        ordering = ("-proposed_at", "-pk")
        default_permissions = ("add", "view")
        permissions = (("decide_unitchange", "可以批准单位变动"),)
        constraints = (
            # Two persons: nobody approves what he proposed.
            models.CheckConstraint(
                condition=Q(decider=None) | ~Q(decider=F("proposer")), name="unit_change_takes_two_persons"
            ),
            # What was decided says by whom and when, and nothing else does.
            models.CheckConstraint(
                condition=Q(state__in=("proposed", "withdrawn"), decider=None, decided_at=None)
                | Q(
                    state__in=("approved", "settling", "done", "refused"),
                    decider__isnull=False,
                    decided_at__isnull=False,
                )
                | Q(state="withdrawn", decider__isnull=False, decided_at__isnull=False),
                name="unit_change_decision_is_somebodys",
            ),
            # What was carried out says when, and nothing else does.
            models.CheckConstraint(
                condition=Q(state__in=("settling", "done"), carried_out_at__isnull=False)
                | (~Q(state__in=("settling", "done")) & Q(carried_out_at=None)),
                name="unit_change_carried_out_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at=None)),
                name="unit_change_done_says_when",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(answer=""), name="unit_change_refused_says_why"),
            # A document says so.
            models.CheckConstraint(condition=~Q(ground=""), name="unit_change_has_a_ground"),
            models.CheckConstraint(condition=~Q(unit=F("target")), name="unit_change_is_to_another"),
            # A unit changes once at a time.
            models.UniqueConstraint(
                fields=("unit",),
                condition=Q(state__in=("proposed", "approved", "settling")),
                name="unit_changes_once_at_a_time",
            ),
        )
        indexes = (
            # The list, latest first.
            models.Index(fields=("proposed_at", "id"), name="unit_changes_by_time"),
        )

    def __str__(self) -> str:
        return f"单位变动第 {self.pk} 号"
