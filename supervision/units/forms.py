"""What may be entered about changes of units."""

from __future__ import annotations

from datetime import date

from django import forms

from cases.models import Officer, Unit
from cases.queries import units_kept_by
from supervision.units.models import Kind


class ProposalForm(forms.Form):
    """Which unit goes where, from which day, and what document says so."""

    kind = forms.ChoiceField(label="种类", choices=Kind.choices)
    unit = forms.ModelChoiceField(label="变动的单位", queryset=Unit.objects.none(), empty_label="请选择")
    target = forms.ModelChoiceField(
        label="划归或者并入",
        queryset=Unit.objects.none(),
        empty_label="请选择",
        help_text="划转的填新的上级单位；撤并的填承接的单位",
    )
    effective_on = forms.DateField(
        label="生效日期",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="当天零时起，后台自动实施",
    )
    ground = forms.CharField(label="依据文号", max_length=80)

    def __init__(self, *args: object, by: Officer, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        kept = units_kept_by(by).filter(valid_until=None)
        self.fields["unit"].queryset = kept  # type: ignore[attr-defined]
        self.fields["target"].queryset = kept  # type: ignore[attr-defined]
        self.fields["effective_on"].initial = today


class DecisionForm(forms.Form):
    """What is said to a change; a refusal must say why."""

    answer = forms.CharField(
        label="意见",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="退回的必须写明理由",
    )
