"""What may be entered about lists and holds."""

from __future__ import annotations

from django import forms

from cases.models import Matter, Officer
from cases.queries import matters_of
from supervision.retention.models import Kind

NO_MATTER = "没有这个编号的事项，或者您看不到它；请核对编号"
SEVERAL = "有几件事项是这个编号，请从事项页面上核对后联系法制部门"


class ProposalForm(forms.Form):
    """Which kind is to be listed."""

    kind = forms.ChoiceField(label="类别", choices=Kind.choices)


class DecisionForm(forms.Form):
    """What is said to a list; a refusal must say why."""

    answer = forms.CharField(
        label="意见",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="退回的必须写明理由",
    )


class HoldForm(forms.Form):
    """Which matter is to be put on hold, and why."""

    number = forms.CharField(label="事项编号", max_length=64)
    reason = forms.CharField(
        label="冻结理由", max_length=200, help_text="如复议、诉讼、赔偿、督察调查正在进行；解除须由另一人办理"
    )

    def __init__(self, *args: object, by: Officer, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.by = by

    def clean_number(self) -> Matter:
        """The matter of that number among those the officer may see."""
        found = list(matters_of(self.by).filter(number=self.cleaned_data["number"].strip())[:2])
        if len(found) != 1:
            raise forms.ValidationError(SEVERAL if found else NO_MATTER)
        return found[0]


class LiftForm(forms.Form):
    """Why a hold is lifted."""

    reason = forms.CharField(label="解除理由", max_length=200)
