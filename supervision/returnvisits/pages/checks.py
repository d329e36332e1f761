"""Checks of negative evaluations: their list, and one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.desk.words import Standing
from cases.models import Officer
from cases.queries import matters_of
from supervision.rectification.queries import orders_of
from supervision.returnvisits import services
from supervision.returnvisits.filters import CheckFilter
from supervision.returnvisits.forms import ConcludeForm, OfficerForm
from supervision.returnvisits.models import Check
from supervision.returnvisits.queries import checks_of, is_involved, local_day, reads_answers
from supervision.returnvisits.refusals import ReturnVisitRefused
from supervision.returnvisits.services.checking import Demand

EMPTY = Emptiness("没有负面评价核查", "回访中有人答“不满意”“很不满意”时，自动在这里列出，由法制部门或者督察核查。")
EMPTY_FOR_UNITS = Emptiness("没有核查结论", "对本单位的不满意评价核查完以后，结论和整改要求在这里列出。")


def standing_of(check: Check, at: datetime) -> Standing:
    """How a check stands: its finding, or how many days are left; a word, a sign, and only then a colour."""
    if not check.is_open:
        return Standing(check.found.label, check.found.sign, check.found.tone)
    left = (check.due_on - local_day(at)).days
    if left < 0:
        return Standing(f"超 {-left} 天", "■", "red")
    return Standing(f"剩 {left} 天" if left else "今天到期", "▲", "orange" if left <= 1 else "yellow")


@page("returnvisits.view_check")
def checks(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    reads = reads_answers(officer)

    def dress(rows: list[Check]) -> dict[str, Any]:
        for row in rows:
            row.standing = standing_of(row, at)  # type: ignore[attr-defined]
        return {"reads": reads}

    tabs = (
        (
            ("待核查", "finding=open"),
            ("由我核查的", "finding=open&mine=1"),
            ("还没有核查人", "finding=open&mine=none"),
            ("已超期", "late=1"),
            ("属实", "finding=upheld"),
            ("不属实", "finding=unfounded"),
            ("全部", ""),
        )
        if reads
        else (("属实", "finding=upheld"), ("不属实", "finding=unfounded"), ("全部", ""))
    )
    return show_list(
        request,
        "returnvisits/checks.html",
        title="负面评价核查",
        filter_class=CheckFilter,
        rows=checks_of(officer).select_related("visit__matter__kind", "visit__feedback", "unit", "checker", "order"),
        moment="due_at",
        descending=True,
        at=at,
        empty=EMPTY if reads else EMPTY_FOR_UNITS,
        tabs=tabs,
        dress=dress,
    )


@page("returnvisits.view_check", ("GET", "HEAD", "POST"))
def check(request: HttpRequest, pk: int) -> HttpResponse:
    officer, at = who(request), timezone.now()
    rows = checks_of(officer).select_related(
        "visit__round",
        "visit__matter__kind",
        "visit__feedback",
        "visit__unit",
        "unit",
        "checker",
        "concluded_by",
        "order",
    )
    row = get_object_or_404(rows, pk=pk)
    sheet = _Sheet(request, officer, row, at)
    if request.method == "POST" and (done := sheet.act()):
        messages.success(request, done)
        return redirect("returnvisits:check", pk=pk)
    reads = reads_answers(officer)
    return show(
        request,
        "returnvisits/check.html",
        title=f"核查 {row.visit.code}" if reads else f"核查结论 {row.visit.matter.number}",
        trail=(("负面评价核查", reverse("returnvisits:checks")),),
        check=row,
        visit=row.visit,
        standing=standing_of(row, at),
        reads=reads,
        sheet=sheet,
        matter_open=matters_of(officer).filter(pk=row.visit.matter_id).exists(),
        order_open=row.order_id is not None and orders_of(officer).filter(pk=row.order_id).exists(),
        status=422 if sheet.wrong else 200,
    )


class _Sheet:
    """The forms on the page of a check: those the officer may fill in as it stands."""

    def __init__(self, request: HttpRequest, officer: Officer, check: Check, at: datetime) -> None:
        self.request, self.officer, self.check, self.at = request, officer, check, at
        self.wrong = ""
        self.asked = request.POST.get("act", "") if request.method == "POST" else ""
        self.may = officer.has_perm("returnvisits.conclude_check") and reads_answers(officer)
        self.involved = self.may and is_involved(officer, check.visit.matter, check.visit.unit_id)
        mine = check.checker_id in (None, officer.pk)
        self.conclude: ConcludeForm | None = None
        self.hand: OfficerForm | None = None
        if self.may and check.is_open:
            if mine and not self.involved:
                posted = request.POST if self.asked == "conclude" else None
                self.conclude = ConcludeForm(posted)
            self.hand = OfficerForm(request.POST if self.asked == "hand" else None, auto_id="id_hand_%s")
        self.takes = self.conclude is not None and check.checker_id is None

    def act(self) -> str:
        """Do what was asked for; the sentence that says it was done, or nothing, with what is wrong."""
        if not self.may:
            raise PermissionDenied
        try:
            if self.asked == "take" and self.takes:
                services.assign_check(check=self.check, to=self.officer, by=self.officer, at=self.at)
                return "由您核查。"
            form: forms.Form | None = {"conclude": self.conclude, "hand": self.hand}.get(self.asked)
            if form is None:
                self.wrong = "这件核查的情况已经变了，请看过现在的情况再办"
                return ""
            if not form.is_valid():
                self.wrong = "没有办理，请改正标红的地方"
                return ""
            if self.asked == "hand":
                services.assign_check(check=self.check, to=form.cleaned_data["officer"], by=self.officer, at=self.at)
                return "已改由他人核查。"
            return self._conclude(form.cleaned_data)
        except ReturnVisitRefused as refusal:
            self.wrong = str(refusal)
            return ""

    def _conclude(self, entered: dict[str, Any]) -> str:
        upheld = entered["upheld"]
        demand = None
        if upheld:
            demand = Demand(entered["problem"], entered["order_text"], entered["grade"] or None, entered["workdays"])
        done = services.conclude_check(
            check=self.check, upheld=upheld, text=entered["text"], by=self.officer, at=self.at, demand=demand
        )
        return f"结论已登记，已下达{done.order.number}。" if done.order is not None else "结论已登记。"
