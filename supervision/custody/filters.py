"""The filter of the list of visits."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from cases.desk.filtering import MINE, ListFilter, UnitFilter, date_range, officer_of, units_offered
from cases.models import Matter
from cases.queries import number_begins
from supervision.custody.models import Basis, Centre, Fault, FaultSort
from supervision.custody.queries import centres_of, faulty, over_limit

STATES = (("inside", "区内"), ("left", "已离开"))
AMISS = (("over", "超过时限"), ("missing", "缺环节"), ("gap", "有空档"), ("judge", "问题待核实"), ("none", "没有问题"))


def centres_offered(request: HttpRequest | None) -> QuerySet[Centre]:
    return centres_of(officer_of(request))


class VisitFilter(ListFilter):
    """Visits (入区)."""

    in_front = ("q", "state", "amiss", "centre", "unit", "mine")

    q = filters.CharFilter(method="by_number", label="编号或者案件编号", max_length=64)
    state = filters.ChoiceFilter(choices=STATES, method="by_state", label="状态", empty_label="全部")
    amiss = filters.ChoiceFilter(choices=AMISS, method="by_fault", label="问题", empty_label="全部")
    centre = filters.ModelChoiceFilter(
        queryset=centres_offered, field_name="custody_visit__centre", label="办案中心", empty_label="全部"
    )
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    basis = filters.ChoiceFilter(
        choices=Basis.choices, field_name="custody_visit__basis", label="入区依据", empty_label="全部"
    )
    entered = date_range("入区日期", "custody_visit__entered_at")

    class Meta:
        model = Matter
        fields: tuple[str, ...] = ()

    def by_number(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        asked = number_begins(value.strip())
        return queryset.filter(asked | Q(parent__in=Matter.objects.filter(asked)))

    def by_state(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        return queryset.filter(custody_visit__left_at__isnull=value == "inside")

    def by_fault(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        if value == "over":
            return queryset.filter(over_limit(self.at))
        if value == "judge":
            return queryset.filter(Exists(Fault.objects.to_judge().filter(visit=OuterRef("pk"))))
        if value == "none":
            faults = Fault.objects.standing().filter(visit=OuterRef("pk"))
            return queryset.filter(~Exists(faults), ~over_limit(self.at))
        return queryset.filter(faulty(FaultSort(value)))
