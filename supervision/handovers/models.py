"""Hand-overs, and what each moved or could not move."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from cases.models import Matter, Officer, Unit
from cases.models.scope import over_units, reaches_cases
from supervision.followup.models import FollowedCase
from supervision.handovers import rules
from supervision.rectification.models import Order


class Reason(models.TextChoices):
    """Why something changes hands."""

    LEFT = "left", "调离"
    DUTIES = "duties", "调整分工"
    RETIRED = "retired", "退休"
    JURISDICTION = "jurisdiction", "管辖变更"
    OTHER = "other", "其他"


class State(models.TextChoices):
    """How far a hand-over has come."""

    QUEUED = "queued", "待办理"
    RUNNING = "running", "正在移交"
    DONE = "done", "已办完"

    @classmethod
    def under_way(cls) -> tuple[State, ...]:
        return (cls.QUEUED, cls.RUNNING)

    @property
    def sign(self) -> str:
        return {"queued": "○", "running": "▶", "done": "✓"}[self.value]

    @property
    def tone(self) -> str:
        return {"queued": "yellow", "running": "orange", "done": "green"}[self.value]


class What(models.TextChoices):
    """What one line is of."""

    MATTER = rules.Thing.MATTER.value, "事项"
    ORDER = rules.Thing.ORDER.value, "整改"
    FOLLOWED = rules.Thing.FOLLOWED.value, "盯办"


class Outcome(models.TextChoices):
    """What became of one line."""

    MOVED = "moved", "已移交"
    KEPT = "kept", "未移交"


class HandoverQuerySet(models.QuerySet["Handover"]):
    def under_way(self) -> HandoverQuerySet:
        return self.filter(state__in=State.under_way())

    def visible_to(self, officer: Officer) -> HandoverQuerySet:
        """Those of which the officer may see a line."""
        lines = HandoverItem.objects.filter(handover=OuterRef("pk")).visible_to(officer)
        return self.filter(Exists(lines.order_by()))


class Handover(models.Model):
    """What one officer or one unit had in hand passes to another (移交), with its ground; carried out line by line.

    Without a receiving officer the head of the receiving unit distributes. From nobody and no unit: matters picked out one
    by one. `tell_since` is set when somebody is to hear of it, `told_at` once he has.
    """

    from_officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="交出人"
    )
    from_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="交出单位"
    )
    to_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="接收单位")
    to_officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="接收人"
    )
    reason = models.CharField("原因", max_length=14, choices=Reason)
    document_number = models.CharField("文号", max_length=80, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="办理人")
    at = models.DateTimeField("办理时间")
    state = models.CharField("状态", max_length=8, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField("件数")
    moved = models.PositiveIntegerField("已移交", default=0)
    kept = models.PositiveIntegerField("未移交", default=0)
    worked_at = models.DateTimeField("后台最近动作", null=True, blank=True)
    done_at = models.DateTimeField("办完时间", null=True, blank=True)
    error = models.CharField("问题", max_length=300, blank=True)
    tell_since = models.DateTimeField("待通知自", null=True, blank=True)
    told_at = models.DateTimeField("已通知", null=True, blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "移交"
        ordering = ("-at", "-pk")
        default_permissions = ("add", "view")
        constraints = (
            # It says on what ground.
            models.CheckConstraint(condition=~Q(document_number="") | ~Q(note=""), name="handover_has_a_ground"),
            # It is of something.
            models.CheckConstraint(condition=Q(total__gte=1), name="handover_of_something"),
            # No more is done than there is to do.
            models.CheckConstraint(
                condition=Q(total__gte=F("moved") + F("kept")), name="handover_does_no_more_than_all"
            ),
            # Done means that every line has an outcome, and says when.
            models.CheckConstraint(
                condition=Q(state=State.DONE, done_at__isnull=False, total=F("moved") + F("kept"))
                | (~Q(state=State.DONE) & Q(done_at=None)),
                name="handover_done_is_whole",
            ),
            # Nobody is told of what is not done.
            models.CheckConstraint(condition=Q(tell_since=None) | Q(state=State.DONE), name="handover_told_when_done"),
        )
        indexes = (
            # The list, the latest first.
            models.Index(fields=("at", "id"), name="handovers_by_time"),
            # What the job takes up.
            models.Index(fields=("id",), condition=Q(state__in=("queued", "running")), name="handovers_under_way"),
            # Whom the bulletins tell.
            models.Index(
                fields=("tell_since",), condition=Q(tell_since__isnull=False, told_at=None), name="handovers_to_tell"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number of the document: the local year and the number of the row, the same for ever."""
        return f"移交〔{timezone.localtime(self.at).year}〕{self.pk}号"

    @property
    def giver(self) -> str:
        """Who hands over, in words."""
        if self.from_officer is not None:
            return f"{self.from_unit or ''}{self.from_officer}"
        return str(self.from_unit) if self.from_unit is not None else "逐件选定"

    @property
    def receiver(self) -> str:
        """Who takes over, in words."""
        return f"{self.to_unit}{self.to_officer or ''}"

    @property
    def ground(self) -> str:
        return "，".join(part for part in (self.document_number, self.note) if part)

    @property
    def mark(self) -> State:
        return State(self.state)


class HandoverItemQuerySet(models.QuerySet["HandoverItem"]):
    def visible_to(self, officer: Officer) -> HandoverItemQuerySet:
        """Lines of units the officer's posts are over; and of what was moved, also those he received himself or a unit he
        is over received. What only handlers see is never on a line."""
        # By the unit and not by the line's own columns: the ledger keeps what was above it then.
        over = over_units(officer, "unit__")
        if over is None:
            return self
        if not reaches_cases(officer):
            return self.none()
        received = over_units(officer, "handover__to_unit__") or Q(pk__in=())
        return self.filter(over | (Q(outcome=Outcome.MOVED) & (received | Q(handover__to_officer=officer))))


class HandoverItem(models.Model):
    """One line of a hand-over (移交明细): a matter, an order or a followed case, as it stood, and what became of it.
    Append-only, by database trigger.

    `unit` and `officer` are where it lay and whose it was on the preview, `step` the step its order had come to, `clocks`
    its open limits as they stood (see `rules.Running`). `outcome`, `why` and `done_at` are filled in once, in the
    transaction that moved it.
    """

    handover = models.ForeignKey(Handover, models.PROTECT, db_index=False, related_name="items", verbose_name="移交")
    place = models.PositiveIntegerField("序号")
    what = models.CharField("种类", max_length=8, choices=What)
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="事项")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="整改")
    case = models.ForeignKey(
        FollowedCase, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="盯办案件"
    )
    number = models.CharField("编号", max_length=80)
    name = models.CharField("内容", max_length=300)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="原单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="原经办人"
    )
    step = models.PositiveSmallIntegerField("台账条数", null=True, blank=True)
    clocks = models.JSONField("在途期限", default=list)
    outcome = models.CharField("结果", max_length=6, choices=Outcome, null=True, blank=True)
    why = models.CharField("未移交的原因", max_length=300, null=True, blank=True)
    done_at = models.DateTimeField("办理时间", null=True, blank=True)

    objects = HandoverItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "移交明细"
        ordering = ("handover_id", "place")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("handover", "place"), name="handover_item_has_a_place"),
            # A line is of one thing; of an order it says the step that was seen, of a followed case whose it was.
            models.CheckConstraint(
                condition=Q(what=What.MATTER, matter__isnull=False, order=None, case=None, step=None)
                | Q(what=What.ORDER, matter=None, order__isnull=False, case=None, step__isnull=False)
                | Q(what=What.FOLLOWED, matter=None, order=None, case__isnull=False, step=None, officer__isnull=False),
                name="handover_item_of_one_thing",
            ),
            # A thing stands on a hand-over once.
            models.UniqueConstraint(fields=("handover", "matter"), name="handover_of_a_matter_once"),
            models.UniqueConstraint(fields=("handover", "order"), name="handover_of_an_order_once"),
            models.UniqueConstraint(fields=("handover", "case"), name="handover_of_a_followed_case_once"),
            # What became of it says when, and what was not moved says why.
            models.CheckConstraint(
                condition=Q(outcome=None, done_at=None, why=None)
                | Q(outcome=Outcome.MOVED, done_at__isnull=False, why=None)
                | (Q(outcome=Outcome.KEPT, done_at__isnull=False, why__isnull=False) & ~Q(why="")),
                name="handover_item_says_what_became_of_it",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def running(self) -> list[rules.Running]:
        """Its open limits as they stood."""
        return [rules.read_running(one) for one in self.clocks]
