"""What may be entered on the pages of the bulletins."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from cases.desk.forms import DAY
from cases.models import Officer, Unit
from cases.queries import units_of
from supervision.bulletins.models import Bulletin, BulletinKind
from supervision.bulletins.rules import Span, life
from supervision.campaigns.models import Campaign
from supervision.campaigns.queries import campaigns_of


class ComposeForm(forms.Form):
    """Of which unit and days a draft is to be composed."""

    unit = forms.ModelChoiceField(label="单位", queryset=Unit.objects.none(), empty_label="请选择")
    kind = forms.ChoiceField(label="种类", choices=BulletinKind.choices, initial=BulletinKind.MONTHLY)
    first = forms.DateField(
        label="起始日",
        widget=DAY,
        help_text="月通报、周点评填其中任意一天：月通报取所在月，周点评取所在周（周一至周日）",
    )
    last = forms.DateField(
        label="截止日（含）", widget=DAY, required=False, help_text="日监测、专题通报填；不填，则只有起始日一天"
    )
    title = forms.CharField(label="标题", max_length=120, required=False, help_text="专题通报填，其他种类不填")
    campaign = forms.ModelChoiceField(
        label="专项整治",
        queryset=Campaign.objects.none(),
        required=False,
        empty_label="不是专项整治的通报",
        help_text="专题通报可以选：写入该专项整治各单位的排查、超期、整改数和工作步骤",
    )

    def __init__(self, *args: Any, by: Officer, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_of(by).in_force()  # type: ignore[attr-defined]
        self.fields["campaign"].queryset = campaigns_of(by).order_by("-begun_at")  # type: ignore[attr-defined]
        self.fields["first"].initial = today.replace(day=1) - timedelta(days=1)

    @property
    def until(self) -> date:
        """The day after the last."""
        last: date = self.cleaned_data["last"] or self.cleaned_data["first"]
        return last + timedelta(days=1)

    def clean_last(self) -> date | None:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first is not None and last is not None and last < first:
            raise forms.ValidationError("截止日不能早于起始日")
        return last

    def clean(self) -> dict[str, Any]:
        entered: dict[str, Any] = super().clean() or self.cleaned_data
        if entered.get("kind") == BulletinKind.SPECIAL and not entered.get("title", "").strip():
            self.add_error("title", "专题通报要有标题")
        if entered.get("campaign") is not None and entered.get("kind") != BulletinKind.SPECIAL:
            self.add_error("campaign", "只有专题通报可以选专项整治；请把种类改为专题通报，或者不选")
        return entered

    @property
    def span(self) -> Span:
        """The days asked for, of a daily or special one."""
        return Span(self.cleaned_data["first"], self.until)


class ActForm(forms.Form):
    """An act on a bulletin as it was seen: `seen` is the revision, so that nobody signs what he has not read."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(ActForm):
    """One that needs a reason."""

    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class WrongForm(ActForm):
    """A correction."""

    wrong = forms.CharField(
        label="哪里有误",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写进更正通报的开头，收件人都会看到",
    )


class RemarksForm(ActForm):
    """The editor's texts, one a section."""

    def __init__(self, *args: Any, bulletin: Bulletin, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = [code for code in life.SECTIONS if code != "campaign" or bulletin.campaign_id]
        for code in self.sections:
            self.fields[f"section_{code}"] = forms.CharField(
                label=life.SECTIONS[code],
                required=False,
                max_length=life.REMARK_AT_MOST,
                initial=bulletin.remark(code),
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def shown(self) -> list[forms.BoundField]:
        return self.visible_fields()

    def texts(self) -> dict[str, str]:
        """What was entered, by section."""
        return {code: self.cleaned_data[f"section_{code}"] for code in self.sections}
