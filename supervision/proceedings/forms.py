"""What may be entered about disputes, reviews and transfers."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings

from cases.desk.filtering import UnitChoice
from cases.desk.forms import CLOCK, DAY, officer_numbered
from cases.models import Matter, Officer, Unit
from cases.queries import matters_of, units_of
from supervision.proceedings.models import Channel, Direction, Instance, Outcome, Review, Risk, Sort, Track

LONG = forms.Textarea(attrs={"rows": 3})


def day_field(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DAY, **more)


def text_field(label: str, most: int = 500, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=LONG, **more)


# -- a new one -------------------------------------------------------------------------------------------------------


class NewForm(forms.Form):
    """What every new matter of the room has; `by` says which units are offered."""

    number = forms.CharField(label="编号", max_length=64)
    title = forms.CharField(label="名称", max_length=200, required=False, help_text="写事情，不写当事人姓名")
    unit = UnitChoice(label="单位", queryset=Unit.objects.none(), empty_label="请选择")
    officer = forms.CharField(label="经办人警号", max_length=20, required=False)

    def __init__(self, *args: Any, by: Officer, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        unit = self.fields["unit"]
        assert isinstance(unit, UnitChoice)
        unit.queryset = units_of(by).filter(valid_until=None)
        unit.widget.choices = [("", "请选择"), *unit.offered()]
        unit.initial = by.unit_id
        self.fields["officer"].initial = by.police_number
        if "received_on" in self.fields:
            self.fields["received_on"].initial = today

    def clean_officer(self) -> Officer | None:
        number = self.cleaned_data["officer"].strip()
        return officer_numbered(number) if number else None

    def facts(self) -> dict[str, Any]:
        """What the service is told."""
        return dict(self.cleaned_data)


class DisputeForm(NewForm):
    received_on = day_field("登记日期")
    sort = forms.ChoiceField(label="纠纷类型", choices=Sort.choices)
    risk = forms.ChoiceField(label="风险等级", choices=Risk.choices, help_text="事情可能闹到多大，不评人")
    channel = forms.ChoiceField(label="来源", choices=Channel.choices)


class ReviewForm(NewForm):
    track = forms.ChoiceField(label="途径", choices=Track.choices)
    instance = forms.ChoiceField(label="审级", choices=Instance.choices, help_text="行政复议选“一审”")
    received_on = day_field("收到副本日期", help_text="答复期限自此起算")
    simplified = forms.BooleanField(label="复议适用简易程序（答复 5 个工作日）", required=False)
    body = forms.CharField(label="复议机关或者法院", max_length=80)
    act = forms.CharField(label="被复议、被诉的行为", max_length=200, help_text="决定名称和文书号，不写当事人姓名")
    against = forms.CharField(label="所涉案件编号", max_length=64, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].label = "作出该行为的单位"

    def clean_against(self) -> Matter | None:
        number = self.cleaned_data["against"].strip()
        if not number:
            return None
        found = list(matters_of(self.by).filter(number=number)[:2])
        if len(found) != 1:
            raise forms.ValidationError(f"没有找到编号为“{number}”的案件，或者不止一件；可以留空，在上一栏写明")
        return found[0]


class MomentMixin(forms.Form):
    """A day with an hour, from which hours are counted."""

    day = day_field("日期")
    hour = forms.TimeField(label="时间", widget=CLOCK)

    def moment(self) -> datetime:
        day, hour = self.cleaned_data["day"], self.cleaned_data["hour"]
        return datetime.combine(day, hour or time.min, tzinfo=ZoneInfo(settings.TIME_ZONE))


class TransferForm(NewForm, MomentMixin):
    field_order = ("number", "title", "unit", "officer", "direction", "agency", "day", "hour", "documents")

    direction = forms.ChoiceField(label="方向", choices=Direction.choices)
    agency = forms.CharField(label="对方机关", max_length=80)
    documents = text_field("移交材料", help_text="移送书、调查报告、物品清单、检验报告等")
    economic = forms.BooleanField(label="经济犯罪案件", required=False)
    incomplete = forms.BooleanField(label="材料不全（24 小时内通知补正）", required=False)
    elsewhere = forms.BooleanField(label="不属本机关管辖（24 小时内转送）", required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.fields["day"].initial = today

    def facts(self) -> dict[str, Any]:
        told = {name: value for name, value in self.cleaned_data.items() if name not in ("day", "hour")}
        return {**told, "handed_at": self.moment()}


NEW: dict[str, tuple[str, type[NewForm]]] = {
    "dispute": ("登记矛盾纠纷", DisputeForm),
    "review": ("登记复议诉讼", ReviewForm),
    "transfer": ("登记移送", TransferForm),
}


# -- acts ------------------------------------------------------------------------------------------------------------


class ActForm(forms.Form):
    """An act on one row; the fields are what its service is told besides."""

    def facts(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class DayForm(ActForm):
    on = day_field("日期")


class DocumentForm(DayForm):
    document_number = forms.CharField(label="文书号", max_length=80, required=False)


class MediationForm(DayForm):
    mediated_by = UnitChoice(label="调解单位", queryset=Unit.objects.none(), empty_label="请选择")

    def offer(self, by: Officer) -> None:
        unit = self.fields["mediated_by"]
        assert isinstance(unit, UnitChoice)
        unit.queryset = units_of(by).filter(valid_until=None)
        unit.widget.choices = [("", "请选择"), *unit.offered()]
        unit.initial = by.unit_id


class SettleForm(DayForm):
    result = text_field("化解结果")
    recheck_due_on = day_field("回访期限", help_text="这一天以前回访是否反复")


class UnsettledForm(DayForm):
    result = text_field("不成的原因和去向")


class RecheckForm(DayForm):
    held = forms.TypedChoiceField(
        label="是否反复",
        choices=(("yes", "没有反复"), ("no", "反复，重新调解")),
        coerce=lambda value: value == "yes",
    )
    result = text_field("回访情况", 300)


class SetHearingForm(DayForm):
    on = day_field("定于何日")
    head = forms.CharField(
        label="到场负责人警号",
        max_length=20,
        required=False,
        help_text="作出行为的机关的正职、副职或者分管负责人，下级单位的不算（行政诉讼法第三条、行政复议法第五十一条）；"
        "未定的留空，到时会提醒",
    )

    def start_from(self, review: Review) -> None:
        """What is set already, so that who moves the day or names another head enters only that."""
        head = review.hearing_head
        self.initial = {"on": review.hearing_set_on, "head": head.police_number if head is not None else ""}

    def clean_head(self) -> Officer | None:
        number = self.cleaned_data["head"].strip()
        return officer_numbered(number) if number else None


class HearingForm(DayForm):
    head_appeared = forms.TypedChoiceField(
        label="负责人出庭",
        choices=(("yes", "出庭"), ("no", "未出庭")),
        coerce=lambda value: value == "yes",
    )
    absence_reason = forms.CharField(label="未出庭的原因", max_length=300, required=False)


class EndReviewForm(DocumentForm):
    outcome = forms.ChoiceField(label="结果", choices=Outcome.choices)
    to_correct = text_field("需要纠正的事项", 240, required=False, help_text="撤销、变更、确认违法的必填")


class OpinionForm(DayForm):
    to_correct = text_field("需要纠正的事项", 240)


class CorrectionForm(DayForm):
    correction = text_field("纠正情况")


class SupplementForm(ActForm, MomentMixin):
    missing = text_field("缺少的材料")

    def facts(self) -> dict[str, Any]:
        return {"asked_at": self.moment(), "missing": self.cleaned_data["missing"]}


class RedirectForm(ActForm, MomentMixin):
    reason = text_field("转送给谁、为什么")

    def facts(self) -> dict[str, Any]:
        entered = self.cleaned_data
        return {"redirected_at": self.moment(), "on": entered["day"], "reason": entered["reason"]}


class RefuseForm(DayForm):
    reason = text_field("不接受的理由")
    returned_on = day_field("退回材料日期", required=False)


class AppealDecisionForm(DayForm):
    filed = forms.TypedChoiceField(
        label="复议决定",
        choices=(("no", "维持不予立案"), ("yes", "改为立案")),
        coerce=lambda value: value == "yes",
    )
    conclusion = text_field("复议结论", 300)


class ExplainForm(DayForm):
    text = text_field("说明的理由")


class FiledForm(DayForm):
    text = forms.CharField(label="立案决定书文号", max_length=80)


class PeriodForm(forms.Form):
    """A unit and the days of its figures."""

    unit = UnitChoice(label="单位", queryset=Unit.objects.none(), empty_label=None)
    first_on = day_field("自")
    last_on = day_field("至")

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitChoice)
        unit.queryset = units_of(by)
        unit.widget.choices = list(unit.offered())

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        first, last = entered.get("first_on"), entered.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", "止日早于起日")
        return entered
