"""Letters: what carries a bulletin or a notice to one person by one way, and the ledger of each."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from cases.models import Officer
from cases.models.scope import ScopedQuerySet, reach
from supervision.bulletins import rules
from supervision.bulletins.models.bulletin import Bulletin
from supervision.bulletins.models.notice import Channel, Notice
from supervision.bulletins.models.recipient import Recipient


class LetterState(models.TextChoices):
    """How a letter stands; what may follow what is in `rules`."""

    QUEUED = rules.LetterState.QUEUED.value, "待发"
    SENDING = rules.LetterState.SENDING.value, "正在发送"
    SENT = rules.LetterState.SENT.value, "已发出"
    FAILED = rules.LetterState.FAILED.value, "发送失败"
    DOUBTFUL = rules.LetterState.DOUBTFUL.value, "存疑待重发"
    DROPPED = rules.LetterState.DROPPED.value, "不再发送"

    @classmethod
    def waiting(cls) -> tuple[LetterState, ...]:
        """To be sent when their time comes."""
        return tuple(cls(state) for state in rules.CLAIMABLE)

    @classmethod
    def not_waiting(cls) -> tuple[LetterState, ...]:
        """On its way, or at its end."""
        return tuple(cls(state) for state in rules.LetterState if state not in rules.CLAIMABLE)


class Action(models.TextChoices):
    """What a step of a letter records."""

    QUEUED = "queued", "排队"
    CLAIMED = "claimed", "开始发送"
    SENT = "sent", "服务器收下"
    DEFERRED = "deferred", "稍后再发"
    FAILED = "failed", "发送失败"
    DOUBTED = "doubted", "存疑"
    REQUEUED = "requeued", "重新排队"
    DROPPED = "dropped", "不再发送"


class LetterQuerySet(ScopedQuerySet["Letter"]):
    def visible_to(self, officer: Officer) -> Self:
        """The letters of what the officer may see: where they went and how they stand, not what they say."""
        of_bulletins, of_notices = reach(officer, "bulletin__"), reach(officer, "notice__")
        return self.all() if of_bulletins is None or of_notices is None else self.filter(of_bulletins | of_notices)

    def ripe(self, at: datetime) -> LetterQuerySet:
        """Waiting, and their time has come."""
        return self.filter(next_try_at__lte=at)

    def abandoned(self, at: datetime) -> LetterQuerySet:
        """Claimed so long ago that whoever claimed them is gone."""
        return self.filter(**Letter.left_behind(at))


class Letter(models.Model):
    """One bulletin on its way to a recipient, or one notice to its officer by one way (信件), the outbox's row.

    Without a channel it goes by mail. State and error are what the last step says. `doubtful_at` is set for good once nobody can say whether an earlier
    try arrived: from then on every copy says that it may be a second one. `claims` counts the tries, those that did
    not reach the server too, and names the current one. `carried_by` is the letter that took over what this one had to
    say, when several notices had been kept waiting. `tell_since`: it failed, and somebody must still be told.
    """

    bulletin = models.ForeignKey(
        Bulletin, models.PROTECT, null=True, blank=True, db_index=False, related_name="letters", verbose_name="通报"
    )
    recipient = models.ForeignKey(
        Recipient, models.PROTECT, null=True, blank=True, related_name="letters", verbose_name="收件人"
    )
    notice = models.ForeignKey(
        Notice, models.PROTECT, null=True, blank=True, db_index=False, related_name="letters", verbose_name="通知"
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, related_name="letters", verbose_name="渠道"
    )
    message_id = models.CharField("邮件标识", max_length=200, unique=True)
    state = models.CharField("状态", max_length=10, choices=LetterState, default=LetterState.QUEUED)
    address = models.CharField("发往", max_length=254, blank=True)
    queued_at = models.DateTimeField("排队时间")
    next_try_at = models.DateTimeField("下次发送时间", null=True, blank=True)
    claims = models.PositiveIntegerField("尝试次数", default=0)
    claimed_at = models.DateTimeField("开始发送时间", null=True, blank=True)
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    doubtful_at = models.DateTimeField("存疑自", null=True, blank=True)
    error = models.CharField("未发出原因", max_length=300, blank=True)
    carried_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carried", verbose_name="并入"
    )
    tell_since = models.DateTimeField("待告知自", null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "信件"
        verbose_name_plural = "信件"
        ordering = ("-queued_at", "id")
        constraints = (
            # A letter carries a bulletin to a recipient, or a notice to its officer.
            models.CheckConstraint(
                condition=Q(bulletin__isnull=False, recipient__isnull=False, notice=None, channel=None)
                | Q(bulletin=None, recipient=None, notice__isnull=False),
                name="letter_carries_bulletin_or_notice",
            ),
            # A recipient gets a bulletin in one letter.
            models.UniqueConstraint(fields=("bulletin", "recipient"), name="letter_once_a_recipient"),
            # A notice goes by mail once.
            models.UniqueConstraint(
                fields=("notice",), condition=Q(notice__isnull=False, channel=None), name="notice_once_by_mail"
            ),
            # A notice goes through a gateway once.
            models.UniqueConstraint(fields=("notice", "channel"), name="notice_once_a_channel"),
            # Whatever waits to be sent says until when, and nothing else does.
            models.CheckConstraint(
                condition=Q(state__in=LetterState.waiting(), next_try_at__isnull=False)
                | Q(state__in=LetterState.not_waiting(), next_try_at=None),
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
            # A dropped letter says why.
            models.CheckConstraint(
                condition=~Q(state=LetterState.DROPPED) | ~Q(error=""), name="dropped_letter_says_why"
            ),
            # Of letters, people are told of those that failed.
            models.CheckConstraint(
                condition=Q(tell_since=None) | Q(state=LetterState.FAILED), name="told_of_failed_letters_only"
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
            # What somebody must still be told.
            models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="letters_to_tell"),
        )

    def __str__(self) -> str:
        return f"{self.bulletin or self.notice} → {self.reader}"

    @property
    def reader(self) -> str:
        """Whom it is for."""
        return str(self.recipient) if self.notice is None else str(self.notice.officer)

    @property
    def way(self) -> str:
        """By what it goes."""
        return "邮件" if self.channel is None else str(self.channel)

    @staticmethod
    def left_behind(at: datetime) -> dict[str, object]:
        """By which columns a letter is told that was claimed so long ago that whoever claimed it is gone."""
        return {"state__exact": LetterState.SENDING, "claimed_at__lte": at - rules.CLAIM_LASTS}

    @property
    def may_come_twice(self) -> bool:
        return self.doubtful_at is not None


class LetterStep(models.Model):
    """One thing that happened to a letter (发信台账). Append-only, by database trigger. `claim` is the try it was about."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="steps", verbose_name="信件")
    action = models.CharField("事由", max_length=10, choices=Action)
    at = models.DateTimeField("时间")
    claim = models.PositiveIntegerField("第几次发送", default=0)
    address = models.CharField("发往", max_length=254, blank=True)
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
