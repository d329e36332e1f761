"""What the law leaves open: the questions, the answers that may be given, which one stands, and giving one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from cases.catalogue.answers import answers_standing
from cases.changes.refusals import InvalidProposal
from cases.desk.changes import proposed
from cases.desk.forms import DAY
from cases.desk.frame import page, show, who
from cases.models import Answer, ApproverLevel, ChangeKind, EventKind, Ladder, Limit, OpenQuestion
from cases.models.limit import LimitRollover
from cases.statute import limits as statute
from cases.statute.questions import Option, Standing


class AnswerForm(forms.Form):
    """An answer: which option, when it was decided and on what ground."""

    option = forms.ChoiceField(label="答复", widget=forms.RadioSelect)
    decided_on = forms.DateField(label="决定日期", widget=DAY)
    ground = forms.CharField(
        label="依据",
        max_length=300,
        help_text="文号、会议纪要或者批示",
        widget=forms.TextInput(attrs={"size": 48}),
    )

    def __init__(self, *args: Any, standing: Standing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = standing.question.options
        self.fields["option"].choices = [(one.code, one.text) for one in options]  # type: ignore[attr-defined]
        self.fields["option"].initial = standing.option.code
        self.fields["decided_on"].initial = timezone.localdate()


@page("cases.view_openquestion")
def questions(request: HttpRequest) -> HttpResponse:
    """All open questions; a few dozen at most, so it is one page."""
    standing = answers_standing()
    families = list(Limit.objects.values_list("code", "family"))
    asked = request.GET.get("state", "")
    rows = [
        (one, sum(one.question.concerns(code, family) for code, family in families))
        for one in standing
        if asked not in ("open", "answered") or (one.decided_on is None) is (asked == "open")
    ]
    return show(
        request,
        "desk/questions.html",
        title="待定问题",
        rows=rows,
        asked=asked,
        total=len(standing),
        unanswered=sum(one.decided_on is None for one in standing),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as the page shows it: whether it is chosen, and what it changes, limit by limit."""

    option: Option
    chosen: bool
    default: bool
    changes: list[tuple[str, str]]


@page("cases.view_openquestion", ("GET", "HEAD", "POST"))
def question(request: HttpRequest, code: str) -> HttpResponse:
    """One question. The answer a legal officer gives here is looked at as a change before it counts.

    What is refused is said above the form, which keeps its text.
    """
    officer = who(request)
    standing = next((one for one in answers_standing() if one.question.code == code), None)
    if standing is None:
        raise Http404
    row = OpenQuestion.objects.get(code=code)
    may_answer = officer.has_perms(("cases.add_answer", "cases.add_change"))
    form = AnswerForm(request.POST or None, standing=standing) if may_answer else None
    refusal = ""
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            entered = form.cleaned_data
            payload = {
                "question": code,
                "option": entered["option"],
                "ground": entered["ground"].strip(),
                "decided_on": entered["decided_on"].isoformat(),
            }
            try:
                return proposed(request, ChangeKind.ANSWER, payload)
            except InvalidProposal as refused:
                refusal = str(refused)
    limits = [limit for limit in Limit.objects.all() if standing.question.concerns(limit.code, limit.family)]
    names = _Names()
    return show(
        request,
        "desk/question.html",
        title=row.question,
        trail=(("待定问题", reverse("desk:questions")),),
        row=row,
        standing=standing,
        choices=[
            Choice(
                one,
                one.code == standing.option.code,
                one.code == standing.question.default,
                [(names.limit(target), names.fields(target, fields)) for target, fields in one.changes.items()],
            )
            for one in standing.question.options
        ],
        answers=[
            (answer, chosen.text if (chosen := standing.question.option(answer.option)) is not None else answer.option)
            for answer in Answer.objects.filter(question=row).select_related("by").order_by("-id")
        ],
        limits=limits,
        form=form,
        refusal=refusal,
    )


_FIELDS = {
    "starts": "起算节点",
    "stops": "终止节点",
    "restarts": "重新起算",
    "when": "适用情形",
    "length": "长度",
    "unit": "单位",
    "start_counted": "开始的日计入",
    "satisfied_before": "起算前已办算数",
    "tiers": "分档",
    "extensions": "延长",
    "ladder_in_order": "逐级延长",
    "pauses": "不计入",
    "delays": "推迟起算",
    "start_approvers": "起算的措施须经",
    "rollover": "末日遇节假日",
    "rollover_basis": "顺延依据",
    "custody": "限制人身自由",
    "calendar": "工作日历",
    "transition": "新旧衔接",
    "ladder": "预警阶梯",
}
_TRANSITIONS = {"running": "施行时未办结、未届满的改按本文本", "at_start": "按起算时的文本"}


class _Names:
    """Codes of the catalogue as their names, to say what an option changes."""

    def __init__(self) -> None:
        self.limits = dict(Limit.objects.values_list("code", "name"))
        self.units = dict(Limit.objects.values_list("code", "unit"))
        self.families = dict(Limit.objects.order_by("in_force_from").values_list("family", "name"))
        self.words = {
            **dict(EventKind.objects.values_list("code", "name")),
            **dict(ApproverLevel.objects.values_list("code", "name")),
            **dict(Ladder.objects.values_list("code", "name")),
        }

    def limit(self, target: str) -> str:
        if target in self.limits:
            return self.limits[target]
        name = self.families.get(target)
        return f"{name.partition('（')[0]}（各版本）" if name else target

    def fields(self, target: str, fields: Any) -> str:
        return "；".join(
            f"{_FIELDS.get(name, name)}：{self._value(target, name, value)}" for name, value in fields.items()
        )

    def _value(self, target: str, name: str, value: Any) -> str:
        if name == "rollover":
            return str(LimitRollover(value).label)
        if name == "unit":
            return statute.Unit(value).chinese
        if name == "transition":
            return _TRANSITIONS[value]
        if isinstance(value, bool):
            return "是" if value else "否"
        if name == "extensions":
            unit = self.units.get(target, statute.Unit.DAY.value)
            return "、".join(self._extension(one, statute.Unit(one.get("unit", unit))) for one in value)
        if not value:
            return "不限"
        if isinstance(value, list):
            return "、".join(self.words.get(str(one), str(one)) for one in value)
        return self.words.get(str(value), str(value))

    def _extension(self, one: Any, unit: statute.Unit) -> str:
        event = self.words.get(one["event"], one["event"])
        times = one.get("times", 1)
        often = "次数不限" if times == "unlimited" else f"{times} 次"
        given = one.get("approvers", ())
        levels = "、".join(
            self.words.get(str(level), str(level)) for level in ([given] if isinstance(given, str) else given)
        )
        return f"{event}，每次 {one['length']}{unit.chinese}，{often}{f'，须{levels}批准' if levels else ''}"
