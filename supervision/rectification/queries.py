"""What is read of the orders: cut to what an officer may see, or, for telling, to whom it concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse

from cases.duty import DutyRoster, Rung, answered_by
from cases.models import HandlingRole, Officer, Role
from cases.models.scope import posts_of
from cases.queries import handlers_in_sight
from cases.tidings import Tiding
from supervision.rectification import rules
from supervision.rectification.models import (
    Action,
    Evidence,
    Grade,
    Order,
    OrderQuerySet,
    OrderState,
    OrderStep,
)

ABOUT = "整改"


def orders_of(officer: Officer) -> OrderQuerySet:
    """The orders an officer may see."""
    return Order.objects.visible_to(officer)


def steps_of(officer: Officer) -> QuerySet[OrderStep]:
    """What happened to the orders an officer may see."""
    return OrderStep.objects.filter(order__in=orders_of(officer))


def evidence_of(officer: Officer) -> QuerySet[Evidence]:
    """The files attached to orders an officer may see."""
    return Evidence.objects.filter(order__in=orders_of(officer))


def waiting_for(orders: OrderQuerySet, officer: Officer, what: str) -> OrderQuerySet:
    """Of the orders those that wait for the officer: to `reply` to his own and to what only handlers see, for the others of
    the units he heads to reply (`unit`), for him to look over their reply (`endorse`), or to `verify` as the nearest legal
    officer what he neither answers for nor replied to."""
    units = [unit_id for role, unit_id, _ in posts_of(officer) if role == Role.UNIT_HEAD]
    match what:
        case "reply":
            # Of a restricted matter only its handlers see the order, and answer it.
            mine = Q(officer=officer) | Q(officer=None, unit__in=units) | Q(officer=None, restricted=True)
            return orders.to_answer().filter(mine)
        case "unit":
            return orders.to_answer().filter(unit__in=units, officer__isnull=False).exclude(officer=officer)
        case "endorse":
            waiting = orders.filter(state=OrderState.REPLIED, endorsed_at=None, unit__in=units)
            return waiting.exclude(replied_by=officer)
        case "verify":
            waiting = orders.filter(answered_by(officer, Role.LEGAL_OFFICER), state=OrderState.REPLIED)
            return waiting.exclude(Q(officer=officer) | Q(replied_by=officer))
    raise ValueError(what)


def same_files(orders: OrderQuerySet) -> dict[str, int]:
    """Digests attached more than once within the orders given, and how often: a sign for a person to judge."""
    return dict(
        Evidence.objects.filter(order__in=orders)
        .order_by()
        .values("sha256")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
        .values_list("sha256", "times")
    )


# -- what people are to be told --------------------------------------------------------------------------------------

_WORDS = {
    Action.ISSUED: "{number}（{grade}）：{problem}，{unit}，{due}前答复",
    Action.RETURNED: "{number}的答复被退回：{text}，{due}前重新答复",
    Action.REOPENED: "{number}要求重新整改：{text}，{due}前答复",
    Action.EXTENDED: "{number}延期至 {due}",
    Action.REASSIGNED: "{number}改由{unit}负责：{problem}，{due}前答复",
    Action.WITHDRAWN: "{number}已撤销，不必再办：{text}",
    Action.REPLIED: "{number}已答复，待核验：{problem}，{unit}",
}
_TEXT_AT_MOST = 60


def untold(*, at: datetime, urgent: bool = False) -> Iterator[Tiding]:
    """What somebody is still to be told at `at`, and who: the officer, or whoever answers for him, of what is asked of
    him; the legal officers of replies; both of what has run out. Orders are never urgent, so nothing where only that is
    asked for."""
    if urgent:
        return
    roster = DutyRoster(at)
    steps = (
        OrderStep.objects.filter(order__tell_since__lte=at, number=F("order__tell_number"))
        .select_related("order__problem", "order__unit", "order__matter")
        .order_by("order__tell_since", "pk")
    )
    late = (
        Order.objects.overdue(at)
        .filter(overdue_told_at=None)
        .select_related("problem", "unit", "matter")
        .order_by("due_at", "pk")
    )
    handlers = _handlers()
    for step in steps.iterator(chunk_size=2000):
        order = step.order
        rung = Rung.LEGAL if step.action == Action.REPLIED else Rung.OFFICER
        key = rules.step_key(order.pk, step.action, step.number)
        words = _WORDS[Action(step.action)].format(
            number=order.number,
            grade=order.get_grade_display(),
            problem=order.problem,
            unit=order.unit,
            due=f"{order.due_on:%m-%d}",
            text=_short(step.text),
        )
        for officer_id in _audience(roster, order, (rung,), handlers):
            # Who replied knows it, and will not verify it.
            if step.action == Action.REPLIED and officer_id == order.replied_by_id:
                continue
            yield Tiding(key, officer_id, order.tell_since or at, ABOUT, words, _link(order))
    for order in late.iterator(chunk_size=2000):
        waits_for_unit = order.state in OrderState.to_answer()
        rungs = (Rung.OFFICER, Rung.HEAD) if waits_for_unit else (Rung.LEGAL,)
        words = (
            f"{order.number}已超期（{order.due_on:%m-%d}）{'未答复' if waits_for_unit else '未核验'}："
            f"{order.problem}，{order.unit}"
        )
        key = rules.overdue_key(order.pk, order.due_on)
        # What has run out comes before what has just come in, and the strongest grade first.
        rank = 1 + Grade(order.grade).weight
        for officer_id in _audience(roster, order, rungs, handlers):
            yield Tiding(key, officer_id, order.due_at, ABOUT, words, _link(order), rank=rank)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TEXT_AT_MOST else f"{line[: _TEXT_AT_MOST - 1]}…"


def _link(order: Order) -> str:
    return reverse("rectification:order", args=(order.pk,))


def _handlers() -> Mapping[int, Mapping[str, list[int]]]:
    """Who may be told of the restricted matters that have orders: their handlers, none of them barred; by matter, by role."""
    found: dict[int, dict[str, list[int]]] = {}
    asked = Order.objects.filter(restricted=True).values("matter")
    for matter_id, handlings in handlers_in_sight(asked).items():
        by_role = found.setdefault(matter_id, defaultdict(list))
        for one in handlings:
            by_role[one.role].append(one.officer_id)
    return found


_ROLES = {
    Rung.OFFICER: (HandlingRole.OFFICER, HandlingRole.HEAD),
    Rung.HEAD: (HandlingRole.HEAD,),
    Rung.LEGAL: (HandlingRole.LEGAL,),
    Rung.LEADER: (HandlingRole.LEADER,),
}


def _audience(
    roster: DutyRoster, order: Order, rungs: Iterable[Rung], handlers: Mapping[int, Mapping[str, list[int]]]
) -> list[int]:
    """Who is told of an order. Of a restricted matter nobody hears but its named handlers: those of the rung, or all."""
    told: dict[int, None] = {}
    for rung in rungs:
        answering = roster.answering(rung, unit_id=order.unit_id, officer_id=order.officer_id)
        if order.matter is not None and order.matter.restricted:
            named = handlers.get(order.matter.pk, {})
            everybody = [one for ones in named.values() for one in ones]
            answering = tuple(
                [one for one in answering if one in everybody]
                or [one for role in _ROLES[rung] for one in named.get(role, ())]
                or everybody
            )
        told |= dict.fromkeys(answering)
    return list(told)


def still_stands(keys: Iterable[str]) -> set[str]:
    """Of the keys of this room, those whose news is still so: nothing has happened to the order since that makes another
    of it, and what had run out has neither been put off nor ended."""
    named = {key: told for key in keys if (told := rules.read_key(key)) is not None}
    rows: dict[int, _Row] = {}
    wanted = sorted({told.order for told in named.values()})
    for begin in range(0, len(wanted), 5000):
        found = Order.objects.filter(pk__in=wanted[begin : begin + 5000])
        rows |= {
            pk: _Row(number, due_on, state)
            for pk, number, due_on, state in found.values_list("pk", "tell_number", "due_on", "state")
        }
    return {key for key, told in named.items() if (row := rows.get(told.order)) and _stands(told, row)}


def matters_behind(keys: Iterable[str]) -> dict[str, int]:
    """Which matter each key of this room tells of, whether it still stands or not; none for an order without a matter."""
    named = {key: told.order for key in keys if (told := rules.read_key(key)) is not None}
    wanted, known = sorted(set(named.values())), dict[int, int]()
    for begin in range(0, len(wanted), 5000):
        rows = Order.objects.filter(pk__in=wanted[begin : begin + 5000], matter__isnull=False)
        known |= dict(rows.values_list("pk", "matter"))
    return {key: known[pk] for key, pk in named.items() if pk in known}


class _Row(NamedTuple):
    tell_number: int | None
    due_on: date
    state: str


def _stands(told: rules.Told, row: _Row) -> bool:
    if told.number is not None:
        return row.tell_number == told.number
    return row.due_on == told.due_on and row.state in OrderState.open_states()


def named_by(keys: Iterable[str]) -> tuple[dict[int, list[int]], dict[date, list[int]]]:
    """What keys of this room name: orders by the number of a step, and by the day they ran out."""
    steps: dict[int, list[int]] = defaultdict(list)
    overdue: dict[date, list[int]] = defaultdict(list)
    for told in map(rules.read_key, keys):
        if told is not None and told.number is not None:
            steps[told.number].append(told.order)
        elif told is not None and told.due_on is not None:
            overdue[told.due_on].append(told.order)
    return steps, overdue
