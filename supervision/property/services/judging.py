"""The four excesses: worked out from the rows, and judged by a person, who orders what holds to be put right."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cases.models import Matter, Officer
from cases.queries import matters_of
from supervision.property import rules
from supervision.property.models import Action, Excess, ExcessState, Item, ItemState, PropertyStep
from supervision.property.queries import facts_of, ranks
from supervision.property.refusals import MOVED_ON, NO_PROBLEM, NO_WHY, NOT_OPEN, NOT_YOURS, OWN_ITEM, PropertyRefused
from supervision.property.rules import Found
from supervision.property.services.adopting import adopt_ends
from supervision.property.services.ledger import TEXT_WIDTH, fitting, required, step
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.services import RectificationRefused, issue_order

CHUNK = 500


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What one watch did: items looked at, excesses found, and such as no longer hold."""

    items: int
    found: int
    lapsed: int


def check_items(items: Collection[int], *, at: datetime) -> WatchReport:
    """Work out the excesses of these items as they stand at the aware moment `at`; harmless twice.

    1. What the rules find and is not on record is written, with a step; a lapsed one that is found again is open again.
    2. What is open and no longer found lapses, with a step; what a person judged stays as he judged it.
    3. A fixed number of questions, whatever the number of items, in one transaction.
    """
    if not items:
        return WatchReport(0, 0, 0)
    with transaction.atomic():
        # Locked in one order, so that two checks of one item come one after the other.
        rows = list(
            Item.objects.select_for_update(of=("self",)).filter(pk__in=items).select_related("matter").order_by("pk")
        )
        facts, levels = facts_of(rows, at), ranks()
        known = {(one.item_id, one.rule): one for one in Excess.objects.filter(item__in=rows)}
        fresh, again, lapsed = [], [], []
        steps: list[PropertyStep] = []
        for row in rows:
            wanted = {one.rule: one for one in rules.excesses(facts[row.pk], levels)}
            for rule, one in wanted.items():
                held = known.get((row.pk, rule))
                if held is None:
                    fresh.append(_written(Excess(item=row, rule=rule, found_at=at), one))
                elif held.state == ExcessState.LAPSED:
                    held.state, held.found_at = ExcessState.FOUND, at
                    again.append(_written(held, one))
                elif held.state == ExcessState.FOUND and held.text != one.text:
                    # The sum or the day moved; the finding is the same.
                    again.append(_written(held, one))
                    continue
                else:
                    continue
                steps.append(_step(row, Action.FOUND, one.text, at))
            for (pk, rule), held in known.items():
                if pk == row.pk and rule not in wanted and held.state == ExcessState.FOUND:
                    held.state = ExcessState.LAPSED
                    lapsed.append(held)
                    steps.append(_step(row, Action.LAPSED, held.text, at))
        Excess.objects.bulk_create(fresh)
        columns = ("state", "found_at", "kind", "text", "citation", "problem", "computed", "clock")
        Excess.objects.bulk_update([*again, *lapsed], columns)
        PropertyStep.objects.bulk_create(steps)
    return WatchReport(len(rows), sum(one.action == Action.FOUND for one in steps), len(lapsed))


def _written(row: Excess, found: Found) -> Excess:
    row.kind, row.text, row.citation = found.kind.value, found.text[:300], found.citation
    row.problem, row.computed, row.clock_id = found.problem, found.computed, found.clock
    return row


def _step(item: Item, action: Action, text: str, at: datetime) -> PropertyStep:
    return PropertyStep(matter_id=item.pk, action=action, at=at, text=text[:TEXT_WIDTH])


def watch(*, at: datetime) -> WatchReport:
    """Look through everything that is held at the aware moment `at`.

    1. By key, five hundred a transaction: what a killed watch did not reach, the next one does.
    2. An end that was recorded on the matter itself is taken over.
    3. Of each the excesses are worked out as in `check_items`; twice finds nothing the second time.
    """
    items = found = lapsed = last = 0
    while True:
        rows = Item.objects.filter(state=ItemState.HELD, pk__gt=last, matter__withdrawn_at=None)
        chunk = list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not chunk:
            return WatchReport(items, found, lapsed)
        last = chunk[-1]
        adopt_ends(chunk, at=at)
        report = check_items(chunk, at=at)
        items, found, lapsed = items + report.items, found + report.found, lapsed + report.lapsed


# -- judging -------------------------------------------------------------------------------------------------------------


def confirm_excess(*, excess: Excess, text: str = "", by: Officer, at: datetime) -> Order:
    """It is so: the unit that took the item is ordered to put it right, in the same transaction. What is already ordered of
    the same clock is not ordered twice: the open order is named.

    Refuses whoever may not see the item or handles it, one that is judged or lapsed, and a problem that is not in the
    catalogue.
    """
    text = fitting(text, "核实意见", rules.MOST_TEXT)
    matter = _judged_by(excess, by)
    problem = Problem.objects.filter(code=excess.problem).first()
    if problem is None:
        raise PropertyRefused(NO_PROBLEM.format(code=excess.problem))
    officer = matter.officer if matter.officer is not None and matter.officer.is_active else None
    with transaction.atomic():
        order = _open_order_on(excess)
        if order is None:
            try:
                order = issue_order(
                    source=Source.SUPERVISOR, source_number=source_number(excess), problem=problem,
                    unit=matter.unit, officer=officer, matter=matter, clock=excess.clock, by=by, at=at,
                    text=f"{excess.get_kind_display()}：{excess.text}（{excess.citation}）。{problem.demand}",
                )  # fmt: skip
            except RectificationRefused as refusal:
                raise PropertyRefused(str(refusal)) from refusal
        _judge(excess, state=ExcessState.CONFIRMED, why=text, order=order, judged_by=by, judged_at=at)
        step(matter.pk, Action.CONFIRMED, by=by, at=at, text=f"{excess.get_kind_display()}，{order.number}")
    excess.refresh_from_db()
    return order


def dismiss_excess(*, excess: Excess, why: str, by: Officer, at: datetime) -> Excess:
    """It is not so, for a reason; it is not found again.

    Refuses without a reason, whoever may not see the item or handles it, and one that is judged or lapsed.
    """
    if not why.strip():
        raise PropertyRefused(NO_WHY)
    why = required(why, "不成立的理由")
    matter = _judged_by(excess, by)
    with transaction.atomic():
        _judge(excess, state=ExcessState.DISMISSED, why=why, judged_by=by, judged_at=at)
        step(matter.pk, Action.DISMISSED, by=by, at=at, text=f"{excess.get_kind_display()}：{why}")
    excess.refresh_from_db()
    return excess


def source_number(excess: Excess) -> str:
    """By what an order says which excess it is about."""
    return f"property-{excess.item_id}-{excess.pk}"


def _open_order_on(excess: Excess) -> Order | None:
    if excess.clock_id is None:
        return None
    return Order.objects.open().filter(clock=excess.clock_id).order_by("-pk").first()


def _judged_by(excess: Excess, by: Officer) -> Matter:
    """The item's matter, seen by who judges."""
    matter = matters_of(by).select_related("unit", "officer", "kind").filter(pk=excess.item_id).first()
    if matter is None:
        raise PropertyRefused(NOT_YOURS)
    if matter.officer_id == by.pk:
        raise PropertyRefused(OWN_ITEM)
    if excess.state != ExcessState.FOUND:
        raise PropertyRefused(NOT_OPEN.format(state=excess.get_state_display()))
    return matter


def _judge(excess: Excess, **changes: object) -> None:
    if not Excess.objects.filter(pk=excess.pk, state=ExcessState.FOUND).update(**changes):
        raise PropertyRefused(MOVED_ON)
