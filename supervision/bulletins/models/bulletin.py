"""Bulletins and who reads them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from cases.models import Officer, Unit
from cases.models.scope import ScopedQuerySet


class BulletinKind(models.TextChoices):
    """How often a bulletin comes out."""

    MONTHLY = "monthly", "月通报"


class BulletinState(models.TextChoices):
    """How a bulletin stands. An issued one never changes again."""

    DRAFT = "draft", "草稿"
    ISSUED = "issued", "已签发"


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
