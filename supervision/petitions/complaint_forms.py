"""What may be entered about a complaint. A form offers nothing its officer may not see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from cases.models import ApproverLevel, HandlingRole, Matter, Officer, Unit
from cases.queries import units_of
from supervision.petitions.forms import DAY, WORDS, accusable_units, matter_numbered, officers_numbered
from supervision.petitions.models import (
    COMPLAINT_CATEGORIES,
    Complaint,
    ComplaintChannel,
    ComplaintLikeness,
    SameState,
    Verdict,
)
from supervision.petitions.queries import complaint_likenesses_of, complaints_of
from supervision.rectification.models import Problem

# Larger files than a register of five hundred rows is.
MOST_BYTES = 8 << 20


def one_officer(text: str) -> Officer | None:
    """The officer of one police number, or nobody; refuses several."""
    found = officers_numbered(text)
    if len(found) > 1:
        raise forms.ValidationError("请填写一个警号")
    return found[0] if found else None


class ComplaintForm(forms.Form):
    """A complaint as it comes in."""

    channel = forms.ChoiceField(label="渠道", choices=ComplaintChannel.choices)
    channel_number = forms.CharField(
        label="渠道编号", max_length=64, required=False, help_text="工单、举报、线索、接警单编号；来信、来访没有的不填"
    )
    received_on = forms.DateField(label="收到日期", widget=DAY)
    subject = forms.CharField(
        label="投诉内容", widget=WORDS, max_length=2000, help_text="只写事，不写投诉人的姓名、住址"
    )
    about = forms.CharField(
        label="所涉案件编号",
        max_length=64,
        required=False,
        help_text="没有另外写明被投诉的，办案单位和民警即视为被投诉",
    )
    enterprise = forms.BooleanField(label="涉企", required=False)
    unit = forms.ModelChoiceField(label="承办单位", queryset=Unit.objects.none(), empty_label="请选择")
    handlers = forms.CharField(
        label="另行指定的经办人（警号）",
        max_length=200,
        required=False,
        help_text="登记人自动成为经办人，属于被投诉单位的除外",
    )
    reply_asked_on = forms.DateField(
        label="交办单位要求答复日", widget=DAY, required=False, help_text="工单上写明的，不是法定期限"
    )
    accused_unit = forms.ModelChoiceField(
        label="被投诉单位", queryset=Unit.objects.none(), required=False, empty_label="没有写明"
    )
    accused_officer = forms.CharField(label="被投诉民警（警号）", max_length=20, required=False)
    anonymous = forms.BooleanField(label="匿名", required=False)
    name = forms.CharField(label="姓名（名称）", max_length=60, required=False)
    identity = forms.CharField(label="证件号码", max_length=40, required=False)
    phone = forms.CharField(label="电话", max_length=30, required=False)
    address = forms.CharField(label="住址", max_length=200, required=False)

    about_matter = (
        "channel", "channel_number", "received_on", "subject", "about", "unit", "handlers", "reply_asked_on",
    )  # fmt: skip
    about_accused = ("accused_unit", "accused_officer")
    about_person = ("name", "identity", "phone", "address")

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["unit"].queryset = units_of(by).in_force()  # type: ignore[attr-defined]
        self.fields["unit"].initial = by.unit_id
        self.fields["received_on"].initial = timezone.localdate()
        self.fields["accused_unit"].queryset = accusable_units(by)  # type: ignore[attr-defined]

    @property
    def matter_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.about_matter]

    @property
    def accused_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.about_accused]

    @property
    def person_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.about_person]

    def clean_handlers(self) -> list[Officer]:
        return officers_numbered(self.cleaned_data["handlers"])

    def clean_accused_officer(self) -> Officer | None:
        return one_officer(self.cleaned_data["accused_officer"])

    def clean_about(self) -> Matter | None:
        return matter_numbered(self.cleaned_data["about"], self.by)

    def facts(self) -> dict[str, Any]:
        """What `services.register_complaint` is told."""
        entered = dict(self.cleaned_data)
        person = {name: entered.pop(name) for name in self.about_person}
        entered["handlers"] = [(officer, HandlingRole.LEGAL) for officer in entered["handlers"]]
        return {**entered, "complainant": person}


class ComplaintFileForm(forms.Form):
    """A register to import: it is read while the page waits and kept nowhere."""

    channel = forms.ChoiceField(label="渠道", choices=ComplaintChannel.choices)
    file = forms.FileField(label="文件（.csv、.xlsx）")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("文件超过 8 MiB，请只留投诉登记表，或者分成几个文件")
        if not file.name.lower().endswith((".csv", ".xlsx")):
            raise forms.ValidationError("请选择 .csv 或者 .xlsx 文件")
        return file


class WhyForm(forms.Form):
    """Why somebody looks at who complained."""

    reason = forms.CharField(label="查看理由", max_length=200)


# -- one form an act -------------------------------------------------------------------------------------------------


class ComplaintActForm(forms.Form):
    """What one act on a complaint is told besides who does it and when."""

    def __init__(self, *args: Any, complaint: Complaint, by: Officer, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Several forms stand on one page.
        self.auto_id = f"id_{type(self).__name__}_%s"
        self.complaint, self.by, self.at = complaint, by, at
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = self.offered(name)
            if name == "on":
                field.initial = timezone.localdate(at)
            field.widget.attrs.setdefault("autocomplete", "off")

    def offered(self, name: str) -> QuerySet[Any]:
        """The rows a choice of this form offers."""
        raise ValueError(name)


class NothingToSay(ComplaintActForm):
    """The act needs nothing said."""


class TellReceived(ComplaintActForm):
    on = forms.DateField(label="日期", widget=DAY)
    document_number = forms.CharField(label="文书号", max_length=80, required=False)


class AcceptComplaint(TellReceived):
    category = forms.ChoiceField(label="类别", choices=COMPLAINT_CATEGORIES, help_text="申诉求决自受理起六十日内答复")


class Find(ComplaintActForm):
    verdict = forms.ChoiceField(label="查实情况", choices=Verdict.choices)
    reason = forms.CharField(label="认定理由", widget=WORDS, max_length=2000)


class ReplyToComplaint(TellReceived):
    evaluation_asked = forms.BooleanField(label="已请投诉人评价", required=False)


class ExtendComplaint(ComplaintActForm):
    on = forms.DateField(label="批准日期", widget=DAY)
    approver = forms.ModelChoiceField(label="批准层级", queryset=ApproverLevel.objects.none(), empty_label="请选择")
    ground = forms.CharField(
        label="理由", max_length=100, initial="情况复杂", help_text="告知投诉人以后才算延长，没有告知的届满日不动"
    )

    def offered(self, name: str) -> QuerySet[Any]:
        return ApproverLevel.objects.filter(line="police")

    def clean_approver(self) -> str:
        level: ApproverLevel = self.cleaned_data["approver"]
        return level.code


class ReopenComplaint(ComplaintActForm):
    on = forms.DateField(label="日期", widget=DAY)
    why = forms.CharField(label="重新核查的理由", max_length=300)


class AskComplaintDisposal(ComplaintActForm):
    reason = forms.CharField(label="理由", max_length=200)


class OrderForComplaint(ComplaintActForm):
    problem = forms.ModelChoiceField(
        label="问题", queryset=Problem.objects.none(), empty_label="请选择", to_field_name="code"
    )
    text = forms.CharField(
        label="事实与要求", widget=WORDS, max_length=2000, help_text="只写查明的问题，不得让对方得知有人投诉"
    )
    workdays = forms.IntegerField(label="期限（工作日）", min_value=1, max_value=60, required=False)

    def offered(self, name: str) -> QuerySet[Any]:
        return Problem.objects.all()

    def clean_problem(self) -> str:
        problem: Problem = self.cleaned_data["problem"]
        return problem.code


class CloseComplaint(ComplaintActForm):
    on = forms.DateField(label="办结日期", widget=DAY)
    note = forms.CharField(label="说明", max_length=300, required=False, help_text="匿名而没有答复的要写明")


class HandlerForm(forms.Form):
    """Who is to handle one, and as what; a lead is assigned on the page of the petition."""

    officer = forms.CharField(label="警号", max_length=20)
    role = forms.ChoiceField(
        label="身份", choices=[choice for choice in HandlingRole.choices if choice[0] != HandlingRole.LEADER]
    )

    def clean_officer(self) -> Officer:
        found = one_officer(self.cleaned_data["officer"])
        if found is None:
            raise forms.ValidationError("请填写一个警号")
        return found


class NameHandler(HandlerForm, ComplaintActForm):
    """One more officer for a complaint."""


class AccuseInComplaint(ComplaintActForm):
    units = forms.ModelMultipleChoiceField(
        label="单位", queryset=Unit.objects.none(), required=False, widget=forms.SelectMultiple(attrs={"size": 6})
    )
    officers = forms.CharField(label="民警（警号）", max_length=200, required=False)

    def offered(self, name: str) -> QuerySet[Any]:
        return accusable_units(self.by)

    def clean_officers(self) -> list[Officer]:
        return officers_numbered(self.cleaned_data["officers"])

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if not entered.get("units") and not entered.get("officers"):
            raise forms.ValidationError("请写明被投诉的单位或者民警")
        return entered


class TakeIn(ComplaintActForm):
    into = forms.CharField(label="并入哪一件（编号）", max_length=64, help_text="只能并入您也经办的、尚未答复的投诉")

    def clean_into(self) -> Complaint:
        number = self.cleaned_data["into"].strip()
        found = complaints_of(self.by).filter(matter__number=number).first()
        if found is None:
            raise forms.ValidationError(f"您经办的投诉中没有编号“{number}”")
        return found


class SetApart(ComplaintActForm):
    likeness = forms.ModelChoiceField(label="疑似", queryset=ComplaintLikeness.objects.none(), empty_label="请选择")

    def offered(self, name: str) -> QuerySet[Any]:
        return complaint_likenesses_of(self.by, self.complaint).filter(state=SameState.SUGGESTED)
