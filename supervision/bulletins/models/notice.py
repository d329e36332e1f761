"""Notices to one officer, the ways they may take besides the inbox, and how each officer wants them."""

from __future__ import annotations

from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import Q

from cases.models import Officer, Unit
from cases.models.scope import ScopedQuerySet


class NoticeQuerySet(ScopedQuerySet["Notice"]):
    def of(self, officer: Officer) -> NoticeQuerySet:
        """His own inbox; nobody else reads it, whatever his scope."""
        return self.filter(officer=officer)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)

    def daily(self) -> NoticeQuerySet:
        return self.filter(urgent=False)

    def _unrestricted(self) -> Q:
        """How many there were is no secret; their lines are read by their officer only."""
        return Q()


class Notice(models.Model):
    """What one officer is told in one go (通知): the row is the inbox; letters carry it by other ways.

    `day` is the local day it counts for. An urgent one leaves at any hour; of the others an officer gets one a day.
    `size` counts its lines. Unit columns are those of the officer's unit when it was composed. `handed_on_at`: before
    it had left by any way the officer was gone or away, and his successor or deputy is told instead.
    """

    officer = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="notices", verbose_name="收件人")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    day = models.DateField("日期")
    urgent = models.BooleanField("紧急", default=False)
    composed_at = models.DateTimeField("通知时间")
    headline = models.CharField("摘要", max_length=200)
    size = models.PositiveIntegerField("条数")
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)
    handed_on_at = models.DateTimeField("转告时间", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        ordering = ("-composed_at", "id")
        permissions = (("view_noise", "Can view noise"),)
        constraints = (
            # One combined message a person a day; what is urgent does not count.
            models.UniqueConstraint(fields=("officer", "day"), condition=Q(urgent=False), name="notice_once_a_day"),
            # A notice has something to say.
            models.CheckConstraint(condition=Q(size__gt=0), name="notice_has_lines"),
        )
        indexes = (
            # The number in the frame of every page.
            models.Index(fields=("officer",), condition=Q(read_at=None), name="notices_unread"),
            # The inbox, paged by key.
            models.Index(fields=("officer", "composed_at", "id"), name="notices_of_an_officer"),
            # The noise of a period.
            models.Index(fields=("day", "officer"), name="notices_of_a_day"),
        )

    def __str__(self) -> str:
        return f"{'紧急通知' if self.urgent else '通知'}：{self.headline}"


class NoticeLine(models.Model):
    """One thing an officer was told (通知条目), as it was worded then. Append-only, by database trigger.

    `key` is the room's name for it and `since` the moment from which it was to be told: the same key may be told again
    for another moment, never for the same one. `settled_at` is filled in once, when it no longer stood before the
    notice had left.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="lines", verbose_name="通知")
    officer = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="收件人")
    key = models.CharField("标识", max_length=120)
    since = models.DateTimeField("自")
    about = models.CharField("类别", max_length=20)
    text = models.CharField("内容", max_length=300)
    link = models.CharField("链接", max_length=300)
    rank = models.IntegerField("次序", default=0)
    settled_at = models.DateTimeField("了结时间", null=True, blank=True)

    class Meta:
        verbose_name = "通知条目"
        verbose_name_plural = "通知条目"
        ordering = ("id",)
        constraints = (
            # Nobody is told the same thing twice.
            models.UniqueConstraint(fields=("key", "officer", "since"), name="told_once"),
        )

    def __str__(self) -> str:
        return self.text


class ChannelKind(models.TextChoices):
    """What speaks at the other end of a gateway."""

    WECOM = "wecom", "企业微信应用消息"
    DINGTALK = "dingtalk", "钉钉群机器人"
    SMS = "sms", "短信网关"
    WEBHOOK = "webhook", "通用网关"


class ChannelQuerySet(models.QuerySet["Channel"]):
    def enabled(self) -> ChannelQuerySet:
        return self.filter(enabled=True)


_SECRET_NAME = RegexValidator(r"\A[A-Z][A-Z0-9_]{0,39}\Z", "只能用大写字母、数字和下划线，以字母开头")


class Channel(models.Model):
    """A gateway that carries notices besides inbox and mail (渠道); none is on until somebody switches it on.

    The secret itself is not here: `secret_name` names an environment variable, GATEWAY_SECRET_ and that name. `account`
    and `agent` are what the gateway knows us by (corpid and agentid, or the robot's access_token).
    """

    name = models.CharField("名称", max_length=40, unique=True)
    kind = models.CharField("种类", max_length=10, choices=ChannelKind)
    base_url = models.CharField("网关地址", max_length=200, validators=[URLValidator(schemes=("http", "https"))])
    account = models.CharField("账号标识", max_length=120, blank=True)
    agent = models.CharField("应用编号", max_length=40, blank=True)
    secret_name = models.CharField("密钥名称", max_length=40, blank=True, validators=[_SECRET_NAME])
    enabled = models.BooleanField("启用", default=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = "渠道"
        verbose_name_plural = "渠道"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class NoticePreference(models.Model):
    """When an officer, or every officer of a bureau, is sent the daily notice (通知设置), and whether by mail.

    Absence of a row, or of an hour in it: the hour of the bureau, of the bureau above it, and at last the house's own.
    An hour outside working time means the opening.
    """

    officer = models.OneToOneField(
        Officer, models.CASCADE, null=True, blank=True, related_name="notice_preference", verbose_name="民警"
    )
    unit = models.OneToOneField(Unit, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="单位")
    told_at = models.TimeField("每日通知时间", null=True, blank=True)
    by_mail = models.BooleanField("同时发邮件", default=True)

    class Meta:
        verbose_name = "通知设置"
        verbose_name_plural = "通知设置"
        constraints = (
            # Of an officer or of a unit: one of the two.
            models.CheckConstraint(
                condition=Q(officer__isnull=False, unit=None) | Q(officer=None, unit__isnull=False),
                name="preference_is_of_officer_or_unit",
                violation_error_message="要么选一名民警，要么选一个单位",
            ),
        )

    def __str__(self) -> str:
        return f"{self.officer or self.unit}的通知设置"


class NoticeAddress(models.Model):
    """What an officer is called at a gateway (渠道地址): a phone number or an account. Absence: he is not sent to there."""

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="notice_addresses", verbose_name="民警")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="addresses", verbose_name="渠道")
    address = models.CharField("手机号或账号", max_length=80)

    class Meta:
        verbose_name = "渠道地址"
        verbose_name_plural = "渠道地址"
        ordering = ("id",)
        constraints = (
            # An officer has one address at a gateway.
            models.UniqueConstraint(fields=("officer", "channel"), name="address_once_a_channel"),
            # An address is not empty.
            models.CheckConstraint(condition=~Q(address=""), name="channel_address_is_not_empty"),
        )

    def __str__(self) -> str:
        return self.address
