"""Faults of visits: worked out from the rows, and judged by a person, who orders what holds to be put right."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cases.models import Matter, Officer
from cases.queries import matters_of
from supervision.custody import rules
from supervision.custody.models import Action, Fault, FaultState, Visit, VisitStep
from supervision.custody.queries import facts_of
from supervision.custody.refusals import MOVED_ON, NO_PROBLEM, NO_WHY, NOT_OPEN, NOT_YOURS, OWN_VISIT, CustodyRefused
from supervision.custody.services.ledger import TEXT_WIDTH, fitting, required, step
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.services import RectificationRefused, issue_order

CHUNK = 500


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What one watch did: visits looked at, faults found, and such as no longer hold."""

    visits: int
    found: int
    lapsed: int


def check_visits(visits: Collection[int], *, at: datetime) -> WatchReport:
    """Work out the faults of these visits as they stand at the aware moment `at`; harmless twice.

    1. What the rules find and is not on record is written, with a step; a lapsed one that is found again is open again.
    2. What is open and no longer found lapses, with a step; what a person judged stays as he judged it.
    3. A fixed number of questions, whatever the number of visits, in one transaction.
    """
    if not visits:
        return WatchReport(0, 0, 0)
    with transaction.atomic():
        # Locked in one order, so that two checks of one visit come one after the other.
        locked = Visit.objects.select_for_update(of=("self",)).filter(pk__in=visits)
        rows = list(locked.select_related("matter").order_by("pk"))
        facts = facts_of(rows, at)
        known = {(one.visit_id, one.rule): one for one in Fault.objects.filter(visit__in=rows)}
        fresh, changed = [], []
        steps: list[VisitStep] = []
        for row in rows:
            wanted = {one.rule: one for one in rules.faults(facts[row.pk], at)}
            for rule, one in wanted.items():
                held = known.get((row.pk, rule))
                if held is None:
                    fresh.append(_written(Fault(visit=row, rule=rule, found_at=at), one))
                elif held.state == FaultState.LAPSED:
                    held.state, held.found_at = FaultState.FOUND, at
                    changed.append(_written(held, one))
                else:
                    if held.state == FaultState.FOUND and held.text != one.text:
                        # The minutes grew; the finding is the same.
                        changed.append(_written(held, one))
                    continue
                steps.append(_step(row, Action.FOUND, one.text, at))
            for (pk, rule), held in known.items():
                if pk == row.pk and rule not in wanted and held.state == FaultState.FOUND:
                    held.state = FaultState.LAPSED
                    changed.append(held)
                    steps.append(_step(row, Action.LAPSED, held.text, at))
        Fault.objects.bulk_create(fresh)
        Fault.objects.bulk_update(
            changed, ("state", "found_at", "sort", "text", "citation", "problem", "computed", "clock")
        )
        VisitStep.objects.bulk_create(steps)
    found = sum(one.action == Action.FOUND for one in steps)
    return WatchReport(len(rows), found, len(steps) - found)


def _written(row: Fault, found: rules.Found) -> Fault:
    row.sort, row.text, row.citation = found.sort.value, found.text[:300], found.citation
    row.problem, row.computed, row.clock_id = found.problem, found.computed, found.clock
    return row


def _step(visit: Visit, action: Action, text: str, at: datetime) -> VisitStep:
    return VisitStep(visit=visit, action=action, at=at, text=text[:TEXT_WIDTH])


def watch(*, at: datetime) -> WatchReport:
    """Look through everybody who is inside at the aware moment `at`.

    1. By key, five hundred a transaction: what a killed watch did not reach, the next one does.
    2. Of each the faults are worked out as in `check_visits`; twice finds nothing the second time.
    3. Who left needs no watch: the exit worked them out, and every correction does again.
    """
    visits = found = lapsed = last = 0
    while True:
        rows = Visit.objects.filter(left_at=None, pk__gt=last, matter__withdrawn_at=None)
        chunk = list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not chunk:
            return WatchReport(visits, found, lapsed)
        last = chunk[-1]
        report = check_visits(chunk, at=at)
        visits, found, lapsed = visits + report.visits, found + report.found, lapsed + report.lapsed


# -- judging -------------------------------------------------------------------------------------------------------------


def confirm_fault(*, fault: Fault, text: str = "", by: Officer, at: datetime) -> Order:
    """It is so: the unit that brought the person in is ordered to put it right, in the same transaction. What is already
    ordered of the same clock is not ordered twice: the open order is named.

    Refuses whoever may not see the visit or handles it, one that is judged or lapsed, and a problem that is not in the
    catalogue.
    """
    text = fitting(text, "核实意见", rules.MOST_TEXT)
    matter = _judged_by(fault, by)
    problem = Problem.objects.filter(code=fault.problem).first()
    if problem is None:
        raise CustodyRefused(NO_PROBLEM.format(code=fault.problem))
    officer = matter.officer if matter.officer is not None and matter.officer.is_active else None
    with transaction.atomic():
        order = _open_order_on(fault)
        if order is None:
            try:
                order = issue_order(
                    source=Source.SUPERVISOR, source_number=f"custody-{fault.visit_id}-{fault.pk}", problem=problem,
                    unit=matter.unit, officer=officer, matter=matter, clock=fault.clock, by=by, at=at,
                    text=f"{fault.get_sort_display()}：{fault.text}（{fault.citation}）。{problem.demand}",
                )  # fmt: skip
            except RectificationRefused as refusal:
                raise CustodyRefused(str(refusal)) from refusal
        _judge(fault, state=FaultState.CONFIRMED, why=text, order=order, judged_by=by, judged_at=at)
        text = f"{fault.get_sort_display()}，{order.number}"
        step(fault.visit, Action.CONFIRMED, by=by, at=at, text=text)
    fault.refresh_from_db()
    return order


def dismiss_fault(*, fault: Fault, why: str, by: Officer, at: datetime) -> Fault:
    """It is not so, for a reason; it is not found again.

    Refuses without a reason, whoever may not see the visit or handles it, and one that is judged or lapsed.
    """
    if not why.strip():
        raise CustodyRefused(NO_WHY)
    why = required(why, "不成立的理由")
    _judged_by(fault, by)
    with transaction.atomic():
        _judge(fault, state=FaultState.DISMISSED, why=why, judged_by=by, judged_at=at)
        step(fault.visit, Action.DISMISSED, by=by, at=at, text=f"{fault.get_sort_display()}：{why}")
    fault.refresh_from_db()
    return fault


def _open_order_on(fault: Fault) -> Order | None:
    if fault.clock_id is None:
        return None
    return Order.objects.open().filter(clock=fault.clock_id).order_by("-pk").first()


def _judged_by(fault: Fault, by: Officer) -> Matter:
    """The visit's matter, seen by who judges."""
    matter = matters_of(by).select_related("unit", "officer", "kind").filter(pk=fault.visit_id).first()
    if matter is None:
        raise CustodyRefused(NOT_YOURS)
    if matter.officer_id == by.pk:
        raise CustodyRefused(OWN_VISIT)
    if fault.state != FaultState.FOUND:
        raise CustodyRefused(NOT_OPEN.format(state=fault.get_state_display()))
    return matter


def _judge(fault: Fault, **changes: object) -> None:
    if not Fault.objects.filter(pk=fault.pk, state=FaultState.FOUND).update(**changes):
        raise CustodyRefused(MOVED_ON)
