"""The filters of the lists of items and excesses."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.desk.filtering import MINE, ListFilter, NamedUnitFilter, UnitFilter, date_range, units_offered
from cases.models import Clock, Matter, Unit
from cases.queries import in_unit, number_begins
from supervision.property.models import (
    Asset,
    Excess,
    ExcessKind,
    ExcessState,
    ItemState,
    Measure,
    Owner,
    Side,
)

WAITING = (
    ("keeper", "待移交保管"),
    ("report", "待补办批准"),
    ("judge", "四超待核实"),
    ("overdue", "有期限已超"),
    ("amount", "案件没有登记涉案金额"),
)
COMPUTED = (("yes", "系统比对得出"), ("no", "须人工判断"))


class ItemFilter(ListFilter):
    """Items (涉案财物)."""

    in_front = ("q", "state", "measure", "waiting", "unit", "mine")

    q = filters.CharFilter(method="by_number", label="编号或者案件编号", max_length=64)
    state = filters.ChoiceFilter(
        choices=ItemState.choices, field_name="property_item__state", label="状态", empty_label="全部"
    )
    measure = filters.ChoiceFilter(
        choices=Measure.choices, field_name="property_item__measure", label="措施", empty_label="全部"
    )
    waiting = filters.ChoiceFilter(choices=WAITING, method="by_waiting", label="待办", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    side = filters.ChoiceFilter(
        choices=Side.choices, field_name="property_item__side", label="程序", empty_label="全部"
    )
    asset = filters.ChoiceFilter(
        choices=Asset.choices, field_name="property_item__asset", label="财物类别", empty_label="全部"
    )
    owner = filters.ChoiceFilter(
        choices=Owner.choices, field_name="property_item__owner", label="权属", empty_label="全部"
    )
    taken = date_range("采取措施日期", "property_item__taken_at")
    ended = date_range("解除、退还、处理日期", "property_item__ended_at")

    class Meta:
        model = Matter
        fields: tuple[str, ...] = ()

    def by_number(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        asked = number_begins(value.strip())
        return queryset.filter(asked | Q(parent__in=Matter.objects.filter(asked)))

    def by_waiting(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        held = Q(property_item__state=ItemState.HELD)
        to_judge = Excess.objects.to_judge().filter(item=OuterRef("pk"))
        overdue = Clock.objects.overdue(self.at).counted().filter(matter=OuterRef("pk"))
        wanted = {
            "keeper": held & Q(property_item__place=None) & ~Q(property_item__measure=Measure.FROZEN),
            "report": held & Q(property_item__on_spot=True, property_item__reported_at=None),
            "judge": Q(Exists(to_judge)),
            "overdue": Q(Exists(overdue)),
            "amount": held & Q(property_item__value__isnull=False, parent__amount_at_issue=None),
        }
        return queryset.filter(wanted[value])


class ReleaseFilter(ListFilter):
    """Items that should have been released (应解除未解除)."""

    in_front = ("measure", "side", "unit", "mine")

    measure = filters.ChoiceFilter(
        choices=Measure.choices, field_name="property_item__measure", label="措施", empty_label="全部"
    )
    side = filters.ChoiceFilter(
        choices=Side.choices, field_name="property_item__side", label="程序", empty_label="全部"
    )
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )

    class Meta:
        model = Matter
        fields: tuple[str, ...] = ()


class UnenteredFilter(ListFilter):
    """Seized items of which nothing is known but their events."""

    in_front = ("unit", "mine")

    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )

    class Meta:
        model = Matter
        fields: tuple[str, ...] = ()


class ExcessFilter(ListFilter):
    """Excesses (四超问题)."""

    in_front = ("state", "kind", "computed", "unit", "q")

    state = filters.ChoiceFilter(choices=ExcessState.choices, label="状态", empty_label="全部")
    kind = filters.ChoiceFilter(choices=ExcessKind.choices, label="类别", empty_label="全部")
    computed = filters.ChoiceFilter(choices=COMPUTED, method="by_truth", label="来历", empty_label="全部")
    unit = NamedUnitFilter(queryset=units_offered, method="by_unit", label="单位", empty_label="全部")
    q = filters.CharFilter(method="by_number", label="财物编号", max_length=64)
    found = date_range("发现日期", "found_at")
    judged = date_range("核实日期", "judged_at")

    class Meta:
        model = Excess
        fields: tuple[str, ...] = ()

    def by_unit(self, queryset: QuerySet[Excess], name: str, value: Unit) -> QuerySet[Excess]:
        return queryset.filter(item__in=Matter.objects.filter(in_unit(value)).values("pk"))

    def by_number(self, queryset: QuerySet[Excess], name: str, value: str) -> QuerySet[Excess]:
        return queryset.filter(item__in=Matter.objects.filter(number_begins(value.strip())).values("pk"))
