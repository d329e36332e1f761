"""What is asked of whoever acts on a warning."""

from datetime import date
from typing import Any

from django import forms

from supervision.alerts.services.acts import MOST_CHARACTERS
from supervision.rectification.models import Grade

_TEXT = forms.Textarea(attrs={"rows": 3})


class AcknowledgeForm(forms.Form):
    """A word about a warning."""

    prefix = "word"

    reason = forms.CharField(label="原因", max_length=MOST_CHARACTERS, widget=_TEXT, help_text="为什么现在还没有办结")
    next_on = forms.DateField(
        label="下次时间",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="到这一天还没有变化，预警继续上报",
    )

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["next_on"].widget.attrs["min"] = f"{today:%Y-%m-%d}"


class OrderForm(forms.Form):
    """An order about a warning."""

    prefix = "order"

    text = forms.CharField(label="事实与要求", max_length=2000, widget=_TEXT)
    grade = forms.ChoiceField(label="等级", choices=Grade.choices)
    workdays = forms.IntegerField(label="期限（工作日）", min_value=1, max_value=60)


class ManyOrdersForm(forms.Form):
    """What many orders have in common; each says itself what it is about."""

    prefix = "orders"

    grade = forms.ChoiceField(label="等级", choices=Grade.choices, initial=Grade.REMINDER)
    workdays = forms.IntegerField(label="期限（工作日）", min_value=1, max_value=60, initial=3)
    remark = forms.CharField(
        label="补充要求", max_length=500, required=False, widget=_TEXT, help_text="附在每一份整改通知之后，可以不填"
    )
