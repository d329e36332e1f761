"""The filters of the list and of the board of followed cases."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from cases.desk.filtering import (
    ListFilter,
    NamedUnitFilter,
    UnitFilter,
    date_range,
    kinds_offered,
    officer_of,
    units_offered,
)
from cases.models import Matter
from cases.queries import number_begins
from supervision.followup.models import (
    EntryRule,
    FollowedCase,
    Instruction,
    InstructionState,
    ItemState,
    OutlineItem,
    Stage,
)
from supervision.followup.queries import (
    local_day,
    waiting_for_consent,
    waiting_for_items,
    waiting_for_parties,
    waiting_for_reply,
    without_reply_to,
)

MINE = (
    ("1", "我负责的"),
    ("items", "有我承办事项的"),
    ("reply", "待我回复批示的"),
    ("given", "我的批示逾期未复的"),
    ("consent", "待我审核办结的"),
    ("parties", "待我落实责任的"),
)
_WAITING = {
    "items": waiting_for_items,
    "reply": waiting_for_reply,
    "consent": waiting_for_consent,
    "parties": waiting_for_parties,
}
TROUBLE = (
    ("stagnant", "停滞"),
    ("items", "提纲事项逾期"),
    ("instructions", "批示待回复"),
    ("late", "批示逾期未复"),
    ("closed", "案件已结仍在盯办"),
)


def rules_offered(request: HttpRequest | None) -> QuerySet[EntryRule]:
    """The rules, to those who keep them: what a rule is called is not for everybody who sees the case, and that one asked
    for petitions for nobody."""
    known = EntryRule.objects.all()
    if not officer_of(request).has_perm("followup.view_entryrule"):
        return known.none()
    return known.exclude(pk__in=[rule.pk for rule in known if rule.silent])


class BoardFilter(ListFilter):
    """What narrows the board."""

    in_front: tuple[str, ...] = ("q", "unit", "mine", "trouble")

    q = filters.CharFilter(method="by_number", label="事项编号", max_length=64)
    unit = UnitFilter(queryset=units_offered, label="办案单位", empty_label="全部")
    mine = filters.ChoiceFilter(
        choices=MINE, field_name="officer", method="only_mine", label="范围", empty_label="全部可见"
    )
    trouble = filters.ChoiceFilter(choices=TROUBLE, method="by_trouble", label="问题", empty_label="全部")

    class Meta:
        model = FollowedCase
        fields: tuple[str, ...] = ()

    def by_number(self, queryset: QuerySet[FollowedCase], name: str, value: str) -> QuerySet[FollowedCase]:
        return queryset.filter(matter__in=Matter.objects.filter(number_begins(value.strip())))

    def only_mine(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "given":
            return without_reply_to(queryset, self.officer, self.at)
        if (waiting := _WAITING.get(value)) is not None:
            return waiting(queryset, self.officer)
        return super().only_mine(queryset, name, value)

    def by_trouble(self, queryset: QuerySet[FollowedCase], name: str, value: str) -> QuerySet[FollowedCase]:
        today = local_day(self.at)
        items = OutlineItem.objects.filter(case=OuterRef("pk"), state__in=ItemState.open_states())
        instructions = Instruction.objects.filter(case=OuterRef("pk"), state=InstructionState.OPEN)
        wanted: dict[str, Q] = {
            "stagnant": Q(stagnant_since__isnull=False) | Q(stagnant_at__lte=self.at),
            "items": Q(Exists(items.filter(due_on__lt=today))),
            "instructions": Q(Exists(instructions)),
            "late": Q(Exists(instructions.filter(due_on__lt=today))),
            "closed": Q(matter__closed_at__isnull=False),
        }
        return queryset.filter(wanted[value]).exclude(stage=Stage.ENDED)


class FollowedFilter(BoardFilter):
    """Followed cases (盯办案件)."""

    in_front = ("q", "stage", "unit", "mine", "trouble")

    stage = filters.ChoiceFilter(
        choices=(("open", "未办结"), *Stage.choices), method="by_stage", label="阶段", empty_label="全部"
    )
    kind = filters.ModelChoiceFilter(
        field_name="matter__kind", queryset=kinds_offered, label="事项种类", empty_label="全部"
    )
    main_unit = NamedUnitFilter(queryset=units_offered, label="主体责任单位", empty_label="全部")
    line_unit = NamedUnitFilter(queryset=units_offered, label="条线责任单位", empty_label="全部")
    supervisory_unit = NamedUnitFilter(queryset=units_offered, label="监督责任单位", empty_label="全部")
    officer = filters.CharFilter(method="by_officer", label="盯办责任人（警号或姓名）", max_length=40)
    rule = filters.ModelChoiceFilter(queryset=rules_offered, label="进入规则", empty_label="全部")
    reason = filters.CharFilter(lookup_expr="contains", label="进入原因含", max_length=40)
    entered = date_range("进入日期", "entered_at")
    progressed = date_range("最近进展", "last_progress_at")
    asked = date_range("申请办结日期", "asked_at")
    ended = date_range("办结日期", "ended_at")

    def by_stage(self, queryset: QuerySet[FollowedCase], name: str, value: str) -> QuerySet[FollowedCase]:
        return queryset.filter(stage__in=Stage.open_stages() if value == "open" else (value,))
