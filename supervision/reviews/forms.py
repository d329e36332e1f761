"""What may be entered on the pages of reviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from cases.desk.filtering import UnitChoice
from cases.desk.forms import DAY, officer_numbered
from cases.models import MatterKind, Officer, Unit
from cases.queries import kinds_of, units_of
from supervision.reviews import rules
from supervision.reviews.models import Basis, Line, Matters, Template, Weight
from supervision.reviews.models.round import Item
from supervision.reviews.queries import Scope
from supervision.reviews.services import Finding, Plan, Struck

_LONG = forms.Textarea(attrs={"rows": 3})
# What is reviewed as a rule: cases.
USUAL_FAMILIES = ("行政", "刑事")
BLANK_ROWS = 6


class DrawForm(forms.Form):
    """What a round is drawn from, how, by which form, and who reviews."""

    title = forms.CharField(label="批次名称", max_length=100)
    template = forms.ModelChoiceField(label="评查表样", queryset=Template.objects.filter(in_use=True), empty_label=None)
    unit = UnitChoice(label="范围（本单位及以下）", queryset=Unit.objects.none(), empty_label="请选择")
    kinds = forms.MultipleChoiceField(label="事项种类", widget=forms.CheckboxSelectMultiple)
    basis = forms.ChoiceField(label="日期依据", choices=Basis.choices)
    matters = forms.ChoiceField(label="案件范围", choices=Matters.choices, required=False)
    from_on = forms.DateField(label="自", widget=DAY)
    until_on = forms.DateField(label="至（含当日）", widget=DAY)
    number = forms.IntegerField(label="抽取件数", min_value=1, max_value=rules.MOST_FILES, initial=20)
    least = forms.IntegerField(label="每单位至少", min_value=1, max_value=100, initial=1)
    second_percent = forms.IntegerField(label="复评比例（%）", min_value=0, max_value=100, initial=10)
    crossed = forms.BooleanField(label="交叉评查：评查员不评本局的案件", required=False)
    reviewers = forms.CharField(
        label="评查员警号",
        max_length=400,
        help_text="几个人用空格或者顿号分开；本单位的、本人和近亲属经办过的案件不会分到",
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
        self.fields["kinds"].initial = [kind.code for kind in kinds if _is_usual(kind)]
        quarter = today.replace(day=1) - timedelta(days=1)
        self.fields["from_on"].initial = (quarter.replace(day=1) - timedelta(days=62)).replace(day=1)
        self.fields["until_on"].initial = quarter
        self.fields["reviewers"].initial = by.police_number
        self.fields["title"].initial = f"{quarter.year} 年案件评查"
        held = by.posts.current().select_related("unit__county").first()
        if held is not None:
            self.fields["unit"].initial = held.unit.county_id or held.unit_id

    def clean_reviewers(self) -> list[Officer]:
        text = self.cleaned_data["reviewers"]
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
            matters=Matters(entered["matters"]),
        )

    def plan(self) -> Plan:
        """How it is to be drawn; only of a form that was filled in rightly."""
        entered = self.cleaned_data
        return Plan(
            files=entered["number"],
            least=entered["least"],
            second_percent=entered["second_percent"],
            crossed=entered["crossed"],
            seed=entered["seed"],
        )


def _is_usual(kind: MatterKind) -> bool:
    """Cases, and not the measures that hang on them."""
    return kind.family in USUAL_FAMILIES and kind.code != "coercive_measure"


class FindingForm(forms.Form):
    """One line that is added."""

    item = forms.ChoiceField(label="评查项目", required=False)
    weight = forms.ChoiceField(label="性质", choices=(("", "请选择"), *Weight.choices), required=False)
    points = forms.IntegerField(label="分值", min_value=1, max_value=rules.MOST_POINTS, required=False)
    text = forms.CharField(label="查明的情况", max_length=500, required=False)
    evidence = forms.CharField(label="卷内位置", max_length=200, required=False)

    def __init__(self, *args: Any, items: Sequence[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in items:
            groups.setdefault(one.group, []).append((one.code, f"{one.text}（{one.most} 分以内）"))
        self.fields["item"].choices = [("", "不填"), *groups.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or self.cleaned_data
        if entered.get("item") and not (entered.get("weight") and entered.get("points") and entered.get("text")):
            raise forms.ValidationError("选了评查项目的，性质、分值、查明的情况都要填")
        if not entered.get("item") and any(entered.get(name) for name in ("weight", "points", "text", "evidence")):
            raise forms.ValidationError("请选评查项目")
        return entered

    def finding(self) -> Finding | None:
        """What was written in the row; none in a row left empty."""
        entered = self.cleaned_data
        if not entered.get("item"):
            return None
        return Finding(entered["item"], entered["weight"], entered["points"], entered["text"], entered["evidence"])


FindingRows = forms.formset_factory(FindingForm, extra=BLANK_ROWS, max_num=60, validate_max=True)


class JudgementForm(forms.Form):
    """The words of a review or a decision, and for every line that stands why it is struck, if it is."""

    opinion = forms.CharField(label="意见", max_length=rules.MOST_TEXT, widget=_LONG)

    def __init__(self, *args: Any, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self.fields[_name(line)] = forms.CharField(
                label=f"划去“{line.title}”的理由",
                max_length=200,
                required=False,
                help_text="不成立的写明理由，即划去；成立的不填",
            )

    def struck(self) -> list[Struck]:
        return [Struck(one.pk, self.cleaned_data[_name(one)]) for one in self.lines if self.cleaned_data[_name(one)]]

    def reasons(self) -> list[forms.BoundField]:
        """The fields of the lines, to be shown together."""
        return [self[_name(one)] for one in self.lines]


def _name(line: Line) -> str:
    return f"strike_{line.pk}"


class ObjectionForm(forms.Form):
    """What the unit says against it."""

    text = forms.CharField(label="异议和理由", max_length=rules.MOST_TEXT, widget=_LONG)


class OfficerForm(forms.Form):
    """Somebody else to review."""

    officer = forms.CharField(label="警号", max_length=20)

    def clean_officer(self) -> Officer:
        return officer_numbered(self.cleaned_data["officer"])
