"""The filters of the lists of rounds, visits and checks."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from cases.desk.filtering import (
    ListFilter,
    UnitFilter,
    date_range,
    kinds_offered,
    officer_of,
    units_offered,
)
from cases.models import Grade, Matter
from cases.queries import number_begins
from supervision.returnvisits import rules
from supervision.returnvisits.models import Basis, Channel, Check, Finding, Visit, VisitRound, VisitState
from supervision.returnvisits.queries import reads_answers, rounds_of

OPEN = (("open", "进行中"), ("closed", "已结束"))
MINE = (("1", "由我回访的"),)
MY_CHECKS = (("1", "由我核查的"), ("none", "还没有核查人"))
VALID = (("yes", "有效"), ("no", "无效"))
LATE = (("1", "已超期"),)


def rounds_offered(request: HttpRequest | None) -> QuerySet[VisitRound]:
    return rounds_of(officer_of(request)).order_by("-drawn_at")


class RoundFilter(ListFilter):
    """Rounds (回访批次)."""

    in_front = ("state", "unit", "title")

    state = filters.ChoiceFilter(choices=OPEN, method="by_state", label="状态", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="范围", empty_label="全部")
    title = filters.CharFilter(lookup_expr="contains", label="批次名称含", max_length=40)
    basis = filters.ChoiceFilter(choices=Basis.choices, label="日期依据", empty_label="全部")
    drawn = date_range("抽取日期", "drawn_at")
    reply_until = date_range("答复截止日", "reply_until")

    class Meta:
        model = VisitRound
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: QuerySet[VisitRound], name: str, value: str) -> QuerySet[VisitRound]:
        return queryset.filter(closed_at__isnull=value == "open")


class VisitFilter(ListFilter):
    """Visits (回访). Whoever may not read answers is not offered to search by them either."""

    in_front: tuple[str, ...] = ("state", "unit", "round", "mine", "q")
    of_answers = ("mine", "code", "grade", "valid", "channel", "caller", "ended")

    state = filters.ChoiceFilter(choices=VisitState.choices, label="状态", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    round = filters.ModelChoiceFilter(queryset=rounds_offered, label="批次", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="caller", method="only_mine", label="范围", empty_label="全部可见"
    )
    q = filters.CharFilter(method="by_number", label="事项编号", max_length=64)
    code = filters.CharFilter(method="by_code", label="回访编号", max_length=30)
    kind = filters.ModelChoiceFilter(
        field_name="matter__kind", queryset=kinds_offered, label="事项种类", empty_label="全部"
    )
    grade = filters.ChoiceFilter(choices=Grade.choices, field_name="feedback__grade", label="评价", empty_label="全部")
    valid = filters.ChoiceFilter(
        choices=VALID, field_name="feedback__valid", method="by_truth", label="是否有效", empty_label="全部"
    )
    channel = filters.ChoiceFilter(choices=Channel.choices, label="答复方式", empty_label="全部")
    caller = filters.CharFilter(method="by_officer", label="回访人（警号或姓名）", max_length=40)
    ended = date_range("有结果日期", "ended_at")

    class Meta:
        model = Visit
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not reads_answers(self.officer):
            for name in self.of_answers:
                del self.form.fields[name]
            self.in_front = tuple(name for name in self.in_front if name not in self.of_answers)

    def by_number(self, queryset: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        return queryset.filter(matter__in=Matter.objects.filter(number_begins(value.strip())))

    def by_code(self, queryset: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        return queryset.filter(pk=rules.read_code(value) or 0)


class CheckFilter(ListFilter):
    """Checks of negative evaluations (负面评价核查)."""

    in_front = ("finding", "unit", "mine", "late")

    finding = filters.ChoiceFilter(choices=Finding.choices, label="结论", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="被评价单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MY_CHECKS, field_name="checker", method="only_mine", label="核查人", empty_label="全部可见"
    )
    late = filters.ChoiceFilter(choices=LATE, method="only_late", label="期限", empty_label="全部")
    visit = filters.NumberFilter(field_name="visit_id", widget=forms.HiddenInput())
    opened = date_range("开始日期", "opened_at")
    concluded = date_range("结论日期", "concluded_at")

    class Meta:
        model = Check
        fields: tuple[str, ...] = ()

    def only_mine(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(checker=None) if value == "none" else super().only_mine(queryset, name, value)

    def only_late(self, queryset: QuerySet[Check], name: str, value: str) -> QuerySet[Check]:
        return queryset.filter(finding=Finding.OPEN, due_at__lte=self.at)
