"""The pages of retention: what each kind is kept for and the lists of it, one list, and the holds."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from supervision.retention import queries, services
from supervision.retention.filters import DisposalListFilter, HoldFilter
from supervision.retention.forms import DecisionForm, HoldForm, LiftForm, ProposalForm
from supervision.retention.keeping import retention_rules
from supervision.retention.models import DisposalList, ListState
from supervision.retention.services import RetentionRefused

NO_LISTS = Emptiness("没有销毁清单", "法制民警选一类记录提出清单，列出超过留存期的；由另一人批准，再由后台执行。")
NO_HOLDS = Emptiness(
    "没有冻结的事项", "复议、诉讼、赔偿、调查期间要保住材料的，在这里按事项编号冻结，任何销毁都不会动它。"
)
PROPOSE = "retention.add_disposallist"
HOLD, LIFT = "retention.add_hold", "retention.lift_hold"
TRAIL = (("销毁清单", "retention:lists"),)


@page("retention.view_disposallist", ("GET", "HEAD", "POST"))
def lists(request: HttpRequest) -> HttpResponse:
    """The lists, and the rules they follow; POST proposes one."""
    officer, at = who(request), timezone.now()
    form = ProposalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not officer.has_perm(PROPOSE):
            raise PermissionDenied
        if form.is_valid():
            try:
                row = services.propose_list(kind=form.cleaned_data["kind"], by=officer, at=at)
                messages.success(request, f"已提出{row}，请由另一人批准。")
                return redirect("retention:list", pk=row.pk)
            except RetentionRefused as refusal:
                messages.error(request, f"没有提出：{refusal}。")
        else:
            messages.error(request, "没有提出：请选择类别。")
        return redirect("retention:lists")
    decides = (("等我批准的", "mine=decide"),) if officer.has_perm(queries.DECIDE) else ()
    return show_list(
        request,
        "retention/lists.html",
        title="销毁清单",
        filter_class=DisposalListFilter,
        rows=queries.lists_of(officer).select_related("unit", "proposer", "decider"),
        moment="proposed_at",
        descending=True,
        at=at,
        empty=NO_LISTS,
        tabs=(("全部", ""), *decides, ("已执行", "state=done")),
        form=form,
        rules=list(retention_rules().values()),
        may_propose=officer.has_perm(PROPOSE),
    )


@page("retention.view_disposallist", ("GET", "HEAD", "POST"))
def disposal(request: HttpRequest, pk: int) -> HttpResponse:
    """One list: what is on it and what became of it; deciding and withdrawing."""
    officer, at = who(request), timezone.now()
    row = get_object_or_404(queries.lists_of(officer).select_related("unit", "proposer", "decider"), pk=pk)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _act(request, row, form.cleaned_data["answer"]))
            return redirect("retention:list", pk=pk)
        except RetentionRefused as refusal:
            form.add_error("answer", str(refusal))
    items = list(row.items.all())
    return show(
        request,
        "retention/list.html",
        title=str(row),
        trail=tuple((text, reverse(name)) for text, name in TRAIL),
        status=422 if form.errors else 200,
        row=row,
        state=ListState(row.state),
        items=items,
        total=sum(item.count for item in items),
        form=form,
        at=at,
        may_decide=queries.waiting_for(officer).filter(pk=row.pk).exists(),
        may_withdraw=row.proposer_id == officer.pk and row.state == ListState.PROPOSED,
    )


def _act(request: HttpRequest, row: DisposalList, answer: str) -> str:
    officer, at = who(request), timezone.now()
    act = request.POST.get("act", "")
    if act == "withdraw":
        services.withdraw_list(disposal=row, by=officer)
        return "已撤回。"
    if act not in ("approve", "refuse"):
        raise Http404
    if not officer.has_perm(queries.DECIDE):
        raise PermissionDenied
    if act == "approve":
        services.approve_list(disposal=row, answer=answer, by=officer, at=at)
        return "已批准，后台下一轮执行；执行以后不能恢复。"
    services.refuse_list(disposal=row, answer=answer, by=officer, at=at)
    return "已退回。"


@page("retention.view_hold", ("GET", "HEAD", "POST"))
def holds(request: HttpRequest) -> HttpResponse:
    """The holds of matters the officer may see; POST puts one on hold."""
    officer, at = who(request), timezone.now()
    form = HoldForm(request.POST if request.method == "POST" else None, by=officer)
    if request.method == "POST":
        if not officer.has_perm(HOLD):
            raise PermissionDenied
        if form.is_valid():
            matter = form.cleaned_data["number"]
            try:
                services.hold_matter(matter=matter, reason=form.cleaned_data["reason"], by=officer, at=at)
                messages.success(request, f"已冻结 {matter.number}。")
                return redirect("retention:holds")
            except RetentionRefused as refusal:
                form.add_error("number", str(refusal))
    shown = show_list(
        request,
        "retention/holds.html",
        title="冻结",
        filter_class=HoldFilter,
        rows=queries.holds_of(officer).select_related("matter", "by", "lifted_by").defer("matter__facts"),
        moment="at",
        descending=True,
        at=at,
        empty=NO_HOLDS,
        tabs=(("全部", ""), ("冻结中", "state=yes"), ("已解除", "state=no")),
        form=form,
        may_hold=officer.has_perm(HOLD),
        may_lift=officer.has_perm(LIFT),
        me=officer,
    )
    if request.method == "POST":
        shown.status_code = 422
    return shown


@page(LIFT, ("POST",))
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a matter go again."""
    officer = who(request)
    row = get_object_or_404(queries.holds_of(officer).select_related("matter"), pk=pk)
    form = LiftForm(request.POST)
    try:
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        services.lift_hold(hold=row, reason=reason, by=officer, at=timezone.now())
        messages.success(request, f"已解除 {row.matter.number} 的冻结。")
    except RetentionRefused as refusal:
        messages.error(request, f"没有解除：{refusal}。")
    return redirect("retention:holds")
