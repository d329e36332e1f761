"""The registers: what may be inspected, who inspects, and who keeps away from what."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from supervision.inspections import services
from supervision.inspections.filters import TargetFilter
from supervision.inspections.forms import InspectorForm, InterestForm, TargetForm
from supervision.inspections.models import Inspector, Interest
from supervision.inspections.pages.plans import DIRECTS
from supervision.inspections.queries import people_under, targets_of
from supervision.inspections.refusals import OUT_OF_AREA
from supervision.inspections.services import InspectionRefused

EMPTY = Emptiness("名录里还没有检查对象", "在本页登记旅馆、典当、保安服务等检查对象，抽取时从在名录的对象里抽。")


@page(DIRECTS, ("GET", "HEAD", "POST"))
def targets(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    form, wrong = TargetForm(request.POST or None, by=officer), ""
    if request.method == "POST" and form.is_valid():
        try:
            services.list_target(**form.cleaned_data, by=officer, at=at)
            messages.success(request, "已登记。")
            return redirect("inspections:targets")
        except InspectionRefused as refusal:
            wrong = str(refusal)
    return show_list(
        request,
        "inspections/targets.html",
        title="检查对象名录",
        filter_class=TargetFilter,
        rows=targets_of(officer).select_related("unit", "listed_by"),
        moment="listed_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=(("在名录", "listed=listed"), ("已移出", "listed=removed"), ("全部", "")),
        form=form,
        wrong=wrong,
    )


@page(DIRECTS, ("GET", "HEAD", "POST"))
def target(request: HttpRequest, pk: int) -> HttpResponse:
    """One target: who keeps away from it, and taking it out."""
    officer, at = who(request), timezone.now()
    row = get_object_or_404(targets_of(officer).select_related("unit", "listed_by", "removed_by"), pk=pk)
    asked = request.POST.get("act", "")
    officer_form = InspectorForm(request.POST if asked == "interest" else None)
    form = InterestForm(request.POST if asked == "interest" else None)
    wrong = ""
    if request.method == "POST":
        try:
            if asked == "remove":
                services.remove_target(target=row, by=officer, at=at)
                messages.success(request, "已移出名录。")
                return redirect("inspections:target", pk=pk)
            if asked != "interest":
                raise PermissionDenied
            if form.is_valid() and officer_form.is_valid():
                named = officer_form.cleaned_data["officer"]
                services.declare_interest(officer=named, target=row, why=form.cleaned_data["why"], at=at)
                messages.success(request, "已登记，以后不会抽到。")
                return redirect("inspections:target", pk=pk)
        except InspectionRefused as refusal:
            wrong = str(refusal)
    return show(
        request,
        "inspections/target.html",
        title=row.name,
        trail=(("检查对象名录", reverse("inspections:targets")),),
        target=row,
        interests=Interest.objects.filter(target=row).select_related("officer__unit").order_by("pk"),
        form=form,
        officer_form=officer_form,
        wrong=wrong,
        status=422 if wrong or form.errors or officer_form.errors else 200,
    )


@page(DIRECTS, ("GET", "HEAD", "POST"))
def inspectors(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    form, wrong = InspectorForm(request.POST or None), ""
    people = people_under(officer)
    if request.method == "POST" and form.is_valid():
        named = form.cleaned_data["officer"]
        try:
            if not people.filter(pk=named.pk).exists():
                raise InspectionRefused(OUT_OF_AREA)
            if request.POST.get("act") == "remove":
                services.remove_inspector(officer=named, by=officer, at=at)
                messages.success(request, f"{named}已移出名录。")
            else:
                services.list_inspector(officer=named, by=officer, at=at)
                messages.success(request, f"{named}已列入名录。")
            return redirect("inspections:inspectors")
        except InspectionRefused as refusal:
            wrong = str(refusal)
    rows = Inspector.objects.filter(officer__in=people, removed_at=None)
    return show(
        request,
        "inspections/inspectors.html",
        title="执法检查人员名录",
        trail=(("双随机检查计划", reverse("inspections:plans")),),
        rows=rows.select_related("officer__unit", "listed_by").order_by(
            "officer__unit__path", "officer__police_number"
        ),
        form=form,
        wrong=wrong,
        status=422 if wrong or form.errors else 200,
    )
