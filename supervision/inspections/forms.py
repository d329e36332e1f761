"""What may be entered on the pages of inspections."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from cases.desk.filtering import UnitChoice
from cases.desk.forms import DAY, officer_numbered
from cases.models import Officer, Unit
from cases.queries import kinds_of, units_of
from supervision.inspections import rules
from supervision.inspections.models import InspectionPlan, Outcome
from supervision.inspections.queries import targets_of
from supervision.inspections.services import Found, Wanted
from supervision.rectification.models import Problem

_LONG = forms.Textarea(attrs={"rows": 3})
BLANK_ROWS = 3


def _offer_units(form: forms.Form, by: Officer) -> None:
    field: Any = form.fields["unit"]
    field.queryset = units_of(by).filter(valid_until=None)
    field.widget.choices = list(field.offered())
    held = by.posts.current().select_related("unit__county").first()
    if held is not None:
        field.initial = held.unit.county_id or held.unit_id


class PlanForm(forms.Form):
    """A plan of a year."""

    title = forms.CharField(label="计划名称", max_length=100)
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    unit = UnitChoice(label="范围（本单位及以下）", queryset=Unit.objects.none(), empty_label="请选择")
    publish_workdays = forms.IntegerField(
        label="检查后多少个工作日内公示",
        min_value=1,
        max_value=rules.MOST_WORKDAYS,
        initial=rules.PUBLISH_WORKDAYS,
        help_text="公安机关没有统一规定；市场监管领域为 20 个工作日",
    )

    def __init__(self, *args: Any, by: Officer, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_units(self, by)
        self.fields["year"].initial = today.year
        self.fields["title"].initial = f"{today.year} 年双随机检查计划"


class ItemForm(forms.Form):
    """What is to be inspected, and by when."""

    name = forms.CharField(label="抽查事项", max_length=100)
    ground = forms.CharField(label="检查依据", max_length=200, help_text="法律、法规或者规章的条款；没有依据的不得检查")
    category = forms.ChoiceField(label="检查对象类别", required=False)
    kinds = forms.MultipleChoiceField(label="或者抽查这些事项", required=False, widget=forms.CheckboxSelectMultiple)
    percent = forms.IntegerField(label="抽查比例（%）", min_value=1, max_value=100, initial=5)
    each = forms.IntegerField(
        label="每个对象检查人员",
        min_value=rules.LEAST_INSPECTORS,
        max_value=rules.MOST_INSPECTORS,
        initial=rules.LEAST_INSPECTORS,
    )
    outside = forms.BooleanField(label="管辖单位的人员回避", required=False, initial=True)
    begins_on = forms.DateField(label="开始", widget=DAY)
    draw_by = forms.DateField(label="抽取期限", widget=DAY)
    inspect_by = forms.DateField(label="检查期限", widget=DAY)
    publish_by = forms.DateField(label="公示期限", widget=DAY)

    def __init__(self, *args: Any, by: Officer, plan: InspectionPlan, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = targets_of(by).in_force().order_by("category").values_list("category", flat=True).distinct()
        self.fields["category"].choices = [("", "不选"), *((one, one) for one in known)]  # type: ignore[attr-defined]
        kinds = kinds_of(by).filter(restricted=False)
        self.fields["kinds"].choices = [(kind.code, kind.name) for kind in kinds]  # type: ignore[attr-defined]
        begins = max(min(today, date(plan.year, 12, 1)), date(plan.year, 1, 1))
        for name, days in (("begins_on", 0), ("draw_by", 10), ("inspect_by", 40), ("publish_by", 70)):
            day = begins + timedelta(days=days)
            self.fields[name].initial = day if name == "publish_by" else min(day, date(plan.year, 12, 31))

    def wanted(self) -> Wanted:
        """What was entered; only of a form that was filled in rightly."""
        entered = self.cleaned_data
        return Wanted(**{**entered, "kinds": tuple(entered["kinds"])})


class MoveForm(forms.Form):
    """Another day for a step."""

    due_on = forms.DateField(label="改到", widget=DAY)
    why = forms.CharField(label="理由", max_length=300)


class SeedForm(forms.Form):
    """The seed of a draw."""

    seed = forms.CharField(
        label="随机种子",
        max_length=64,
        required=False,
        help_text="不填则由系统随机产生。公开抽取的，填当场产生的数，如摇号结果",
    )


class ResultForm(forms.Form):
    """What an inspection came to."""

    outcome = forms.ChoiceField(label="检查结果", choices=(("", "请选择"), *Outcome.choices))
    inspected_on = forms.DateField(label="检查日期", widget=DAY)
    text = forms.CharField(label="检查情况", max_length=rules.MOST_TEXT, widget=_LONG)


class FoundForm(forms.Form):
    """One thing found."""

    problem = forms.ModelChoiceField(
        label="整改问题", queryset=Problem.objects.all(), required=False, to_field_name="code", empty_label="不填"
    )
    article = forms.CharField(label="违反的条款", max_length=200, required=False)
    text = forms.CharField(label="查明的情况", max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or self.cleaned_data
        filled = [bool(entered.get(name)) for name in ("problem", "article", "text")]
        if any(filled) and not all(filled):
            raise forms.ValidationError("一条问题的三格都要填，或者都不填")
        return entered

    def found(self) -> Found | None:
        """What was written in the row; none in a row left empty."""
        entered = self.cleaned_data
        problem = entered.get("problem")
        return Found(problem.code, entered["article"], entered["text"]) if problem is not None else None


FoundRows = forms.formset_factory(FoundForm, extra=BLANK_ROWS, max_num=30, validate_max=True)


class AsideForm(forms.Form):
    """Who keeps away, and why."""

    officer = forms.CharField(label="回避人警号", max_length=20)
    why = forms.CharField(label="回避理由", max_length=200)

    def clean_officer(self) -> Officer:
        return officer_numbered(self.cleaned_data["officer"])


class PublishForm(forms.Form):
    """Where and when a result was made public."""

    on = forms.DateField(label="公示日期", widget=DAY)
    where = forms.CharField(label="公示载体", max_length=200, help_text="门户网站、公示系统的名称或者地址")


class WithholdForm(forms.Form):
    """Why a result is not made public."""

    why = forms.CharField(label="不公示的理由", max_length=200, help_text="依法不得公开的，写明条款")


class TargetForm(forms.Form):
    """A place or an undertaking."""

    code = forms.CharField(label="编号", max_length=40, help_text="统一社会信用代码、许可证号等")
    name = forms.CharField(label="名称", max_length=100)
    category = forms.CharField(label="类别", max_length=40, help_text="旅馆业、典当业、保安服务公司等")
    unit = UnitChoice(label="管辖单位", queryset=Unit.objects.none(), empty_label="请选择")

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_units(self, by)
        self.fields["unit"].initial = None


class InspectorForm(forms.Form):
    """An officer to be put into the register of inspectors, or taken out."""

    officer = forms.CharField(label="警号", max_length=20)

    def clean_officer(self) -> Officer:
        return officer_numbered(self.cleaned_data["officer"])


class InterestForm(forms.Form):
    """An interest that an officer declares in a target."""

    why = forms.CharField(label="利害关系", max_length=200)
