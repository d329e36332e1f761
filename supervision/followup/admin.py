"""Rules and outlines to keep up, and the ledger to read. Followed cases have pages of their own (`pages`)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline

from cases.desk.facts import fact_name, fact_values
from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import MatterKind, Officer
from supervision.followup.models import EntryRule, FollowStep, OutlineTemplate, TemplateItem
from supervision.followup.queries import steps_of
from supervision.followup.rules import Condition, WrongCondition, parse_condition


class KeptAdmin(ModelAdmin):
    """Rows that are taken out of use, not deleted: cases that came in by them still name them."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def condition_words(condition: Condition, kinds: dict[str, str]) -> str:
    """A condition as a person reads it."""
    parts = []
    if condition.kinds:
        parts.append("种类为" + "、".join(kinds.get(kind, kind) for kind in condition.kinds))
    if condition.families:
        parts.append("大类为" + "、".join(condition.families))
    parts += [f"{fact_name(name)}：{fact_values(map(_value, values))}" for name, values in condition.facts]
    if condition.overdue_days is not None:
        parts.append(f"法定期限超期满 {condition.overdue_days} 天" if condition.overdue_days else "法定期限已超期")
    if condition.open_days is not None:
        parts.append(f"发生满 {condition.open_days} 天未结")
    if condition.petition:
        parts.append("有关联的信访、投诉")
    return "，并且".join(parts)


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class EntryRuleForm(forms.ModelForm):
    class Meta:
        model = EntryRule
        fields = ("code", "name", "told_as", "condition", "template", "line_word", "order", "active")
        help_texts = {
            "told_as": "看得见案件的人都看得见这句话；有信访的，不要在这里写明",
            "condition": (
                "各项须同时具备：overdue_days 法定期限超期满几天，open_days 发生满几天未结，facts 情形，petition 有关联的"
                '信访投诉，families 大类，kinds 种类。如 {"facts": {"economic": [true]}, "open_days": 180}'
            ),
            "template": "不选，则按事项种类",
            "line_word": "自动以本县名称含这几个字的专业警种为条线责任单位；不填，则列入后再落实",
        }

    def clean_condition(self) -> Any:
        condition = self.cleaned_data["condition"]
        try:
            parse_condition(condition)
        except WrongCondition as error:
            raise forms.ValidationError(f"{error}。") from error
        return condition


@admin.register(EntryRule)
class EntryRuleAdmin(KeptAdmin):
    form = EntryRuleForm
    list_display = ("name", "condition_said", "told_as", "template", "line_word", "order", "active")
    list_select_related = ("template",)
    list_filter = ("active",)

    @admin.display(description="进入条件")
    def condition_said(self, rule: EntryRule) -> str:
        try:
            return condition_words(parse_condition(rule.condition), self._kinds())
        except WrongCondition as error:
            return f"条件有误：{error}"

    def _kinds(self) -> dict[str, str]:
        return dict(MatterKind.objects.values_list("code", "name"))


class TemplateItemInline(TabularInline):
    model = TemplateItem
    fields = ("order", "title", "working_days")
    extra = 0


class OutlineTemplateForm(forms.ModelForm):
    class Meta:
        model = OutlineTemplate
        fields = ("code", "name", "kinds", "stagnation_days", "order", "active")

    def clean_kinds(self) -> list[str]:
        kinds = self.cleaned_data["kinds"] or []
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise forms.ValidationError('应写成一列种类代码，如 ["criminal_case"]。')
        known = set(MatterKind.objects.values_list("code", flat=True))
        if unknown := [kind for kind in kinds if kind not in known]:
            raise forms.ValidationError(f"没有“{unknown[0]}”这种事项。")
        return kinds


@admin.register(OutlineTemplate)
class OutlineTemplateAdmin(KeptAdmin):
    form = OutlineTemplateForm
    inlines = (TemplateItemInline,)
    list_display = ("name", "kinds_said", "item_count", "stagnation_days", "order", "active")
    list_filter = ("active",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutlineTemplate]:
        return super().get_queryset(request).annotate(item_count=Count("items"))

    @admin.display(description="适用事项种类")
    def kinds_said(self, template: OutlineTemplate) -> str:
        known = dict(MatterKind.objects.values_list("code", "name"))
        return "、".join(known.get(kind, kind) for kind in template.kinds) or "其他各种"

    @admin.display(description="条目", ordering="item_count")
    def item_count(self, template: Any) -> int:
        count: int = template.item_count
        return count


@admin.register(FollowStep)
class FollowStepAdmin(LedgerAdmin):
    ordering = ("-at", "-pk")
    list_display = ("at_words", "case_link", "action", "by", "text")
    list_filter = ("action",)
    list_select_related = ("case__matter", "by")

    def visible(self, officer: Officer) -> QuerySet[FollowStep]:
        return steps_of(officer)

    @admin.display(description="时间", ordering="at")
    def at_words(self, step: FollowStep) -> str:
        return moment_words(step.at)

    @admin.display(description="盯办案件")
    def case_link(self, step: FollowStep) -> str:
        link = reverse("followup:case", args=(step.case_id,))
        return format_html('<a href="{}">{}</a>', link, step.case.matter.number)
