"""Plans: their list, making one, how one is getting on, and putting a step off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.milestones import Standing, days_over
from supervision.inspections import services
from supervision.inspections.filters import PlanFilter
from supervision.inspections.forms import MoveForm, PlanForm
from supervision.inspections.models import InspectionPlan, InspectionStep, ItemStep, PlannedItem
from supervision.inspections.queries import checks_of, local_day, may_direct, plans_of, progress_of, standing_of
from supervision.inspections.services import InspectionRefused

EMPTY = Emptiness("还没有双随机检查计划", "法制民警或者督察点“制定计划”，写明抽查什么、抽多少、各步什么时候办完。")
DIRECTS = "inspections.add_inspectionplan"


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step as the page shows it."""

    row: ItemStep
    at: Standing
    over_by: int

    @classmethod
    def of(cls, row: ItemStep, today: date) -> StepLine:
        return cls(row, standing_of(row, today), days_over(row.due_on, row.done_on, today))


@page("inspections.view_inspectionplan")
def plans(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()

    def dress(rows: list[InspectionPlan]) -> dict[str, Any]:
        progress = progress_of(rows, seen_by=officer, today=local_day(at))
        for row in rows:
            row.progress = progress[row.pk]  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "inspections/plans.html",
        title="双随机检查计划",
        filter_class=PlanFilter,
        rows=plans_of(officer).select_related("unit", "made_by"),
        moment="made_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=(("进行中", "state=open"), ("已结束", "state=closed"), ("全部", "")),
        dress=dress,
    )


@page(DIRECTS, ("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    form = PlanForm(request.POST or None, by=officer, today=local_day(at))
    wrong = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_plan(**form.cleaned_data, by=officer, at=at)
            messages.success(request, "计划已制定，请列入抽查事项。")
            return redirect("inspections:plan", pk=made.pk)
        except InspectionRefused as refusal:
            wrong = str(refusal)
    return show(
        request,
        "inspections/form.html",
        title="制定双随机检查计划",
        trail=(("双随机检查计划", reverse("inspections:plans")),),
        form=form,
        wrong=wrong,
        back=reverse("inspections:plans"),
        verb="制定",
        status=422 if form.errors or wrong else 200,
    )


def seen_plan(request: HttpRequest, pk: int) -> InspectionPlan:
    """A plan the officer may see, or nothing."""
    return get_object_or_404(plans_of(who(request)).select_related("unit", "made_by", "closed_by"), pk=pk)


def directed_plan(request: HttpRequest, pk: int) -> InspectionPlan:
    """A plan whose inspections the officer directs: seen from outside its unit it is read only."""
    row = seen_plan(request, pk)
    if not may_direct(who(request), row):
        raise PermissionDenied
    return row


@page("inspections.view_inspectionplan")
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    officer, today = who(request), timezone.localdate()
    row = seen_plan(request, pk)
    directs = may_direct(officer, row)
    items = list(PlannedItem.objects.filter(plan=row).select_related("draw").defer("draw__frame", "draw__away"))
    steps: dict[int, list[StepLine]] = {item.pk: [] for item in items}
    for step in ItemStep.objects.filter(item__plan=row).order_by("item", "due_on", "pk"):
        steps[step.item_id].append(StepLine.of(step, today))
    return show(
        request,
        "inspections/plan.html",
        title=row.title,
        trail=(("双随机检查计划", reverse("inspections:plans")),),
        plan=row,
        items=[(item, steps[item.pk]) for item in items],
        progress=progress_of([row], seen_by=officer, today=today)[row.pk],
        publish=checks_of(officer).waiting().filter(draw__item__plan=row).count(),
        directs=directs,
        may_write=directs and row.is_open,
        ledger=InspectionStep.objects.filter(plan=row, check_row=None)
        .select_related("item", "by")
        .order_by("-at", "-pk")
        if directs
        else (),
    )


@page(DIRECTS, ("GET", "HEAD", "POST"))
def move(request: HttpRequest, pk: int) -> HttpResponse:
    officer = who(request)
    step = get_object_or_404(
        ItemStep.objects.filter(item__plan__in=plans_of(officer)).select_related("item__plan"), pk=pk
    )
    directed_plan(request, step.item.plan_id)
    form = MoveForm(request.POST or None)
    wrong = ""
    if request.method == "POST" and form.is_valid():
        try:
            services.move_step(row=step, **form.cleaned_data, by=officer, at=timezone.now())
            messages.success(request, "已改期，原定日期和理由留在台账。")
            return redirect("inspections:plan", pk=step.item.plan_id)
        except InspectionRefused as refusal:
            wrong = str(refusal)
    address = reverse("inspections:plan", args=(step.item.plan_id,))
    return show(
        request,
        "inspections/form.html",
        title=f"{step.item}：{step.get_stage_display()}改期",
        trail=(("双随机检查计划", reverse("inspections:plans")), (step.item.plan.title, address)),
        form=form,
        wrong=wrong,
        back=address,
        verb="改期",
        note=f"现在的期限 {step.due_on:%Y-%m-%d}，原定 {step.first_due_on:%Y-%m-%d}。",
        status=422 if form.errors or wrong else 200,
    )


@page(DIRECTS, ("POST",))
def close(request: HttpRequest, pk: int) -> HttpResponse:
    row = directed_plan(request, pk)
    try:
        services.close_plan(plan=row, by=who(request), at=timezone.now())
        messages.success(request, "计划已结束。")
    except InspectionRefused as refusal:
        messages.error(request, f"没有结束：{refusal}。")
    return redirect("inspections:plan", pk=pk)
