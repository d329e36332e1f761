"""The four excesses: their list, and judging one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, who
from cases.desk.lists import Emptiness, show_list
from supervision.property import queries, services
from supervision.property.filters import ExcessFilter
from supervision.property.forms import JudgeForm
from supervision.property.services import PropertyRefused

EMPTY = Emptiness(
    "没有四超问题", "登记财物时和每天早上自动比对；系统比对得出的和须人工判断的都列在这里，由法制、督察核实。"
)


@page("property.view_excess")
def excesses(request: HttpRequest) -> HttpResponse:
    if not request.GET:
        return redirect(f"{reverse('property:excesses')}?state=found")
    officer = who(request)
    return show_list(
        request,
        "property/excesses.html",
        title="四超问题",
        filter_class=ExcessFilter,
        rows=queries.excesses_of(officer).select_related("item__matter__unit", "order", "judged_by"),
        moment="found_at",
        descending=True,
        at=timezone.now(),
        empty=EMPTY,
        tabs=(
            ("待核实", "state=found"),
            ("系统比对得出", "state=found&computed=yes"),
            ("须人工判断", "state=found&computed=no"),
            ("成立", "state=confirmed"),
            ("不成立", "state=dismissed"),
            ("全部", "state="),
        ),
    )


@page("property.judge_excess", ("POST",))
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """It holds and is ordered to be put right, or it does not; either way back to the item."""
    officer, at = who(request), timezone.now()
    excess = get_object_or_404(queries.excesses_of(officer).select_related("clock"), pk=pk)
    form = JudgeForm(request.POST)
    back = redirect("property:item", pk=excess.item_id)
    if not form.is_valid():
        messages.error(request, "没有办理：核实意见太长，请缩短。")
        return back
    text = form.cleaned_data["text"]
    try:
        if request.POST.get("verdict") == "confirm":
            order = services.confirm_excess(excess=excess, text=text, by=officer, at=at)
            messages.success(request, f"已核实成立，整改 {order.number}，期限 {order.due_on:%Y-%m-%d}。")
        else:
            services.dismiss_excess(excess=excess, why=text, by=officer, at=at)
            messages.success(request, "已核实不成立。")
    except PropertyRefused as refusal:
        messages.error(request, f"没有办理：{refusal}。")
    return back
