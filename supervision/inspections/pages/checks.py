"""Inspections: their list with what is to be made public, and one of them with what the officer may do with it."""

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

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import Officer
from cases.queries import matters_of
from supervision.inspections import services
from supervision.inspections.filters import CheckFilter
from supervision.inspections.forms import AsideForm, FoundRows, PublishForm, ResultForm, WithholdForm
from supervision.inspections.models import Check, CheckInspector, CheckState, Finding, InspectionStep
from supervision.inspections.pages.plans import DIRECTS
from supervision.inspections.queries import checks_of, inspectors_of, local_day, may_direct
from supervision.inspections.services import InspectionRefused
from supervision.rectification.queries import orders_of

EMPTY = Emptiness("没有双随机检查", "计划里的事项抽取以后，每个抽中的对象在这里一行。")


@page("inspections.view_check")
def checks(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    directs = officer.has_perm(DIRECTS)

    def dress(rows: list[Check]) -> dict[str, Any]:
        named = inspectors_of([row.pk for row in rows]) if directs else {}
        for row in rows:
            row.named = [one for one in named.get(row.pk, ()) if one.stepped_aside_at is None]  # type: ignore[attr-defined]
        return {"today": local_day(at)}

    publish = (("待公示", "state=inspected"), ("公示超期", "late=1")) if directs else ()
    return show_list(
        request,
        "inspections/checks.html",
        title="双随机检查",
        filter_class=CheckFilter,
        rows=checks_of(officer).select_related("draw__item__plan", "target", "matter__kind", "unit"),
        moment="drawn_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=(("等我检查的", "mine=due"), *publish, ("发现问题", "outcome=faults"), ("全部", "")),
        dress=dress,
        directs=directs,
    )


@page("inspections.view_check", ("GET", "HEAD", "POST"))
def check(request: HttpRequest, pk: int) -> HttpResponse:
    officer, at = who(request), timezone.now()
    rows = checks_of(officer).select_related(
        "draw__item__plan__unit", "target", "matter__kind", "matter__officer", "unit", "recorded_by", "settled_by"
    )
    row = get_object_or_404(rows, pk=pk)
    sheet = Sheet(request, officer, row, at)
    if request.method == "POST" and (done := sheet.act()):
        messages.success(request, done)
        # Who stepped aside himself may see it no more.
        if not checks_of(officer).filter(pk=pk).exists():
            return redirect("inspections:checks")
        return redirect("inspections:check", pk=pk)
    findings = list(Finding.objects.filter(check_row=row).select_related("problem", "order"))
    open_orders = orders_of(officer).filter(pk__in=[one.order_id for one in findings if one.order_id])
    steps = InspectionStep.objects.filter(check_row=row).select_related("by").order_by("-at", "-pk")
    return show(
        request,
        "inspections/check.html",
        title=f"{row.number} {row.subject}",
        trail=(("双随机检查", reverse("inspections:checks")),),
        check=row,
        findings=findings,
        orders_open=set(open_orders.values_list("pk", flat=True)),
        matter_open=row.matter_id is not None and matters_of(officer).filter(pk=row.matter_id).exists(),
        inspectors=inspectors_of([row.pk])[row.pk] if sheet.directs or sheet.inspects else (),
        sheet=sheet,
        today=local_day(at),
        steps=steps if sheet.directs or sheet.inspects else (),
        status=422 if sheet.wrong else 200,
    )


class Sheet:
    """The forms on the page: those the officer may fill in as the inspection stands."""

    def __init__(self, request: HttpRequest, officer: Officer, row: Check, at: datetime) -> None:
        self.request, self.officer, self.row, self.at = request, officer, row, at
        self.wrong = ""
        self.asked = request.POST.get("act", "") if request.method == "POST" else ""
        open_plan = row.draw.item.plan.is_open
        self.directs = may_direct(officer, row.draw.item.plan)
        self.inspects = CheckInspector.objects.on_duty().filter(check_row=row, officer=officer).exists()
        self.result: ResultForm | None = None
        self.rows: Any = None
        self.aside: AsideForm | None = None
        self.publish: PublishForm | None = None
        self.withhold: WithholdForm | None = None
        today = local_day(at)
        if open_plan and row.state == CheckState.DRAWN:
            if self.inspects and officer.has_perm("inspections.record_check"):
                posted = request.POST if self.asked == "record" else None
                self.result = ResultForm(posted, initial={"inspected_on": today})
                self.rows = FoundRows(posted, prefix="row")
            if self.inspects or self.directs:
                initial = {"officer": officer.police_number if self.inspects else ""}
                posted = request.POST if self.asked == "aside" else None
                self.aside = AsideForm(posted, initial=initial, auto_id="id_aside_%s")
        if open_plan and self.directs and row.state == CheckState.INSPECTED:
            self.publish = PublishForm(request.POST if self.asked == "publish" else None, initial={"on": today})
            self.withhold = WithholdForm(request.POST if self.asked == "withhold" else None)

    def act(self) -> str:
        """Do what was asked for; the sentence that says it was done, or nothing, with what is wrong."""
        wanted: dict[str, django_forms.Form | None] = {
            "record": self.result,
            "aside": self.aside,
            "publish": self.publish,
            "withhold": self.withhold,
        }
        if self.asked not in wanted:
            raise PermissionDenied
        form = wanted[self.asked]
        if form is None:
            self.wrong = "这一件的情况已经变了，或者不由您办理；请看过现在的情况再办"
            return ""
        rows_valid = self.asked != "record" or self.rows.is_valid()
        if not (form.is_valid() and rows_valid):
            self.wrong = "没有办理，请改正标红的地方"
            return ""
        if self.asked == "aside" and not self.directs and form.cleaned_data["officer"] != self.officer:
            self.wrong = "没有办理：检查人员只能申请本人回避，要更换他人的请法制民警办理"
            return ""
        try:
            return self._do(form.cleaned_data)
        except InspectionRefused as refusal:
            self.wrong = f"没有办理：{refusal}"
            return ""

    def _do(self, entered: dict[str, Any]) -> str:
        same: dict[str, Any] = {"check": self.row, "by": self.officer, "at": self.at}
        if self.asked == "aside":
            services.step_aside(officer=entered["officer"], why=entered["why"], **same)
            return "已回避，由抽签次序的下一人接替。"
        if self.asked == "publish":
            services.publish_result(on=entered["on"], where=entered["where"], **same)
            return "已登记公示。"
        if self.asked == "withhold":
            services.withhold_result(why=entered["why"], **same)
            return "已记为不公示，理由留在台账。"
        found = [one for form in self.rows if (one := form.found()) is not None]
        row = services.record_result(findings=found, **entered, **same)
        said = f"，问题已下达整改 {len(found)} 件" if found else ""
        return f"已登记：{row.get_outcome_display()}{said}。请在 {row.publish_due_on:%Y-%m-%d} 前公示。"
