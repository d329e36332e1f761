"""The filters of the lists of rounds and forms."""

from __future__ import annotations

from typing import Any, cast

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from cases.desk.filtering import ListFilter, UnitFilter, date_range, kinds_offered, officer_of, units_offered
from cases.models import Matter
from cases.queries import number_begins
from supervision.reviews.models import Basis, FormState, ReviewForm, ReviewFormQuerySet, ReviewRound, Verdict
from supervision.reviews.queries import rounds_of

OPEN = (("open", "进行中"), ("closed", "已结束"))
MINE = (("due", "等我评查的"), ("decide", "异议等我裁定的"), ("object", "我可以提出异议的"), ("1", "由我评查的"))
LATE = (("1", "裁定已超期"),)


def rounds_offered(request: HttpRequest | None) -> QuerySet[ReviewRound]:
    return rounds_of(officer_of(request)).order_by("-drawn_at")


class RoundFilter(ListFilter):
    """Rounds (评查批次)."""

    in_front = ("state", "unit", "title")

    state = filters.ChoiceFilter(choices=OPEN, method="by_state", label="状态", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="范围", empty_label="全部")
    title = filters.CharFilter(lookup_expr="contains", label="批次名称含", max_length=40)
    basis = filters.ChoiceFilter(choices=Basis.choices, label="日期依据", empty_label="全部")
    drawn = date_range("抽取日期", "drawn_at")

    class Meta:
        model = ReviewRound
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: QuerySet[ReviewRound], name: str, value: str) -> QuerySet[ReviewRound]:
        return queryset.filter(closed_at__isnull=value == "open")


class FormFilter(ListFilter):
    """Forms (案件评查表). Who reviews what is asked for by those who direct reviews only."""

    in_front = ("state", "verdict", "unit", "round", "mine", "q")

    state = filters.ChoiceFilter(choices=FormState.choices, label="状态", empty_label="全部")
    verdict = filters.ChoiceFilter(choices=Verdict.choices, label="结论", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="办案单位", empty_label="全部")
    round = filters.ModelChoiceFilter(queryset=rounds_offered, label="批次", empty_label="全部")
    mine = filters.ChoiceFilter(choices=MINE, method="only_mine", label="范围", empty_label="全部可见")
    q = filters.CharFilter(method="by_number", label="案件编号", max_length=64)
    kind = filters.ModelChoiceFilter(
        field_name="matter__kind", queryset=kinds_offered, label="事项种类", empty_label="全部"
    )
    late = filters.ChoiceFilter(choices=LATE, method="only_late", label="期限", empty_label="全部")
    drawn = date_range("抽取日期", "drawn_at")
    final = date_range("确定日期", "final_at")

    class Meta:
        model = ReviewForm
        fields: tuple[str, ...] = ()

    def only_mine(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "1":
            return queryset.filter(Q(reviewer=self.officer) | Q(second_reviewer=self.officer))
        return cast(ReviewFormQuerySet, queryset).waiting(value, self.officer, self.at)

    def by_number(self, queryset: QuerySet[ReviewForm], name: str, value: str) -> QuerySet[ReviewForm]:
        return queryset.filter(matter__in=Matter.objects.filter(number_begins(value.strip())))

    def only_late(self, queryset: QuerySet[ReviewForm], name: str, value: str) -> QuerySet[ReviewForm]:
        return queryset.filter(state=FormState.OBJECTED, due_at__lte=self.at)
