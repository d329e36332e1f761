"""The verbs of the room: ordering something to be put right, and everything that may be done with an order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from cases.duty import work_calendar
from cases.models import Clock, Handling, Matter, Officer, Role, Unit
from cases.models.scope import posts_of
from cases.statute import periods
from supervision.rectification import refusals, rules
from supervision.rectification.evidence import Received
from supervision.rectification.models import (
    Action,
    Evidence,
    Grade,
    Order,
    OrderQuerySet,
    OrderState,
    OrderStep,
    Problem,
    Source,
)
from supervision.rectification.queries import named_by
from supervision.rectification.refusals import RectificationRefused
from supervision.rectification.rules import Verb

CHUNK: Final = 1000

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


# -- issuing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """One order asked for by another room. `problem` is a code of the catalogue; without grade or working days those of
    the problem are taken. `text` says what was found and what is asked."""

    source: Source | str
    source_number: str
    problem: str
    unit_id: int
    text: str
    officer_id: int | None = None
    matter_id: int | None = None
    clock_id: int | None = None
    grade: Grade | str | None = None
    workdays: int | None = None


def issue_order(
    *,
    source: Source | str,
    source_number: str,
    problem: Problem | str,
    unit: Unit,
    officer: Officer | None,
    text: str,
    by: Officer | None,
    at: datetime,
    grade: Grade | str | None = None,
    matter: Matter | None = None,
    clock: Clock | None = None,
    workdays: int | None = None,
) -> Order:
    """Order a unit to put something right; due `workdays` working days after the local day of `at`.

    The officer, or whoever answers for him, is to be told. Refuses a second open order for the same source, an unknown
    problem, an empty text, a unit that was merged away, an officer out of use, and for a restricted matter an officer
    who does not handle it.
    """
    known = problem if isinstance(problem, Problem) else _problems({problem})[problem]
    if not source_number.strip():
        raise RectificationRefused(refusals.NO_SOURCE_NUMBER)
    _check_text(text, refusals.NO_TEXT)
    _check_responsible(unit, officer, matter)
    order = _draft(
        OrderRequest(
            source=source,
            source_number=source_number.strip(),
            problem=known.code,
            unit_id=unit.pk,
            text=text.strip(),
            officer_id=officer.pk if officer is not None else None,
            matter_id=matter.pk if matter is not None else None,
            clock_id=clock.pk if clock is not None else None,
            grade=grade,
            workdays=workdays,
        ),
        known,
        unit,
        _DueDays(at),
        by,
        at,
    )
    with transaction.atomic():
        _count_repeats([order])
        try:
            with transaction.atomic():
                order.save(force_insert=True)
        except IntegrityError as error:
            standing = Order.objects.open().filter(source=order.source, source_number=order.source_number).first()
            if standing is None:
                raise
            raise RectificationRefused(
                refusals.ALREADY_ORDERED.format(number=standing.number, state=standing.get_state_display())
            ) from error
        _first_step(order).save(force_insert=True)
    return order


def issue_orders(requests: Sequence[OrderRequest], *, at: datetime, by: Officer | None = None) -> int:
    """Issue many orders at once; answers how many are new.

    A source that ever had an order is passed over, whether that order is open or ended: so it is harmless twice, from
    two workers at once, and after a kill at any line. Chunks of one transaction each, unless the caller is in one.
    Refuses an unknown problem before anything is written. Units that were merged away and officers who left are taken
    as they come: their orders are found in the list and reassigned there.
    """
    problems = _problems({request.problem for request in requests})
    units = Unit.objects.in_bulk({request.unit_id for request in requests})
    due_days = _DueDays(at)
    issued = 0
    for chunk in _chunks(_once(requests), CHUNK):
        with transaction.atomic():
            ordered = set(_of_sources(chunk).values_list("source", "source_number"))
            drafts = [
                _draft(request, problems[request.problem], units[request.unit_id], due_days, by, at)
                for request in chunk
                if _key(request) not in ordered
            ]
            _count_repeats(drafts)
            # Whoever else issued the same meanwhile keeps it: his row stands, with his step.
            Order.objects.bulk_create(drafts, ignore_conflicts=True)
            ours = list(_of_sources(drafts).filter(~Exists(OrderStep.objects.filter(order=OuterRef("pk")))))
            OrderStep.objects.bulk_create([_first_step(order) for order in ours])
            issued += len(ours)
    return issued


def _key(one: OrderRequest | Order) -> tuple[str, str]:
    return str(Source(one.source).value), one.source_number


def _once(requests: Iterable[OrderRequest]) -> list[OrderRequest]:
    """Each source once, the first that names it."""
    return list({_key(request): request for request in reversed(list(requests))}.values())[::-1]


def _chunks(rows: Iterable[OrderRequest], size: int) -> Iterator[list[OrderRequest]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, size)):
        yield chunk


def _of_sources(rows: Sequence[OrderRequest] | Sequence[Order]) -> OrderQuerySet:
    wanted = Q(pk__in=())
    for source in Source:
        if numbers := [row.source_number for row in rows if row.source == source]:
            wanted |= Q(source=source, source_number__in=numbers)
    return Order.objects.filter(wanted)


def _problems(codes: Iterable[str]) -> dict[str, Problem]:
    wanted = set(codes)
    found = {problem.code: problem for problem in Problem.objects.filter(code__in=wanted)}
    if missing := sorted(wanted - found.keys()):
        raise RectificationRefused(refusals.UNKNOWN_PROBLEM.format(code="、".join(missing)))
    return found


class _DueDays:
    """Due days counted from one moment; the calendar is read once."""

    def __init__(self, at: datetime) -> None:
        self.zone = ZoneInfo(settings.TIME_ZONE)
        self.today = timezone.localtime(at, self.zone).date()
        self.calendar = work_calendar(at)
        self._known: dict[int, rules.Due] = {}

    def after(self, workdays: int) -> rules.Due:
        if not 1 <= workdays <= rules.MOST_WORKDAYS:
            raise RectificationRefused(refusals.WORKDAYS_OUT_OF_RANGE.format(most=rules.MOST_WORKDAYS))
        if workdays not in self._known:
            self._known[workdays] = rules.due_after(self.today, workdays, self.calendar, self.zone)
        return self._known[workdays]


def _draft(
    request: OrderRequest, problem: Problem, unit: Unit, due_days: _DueDays, by: Officer | None, at: datetime
) -> Order:
    workdays = request.workdays if request.workdays is not None else problem.workdays
    due = due_days.after(workdays)
    return Order(
        source=Source(request.source),
        source_number=request.source_number,
        matter_id=request.matter_id,
        clock_id=request.clock_id,
        problem=problem,
        grade=Grade(request.grade or problem.grade),
        text=request.text,
        officer_id=request.officer_id,
        issued_at=at,
        by=by,
        workdays=workdays,
        first_due_on=due.on,
        due_on=due.on,
        due_at=due.at,
        provisional=due.provisional,
        tell_number=1,
        tell_since=at,
        **unit.scope_ids,
    )


def _count_repeats(orders: Sequence[Order]) -> None:
    """Note on each how often its unit and officer had the same problem within the year before; those before it in the
    same batch count too."""
    if not orders:
        return
    at = orders[0].issued_at
    rows = (
        Order.objects.founded()
        .filter(
            unit_id__in={order.unit_id for order in orders},
            problem_id__in={order.problem_id for order in orders},
            issued_at__gt=at - rules.REPEATED_WITHIN,
            issued_at__lte=at,
        )
        .order_by()
        .values_list("unit_id", "officer_id", "problem_id")
        .annotate(times=Count("pk"))
    )
    known = {(unit, officer, problem): times for unit, officer, problem, times in rows}
    for order in orders:
        kind = (order.unit_id, order.officer_id, order.problem_id)
        order.repeats = min(known.get(kind, 0), 32767)
        known[kind] = known.get(kind, 0) + 1


def _first_step(order: Order) -> OrderStep:
    return OrderStep(
        order=order,
        number=1,
        action=Action.ISSUED,
        at=order.issued_at,
        by_id=order.by_id,
        text=order.text,
        due_on=order.due_on,
        unit_id=order.unit_id,
        officer_id=order.officer_id,
    )


def _check_text(text: str, refusal: str) -> None:
    if not text.strip():
        raise RectificationRefused(refusal)


def _check_responsible(unit: Unit, officer: Officer | None, matter: Matter | None) -> None:
    if unit.valid_until is not None:
        raise RectificationRefused(refusals.UNIT_GONE.format(unit=unit, on=f"{unit.valid_until:%Y-%m-%d}"))
    if officer is None:
        return
    if not officer.is_active:
        raise RectificationRefused(refusals.OFFICER_GONE.format(officer=officer))
    if matter is not None and matter.restricted:
        handles = Handling.objects.filter(matter=matter, officer=officer, until_at=None)
        if not handles.exists():
            raise RectificationRefused(refusals.NOT_A_HANDLER.format(matter=matter, officer=officer))


# -- answering -------------------------------------------------------------------------------------------------------


def reply_order(*, order: Order, text: str, evidence: Sequence[Received] = (), by: Officer, at: datetime) -> Order:
    """Report what was put right, with the files that show it. The legal officers are to be told.

    Refuses an empty text, an order that does not wait for a reply, and, where the problem asks for evidence, a reply to
    an order that has none yet: after a return what was attached before still counts.
    """
    _check_text(text, refusals.NO_TEXT)
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
    _check_text(reason, refusals.NO_REASON)
    _act(order, Verb.RETURN, Action.RETURNED, by=by, at=at, text=reason, tell=True, state=OrderState.RETURNED)
    order.refresh_from_db()
    return order


def extend_order(*, order: Order, due_on: date, reason: str, approver: Officer, by: Officer, at: datetime) -> Order:
    """Put off the day an order is due. The officer is to be told.

    Refuses without a reason, a day that is no later, and an approver who answers for the order himself or does not
    supervise it: a legal officer or leader in whose scope it is.
    """
    _check_text(reason, refusals.NO_REASON)
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
    _check_text(reason, refusals.NO_REASON)
    due = _DueDays(at).after(workdays)
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
    _check_text(reason, refusals.NO_REASON)
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
    _check_text(reason, refusals.NO_REASON)
    _check_responsible(unit, officer, order.matter)
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
