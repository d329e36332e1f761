"""What each list can be asked for. A word that a list does not know is refused, not passed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_filters as filters
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import QuerySet

from cases.audit.models import WayOut
from cases.desk.filtering import ListFilter, date_range
from cases.models import Clock, ClockState, Level, Matter, Unit
from supervision.alerts.models import Alert, AlertState
from supervision.api.models import RefusedCall, Why
from supervision.bulletins.models import Bulletin, BulletinKind
from supervision.evaluation.models import Figure
from supervision.rectification.models import Grade, Order, OrderState

# Beyond these a moment in another zone is no moment any more.
_FIRST, _LAST = datetime.fromisoformat("1900-01-01T00:00+08:00"), datetime.fromisoformat("2200-01-01T00:00+08:00")
_MOMENTS = (MinValueValidator(_FIRST), MaxValueValidator(_LAST))
_MONTH = RegexValidator(r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])\Z", "请写成 2026-03 这样的月份")


def number(field: str, label: str) -> filters.NumberFilter:
    return filters.NumberFilter(field_name=field, label=label, min_value=0, max_value=10**18, decimal_places=0)


def moment(field: str, lookup: str, label: str) -> filters.IsoDateTimeFilter:
    return filters.IsoDateTimeFilter(field_name=field, lookup_expr=lookup, label=label, validators=_MOMENTS)


def words(field: str, label: str, most: int = 64) -> filters.CharFilter:
    return filters.CharFilter(field_name=field, label=label, max_length=most)


class InUnit(filters.FilterSet):
    """Rows of a unit, with everything below it."""

    unit = filters.CharFilter(method="of_unit", label="单位代码（含下级）", max_length=32)

    def of_unit(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        path = Unit.objects.filter(code=value).values_list("path", flat=True).first()
        return queryset.none() if path is None else queryset.filter(unit__path__startswith=path)


class MatterFilter(InUnit):
    kind = words("kind__code", "事项种类代码", 40)
    number = words("number", "编号")
    state = filters.ChoiceFilter(choices=(("open", "在办"), ("closed", "已办结")), method="by_state", label="状态")
    opened_from = moment("opened_at", "gte", "发生时间不早于")
    opened_until = moment("opened_at", "lt", "发生时间早于")
    closed_from = moment("closed_at", "gte", "办结时间不早于")
    closed_until = moment("closed_at", "lt", "办结时间早于")

    class Meta:
        model = Matter
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        return queryset.filter(closed_at__isnull=value == "open")


class ClockFilter(InUnit):
    matter = number("matter_id", "事项")
    limit = words("limit__code", "时限代码", 60)
    state = filters.ChoiceFilter(choices=ClockState.choices, label="状态")
    level = filters.ChoiceFilter(choices=Level.choices, label="级别")
    open = filters.ChoiceFilter(choices=(("true", "是"), ("false", "否")), method="by_open", label="未办结")
    due_from = moment("due_at", "gte", "届满时刻不早于")
    due_until = moment("due_at", "lt", "届满时刻早于")

    class Meta:
        model = Clock
        fields: tuple[str, ...] = ()

    def by_open(self, queryset: QuerySet[Clock], name: str, value: str) -> QuerySet[Clock]:
        # What is void or moot has not ended either, and is not open.
        open_states = ClockState.open_states()
        return queryset.filter(state__in=open_states) if value == "true" else queryset.exclude(state__in=open_states)


class AlertFilter(InUnit):
    clock = number("clock_id", "时钟")
    matter = number("clock__matter_id", "事项")
    state = filters.ChoiceFilter(choices=AlertState.choices, label="状态")
    level = filters.ChoiceFilter(choices=Level.choices[1:], label="级别")
    raised_from = moment("raised_at", "gte", "首次预警时间不早于")
    raised_until = moment("raised_at", "lt", "首次预警时间早于")

    class Meta:
        model = Alert
        fields: tuple[str, ...] = ()


class OrderFilter(InUnit):
    matter = number("matter_id", "事项")
    state = filters.ChoiceFilter(choices=OrderState.choices, label="状态")
    grade = filters.ChoiceFilter(choices=Grade.choices, label="等级")
    problem = words("problem__code", "问题代码", 40)
    issued_from = moment("issued_at", "gte", "下达时间不早于")
    issued_until = moment("issued_at", "lt", "下达时间早于")

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()


class FigureFilter(InUnit):
    month = filters.CharFilter(method="of_month", label="月份，如 2026-03", validators=[_MONTH], required=True)
    indicator = words("indicator__code", "指标代码", 60)

    class Meta:
        model = Figure
        fields: tuple[str, ...] = ()

    def of_month(self, queryset: QuerySet[Figure], name: str, value: str) -> QuerySet[Figure]:
        return queryset.filter(month=f"{value}-01")


class BulletinFilter(InUnit):
    kind = filters.ChoiceFilter(choices=BulletinKind.choices, label="种类")
    issued_from = moment("issued_at", "gte", "签发时间不早于")
    issued_until = moment("issued_at", "lt", "签发时间早于")

    class Meta:
        model = Bulletin
        fields: tuple[str, ...] = ()


class UnitFilter(filters.FilterSet):
    code = words("code", "单位代码", 32)
    current = filters.ChoiceFilter(choices=(("true", "是"), ("false", "否")), method="by_current", label="未撤并")

    class Meta:
        model = Unit
        fields: tuple[str, ...] = ()

    def by_current(self, queryset: QuerySet[Unit], name: str, value: str) -> QuerySet[Unit]:
        return queryset.filter(valid_until__isnull=value == "true")


class CallFilter(ListFilter):
    """What a system was given: the page of its calls (调用记录)."""

    in_front = ("what", "asked", "day")

    what = filters.CharFilter(lookup_expr="contains", label="内容", max_length=60)
    asked = filters.CharFilter(lookup_expr="contains", label="来源或者条件", max_length=60)
    day = date_range("日期", "at")

    class Meta:
        model = WayOut
        fields: tuple[str, ...] = ()


class RefusedFilter(ListFilter):
    """What a system was not let in for: the page of these (没有放行的调用)."""

    in_front = ("why", "what", "address", "day")

    why = filters.ChoiceFilter(choices=Why.choices, label="原因", empty_label="全部")
    what = filters.CharFilter(lookup_expr="contains", label="问的是", max_length=60)
    address = filters.CharFilter(lookup_expr="startswith", label="来源", max_length=64)
    day = date_range("日期", "at")

    class Meta:
        model = RefusedCall
        fields: tuple[str, ...] = ()
