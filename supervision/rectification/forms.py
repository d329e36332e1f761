"""What may be entered about an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from cases.desk.forms import DAY, officer_numbered
from cases.models import Clock, Matter, Officer, Unit
from cases.queries import matters_of, units_of
from supervision.rectification.evidence import ACCEPTED
from supervision.rectification.models import Grade, Problem, Source
from supervision.rectification.refusals import NAMES_CLOSED_MATTER
from supervision.rectification.rules import MOST_WORKDAYS, Verb
from supervision.rectification.services import own_number

FILES_AT_MOST = 10
TOO_MANY_FILES = f"一次最多附 {FILES_AT_MOST} 个文件，请合并后再附"
_TEXT = forms.Textarea(attrs={"rows": 3})


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, none included."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > FILES_AT_MOST:
            raise forms.ValidationError(TOO_MANY_FILES)
        return [file for file in given if file]


class VerbForm(forms.Form):
    """One verb on one order, as the officer saw it: `seen` is the step it stood at."""

    verb: Verb
    title: str
    button: str
    danger = False

    seen = forms.IntegerField(widget=forms.HiddenInput())

    @property
    def fields_shown(self) -> list[forms.BoundField]:
        return self.visible_fields()

    def entered(self) -> Iterator[tuple[str, str]]:
        """What was written, by its label: so that nothing is lost where it could not be done."""
        for field in self.visible_fields():
            value = field.value()
            if isinstance(value, str) and value.strip():
                yield str(field.label), value


class ReplyForm(VerbForm):
    verb, title, button = Verb.REPLY, "答复", "提交答复"

    text = forms.CharField(label="整改情况", max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))
    evidence = FilesField(
        label="证据文件",
        required=False,
        widget=SeveralFiles(attrs={"accept": ",".join(ACCEPTED)}),
        help_text="可以一次选几个：PDF、JPG、PNG、Word、Excel。",
    )


class EndorseForm(VerbForm):
    verb, title, button = Verb.ENDORSE, "单位审核", "审核同意"

    text = forms.CharField(label="审核意见", max_length=1000, required=False, widget=_TEXT)


class ReturnForm(VerbForm):
    verb, title, button = Verb.RETURN, "退回重办", "退回"

    reason = forms.CharField(label="退回理由", max_length=1000, widget=_TEXT)


class VerifyForm(VerbForm):
    verb, title, button = Verb.VERIFY, "核验", "核验通过"

    text = forms.CharField(label="核验意见", max_length=1000, required=False, widget=_TEXT)


class ExtendForm(VerbForm):
    verb, title, button = Verb.EXTEND, "延期", "延期"

    due_on = forms.DateField(label="延期至", widget=DAY)
    approver = forms.CharField(label="批准人警号", max_length=20, help_text="监督范围内的法制民警或者局领导")
    reason = forms.CharField(label="延期理由", max_length=1000, widget=_TEXT)

    def clean_approver(self) -> Officer:
        return officer_numbered(self.cleaned_data["approver"])


class ReopenForm(VerbForm):
    verb, title, button = Verb.REOPEN, "重新整改", "要求重新整改"

    workdays = forms.IntegerField(label="期限（工作日）", min_value=1, max_value=MOST_WORKDAYS)
    reason = forms.CharField(label="理由", max_length=1000, widget=_TEXT)


class WithdrawForm(VerbForm):
    verb, title, button, danger = Verb.WITHDRAW, "撤销（不属实）", "撤销", True

    reason = forms.CharField(label="撤销理由", max_length=1000, widget=_TEXT)


class ReassignForm(VerbForm):
    verb, title, button = Verb.REASSIGN, "改派", "改派"

    unit = forms.ModelChoiceField(label="责任单位", queryset=Unit.objects.none(), empty_label="请选择")
    officer = forms.CharField(label="责任人警号", max_length=20, required=False, help_text="不填，由单位负责人答复")
    reason = forms.CharField(label="改派理由", max_length=1000, widget=_TEXT)

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def clean_officer(self) -> Officer | None:
        number: str = self.cleaned_data["officer"]
        return officer_numbered(number) if number.strip() else None


class ProblemChoice(forms.ModelChoiceField):
    """The catalogue, by kind of fault."""

    def grouped(self) -> list[tuple[str, Any]]:
        groups: dict[str, list[tuple[Any, str]]] = {}
        known: Sequence[Problem] = list(Problem.objects.all())
        for problem in known:
            words = f"{problem}（{problem.citation}，{problem.get_grade_display()}，{problem.workdays} 个工作日）"
            groups.setdefault(problem.fault, []).append((problem.pk, words))
        return [("", "请选择"), *groups.items()]


class OrderForm(forms.Form):
    """An order issued by hand, on a matter or without one."""

    problem = ProblemChoice(label="问题", queryset=Problem.objects.all())
    text = forms.CharField(label="查明的事实和整改要求", max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))
    unit = forms.ModelChoiceField(label="责任单位", queryset=Unit.objects.none(), empty_label="请选择")
    officer = forms.CharField(label="责任人警号", max_length=20, required=False, help_text="不填，由单位负责人答复")
    grade = forms.ChoiceField(label="等级", required=False, choices=[("", "按问题目录"), *Grade.choices])
    workdays = forms.IntegerField(
        label="期限（工作日）", required=False, min_value=1, max_value=MOST_WORKDAYS, help_text="不填，按问题目录"
    )
    clock = forms.ModelChoiceField(
        label="涉及的时限", queryset=Clock.objects.none(), required=False, empty_label="不涉及"
    )
    source = forms.ChoiceField(
        label="来源",
        # An order that somebody's complaint led to is raised from that petition, and says nothing of it.
        choices=[choice for choice in Source.told() if choice[0] != Source.ALERT],
        initial=Source.SUPERVISOR,
    )
    source_number = forms.CharField(
        label="来源编号",
        max_length=100,
        required=False,
        help_text="评查等的编号；不填，同一事项同一问题只能有一件未结。不要写信访、投诉举报的编号",
    )

    def __init__(self, *args: Any, by: Officer, matter: Matter | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.matter = by, matter
        self.fields["problem"].choices = self.fields["problem"].grouped()  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units_of(by).filter(valid_until=None)  # type: ignore[attr-defined]
        if matter is None:
            del self.fields["clock"]
            return
        self.fields["clock"].queryset = (  # type: ignore[attr-defined]
            Clock.objects.filter(matter=matter).select_related("limit").order_by("due_at", "pk")
        )
        self.fields["unit"].initial = matter.unit_id
        self.fields["officer"].initial = matter.officer.police_number if matter.officer is not None else ""

    def clean_officer(self) -> Officer | None:
        number: str = self.cleaned_data["officer"]
        return officer_numbered(number) if number.strip() else None

    def clean(self) -> dict[str, Any]:
        """Refuse what would name to whoever is ordered a matter that only its handlers see; asked of those he handles
        himself, so that nobody finds out here which numbers there are."""
        entered: dict[str, Any] = super().clean() or self.cleaned_data
        if self.matter is not None and self.matter.restricted:
            return entered
        closed = matters_of(self.by).filter(restricted=True).values_list("number", flat=True)
        for name in ("text", "source_number"):
            if any(number in entered.get(name, "") for number in closed):
                self.add_error(name, NAMES_CLOSED_MATTER)
        return entered

    def facts(self) -> dict[str, Any]:
        """What `services.issue_order` is told: the same form sent twice makes one order."""
        entered = self.cleaned_data
        problem, unit = entered["problem"], entered["unit"]
        return {
            "problem": problem,
            "text": entered["text"],
            "unit": unit,
            "officer": entered["officer"],
            "grade": entered["grade"] or None,
            "workdays": entered["workdays"],
            "clock": entered.get("clock"),
            "matter": self.matter,
            "source": entered["source"],
            "source_number": entered["source_number"].strip()
            or own_number(matter=self.matter, unit=unit, problem=problem),
        }
