"""The filters of the auditor's lists."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet

from cases.audit.declared import LEDGERS, WATCHED
from cases.audit.models import Act, RowChange, Seal, SealKind, Way, WayOut
from cases.audit.queries import table_name
from cases.desk.filtering import ListFilter, date_range
from cases.models import Officer

BY_HAND = (("page", "通过页面"), ("other", "任务、命令或者直接操作数据库"))


def _named(tables: object) -> list[tuple[str, str]]:
    assert isinstance(tables, dict)
    return sorted(((table, f"{table_name(table)}（{table}）") for table in tables), key=lambda one: one[1])


def watched_offered() -> list[tuple[str, str]]:
    return _named(dict(WATCHED))


def ledgers_offered() -> list[tuple[str, str]]:
    return _named(dict(LEDGERS))


class WhoFilter(filters.CharFilter):
    """What somebody did, by the beginning of his number or of his name."""

    def filter(self, qs: QuerySet[RowChange], value: str | None) -> QuerySet[RowChange]:
        text = (value or "").strip()
        if not text:
            return qs
        named = Officer.objects.filter(Q(police_number__startswith=text) | Q(name__startswith=text))
        return qs.filter(by__in=named.values("pk"))


class ChangeFilter(ListFilter):
    """Changes (改动)."""

    in_front = ("who", "table", "row", "act", "day")

    who = WhoFilter(label="操作人（警号或者姓名）", max_length=32)
    table = filters.ChoiceFilter(choices=watched_offered, field_name="table_name", label="表", empty_label="全部")
    row = filters.CharFilter(field_name="row_key", label="行号", max_length=64)
    act = filters.ChoiceFilter(choices=Act.choices, label="动作", empty_label="全部")
    hand = filters.ChoiceFilter(choices=BY_HAND, method="by_hand", label="途径", empty_label="全部")
    day = date_range("日期", "at")
    text = filters.CharFilter(method="by_text", label="改前或者改后含有", max_length=64)

    class Meta:
        model = RowChange
        fields: tuple[str, ...] = ()

    def by_hand(self, queryset: QuerySet[RowChange], name: str, value: str) -> QuerySet[RowChange]:
        return queryset.filter(by__isnull=value == "other")

    def by_text(self, queryset: QuerySet[RowChange], name: str, value: str) -> QuerySet[RowChange]:
        return queryset.filter(Q(old__contains=value) | Q(new__contains=value))


class WayFilter(ListFilter):
    """What was looked at and taken out (查看和导出)."""

    in_front = ("who", "way", "what", "day", "code")

    who = WhoFilter(label="操作人（警号或者姓名）", max_length=32)
    way = filters.ChoiceFilter(choices=Way.choices, label="方式", empty_label="全部")
    what = filters.CharFilter(field_name="what", lookup_expr="contains", label="内容", max_length=60)
    day = date_range("日期", "at")
    code = filters.CharFilter(method="by_code", label="水印编号或者文件摘要", max_length=64)
    about = filters.CharFilter(field_name="about", label="对象", max_length=80)

    class Meta:
        model = WayOut
        fields: tuple[str, ...] = ()

    def by_code(self, queryset: QuerySet[WayOut], name: str, value: str) -> QuerySet[WayOut]:
        text = value.strip()
        return queryset.filter(Q(code=text.upper()) | Q(digest=text.lower()))


class SealFilter(ListFilter):
    """Seals (封存)."""

    in_front = ("table", "kind", "chain", "day")

    table = filters.ChoiceFilter(choices=ledgers_offered, field_name="table_name", label="台账", empty_label="全部")
    kind = filters.ChoiceFilter(choices=SealKind.choices, label="种类", empty_label="全部")
    chain = filters.CharFilter(method="by_chain", label="链值（日报上的）", max_length=80)
    day = date_range("日期", "sealed_at")

    class Meta:
        model = Seal
        fields: tuple[str, ...] = ()

    def by_chain(self, queryset: QuerySet[Seal], name: str, value: str) -> QuerySet[Seal]:
        return queryset.filter(chain__startswith="".join(value.split()).lower())
