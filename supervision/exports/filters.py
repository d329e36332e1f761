"""The filter of the list of requests."""

from __future__ import annotations

import django_filters as filters
from django.db.models import F, Q, QuerySet

from cases.audit.declared import EXPORTS
from cases.desk.filtering import ListFilter, date_range
from supervision.exports.models import ExportRequest, RequestState
from supervision.exports.queries import usable, waiting_for

STATES = (
    ("asked", "待审批"),
    ("usable", "可以下载"),
    ("over", "已过期或者用完"),
    ("refused", "不同意"),
    ("withdrawn", "已撤回"),
)
MINE = (("1", "我申请的"), ("decide", "等我审批的"))


class RequestFilter(ListFilter):
    """Requests (导出申请)."""

    in_front = ("mine", "state", "what", "asker")

    mine = filters.ChoiceFilter(choices=MINE, method="by_hand", label="范围", empty_label="全部可见")
    state = filters.ChoiceFilter(choices=STATES, method="by_state", label="状态", empty_label="全部")
    what = filters.ChoiceFilter(choices=[(name, name) for name in EXPORTS], label="内容", empty_label="全部")
    asker = filters.CharFilter(method="by_officer", label="申请人", max_length=40)
    asked = date_range("申请日期", "asked_at")

    class Meta:
        model = ExportRequest
        fields: tuple[str, ...] = ()

    def by_hand(self, queryset: QuerySet[ExportRequest], name: str, value: str) -> QuerySet[ExportRequest]:
        if value == "1":
            return queryset.filter(asker=self.officer)
        return queryset.filter(pk__in=waiting_for(self.officer).values("pk"))

    def by_state(self, queryset: QuerySet[ExportRequest], name: str, value: str) -> QuerySet[ExportRequest]:
        if value == "usable":
            return usable(queryset, self.at)
        if value == "over":
            over = Q(valid_until__lte=self.at) | Q(downloads__gte=F("downloads_allowed"))
            return queryset.filter(over, state=RequestState.APPROVED)
        return queryset.filter(state=value)
