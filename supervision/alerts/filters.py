"""The filter of the list of warnings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

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
from cases.duty import Rung
from cases.models import Clock, Level, Matter
from cases.queries import number_begins
from supervision.alerts.models import Alert, AlertQuerySet, AlertState, Withdrawal
from supervision.alerts.queries import left_by_unit, waiting_for

WARNING_LEVELS = tuple(
    (level.value, f"{level.sign} {level.label}") for level in (Level.RED, Level.ORANGE, Level.YELLOW)
)

WAITING = (*MINE, ("answer", "待我答复的"), ("unit", "待本单位民警答复的"))
STATES = (("standing", "未撤销"), *AlertState.choices)
# How long something has been over, in days.
LONGER = (("7", "超 7 天以上"), ("30", "超 30 天以上"), ("90", "超 90 天以上"))


class AlertFilter(ListFilter):
    """Warnings (预警)."""

    in_front = ("state", "level", "limit", "unit", "mine")

    state = filters.ChoiceFilter(choices=STATES, method="by_state", label="状态", empty_label="全部")
    level = filters.ChoiceFilter(choices=WARNING_LEVELS, method="by_level", label="级别", empty_label="全部")
    limit = LimitFilter(field_name="clock__limit", queryset=limits_offered, label="时限", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=WAITING, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    q = filters.CharFilter(method="by_number", label="事项编号", max_length=64)
    kind = filters.ModelChoiceFilter(
        field_name="clock__matter__kind", queryset=kinds_offered, label="事项种类", empty_label="全部"
    )
    due = filters.ChoiceFilter(choices=DUE, method="by_due", label="届满", empty_label="全部")
    officer = filters.CharFilter(method="by_officer", label="经办人（警号或姓名）", max_length=40)
    due_on = filters.DateFromToRangeFilter(method="by_due_day", label="届满日期", widget=DAYS)
    raised = date_range("首次预警日期", "raised_at")
    rung = filters.ChoiceFilter(choices=Rung.choices, label="层级", empty_label="全部")
    next_on = filters.DateFromToRangeFilter(label="答复的下次时间", widget=DAYS)
    reason = filters.ChoiceFilter(choices=Withdrawal.choices, label="撤销原因", empty_label="全部")
    since = filters.IsoDateTimeFilter(field_name="raised_at", lookup_expr="gte", widget=forms.HiddenInput())
    clock = filters.NumberFilter(field_name="clock_id", widget=forms.HiddenInput())

    class Meta:
        model = Alert
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        if value == AlertState.WITHDRAWN:
            return queryset.filter(state=value, ended_at__isnull=False)
        standing = queryset.filter(ended_at=None)
        return standing if value == "standing" else standing.filter(state=value)

    def only_mine(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "answer":
            return waiting_for(cast(AlertQuerySet, queryset), self.officer)
        if value == "unit":
            return left_by_unit(cast(AlertQuerySet, queryset), self.officer)
        return super().only_mine(queryset, name, value)

    def by_level(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        found = queryset.filter(level=value)
        stands = self.form.cleaned_data.get("state") not in ("", AlertState.WITHDRAWN)
        # What is over is red whatever the last sweep said; so the index is entered behind all that is over.
        return found.filter(due_at__gt=self.at) if stands and int(value) < Level.RED else found

    def by_number(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        return queryset.filter(clock__matter__in=Matter.objects.filter(number_begins(value.strip())))

    def by_due(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        return queryset.filter(due_within(value, self.at, "clock__"))

    def by_due_day(self, queryset: QuerySet[Alert], name: str, value: slice) -> QuerySet[Alert]:
        return queryset.filter(due_between_days(value))


class StandingFilter(ListFilter):
    """What is over and counts (长期超期)."""

    in_front = ("longer", "limit", "unit", "mine", "q")

    longer = filters.ChoiceFilter(choices=LONGER, method="by_length", label="超期", empty_label="全部")
    limit = LimitFilter(queryset=limits_offered, label="时限", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    q = filters.CharFilter(method="by_number", label="事项编号", max_length=64)
    kind = filters.ModelChoiceFilter(
        field_name="matter__kind", queryset=kinds_offered, label="事项种类", empty_label="全部"
    )
    officer = filters.CharFilter(method="by_officer", label="经办人（警号或姓名）", max_length=40)
    due_on = filters.DateFromToRangeFilter(method="by_due_day", label="届满日期", widget=DAYS)

    class Meta:
        model = Clock
        fields: tuple[str, ...] = ()

    def by_length(self, queryset: QuerySet[Clock], name: str, value: str) -> QuerySet[Clock]:
        return queryset.filter(due_at__lte=self.at - timedelta(days=int(value)))

    def by_number(self, queryset: QuerySet[Clock], name: str, value: str) -> QuerySet[Clock]:
        return queryset.filter(matter__in=Matter.objects.filter(number_begins(value.strip())))
