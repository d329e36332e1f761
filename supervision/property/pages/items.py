"""Items: their list, what should have been released, one of them with what may be done to it, and a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import ApproverLevel, Matter
from cases.models.matter import MatterQuerySet
from cases.queries import matters_of, most_urgent
from supervision.property import queries, rules, services
from supervision.property.acts import ActForm, act_named, form_of, offered_on
from supervision.property.filters import ItemFilter, ReleaseFilter, UnenteredFilter
from supervision.property.forms import CaseForm, JudgeForm, KnownForm, NewForm
from supervision.property.models import Excess, Item
from supervision.property.services import PropertyRefused
from supervision.rectification.queries import orders_of

EMPTY = Emptiness("没有您可以看到的涉案财物", "点右上角的“登记财物”录入；导入的在“待补录”里补上措施、批准人和金额。")
NONE_OVERDUE = Emptiness(
    "没有应解除未解除的财物", "与案件无关的、期限已满的、行政案件已经办结的，还在控制中就列在这里。"
)
NONE_LEFT = Emptiness("没有待补录的财物", "导入的涉案财物只有节点；补录措施、批准人、金额以后才能比对四超。")
HOME = ("涉案财物", "property:items")
CHANGES = "property.change_item"


def _listed(rows: MatterQuerySet) -> MatterQuerySet:
    return rows.select_related("unit", "officer", "parent__kind", "property_item__place")


@page("property.view_item")
def items(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    if not request.GET:
        return redirect(f"{reverse('property:items')}?state=held")

    def dress(rows: list[Matter]) -> dict[str, Any]:
        urgent = most_urgent(rows)
        found = Excess.objects.to_judge().filter(item__in=[row.pk for row in rows]).order_by()
        to_judge = dict(found.values_list("item").annotate(open_ones=Count("pk")))
        for row in rows:
            row.urgent = urgent.get(row.pk)  # type: ignore[attr-defined]
            row.to_judge = to_judge.get(row.pk, 0)  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "property/items.html",
        title="涉案财物",
        filter_class=ItemFilter,
        rows=_listed(queries.items_of(officer)),
        moment="opened_at",
        descending=True,
        at=at,
        empty=EMPTY,
        tabs=(
            ("在控", "state=held"),
            ("待移交保管", "waiting=keeper"),
            ("待补办批准", "waiting=report"),
            ("有期限已超", "waiting=overdue"),
            ("四超待核实", "waiting=judge"),
            ("缺涉案金额", "waiting=amount"),
            ("全部", "state="),
        ),
        dress=dress,
        may_add=officer.has_perm("property.add_item"),
    )


@page("property.view_item")
def release(request: HttpRequest) -> HttpResponse:
    """What is still held and should not be, with the reason and its article."""
    officer, at = who(request), timezone.now()

    def dress(rows: list[Matter]) -> dict[str, Any]:
        reasons = queries.reasons_of(rows, at)
        for row in rows:
            row.reasons = [(REASONS[reason], cited) for reason, cited in reasons[row.pk]]  # type: ignore[attr-defined]
        return {}

    return show_list(
        request,
        "property/release.html",
        title="财物应解除未解除",
        filter_class=ReleaseFilter,
        rows=_listed(queries.release_overdue(officer, at)),
        moment="opened_at",
        at=at,
        empty=NONE_OVERDUE,
        dress=dress,
    )


REASONS = {
    rules.Reason.UNRELATED: "与案件无关",
    rules.Reason.EXPIRED: "期限已满",
    rules.Reason.CASE_ENDED: "案件已经办结",
}


@page("property.add_item")
def unentered(request: HttpRequest) -> HttpResponse:
    return show_list(
        request,
        "property/unentered.html",
        title="待补录的财物",
        filter_class=UnenteredFilter,
        rows=queries.unentered_of(who(request)).select_related("unit", "officer", "parent__kind"),
        moment="opened_at",
        descending=True,
        at=timezone.now(),
        empty=NONE_LEFT,
    )


# -- one item --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """An act as the page offers it; `opened` where it was just refused, so that nothing entered is lost."""

    verb: str
    title: str
    form: ActForm
    danger: bool
    opened: bool


def _seen(request: HttpRequest, pk: int) -> tuple[Matter, Item]:
    """The matter and its item, if whoever asks may see it; otherwise there is no such page."""
    rows = _listed(queries.items_of(who(request))).select_related("kind", "unit__county", "parent__kind")
    matter = get_object_or_404(rows, pk=pk)
    item: Item = matter.property_item
    item.matter = matter
    return matter, item


@page("property.view_item")
def item(request: HttpRequest, pk: int) -> HttpResponse:
    return _page_of(request, *_seen(request, pk))


def _page_of(
    request: HttpRequest, matter: Matter, item: Item, *, refused: tuple[str, ActForm] | None = None
) -> HttpResponse:
    officer, at = who(request), timezone.now()
    offers = []
    for act in offered_on(item) if officer.has_perm(CHANGES) else ():
        again = refused is not None and refused[0] == act.verb
        form = refused[1] if refused is not None and again else form_of(act, item, None, by=officer)
        offers.append(Offer(act.verb, act.title, form, act.danger, again))
    excesses = list(Excess.objects.filter(item=item).select_related("judged_by", "order").order_by("state", "pk"))
    orders = orders_of(officer).filter(pk__in=[one.order_id for one in excesses if one.order_id])
    judges = officer.has_perm("property.judge_excess") and matter.officer_id != officer.pk
    levels = {level.code: level.name for level in ApproverLevel.objects.all()}
    needed = rules.authority_for(
        rules.Side(item.side), rules.Measure(item.measure), rules.Asset(item.asset),
        valuable=item.valuable, on_spot=item.on_spot,
    )  # fmt: skip
    return show(
        request,
        "property/item.html",
        title=f"涉案财物 {matter.number}",
        trail=((HOME[0], f"{reverse(HOME[1])}?state=held"),),
        status=200 if refused is None else 422,
        matter=matter,
        item=item,
        at=at,
        clocks=queries.clocks_on(matter),
        steps=queries.steps_on(matter),
        amount=queries.amount_of(matter.parent),
        approver=levels.get(item.approver, item.approver),
        needed=levels.get(needed.approver, needed.approver) if needed else "",
        needed_by=needed.citation if needed else "",
        reasons=[(REASONS[reason], cited) for reason, cited in queries.reasons_of([matter], at)[matter.pk]],
        excesses=excesses,
        judge=JudgeForm() if judges else None,
        orders_open=set(orders.values_list("pk", flat=True)),
        case_open=matter.parent_id is not None and matters_of(officer).filter(pk=matter.parent_id).exists(),
        offers=offers,
    )


@page(CHANGES, ("POST",))
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do it if the form is filled in; refused, the page says why and keeps what was entered."""
    matter, item = _seen(request, pk)
    officer, at = who(request), timezone.now()
    act = act_named(verb)
    if act is None:
        raise Http404
    form = form_of(act, item, request.POST, by=officer)
    if form.is_valid():
        try:
            act.perform(item, form.facts(), by=officer, at=at)
        except PropertyRefused as refusal:
            if not act.offered(item):
                messages.error(request, f"没有办理：{refusal}。")
                return redirect("property:item", pk=pk)
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, f"已办理：{act.title}。")
            return redirect("property:item", pk=pk)
    return _page_of(request, matter, item, refused=(verb, form))


# -- a new one -------------------------------------------------------------------------------------------------------


@page("property.add_item", ("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    data = request.POST if request.method == "POST" else None
    form = NewForm(data, by=officer, at=at, initial={"case": request.GET.get("case", "")[:64]})
    if form.is_bound and form.is_valid():
        entered = form.cleaned_data
        try:
            row = services.register_item(
                case=entered["case"], number=entered["number"], title=entered["title"], known=form.known(),
                by=officer, at=at,
            )  # fmt: skip
        except PropertyRefused as refusal:
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, f"已登记 {row.matter.number}。")
            return redirect("property:item", pk=row.pk)
    return _form_page(request, form, "登记财物")


@page("property.add_item", ("GET", "HEAD", "POST"))
def describe(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of an item that was imported."""
    officer, at = who(request), timezone.now()
    if not officer.has_perm(CHANGES):
        raise PermissionDenied
    rows = queries.unentered_of(officer).select_related("kind", "unit", "officer", "parent__kind")
    matter = get_object_or_404(rows, pk=pk)
    opened = timezone.localtime(matter.opened_at) if matter.opened_at is not None else None
    started = {"day": opened.date(), "hour": opened.time().replace(second=0, microsecond=0)} if opened else {}
    data = request.POST if request.method == "POST" else None
    form = (
        CaseForm(data, by=officer, at=at, initial=started)
        if matter.parent is None
        else KnownForm(data, initial=started)
    )
    if form.is_bound and form.is_valid():
        try:
            services.describe_item(
                matter=matter, known=form.known(), case=form.cleaned_data.get("case"), by=officer, at=at
            )
        except PropertyRefused as refusal:
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, f"已补录 {matter.number}。")
            return redirect("property:item", pk=pk)
    return _form_page(request, form, f"补录财物 {matter.number}", matter)


def _form_page(request: HttpRequest, form: KnownForm, title: str, matter: Matter | None = None) -> HttpResponse:
    return show(
        request,
        "property/new.html",
        title=title,
        trail=((HOME[0], f"{reverse(HOME[1])}?state=held"),),
        status=422 if form.errors else 200,
        form=form,
        matter=matter,
    )
