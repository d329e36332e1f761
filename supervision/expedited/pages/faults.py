"""The faults: their list, and judging one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, who
from cases.desk.lists import Emptiness, show_list
from supervision.expedited import queries, services
from supervision.expedited.filters import FaultFilter
from supervision.expedited.forms import JudgeForm
from supervision.expedited.services import ExpeditedRefused

EMPTY = Emptiness(
    "没有快速办理问题",
    "登记时和每天早上自动核对：不应适用而适用、应转未转、未经同意、超过四十八小时的列在这里，由法制、督察核实。",
)


@page("expedited.view_fault")
def faults(request: HttpRequest) -> HttpResponse:
    if not request.GET:
        return redirect(f"{reverse('expedited:faults')}?state=found")
    return show_list(
        request,
        "expedited/faults.html",
        title="快速办理问题",
        filter_class=FaultFilter,
        rows=queries.faults_of(who(request)).select_related("case__matter__unit", "order", "judged_by"),
        moment="found_at",
        descending=True,
        at=timezone.now(),
        empty=EMPTY,
        tabs=(
            ("待核实", "state=found"),
            ("成立", "state=confirmed"),
            ("不成立", "state=dismissed"),
            ("全部", "state="),
        ),
    )


@page("expedited.judge_expedited", ("POST",))
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """It holds and is ordered to be put right, or it does not; either way back to the case."""
    officer, at = who(request), timezone.now()
    fault = get_object_or_404(queries.faults_of(officer).select_related("clock"), pk=pk)
    form = JudgeForm(request.POST)
    back = redirect("expedited:case", pk=fault.case_id)
    if not form.is_valid():
        messages.error(request, "没有办理：核实意见太长，请缩短。")
        return back
    text, verdict = form.cleaned_data["text"], request.POST.get("verdict")
    try:
        if verdict == "confirm":
            order = services.confirm_fault(fault=fault, text=text, by=officer, at=at)
            messages.success(request, f"已核实成立，整改 {order.number}，期限 {order.due_on:%Y-%m-%d}。")
        elif verdict == "dismiss":
            services.dismiss_fault(fault=fault, why=text, by=officer, at=at)
            messages.success(request, "已核实不成立。")
        else:
            messages.error(request, "没有办理：请选择成立或者不成立。")
    except ExpeditedRefused as refusal:
        messages.error(request, f"没有办理：{refusal}。")
    return back
