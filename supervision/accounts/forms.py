"""The forms of the room."""

from __future__ import annotations

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from supervision.accounts.services.factors import MOST_TEXT


class CodeForm(forms.Form):
    """Six digits of the phone, or a recovery code."""

    code = forms.CharField(
        label="验证码",
        max_length=40,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
        error_messages={"required": "请填写验证码"},
    )


class ResetForm(forms.Form):
    why = forms.CharField(label="理由", max_length=MOST_TEXT, error_messages={"required": "请写明重置的理由"})
