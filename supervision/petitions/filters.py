"""The filters of the lists of petitions and of complaints."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.desk.filtering import ListFilter, date_range
from cases.queries import number_begins
from supervision.petitions import rules, sealing
from supervision.petitions.models import (
    COMPLAINT_CATEGORIES,
    Category,
    Channel,
    Complaint,
    ComplaintChannel,
    ComplaintStage,
    Lead,
    MatterGrade,
    Petition,
    Stage,
    Verdict,
)

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


COMPLAINT_STATES = (("open", "未办结"), *ComplaintStage.choices)
_YES_NO = (("yes", "是"), ("no", "否"))


class ComplaintFilter(ListFilter):
    """Complaints (投诉举报)."""

    in_front = ("q", "stage", "channel", "verdict", "enterprise")

    q = filters.CharFilter(method="by_number", label="编号、渠道编号", max_length=64)
    stage = filters.ChoiceFilter(choices=COMPLAINT_STATES, method="by_stage", label="阶段", empty_label="全部")
    channel = filters.ChoiceFilter(choices=ComplaintChannel.choices, label="渠道", empty_label="全部")
    verdict = filters.ChoiceFilter(
        choices=(("none", "未认定"), *Verdict.choices), method="by_verdict", label="查实情况", empty_label="全部"
    )
    enterprise = filters.ChoiceFilter(choices=_YES_NO, method="by_enterprise", label="涉企", empty_label="全部")
    category = filters.ChoiceFilter(choices=COMPLAINT_CATEGORIES, label="类别", empty_label="全部")
    subject = filters.CharFilter(lookup_expr="contains", label="内容含", max_length=40)
    accused_unit = filters.CharFilter(
        field_name="accused_unit__name", lookup_expr="contains", label="被投诉单位含", max_length=40
    )
    anonymous = filters.ChoiceFilter(choices=_YES_NO, method="by_anonymous", label="匿名", empty_label="全部")
    ordered = filters.ChoiceFilter(choices=_YES_NO, method="by_ordered", label="已发整改", empty_label="全部")
    received = date_range("收到日期", "received_at")

    class Meta:
        model = Complaint
        fields: tuple[str, ...] = ()

    def by_number(self, queryset: QuerySet[Complaint], name: str, value: str) -> QuerySet[Complaint]:
        plain = sealing.plain_form(value)
        return queryset.filter(number_begins(value.strip(), "matter__") | Q(channel_number=plain))

    def by_stage(self, queryset: QuerySet[Complaint], name: str, value: str) -> QuerySet[Complaint]:
        return queryset.filter(stage__in=ComplaintStage.in_hand() if value == "open" else (value,))

    def by_verdict(self, queryset: QuerySet[Complaint], name: str, value: str) -> QuerySet[Complaint]:
        return queryset.filter(verdict="" if value == "none" else value)

    def by_enterprise(self, queryset: QuerySet[Complaint], name: str, value: str) -> QuerySet[Complaint]:
        return queryset.filter(enterprise=value == "yes")

    def by_anonymous(self, queryset: QuerySet[Complaint], name: str, value: str) -> QuerySet[Complaint]:
        return queryset.filter(anonymous=value == "yes")

    def by_ordered(self, queryset: QuerySet[Complaint], name: str, value: str) -> QuerySet[Complaint]:
        return queryset.exclude(order_number="") if value == "yes" else queryset.filter(order_number="")
