"""What may be entered on the pages of archives."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q, QuerySet

from cases.desk.filtering import UnitChoice
from cases.desk.forms import DAY
from cases.models import Officer, Unit
from supervision.archives import rules
from supervision.archives.queries import units_open_to


class SearchForm(forms.Form):
    """Whose archive to open: an officer by number or name, or a unit."""

    q = forms.CharField(label="警号或姓名", max_length=40, required=False)
    unit = UnitChoice(label="单位", queryset=Unit.objects.none(), required=False, empty_label="全部")

    def __init__(self, *args: Any, by: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_open_to(by)  # type: ignore[attr-defined]
        self.fields["unit"].widget.choices = [("", "全部"), *self.fields["unit"].offered()]  # type: ignore[attr-defined]

    def narrow(self, people: QuerySet[Officer], units: QuerySet[Unit]) -> tuple[QuerySet[Officer], QuerySet[Unit]]:
        """Whom and what was asked for; nobody while a field is wrong."""
        if not self.is_valid():
            return people.none(), units.none()
        text, unit = self.cleaned_data["q"].strip(), self.cleaned_data["unit"]
        if text:
            people = people.filter(Q(police_number__startswith=text) | Q(name__contains=text))
        if unit is not None:
            people, units = people.filter(unit__path__startswith=unit.path), units.filter(path__startswith=unit.path)
        return people, units


class ReasonForm(forms.Form):
    """Why an archive is opened."""

    reason = forms.CharField(
        label="查阅理由",
        max_length=rules.MOST_REASON,
        help_text="先登记，后显示；被查阅的人看得到是谁、何时、因何查阅，所以不要写有人反映的情况和事项编号",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )


class ReplyForm(forms.Form):
    """What is said to an entry."""

    text = forms.CharField(
        label="陈述、申辩",
        max_length=rules.MOST_REPLY,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="提交后不能改，可以再写",
    )


class CorrectionForm(forms.Form):
    """What is wrong with an entry, and how it is."""

    text = forms.CharField(
        label="更正内容",
        max_length=rules.MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="原记录保留，更正显示在旁边",
    )


class PraiseForm(forms.Form):
    """Praise of an officer or a unit. The number keeps a form sent twice from being entered twice."""

    on = forms.DateField(label="日期", widget=DAY)
    text = forms.CharField(label="内容", max_length=rules.MOST_TEXT, widget=forms.Textarea(attrs={"rows": 3}))
    article = forms.CharField(label="依据（文件名称、文号）", max_length=200, required=False)
    number = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].initial = uuid4
