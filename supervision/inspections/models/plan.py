"""Plans of a year, their items, and the days by which each step of an item is to be done."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from cases.models import Officer, Unit
from cases.models.scope import over_units, scope_index
from supervision.inspections.rules import LEAST_INSPECTORS, MOST_INSPECTORS, MOST_WORKDAYS, PUBLISH_WORKDAYS


class InspectionPlanQuerySet(models.QuerySet["InspectionPlan"]):
    def open(self) -> InspectionPlanQuerySet:
        return self.filter(closed_at=None)

    def visible_to(self, officer: Officer) -> InspectionPlanQuerySet:
        """Plans of the units the officer's posts are over, and those of which he may see a check."""
        own = over_units(officer)
        if own is None:
            return self
        from supervision.inspections.models.draw import Check  # import here: checks hang on plans

        seen = Check.objects.visible_to(officer).filter(draw__item__plan=OuterRef("pk"))
        return self.filter(own | Q(Exists(seen)))


class InspectionPlan(models.Model):
    """What a unit means to inspect at random in a year (双随机检查计划). Open until `closed_at`."""

    title = models.CharField("计划名称", max_length=100)
    year = models.PositiveSmallIntegerField("年度")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="范围（单位）")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    publish_workdays = models.PositiveSmallIntegerField("公示期限（工作日）", default=PUBLISH_WORKDAYS)
    made_at = models.DateTimeField("制定时间")
    made_by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="制定人")
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="结束人"
    )

    objects = InspectionPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "双随机检查计划"
        verbose_name_plural = "双随机检查计划"
        constraints = (
            # A unit has one plan of a name in a year.
            models.UniqueConstraint(fields=("unit", "year", "title"), name="inspection_plan_once_a_year"),
            # Results are to be public within some days.
            models.CheckConstraint(
                condition=Q(publish_workdays__gte=1, publish_workdays__lte=MOST_WORKDAYS), name="plan_leaves_days"
            ),
            # What is closed says when and by whom.
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="closed_plan_says_by_whom",
            ),
        )
        indexes = (
            *(scope_index("inspectplan", level, "made_at") for level in ("city", "county", "station")),
            models.Index(fields=("made_at", "id"), name="inspectplan_list_of_all"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class PlannedItem(models.Model):
    """One thing to be inspected under a plan (抽查事项): of what, by what article, what share, from when on, by how many.

    Either a category of the register of targets, or kinds of matter. It is drawn from once.
    """

    plan = models.ForeignKey(InspectionPlan, models.PROTECT, related_name="items", verbose_name="计划")
    name = models.CharField("抽查事项", max_length=100)
    ground = models.CharField("检查依据", max_length=200)
    category = models.CharField("检查对象类别", max_length=40, blank=True)
    kinds = models.JSONField("事项种类", default=list, help_text="种类代码")
    percent = models.PositiveSmallIntegerField("抽查比例（%）")
    begins_on = models.DateField("开始日期")
    each = models.PositiveSmallIntegerField("每个对象检查人员", default=LEAST_INSPECTORS)
    outside = models.BooleanField("管辖单位的人员回避", default=True)
    added_at = models.DateTimeField("列入时间")
    added_by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="列入人")

    class Meta:
        verbose_name = "抽查事项"
        verbose_name_plural = "抽查事项"
        ordering = ("plan_id", "begins_on", "pk")
        constraints = (
            # A plan names a thing once.
            models.UniqueConstraint(fields=("plan", "name"), name="planned_item_named_once"),
            # Nothing is inspected that no article says may be (国办发〔2015〕58号).
            models.CheckConstraint(condition=~Q(ground=""), name="planned_item_has_a_ground"),
            # A share of all there are.
            models.CheckConstraint(condition=Q(percent__gte=1, percent__lte=100), name="planned_share_is_a_share"),
            # At least two inspect (行政处罚法 第四十二条).
            models.CheckConstraint(
                condition=Q(each__gte=LEAST_INSPECTORS, each__lte=MOST_INSPECTORS), name="two_inspect_at_least"
            ),
            # Targets of the register or matters, and not both.
            models.CheckConstraint(
                condition=(~Q(category="") & Q(kinds=[])) | (Q(category="") & ~Q(kinds=[])),
                name="planned_item_has_one_subject",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Stage(models.TextChoices):
    """The steps of an item, in their order."""

    DRAW = "draw", "随机抽取"
    INSPECT = "inspect", "实施检查"
    PUBLISH = "publish", "公示结果"


class ItemStep(models.Model):
    """One step of an item and the day by which it is to be done (计划步骤). `first_due_on` is what the plan said at first;
    `done_on` a local day, empty while it is not done. `tell_since`: somebody is to be told of it from then on."""

    item = models.ForeignKey(PlannedItem, models.PROTECT, related_name="steps", verbose_name="抽查事项")
    stage = models.CharField("步骤", max_length=10, choices=Stage)
    first_due_on = models.DateField("原定期限")
    due_on = models.DateField("期限")
    warn_on = models.DateField("提醒日期")
    done_on = models.DateField("完成日期", null=True, blank=True)
    moves = models.PositiveSmallIntegerField("改期次数", default=0)
    tell_since = models.DateTimeField("待告知自", null=True, blank=True)

    class Meta:
        verbose_name = "计划步骤"
        verbose_name_plural = "计划步骤"
        ordering = ("item_id", "due_on", "pk")
        constraints = (
            # Each step stands in an item once.
            models.UniqueConstraint(fields=("item", "stage"), name="inspection_step_once"),
            # People are warned before it is due, and not after.
            models.CheckConstraint(condition=Q(warn_on__lte=F("due_on")), name="inspection_step_warns_before"),
            # A day that was never moved is the day of the plan.
            models.CheckConstraint(
                condition=Q(moves__gte=1) | Q(due_on=F("first_due_on")), name="inspection_step_moved_is_counted"
            ),
            # Of what is done nobody is to be told.
            models.CheckConstraint(condition=Q(done_on=None) | Q(tell_since=None), name="done_step_tells_nobody"),
        )
        indexes = (
            # What is still to be told.
            models.Index(
                fields=("tell_since", "id"), condition=Q(tell_since__isnull=False), name="inspection_steps_untold"
            ),
        )

    def __str__(self) -> str:
        return f"{self.item} {self.get_stage_display()}"

    @property
    def slipped(self) -> bool:
        """Whether it was put off beyond the day of the plan, or done after that day."""
        return max(self.due_on, self.done_on or date.min) > self.first_due_on
