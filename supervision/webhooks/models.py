"""Who is told of what at which address, what is on its way there, and the ledger of it."""

from __future__ import annotations

from datetime import datetime

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from cases.models import Officer, Unit
from supervision.webhooks import rules
from supervision.webhooks.rules import EventName

_SECRET_NAME = RegexValidator(r"\A[A-Z][A-Z0-9_]{0,39}\Z", "只能用大写字母、数字和下划线，以字母开头")


class Ledger(models.TextChoices):
    """Which ledger events are read off."""

    ALERTS = "alerts", "预警台账"
    BULLETINS = "bulletins", "通报台账"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self) -> SubscriptionQuerySet:
        return self.filter(active=True)

    def free(self, at: datetime) -> SubscriptionQuerySet:
        """Those nobody is sending to."""
        return self.filter(Q(held_until=None) | Q(held_until__lte=at))


class Subscription(models.Model):
    """One system that is told of some events of a unit and the units below it (推送订阅).

    The secret is not here: `secret_name` names an environment variable, WEBHOOK_SECRET_ and that name. `since` is when it
    was last switched on: what lies before is not told. `alerts_read` and `bulletins_read` are the ids of the last steps
    of the two ledgers that were looked at for it. `held_until`: until then one sender has its deliveries in hand.
    """

    name = models.CharField("接收系统", max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    address = models.CharField("地址", max_length=300)
    events = models.CharField("事件", max_length=200)
    secret_name = models.CharField("密钥名称", max_length=40, validators=[_SECRET_NAME])
    active = models.BooleanField("启用", default=True)
    since = models.DateTimeField("推送自")
    alerts_read = models.BigIntegerField("预警台账读到", default=0)
    bulletins_read = models.BigIntegerField("通报台账读到", default=0)
    held_until = models.DateTimeField("正在发送至", null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "推送订阅"
        verbose_name_plural = "推送订阅"
        ordering = ("name", "id")
        constraints = (
            # A unit knows its receivers by their names.
            models.UniqueConstraint(
                fields=("unit", "name"), name="receiver_once_a_unit", violation_error_message="这个单位已有同名的订阅"
            ),
            # Nothing is sent unsigned.
            models.CheckConstraint(condition=~Q(secret_name=""), name="subscription_is_signed"),
            # Somebody is told of something.
            models.CheckConstraint(condition=~Q(events=""), name="subscription_has_events"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def names(self) -> tuple[EventName, ...]:
        """The events it is told of."""
        return rules.known_names(self.events.split(","))

    def read_up_to(self, ledger: Ledger) -> int:
        """The id of the last step of a ledger that was looked at for it."""
        return self.alerts_read if ledger == Ledger.ALERTS else self.bulletins_read


class DeliveryState(models.TextChoices):
    """How a delivery stands."""

    WAITING = "waiting", "待送"
    SENT = "sent", "已送达"
    GIVEN_UP = "given_up", "已放弃"
    DROPPED = "dropped", "不再推送"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def ripe(self, at: datetime) -> DeliveryQuerySet:
        """Waiting, and their time has come."""
        return self.filter(next_try_at__lte=at)

    def waiting(self) -> DeliveryQuerySet:
        return self.filter(state=DeliveryState.WAITING)

    def light(self) -> DeliveryQuerySet:
        """Without the body, which no page shows."""
        return self.defer("body")


class Delivery(models.Model):
    """Up to five hundred events on their way to one receiver in one body (推送).

    `uid` names it to the receiver at every try. `key` is the place in a ledger after which its events were read, or the
    test they are: none is queued twice. State, code and reason are what the last step says; `code` is the status of the
    last answer, none where there was no answer. `ended_at` is when it was sent, given up or dropped. The body goes some
    time after that; its digest stays in the ledger.
    """

    subscription = models.ForeignKey(
        Subscription, models.PROTECT, db_index=False, related_name="deliveries", verbose_name="订阅"
    )
    uid = models.UUIDField("推送标识", unique=True)
    key = models.CharField("来源", max_length=60)
    names = models.CharField("事件", max_length=200)
    size = models.PositiveIntegerField("件数")
    body = models.TextField("内容", blank=True)
    state = models.CharField("状态", max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveIntegerField("尝试次数", default=0)
    queued_at = models.DateTimeField("排队时间")
    next_try_at = models.DateTimeField("下次发送", null=True, blank=True)
    ended_at = models.DateTimeField("了结时间", null=True, blank=True)
    code = models.PositiveSmallIntegerField("最近答复", null=True, blank=True)
    reason = models.CharField("未送达原因", max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "推送"
        verbose_name_plural = "推送"
        ordering = ("-id",)
        permissions = (("resend_delivery", "可以再发一次推送"),)
        constraints = (
            # What follows a place in a ledger is queued once.
            models.UniqueConstraint(fields=("subscription", "key"), name="delivery_once_for_its_events"),
            # What waits says until when, what has ended says since when.
            models.CheckConstraint(
                condition=Q(state=DeliveryState.WAITING, next_try_at__isnull=False, ended_at=None)
                | ~Q(state=DeliveryState.WAITING) & Q(next_try_at=None, ended_at__isnull=False),
                name="delivery_waits_or_has_ended",
            ),
            # What waits has something to say.
            models.CheckConstraint(
                condition=Q(size__gt=0) & (~Q(state=DeliveryState.WAITING) | ~Q(body="")), name="delivery_has_events"
            ),
            # What was given up says why.
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.GIVEN_UP) | ~Q(reason=""), name="given_up_delivery_says_why"
            ),
        )
        indexes = (
            # The round: what is to be sent, to each in the order of its happening.
            models.Index(
                fields=("subscription", "id"), condition=Q(next_try_at__isnull=False), name="deliveries_to_send"
            ),
            models.Index(fields=("next_try_at",), condition=Q(next_try_at__isnull=False), name="deliveries_ripe"),
            # The list of subscriptions and the jobs' page: what somebody must look into.
            models.Index(
                fields=("subscription", "queued_at"),
                condition=Q(state=DeliveryState.GIVEN_UP),
                name="deliveries_given_up",
            ),
            # The list of one receiver.
            models.Index(fields=("subscription", "-id"), name="deliveries_of_a_receiver"),
            # Bodies whose time is over.
            models.Index(fields=("ended_at",), condition=~Q(body="") & Q(ended_at__isnull=False), name="bodies_kept"),
        )

    def __str__(self) -> str:
        return f"{self.names_said} {self.size} 件"

    @property
    def names_said(self) -> str:
        """What it tells of, in words."""
        return "、".join(rules.LABELS[name] for name in rules.known_names(self.names.split(",")))


class StepAction(models.TextChoices):
    """What a step of a delivery records."""

    QUEUED = "queued", "排队"
    DEFERRED = "deferred", "稍后再送"
    SENT = "sent", "送达"
    GIVEN_UP = "given_up", "放弃"
    REQUEUED = "requeued", "再发一次"
    DROPPED = "dropped", "不再推送"


class DeliveryStep(models.Model):
    """One thing that happened to a delivery (推送台账). Append-only, by database trigger.

    `digest` is the SHA-256 of its body, in hex, on the step that queued it: what left the house was on record before.
    `code` is the status of the answer, none where there was none.
    """

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="steps", verbose_name="推送")
    action = models.CharField("事由", max_length=10, choices=StepAction)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="操作人"
    )
    attempt = models.PositiveIntegerField("第几次", default=0)
    address = models.CharField("发往", max_length=300, blank=True)
    code = models.PositiveSmallIntegerField("答复", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    digest = models.CharField("内容摘要", max_length=64, blank=True)

    class Meta:
        verbose_name = "推送台账"
        verbose_name_plural = "推送台账"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.get_action_display()
