"""What may be entered about a petition. A form knows whose petition it is and offers nothing its officer may not see."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from cases.models import ApproverLevel, Barring, HandlingRole, Matter, Officer, Unit
from cases.models.feedback import Grade
from cases.queries import matters_of, units_of
from supervision.petitions import rules
from supervision.petitions.models import (
    Cause,
    Channel,
    Conclusion,
    Contact,
    Decision,
    Likeness,
    LikenessState,
    LookBack,
    MatterGrade,
    Measure,
    Meeting,
    Petition,
    Recheck,
    Service,
)
from supervision.petitions.queries import handlers_of, likenesses_of
from supervision.petitions.services import REMEDIES
from supervision.rectification.models import Problem

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
WORDS = forms.Textarea(attrs={"rows": 3})


def officers_numbered(text: str) -> list[Officer]:
    """The officers of these police numbers, however they are parted; refuses a number nobody has."""
    numbers = [number for number in re.split(r"[\s,，、;；]+", text.strip()) if number]
    known = {
        officer.police_number: officer
        for officer in Officer.objects.filter(police_number__in=numbers, is_active=True).select_related("unit")
    }
    if missing := [number for number in numbers if number not in known]:
        raise forms.ValidationError(f"没有警号为“{'、'.join(missing)}”的在用民警")
    return [known[number] for number in numbers]


def accusable_units(by: Officer) -> QuerySet[Unit]:
    """The units a complaint may be about: all of the registrar's city, as it may be about any of them."""
    root = by.unit.city if by.unit.city is not None else by.unit
    return Unit.objects.under(root).in_force().order_by("path")


class RegistrationForm(forms.Form):
    """A petition as it comes in."""

    channel = forms.ChoiceField(label="渠道", choices=Channel.choices)
    received_on = forms.DateField(label="收到日期", widget=DAY)
    subject = forms.CharField(
        label="反映事项", widget=WORDS, max_length=2000, help_text="只写事，不写信访人的姓名、住址"
    )
    grade = forms.ChoiceField(label="事项分级", choices=MatterGrade.choices)
    persons = forms.IntegerField(label="涉及人数", min_value=1, max_value=9999, initial=1)
    unit = forms.ModelChoiceField(label="办理单位", queryset=Unit.objects.none(), empty_label="请选择")
    handlers = forms.CharField(
        label="另行指定的经办人（警号）",
        max_length=200,
        required=False,
        help_text="登记人自动成为经办人，属于被反映单位的除外",
    )
    accused_units = forms.ModelMultipleChoiceField(
        label="被反映的单位",
        queryset=Unit.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text="可按住 Ctrl 选多个；这些单位的人从此看不到本件",
    )
    accused_officers = forms.CharField(label="被反映的民警（警号）", max_length=200, required=False)
    underlying = forms.CharField(label="所涉案件编号", max_length=64, required=False)
    address_unknown = forms.BooleanField(label="姓名（名称）、住址不清，无法告知", required=False)
    name = forms.CharField(label="姓名", max_length=60, required=False)
    identity = forms.CharField(label="证件号码", max_length=40, required=False)
    phone = forms.CharField(label="电话", max_length=30, required=False)
    address = forms.CharField(label="住址", max_length=200, required=False)

    about_matter = ("channel", "received_on", "subject", "grade", "persons", "unit", "handlers", "underlying")
    about_accused = ("accused_units", "accused_officers")
    about_person = ("name", "identity", "phone", "address")

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["unit"].queryset = units_of(by).in_force()  # type: ignore[attr-defined]
        self.fields["unit"].initial = by.unit_id
        self.fields["received_on"].initial = timezone.localdate()
        self.fields["accused_units"].queryset = accusable_units(by)  # type: ignore[attr-defined]

    def _shown(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def matter_fields(self) -> list[forms.BoundField]:
        return self._shown(self.about_matter)

    @property
    def accused_fields(self) -> list[forms.BoundField]:
        return self._shown(self.about_accused)

    @property
    def person_fields(self) -> list[forms.BoundField]:
        return self._shown(self.about_person)

    def clean_handlers(self) -> list[Officer]:
        return officers_numbered(self.cleaned_data["handlers"])

    def clean_accused_officers(self) -> list[Officer]:
        return officers_numbered(self.cleaned_data["accused_officers"])

    def clean_underlying(self) -> Matter | None:
        return matter_numbered(self.cleaned_data["underlying"], self.by)

    def facts(self) -> dict[str, Any]:
        """What `services.register` is told."""
        entered = self.cleaned_data
        return {
            "channel": entered["channel"],
            "received_on": entered["received_on"],
            "subject": entered["subject"],
            "grade": entered["grade"],
            "persons": entered["persons"],
            "unit": entered["unit"],
            "handlers": [(officer, HandlingRole.LEGAL) for officer in entered["handlers"]],
            "accused_units": list(entered["accused_units"]),
            "accused_officers": entered["accused_officers"],
            "underlying": entered["underlying"],
            "address_unknown": entered["address_unknown"],
            "petitioners": [{name: entered[name] for name in ("name", "identity", "phone", "address")}],
        }


def matter_numbered(number: str, by: Officer) -> Matter | None:
    """The ordinary matter of that number in the officer's sight; refuses a number that is none."""
    number = number.strip()
    if not number:
        return None
    found = matters_of(by).filter(number=number, restricted=False).first()
    if found is None:
        raise forms.ValidationError(f"您可以看到的案件中没有编号“{number}”")
    return found


class ReasonForm(forms.Form):
    """Why somebody looks at who is behind a petition."""

    reason = forms.CharField(label="查看理由", max_length=200)


# -- one form an act -------------------------------------------------------------------------------------------------


class ActForm(forms.Form):
    """What one act is told besides who does it and when."""

    def __init__(self, *args: Any, petition: Petition, by: Officer, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Several forms stand on one page.
        self.auto_id = f"id_{type(self).__name__}_%s"
        self.petition, self.by, self.at = petition, by, at
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = self.offered(name)
            if name == "on":
                field.initial = timezone.localdate(at)
            field.widget.attrs.setdefault("autocomplete", "off")

    def offered(self, name: str) -> QuerySet[Any]:
        """The rows a choice of this form offers."""
        if name in ("officer", "chair"):
            return Officer.objects.filter(pk__in=handlers_of(self.petition).values("officer"))
        if name == "approver":
            return ApproverLevel.objects.filter(line="police")
        raise ValueError(name)


class Nothing(ActForm):
    """The act needs nothing said."""


class OnDay(ActForm):
    on = forms.DateField(label="日期", widget=DAY)


class OnDayWithDocument(OnDay):
    document_number = forms.CharField(label="文书号", max_length=80, required=False)


class Decide(OnDayWithDocument):
    route = forms.ChoiceField(label="类别与途径", choices=[(r.code, f"{r.article}　{r.name}") for r in rules.ROUTES])
    grade = forms.ChoiceField(label="事项分级", choices=MatterGrade.choices)
    underlying = forms.CharField(label="所涉案件编号", max_length=64, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].initial = self.petition.grade

    def clean_underlying(self) -> Matter | None:
        return matter_numbered(self.cleaned_data["underlying"], self.by)


class Decline(OnDayWithDocument):
    reason = forms.CharField(label="理由", max_length=200)


class Extend(OnDay):
    approver = forms.ModelChoiceField(label="批准层级", queryset=ApproverLevel.objects.none(), empty_label="请选择")
    ground = forms.CharField(label="理由", max_length=100, initial="情况复杂")

    def clean_approver(self) -> str:
        level: ApproverLevel = self.cleaned_data["approver"]
        return level.code


class Answer(OnDayWithDocument):
    conclusion = forms.ChoiceField(label="结论", choices=Conclusion.choices)


class TakeEvaluation(ActForm):
    grade = forms.TypedChoiceField(label="评价", choices=Grade.choices, coerce=int)
    text = forms.CharField(label="意见", widget=WORDS, required=False)


class Resolve(OnDay):
    how = forms.CharField(label="化解情况", widget=WORDS, max_length=500)


class Reopen(OnDay):
    why = forms.CharField(label="重新办理理由", max_length=300)


class Remedy(OnDayWithDocument):
    step = forms.ChoiceField(label="步骤", choices=[(remedy.event, remedy.name) for remedy in REMEDIES])


class ByNumber(ActForm):
    officer = forms.CharField(label="警号", max_length=20)

    def clean_officer(self) -> Officer:
        found = officers_numbered(self.cleaned_data["officer"])
        if len(found) != 1:
            raise forms.ValidationError("请填写一个警号")
        return found[0]


class Lead(ByNumber):
    reason = forms.CharField(label="变更理由", max_length=200, required=False, help_text="首次确定可以不填")


class Handler(ByNumber):
    role = forms.ChoiceField(
        label="身份", choices=[choice for choice in HandlingRole.choices if choice[0] != HandlingRole.LEADER]
    )


class Recuse(ByNumber):
    reason = forms.CharField(label="利害关系", max_length=200)


class Release(ActForm):
    officer = forms.ModelChoiceField(label="经办人", queryset=Officer.objects.none(), empty_label="请选择")


class MakePlan(ActForm):
    aim = forms.CharField(label="化解目标与思路", widget=WORDS, max_length=2000)


class AddMeasure(ActForm):
    what = forms.CharField(label="措施", max_length=300)
    officer = forms.ModelChoiceField(label="责任人", queryset=Officer.objects.none(), empty_label="请选择")
    due_on = forms.DateField(label="完成期限", widget=DAY)


class FinishMeasure(ActForm):
    measure = forms.ModelChoiceField(label="措施", queryset=Measure.objects.none(), empty_label="请选择")
    result = forms.CharField(label="结果", max_length=300)

    def offered(self, name: str) -> QuerySet[Any]:
        return Measure.objects.filter(plan__petition=self.petition, done_at=None)


class PlanContact(ActForm):
    service = forms.ChoiceField(label="方式", choices=Service.choices)
    planned_on = forms.DateField(label="联系日期", widget=DAY)
    officer = forms.ModelChoiceField(label="联系人", queryset=Officer.objects.none(), empty_label="请选择")


class HoldContact(ActForm):
    contact = forms.ModelChoiceField(label="联系", queryset=Contact.objects.none(), empty_label="请选择")
    result = forms.CharField(label="结果", widget=WORDS, max_length=500)
    next_on = forms.DateField(label="下次联系日期", widget=DAY, required=False)
    next_service = forms.ChoiceField(label="下次方式", choices=Service.choices, required=False)

    def offered(self, name: str) -> QuerySet[Any]:
        return Contact.objects.filter(petition=self.petition, held_at=None)


class LookBackForm(ActForm):
    cause = forms.ChoiceField(label="原因", choices=Cause.choices)
    unit = forms.ModelChoiceField(label="责任单位", queryset=Unit.objects.none(), required=False, empty_label="无")
    officer = forms.CharField(label="责任民警（警号）", max_length=20, required=False)
    finding = forms.CharField(label="认定", widget=WORDS, max_length=2000)

    def offered(self, name: str) -> QuerySet[Any]:
        return accusable_units(self.by)

    def clean_officer(self) -> Officer | None:
        found = officers_numbered(self.cleaned_data["officer"])
        return found[0] if found else None


class OrderFault(ActForm):
    found = forms.ModelChoiceField(label="倒查", queryset=LookBack.objects.none(), empty_label="请选择")
    problem = forms.ModelChoiceField(
        label="问题", queryset=Problem.objects.none(), empty_label="请选择", to_field_name="code"
    )
    text = forms.CharField(
        label="事实与要求", widget=WORDS, max_length=2000, help_text="只写查明的问题，不得让对方得知有人反映"
    )
    workdays = forms.IntegerField(label="期限（工作日）", min_value=1, max_value=60, required=False)

    def offered(self, name: str) -> QuerySet[Any]:
        if name == "problem":
            return Problem.objects.all()
        return LookBack.objects.filter(petition=self.petition, ordered_at=None).exclude(unit=None)

    def clean_problem(self) -> str:
        problem: Problem = self.cleaned_data["problem"]
        return problem.code


class HoldMeeting(ActForm):
    held_on = forms.DateField(label="召开日期", widget=DAY)
    chair = forms.ModelChoiceField(label="主持人", queryset=Officer.objects.none(), empty_label="请选择")
    minutes = forms.CharField(label="会议纪要", widget=WORDS, max_length=4000)


class DecideAtMeeting(ActForm):
    meeting = forms.ModelChoiceField(label="调度会", queryset=Meeting.objects.none(), empty_label="请选择")
    what = forms.CharField(label="议定事项", max_length=300)
    officer = forms.ModelChoiceField(label="落实人", queryset=Officer.objects.none(), empty_label="请选择")
    reply_due_on = forms.DateField(label="回复期限", widget=DAY)

    def offered(self, name: str) -> QuerySet[Any]:
        return Meeting.objects.filter(petition=self.petition) if name == "meeting" else super().offered(name)


class Reply(ActForm):
    decision = forms.ModelChoiceField(label="议定事项", queryset=Decision.objects.none(), empty_label="请选择")
    text = forms.CharField(label="回复", widget=WORDS, max_length=500)

    def offered(self, name: str) -> QuerySet[Any]:
        return Decision.objects.filter(meeting__petition=self.petition, replied_at=None)


class RecheckForm(OnDay):
    recheck = forms.ModelChoiceField(label="复查", queryset=Recheck.objects.none(), empty_label="请选择")
    holds = forms.TypedChoiceField(
        label="结果", choices=(("yes", "仍然化解"), ("no", "未能保持，重新办理")), coerce=lambda value: value == "yes"
    )
    note_text = forms.CharField(label="情况", max_length=300)

    def offered(self, name: str) -> QuerySet[Any]:
        rows = Recheck.objects.filter(resolution__petition=self.petition, resolution__reopened_at=None, done_at=None)
        return rows.filter(due_on__lte=timezone.localdate(self.at))


class AddPetitioner(ActForm):
    name = forms.CharField(label="姓名", max_length=60)
    identity = forms.CharField(label="证件号码", max_length=40, required=False)
    phone = forms.CharField(label="电话", max_length=30, required=False)
    address = forms.CharField(label="住址", max_length=200, required=False)


class Accuse(ActForm):
    units = forms.ModelMultipleChoiceField(
        label="单位",
        queryset=Unit.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    officers = forms.CharField(label="民警（警号）", max_length=200, required=False)

    def offered(self, name: str) -> QuerySet[Any]:
        return accusable_units(self.by)

    def clean_officers(self) -> list[Officer]:
        return officers_numbered(self.cleaned_data["officers"])

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if not entered.get("units") and not entered.get("officers"):
            raise forms.ValidationError("请写明被反映的单位或者民警")
        return entered


class Lift(ActForm):
    barring = forms.ModelChoiceField(label="记录", queryset=Barring.objects.none(), empty_label="请选择")
    reason = forms.CharField(label="更正理由", max_length=200)

    def offered(self, name: str) -> QuerySet[Any]:
        return Barring.objects.in_force().filter(matter=self.petition.pk).select_related("unit", "officer")


class DecideLikeness(ActForm):
    likeness = forms.ModelChoiceField(label="疑似", queryset=Likeness.objects.none(), empty_label="请选择")
    state = forms.ChoiceField(
        label="结论",
        choices=[choice for choice in LikenessState.choices if choice[0] != LikenessState.SUGGESTED],
    )

    def offered(self, name: str) -> QuerySet[Any]:
        return likenesses_of(self.by, self.petition).filter(state=LikenessState.SUGGESTED)


class AskDisposal(ActForm):
    reason = forms.CharField(label="理由", max_length=200)
