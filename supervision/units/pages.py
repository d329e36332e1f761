"""The pages of changes of units: the list, proposing, and one change with what it does and what may be done about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.queries import units_kept_by
from supervision.units import queries, services
from supervision.units.filters import UnitChangeFilter
from supervision.units.forms import DecisionForm, ProposalForm
from supervision.units.models import Kind, State, UnitChange
from supervision.units.services import UnitsRefused

EMPTY = Emptiness(
    "没有单位变动", "单位换上级、并入别的单位时，由系统管理员在这里提出，安全管理员批准，到生效日自动实施。"
)
PROPOSE = "units.add_unitchange"
TRAIL = (("单位变动", "units:changes"),)


@page("units.view_unitchange")
def changes(request: HttpRequest) -> HttpResponse:
    """The changes of units one keeps or supervises, the latest first."""
    officer = who(request)

    def dress(rows: list[UnitChange]) -> dict[str, Any]:
        for row in rows:
            row.now = State(row.state)  # type: ignore[attr-defined]
        return {}

    decides = (("等我批准的", "mine=decide"),) if officer.has_perm(queries.DECIDE) else ()
    return show_list(
        request,
        "units/changes.html",
        title="单位变动",
        filter_class=UnitChangeFilter,
        rows=queries.changes_of(officer).select_related("unit", "target", "former_parent", "proposer", "decider"),
        moment="proposed_at",
        descending=True,
        at=timezone.now(),
        empty=EMPTY,
        tabs=(("全部", ""), *decides, ("待实施", "state=approved"), ("已完成", "state=done")),
        dress=dress,
        may_propose=officer.has_perm(PROPOSE),
    )


@page(PROPOSE, ("GET", "HEAD", "POST"))
def propose(request: HttpRequest) -> HttpResponse:
    """A form; handing it in leads to the page that shows what the change would do."""
    officer, at = who(request), timezone.now()
    form = ProposalForm(request.POST if request.method == "POST" else None, by=officer, today=timezone.localdate(at))
    if request.method == "POST" and form.is_valid():
        try:
            row = services.propose_change(**form.cleaned_data, by=officer, at=at)
            messages.success(request, "已提出。请核对下面的影响，再请安全管理员批准。")
            return redirect("units:change", pk=row.pk)
        except UnitsRefused as refusal:
            form.add_error(None, str(refusal))
    return show(
        request,
        "units/propose.html",
        title="提出单位变动",
        trail=_trail(),
        status=422 if form.errors else 200,
        form=form,
    )


@page("units.view_unitchange", ("GET", "HEAD", "POST"))
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: what it does or did, who decided; deciding and withdrawing."""
    officer = who(request)
    rows = queries.changes_of(officer).select_related("unit", "target", "former_parent", "proposer", "decider")
    row = get_object_or_404(rows, pk=pk)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _act(request, row, form.cleaned_data["answer"]))
            return redirect("units:change", pk=pk)
        except UnitsRefused as refusal:
            form.add_error("answer", str(refusal))
    state = State(row.state)
    waits = state in (State.PROPOSED, State.APPROVED)
    return show(
        request,
        "units/change.html",
        title=str(row),
        trail=_trail(),
        status=422 if form.errors else 200,
        row=row,
        now=state,
        merger=row.kind == Kind.MERGER,
        # What the unit holds is told to those it belongs to: the other line sees it once it is theirs.
        effects=queries.effects_of(row) if waits and units_kept_by(officer).filter(pk=row.unit_id).exists() else None,
        named=queries.NAMED,
        form=form,
        may_decide=queries.waiting_for(officer).filter(pk=row.pk).exists(),
        may_withdraw=row.proposer_id == officer.pk and waits,
    )


def _act(request: HttpRequest, row: UnitChange, answer: str) -> str:
    officer, at = who(request), timezone.now()
    act = request.POST.get("act", "")
    if act == "withdraw":
        services.withdraw_change(change=row, by=officer)
        return "已撤回，单位没有变动。"
    if act not in ("approve", "refuse"):
        raise Http404
    if not officer.has_perm(queries.DECIDE):
        raise PermissionDenied
    if act == "approve":
        services.approve_change(change=row, answer=answer, by=officer, at=at)
        return f"已批准，{row.effective_on:%Y-%m-%d} 零时起由后台实施。"
    services.refuse_change(change=row, answer=answer, by=officer, at=at)
    return "已退回。"


def _trail() -> tuple[tuple[str, str], ...]:
    return tuple((text, reverse(name)) for text, name in TRAIL)
