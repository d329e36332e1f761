"""Forms: their list, and one of them with what the officer may do with it as it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.audit.handing import hand_out
from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import Officer
from cases.queries import matters_of
from supervision.rectification.queries import orders_of
from supervision.reviews import services
from supervision.reviews.filters import FormFilter
from supervision.reviews.forms import FindingRows, JudgementForm, ObjectionForm, OfficerForm
from supervision.reviews.models import FormState, Line, ReviewForm, ReviewFormQuerySet, ReviewStep
from supervision.reviews.papers import DOCX, form_paper
from supervision.reviews.queries import forms_of
from supervision.reviews.services import ReviewRefused, may_object

EMPTY = Emptiness("没有案件评查表", "抽取评查批次以后，每件案件一张表；评定以后，办案单位在这里看到结论。")
DECIDES = "reviews.decide_reviewform"


@page("reviews.view_reviewform")
def forms(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    directs = officer.has_perm(DECIDES)
    tabs = (
        (
            ("等我评查的", "mine=due"),
            ("待评查", "state=drawn"),
            ("待复评", "state=second"),
            ("异议等我裁定的", "mine=decide"),
            ("异议待裁定", "state=objected"),
            ("过错", "verdict=faulty"),
            ("全部", ""),
        )
        if directs
        else (("可以提出异议的", "mine=object"), ("已确定", "state=final"), ("全部", ""))
    )
    return show_list(
        request,
        "reviews/forms.html",
        title="案件评查表",
        filter_class=FormFilter,
        rows=forms_of(officer).select_related("round", "matter__kind", "unit", "reviewer", "second_reviewer"),
        moment="drawn_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=tabs,
        directs=directs,
    )


@page("reviews.view_reviewform", ("GET", "HEAD", "POST"))
def form(request: HttpRequest, pk: int) -> HttpResponse:
    officer, at = who(request), timezone.now()
    row = get_object_or_404(_whole(officer), pk=pk)
    lines = list(Line.objects.filter(form=row).select_related("by", "order", "struck_by"))
    sheet = _Sheet(request, officer, row, [one for one in lines if one.stands], at)
    if request.method == "POST" and (done := sheet.act()):
        messages.success(request, done)
        return redirect("reviews:form", pk=pk)
    named = _named(officer, row)
    orders = orders_of(officer).filter(pk__in=[one.order_id for one in lines if one.order_id])
    return show(
        request,
        "reviews/form.html",
        title=f"案件评查表 {row.matter.number}",
        trail=(("案件评查表", reverse("reviews:forms")),),
        form=row,
        lines=lines,
        sheet=sheet,
        items=row.round.check_items,
        named=named,
        told=row.state in FormState.told() or named,
        matter_open=matters_of(officer).filter(pk=row.matter_id).exists(),
        orders_open=set(orders.values_list("pk", flat=True)),
        steps=ReviewStep.objects.filter(form=row).select_related("by").order_by("-at", "-pk") if named else (),
        status=422 if sheet.wrong else 200,
    )


@page("reviews.view_reviewform")
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The form in Word."""
    officer = who(request)
    row = get_object_or_404(_whole(officer), pk=pk)
    lines = list(Line.objects.filter(form=row))
    content = form_paper(row, lines, named=_named(officer, row))
    about = f"reviews.reviewform:{row.pk}"
    return hand_out(request, content, name=f"review-{row.pk}.docx", content_type=DOCX, what="案件评查表", about=about)


def _whole(officer: Officer) -> ReviewFormQuerySet:
    return forms_of(officer).select_related(
        "round__template", "matter__kind", "unit", "officer", "reviewer", "second_reviewer", "objected_by", "decided_by"
    )


def _named(officer: Officer, row: ReviewForm) -> bool:
    """Whether the officer knows who reviews: who directs reviews, and the reviewers themselves."""
    return officer.has_perm(DECIDES) or officer.pk in (row.reviewer_id, row.second_reviewer_id)


class _Sheet:
    """The forms on the page: those the officer may fill in as it stands."""

    def __init__(
        self, request: HttpRequest, officer: Officer, row: ReviewForm, standing: list[Line], at: datetime
    ) -> None:
        self.request, self.officer, self.row, self.at = request, officer, row, at
        self.wrong = ""
        self.asked = request.POST.get("act", "") if request.method == "POST" else ""
        open_round = row.round.is_open
        first = open_round and row.state == FormState.DRAWN and row.reviewer_id == officer.pk
        second = open_round and row.state == FormState.SECOND and row.second_reviewer_id == officer.pk
        involved = officer.pk in (row.reviewer_id, row.second_reviewer_id, row.objected_by_id)
        directs = open_round and officer.has_perm(DECIDES)
        self.verb = "file" if first else "again" if second else ""
        self.rows: Any = None
        self.judgement: JudgementForm | None = None
        self.objection: ObjectionForm | None = None
        self.decision: JudgementForm | None = None
        self.hand: OfficerForm | None = None
        if self.verb and officer.has_perm("reviews.review_reviewform"):
            posted = request.POST if self.asked == self.verb else None
            self.rows = FindingRows(posted, prefix="row", form_kwargs={"items": row.round.check_items})
            self.judgement = JudgementForm(posted, lines=standing)
        if open_round and row.may_still_object(at) and may_object(officer, row):
            self.objection = ObjectionForm(request.POST if self.asked == "object" else None)
        if directs and row.state == FormState.OBJECTED and not involved:
            self.decision = JudgementForm(request.POST if self.asked == "decide" else None, lines=standing)
        if directs and officer.has_perm("reviews.add_reviewround") and row.state in (FormState.DRAWN, FormState.SECOND):
            self.hand = OfficerForm(request.POST if self.asked == "hand" else None, auto_id="id_hand_%s")

    def act(self) -> str:
        """Do what was asked for; the sentence that says it was done, or nothing, with what is wrong."""
        wanted: dict[str, django_forms.Form | None] = {
            "file": self.judgement if self.verb == "file" else None,
            "again": self.judgement if self.verb == "again" else None,
            "object": self.objection,
            "decide": self.decision,
            "hand": self.hand,
        }
        if self.asked not in wanted:
            raise PermissionDenied
        form = wanted[self.asked]
        if form is None:
            self.wrong = "这张表的情况已经变了，或者不由您办理；请看过现在的情况再办"
            return ""
        rows_valid = self.rows is None or self.asked not in ("file", "again") or self.rows.is_valid()
        if not (form.is_valid() and rows_valid):
            self.wrong = "没有办理，请改正标红的地方"
            return ""
        try:
            return self._do(form.cleaned_data)
        except ReviewRefused as refusal:
            self.wrong = f"没有办理：{refusal}"
            return ""

    def _do(self, entered: dict[str, Any]) -> str:
        same: dict[str, Any] = {"form": self.row, "by": self.officer, "at": self.at}
        if self.asked == "hand":
            services.give_form(to=entered["officer"], **same)
            return "已改由他人评查。"
        if self.asked == "object":
            row = services.object_to(text=entered["text"], **same)
            return f"异议已提出，{row.decision_until:%Y-%m-%d} 前由未参与评查的人裁定。"
        if self.asked == "decide":
            assert self.decision is not None
            row = services.decide_objection(strike=self.decision.struck(), text=entered["opinion"], **same)
            return f"已裁定：{row.get_verdict_display()}。查出的问题已下达整改。"
        assert self.judgement is not None
        found = [one for form in self.rows if (one := form.finding()) is not None]
        given = {"add": found, "strike": self.judgement.struck(), "opinion": entered["opinion"]}
        row = (services.file_form if self.asked == "file" else services.review_again)(**given, **same)
        return f"已提交：{row.score} 分，{row.get_verdict_display()}。现在是“{row.get_state_display()}”。"
