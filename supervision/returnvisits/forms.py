"""What may be entered on the pages of return visits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from cases.desk.filtering import UnitChoice
from cases.desk.forms import DAY, officer_numbered
from cases.models import Grade, MatterKind, Officer, Unit
from cases.queries import kinds_of, units_of
from supervision.rectification.models import Grade as OrderGrade
from supervision.rectification.models import Problem
from supervision.returnvisits import rules
from supervision.returnvisits.models import Basis
from supervision.returnvisits.queries import Scope

# The room of orders refuses more than it knows by itself; nobody asks for more than a season here.
MOST_ORDER_WORKDAYS = 60
_LONG = forms.Textarea(attrs={"rows": 4})
# What is asked about as a rule: reports and the cases that come of them.
USUAL_FAMILIES = ("接报案", "行政", "刑事")


class DrawForm(forms.Form):
    """What a round is drawn from, and how."""

    title = forms.CharField(label="批次名称", max_length=100)
    unit = UnitChoice(label="范围（本单位及以下，逐个单位抽取）", queryset=Unit.objects.none(), empty_label="请选择")
    kinds = forms.MultipleChoiceField(label="事项种类", widget=forms.CheckboxSelectMultiple)
    basis = forms.ChoiceField(label="日期依据", choices=Basis.choices)
    from_on = forms.DateField(label="自", widget=DAY)
    until_on = forms.DateField(label="至（含当日）", widget=DAY)
    per_unit = forms.IntegerField(label="每单位抽取件数", min_value=1, max_value=rules.MOST_A_UNIT, initial=5)
    reply_until = forms.DateField(label="答复截止日", widget=DAY)
    callers = forms.CharField(
        label="回访人警号", max_length=200, help_text="几个人用空格或者顿号分开；经办人、本单位的人不会分到"
    )
    seed = forms.CharField(
        label="随机种子",
        max_length=64,
        required=False,
        help_text="不填则由系统随机产生。公开抽取的，填当场产生的数，如摇号结果",
    )

    def __init__(self, *args: Any, by: Officer, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_of(by).filter(valid_until=None)  # type: ignore[attr-defined]
        self.fields["unit"].widget.choices = list(self.fields["unit"].offered())  # type: ignore[attr-defined]
        kinds = list(kinds_of(by).filter(restricted=False))
        self.fields["kinds"].choices = [(kind.code, kind.name) for kind in kinds]  # type: ignore[attr-defined]
        last = today.replace(day=1) - timedelta(days=1)
        self.fields["kinds"].initial = [kind.code for kind in kinds if kind.family in USUAL_FAMILIES and _heads(kind)]
        self.fields["from_on"].initial = last.replace(day=1)
        self.fields["until_on"].initial = last
        self.fields["reply_until"].initial = today + timedelta(days=15)
        self.fields["callers"].initial = by.police_number
        self.fields["title"].initial = f"{last.year} 年 {last.month} 月回访"
        held = by.posts.current().select_related("unit__county").first()
        if held is not None:
            self.fields["unit"].initial = held.unit.county_id or held.unit_id

    def clean_callers(self) -> list[Officer]:
        text = self.cleaned_data["callers"]
        for mark in "、，,;；":
            text = text.replace(mark, " ")
        return list(dict.fromkeys(officer_numbered(number) for number in text.split()))

    def scope(self) -> Scope:
        """What is to be drawn from; only of a form that was filled in rightly."""
        entered = self.cleaned_data
        return Scope(
            unit=entered["unit"],
            kinds=tuple(sorted(entered["kinds"])),
            basis=Basis(entered["basis"]),
            from_on=entered["from_on"],
            until_on=entered["until_on"],
        )


def _heads(kind: MatterKind) -> bool:
    """Whether matters of a kind stand by themselves: measures against a person hang on a case."""
    return kind.code != "coercive_measure"


class AnswerForm(forms.Form):
    """An answer by telephone."""

    prefix = "answer"

    grade = forms.TypedChoiceField(
        label="满意程度", choices=Grade.choices, coerce=int, widget=forms.RadioSelect, empty_value=None
    )
    text = forms.CharField(
        label="意见",
        max_length=rules.MOST_TEXT,
        required=False,
        widget=_LONG,
        help_text="照原话记。不要写姓名、电话；只有法制部门和督察看得见",
    )
    invalid_reason = forms.CharField(
        label="评价无效的理由", max_length=100, required=False, help_text="有效的不填。如：接听的不是本人"
    )


class WordForm(forms.Form):
    """Why, or what came of it."""

    word = forms.CharField(label="说明", max_length=200)

    def __init__(self, *args: Any, label: str = "", help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["word"].label = label or self.fields["word"].label
        self.fields["word"].help_text = help_text


class OfficerForm(forms.Form):
    """Somebody else to do it."""

    officer = forms.CharField(label="警号", max_length=20)

    def clean_officer(self) -> Officer:
        return officer_numbered(self.cleaned_data["officer"])


class RepliesForm(forms.Form):
    """A file of replies by short message."""

    file = forms.FileField(label="文件", help_text=".csv、.xlsx；表头：回访编号、回复、意见")


class ConcludeForm(forms.Form):
    """What a check came to, and the order where it was borne out."""

    prefix = "finding"

    upheld = forms.TypedChoiceField(
        label="结论",
        choices=(("no", "不属实"), ("yes", "属实")),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label="核查情况和理由",
        max_length=1000,
        widget=_LONG,
        help_text="被评价单位看得见。写查明的事实，不要写谁评价、评价原文",
    )
    problem = forms.ModelChoiceField(
        label="整改问题（属实的必选）", queryset=Problem.objects.all(), required=False, empty_label="请选择"
    )
    order_text = forms.CharField(
        label="整改事实与要求（属实的必填）",
        max_length=2000,
        required=False,
        widget=_LONG,
        help_text="下达给被评价单位，不指名民警。写明事项编号、查明的事实、要改正什么",
    )
    grade = forms.ChoiceField(label="整改等级", choices=(("", "按问题目录"), *OrderGrade.choices), required=False)
    workdays = forms.IntegerField(
        label="整改期限（工作日）",
        min_value=1,
        max_value=MOST_ORDER_WORKDAYS,
        required=False,
        help_text="不填按问题目录",
    )


class SlipForm(forms.Form):
    """What whoever holds a slip says."""

    grade = forms.TypedChoiceField(
        choices=Grade.choices,
        coerce=int,
        widget=forms.RadioSelect,
        empty_value=None,
        error_messages={"required": "请先选一个满意程度", "invalid_choice": "请从四个选项中选一个"},
    )
    text = forms.CharField(
        max_length=rules.MOST_TEXT,
        required=False,
        error_messages={"max_length": f"意见太长了，请写在 {rules.MOST_TEXT} 字以内"},
    )
