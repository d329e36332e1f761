"""What may be entered about property."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils import timezone

from cases.desk.filtering import UnitChoice
from cases.desk.forms import CLOCK, DAY
from cases.models import ApproverLevel, Matter, Officer, Unit
from cases.queries import units_of
from supervision.property.models import Asset, Item, Measure, Owner, Place
from supervision.property.queries import cases_of, places_of
from supervision.property.rules import MOST_TEXT
from supervision.property.services import Known

POLICE = "police"
SUMS: dict[str, Any] = {"max_digits": 16, "decimal_places": 2, "min_value": 0}


def text_field(label: str, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 2}), **more)


class ApproverField(forms.ModelChoiceField):
    """A level of the police that approves, by its code; empty where nobody is on record."""

    def __init__(self, **more: Any) -> None:
        rows = ApproverLevel.objects.filter(line=POLICE)
        super().__init__(
            queryset=rows, label="批准层级", to_field_name="code", empty_label="没有记录", **more
        )  # fmt: skip

    def clean(self, value: Any) -> str:
        found = super().clean(value)
        return found.code if found is not None else ""


class MomentForm(forms.Form):
    """A day with an hour, from which hours are counted."""

    day = forms.DateField(label="日期", widget=DAY)
    hour = forms.TimeField(label="时间", widget=CLOCK)

    def moment(self) -> datetime:
        day, hour = self.cleaned_data["day"], self.cleaned_data["hour"]
        return datetime.combine(day, hour or time.min, tzinfo=ZoneInfo(settings.TIME_ZONE))


# -- what is known of an item --------------------------------------------------------------------------------------------


class KnownForm(MomentForm):
    """What is known of an item when it is taken."""

    measure = forms.ChoiceField(label="措施", choices=Measure.choices)
    asset = forms.ChoiceField(label="财物类别", choices=Asset.choices, help_text="资金、证券、股权用冻结")
    owner = forms.ChoiceField(label="权属", choices=Owner.choices, initial=Owner.UNKNOWN)
    quantity = forms.CharField(label="数量和特征", max_length=200, required=False)
    value = forms.DecimalField(label="价值或者冻结数额（元）", required=False, **SUMS)
    document = forms.CharField(label="决定文书号", max_length=80, required=False)
    approver = ApproverField(required=False)
    on_spot = forms.BooleanField(
        label="当场采取",
        required=False,
        help_text="当场采取：行政案件 24 小时内报告并补办批准；刑事案件指现场勘查、搜查中由现场指挥人员决定",
    )
    valuable = forms.BooleanField(label="价值较高或者可能严重影响正常生产经营", required=False)
    necessity = forms.BooleanField(label="个人及其所扶养家属的生活必需品", required=False)
    held_elsewhere = forms.BooleanField(label="已被其他国家机关查封、冻结", required=False)
    major = forms.BooleanField(label="重大、复杂案件，冻结一年", required=False)

    @property
    def ticks(self) -> list[forms.BoundField]:
        """What is true of the item or not."""
        return [field for field in self if isinstance(field.field, forms.BooleanField)]

    def known(self) -> Known:
        told = {name: self.cleaned_data[name] for name in KnownForm.base_fields if name not in ("day", "hour")}
        return Known(taken_at=self.moment(), **told)


class CaseForm(KnownForm):
    """What is known of an item, and in which case it was taken; `by` says which cases are known."""

    field_order: tuple[str, ...] = ("case",)

    case = forms.CharField(label="所属案件编号", max_length=64)

    def __init__(self, *args: Any, by: Officer, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["day"].initial = timezone.localdate(at)

    def clean_case(self) -> Matter:
        number = self.cleaned_data["case"].strip()
        found = list(cases_of(self.by).filter(number=number).select_related("kind", "unit", "officer")[:2])
        if len(found) != 1:
            raise forms.ValidationError(f"没有找到编号为“{number}”的行政、治安或者刑事案件，或者不止一件")
        return found[0]


class NewForm(CaseForm):
    """An item that is taken in a case."""

    field_order = ("case", "number", "title", "measure", "asset", "day", "hour")

    number = forms.CharField(label="财物编号", max_length=64)
    title = forms.CharField(label="名称", max_length=200, help_text="写财物，不写当事人姓名")


# -- acts ----------------------------------------------------------------------------------------------------------------


class ActForm(forms.Form):
    """An act on one item; the fields are what its service is told besides."""

    def offer(self, item: Item, by: Officer) -> None:
        """Offer what suits the item and the officer."""

    def facts(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class _PlaceForm(ActForm):
    place = forms.ModelChoiceField(label="保管场所", queryset=Place.objects.none(), empty_label="请选择")

    def offer(self, item: Item, by: Officer) -> None:
        unit = item.matter.unit
        keeps = [one for one in (unit.pk, unit.station_id, unit.county_id, unit.city_id) if one]
        rows = places_of(by).filter(unit__in=keeps)
        if item.place_id is not None:
            rows = rows.exclude(pk=item.place_id)
        self.fields["place"].queryset = rows  # type: ignore[attr-defined]


class HandOverForm(_PlaceForm, MomentForm):
    def facts(self) -> dict[str, Any]:
        return {"place": self.cleaned_data["place"], "handed_at": self.moment()}


class MoveForm(_PlaceForm):
    reason = forms.CharField(label="事由", max_length=200)


class ReportForm(ActForm, MomentForm):
    approver = ApproverField()

    def facts(self) -> dict[str, Any]:
        return {"approver": self.cleaned_data["approver"], "reported_at": self.moment()}


class ExtendForm(ActForm):
    on = forms.DateField(label="批准日期", widget=DAY)
    document = forms.CharField(label="文书号", max_length=80)
    approver = ApproverField()
    major = forms.BooleanField(label="重大、复杂案件，续冻一年", required=False)

    def offer(self, item: Item, by: Officer) -> None:
        if not item.is_frozen or item.side != "criminal":
            del self.fields["major"]


class UnrelatedForm(ActForm):
    on = forms.DateField(label="查明日期", widget=DAY)
    reason = text_field("查明的情况")


class EndForm(ActForm, MomentForm):
    text = text_field("结果和文书号", help_text="退还清单、解除冻结通知书、处理物品清单等")

    def facts(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"], "ended_at": self.moment()}


class AmountForm(ActForm):
    amount = forms.DecimalField(label="涉案金额（元）", **SUMS)
    basis = forms.CharField(label="依据", max_length=200, help_text="如鉴定意见、审计报告、当事人陈述")


class JudgeForm(forms.Form):
    """What a person makes of an excess."""

    text = text_field("核实意见", required=False, help_text="不成立的必须写明理由")


class PlaceForm(forms.Form):
    """A new place; `by` says of which units."""

    unit = UnitChoice(label="所属单位", queryset=Unit.objects.none(), empty_label="请选择")
    name = forms.CharField(label="名称", max_length=60)

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitChoice)
        unit.queryset = units_of(by).filter(valid_until=None)
        unit.widget.choices = [("", "请选择"), *unit.offered()]
        unit.initial = by.unit.county_id or by.unit_id
