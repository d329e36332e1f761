"""The filters of the lists of campaigns and of the matters that one looks at."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from cases.desk.filtering import ListFilter, UnitFilter, date_range, kinds_offered, units_offered
from cases.models import Matter
from cases.queries import number_begins
from supervision.campaigns.models import Campaign
from supervision.campaigns.queries import late

OPEN = (("open", "进行中"), ("closed", "已结束"))
ENDED = (("open", "未办结"), ("closed", "已办结"))
LATE = (("1", "有期限超期"),)


class CampaignFilter(ListFilter):
    """Campaigns (专项整治)."""

    in_front = ("state", "unit", "title")

    state = filters.ChoiceFilter(choices=OPEN, method="by_state", label="状态", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="组织单位", empty_label="全部")
    title = filters.CharFilter(lookup_expr="contains", label="名称含", max_length=40)
    begins = date_range("开始日期", "begins_on")
    ends = date_range("结束日期", "ends_on")

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(closed_at__isnull=value == "open")


class LookedAtFilter(ListFilter):
    """The matters that a campaign looks at (排查事项)."""

    in_front = ("unit", "kind", "late", "ended", "q")

    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    kind = filters.ModelChoiceFilter(queryset=kinds_offered, label="种类", empty_label="全部")
    late = filters.ChoiceFilter(choices=LATE, method="only_late", label="期限", empty_label="全部")
    ended = filters.ChoiceFilter(choices=ENDED, method="by_end", label="办结", empty_label="全部")
    q = filters.CharFilter(method="by_number", label="编号", max_length=64)

    class Meta:
        model = Matter
        fields: tuple[str, ...] = ()

    def only_late(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(late(self.at))

    def by_end(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(closed_at__isnull=value == "open")

    def by_number(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(number_begins(value.strip()))
