"""The verbs of the room: ordering something to be put right, and everything that may be done with an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from cases.models import Barring, Officer, Role, Unit
from cases.models.scope import posts_of
from cases.statute import periods
from supervision.rectification import refusals, rules
from supervision.rectification.evidence import Received
from supervision.rectification.issuing import DueDays, check_responsible, check_text
from supervision.rectification.issuing import OrderRequest as OrderRequest
from supervision.rectification.issuing import issue_order as issue_order
from supervision.rectification.issuing import issue_orders as issue_orders
from supervision.rectification.issuing import own_number as own_number
from supervision.rectification.models import (
    Action,
    Evidence,
    Order,
    OrderState,
    OrderStep,
)
from supervision.rectification.queries import named_by
from supervision.rectification.refusals import RectificationRefused as RectificationRefused
from supervision.rectification.rules import Verb

_DID: Final = {
    Action.ISSUED: "下达",
    Action.REPLIED: "答复",
    Action.ENDORSED: "审核",
    Action.RETURNED: "退回",
    Action.EXTENDED: "延期",
    Action.VERIFIED: "核验通过",
    Action.REOPENED: "要求重新整改",
    Action.WITHDRAWN: "撤销",
    Action.REASSIGNED: "改派",
}
_VERB_WORDS: Final = {
    Verb.REPLY: "答复",
    Verb.ENDORSE: "审核",
    Verb.RETURN: "退回",
    Verb.EXTEND: "延期",
    Verb.VERIFY: "核验",
    Verb.REOPEN: "要求重新整改",
    Verb.WITHDRAW: "撤销",
    Verb.REASSIGN: "改派",
}


# -- answering -------------------------------------------------------------------------------------------------------


def reply_order(*, order: Order, text: str, evidence: Sequence[Received] = (), by: Officer, at: datetime) -> Order:
    """Report what was put right, with the files that show it. The legal officers are to be told.

    Refuses an empty text, an order that does not wait for a reply, and, where the problem asks for evidence, a reply to
    an order that has none yet: after a return what was attached before still counts.
    """
    check_text(text, refusals.NO_TEXT)
    if order.problem.needs_evidence and not evidence and not Evidence.objects.filter(order=order).exists():
        raise RectificationRefused(refusals.NO_EVIDENCE)
    with transaction.atomic():
        step = _act(
            order,
            Verb.REPLY,
            Action.REPLIED,
            by=by,
            at=at,
            text=text,
            tell=True,
            state=OrderState.REPLIED,
            replied_at=at,
            replied_by=by,
            endorsed_at=None,
            endorsed_by=None,
        )
        Evidence.objects.bulk_create(
            Evidence(
                order=order,
                step=step,
                name=file.name,
                size=file.size,
                sha256=file.sha256,
                content_type=file.content_type,
                path=file.path,
                scanned=file.scanned,
            )
            for file in {file.sha256: file for file in evidence}.values()
        )
    order.refresh_from_db()
    return order


def endorse_reply(*, order: Order, text: str = "", by: Officer, at: datetime) -> Order:
    """Note that the head of the unit stands behind the reply. Refuses the replier, and an order that has no reply."""
    if by.pk == order.replied_by_id:
        raise RectificationRefused(refusals.ENDORSER_REPLIED.format(officer=by))
    _act(order, Verb.ENDORSE, Action.ENDORSED, by=by, at=at, text=text, endorsed_at=at, endorsed_by=by)
    order.refresh_from_db()
    return order


def return_order(*, order: Order, reason: str, by: Officer, at: datetime) -> Order:
    """Send a reply back for more work; the day it is due stays. The officer is to be told. Refuses without a reason."""
    check_text(reason, refusals.NO_REASON)
    _act(order, Verb.RETURN, Action.RETURNED, by=by, at=at, text=reason, tell=True, state=OrderState.RETURNED)
    order.refresh_from_db()
    return order


def extend_order(*, order: Order, due_on: date, reason: str, approver: Officer, by: Officer, at: datetime) -> Order:
    """Put off the day an order is due. The officer is to be told.

    Refuses without a reason, a day that is no later, and an approver who answers for the order himself or does not
    supervise it: a legal officer or leader in whose scope it is.
    """
    check_text(reason, refusals.NO_REASON)
    if due_on <= order.due_on:
        raise RectificationRefused(refusals.NOT_LATER.format(new=f"{due_on:%Y-%m-%d}", old=f"{order.due_on:%Y-%m-%d}"))
    if approver.pk in (order.officer_id, order.replied_by_id):
        raise RectificationRefused(refusals.APPROVER_INVOLVED.format(officer=approver))
    if not _may_approve(approver, order):
        raise RectificationRefused(refusals.APPROVER_WITHOUT_POWER.format(officer=approver))
    _act(
        order,
        Verb.EXTEND,
        Action.EXTENDED,
        by=by,
        at=at,
        text=reason,
        tell=True,
        step={"due_on": due_on, "approver": approver},
        due_on=due_on,
        due_at=periods.end_of_day(due_on, ZoneInfo(settings.TIME_ZONE)),
        provisional=False,
        extensions=F("extensions") + 1,
        overdue_told_at=None,
    )
    order.refresh_from_db()
    return order


def _may_approve(approver: Officer, order: Order) -> bool:
    if not any(role in (Role.LEGAL_OFFICER, Role.LEADER) for role, _, _ in posts_of(approver)):
        return False
    return Order.objects.visible_to(approver).filter(pk=order.pk).exists()


def verify_order(*, order: Order, text: str = "", by: Officer, at: datetime) -> Order:
    """Find that it was put right, which ends the order.

    Refuses the officer who is responsible, whoever replied at any time (the last replier the database refuses too), and
    an order that has no reply.
    """
    replied = OrderStep.objects.filter(order=order, action=Action.REPLIED, by=by)
    if by.pk == order.replied_by_id or replied.exists():
        raise RectificationRefused(refusals.VERIFIER_REPLIED.format(officer=by))
    if by.pk == order.officer_id:
        raise RectificationRefused(refusals.VERIFIER_RESPONSIBLE.format(officer=by))
    _act(
        order,
        Verb.VERIFY,
        Action.VERIFIED,
        by=by,
        at=at,
        text=text,
        state=OrderState.VERIFIED,
        verified_at=at,
        verified_by=by,
        tell_number=None,
        tell_since=None,
    )
    order.refresh_from_db()
    return order


def reopen_order(*, order: Order, reason: str, workdays: int, by: Officer, at: datetime) -> Order:
    """Ask again for what was taken as put right, or was withdrawn; due `workdays` working days after the day of `at`.

    The officer is to be told. Refuses without a reason, and while another order of the same source is open.
    """
    check_text(reason, refusals.NO_REASON)
    due = DueDays(at).after(workdays)
    try:
        _act(
            order,
            Verb.REOPEN,
            Action.REOPENED,
            by=by,
            at=at,
            text=reason,
            tell=True,
            step={"due_on": due.on},
            state=OrderState.RETURNED if order.replied_at is not None else OrderState.ISSUED,
            verified_at=None,
            verified_by=None,
            withdrawn_at=None,
            workdays=workdays,
            first_due_on=due.on,
            due_on=due.on,
            due_at=due.at,
            provisional=due.provisional,
            reopened=F("reopened") + 1,
            overdue_told_at=None,
        )
    except IntegrityError as error:
        raise RectificationRefused(refusals.SOURCE_OPEN_AGAIN) from error
    order.refresh_from_db()
    return order


def withdraw_order(*, order: Order, reason: str, by: Officer, at: datetime) -> Order:
    """Take an order back as unfounded; it counts in no rate. Who was told of it is to be told. Refuses without a reason."""
    check_text(reason, refusals.NO_REASON)
    # Nobody has heard of it yet, so nobody needs to hear that it is gone.
    unheard = Q(tell_number=1, tell_since__isnull=False)
    _act(
        order,
        Verb.WITHDRAW,
        Action.WITHDRAWN,
        by=by,
        at=at,
        text=reason,
        state=OrderState.WITHDRAWN,
        withdrawn_at=at,
        tell_number=Case(When(unheard, then=Value(None)), default=Value(order.step_number + 1)),
        tell_since=Case(When(unheard, then=Value(None)), default=Value(at)),
    )
    order.refresh_from_db()
    return order


def reassign_order(
    *, order: Order, unit: Unit, officer: Officer | None, reason: str, by: Officer, at: datetime
) -> Order:
    """Make another unit or officer answer for an order: after a move, a merger, or an order to the wrong place.

    The officer is to be told. Refuses without a reason, a unit that was merged away, an officer out of use, and where
    it already is.
    """
    check_text(reason, refusals.NO_REASON)
    check_responsible(unit, officer, order.matter)
    if (unit.pk, officer.pk if officer is not None else None) == (order.unit_id, order.officer_id):
        raise RectificationRefused(refusals.SAME_PLACE.format(unit=unit, officer=officer or ""))
    _act(
        order,
        Verb.REASSIGN,
        Action.REASSIGNED,
        by=by,
        at=at,
        text=reason,
        tell=True,
        step={"unit": unit, "officer": officer},
        officer=officer,
        **unit.scope_ids,
    )
    order.refresh_from_db()
    return order


def follow_merger(*, unit: Unit, into: Unit, ground: str, at: datetime) -> int:
    """Have the unit that another was merged into answer for its open orders, each with the officer it has; in the
    caller's transaction, one step an order. Answers how many. An order on a matter that the other unit is barred from
    stays, for a legal officer to place."""
    barred = Barring.objects.in_force().annotate(away=F("unit__path")).filter(unit__isnull=False)
    kept_away = {one.matter_id for one in barred if into.path.startswith(one.away)}
    orders = list(
        Order.objects.select_for_update(of=("self",))
        .filter(unit=unit, state__in=OrderState.open_states())
        .exclude(matter__in=kept_away)
        .order_by("pk")
    )
    text = f"{unit}并入{into}（{ground}）"
    OrderStep.objects.bulk_create(
        OrderStep(
            order=order,
            number=order.step_number + 1,
            action=Action.REASSIGNED,
            at=at,
            text=text,
            unit=into,
            officer_id=order.officer_id,
        )
        for order in orders
    )
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(
        step_number=F("step_number") + 1, **into.scope_ids
    )
    return len(orders)


def _act(
    order: Order,
    verb: Verb,
    action: Action,
    *,
    by: Officer,
    at: datetime,
    text: str,
    tell: bool = False,
    step: Mapping[str, Any] | None = None,
    **changes: Any,
) -> OrderStep:
    """One verb on one order as the caller saw it: the row, if it is still at that step and the state allows it, and the
    step. Whoever comes second is told who acted first."""
    number = order.step_number + 1
    if tell:
        changes |= {"tell_number": number, "tell_since": at}
    with transaction.atomic():
        as_seen = Order.objects.filter(pk=order.pk, step_number=order.step_number, state__in=rules.FROM[verb])
        if not as_seen.update(step_number=number, **changes):
            raise _not_as_seen(order, verb)
        return OrderStep.objects.create(
            order=order, number=number, action=action, at=at, by=by, text=text.strip(), **(step or {})
        )


def check_unmoved(order: Order, verb: Verb) -> None:
    """Refuse what could not be done any more, before a long job is begun for it: files to be looked into, say."""
    if not Order.objects.filter(pk=order.pk, step_number=order.step_number, state__in=rules.FROM[verb]).exists():
        raise _not_as_seen(order, verb)


def _not_as_seen(order: Order, verb: Verb) -> RectificationRefused:
    last = OrderStep.objects.filter(order=order).select_related("by").order_by("number").last()
    if last is not None and last.number != order.step_number:
        return RectificationRefused(
            refusals.ACTED_FIRST.format(
                who=last.by or "系统",
                when=f"{timezone.localtime(last.at):%m-%d %H:%M}",
                did=_DID[Action(last.action)],
            )
        )
    state = Order.objects.get(pk=order.pk).get_state_display()
    return RectificationRefused(refusals.WRONG_STATE.format(state=state, verb=_VERB_WORDS[verb]))


# -- telling ---------------------------------------------------------------------------------------------------------


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """Note that what these keys name has been told; answers how many rows it concerned. Keys of other rooms, and of what
    has changed since, are passed over."""
    steps, overdue = named_by(keys)
    told = 0
    for number, orders in steps.items():
        waiting = Order.objects.filter(pk__in=orders, tell_number=number, tell_since__isnull=False)
        told += waiting.update(tell_since=None)
    for due_on, orders in overdue.items():
        waiting = Order.objects.filter(pk__in=orders, due_on=due_on, overdue_told_at=None)
        told += waiting.update(overdue_told_at=at)
    return told


def tell_again(keys: Iterable[str], *, at: datetime) -> int:
    """Have what these keys name told once more, from `at` on, to whoever answers for it by then; answers how many rows
    it concerned. What has changed since is told as it is now and passed over here."""
    steps, overdue = named_by(keys)
    again = 0
    for number, orders in steps.items():
        again += Order.objects.filter(pk__in=orders, tell_number=number).update(tell_since=at)
    for due_on, orders in overdue.items():
        again += Order.objects.open().filter(pk__in=orders, due_on=due_on).update(overdue_told_at=None)
    return again
