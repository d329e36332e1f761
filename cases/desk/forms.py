"""What may be entered at the desk."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet

from cases.models import ApproverLevel, Event, EventKind, HandlingRole, Limit, Matter, MatterKind, Officer, Unit
from cases.queries import kinds_of, units_of

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class EventForm(forms.Form):
    """An event that happened to a matter. Without a time of day only its day is on record."""

    kind = forms.ChoiceField(label="节点")
    on = forms.DateField(label="日期", widget=DAY)
    at_time = forms.TimeField(label="时间", widget=CLOCK, required=False, help_text="不填，则只记日期")
    document_number = forms.CharField(label="文书号", max_length=80, required=False)
    note = forms.CharField(label="备注", max_length=300, required=False)
    approver = forms.ModelChoiceField(
        label="批准层级",
        queryset=ApproverLevel.objects.all(),
        required=False,
        empty_label="未记录",
        to_field_name="code",
    )
    ground = forms.CharField(label="理由", max_length=100, required=False)
    tier = forms.ChoiceField(label="档次", required=False)
    amount = forms.IntegerField(label="批准数量", min_value=1, max_value=3650, required=False)
    sets_on = forms.DateField(label="文书确定的日期", widget=DAY, required=False)
    reference = forms.CharField(
        label="关联号", max_length=80, required=False, help_text="同一件物品、同一次鉴定的起止用同一号"
    )
    # The event this one corrects, if it does.
    voids = forms.IntegerField(required=False, widget=forms.HiddenInput)

    # Behind a button: only extensions, tiers and documents that set a date need them.
    rare = ("approver", "ground", "tier", "amount", "sets_on", "reference")

    def __init__(self, *args: Any, matter: Matter, limits: QuerySet[Limit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.matter = matter
        self.zone = ZoneInfo(matter.kind.zone)
        rules = [limit.rule() for limit in limits]
        heard = {kind for rule in rules for kind in rule.kinds_heard()}
        near: list[tuple[str, str]] = []
        far: list[tuple[str, str]] = []
        for kind in EventKind.objects.exclude(code="matter_transferred"):
            (near if kind.code in heard or kind.opens or kind.closes else far).append((kind.code, kind.name))
        groups: list[Any] = [("", "请选择")]
        if near:
            groups.append(("本类事项的节点", near))
        if far:
            groups.append(("其他节点", far))
        self.fields["kind"].choices = groups  # type: ignore[attr-defined]
        tiers = {tier.code: tier.condition or tier.code for rule in rules for tier in rule.tiers}
        self.fields["tier"].choices = [("", "无"), *sorted(tiers.items())]  # type: ignore[attr-defined]

    def clean_voids(self) -> Event | None:
        number = self.cleaned_data["voids"]
        if number is None:
            return None
        corrected = Event.objects.filter(pk=number, matter=self.matter, withdrawn_at=None).first()
        if corrected is None:
            raise forms.ValidationError("要更正的节点不在这件事项上，请回到事项页重新点“更正”")
        return corrected

    @property
    def corrected(self) -> Event | None:
        """The event that is being corrected."""
        number = self["voids"].value()
        if not str(number or "").isdigit():
            return None
        return Event.objects.select_related("kind").filter(pk=number, matter=self.matter).first()

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("document_number", "note")]

    @property
    def rare_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.rare]

    @property
    def rare_open(self) -> bool:
        return any(self[name].errors or self[name].value() for name in self.rare)

    def facts(self) -> dict[str, Any]:
        """What `cases.services.record_event` is told."""
        entered = self.cleaned_data
        day: date = entered["on"]
        hour: time | None = entered["at_time"]
        approver: ApproverLevel | None = entered["approver"]
        return {
            "kind": entered["kind"],
            "occurred_at": datetime.combine(day, hour or time.min, tzinfo=self.zone),
            "day_only": hour is None,
            "document_number": entered["document_number"],
            "note": entered["note"],
            "approver": approver.code if approver is not None else "",
            "ground": entered["ground"],
            "tier": entered["tier"],
            "amount": entered["amount"],
            "sets_on": entered["sets_on"],
            "reference": entered["reference"],
            "voids": entered["voids"],
        }


def as_entered(event: Event, zone: ZoneInfo) -> dict[str, Any]:
    """An event as its form would have been filled in, to be put right."""
    local = event.occurred_at.astimezone(zone)
    return {
        "kind": event.kind.code,
        "on": local.date(),
        "at_time": None if event.day_only else local.time().replace(microsecond=0),
        "voids": event.pk,
        **{
            name: getattr(event, name)
            for name in (*("document_number", "note", "approver", "ground", "tier", "amount", "sets_on", "reference"),)
        },
    }


class VoidForm(forms.Form):
    """Why an event is struck out."""

    reason = forms.CharField(label="作废理由", max_length=300, widget=forms.TextInput(attrs={"size": 24}))


class HandlerForm(forms.Form):
    """Somebody made responsible for a matter."""

    police_number = forms.CharField(label="警号", max_length=20)
    role = forms.ChoiceField(label="身份", choices=HandlingRole.choices)

    def clean_police_number(self) -> Officer:
        return officer_numbered(self.cleaned_data["police_number"])


def officer_numbered(number: str) -> Officer:
    """The officer of that police number; refuses one that nobody has, and an account out of use."""
    officer = Officer.objects.filter(police_number=number.strip(), is_active=True).first()
    if officer is None:
        raise forms.ValidationError(f"没有警号为“{number}”的在用民警")
    return officer


class MatterForm(forms.Form):
    """A matter entered by hand."""

    kind = forms.ModelChoiceField(label="种类", queryset=MatterKind.objects.none(), empty_label="请选择")
    number = forms.CharField(label="编号", max_length=64)
    title = forms.CharField(label="名称", max_length=200, required=False)
    unit = forms.ModelChoiceField(label="办案单位", queryset=Unit.objects.none(), empty_label="请选择")
    officer = forms.CharField(label="经办人警号", max_length=20, required=False)

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = kinds_of(by)  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units_of(by).filter(valid_until=None)  # type: ignore[attr-defined]
        self.fields["unit"].initial = by.unit_id
        self.fields["officer"].initial = by.police_number

    def clean_officer(self) -> Officer | None:
        number = self.cleaned_data["officer"].strip()
        return officer_numbered(number) if number else None
