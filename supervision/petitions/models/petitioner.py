"""Who asks: kept apart from what is asked, sealed, and every look at it on record."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Officer
from supervision.petitions.models.petition import Petition


class Petitioner(models.Model):
    """A person behind a petition (信访人身份): sealed under a key outside the database. No row: nobody gave a name.

    `sealed` holds name, number of the identity document, telephone and address. The digests are keyed too and only say
    whether two rows are of the same person; empty where nothing was given.
    """

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="petitioners", verbose_name="信访事项")
    key = models.CharField("密钥", max_length=16)
    sealed = models.TextField("密文")
    identity_digest = models.CharField("证件摘要", max_length=64, blank=True)
    phone_digest = models.CharField("电话摘要", max_length=64, blank=True)
    representative = models.BooleanField("代表", default=True)
    entered_at = models.DateTimeField("登记时间")
    erased_at = models.DateTimeField("销毁时间", null=True, blank=True)

    class Meta:
        verbose_name = "信访人身份"
        verbose_name_plural = "信访人身份"
        ordering = ("id",)
        constraints = (
            # What is erased is gone: no seal, no digest.
            models.CheckConstraint(
                condition=Q(erased_at=None, sealed__gt="")
                | Q(erased_at__isnull=False, sealed="", identity_digest="", phone_digest=""),
                name="petitioner_erased_leaves_nothing",
            ),
        )
        indexes = (
            # Whether somebody asked before.
            models.Index(fields=("identity_digest",), name="petitioner_by_identity"),
            models.Index(fields=("phone_digest",), name="petitioner_by_phone"),
            # What is still under an old key.
            models.Index(fields=("key", "id"), name="petitioner_by_key"),
        )

    def __str__(self) -> str:
        return "信访人"

    @property
    def place(self) -> str:
        """What the seal is bound to."""
        return f"petition:{self.petition_id}"


class IdentityLook(models.Model):
    """One look at who is behind a petition (身份查看记录): who looked, when and why. Append-only, by database trigger."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="looks", verbose_name="信访事项")
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="查看人")
    looked_at = models.DateTimeField("查看时间")
    reason = models.CharField("理由", max_length=200)

    class Meta:
        verbose_name = "身份查看记录"
        verbose_name_plural = "身份查看记录"
        ordering = ("-looked_at", "-id")
        constraints = (
            # Nobody looks without saying why.
            models.CheckConstraint(condition=~Q(reason=""), name="identity_look_says_why"),
        )

    def __str__(self) -> str:
        return f"{self.officer} {self.looked_at:%Y-%m-%d}"
