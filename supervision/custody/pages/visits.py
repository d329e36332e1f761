"""Visits: their list, one of them with what may be done in it, and a new one."""

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
from cases.models import Matter
from cases.models.matter import MatterQuerySet
from cases.queries import matters_of, most_urgent
from supervision.custody import queries, rules, services
from supervision.custody.acts import ActForm, act_named, form_of, offered_on
from supervision.custody.filters import VisitFilter
from supervision.custody.forms import EnterForm, JudgeForm
from supervision.custody.models import Fault, Visit
from supervision.custody.services import CustodyRefused
from supervision.rectification.queries import orders_of

EMPTY = Emptiness("没有您可以看到的入区记录", "点右上角的“登记入区”录入；各单位的由办案单位登记。")
HOME = ("办案中心", "custody:live")
CHANGES = "custody.change_visit"


def _listed(rows: MatterQuerySet) -> MatterQuerySet:
    return rows.select_related("unit", "officer", "parent", "custody_visit__centre")


@page("custody.view_visit")
def visits(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()

    def dress(rows: list[Matter]) -> dict[str, Any]:
        urgent = most_urgent(rows)
        found = Fault.objects.standing().filter(visit__in=[row.pk for row in rows]).order_by()
        faults = dict(found.values_list("visit").annotate(number=Count("pk")))
        for row in rows:
            row.urgent = urgent.get(row.pk)  # type: ignore[attr-defined]
            row.faults = faults.get(row.pk, 0)  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "custody/visits.html",
        title="入区记录",
        filter_class=VisitFilter,
        rows=_listed(queries.visits_of(officer)),
        moment="opened_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=(
            ("全部", ""),
            ("区内", "state=inside"),
            ("超过时限", "amiss=over"),
            ("缺环节", "amiss=missing"),
            ("有空档", "amiss=gap"),
            ("问题待核实", "amiss=judge"),
        ),
        dress=dress,
        may_add=officer.has_perm("custody.add_visit"),
    )


# -- one visit -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """An act as the page offers it; `opened` where it was just refused, so that nothing entered is lost."""

    verb: str
    title: str
    form: ActForm
    danger: bool
    opened: bool


def _seen(request: HttpRequest, pk: int) -> tuple[Matter, Visit]:
    """The matter and its visit, if whoever asks may see it; otherwise there is no such page."""
    rows = _listed(queries.visits_of(who(request))).select_related("kind", "parent__kind")
    matter = get_object_or_404(rows, pk=pk)
    visit: Visit = matter.custody_visit
    visit.matter = matter
    return matter, visit


@page("custody.view_visit")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    return _page_of(request, *_seen(request, pk))


def _page_of(
    request: HttpRequest, matter: Matter, visit: Visit, *, refused: tuple[str, ActForm] | None = None
) -> HttpResponse:
    officer, at = who(request), timezone.now()
    stages = queries.stages_on(visit)
    now = next((one for one in stages if one.ended_at is None and one.voided_at is None), None)
    offers = []
    for act in offered_on(visit, now) if officer.has_perm(CHANGES) else ():
        again = refused is not None and refused[0] == act.verb
        form = refused[1] if refused is not None and again else form_of(act, visit, None, by=officer, at=at)
        offers.append(Offer(act.verb, act.title, form, act.danger, again))
    facts = queries.facts_of([visit], at)[visit.pk]
    faults = list(Fault.objects.filter(visit=visit).select_related("judged_by", "order").order_by("state", "pk"))
    orders = orders_of(officer).filter(pk__in=[one.order_id for one in faults if one.order_id])
    judges = officer.has_perm("custody.judge_fault") and matter.officer_id != officer.pk
    return show(
        request,
        "custody/visit.html",
        title=f"入区 {matter.number}",
        trail=((HOME[0], reverse(HOME[1])), ("入区记录", reverse("custody:visits"))),
        status=200 if refused is None else 422,
        matter=matter,
        visit=visit,
        at=at,
        until=visit.left_at or at,
        stages=stages,
        missing=rules.missing(facts),
        gaps=rules.gaps(facts, at),
        clocks=queries.clocks_on(matter),
        steps=queries.steps_on(visit),
        faults=faults,
        judge=JudgeForm() if judges else None,
        orders_open=set(orders.values_list("pk", flat=True)),
        case_open=matter.parent_id is not None and matters_of(officer).filter(pk=matter.parent_id).exists(),
        offers=offers,
    )


@page(CHANGES, ("POST",))
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do it if the form is filled in; refused, the page says why and keeps what was entered."""
    matter, visit = _seen(request, pk)
    officer, at = who(request), timezone.now()
    act = act_named(verb)
    if act is None:
        raise Http404
    form = form_of(act, visit, request.POST, by=officer, at=at)
    if form.is_valid():
        try:
            act.perform(visit, form.facts(), by=officer, at=at)
        except CustodyRefused as refusal:
            if act not in offered_on(visit, queries.stage_now(visit)):
                messages.error(request, f"没有办理：{refusal}。")
                return redirect("custody:visit", pk=pk)
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, f"已办理：{act.title}。")
            return redirect("custody:visit", pk=pk)
    return _page_of(request, matter, visit, refused=(verb, form))


@page("custody.judge_fault", ("POST",))
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """It holds and is ordered to be put right, or it does not; either way back to the visit."""
    officer, at = who(request), timezone.now()
    fault = get_object_or_404(queries.faults_of(officer).select_related("clock", "visit"), pk=pk)
    form = JudgeForm(request.POST)
    back = redirect("custody:visit", pk=fault.visit_id)
    if not form.is_valid():
        messages.error(request, "没有办理：核实意见太长，请缩短。")
        return back
    text = form.cleaned_data["text"]
    try:
        if request.POST.get("verdict") == "confirm":
            order = services.confirm_fault(fault=fault, text=text, by=officer, at=at)
            messages.success(request, f"已核实成立，整改 {order.number}，期限 {order.due_on:%Y-%m-%d}。")
        else:
            services.dismiss_fault(fault=fault, why=text, by=officer, at=at)
            messages.success(request, "已核实不成立。")
    except CustodyRefused as refusal:
        messages.error(request, f"没有办理：{refusal}。")
    return back


# -- a new one -----------------------------------------------------------------------------------------------------------


@page("custody.add_visit", ("GET", "HEAD", "POST"))
def enter(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    data = request.POST if request.method == "POST" else None
    form = EnterForm(data, by=officer, at=at, initial={"case": request.GET.get("case", "")[:64]})
    if form.is_bound and form.is_valid():
        entered = form.cleaned_data
        try:
            row = services.enter(
                case=entered["case"], centre=entered["centre"], known=form.known(), by=officer, at=at
            )  # fmt: skip
        except CustodyRefused as refusal:
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, f"已登记 {row.matter.number}。")
            return redirect("custody:visit", pk=row.pk)
    return show(
        request,
        "custody/enter.html",
        title="登记入区",
        trail=((HOME[0], reverse(HOME[1])),),
        status=422 if form.errors else 200,
        form=form,
    )
