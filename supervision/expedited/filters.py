"""The filters of the lists of cases, of what may become one, and of faults."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.desk.filtering import MINE, ListFilter, NamedUnitFilter, UnitFilter, date_range, units_offered
from cases.models import Clock, Matter, Unit
from cases.queries import in_unit, number_begins
from supervision.expedited.models import CaseState, Fault, FaultRule, FaultState, Telling, Verdict
from supervision.expedited.queries import closed_by_it, limits_of_the_procedure

WAITING = (
    ("facts", "情形待查明"),
    ("consent", "没有同意的记录"),
    ("overdue", "已超过四十八小时"),
    ("judge", "问题待核实"),
)
PROCEDURES = (("expedited", "快速办理"), ("other", "其他程序"))
OPEN = (("open", "在办"), ("closed", "已办结"))


class CaseFilter(ListFilter):
    """Cases handled by the procedure (快速办理案件)."""

    in_front = ("q", "state", "verdict", "waiting", "unit", "mine")

    q = filters.CharFilter(method="by_number", label="案件编号", max_length=64)
    state = filters.ChoiceFilter(
        choices=CaseState.choices, field_name="expedited_case__state", label="状态", empty_label="全部"
    )
    verdict = filters.ChoiceFilter(
        choices=Verdict.choices, field_name="expedited_case__verdict", label="能否适用", empty_label="全部"
    )
    waiting = filters.ChoiceFilter(choices=WAITING, method="by_waiting", label="待办", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    told = filters.ChoiceFilter(
        choices=Telling.choices, field_name="expedited_case__told_how", label="告知和确认方式", empty_label="全部"
    )
    applied = date_range("适用日期", "expedited_case__applied_at")
    ended = date_range("决定、转换或者办结日期", "expedited_case__ended_at")

    class Meta:
        model = Matter
        fields: tuple[str, ...] = ()

    def by_number(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        return queryset.filter(number_begins(value.strip()))

    def by_waiting(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        to_judge = Fault.objects.to_judge().filter(case=OuterRef("pk"))
        overdue = Clock.objects.overdue(self.at).filter(matter=OuterRef("pk"), limit__in=limits_of_the_procedure())
        in_it = Q(expedited_case__state__in=(CaseState.OPEN, CaseState.DECIDED))
        wanted = {
            "facts": in_it & Q(expedited_case__verdict=Verdict.UNTOLD),
            "consent": in_it & Q(expedited_case__consented_at=None),
            "overdue": Q(Exists(overdue)),
            "judge": Q(Exists(to_judge)),
        }
        return queryset.filter(wanted[value])


class AdministrativeFilter(ListFilter):
    """Administrative cases by whatever procedure: what may still be handled quickly, and what was closed how."""

    in_front = ("q", "procedure", "state", "unit", "mine")

    q = filters.CharFilter(method="by_number", label="案件编号", max_length=64)
    procedure = filters.ChoiceFilter(choices=PROCEDURES, method="by_procedure", label="程序", empty_label="全部")
    state = filters.ChoiceFilter(choices=OPEN, method="by_state", label="状态", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    opened = date_range("受案、立案日期", "opened_at")
    closed = date_range("办结日期", "closed_at")

    class Meta:
        model = Matter
        fields: tuple[str, ...] = ()

    def by_number(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        return queryset.filter(number_begins(value.strip()))

    def by_procedure(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        ids = Matter.objects.filter(closed_by_it()).values("pk")
        return queryset.filter(pk__in=ids) if value == "expedited" else queryset.exclude(pk__in=ids)

    def by_state(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        return queryset.filter(closed_at__isnull=value == "open")


class FaultFilter(ListFilter):
    """Faults (快速办理问题)."""

    in_front = ("state", "rule", "unit", "q")

    state = filters.ChoiceFilter(choices=FaultState.choices, label="状态", empty_label="全部")
    rule = filters.ChoiceFilter(choices=FaultRule.choices, label="问题", empty_label="全部")
    unit = NamedUnitFilter(queryset=units_offered, method="by_unit", label="单位", empty_label="全部")
    q = filters.CharFilter(method="by_number", label="案件编号", max_length=64)
    found = date_range("发现日期", "found_at")
    judged = date_range("核实日期", "judged_at")

    class Meta:
        model = Fault
        fields: tuple[str, ...] = ()

    def by_unit(self, queryset: QuerySet[Fault], name: str, value: Unit) -> QuerySet[Fault]:
        return queryset.filter(case__in=Matter.objects.filter(in_unit(value)).values("pk"))

    def by_number(self, queryset: QuerySet[Fault], name: str, value: str) -> QuerySet[Fault]:
        return queryset.filter(case__in=Matter.objects.filter(number_begins(value.strip())).values("pk"))
