"""The pages of requests: asking, the list, and one request with what may be done about it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.audit.declared import EXPORTS
from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.desk.words import Standing as Mark
from supervision.exports import queries, services
from supervision.exports.filters import RequestFilter
from supervision.exports.forms import DecisionForm, PurposeForm
from supervision.exports.gate import read
from supervision.exports.models import ExportRequest, RequestState
from supervision.exports.rules import Standing, Why
from supervision.exports.services import ExportRefused

EMPTY = Emptiness("没有导出申请", "导出的行数多，或者内容敏感的，点“导出”就会转到申请页；申请以后列在这里。")
TRAIL = (("导出审批", "exports:requests"),)
MARKS = {
    Standing.ASKED: Mark("待审批", "○", "yellow"),
    Standing.USABLE: Mark("可以下载", "✓", "green"),
    Standing.EXPIRED: Mark("已过期", "—", "grey"),
    Standing.USED_UP: Mark("次数已用完", "—", "grey"),
    Standing.REFUSED: Mark("不同意", "✕", "red"),
    Standing.WITHDRAWN: Mark("已撤回", "↩", "grey"),
}


@page("exports.view_exportrequest")
def requests(request: HttpRequest) -> HttpResponse:
    """Requests: one's own, those one decides about, for the auditor all of his units."""
    officer, at = who(request), timezone.now()

    def dress(rows: list[ExportRequest]) -> dict[str, Any]:
        for row in rows:
            row.mark = MARKS[row.stands(at)]  # type: ignore[attr-defined]
        return {}

    decides = (("等我审批的", "mine=decide"),) if officer.has_perm(queries.DECIDE) else ()
    own = (("我申请的", "mine=1"),) if officer.has_perm("exports.add_exportrequest") else ()
    return show_list(
        request,
        "exports/requests.html",
        title="导出审批",
        filter_class=RequestFilter,
        rows=queries.requests_of(officer).select_related("asker", "unit", "decider"),
        moment="asked_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=(("全部", ""), *decides, *own, ("可以下载", "state=usable")),
        dress=dress,
    )


@page("exports.add_exportrequest", ("GET", "HEAD", "POST"))
def ask(request: HttpRequest) -> HttpResponse:
    """Where a button leads whose file may not leave at once: why, and what for."""
    officer, at = who(request), timezone.now()
    asked = read(request.GET.get("of", ""), officer)
    if asked is None:
        messages.error(request, "这次导出要重新提出：请回到原来的页面，再点一次导出。")
        return redirect("exports:requests")
    export, why = asked
    known = queries.same_export(officer, path=export.path, query=export.query, what=export.what)
    form = PurposeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.ask_export(export=export, why=why, purpose=form.cleaned_data["purpose"], by=officer, at=at)
            messages.success(request, "已提出申请。审批以后，收件箱和工作台里会告诉您。")
            return redirect("exports:request", pk=row.pk)
        except ExportRefused as refusal:
            form.add_error("purpose", str(refusal))
    return show(
        request,
        "exports/ask.html",
        title=f"申请导出{export.what}",
        trail=_trail(),
        status=422 if form.errors else 200,
        form=form,
        export=export,
        many=why is Why.MANY,
        before=queries.taken_freely(officer, at),
        freely=settings.EXPORT_ROWS_FREELY,
        sensitive=EXPORTS[export.what].sensitive if export.what in EXPORTS else "",
        waiting=known.filter(state=RequestState.ASKED).first(),
        outgrown=queries.usable(known, at).first(),
    )


@page("exports.view_exportrequest", ("GET", "HEAD", "POST"))
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what and what for, what became of it; deciding, withdrawing, and the way to the file."""
    officer, at = who(request), timezone.now()
    rows = queries.requests_of(officer).select_related("asker", "unit", "decider")
    row = get_object_or_404(rows, pk=pk)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _act(request, row, form.cleaned_data["answer"]))
            return redirect("exports:request", pk=pk)
        except ExportRefused as refusal:
            form.add_error("answer", str(refusal))
    stands = row.stands(at)
    own = row.asker_id == officer.pk
    return show(
        request,
        "exports/request.html",
        title=f"导出{row.what}",
        trail=_trail(),
        status=422 if form.errors else 200,
        row=row,
        mark=MARKS[stands],
        form=form,
        steps=row.steps.select_related("by"),
        left=row.downloads_allowed - row.downloads if row.downloads_allowed is not None else 0,
        may_take=own and stands is Standing.USABLE,
        may_withdraw=own and stands is Standing.ASKED,
        may_decide=queries.waiting_for(officer).filter(pk=row.pk).exists(),
    )


def _act(request: HttpRequest, row: ExportRequest, answer: str) -> str:
    officer, at = who(request), timezone.now()
    act = request.POST.get("act", "")
    if act == "withdraw":
        services.withdraw_request(request=row, by=officer, at=at)
        return "已撤回。"
    if act not in ("approve", "refuse"):
        raise Http404
    if not officer.has_perm(queries.DECIDE):
        raise PermissionDenied
    if act == "approve":
        services.approve_export(request=row, answer=answer, by=officer, at=at)
        return "已同意，申请人会收到通知。"
    services.refuse_export(request=row, answer=answer, by=officer, at=at)
    return "已记为不同意，申请人会收到通知。"


def _trail() -> tuple[tuple[str, str], ...]:
    return tuple((text, reverse(name)) for text, name in TRAIL)
