"""Who reads the bulletins of a unit."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from cases.models import Officer, Unit
from cases.models.scope import ScopedQuerySet


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
