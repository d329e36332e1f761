"""What may be entered on the pages of followed cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from cases.desk.forms import DAY, officer_numbered
from cases.models import Event, Matter, Officer, Unit, UnitKind
from supervision.followup.models import FollowedCase, OutlineTemplate

LONG = forms.Textarea(attrs={"rows": 3})


class PoliceNumber(forms.CharField):
    """An officer, by his police number; none where it is left empty and may be."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> Officer | None:
        number = super().clean(value)
        return officer_numbered(number) if number else None


def units_around(matter: Matter, *kinds: UnitKind) -> QuerySet[Unit]:
    """The units of the matter's county and those of its city above, of some kinds; of its county only without kinds."""
    known = Unit.objects.in_force().order_by("path")
    near = Q(city=matter.city_id, county=matter.county_id)
    if not kinds:
        return known.filter(near)
    return known.filter(near | Q(city=matter.city_id, county=None), kind__in=kinds)


class EnterForm(forms.Form):
    """A matter put under follow-up by hand, by a leader together with his instruction."""

    reason = forms.CharField(label="进入原因", max_length=200, help_text="各方都看得见")
    officer = PoliceNumber(label="盯办责任人警号", required=False, help_text="不填，则为经办人")
    line_unit = forms.ModelChoiceField(
        label="条线责任单位", queryset=Unit.objects.none(), required=False, empty_label="以后落实"
    )
    template = forms.ModelChoiceField(
        label="提纲",
        queryset=OutlineTemplate.objects.filter(active=True),
        required=False,
        empty_label="按事项种类",
    )
    text = forms.CharField(label="批示内容", max_length=500, required=False, widget=LONG)
    due_on = forms.DateField(label="批示回复期限", required=False, widget=DAY)

    def __init__(self, *args: Any, matter: Matter, instructs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.matter = matter
        around = units_around(matter, UnitKind.BRANCH, UnitKind.SQUAD)
        self.fields["line_unit"].queryset = around  # type: ignore[attr-defined]
        if not instructs:
            del self.fields["text"], self.fields["due_on"]

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if entered.get("text") and not entered.get("due_on"):
            self.add_error("due_on", "批示要写明回复期限")
        if entered.get("text") and not (entered.get("officer") or self.matter.officer):
            self.add_error("officer", "批示要有人回复，请指定盯办责任人")
        return entered


class PartiesForm(forms.Form):
    """The three responsible parties and the named officer."""

    main_unit = forms.ModelChoiceField(
        label="主体责任单位（办案单位）", queryset=Unit.objects.none(), required=False, empty_label="未定"
    )
    line_unit = forms.ModelChoiceField(
        label="条线责任单位（专业警种）", queryset=Unit.objects.none(), required=False, empty_label="未定"
    )
    supervisory_unit = forms.ModelChoiceField(
        label="监督责任单位（法制部门）", queryset=Unit.objects.none(), required=False, empty_label="未定"
    )
    officer = PoliceNumber(label="盯办责任人警号", required=False)

    def __init__(self, *args: Any, case: FollowedCase, **kwargs: Any) -> None:
        initial = {name: getattr(case, name) for name in ("main_unit", "line_unit", "supervisory_unit")}
        initial["officer"] = case.officer.police_number if case.officer else ""
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        offered = {
            "main_unit": units_around(case.matter),
            "line_unit": units_around(case.matter, UnitKind.BRANCH, UnitKind.SQUAD),
            "supervisory_unit": units_around(case.matter, UnitKind.LEGAL),
        }
        for name, units in offered.items():
            # Who is named stays in the choice, though he may have moved out of the county meanwhile.
            held = getattr(case, f"{name}_id")
            kept = units | Unit.objects.filter(pk=held) if held else units
            self.fields[name].queryset = kept.order_by("path")  # type: ignore[attr-defined]


class ItemForm(forms.Form):
    """An item added to the outline."""

    title = forms.CharField(label="事项", max_length=200)
    due_on = forms.DateField(label="完成期限", widget=DAY)
    officer = PoliceNumber(label="承办人警号", required=False, help_text="不填，则由盯办责任人承办")


class MoveForm(forms.Form):
    """Another day or another officer for an item."""

    due_on = forms.DateField(label="完成期限", widget=DAY)
    officer = PoliceNumber(label="承办人警号", required=False)
    reason = forms.CharField(label="理由", max_length=300)


class FinishForm(forms.Form):
    """The result of an item, and what shows it."""

    result = forms.CharField(label="结果", max_length=500, widget=LONG)
    evidence = forms.CharField(label="证明材料", max_length=200, required=False, help_text="文书号、卷宗页码等")
    event = forms.ChoiceField(label="证明节点", required=False)

    def __init__(self, *args: Any, events: Sequence[Event], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._events = {str(event.pk): event for event in events}
        named = [(pk, str(event)) for pk, event in self._events.items()]
        self.fields["event"].choices = [("", "不引用"), *named]  # type: ignore[attr-defined]

    def clean_event(self) -> Event | None:
        return self._events.get(self.cleaned_data["event"])


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="理由", max_length=300)


class OpinionForm(forms.Form):
    """What the legal department says to it."""

    reason = forms.CharField(label="意见", max_length=300, required=False)


class InstructionForm(forms.Form):
    """A leader's instruction."""

    text = forms.CharField(label="批示内容", max_length=500, widget=LONG)
    to = PoliceNumber(label="批示给（警号）")
    due_on = forms.DateField(label="回复期限", widget=DAY)


class ReplyForm(forms.Form):
    """The reply to an instruction."""

    reply = forms.CharField(label="回复", max_length=1000, widget=LONG)


class HandOverForm(forms.Form):
    """Who takes over."""

    to = PoliceNumber(label="接手人警号")
