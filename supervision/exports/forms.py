"""What may be entered about a request."""

from __future__ import annotations

from django import forms

from supervision.exports.rules import MOST_PURPOSE


class PurposeForm(forms.Form):
    """What an export is for."""

    purpose = forms.CharField(
        label="用途",
        max_length=MOST_PURPOSE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="导出后作什么用、交给谁、用完怎么处理；审批人和审计员看得到，不要写案情和当事人姓名",
    )


class DecisionForm(forms.Form):
    """What is said to a request; a refusal must say why."""

    answer = forms.CharField(
        label="审批意见",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="不同意的必须写明理由",
    )
