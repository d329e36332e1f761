"""The filter of the list of hand-overs."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet

from cases.desk.filtering import ListFilter, UnitFilter, date_range, units_offered
from cases.models import Officer, Unit
from supervision.handovers.models import Handover, HandoverItem, Reason, State

MINE = (("by", "我办理的"), ("to", "移交给我的"))
LEFT = (("1", "有未移交的"),)


class OfUnitFilter(UnitFilter):
    """Hand-overs from or to a unit and everything below it."""

    def filter(self, qs: QuerySet[Handover], value: Unit | None) -> QuerySet[Handover]:
        if value is None:
            return qs
        lines = HandoverItem.objects.filter(unit__path__startswith=value.path).order_by()
        return qs.filter(Q(to_unit__path__startswith=value.path) | Q(pk__in=lines.values("handover")))


class HandoverFilter(ListFilter):
    """Hand-overs (移交)."""

    in_front = ("mine", "unit", "officer", "state")

    mine = filters.ChoiceFilter(choices=MINE, method="only_own", label="范围", empty_label="全部可见")
    unit = OfUnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    officer = filters.CharFilter(method="by_person", label="交出人或者接收人", max_length=40)
    state = filters.ChoiceFilter(choices=State.choices, label="状态", empty_label="全部")
    reason = filters.ChoiceFilter(choices=Reason.choices, label="原因", empty_label="全部")
    left = filters.ChoiceFilter(choices=LEFT, method="only_left", label="结果", empty_label="全部")
    handed = date_range("办理日期", "at")

    class Meta:
        model = Handover
        fields: tuple[str, ...] = ()

    def only_own(self, queryset: QuerySet[Handover], name: str, value: str) -> QuerySet[Handover]:
        return queryset.filter(**{{"by": "by", "to": "to_officer"}[value]: self.officer})

    def by_person(self, queryset: QuerySet[Handover], name: str, value: str) -> QuerySet[Handover]:
        people = Officer.objects.filter(Q(police_number=value) | Q(name__contains=value))
        return queryset.filter(Q(from_officer__in=people) | Q(to_officer__in=people))

    def only_left(self, queryset: QuerySet[Handover], name: str, value: str) -> QuerySet[Handover]:
        return queryset.filter(kept__gte=1)
