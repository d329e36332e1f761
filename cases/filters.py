"""The filters of this room's lists; each list has one. A filter is in the address and can be sent to a colleague."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.desk.filtering import (
    DAYS,
    DUE,
    LEVELS,
    MINE,
    LimitFilter,
    ListFilter,
    UnitFilter,
    date_range,
    due_within,
    kinds_offered,
    limits_offered,
    units_offered,
)
from cases.models import Change, ChangeKind, ChangeState, Clock, ClockMove, ClockState, Limit, Matter, MatterKind
from cases.models.clock import ClockQuerySet, is_open, is_running
from cases.models.limit import LimitNature, LimitStatus
from cases.queries import number_begins, with_level


class MatterFilter(ListFilter):
    """Matters (事项)."""

    in_front = ("q", "kind", "unit", "state", "level")

    q = filters.CharFilter(method="by_number", label="编号", max_length=64)
    kind = filters.ModelChoiceFilter(queryset=kinds_offered, label="种类", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    state = filters.ChoiceFilter(
        choices=(("open", "在办"), ("closed", "已办结")), method="by_state", label="状态", empty_label="全部"
    )
    level = filters.ChoiceFilter(choices=LEVELS, method="by_level", label="时钟级别", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    officer = filters.CharFilter(method="by_officer", label="经办人（警号或姓名）", max_length=40)
    title = filters.CharFilter(lookup_expr="contains", label="名称含", max_length=40)
    opened = date_range("发生日期", "opened_at")
    closed = date_range("办结日期", "closed_at")
    restricted = filters.ChoiceFilter(
        choices=(("yes", "仅经办人可见"), ("no", "普通")), method="by_truth", label="公开范围", empty_label="全部"
    )
    parent = filters.NumberFilter(field_name="parent_id", widget=forms.HiddenInput())
    batch = filters.NumberFilter(field_name="batch_id", widget=forms.HiddenInput())

    class Meta:
        model = Matter
        fields: tuple[str, ...] = ()

    def by_number(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        return queryset.filter(number_begins(value.strip()))

    def by_state(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        return queryset.filter(closed_at__isnull=value == "open")

    def by_level(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        at_level = Clock.objects.counted().filter(with_level(int(value), self.at), matter=OuterRef("pk"))
        return queryset.filter(Exists(at_level))


class ClockFilter(ListFilter):
    """Clocks (期限)."""

    in_front = ("state", "due", "limit", "unit", "mine", "nature")

    q = filters.CharFilter(method="by_number", label="事项编号", max_length=64)
    due = filters.ChoiceFilter(choices=DUE, method="by_due", label="届满", empty_label="全部")
    limit = LimitFilter(queryset=limits_offered, label="时限", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    state = filters.ChoiceFilter(
        choices=(
            ("open", "未办结"),
            ("running", "计时中"),
            ("paused", "暂停"),
            ("in_time", "按期办结"),
            ("late", "超期办结"),
            ("other", "重新起算或不再需要"),
        ),
        method="by_state",
        label="状态",
        empty_label="全部",
    )
    level = filters.ChoiceFilter(choices=LEVELS, method="by_level", label="级别", empty_label="全部")
    kind = filters.ModelChoiceFilter(
        field_name="matter__kind", queryset=kinds_offered, label="事项种类", empty_label="全部"
    )
    nature = filters.ChoiceFilter(
        choices=(("counted", "本机关的义务与上限"), *LimitNature.choices),
        method="by_nature",
        label="性质",
        empty_label="全部",
    )
    officer = filters.CharFilter(method="by_officer", label="经办人（警号或姓名）", max_length=40)
    due_on = filters.DateFromToRangeFilter(method="by_due_day", label="届满日期", widget=DAYS)
    started = date_range("起算日期", "started_at")
    provisional = filters.ChoiceFilter(
        choices=(("yes", "暂定"), ("no", "确定")), method="by_truth", label="日期", empty_label="全部"
    )
    faults = filters.ChoiceFilter(
        choices=(("1", "有问题待核"),), method="with_faults", label="问题", empty_label="全部"
    )

    change = filters.NumberFilter(method="moved_by", widget=forms.HiddenInput())

    class Meta:
        model = Clock
        fields: tuple[str, ...] = ()

    def moved_by(self, queryset: QuerySet[Clock], name: str, value: Decimal) -> QuerySet[Clock]:
        """Clocks a change moved, and those that took the place of one under another version of its limit."""
        moves = ClockMove.objects.filter(
            change=int(value),
            clock__matter=OuterRef("matter_id"),
            clock__start_event=OuterRef("start_event_id"),
            clock__limit__family=OuterRef("limit__family"),
        )
        return queryset.filter(Exists(moves))

    def by_number(self, queryset: QuerySet[Clock], name: str, value: str) -> QuerySet[Clock]:
        return queryset.filter(matter__in=Matter.objects.filter(number_begins(value.strip())))

    def by_due(self, queryset: QuerySet[Clock], name: str, value: str) -> QuerySet[Clock]:
        return queryset.filter(due_within(value, self.at))

    def by_state(self, queryset: QuerySet[Clock], name: str, value: str) -> QuerySet[Clock]:
        states = {
            "open": is_open(),
            "running": is_running(),
            "paused": Q(state=ClockState.PAUSED),
            "in_time": Q(state=ClockState.STOPPED, late=False),
            "late": Q(late=True),
            "other": Q(state__in=(ClockState.RESTARTED, ClockState.MOOT)),
        }
        return queryset.filter(states[value])

    def by_level(self, queryset: QuerySet[Clock], name: str, value: str) -> QuerySet[Clock]:
        return queryset.filter(with_level(int(value), self.at))

    def by_nature(self, queryset: QuerySet[Clock], name: str, value: str) -> QuerySet[Clock]:
        if value == "counted":
            return cast(ClockQuerySet, queryset).counted()
        return queryset.filter(limit__in=Limit.objects.filter(nature=value))

    def with_faults(self, queryset: QuerySet[Clock], name: str, value: str) -> QuerySet[Clock]:
        return queryset.exclude(faults=[])


class LimitListFilter(ListFilter):
    """Limits as they stand in the catalogue (时限)."""

    in_front = ("q", "field_of_law", "in_force", "kind", "nature")

    q = filters.CharFilter(method="by_words", label="名称、法律或代码", max_length=40)
    field_of_law = filters.ChoiceFilter(choices=lambda: _fields_of_law(), label="领域", empty_label="全部")
    in_force = filters.ChoiceFilter(
        choices=(("today", "今天有效"), ("past", "已失效"), ("future", "尚未施行")),
        method="by_force",
        label="效力",
        empty_label="全部",
    )
    kind = filters.ModelChoiceFilter(
        field_name="kinds", queryset=MatterKind.objects.all(), label="适用事项", empty_label="全部"
    )
    nature = filters.ChoiceFilter(choices=LimitNature.choices, label="性质", empty_label="全部")
    status = filters.ChoiceFilter(choices=LimitStatus.choices, label="核实状态", empty_label="全部")
    family = filters.CharFilter(widget=forms.HiddenInput())

    class Meta:
        model = Limit
        fields: tuple[str, ...] = ()

    def by_words(self, queryset: QuerySet[Limit], name: str, value: str) -> QuerySet[Limit]:
        word = value.strip()
        return queryset.filter(
            Q(name__contains=word) | Q(law__contains=word) | Q(article__contains=word) | Q(code__startswith=word)
        )

    def by_force(self, queryset: QuerySet[Limit], name: str, value: str) -> QuerySet[Limit]:
        today = timezone.localdate(self.at)
        if value == "today":
            return queryset.in_force_on(today)  # type: ignore[attr-defined]
        if value == "past":
            return queryset.filter(in_force_until__lt=today)
        return queryset.filter(in_force_from__gt=today)


class ChangeFilter(ListFilter):
    """Changes of the law and the calendar (变更)."""

    in_front = ("state", "kind", "q")

    state = filters.ChoiceFilter(choices=ChangeState.choices, label="状态", empty_label="全部")
    kind = filters.ChoiceFilter(choices=ChangeKind.choices, label="种类", empty_label="全部")
    q = filters.CharFilter(field_name="title", lookup_expr="contains", label="内容含", max_length=40)
    proposed = date_range("提出日期", "proposed_at")

    class Meta:
        model = Change
        fields: tuple[str, ...] = ()


def _fields_of_law() -> list[tuple[str, str]]:
    named = Limit.objects.exclude(field_of_law="").order_by("field_of_law").values_list("field_of_law", flat=True)
    return [(name, name) for name in named.distinct()]
