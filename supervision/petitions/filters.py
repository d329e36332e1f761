"""The filter of the list of petitions."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Exists, OuterRef, QuerySet

from cases.desk.filtering import ListFilter, date_range
from cases.queries import number_begins
from supervision.petitions import rules
from supervision.petitions.models import Category, Channel, Lead, MatterGrade, Petition, Stage

STATES = (("open", "未化解"), *Stage.choices)


class PetitionFilter(ListFilter):
    """Petitions (信访)."""

    in_front = ("q", "stage", "grade", "category", "joint")

    q = filters.CharFilter(method="by_number", label="编号", max_length=64)
    stage = filters.ChoiceFilter(choices=STATES, method="by_stage", label="阶段", empty_label="全部")
    grade = filters.ChoiceFilter(choices=MatterGrade.choices, label="事项分级", empty_label="全部")
    category = filters.ChoiceFilter(choices=Category.choices, label="类别", empty_label="全部")
    joint = filters.ChoiceFilter(
        choices=(("yes", "共同信访"), ("no", "个人信访")), method="by_joint", label="人数", empty_label="全部"
    )
    route = filters.ChoiceFilter(
        choices=[(route.code, route.article) for route in rules.ROUTES], label="办理途径", empty_label="全部"
    )
    channel = filters.ChoiceFilter(choices=Channel.choices, label="渠道", empty_label="全部")
    subject = filters.CharFilter(lookup_expr="contains", label="事项含", max_length=40)
    led = filters.ChoiceFilter(
        choices=(("yes", "我包案的"), ("no", "没有包案领导")), method="by_lead", label="包案", empty_label="全部"
    )
    received = date_range("收到日期", "received_at")

    class Meta:
        model = Petition
        fields: tuple[str, ...] = ()

    def by_number(self, queryset: QuerySet[Petition], name: str, value: str) -> QuerySet[Petition]:
        return queryset.filter(number_begins(value.strip(), "matter__"))

    def by_stage(self, queryset: QuerySet[Petition], name: str, value: str) -> QuerySet[Petition]:
        return queryset.filter(stage__in=Stage.unresolved() if value == "open" else (value,))

    def by_joint(self, queryset: QuerySet[Petition], name: str, value: str) -> QuerySet[Petition]:
        return queryset.filter(persons__gt=1) if value == "yes" else queryset.filter(persons=1)

    def by_lead(self, queryset: QuerySet[Petition], name: str, value: str) -> QuerySet[Petition]:
        leads = Lead.objects.filter(petition=OuterRef("pk"), until_at=None)
        if value == "yes":
            return queryset.filter(Exists(leads.filter(officer=self.officer)))
        return queryset.exclude(Exists(leads))
