"""What may be entered about a visit, and about rooms."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils import timezone

from cases.desk.filtering import UnitChoice
from cases.desk.forms import CLOCK, DAY
from cases.models import ApproverLevel, Matter, Officer, Unit
from cases.queries import units_of
from supervision.custody import rules
from supervision.custody.models import Basis, Centre, Room, RoomKind, Stage, StageKind, Visit
from supervision.custody.models.centre import MOST_CAPACITY
from supervision.custody.queries import cases_of, centres_of
from supervision.custody.rules import MOST_TEXT
from supervision.custody.services import Known

POLICE = "police"


def text_field(label: str, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 2}), **more)


def moment_of(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=ZoneInfo(settings.TIME_ZONE))


class GuardField(forms.CharField):
    """An officer by his police number; empty where nobody is on record."""

    def __init__(self) -> None:
        super().__init__(label="看管、办理人警号", max_length=20, required=False)

    def clean(self, value: Any) -> Officer | None:
        number = str(super().clean(value)).strip()
        if not number:
            return None
        found = Officer.objects.filter(police_number=number, is_active=True).first()
        if found is None:
            raise forms.ValidationError(f"没有警号为“{number}”的民警，请核对")
        return found


class RoomChoice(forms.ModelChoiceField):
    def label_from_instance(self, room: Any) -> str:
        return f"{room.name}（{room.get_kind_display()}，容纳 {room.capacity} 人）"


class EnterForm(forms.Form):
    """Somebody who is brought in; `by` says which cases and centres are known."""

    centre = forms.ModelChoiceField(label="办案中心", queryset=Centre.objects.none(), empty_label="请选择")
    basis = forms.ChoiceField(label="入区依据", choices=Basis.choices)
    case = forms.CharField(label="案件编号", max_length=64, required=False, help_text="继续盘问还没有案件的不填")
    name = forms.CharField(label="姓名", max_length=60, help_text="只留下第一个字，其余隐去")
    reference = forms.CharField(
        label="人员编号", max_length=40, help_text="手环号或者执法办案系统的人员编号，不填身份证号"
    )
    document = forms.CharField(label="传唤证等文书号", max_length=80, required=False)
    day = forms.DateField(label="到案日期", widget=DAY)
    hour = forms.TimeField(label="到案时间", widget=CLOCK, help_text="时限从到案起算")
    enter_day = forms.DateField(label="入区日期", widget=DAY)
    enter_hour = forms.TimeField(label="入区时间", widget=CLOCK)
    special = forms.BooleanField(
        label="怀孕或者哺乳不满一周岁婴儿的妇女、不满十六周岁、已满七十周岁", required=False,
        help_text="继续盘问的四小时以内盘问完毕，不得送入候问室",
    )  # fmt: skip
    examine = forms.BooleanField(label="受伤、患病、醉酒等需要健康检查", required=False)

    def __init__(self, *args: Any, by: Officer, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["centre"].queryset = centres_of(by)  # type: ignore[attr-defined]
        now = timezone.localtime(at)
        for day, hour in (("day", "hour"), ("enter_day", "enter_hour")):
            self.fields[day].initial = now.date()
            self.fields[hour].initial = now.time().replace(second=0, microsecond=0)

    def clean_case(self) -> Matter | None:
        number = self.cleaned_data["case"].strip()
        if not number:
            return None
        found = list(cases_of(self.by).filter(number=number).select_related("kind", "unit", "officer")[:2])
        if len(found) != 1:
            raise forms.ValidationError(f"没有找到编号为“{number}”的行政、治安或者刑事案件，或者不止一件")
        return found[0]

    def known(self) -> Known:
        told = self.cleaned_data
        plain = {name: told[name] for name in ("basis", "name", "reference", "document", "special", "examine")}
        return Known(
            arrived_at=moment_of(told["day"], told["hour"]),
            entered_at=moment_of(told["enter_day"], told["enter_hour"]),
            **plain,
        )


# -- acts ----------------------------------------------------------------------------------------------------------------


class ActForm(forms.Form):
    """An act on one visit at a moment, offered as now; the fields are what its service is told besides. `moment_name` is
    how the service calls the moment."""

    moment_name = ""

    day = forms.DateField(label="日期", widget=DAY)
    hour = forms.TimeField(label="时间", widget=CLOCK)

    def offer(self, visit: Visit, by: Officer, at: datetime) -> None:
        """Offer what suits the visit and the officer."""
        now = timezone.localtime(at)
        if "day" in self.fields:
            self.fields["day"].initial = now.date()
            self.fields["hour"].initial = now.time().replace(second=0, microsecond=0)
        if "guard" in self.fields:
            self.fields["guard"].initial = by.police_number
        if "room" in self.fields:
            rooms = Room.objects.filter(centre=visit.centre_id, closed_at=None)
            self.fields["room"].queryset = rooms  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        told = dict(self.cleaned_data)
        moment = moment_of(told.pop("day"), told.pop("hour"))
        return {**told, self.moment_name: moment}


def _kinds() -> forms.ChoiceField:
    return forms.ChoiceField(label="环节", choices=StageKind.choices)


def _rooms() -> RoomChoice:
    return RoomChoice(label="房间", queryset=Room.objects.none(), empty_label="请选择")


class BeginForm(ActForm):
    moment_name = "begun_at"
    field_order = ("kind", "room", "guard", "day", "hour")

    kind = _kinds()
    room = _rooms()
    guard = GuardField()


class FinishForm(ActForm):
    moment_name = "ended_at"

    recorded = forms.BooleanField(label="已同步录音录像", required=False)
    result = text_field("结果", required=False)


class MoveForm(ActForm):
    moment_name = "moved_at"
    field_order = ("room", "reason", "day", "hour")

    room = _rooms()
    reason = forms.CharField(label="事由", max_length=200)


class AddForm(ActForm):
    moment_name = "begun_at"
    field_order = ("kind", "room", "day", "hour", "end_day", "end_hour")

    kind = _kinds()
    room = _rooms()
    end_day = forms.DateField(label="结束日期", widget=DAY)
    end_hour = forms.TimeField(label="结束时间", widget=CLOCK)
    guard = GuardField()
    recorded = forms.BooleanField(label="已同步录音录像", required=False)
    result = text_field("结果", required=False)

    def facts(self) -> dict[str, Any]:
        told = super().facts()
        ended_at = moment_of(told.pop("end_day"), told.pop("end_hour"))
        return {**told, "ended_at": ended_at}


class ExtendForm(ActForm):
    moment_name = "approved_at"
    field_order = ("hours", "day", "hour", "document", "approver", "ground")

    hours = forms.TypedChoiceField(label="延长到", coerce=int, choices=())
    document = forms.CharField(label="批准文书号", max_length=80)
    approver = forms.ModelChoiceField(
        label="批准层级", queryset=ApproverLevel.objects.filter(line=POLICE), to_field_name="code", required=False,
        empty_label="没有记录",
    )  # fmt: skip
    ground = forms.CharField(label="理由", max_length=200, required=False)

    def offer(self, visit: Visit, by: Officer, at: datetime) -> None:
        super().offer(visit, by, at)
        case_kind = str(visit.matter.facts.get("case_kind", ""))
        known = rules.extensions(rules.Basis(visit.basis), case_kind=case_kind, special=visit.special)
        self.fields["hours"].choices = [(one, f"{one} 小时") for one in known]  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        told = super().facts()
        level = told.pop("approver")
        return {**told, "approver": level.code if level is not None else ""}


class FamilyForm(ActForm):
    moment_name = "told_at"

    text = text_field("通知的方式，或者不能通知的情形")


class LeaveForm(ActForm):
    moment_name = "left_at"

    outcome = text_field("离开时的处理", help_text="如：询问完毕离开、行政拘留、刑事拘留送看守所")


class CorrectForm(ActForm):
    moment_name = "moment"
    field_order = ("which", "day", "hour", "why")

    which = forms.ChoiceField(
        label="更正", choices=(("arrived", "到案时间"), ("entered", "入区时间"), ("left", "离开时间"))
    )
    why = text_field("更正的理由")


class StageChoice(forms.ModelChoiceField):
    def label_from_instance(self, stage: Any) -> str:
        return f"{stage.get_kind_display()} {timezone.localtime(stage.begun_at):%m-%d %H:%M}"


class VoidForm(ActForm):
    day = None  # type: ignore[assignment]
    hour = None  # type: ignore[assignment]
    stage = StageChoice(label="环节", queryset=Stage.objects.none(), empty_label="请选择")
    why = text_field("作废的理由")

    def offer(self, visit: Visit, by: Officer, at: datetime) -> None:
        super().offer(visit, by, at)
        self.fields["stage"].queryset = Stage.objects.filter(visit=visit, voided_at=None)  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class JudgeForm(forms.Form):
    """What a person makes of a fault."""

    text = text_field("核实意见", required=False, help_text="不成立的必须写明理由")


# -- rooms ---------------------------------------------------------------------------------------------------------------


class CentreForm(forms.Form):
    """A new centre; `by` says of which units."""

    unit = UnitChoice(label="所属单位", queryset=Unit.objects.none(), empty_label="请选择")
    name = forms.CharField(label="名称", max_length=60)

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitChoice)
        unit.queryset = units_of(by)


class RoomForm(forms.Form):
    """A new room of a centre whose unit the officer may see."""

    centre = forms.ModelChoiceField(label="办案中心", queryset=Centre.objects.none(), empty_label="请选择")
    name = forms.CharField(label="房间名称", max_length=60)
    kind = forms.ChoiceField(label="用途", choices=RoomKind.choices)
    capacity = forms.IntegerField(label="容纳人数", min_value=1, max_value=MOST_CAPACITY, initial=1)

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Centre.objects.filter(unit__in=units_of(by), closed_at=None)
        self.fields["centre"].queryset = rows  # type: ignore[attr-defined]
