"""Visits: their list, one of them with what may be done about it, and the slip that is printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import Officer
from cases.queries import matters_of
from supervision.returnvisits import services
from supervision.returnvisits.filters import VisitFilter
from supervision.returnvisits.forms import AnswerForm, OfficerForm, WordForm
from supervision.returnvisits.models import Channel, Check, Visit, VisitState
from supervision.returnvisits.queries import checks_by_visit, grade_is_told, is_involved, reads_answers, visits_of
from supervision.returnvisits.refusals import ReturnVisitRefused
from supervision.returnvisits.rules import ATTEMPTS_BEFORE_GIVING_UP

EMPTY = Emptiness("没有回访", "抽取回访批次以后，抽中的事项在这里逐件回访。")


def _dressed(officer: Officer) -> Any:
    return visits_of(officer).select_related("round", "matter__kind", "unit", "caller", "feedback")


@page("returnvisits.view_visit")
def visits(request: HttpRequest) -> HttpResponse:
    officer = who(request)
    reads = reads_answers(officer)

    def dress(rows: list[Visit]) -> dict[str, Any]:
        checks = checks_by_visit(rows)
        for row in rows:
            row.inquiry = checks.get(row.pk)  # type: ignore[attr-defined]
            row.told = reads or grade_is_told(row, checks.get(row.pk))  # type: ignore[attr-defined]
        return {"open_to": _openable(officer, rows), "reads": reads}

    tabs = [
        ("待回访", "state=waiting"),
        ("已回访", "state=reached"),
        ("未联系上", "state=unreached"),
        ("不适用", "state=unfit"),
        ("全部", ""),
    ]
    if reads:
        tabs.insert(0, ("由我回访的", "state=waiting&mine=1"))
    return show_list(
        request,
        "returnvisits/visits.html",
        title="回访",
        filter_class=VisitFilter,
        rows=_dressed(officer),
        moment="drawn_at",
        descending=True,
        at=timezone.now(),
        empty=EMPTY,
        tabs=tabs,
        dress=dress,
    )


def _openable(officer: Officer, rows: list[Visit]) -> set[int]:
    ids = {row.matter_id for row in rows}
    return set(matters_of(officer).filter(pk__in=ids).values_list("pk", flat=True))


@page("returnvisits.view_visit", ("GET", "HEAD", "POST"))
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    officer, at = who(request), timezone.now()
    row: Visit = get_object_or_404(_dressed(officer), pk=pk)
    sheet = _Sheet(request, officer, row, at)
    if request.method == "POST" and (done := sheet.act()):
        messages.success(request, done)
        return redirect("returnvisits:visit", pk=pk)
    inquiry = Check.objects.filter(visit=row).select_related("checker").first()
    reads = reads_answers(officer)
    return show(
        request,
        "returnvisits/visit.html",
        title=row.code if reads else f"回访 {row.matter.number}",
        trail=(
            ("回访批次", reverse("returnvisits:rounds")),
            (row.round.number, reverse("returnvisits:round", args=(row.round_id,))),
        ),
        visit=row,
        inquiry=inquiry if reads or (inquiry is not None and not inquiry.is_open) else None,
        told=reads or grade_is_told(row, inquiry),
        reads=reads,
        involved=sheet.involved,
        sheet=sheet,
        open_to=_openable(officer, [row]),
        steps=row.steps.select_related("by").order_by("-at", "-pk") if reads else (),
        wrong=sheet.wrong,
        status=422 if sheet.wrong else 200,
    )


Act = Callable[[dict[str, Any]], object]


class _Sheet:
    """The forms on the page of a visit: those the officer may fill in as it stands."""

    def __init__(self, request: HttpRequest, officer: Officer, visit: Visit, at: datetime) -> None:
        self.request, self.officer, self.visit, self.at = request, officer, visit, at
        self.wrong = ""
        self.asked = request.POST.get("act", "") if request.method == "POST" else ""
        self.may = officer.has_perm("returnvisits.record_visit") and reads_answers(officer)
        self.involved = self.may and is_involved(officer, visit.matter, visit.unit_id)
        acts = self.may and not self.involved and visit.round.is_open
        waits = acts and visit.state == VisitState.WAITING
        answerable = acts and visit.state in VisitState.answerable()
        self.prints = answerable
        self.answer = self._form("answer", AnswerForm) if answerable else None
        self.attempt = self._word("attempt", "结果", "如：无人接听、号码停机、约定晚上再打") if waits else None
        enough = waits and visit.attempts >= ATTEMPTS_BEFORE_GIVING_UP
        self.give_up = self._word("give_up", "理由", "") if enough else None
        self.unfit = (
            self._word("unfit", "理由", "如：没有可问的人；涉及家庭暴力、未成年人，问了会给当事人带来风险")
            if waits
            else None
        )
        self.invalid = (
            self._word("invalid", "为什么无效", "不满意的评价，登记的人自己不能记为无效")
            if acts and visit.feedback is not None and visit.feedback.valid
            else None
        )
        self.hand = (
            self._form("hand", OfficerForm)
            if self.may and visit.round.is_open and visit.state == VisitState.WAITING
            else None
        )

    def _form(self, act: str, kind: type[forms.Form]) -> forms.Form:
        return kind(self.request.POST if self.asked == act else None, auto_id=f"id_{act}_%s")

    def _word(self, act: str, label: str, help_text: str) -> WordForm:
        posted = self.request.POST if self.asked == act else None
        return WordForm(posted, label=label, help_text=help_text, prefix=act)

    def act(self) -> str:
        """Do what was asked for; the sentence that says it was done, or nothing, with what is wrong."""
        if not self.may:
            raise PermissionDenied
        visit, by, at = self.visit, self.officer, self.at
        verbs: dict[str, tuple[forms.Form | None, Act, str]] = {
            "answer": (self.answer, self._record, "评价已登记。"),
            "attempt": (
                self.attempt,
                lambda entered: services.note_attempt(visit=visit, outcome=entered["word"], by=by, at=at),
                "已记下这次联系。",
            ),
            "give_up": (
                self.give_up,
                lambda entered: services.give_up(visit=visit, reason=entered["word"], by=by, at=at),
                "已记为未联系上；批次结束以前，对方仍可用短信或者二维码答复。",
            ),
            "unfit": (
                self.unfit,
                lambda entered: services.set_aside(visit=visit, reason=entered["word"], by=by, at=at),
                "已记为不适用。",
            ),
            "invalid": (
                self.invalid,
                lambda entered: services.invalidate_answer(visit=visit, reason=entered["word"], by=by, at=at),
                "评价已记为无效。",
            ),
            "hand": (
                self.hand,
                lambda entered: services.assign_visit(visit=visit, to=entered["officer"], by=by, at=at),
                "已改由他人回访。",
            ),
        }
        form, do, done = verbs.get(self.asked, (None, lambda entered: None, ""))
        if form is None:
            self.wrong = "这一件的情况已经变了，请看过现在的情况再办"
            return ""
        if not form.is_valid():
            self.wrong = "没有办理，请改正标红的地方"
            return ""
        try:
            do(form.cleaned_data)
        except ReturnVisitRefused as refusal:
            self.wrong = str(refusal)
            return ""
        return done

    def _record(self, entered: dict[str, Any]) -> object:
        why = entered["invalid_reason"].strip()
        return services.record_answer(
            visit=self.visit,
            channel=Channel.TELEPHONE,
            grade=entered["grade"],
            text=entered["text"],
            valid=not why,
            invalid_reason=why,
            by=self.officer,
            at=self.at,
        )


@page("returnvisits.record_visit", ("POST",))
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """A fresh slip to print, shown this once. Only the digest of its address stays behind."""
    officer, at = who(request), timezone.now()
    row: Visit = get_object_or_404(_dressed(officer), pk=pk)
    try:
        token = services.issue_slip(visit=row, by=officer, at=at)
    except ReturnVisitRefused as refusal:
        messages.error(request, f"没有打印：{refusal}。")
        return redirect("returnvisits:visit", pk=pk)
    path = f"{reverse('returnvisits:rate')}?{urlencode({'k': token})}"
    link = f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)
    response = show(
        request,
        "returnvisits/slip.html",
        title="评价二维码",
        trail=(
            ("回访批次", reverse("returnvisits:rounds")),
            (row.code, reverse("returnvisits:visit", args=(pk,))),
        ),
        visit=row,
        link=link,
        # Made of black and white squares by segno, of an address of our own making.
        picture=mark_safe(segno.make(link, error="m", micro=False).svg_inline(omitsize=True, border=4)),
    )
    response["Cache-Control"] = "no-store"
    return response
