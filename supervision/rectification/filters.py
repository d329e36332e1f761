"""The filter of the list of orders."""

from __future__ import annotations

import re
from typing import Any, cast

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from cases.desk.filtering import DAYS, MINE, ListFilter, UnitFilter, date_range, due_between_days, units_offered
from cases.models import Matter
from cases.queries import number_begins
from supervision.rectification.models import Grade, Order, OrderQuerySet, OrderState, Problem, Source
from supervision.rectification.queries import waiting_for

STATES = (
    ("open", "未结"),
    ("to_answer", "待单位答复"),
    *OrderState.choices,
)
# What is on paper: 整改〔2026〕12号, or only its last part.
_NUMBER = re.compile(r"(?:.*〔[0-9]{4}〕)?([0-9]{1,18})号?")
YES = (("1", "是"),)
WAITING = (
    *MINE,
    ("reply", "待我答复的"),
    ("unit", "待本单位民警答复的"),
    ("endorse", "待我审核的"),
    ("verify", "待我核验的"),
)


class OrderFilter(ListFilter):
    """Orders (整改通知)."""

    in_front = ("state", "overdue", "grade", "problem", "unit", "mine")

    state = filters.ChoiceFilter(choices=STATES, method="by_state", label="状态", empty_label="全部")
    overdue = filters.ChoiceFilter(choices=YES, method="by_overdue", label="已超期", empty_label="不限")
    grade = filters.ChoiceFilter(choices=Grade.choices, label="等级", empty_label="全部")
    problem = filters.ModelChoiceFilter(queryset=Problem.objects.all(), label="问题", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=WAITING, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    q = filters.CharFilter(method="by_number", label="整改号或事项编号", max_length=64)
    officer = filters.CharFilter(method="by_officer", label="责任人（警号或姓名）", max_length=40)
    source = filters.ChoiceFilter(choices=Source.told(), method="by_source", label="来源", empty_label="全部")
    repeated = filters.ChoiceFilter(choices=YES, method="by_repeated", label="重复问题", empty_label="不限")
    hasty = filters.ChoiceFilter(choices=YES, method="by_hasty", label="答复后数分钟即核验", empty_label="不限")
    due_on = filters.DateFromToRangeFilter(method="by_due_day", label="整改期限", widget=DAYS)
    issued = date_range("下达日期", "issued_at")
    verified = date_range("核验日期", "verified_at")
    replied = date_range("答复日期", "replied_at")
    matter = filters.NumberFilter(field_name="matter_id", widget=forms.HiddenInput())
    clock = filters.NumberFilter(field_name="clock_id", widget=forms.HiddenInput())

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        if value == "open":
            return queryset.open()
        return queryset.to_answer() if value == "to_answer" else queryset.filter(state=value)

    def only_mine(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value in ("reply", "unit", "endorse", "verify"):
            return waiting_for(cast(OrderQuerySet, queryset), self.officer, value)
        return super().only_mine(queryset, name, value)

    def by_source(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        # Found as what it is told to be: otherwise what is missing from the list would say where it came from.
        told_as = (value, *Source.silent()) if value == Source.SUPERVISOR else (value,)
        return queryset.filter(source__in=told_as)

    def by_overdue(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return queryset.overdue(self.at)

    def by_repeated(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return queryset.repeated()

    def by_hasty(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return queryset.hasty()

    def by_number(self, queryset: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        text = value.strip()
        wanted = Q(matter__in=Matter.objects.filter(number_begins(text)))
        if (own := _NUMBER.fullmatch(text)) is not None:
            wanted |= Q(pk=int(own.group(1)))
        return queryset.filter(wanted)

    def by_due_day(self, queryset: QuerySet[Order], name: str, value: slice) -> QuerySet[Order]:
        return queryset.filter(due_between_days(value))
