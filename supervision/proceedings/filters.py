"""The filter of the list of disputes, reviews and transfers."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import django_filters as filters
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from cases.desk.filtering import DAYS, MINE, ListFilter, UnitFilter, date_range, units_offered
from cases.models import Matter
from cases.queries import number_begins
from supervision.proceedings.models import (
    Channel,
    Direction,
    DisputeStage,
    Instance,
    Outcome,
    ReviewStage,
    Risk,
    Sort,
    Supervision,
    Track,
    TransferStage,
)
from supervision.proceedings.queries import DETAILS, MEASURES, behind
from supervision.proceedings.rules import Period

KINDS = (("dispute", "矛盾纠纷"), ("review", "复议诉讼"), ("transfer", "两法衔接移送"))
FIGURES = tuple(
    choice
    for one in MEASURES
    for choice in (
        (f"{one.code}.of", f"{one.name}：{one.of_words}"),
        (f"{one.code}.counted", f"{one.name}：{one.counted_words}"),
    )
)
STATES = (("open", "未办结"), ("ended", "已办结"))
WAITING = (
    ("recheck", "到期待回访"),
    ("answer", "待答复"),
    ("hearing", "待开庭、听证，待登记"),
    ("correction", "待纠正"),
    ("transfer", "移送待审查"),
    ("appeal", "移送复议待决定"),
    ("supervision", "检察监督未了"),
)
RESULTS = (("lost", "被撤销、变更、确认违法"), ("refused", "移送未被接受"))
YES_NO = (("yes", "是"), ("no", "否"))


class ProceedingFilter(ListFilter):
    """Disputes, reviews, transfers (矛盾纠纷、复议诉讼、移送)."""

    in_front = ("q", "kind", "state", "waiting", "unit", "mine")

    q = filters.CharFilter(method="by_number", label="编号", max_length=64)
    kind = filters.ChoiceFilter(choices=KINDS, method="by_kind", label="类别", empty_label="全部")
    state = filters.ChoiceFilter(choices=STATES, method="by_state", label="状态", empty_label="全部")
    waiting = filters.ChoiceFilter(choices=WAITING, method="by_waiting", label="待办", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    figure = filters.ChoiceFilter(choices=FIGURES, method="by_figure", label="统计口径", empty_label="不限")
    period = filters.DateFromToRangeFilter(method="by_period", label="收到日期，或者所选口径的期间", widget=DAYS)
    result = filters.ChoiceFilter(choices=RESULTS, method="by_result", label="不利结果", empty_label="全部")
    sort = filters.ChoiceFilter(choices=Sort.choices, field_name="dispute__sort", label="纠纷类型", empty_label="全部")
    risk = filters.ChoiceFilter(choices=Risk.choices, field_name="dispute__risk", label="风险等级", empty_label="全部")
    channel = filters.ChoiceFilter(
        choices=Channel.choices, field_name="dispute__channel", label="纠纷来源", empty_label="全部"
    )
    dispute_stage = filters.ChoiceFilter(
        choices=DisputeStage.choices, field_name="dispute__stage", label="纠纷阶段", empty_label="全部"
    )
    recheck = date_range("回访期限", "dispute__recheck_due_on")
    track = filters.ChoiceFilter(
        choices=Track.choices, field_name="review__track", label="复议还是诉讼", empty_label="全部"
    )
    instance = filters.ChoiceFilter(
        choices=Instance.choices, field_name="review__instance", label="审级", empty_label="全部"
    )
    review_stage = filters.ChoiceFilter(
        choices=ReviewStage.choices, field_name="review__stage", label="复议诉讼阶段", empty_label="全部"
    )
    outcome = filters.ChoiceFilter(
        choices=Outcome.choices, field_name="review__outcome", label="复议诉讼结果", empty_label="全部"
    )
    body = filters.CharFilter(
        field_name="review__body", lookup_expr="contains", label="复议机关、法院含", max_length=40
    )
    head = filters.ChoiceFilter(
        choices=YES_NO, field_name="review__head_appeared", method="by_truth", label="负责人出庭", empty_label="全部"
    )
    hearing = date_range("定于何日开庭、听证", "review__hearing_set_on")
    decided = date_range("复议诉讼审结日期", "review__decided_on")
    direction = filters.ChoiceFilter(
        choices=Direction.choices, field_name="transfer__direction", label="移送方向", empty_label="全部"
    )
    transfer_stage = filters.ChoiceFilter(
        choices=TransferStage.choices, field_name="transfer__stage", label="移送阶段", empty_label="全部"
    )
    agency = filters.CharFilter(
        field_name="transfer__agency", lookup_expr="contains", label="移送对方机关含", max_length=40
    )
    supervision = filters.ChoiceFilter(
        choices=Supervision.choices, field_name="transfer__supervision", label="检察监督", empty_label="全部"
    )

    class Meta:
        model = Matter
        fields: tuple[str, ...] = ()

    def by_number(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        return queryset.filter(number_begins(value.strip()))

    def by_kind(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        return queryset.filter(**{f"{value}__isnull": False})

    def by_state(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        unended = (
            Q(dispute__stage__in=DisputeStage.unended())
            | Q(review__stage__in=ReviewStage.unended())
            | Q(transfer__stage__in=TransferStage.unended())
        )
        if value == "open":
            return queryset.filter(unended)
        ended = [f"{name}__stage__in" for name in DETAILS]
        values = (
            (DisputeStage.SETTLED, DisputeStage.UNSETTLED),
            (ReviewStage.ENDED,),
            (TransferStage.ACCEPTED, TransferStage.REFUSED, TransferStage.REDIRECTED),
        )
        wanted = Q()
        for column, stages in zip(ended, values, strict=True):
            wanted |= Q(**{column: stages})
        return queryset.filter(wanted)

    def by_waiting(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        today = timezone.localdate(self.at)
        wanted = {
            "recheck": Q(dispute__recheck_due_on__lte=today, dispute__rechecked_on=None),
            "answer": Q(review__stage=ReviewStage.RECEIVED),
            "hearing": Q(
                review__stage__in=ReviewStage.unended(), review__hearing_set_on__isnull=False, review__hearing_on=None
            ),
            "correction": Q(review__stage=ReviewStage.ENDED, review__corrected_on=None) & ~Q(review__to_correct=""),
            "transfer": Q(transfer__stage=TransferStage.HANDED),
            "appeal": Q(transfer__appealed_on__isnull=False, transfer__appeal_decided_on=None),
            "supervision": Q(transfer__supervision__in=(Supervision.ASKED, Supervision.EXPLAINED, Supervision.ORDERED)),
        }
        return queryset.filter(wanted[value])

    def by_result(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        wanted = {"lost": Q(review__outcome__in=Outcome.lost()), "refused": Q(transfer__stage=TransferStage.REFUSED)}
        return queryset.filter(wanted[value])

    def by_period(self, queryset: QuerySet[Matter], name: str, value: slice) -> QuerySet[Matter]:
        """By the day it was received; with a figure named, the figure says which day is meant."""
        if self.form.cleaned_data.get("figure"):
            return queryset
        period = self._period(value)
        if period is None:
            return queryset.none()
        begins, ends = period.moments(ZoneInfo(settings.TIME_ZONE))
        return queryset.filter(opened_at__gte=begins, opened_at__lt=ends)

    def by_figure(self, queryset: QuerySet[Matter], name: str, value: str) -> QuerySet[Matter]:
        code, _, part = value.partition(".")
        period = self._period(self.form.cleaned_data.get("period"))
        if period is None:
            return queryset.none()
        return queryset.filter(pk__in=behind(code, period, counted=part == "counted"))

    def _period(self, days: slice | None) -> Period | None:
        """The days asked for, none where they end before they begin; an open end reaches as far as any row."""
        first = timezone.localdate(days.start) if days is not None and days.start else date(1990, 1, 1)
        last = timezone.localdate(days.stop) if days is not None and days.stop else timezone.localdate(self.at)
        return Period(first, last) if first <= last else None
