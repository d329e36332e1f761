"""What may be entered on the pages of campaigns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet

from cases.desk.filtering import UnitChoice
from cases.desk.forms import DAY
from cases.models import Officer, Unit
from cases.queries import kinds_of, units_of
from supervision.campaigns import rules
from supervision.campaigns.rules import Fact, Filter, Standstill
from supervision.rectification.models import Problem
from supervision.reviews.models import ReviewRound

_LONG = forms.Textarea(attrs={"rows": 3})
FACTS = (("", "全部"), ("economic", "经济犯罪案件"), ("enterprise", "涉企案件"))
STANDSTILLS = (("", "全部"), ("open", "还没有办结的"), ("over", "有期限超期的"))
USUAL_FAMILIES = ("行政", "刑事")


class CampaignForm(forms.Form):
    """A campaign: what is asked, of whom, in which days, and which matters are looked at."""

    title = forms.CharField(label="名称", max_length=100)
    demand = forms.CharField(label="内容和要求", max_length=rules.MOST_TEXT, widget=_LONG)
    unit = UnitChoice(label="组织单位", queryset=Unit.objects.none(), empty_label="请选择")
    members = forms.ModelMultipleChoiceField(
        label="参加单位（及以下）",
        queryset=Unit.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text="按住 Ctrl 可以选几个；选上级即包括以下",
    )
    begins_on = forms.DateField(label="开始", widget=DAY)
    ends_on = forms.DateField(label="结束", widget=DAY)
    kinds = forms.MultipleChoiceField(label="排查哪些事项", widget=forms.CheckboxSelectMultiple)
    from_on = forms.DateField(label="发生日期自", widget=DAY)
    until_on = forms.DateField(label="至（含当日）", widget=DAY)
    fact = forms.ChoiceField(label="案件范围", choices=FACTS, required=False)
    standstill = forms.ChoiceField(label="办理情况", choices=STANDSTILLS, required=False)

    def __init__(self, *args: Any, by: Officer, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = units_of(by).filter(valid_until=None)
        unit, members = self.fields["unit"], self.fields["members"]
        unit.queryset = members.queryset = units  # type: ignore[attr-defined]
        offered = list(unit.offered())  # type: ignore[attr-defined]
        unit.widget.choices = members.widget.choices = offered
        kinds = list(kinds_of(by).filter(restricted=False))
        self.fields["kinds"].choices = [(kind.code, kind.name) for kind in kinds]  # type: ignore[attr-defined]
        usual = [kind.code for kind in kinds if kind.family in USUAL_FAMILIES and kind.code != "coercive_measure"]
        self.fields["kinds"].initial = usual
        self.fields["begins_on"].initial = today
        self.fields["ends_on"].initial = today + timedelta(days=90)
        self.fields["from_on"].initial = today.replace(month=1, day=1)
        self.fields["until_on"].initial = today
        held = by.posts.current().select_related("unit__county").first()
        if held is not None:
            unit.initial = held.unit.county_id or held.unit_id
            members.initial = [unit.initial]

    def begun(self) -> dict[str, Any]:
        """What was entered, as the service takes it; only of a form that was filled in rightly."""
        entered = dict(self.cleaned_data)
        looked_at = Filter(
            tuple(sorted(entered.pop("kinds"))),
            entered.pop("from_on"),
            entered.pop("until_on"),
            Fact(entered.pop("fact")),
            Standstill(entered.pop("standstill")),
        )
        return {**entered, "members": list(entered["members"]), "looked_at": looked_at}


class TaskForm(forms.Form):
    """A step and its day."""

    name = forms.CharField(label="工作步骤", max_length=100)
    due_on = forms.DateField(label="期限", widget=DAY)


class MoveForm(forms.Form):
    """Another day for a step."""

    due_on = forms.DateField(label="改到", widget=DAY)
    why = forms.CharField(label="理由", max_length=300)


class DoneForm(forms.Form):
    """What was done."""

    note = forms.CharField(label="办理情况", max_length=300)


class RoundForm(forms.Form):
    """A round of review to be linked."""

    review_round = forms.ModelChoiceField(label="评查批次", queryset=ReviewRound.objects.none(), empty_label="请选择")

    def __init__(self, *args: Any, offered: QuerySet[ReviewRound], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["review_round"].queryset = offered  # type: ignore[attr-defined]


class OrderForm(forms.Form):
    """What was found in a matter."""

    problem = forms.ModelChoiceField(label="整改问题", queryset=Problem.objects.all(), empty_label="请选择")
    text = forms.CharField(label="发现的问题", max_length=rules.MOST_TEXT, widget=_LONG)


class SummaryForm(forms.Form):
    """What came of a campaign."""

    summary = forms.CharField(label="整治小结", max_length=rules.MOST_TEXT, widget=_LONG)
