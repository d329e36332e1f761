"""Events: the only truth; everything else can be thrown away and rebuilt from them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cases.models.batch import Batch
from cases.models.matter import Matter
from cases.models.officer import Officer
from cases.models.unit import Unit


class EventKind(models.Model):
    """A kind of event (节点种类), a row of the catalogue. `opens` and `closes` say what it does to a matter's life."""

    code = models.CharField("代码", max_length=60, unique=True)
    name = models.CharField("名称", max_length=60)
    opens = models.BooleanField("事项自此发生", default=False)
    closes = models.BooleanField("事项至此办结", default=False)
    day_only = models.BooleanField("只记日期", default=False)
    order = models.PositiveSmallIntegerField("排序", default=100)

    class Meta:
        verbose_name = "节点种类"
        verbose_name_plural = "节点种类"
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.name


class EventQuerySet(models.QuerySet["Event"]):
    def standing(self) -> "EventQuerySet":
        """Not withdrawn with an undone batch and not struck out by a later entry."""
        return self.filter(withdrawn_at=None, struck_by=None)


class Event(models.Model):
    """A thing that happened to a matter (节点): what, when it occurred, when it was learnt, from where.

    Append-only, by database trigger. A correction is a new event that voids the old one; an event that only voids has
    no effect of its own. The single mark that may be set later, once, is `withdrawn_at`, when its batch is undone.
    """

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="events", verbose_name="事项")
    kind = models.ForeignKey(EventKind, models.PROTECT, db_index=False, verbose_name="节点")
    occurred_at = models.DateTimeField("发生时间")
    day_only = models.BooleanField("只知日期", default=False)
    recorded_at = models.DateTimeField("录入时间")
    source = models.CharField("来源", max_length=40, blank=True)
    source_number = models.CharField("来源编号", max_length=100, blank=True)
    document_number = models.CharField("文书号", max_length=80, blank=True)
    approver = models.CharField("批准层级", max_length=40, blank=True)
    ground = models.CharField("理由", max_length=100, blank=True)
    tier = models.CharField("档次", max_length=40, blank=True)
    amount = models.PositiveSmallIntegerField("批准数量", null=True, blank=True)
    sets_at = models.DateTimeField("文书确定的时刻", null=True, blank=True)
    sets_on = models.DateField("文书确定的日期", null=True, blank=True)
    reference = models.CharField("关联号", max_length=80, blank=True)
    note = models.CharField("备注", max_length=300, blank=True)
    only_voids = models.BooleanField("仅作废", default=False)
    voids = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="struck_by", verbose_name="作废节点"
    )
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="录入人"
    )
    from_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="移交自单位"
    )
    from_officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="移交自民警"
    )
    to_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="移交至单位"
    )
    to_officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="移交至民警"
    )
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, verbose_name="导入批次")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "节点"
        verbose_name_plural = "节点"
        ordering = ("occurred_at", "id")
        constraints = (
            # A source reports a thing once; reading the same file again changes nothing.
            models.UniqueConstraint(
                fields=("source", "source_number"),
                condition=Q(withdrawn_at=None) & ~Q(source_number=""),
                name="event_source_number_is_unique",
            ),
            # Nothing voids itself.
            models.CheckConstraint(condition=~Q(voids=F("id")), name="event_does_not_void_itself"),
            # An entry that only voids must void something.
            models.CheckConstraint(
                condition=Q(only_voids=False) | Q(voids__isnull=False), name="event_that_only_voids_voids_something"
            ),
        )
        indexes = (
            # What has left a unit since a moment, as a figure counts a matter where it was then.
            models.Index(
                fields=("from_unit", "occurred_at"),
                condition=Q(from_unit__isnull=False),
                name="events_of_leaving_a_unit",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {timezone.localtime(self.occurred_at):%Y-%m-%d}"
