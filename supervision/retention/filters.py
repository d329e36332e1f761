"""The filters of the lists of disposal and of holds."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet

from cases.desk.filtering import ListFilter, date_range
from supervision.retention.models import DisposalList, Hold, Kind, ListState
from supervision.retention.queries import waiting_for

MINE = (("decide", "等我批准的"),)
IN_FORCE = (("yes", "冻结中"), ("no", "已解除"))


class DisposalListFilter(ListFilter):
    """Lists (销毁清单)."""

    in_front = ("mine", "state", "kind")

    mine = filters.ChoiceFilter(choices=MINE, method="only_waiting", label="范围", empty_label="全部可见")
    state = filters.ChoiceFilter(choices=ListState.choices, label="状态", empty_label="全部")
    kind = filters.ChoiceFilter(choices=Kind.choices, label="类别", empty_label="全部")
    proposed = date_range("提出日期", "proposed_at")

    class Meta:
        model = DisposalList
        fields: tuple[str, ...] = ()

    def only_waiting(self, queryset: QuerySet[DisposalList], name: str, value: str) -> QuerySet[DisposalList]:
        return queryset.filter(pk__in=waiting_for(self.officer).values("pk"))


class HoldFilter(ListFilter):
    """Holds (冻结)."""

    in_front = ("state", "number")

    state = filters.ChoiceFilter(choices=IN_FORCE, method="by_state", label="状态", empty_label="全部")
    number = filters.CharFilter(field_name="matter__number", lookup_expr="startswith", label="事项编号", max_length=64)
    held = date_range("冻结日期", "at")

    class Meta:
        model = Hold
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: QuerySet[Hold], name: str, value: str) -> QuerySet[Hold]:
        return queryset.filter(lifted_at__isnull=value == "yes")
