"""The two registers that are drawn from: what is inspected, and who inspects."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Officer, Unit
from cases.models.scope import over_units, scope_index


class TargetQuerySet(models.QuerySet["Target"]):
    def in_force(self) -> TargetQuerySet:
        return self.filter(removed_at=None)

    def visible_to(self, officer: Officer) -> TargetQuerySet:
        """Those in the units that the officer's posts are over."""
        own = over_units(officer)
        return self if own is None else self.filter(own)


class Target(models.Model):
    """A place or an undertaking that may be inspected (检查对象), in the area of a unit. Never a person. Removed: it is
    drawn no more, and what was drawn of it stays."""

    code = models.CharField("编号", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100)
    category = models.CharField("类别", max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="管辖单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    listed_at = models.DateTimeField("登记时间")
    listed_by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="登记人")
    removed_at = models.DateTimeField("移出时间", null=True, blank=True)
    removed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="移出人"
    )

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = "检查对象"
        verbose_name_plural = "检查对象名录"
        constraints = (
            # What cannot be named cannot be drawn in the open.
            models.CheckConstraint(condition=~Q(code="") & ~Q(name="") & ~Q(category=""), name="target_has_its_names"),
            # What was taken out says when and by whom.
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None) | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="removed_target_says_by_whom",
            ),
        )
        indexes = (
            *(scope_index("inspecttarget", level, "listed_at") for level in ("city", "county", "station")),
            models.Index(fields=("listed_at", "id"), name="inspecttarget_list_of_all"),
        )

    def __str__(self) -> str:
        return self.name


class Inspector(models.Model):
    """That an officer may be drawn to inspect (执法检查人员名录). No row in force: he is not drawn."""

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="检查人员")
    listed_at = models.DateTimeField("列入时间")
    listed_by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="列入人")
    removed_at = models.DateTimeField("移出时间", null=True, blank=True)
    removed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="移出人"
    )

    class Meta:
        verbose_name = "检查人员"
        verbose_name_plural = "执法检查人员名录"
        constraints = (
            # Nobody is in the register twice at a time.
            models.UniqueConstraint(fields=("officer",), condition=Q(removed_at=None), name="inspector_listed_once"),
            # Who was taken out was taken out by somebody.
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None) | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="removed_inspector_says_by_whom",
            ),
        )

    def __str__(self) -> str:
        return str(self.officer)


class Interest(models.Model):
    """That an officer has an interest in a target (利害关系申报) and keeps away from it. Never taken back: whoever had one
    may not have been drawn in the meantime either."""

    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="检查人员")
    target = models.ForeignKey(Target, models.PROTECT, related_name="+", verbose_name="检查对象")
    why = models.CharField("理由", max_length=200)
    declared_at = models.DateTimeField("申报时间")

    class Meta:
        verbose_name = "利害关系申报"
        verbose_name_plural = "利害关系申报"
        constraints = (
            # Declared once.
            models.UniqueConstraint(fields=("officer", "target"), name="interest_declared_once"),
            # Why somebody keeps away is said.
            models.CheckConstraint(condition=~Q(why=""), name="interest_says_why"),
        )

    def __str__(self) -> str:
        return f"{self.officer}、{self.target}"
