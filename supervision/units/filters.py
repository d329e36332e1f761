"""The filter of the list of changes of units."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet

from cases.desk.filtering import ListFilter, date_range
from supervision.units.models import Kind, State, UnitChange
from supervision.units.queries import waiting_for

MINE = (("decide", "等我批准的"),)


class UnitChangeFilter(ListFilter):
    """Changes of units (单位变动)."""

    in_front = ("mine", "state", "kind")

    mine = filters.ChoiceFilter(choices=MINE, method="only_waiting", label="范围", empty_label="全部可见")
    state = filters.ChoiceFilter(choices=State.choices, label="状态", empty_label="全部")
    kind = filters.ChoiceFilter(choices=Kind.choices, label="种类", empty_label="全部")
    effective = date_range("生效日期", "effective_on")
    proposed = date_range("提出日期", "proposed_at")

    class Meta:
        model = UnitChange
        fields: tuple[str, ...] = ()

    def only_waiting(self, queryset: QuerySet[UnitChange], name: str, value: str) -> QuerySet[UnitChange]:
        return queryset.filter(pk__in=waiting_for(self.officer).values("pk"))
