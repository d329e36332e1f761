"""The list of orders, the page of one, issuing one by hand, its evidence and its papers."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.audit.handing import hand_out
from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import Matter, Officer
from cases.queries import matters_of, units_of
from supervision.rectification import evidence, forms, papers, rules, services
from supervision.rectification.filters import OrderFilter
from supervision.rectification.models import Evidence, Order, OrderState, OrderStep
from supervision.rectification.queries import evidence_of, orders_of
from supervision.rectification.refusals import RectificationRefused
from supervision.rectification.rules import Verb
from supervision.rectification.words import standing, what_now

log = logging.getLogger(__name__)

EMPTY = Emptiness(
    "没有整改", "时限超期时系统自动下达；评查、信访、投诉和日常监督发现问题时，由法制民警下达。现在没有需要整改的问题。"
)
DAMAGED = "这个文件与收下时登记的摘要不符，或者已不在原处，没有提供。请联系系统管理员从备份中恢复。"
MOST_SAME_FILES = 20
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@page("rectification.view_order")
def orders(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    if not request.GET:
        return redirect(f"{reverse('rectification:orders')}?state=open")

    def dress(rows: list[Order]) -> dict[str, Any]:
        for row in rows:
            row.standing = standing(row, at)  # type: ignore[attr-defined]
        # An order stays with the unit that caused it, and its matter may since have left that unit's sight.
        ids = {row.matter_id for row in rows if row.matter_id is not None}
        return {"open_to": set(matters_of(officer).filter(pk__in=ids).values_list("pk", flat=True))}

    return show_list(
        request,
        "rectification/orders.html",
        title="整改",
        filter_class=OrderFilter,
        rows=orders_of(officer).select_related("problem", "matter__kind", "unit", "officer"),
        moment="due_at",
        at=at,
        empty=EMPTY,
        tabs=(
            ("未结", "state=open"),
            ("■ 已超期", "state=open&overdue=1"),
            ("待单位答复", "state=to_answer"),
            ("待核验", "state=replied"),
            ("我负责的", "state=open&mine=1"),
            ("重复问题", "state=open&repeated=1"),
            ("已整改", "state=verified"),
            ("全部", "state="),
        ),
        dress=dress,
    )


# -- the page of an order --------------------------------------------------------------------------------------------


def _seen(request: HttpRequest, pk: int) -> Order:
    rows = orders_of(who(request)).select_related(
        "problem", "matter__kind", "clock__limit", "unit", "officer", "by", "replied_by", "endorsed_by", "verified_by"
    )
    return get_object_or_404(rows, pk=pk)


@page("rectification.view_order")
def order(request: HttpRequest, pk: int) -> HttpResponse:
    return _order_page(request, _seen(request, pk))


@page("rectification.view_order", ("POST",))
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One verb on an order. Whoever is refused gets the page as it is now, with what he had written."""
    asked, officer, at = Verb(verb), who(request), timezone.now()
    if asked != Verb.REPLY and not officer.has_perm(f"rectification.{asked}_order"):
        raise PermissionDenied
    seen = _seen(request, pk)
    if not _may(asked, seen, officer):
        raise PermissionDenied
    form = _form(asked, seen, officer, at, request)
    if not form.is_valid():
        return _order_page(request, seen, refused=form, status=422)
    # What he acts on is what he saw, not what has come since.
    seen.step_number = min(form.cleaned_data["seen"], seen.step_number)
    try:
        said = _do(form, seen, officer, at)
    except RectificationRefused as refusal:
        form.add_error(None, str(refusal))
        return _order_page(request, _seen(request, pk), refused=form, status=422)
    messages.success(request, said)
    return redirect("rectification:order", pk=pk)


def _do(form: forms.VerbForm, seen: Order, officer: Officer, at: datetime) -> str:
    entered = form.cleaned_data
    common: dict[str, Any] = {"order": seen, "by": officer, "at": at}
    match form.verb:
        case Verb.REPLY:
            services.check_unmoved(seen, Verb.REPLY)
            received = evidence.receive_all(entered["evidence"])
            services.reply_order(text=entered["text"], evidence=received, **common)
            return "已答复，等待法制部门核验。"
        case Verb.ENDORSE:
            services.endorse_reply(text=entered["text"], **common)
            return "已审核同意这次答复。"
        case Verb.RETURN:
            services.return_order(reason=entered["reason"], **common)
            return "已退回，责任人会收到通知。"
        case Verb.VERIFY:
            services.verify_order(text=entered["text"], **common)
            return "已核验通过。"
        case Verb.EXTEND:
            services.extend_order(
                due_on=entered["due_on"], approver=entered["approver"], reason=entered["reason"], **common
            )
            return f"已延期至 {entered['due_on']:%Y-%m-%d}。"
        case Verb.REOPEN:
            again = services.reopen_order(workdays=entered["workdays"], reason=entered["reason"], **common)
            return f"已要求重新整改，期限 {again.due_on:%Y-%m-%d}。"
        case Verb.WITHDRAW:
            services.withdraw_order(reason=entered["reason"], **common)
            return "已撤销，不计入整改率。"
        case Verb.REASSIGN:
            services.reassign_order(
                unit=entered["unit"], officer=entered["officer"], reason=entered["reason"], **common
            )
            return f"已改由{entered['unit']}{entered['officer'] or ''}负责。"


_FORMS: dict[Verb, type[forms.VerbForm]] = {
    form.verb: form
    for form in (
        forms.ReplyForm,
        forms.EndorseForm,
        forms.VerifyForm,
        forms.ReturnForm,
        forms.ExtendForm,
        forms.ReassignForm,
        forms.WithdrawForm,
        forms.ReopenForm,
    )
}


def _form(
    verb: Verb, seen: Order, officer: Officer, at: datetime, request: HttpRequest | None = None
) -> forms.VerbForm:
    initial: dict[str, Any] = {"seen": seen.step_number}
    extra: dict[str, Any] = {}
    if verb == Verb.REASSIGN:
        extra["units"] = units_of(officer).filter(valid_until=None)
        initial["unit"] = seen.unit_id
    elif verb == Verb.EXTEND:
        initial["approver"] = officer.police_number
    elif verb == Verb.REOPEN:
        initial["workdays"] = seen.problem.workdays
    if request is not None:
        return _FORMS[verb](request.POST, request.FILES, prefix=verb.value, initial=initial, **extra)
    return _FORMS[verb](prefix=verb.value, initial=initial, **extra)


def _may(verb: Verb, seen: Order, officer: Officer) -> bool:
    """Whether the verb is this officer's: by his role; and to reply where nobody but handlers sees the order, for whoever
    sees it, as the head of the unit must not learn of it and a handler may be of any role."""
    return officer.has_perm(f"rectification.{verb}_order") or (verb == Verb.REPLY and seen.restricted)


def _offered(seen: Order, officer: Officer) -> list[Verb]:
    """What this officer may do with the order as it stands; the others are not shown at all."""
    barred = set()
    if officer.pk in (seen.replied_by_id, seen.officer_id):
        barred.add(Verb.VERIFY)
    if officer.pk == seen.replied_by_id:
        barred.add(Verb.ENDORSE)
    return [
        verb
        for verb in _FORMS
        if verb in rules.allowed(seen.state) and verb not in barred and _may(verb, seen, officer)
    ]


def _order_page(
    request: HttpRequest, seen: Order, *, refused: forms.VerbForm | None = None, status: int = 200
) -> HttpResponse:
    officer, at = who(request), timezone.now()
    offered = _offered(seen, officer)
    shown = [refused if refused and refused.verb == verb else _form(verb, seen, officer, at) for verb in offered]
    steps = list(
        OrderStep.objects.filter(order=seen)
        .select_related("by", "approver", "unit", "officer")
        .prefetch_related("evidence")
        .order_by("-number")
    )
    _mark_same_files(seen, steps, officer)
    return show(
        request,
        "rectification/order.html",
        title=seen.number,
        trail=(("整改", f"{reverse('rectification:orders')}?state=open"),),
        status=status,
        order=seen,
        at=at,
        standing=standing(seen, at),
        now=what_now(seen),
        steps=steps,
        forms=shown,
        refused=refused,
        lost=list(refused.entered()) if refused is not None and refused.verb not in offered else [],
        may_open=seen.matter_id is not None and matters_of(officer).filter(pk=seen.matter_id).exists(),
        hasty=seen.state == OrderState.VERIFIED and rules.is_hasty(seen.replied_at, seen.verified_at),
        open=seen.state in OrderState.open_states(),
        earlier=_earlier(seen, officer),
    )


def _mark_same_files(seen: Order, steps: list[OrderStep], officer: Officer) -> None:
    """Note on each file where else it was attached: another reply to this order, other orders the officer may see."""
    files = [file for step in steps for file in step.evidence.all()]
    times = Counter(file.sha256 for file in files)
    others = evidence_of(officer).filter(sha256__in=times.keys()).exclude(order=seen).select_related("order")
    where: dict[str, list[str]] = {digest: ["本件另一次答复"] for digest, count in times.items() if count > 1}
    for other in others.order_by("-pk")[:MOST_SAME_FILES] if files else ():
        where.setdefault(other.sha256, []).append(other.order.number)
    for file in files:
        file.elsewhere = where.get(file.sha256, [])  # type: ignore[attr-defined]


def _earlier(seen: Order, officer: Officer) -> list[Order]:
    """The orders that make this one a repetition, the latest first, as far as the officer may see them."""
    if not seen.repeated:
        return []
    same = orders_of(officer).founded().filter(unit=seen.unit_id, officer=seen.officer_id, problem=seen.problem_id)
    since = seen.issued_at - rules.REPEATED_WITHIN
    return list(same.filter(issued_at__gt=since, pk__lt=seen.pk).order_by("-pk")[:5])


# -- issuing by hand -------------------------------------------------------------------------------------------------


@page("rectification.issue_order", ("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    matter = _matter(request, officer)
    form = forms.OrderForm(request.POST or None, by=officer, matter=matter)
    if request.method == "POST" and form.is_valid():
        try:
            issued = services.issue_order(by=officer, at=at, **form.facts())
        except RectificationRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已下达{issued.number}，期限 {issued.due_on:%Y-%m-%d}。")
            if orders_of(officer).filter(pk=issued.pk).exists():
                return redirect("rectification:order", pk=issued.pk)
            return redirect("rectification:orders")
    return show(
        request,
        "rectification/new.html",
        title="下达整改",
        trail=(("整改", f"{reverse('rectification:orders')}?state=open"),),
        status=422 if form.errors else 200,
        form=form,
        matter=matter,
    )


def _matter(request: HttpRequest, officer: Officer) -> Matter | None:
    """The matter named in the address, if the officer may see it; a wrong number is no matter."""
    named = request.GET.get("matter", "")
    if not named:
        return None
    rows = matters_of(officer).select_related("kind", "unit", "officer")
    return get_object_or_404(rows, pk=int(named) if named.isascii() and named.isdigit() and len(named) < 19 else 0)


# -- evidence and papers ---------------------------------------------------------------------------------------------


@page("rectification.view_order")
def file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """A file of evidence, as it was taken in: always to be saved, never opened inside the site."""
    row = get_object_or_404(Evidence, pk=file_pk, order=_seen(request, pk))
    try:
        content = evidence.read(row)
    except evidence.Damaged:
        log.error("evidence %s is damaged", row.pk)
        messages.error(request, DAMAGED)
        return redirect("rectification:order", pk=pk)
    return hand_out(
        request, content, name=row.name, content_type=row.content_type, what="整改佐证材料",
        about=f"rectification.evidence:{row.pk}", frozen=True,
    )  # fmt: skip


@page("rectification.view_order")
def paper(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The order or the form of its reply, in Word."""
    seen = _seen(request, pk)
    steps = list(
        OrderStep.objects.filter(order=seen).select_related("by", "approver", "unit", "officer").order_by("number")
    )
    if kind == "order":
        return _paper(request, seen, papers.order_paper(seen, steps), "整改通知书")
    files = list(Evidence.objects.filter(order=seen).order_by("pk"))
    return _paper(request, seen, papers.reply_paper(seen, steps, files), "整改情况报告")


def _paper(request: HttpRequest, order: Order, content: bytes, what: str) -> HttpResponse:
    name, about = f"{order.number}{what}.docx", f"rectification.order:{order.pk}"
    return hand_out(request, content, name=name, content_type=WORD, what=what, about=about)
