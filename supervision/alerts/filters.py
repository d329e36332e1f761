"""The filter of the list of warnings."""

from __future__ import annotations

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from cases.desk.filtering import (
    DAYS,
    DUE,
    MINE,
    LimitFilter,
    ListFilter,
    UnitFilter,
    date_range,
    due_between_days,
    due_within,
    kinds_offered,
    limits_offered,
    units_offered,
)
from cases.models import Level, Matter
from cases.queries import number_begins
from supervision.alerts.models import Alert, AlertState, Withdrawal

WARNING_LEVELS = tuple(
    (level.value, f"{level.sign} {level.label}") for level in (Level.RED, Level.ORANGE, Level.YELLOW)
)


class AlertFilter(ListFilter):
    """Warnings (预警)."""

    in_front = ("state", "level", "limit", "unit", "mine")

    state = filters.ChoiceFilter(choices=AlertState.choices, label="状态", empty_label="全部")
    level = filters.ChoiceFilter(choices=WARNING_LEVELS, label="级别", empty_label="全部")
    limit = LimitFilter(field_name="clock__limit", queryset=limits_offered, label="时限", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    q = filters.CharFilter(method="by_number", label="事项编号", max_length=64)
    kind = filters.ModelChoiceFilter(
        field_name="clock__matter__kind", queryset=kinds_offered, label="事项种类", empty_label="全部"
    )
    due = filters.ChoiceFilter(choices=DUE, method="by_due", label="届满", empty_label="全部")
    officer = filters.CharFilter(method="by_officer", label="经办人（警号或姓名）", max_length=40)
    due_on = filters.DateFromToRangeFilter(method="by_due_day", label="届满日期", widget=DAYS)
    raised = date_range("首次预警日期", "raised_at")
    reason = filters.ChoiceFilter(choices=Withdrawal.choices, label="撤销原因", empty_label="全部")
    since = filters.IsoDateTimeFilter(field_name="raised_at", lookup_expr="gte", widget=forms.HiddenInput())
    clock = filters.NumberFilter(field_name="clock_id", widget=forms.HiddenInput())

    class Meta:
        model = Alert
        fields: tuple[str, ...] = ()

    def by_number(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        return queryset.filter(clock__matter__in=Matter.objects.filter(number_begins(value.strip())))

    def by_due(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        return queryset.filter(due_within(value, self.at, "clock__"))

    def by_due_day(self, queryset: QuerySet[Alert], name: str, value: slice) -> QuerySet[Alert]:
        return queryset.filter(due_between_days(value))
