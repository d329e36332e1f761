"""The filters of the lists of plans, inspections and targets."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from cases.desk.filtering import ListFilter, UnitFilter, date_range, officer_of, units_offered
from supervision.inspections.models import Check, CheckInspector, CheckState, InspectionPlan, Outcome, Target
from supervision.inspections.queries import plans_of

OPEN = (("open", "进行中"), ("closed", "已结束"))
MINE = (("due", "等我检查的"), ("1", "由我检查的"))
LATE = (("1", "公示超期"),)
LISTED = (("listed", "在名录"), ("removed", "已移出"))


def plans_offered(request: HttpRequest | None) -> QuerySet[InspectionPlan]:
    return plans_of(officer_of(request)).order_by("-year", "-made_at")


class PlanFilter(ListFilter):
    """Plans (双随机检查计划)."""

    in_front = ("state", "year", "unit", "title")

    state = filters.ChoiceFilter(choices=OPEN, method="by_state", label="状态", empty_label="全部")
    year = filters.NumberFilter(label="年度")
    unit = UnitFilter(queryset=units_offered, label="范围", empty_label="全部")
    title = filters.CharFilter(lookup_expr="contains", label="计划名称含", max_length=40)
    made = date_range("制定日期", "made_at")

    class Meta:
        model = InspectionPlan
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(closed_at__isnull=value == "open")


class CheckFilter(ListFilter):
    """Inspections (双随机检查)."""

    in_front = ("state", "outcome", "unit", "plan", "mine", "late")

    state = filters.ChoiceFilter(choices=CheckState.choices, label="状态", empty_label="全部")
    outcome = filters.ChoiceFilter(choices=Outcome.choices, label="检查结果", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="管辖单位", empty_label="全部")
    plan = filters.ModelChoiceFilter(
        field_name="draw__item__plan", queryset=plans_offered, label="计划", empty_label="全部"
    )
    mine = filters.ChoiceFilter(choices=MINE, method="by_inspector", label="范围", empty_label="全部可见")
    late = filters.ChoiceFilter(choices=LATE, method="only_late", label="公示期限", empty_label="全部")
    item = filters.NumberFilter(field_name="draw__item", label="抽查事项编号")
    drawn = date_range("抽取日期", "drawn_at")
    inspected = date_range("检查日期", "inspected_on")
    published = date_range("公示日期", "published_on")

    class Meta:
        model = Check
        fields: tuple[str, ...] = ()

    def by_inspector(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        own = CheckInspector.objects.on_duty().filter(officer=self.officer)
        rows = queryset.filter(pk__in=own.values("check_row"))
        return rows.filter(state=CheckState.DRAWN) if value == "due" else rows

    def only_late(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(state=CheckState.INSPECTED, publish_due_on__lt=timezone.localdate(self.at))


class TargetFilter(ListFilter):
    """The register of targets (检查对象名录)."""

    in_front = ("listed", "category", "unit", "name")

    listed = filters.ChoiceFilter(choices=LISTED, method="by_register", label="状态", empty_label="全部")
    category = filters.CharFilter(label="类别", max_length=40)
    unit = UnitFilter(queryset=units_offered, label="管辖单位", empty_label="全部")
    name = filters.CharFilter(lookup_expr="contains", label="名称含", max_length=40)
    code = filters.CharFilter(lookup_expr="startswith", label="编号", max_length=40)

    class Meta:
        model = Target
        fields: tuple[str, ...] = ()

    def by_register(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(removed_at__isnull=value == "listed")
