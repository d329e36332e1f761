"""Items of a plan: adding one, looking at what it is drawn from, drawing it, and the record of the draw."""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.models import MatterKind
from supervision.inspections import services
from supervision.inspections.forms import ItemForm, SeedForm
from supervision.inspections.models import CheckState, Draw, ItemStep, PlannedItem
from supervision.inspections.pages.plans import DIRECTS, StepLine, directed_plan
from supervision.inspections.queries import checks_of, draw_again, inspectors_of, local_day, may_direct, plans_of
from supervision.inspections.services import InspectionRefused, Ready

MOST_SHOWN = 200


@page(DIRECTS, ("GET", "HEAD", "POST"))
def new(request: HttpRequest, pk: int) -> HttpResponse:
    officer, at = who(request), timezone.now()
    plan = directed_plan(request, pk)
    form = ItemForm(request.POST or None, by=officer, plan=plan, today=local_day(at))
    wrong = ""
    if request.method == "POST" and form.is_valid():
        try:
            services.add_item(plan=plan, wanted=form.wanted(), by=officer, at=at)
            messages.success(request, "已列入计划。")
            return redirect("inspections:plan", pk=pk)
        except InspectionRefused as refusal:
            wrong = str(refusal)
    return show(
        request,
        "inspections/new_item.html",
        title="列入抽查事项",
        trail=(
            ("双随机检查计划", reverse("inspections:plans")),
            (plan.title, reverse("inspections:plan", args=(pk,))),
        ),
        plan=plan,
        form=form,
        wrong=wrong,
        status=422 if form.errors or wrong else 200,
    )


@page("inspections.view_inspectionplan", ("GET", "HEAD", "POST"))
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """First what would be drawn from, unit by unit, and only then the draw; afterwards its record."""
    officer, at = who(request), timezone.now()
    rows = PlannedItem.objects.filter(plan__in=plans_of(officer)).select_related("plan__unit")
    row = get_object_or_404(rows, pk=pk)
    directs = may_direct(officer, row.plan)
    draw = Draw.objects.filter(item=row).select_related("drawn_by", "item__plan").first()
    form, wrong, ready = SeedForm(request.POST or None), "", None
    if request.method == "POST":
        if not directs:
            raise PermissionDenied
        if form.is_valid():
            try:
                drawn = services.draw_item(item=row, seed=form.cleaned_data["seed"], by=officer, at=at)
                messages.success(request, f"已抽取{drawn.number}，种子 {drawn.seed}。")
                return redirect("inspections:item", pk=pk)
            except InspectionRefused as refusal:
                wrong = str(refusal)
    if draw is None and directs and row.plan.is_open and not wrong:
        try:
            ready = services.look_before(row, at=at)
        except InspectionRefused as refusal:
            wrong = str(refusal)
    checks = checks_of(officer).filter(draw__item=row).select_related("draw", "target", "matter__kind", "unit")
    shown = list(checks.order_by("position")[:MOST_SHOWN])
    named = inspectors_of([one.pk for one in shown]) if directs else {}
    # Who has the frame and the seed knows what is drawn: open to all who may see the plan once nothing waits any more.
    told = directs or (draw is not None and not draw.checks.filter(state=CheckState.DRAWN).exists())
    return show(
        request,
        "inspections/item.html",
        title=row.name,
        trail=(
            ("双随机检查计划", reverse("inspections:plans")),
            (row.plan.title, reverse("inspections:plan", args=(row.plan_id,))),
        ),
        item=row,
        kinds=list(MatterKind.objects.filter(code__in=row.kinds).values_list("name", flat=True)),
        steps=[StepLine.of(one, local_day(at)) for one in ItemStep.objects.filter(item=row)],
        draw=draw if told else None,
        drawn=draw is not None,
        again=draw_again(draw) if draw is not None and directs and request.GET.get("again") else None,
        ready=ready,
        by_unit=_by_unit(ready) if ready is not None else (),
        form=form,
        wrong=wrong,
        checks=[(one, named.get(one.pk, ())) for one in shown],
        directs=directs,
        may_write=directs and row.plan.is_open,
        today=local_day(at),
        status=422 if wrong and request.method == "POST" else 200,
    )


def _by_unit(ready: Ready) -> list[tuple[str, int]]:
    """How many of the frame lie in each unit, in order of the tree."""
    counts = Counter(one.unit for one in ready.frame.candidates)
    units = sorted(ready.frame.units.values(), key=lambda unit: unit.path)
    return [(str(unit), counts[unit.code]) for unit in units]
