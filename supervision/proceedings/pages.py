"""The pages of the room: the list, one matter with what may be done to it, a new one, and the figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import Matter, Officer
from cases.queries import matters_of, most_urgent
from supervision.proceedings import queries, services
from supervision.proceedings.acts import ActForm, act_named, form_of, may_be_ordered, offered_on
from supervision.proceedings.filters import ProceedingFilter
from supervision.proceedings.forms import NEW, NewForm, PeriodForm
from supervision.proceedings.models import Dispute, Review, Transfer
from supervision.proceedings.refusals import ProceedingRefused
from supervision.proceedings.rules import Period

EMPTY = Emptiness("没有您可以看到的纠纷、复议诉讼、移送", "点右上角的“登记”录入第一件；登记以后，法定期限自动起算。")
SERVICES: dict[str, Callable[..., Dispute | Review | Transfer]] = {
    "dispute": services.register_dispute,
    "review": services.register_review,
    "transfer": services.register_transfer,
}
ORDER = "order"


@page("proceedings.view_dispute")
def proceedings(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    if not request.GET:
        return redirect(f"{reverse('proceedings:proceedings')}?state=open")

    def dress(rows: list[Matter]) -> dict[str, Any]:
        urgent = most_urgent(rows)
        for row in rows:
            row.detail = queries.row_of(row)  # type: ignore[attr-defined]
            row.urgent = urgent.get(row.pk)  # type: ignore[attr-defined]
        return {"today": timezone.localdate(at)}

    return show_list(
        request,
        "proceedings/proceedings.html",
        title="纠纷复议移送",
        filter_class=ProceedingFilter,
        rows=queries.proceedings_of(officer).select_related(
            "unit", "officer", *queries.DETAILS, "review__hearing_head"
        ),
        moment="opened_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=(
            ("未办结", "state=open"),
            ("矛盾纠纷", "kind=dispute"),
            ("复议诉讼", "kind=review"),
            ("移送", "kind=transfer"),
            ("到期待回访", "waiting=recheck"),
            ("待开庭", "waiting=hearing"),
            ("待纠正", "waiting=correction"),
            ("我经办的", "mine=1"),
            ("全部", "state="),
        ),
        dress=dress,
        may_add=[(title, kind) for kind, (title, _) in NEW.items() if officer.has_perm(f"proceedings.add_{kind}")],
    )


# -- one matter ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """An act as the page offers it; `opened` where it was just refused, so that nothing entered is lost."""

    verb: str
    title: str
    form: ActForm
    danger: bool
    opened: bool


def _seen(request: HttpRequest, pk: int) -> tuple[Matter, Dispute | Review | Transfer]:
    """The matter and its row, if whoever asks may see it; otherwise there is no such page."""
    rows = queries.proceedings_of(who(request)).select_related(
        "kind", "unit", "officer", *queries.DETAILS, "review__hearing_head"
    )
    matter = get_object_or_404(rows, pk=pk)
    return matter, queries.row_of(matter)


def _may_change(officer: Officer, row: Dispute | Review | Transfer) -> bool:
    return officer.has_perm(f"proceedings.change_{row._meta.model_name}")


@page("proceedings.view_dispute")
def proceeding(request: HttpRequest, pk: int) -> HttpResponse:
    return _page_of(request, *_seen(request, pk))


def _page_of(
    request: HttpRequest,
    matter: Matter,
    row: Dispute | Review | Transfer,
    *,
    refused: tuple[str, ActForm] | None = None,
) -> HttpResponse:
    officer, at = who(request), timezone.now()
    offers = []
    for act in offered_on(row) if _may_change(officer, row) else ():
        again = refused is not None and refused[0] == act.verb
        form = refused[1] if refused is not None and again else form_of(act, row, None, by=officer)
        offers.append(Offer(act.verb, act.title, form, act.danger, again))
    against = row.against_id if isinstance(row, Review) else None
    clocks = queries.clocks_on(matter)
    to_order = may_be_ordered(row)
    ordered = queries.open_order_on(matter, officer) if to_order else None
    return show(
        request,
        "proceedings/proceeding.html",
        title=f"{row._meta.verbose_name} {matter.number}",
        trail=(("纠纷复议移送", f"{reverse('proceedings:proceedings')}?state=open"),),
        status=200 if refused is None else 422,
        matter=matter,
        row=row,
        kind=row._meta.model_name,
        at=at,
        today=timezone.localdate(at),
        clocks=clocks,
        pressing=queries.pressing(clocks),
        steps=queries.steps_on(matter),
        offers=offers,
        against_open=against is not None and matters_of(officer).filter(pk=against).exists(),
        ordered=ordered,
        may_order=to_order and ordered is None and officer.has_perm("rectification.issue_order"),
    )


@page("proceedings.view_dispute", ("POST",))
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do it if the form is filled in; refused, the page says why and keeps what was entered."""
    matter, row = _seen(request, pk)
    officer, at = who(request), timezone.now()
    if verb == ORDER:
        return _order(request, row)
    act = act_named(row, verb)
    if act is None:
        raise Http404
    if not _may_change(officer, row):
        raise PermissionDenied
    form = form_of(act, row, request.POST, by=officer)
    if form.is_valid():
        try:
            act.perform(row, form.facts(), by=officer, at=at)
        except ProceedingRefused as refusal:
            if not act.offered(row):
                messages.error(request, f"没有办理：{refusal}。")
                return redirect("proceedings:proceeding", pk=pk)
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, f"已办理：{act.title}。")
            return redirect("proceedings:proceeding", pk=pk)
    return _page_of(request, matter, row, refused=(verb, form))


def _order(request: HttpRequest, row: Dispute | Review | Transfer) -> HttpResponse:
    """One click: the unit is ordered to put right what was lost or not taken."""
    officer = who(request)
    if not officer.has_perm("rectification.issue_order"):
        raise PermissionDenied
    if isinstance(row, Dispute):
        raise Http404
    try:
        order = services.order_correction(row=row, by=officer, at=timezone.now())
    except ProceedingRefused as refusal:
        messages.error(request, f"没有下达：{refusal}。")
    else:
        messages.success(request, f"已下达{order.number}，期限 {order.due_on:%Y-%m-%d}。")
    return redirect("proceedings:proceeding", pk=row.pk)


# -- a new one -------------------------------------------------------------------------------------------------------


@page("proceedings.view_dispute", ("GET", "HEAD", "POST"))
def new(request: HttpRequest, kind: str) -> HttpResponse:
    officer, at = who(request), timezone.now()
    if kind not in NEW:
        raise Http404
    if not officer.has_perm(f"proceedings.add_{kind}"):
        raise PermissionDenied
    title, form_class = NEW[kind]
    data = request.POST if request.method == "POST" else None
    form: NewForm = form_class(data, by=officer, today=timezone.localdate(at))
    if form.is_bound and form.is_valid():
        try:
            row = SERVICES[kind](**form.facts(), by=officer, at=at)
        except ProceedingRefused as refusal:
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, f"已登记 {row.matter.number}。")
            if queries.proceedings_of(officer).filter(pk=row.pk).exists():
                return redirect("proceedings:proceeding", pk=row.pk)
            return redirect("proceedings:proceedings")
    return show(
        request,
        "proceedings/new.html",
        title=title,
        trail=(("纠纷复议移送", f"{reverse('proceedings:proceedings')}?state=open"),),
        status=422 if form.errors else 200,
        form=form,
    )


# -- figures ---------------------------------------------------------------------------------------------------------


@page("proceedings.view_dispute")
def figures(request: HttpRequest) -> HttpResponse:
    """What the measures come to for a unit in a period, this month unless asked; each opens the list it counts."""
    officer = who(request)
    today = timezone.localdate(timezone.now())
    asked = (
        request.GET if request.GET else {"unit": officer.unit_id, "first_on": today.replace(day=1), "last_on": today}
    )
    form = PeriodForm(asked, by=officer)
    lines = []
    if form.is_valid():
        unit, first, last = (form.cleaned_data[name] for name in ("unit", "first_on", "last_on"))
        lines = [
            (
                one,
                _behind(one.measure.code, "counted", unit.pk, first, last),
                _behind(one.measure.code, "of", unit.pk, first, last),
            )
            for one in queries.figures(unit, Period(first, last), seen_by=officer)
        ]
    return show(
        request,
        "proceedings/figures.html",
        title="纠纷复议移送统计",
        trail=(("纠纷复议移送", f"{reverse('proceedings:proceedings')}?state=open"),),
        form=form,
        lines=lines,
    )


def _behind(code: str, part: str, unit: int, first: date, last: date) -> str:
    """The list that a number of a figure counts."""
    asked = {"figure": f"{code}.{part}", "unit": unit, "period_after": first, "period_before": last}
    return f"{reverse('proceedings:proceedings')}?{urlencode(asked)}"
