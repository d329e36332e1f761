"""Cases handled by the expedited procedure: their list, and one of them with what may be done to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import Clock, Matter
from supervision.expedited import queries
from supervision.expedited.acts import ACTS, act_named
from supervision.expedited.filters import CaseFilter
from supervision.expedited.forms import ActForm, JudgeForm
from supervision.expedited.models import CaseState, ExpeditedCase, Fault, Verdict
from supervision.expedited.pages.applying import CANDIDATES
from supervision.expedited.services import ExpeditedRefused
from supervision.rectification.queries import orders_of

EMPTY = Emptiness(
    "没有您可以看到的快速办理案件",
    "从“行政案件和快速办理”里选一件核对能否适用；导入时写明快速办理的，每天早上自动列入。",
)
HOME = ("快速办理", "expedited:cases")
CHANGES = "expedited.change_expeditedcase"


@page("expedited.view_expeditedcase")
def cases(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    if not request.GET:
        return redirect(f"{reverse('expedited:cases')}?state=open")

    def dress(rows: list[Matter]) -> dict[str, Any]:
        ids = [row.pk for row in rows]
        clocks: dict[int, Clock] = {}
        limits = queries.limits_of_the_procedure()
        for clock in Clock.objects.running().filter(matter__in=ids, limit__in=limits).select_related("limit"):
            clocks[clock.matter_id] = clock
        found = Fault.objects.to_judge().filter(case__in=ids).order_by()
        to_judge = dict(found.values_list("case").annotate(open_ones=Count("pk")))
        for row in rows:
            row.clock = clocks.get(row.pk)  # type: ignore[attr-defined]
            row.to_judge = to_judge.get(row.pk, 0)  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "expedited/cases.html",
        title="快速办理",
        filter_class=CaseFilter,
        rows=queries.cases_of(officer).select_related("kind", "unit", "officer", "expedited_case"),
        moment="opened_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=(
            ("快速办理中", "state=open"),
            ("情形待查明", "waiting=facts"),
            ("没有同意的记录", "waiting=consent"),
            ("已超过四十八小时", "waiting=overdue"),
            ("问题待核实", "waiting=judge"),
            ("已作出决定", "state=decided"),
            ("已转为一般程序", "state=converted"),
            ("全部", "state="),
        ),
        dress=dress,
        may_add=officer.has_perm("expedited.add_expeditedcase"),
        candidates=f"{reverse('expedited:matters')}?{CANDIDATES}",
    )


# -- one case ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """An act as the page offers it; `opened` where it was just refused, so that nothing entered is lost."""

    verb: str
    title: str
    form: ActForm
    opened: bool


def _seen(request: HttpRequest, pk: int) -> ExpeditedCase:
    """The case, if whoever asks may see it; otherwise there is no such page."""
    rows = queries.cases_of(who(request)).select_related("kind", "unit", "officer", "expedited_case__told_by")
    matter = get_object_or_404(rows.select_related("expedited_case__applied_by"), pk=pk)
    case: ExpeditedCase = matter.expedited_case
    case.matter = matter
    return case


@page("expedited.view_expeditedcase")
def case(request: HttpRequest, pk: int) -> HttpResponse:
    return _page_of(request, _seen(request, pk))


def _page_of(request: HttpRequest, case: ExpeditedCase, *, refused: tuple[str, ActForm] | None = None) -> HttpResponse:
    officer, at = who(request), timezone.now()
    matter = case.matter
    offers = []
    for act in ACTS if officer.has_perm(CHANGES) else ():
        again = refused is not None and refused[0] == act.verb
        if again or act.offered(case):
            form = refused[1] if refused is not None and again else act.form_of(case, None)
            offers.append(Offer(act.verb, act.title, form, again))
    faults = list(Fault.objects.filter(case=case).select_related("judged_by", "order").order_by("state", "pk"))
    orders = orders_of(officer).filter(pk__in=[one.order_id for one in faults if one.order_id])
    judges = officer.has_perm("expedited.judge_expedited") and matter.officer_id != officer.pk
    weighed = queries.eligibility_of([matter])[matter.pk]
    return show(
        request,
        "expedited/case.html",
        title=f"快速办理 {matter.number}",
        trail=((HOME[0], f"{reverse(HOME[1])}?state=open"),),
        status=200 if refused is None else 422,
        matter=matter,
        case=case,
        at=at,
        weighed=weighed,
        verdict=Verdict(weighed.verdict.value),
        must_convert=weighed.verdict.value == Verdict.MAY_NOT and case.state == CaseState.OPEN,
        arrival=queries.arrival_on(matter),
        clocks=queries.clocks_on(matter),
        steps=queries.steps_on(matter),
        faults=faults,
        judge=JudgeForm() if judges else None,
        orders_open=set(orders.values_list("pk", flat=True)),
        offers=offers,
    )


@page(CHANGES, ("POST",))
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do it if the form is filled in; refused, the page says why and keeps what was entered."""
    case = _seen(request, pk)
    act = act_named(verb)
    if act is None:
        raise Http404
    form = act.form_of(case, request.POST)
    if form.is_valid():
        try:
            act.perform(case, form.told(), by=who(request), at=timezone.now())
        except ExpeditedRefused as refusal:
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, f"已办理：{act.title}。")
            return redirect("expedited:case", pk=pk)
    return _page_of(request, case, refused=(verb, form))
