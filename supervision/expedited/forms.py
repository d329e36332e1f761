"""What may be entered about the expedited procedure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils import timezone

from cases.desk.forms import CLOCK, DAY
from supervision.expedited.models import ExpeditedCase, Telling
from supervision.expedited.queries import known_of, stated_of
from supervision.expedited.rules import GROUNDS, MOST_TEXT, Answer, Fact

ANSWERS = ((Answer.UNKNOWN.value, "还不清楚"), (Answer.YES.value, "是"), (Answer.NO.value, "否"))


def at_of(day: Any, hour: Any) -> datetime:
    """The local moment of a day and an hour."""
    return datetime.combine(day, hour or time.min, tzinfo=ZoneInfo(settings.TIME_ZONE))


class FactsForm(forms.Form):
    """What the eligibility of a case depends on, as far as the record does not tell it (`known`)."""

    def __init__(self, *args: Any, known: Mapping[Fact, Answer], stated: Mapping[Fact, Answer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grounds = [ground for ground in GROUNDS if ground.fact not in known]
        for ground in self.grounds:
            self.fields[f"fact_{ground.fact.value}"] = forms.ChoiceField(
                label=ground.question,
                choices=ANSWERS,
                initial=stated.get(ground.fact, Answer.UNKNOWN).value,
                help_text=ground.citation,
            )

    def answers(self) -> dict[Fact, Answer]:
        return {ground.fact: Answer(self.cleaned_data[f"fact_{ground.fact.value}"]) for ground in self.grounds}


class ApplyForm(FactsForm):
    """Whether a case may be handled so; the arrival is asked where it is not on record (`arrived`)."""

    def __init__(self, *args: Any, arrived: bool, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not arrived:
            self.fields["day"] = forms.DateField(
                label="到案日期",
                widget=DAY,
                required=False,
                initial=timezone.localdate(at),
                help_text="四十八小时自到案起算",
            )
            self.fields["hour"] = forms.TimeField(label="到案时间", widget=CLOCK, required=False)

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if "day" in self.fields and bool(entered.get("hour")) != bool(entered.get("day")) and entered.get("hour"):
            self.add_error("day", "请填写到案日期")
        return entered

    def arrived_at(self) -> datetime | None:
        """The aware moment of the arrival, where both its day and its hour were entered."""
        day, hour = self.cleaned_data.get("day"), self.cleaned_data.get("hour")
        return at_of(day, hour) if day is not None and hour is not None else None

    @property
    def facts(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("fact_")]


# -- acts ----------------------------------------------------------------------------------------------------------------


class ActForm(forms.Form):
    """An act on one case; the fields are what its service is told besides."""

    def told(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class ConsentForm(ActForm):
    told_whom = forms.CharField(
        label="被告知人", max_length=60, initial="违法嫌疑人", help_text="写身份或者编号，不写姓名"
    )
    told_how = forms.ChoiceField(label="告知和确认方式", choices=Telling.choices)
    told_day = forms.DateField(label="告知日期", widget=DAY)
    told_hour = forms.TimeField(label="告知时间", widget=CLOCK)
    day = forms.DateField(label="同意日期", widget=DAY)
    hour = forms.TimeField(label="同意时间", widget=CLOCK)
    document = forms.CharField(label="告知确认文书号", max_length=80, required=False)

    def told(self) -> dict[str, Any]:
        entered = self.cleaned_data
        return {
            "told_whom": entered["told_whom"],
            "told_how": entered["told_how"],
            "told_at": at_of(entered["told_day"], entered["told_hour"]),
            "consented_at": at_of(entered["day"], entered["hour"]),
            "document": entered["document"],
        }


class DecideForm(ActForm):
    day = forms.DateField(label="决定日期", widget=DAY)
    hour = forms.TimeField(label="决定时间", widget=CLOCK)
    document = forms.CharField(label="决定文书号", max_length=80)

    def told(self) -> dict[str, Any]:
        entered = self.cleaned_data
        return {"decided_at": at_of(entered["day"], entered["hour"]), "document": entered["document"]}


class ConvertForm(ActForm):
    day = forms.DateField(label="转换日期", widget=DAY)
    hour = forms.TimeField(label="转换时间", widget=CLOCK)
    why = forms.CharField(label="原因", max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 2}))

    def told(self) -> dict[str, Any]:
        entered = self.cleaned_data
        return {"converted_at": at_of(entered["day"], entered["hour"]), "why": entered["why"]}


class StateForm(FactsForm, ActForm):
    """What is known of a case now."""

    def told(self) -> dict[str, Any]:
        return {"answers": self.answers()}


def facts_form(case: ExpeditedCase, data: Any, **kwargs: Any) -> StateForm:
    known = known_of([case.matter])[case.pk]
    return StateForm(data, known=known, stated=stated_of([case.pk]).get(case.pk, {}), **kwargs)


class JudgeForm(forms.Form):
    """What a person makes of a fault."""

    text = forms.CharField(
        label="核实意见",
        max_length=MOST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="不成立的必须写明理由",
    )
