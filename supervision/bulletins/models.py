"""Bulletins, who reads them, and the letters that carry them."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from cases.models import Officer, Unit
from cases.models.scope import ScopedQuerySet
from supervision.bulletins import rules


class BulletinKind(models.TextChoices):
    """How often a bulletin comes out."""

    MONTHLY = "monthly", "月通报"


class BulletinState(models.TextChoices):
    """How a bulletin stands. An issued one never changes again."""

    DRAFT = "draft", "草稿"
    ISSUED = "issued", "已签发"


class LetterState(models.TextChoices):
    """How a letter stands; what may follow what is in `rules`."""

    QUEUED = rules.LetterState.QUEUED.value, "待发"
    SENDING = rules.LetterState.SENDING.value, "正在发送"
    SENT = rules.LetterState.SENT.value, "已发出"
    FAILED = rules.LetterState.FAILED.value, "发送失败"
    DOUBTFUL = rules.LetterState.DOUBTFUL.value, "存疑待重发"

    @classmethod
    def waiting(cls) -> tuple[LetterState, ...]:
        """To be sent when their time comes."""
        return tuple(cls(state) for state in rules.CLAIMABLE)


class Action(models.TextChoices):
    """What a step of a letter records."""

    QUEUED = "queued", "排队"
    CLAIMED = "claimed", "开始发送"
    SENT = "sent", "服务器收下"
    DEFERRED = "deferred", "稍后再发"
    FAILED = "failed", "发送失败"
    DOUBTED = "doubted", "存疑"
    REQUEUED = "requeued", "重新排队"


class BulletinQuerySet(ScopedQuerySet["Bulletin"]):
    def issued(self) -> BulletinQuerySet:
        return self.filter(state=BulletinState.ISSUED)

    def _unrestricted(self) -> Q:
        """A bulletin holds numbers, and names no restricted matter."""
        return Q()


class Bulletin(models.Model):
    """What a unit is told about a period (通报): figures, HTML and text, frozen on the day it is issued.

    `begins_on` is the first day of the month; `cutoff` the moment up to which it counts. `officer` is who composed or
    issued it by hand; none when the timetable did. Absence of a row: nobody has looked at that month yet.
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
    cutoff = models.DateTimeField("统计截止")
    title = models.CharField("标题", max_length=200)
    state = models.CharField("状态", max_length=10, choices=BulletinState, default=BulletinState.DRAFT)
    composed_at = models.DateTimeField("编制时间")
    issued_at = models.DateTimeField("签发时间", null=True, blank=True)
    figures = models.JSONField("数据")
    html = models.TextField("网页正文")
    text = models.TextField("文字正文")

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = "通报"
        verbose_name_plural = "通报"
        ordering = ("-begins_on", "unit_id")
        constraints = (
            # A unit is told about a period once.
            models.UniqueConstraint(fields=("unit", "kind", "begins_on"), name="bulletin_once_a_period"),
            # An issued bulletin says when, a draft has no such moment.
            models.CheckConstraint(
                condition=Q(state=BulletinState.DRAFT, issued_at=None)
                | Q(state=BulletinState.ISSUED, issued_at__isnull=False),
                name="issued_bulletin_says_when",
            ),
        )

    def __str__(self) -> str:
        return self.title


class RecipientQuerySet(ScopedQuerySet["Recipient"]):
    def active(self) -> RecipientQuerySet:
        return self.filter(active=True)

    def _unrestricted(self) -> Q:
        return Q()


class Recipient(models.Model):
    """Somebody who gets a unit's bulletins (收件人): an officer, or a name with an address.

    An officer's address is read from his account when the letter goes out. Whoever leaves is made inactive and kept,
    for the letters he got.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="通报单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    officer = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="民警")
    name = models.CharField("姓名", max_length=40, blank=True)
    address = models.EmailField("邮箱", blank=True)
    active = models.BooleanField("在用", default=True)
    entered_at = models.DateTimeField("登记时间")

    objects = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = "收件人"
        verbose_name_plural = "收件人"
        ordering = ("unit_id", "id")
        constraints = (
            # An officer, or a name and an address: one of the two.
            models.CheckConstraint(
                condition=Q(officer__isnull=False, name="", address="")
                | (Q(officer=None) & ~Q(name="") & ~Q(address="")),
                name="recipient_is_officer_or_address",
                violation_error_message="要么选一名民警，要么填写姓名和邮箱",
            ),
            # An officer gets a unit's bulletin once.
            models.UniqueConstraint(
                fields=("unit", "officer"), condition=Q(officer__isnull=False), name="officer_is_recipient_once"
            ),
            # So does an address, however it is written.
            models.UniqueConstraint(
                "unit", Lower("address"), condition=Q(officer=None), name="address_is_recipient_once"
            ),
        )

    def __str__(self) -> str:
        return self.name or str(self.officer)


class LetterQuerySet(ScopedQuerySet["Letter"]):
    scope_prefix = "bulletin__"

    def ripe(self, at: datetime) -> LetterQuerySet:
        """Waiting, and their time has come."""
        return self.filter(next_try_at__lte=at)

    def abandoned(self, at: datetime) -> LetterQuerySet:
        """Claimed so long ago that whoever claimed them is gone."""
        return self.filter(state=LetterState.SENDING, claimed_at__lte=at - rules.CLAIM_LASTS)

    def _unrestricted(self) -> Q:
        return Q()


class Letter(models.Model):
    """One bulletin on its way to one recipient (信件), the outbox's row.

    State and error are what the last step says. `doubtful_at` is set for good once nobody can say whether an earlier
    try arrived: from then on every copy says that it may be a second one. `claims` counts the tries, those that did
    not reach the server too, and names the current one.
    """

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, db_index=False, related_name="letters", verbose_name="通报")
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="letters", verbose_name="收件人")
    message_id = models.CharField("邮件标识", max_length=200, unique=True)
    state = models.CharField("状态", max_length=10, choices=LetterState, default=LetterState.QUEUED)
    address = models.EmailField("发往", blank=True)
    queued_at = models.DateTimeField("排队时间")
    next_try_at = models.DateTimeField("下次发送时间", null=True, blank=True)
    claims = models.PositiveIntegerField("尝试次数", default=0)
    claimed_at = models.DateTimeField("开始发送时间", null=True, blank=True)
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    doubtful_at = models.DateTimeField("存疑自", null=True, blank=True)
    error = models.CharField("未发出原因", max_length=300, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "信件"
        verbose_name_plural = "信件"
        ordering = ("-queued_at", "id")
        constraints = (
            # A recipient gets a bulletin in one letter.
            models.UniqueConstraint(fields=("bulletin", "recipient"), name="letter_once_a_recipient"),
            # Whatever waits to be sent says until when, and nothing else does.
            models.CheckConstraint(
                condition=Q(state__in=LetterState.waiting(), next_try_at__isnull=False)
                | Q(state__in=(LetterState.SENDING, LetterState.SENT, LetterState.FAILED), next_try_at=None),
                name="waiting_letter_has_a_time",
            ),
            # A letter being sent says since when.
            models.CheckConstraint(
                condition=~Q(state=LetterState.SENDING) | Q(claimed_at__isnull=False), name="sending_letter_is_claimed"
            ),
            # A sent letter says when, and no other does.
            models.CheckConstraint(
                condition=Q(state=LetterState.SENT, sent_at__isnull=False)
                | (~Q(state=LetterState.SENT) & Q(sent_at=None)),
                name="sent_letter_says_when",
            ),
            # A failed letter says why.
            models.CheckConstraint(
                condition=~Q(state=LetterState.FAILED) | ~Q(error=""), name="failed_letter_says_why"
            ),
            # A doubtful letter says since when.
            models.CheckConstraint(
                condition=~Q(state=LetterState.DOUBTFUL) | Q(doubtful_at__isnull=False),
                name="doubtful_letter_says_since_when",
            ),
        )
        indexes = (
            # The round: what is to be sent.
            models.Index(fields=("next_try_at", "id"), condition=Q(next_try_at__isnull=False), name="letters_to_send"),
            # The round: what was left lying.
            models.Index(fields=("claimed_at",), condition=Q(state=LetterState.SENDING), name="letters_being_sent"),
        )

    def __str__(self) -> str:
        return f"{self.bulletin} → {self.recipient}"

    @property
    def may_come_twice(self) -> bool:
        return self.doubtful_at is not None


class LetterStep(models.Model):
    """One thing that happened to a letter (发信台账). Append-only, by database trigger. `claim` is the try it was about."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="steps", verbose_name="信件")
    action = models.CharField("事由", max_length=10, choices=Action)
    at = models.DateTimeField("时间")
    claim = models.PositiveIntegerField("第几次发送", default=0)
    address = models.EmailField("发往", blank=True)
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="操作人"
    )
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "发信台账"
        verbose_name_plural = "发信台账"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.get_action_display()
