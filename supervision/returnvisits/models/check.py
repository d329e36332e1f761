"""Checks of negative evaluations."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from cases.models import Officer, Unit
from cases.models.scope import over_units, scope_index
from supervision.rectification.models import Order
from supervision.returnvisits.models.visit import Visit


class Finding(models.TextChoices):
    """What a check came to."""

    OPEN = "open", "待核查"
    UPHELD = "upheld", "属实"
    UNFOUNDED = "unfounded", "不属实"
    MOOT = "moot", "评价无效，不再核查"

    @classmethod
    def concluded(cls) -> tuple[Finding, ...]:
        return (cls.UPHELD, cls.UNFOUNDED)

    @property
    def sign(self) -> str:
        return {"open": "◇", "upheld": "■", "unfounded": "✓", "moot": "—"}[self.value]

    @property
    def tone(self) -> str:
        return {"open": "yellow", "upheld": "red", "unfounded": "green", "moot": "grey"}[self.value]


class CheckQuerySet(models.QuerySet["Check"]):
    def open(self) -> CheckQuerySet:
        return self.filter(finding=Finding.OPEN)

    def concluded(self) -> CheckQuerySet:
        return self.filter(finding__in=Finding.concluded())

    def visible_to(self, officer: Officer) -> CheckQuerySet:
        """Those of the units the officer's posts are over; whoever may not read answers sees only what was found, not
        that something is being looked into."""
        wanted = over_units(officer)
        seen = self if wanted is None else self.filter(wanted)
        return seen if officer.has_perm("returnvisits.see_answers") else seen.concluded()


class Check(models.Model):
    """A negative evaluation that is looked into (负面评价核查): by whom, by when, whether it is borne out, and the order.

    The checker neither handles the matter nor belongs to its unit. The unit reads `text`, the checked finding, and never
    the answer. `due_at` is the midnight that ends `due_on`.
    """

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="looked_into", verbose_name="回访")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="被评价单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    opened_at = models.DateTimeField("开始时间")
    due_on = models.DateField("核查期限")
    due_at = models.DateTimeField("超期时刻")
    checker = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核查人")
    finding = models.CharField("结论", max_length=10, choices=Finding, default=Finding.OPEN)
    text = models.CharField("核查情况", max_length=1000, blank=True)
    concluded_at = models.DateTimeField("结论时间", null=True, blank=True)
    concluded_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="结论人"
    )
    order = models.OneToOneField(
        Order, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="整改通知"
    )

    objects = CheckQuerySet.as_manager()

    class Meta:
        verbose_name = "负面评价核查"
        verbose_name_plural = "负面评价核查"
        constraints = (
            # A check that ended says what was found, when and by whom; one that is open says nothing yet.
            models.CheckConstraint(
                condition=Q(finding=Finding.OPEN, text="", concluded_at=None, concluded_by=None)
                | (~Q(finding=Finding.OPEN) & ~Q(text="") & Q(concluded_at__isnull=False, concluded_by__isnull=False)),
                name="check_says_what_was_found",
            ),
            # What is borne out is ordered to be put right, and nothing else is.
            models.CheckConstraint(
                condition=Q(finding=Finding.UPHELD, order__isnull=False) | (~Q(finding=Finding.UPHELD) & Q(order=None)),
                name="upheld_check_has_an_order",
            ),
            # Only its checker brings a check to a finding.
            models.CheckConstraint(
                condition=~Q(finding__in=Finding.concluded()) | Q(checker=models.F("concluded_by")),
                name="check_concluded_by_its_checker",
            ),
        )
        indexes = (
            *(scope_index("check", level, "due_at") for level in ("city", "county", "station")),
            models.Index(fields=("due_at", "id"), name="check_list_of_all"),
            # The watch: checks that run over.
            models.Index(fields=("due_at",), condition=Q(finding="open"), name="checks_falling_due"),
        )
        permissions = (("conclude_check", "可以核查负面评价"),)

    def __str__(self) -> str:
        return f"{self.visit} {self.get_finding_display()}"

    @property
    def is_open(self) -> bool:
        return self.finding == Finding.OPEN

    @property
    def found(self) -> Finding:
        return Finding(self.finding)

    def is_overdue(self, at: datetime) -> bool:
        """Whether it is late and not ended at the moment `at`."""
        return self.is_open and self.due_at <= at
