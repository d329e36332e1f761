"""The faults: worked out from the rows, and judged by a person, who orders what holds to be put right."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from cases.models import Matter, Officer
from cases.queries import matters_of
from supervision.expedited import rules
from supervision.expedited.models import (
    TEXT_WIDTH,
    Action,
    CaseState,
    ExpeditedCase,
    ExpeditedStep,
    Fault,
    FaultState,
    Verdict,
)
from supervision.expedited.queries import called_expedited, records_of
from supervision.expedited.refusals import (
    FAULT_NOT_OPEN,
    MOVED_ON,
    NO_PROBLEM,
    NO_WHY,
    NOT_YOURS,
    OWN_CASE,
    ExpeditedRefused,
)
from supervision.expedited.rules import MOST_TEXT, Found
from supervision.expedited.services.adopting import adopt_events, adopt_matters
from supervision.expedited.services.ledger import fitting, required, step
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.services import RectificationRefused, issue_order

CHUNK = 500
# What all of them are ordered as.
PROBLEM: Final = "expedited_wrongly"
# So long after its end a case is still looked at each night, as something on its record may be corrected.
WATCHED_AFTER: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What one watch did: cases taken over, known ones looked at, faults found in both, and such as no longer hold."""

    adopted: int
    cases: int
    found: int
    lapsed: int


def check_cases(cases: Collection[int], *, at: datetime) -> WatchReport:
    """Work out eligibility and faults of these cases as they stand at the aware moment `at`; harmless twice.

    1. What the rules find and is not on record is written, with a step; a lapsed one that is found again is open again.
    2. What is open and no longer found lapses, with a step; what a person judged stays as he judged it.
    3. A fixed number of questions, whatever the number of cases, in one transaction.
    """
    if not cases:
        return WatchReport(0, 0, 0, 0)
    with transaction.atomic():
        # Locked in one order, so that two checks of one case come one after the other.
        rows = list(
            ExpeditedCase.objects.select_for_update(of=("self",))
            .filter(pk__in=cases)
            .select_related("matter__kind")
            .order_by("pk")
        )
        records = records_of(rows, at)
        known = {(one.case_id, one.rule): one for one in Fault.objects.filter(case__in=rows)}
        fresh, again, lapsed, turned = [], [], [], []
        steps: list[ExpeditedStep] = []
        for row in rows:
            record = records[row.pk]
            verdict = Verdict(record.eligibility.verdict.value)
            if row.verdict != verdict:
                row.verdict = verdict
                turned.append(row)
            wanted = {one.rule.value: one for one in rules.faults(record)}
            for rule, one in wanted.items():
                held = known.get((row.pk, rule))
                if held is None:
                    fresh.append(_written(Fault(case=row, rule=rule, found_at=at), one))
                elif held.state == FaultState.LAPSED:
                    held.state, held.found_at = FaultState.FOUND, at
                    again.append(_written(held, one))
                elif held.state == FaultState.FOUND and held.text != one.text[:TEXT_WIDTH]:
                    # The grounds or the moment moved; the finding is the same.
                    again.append(_written(held, one))
                    continue
                else:
                    continue
                steps.append(_step(row, Action.FOUND, one.text, at))
            for (pk, rule), held in known.items():
                if pk == row.pk and rule not in wanted and held.state == FaultState.FOUND:
                    held.state = FaultState.LAPSED
                    lapsed.append(held)
                    steps.append(_step(row, Action.LAPSED, held.text, at))
        Fault.objects.bulk_create(fresh)
        Fault.objects.bulk_update([*again, *lapsed], ("state", "found_at", "text", "citation", "clock"))
        ExpeditedCase.objects.bulk_update(turned, ("verdict",))
        ExpeditedStep.objects.bulk_create(steps)
    return WatchReport(0, len(rows), sum(one.action == Action.FOUND for one in steps), len(lapsed))


def _written(row: Fault, found: Found) -> Fault:
    row.text, row.citation, row.clock_id = found.text[:TEXT_WIDTH], found.citation, found.clock
    return row


def _step(case: ExpeditedCase, action: Action, text: str, at: datetime) -> ExpeditedStep:
    return ExpeditedStep(matter_id=case.pk, action=action, at=at, text=text[:TEXT_WIDTH])


def watch(*, at: datetime) -> WatchReport:
    """Look through everything handled by the procedure at the aware moment `at`.

    1. Cases that are noted as expedited and not known here are taken over, five hundred a transaction.
    2. What goes on, ended lately, or has a fault that waits, is brought in line with the events on its matter.
    3. Of each the faults are worked out as in `check_cases`; what a killed watch did not reach, the next one does, and
       twice finds nothing the second time.
    """
    adopted = cases = found = lapsed = last = 0
    unknown = Matter.objects.standing().filter(called_expedited(), kind__family=rules.FAMILY, expedited_case=None)
    while chunk := list(unknown.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        last = chunk[-1]
        adopted += len(adopt_matters(chunk, at=at))
        found += _look_at(chunk, at).found
    last = 0
    waiting = Fault.objects.to_judge().filter(case=OuterRef("pk"))
    watched = ExpeditedCase.objects.filter(
        Q(state=CaseState.OPEN) | Q(ended_at__gte=at - WATCHED_AFTER) | Exists(waiting), matter__withdrawn_at=None
    )
    while chunk := list(watched.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        last = chunk[-1]
        report = _look_at(chunk, at)
        cases, found, lapsed = cases + report.cases, found + report.found, lapsed + report.lapsed
    return WatchReport(adopted, cases, found, lapsed)


def _look_at(cases: Collection[int], at: datetime) -> WatchReport:
    adopt_events(cases, at=at)
    return check_cases(cases, at=at)


# -- judging -------------------------------------------------------------------------------------------------------------


def confirm_fault(*, fault: Fault, text: str = "", by: Officer, at: datetime) -> Order:
    """It is so: the unit that handles the case is ordered to put it right, in the same transaction. What is already ordered
    of the same clock is not ordered twice: the open order is named.

    Refuses whoever may not see the case or handles it, one that is judged or lapsed, and a catalogue without the problem.
    """
    text = fitting(text, "核实意见", MOST_TEXT)
    matter = _judged_by(fault, by)
    problem = Problem.objects.filter(code=PROBLEM).first()
    if problem is None:
        raise ExpeditedRefused(NO_PROBLEM.format(code=PROBLEM))
    officer = matter.officer if matter.officer is not None and matter.officer.is_active else None
    with transaction.atomic():
        order = _open_order_on(fault)
        if order is None:
            try:
                order = issue_order(
                    source=Source.SUPERVISOR, source_number=source_number(fault), problem=problem,
                    unit=matter.unit, officer=officer, matter=matter, clock=fault.clock, by=by, at=at,
                    text=f"{fault.get_rule_display()}：{fault.text}（{fault.citation}）。{problem.demand}",
                )  # fmt: skip
            except RectificationRefused as refusal:
                raise ExpeditedRefused(str(refusal)) from refusal
        _judge(fault, state=FaultState.CONFIRMED, why=text, order=order, judged_by=by, judged_at=at)
        step(matter.pk, Action.CONFIRMED, by=by, at=at, text=f"{fault.get_rule_display()}，{order.number}")
    fault.refresh_from_db()
    return order


def dismiss_fault(*, fault: Fault, why: str, by: Officer, at: datetime) -> Fault:
    """It is not so, for a reason; it is not found again.

    Refuses without a reason, whoever may not see the case or handles it, and one that is judged or lapsed.
    """
    if not why.strip():
        raise ExpeditedRefused(NO_WHY)
    why = required(why, "不成立的理由", MOST_TEXT)
    matter = _judged_by(fault, by)
    with transaction.atomic():
        _judge(fault, state=FaultState.DISMISSED, why=why, judged_by=by, judged_at=at)
        step(matter.pk, Action.DISMISSED, by=by, at=at, text=f"{fault.get_rule_display()}：{why}")
    fault.refresh_from_db()
    return fault


def source_number(fault: Fault) -> str:
    """By what an order says which fault it is about."""
    return f"expedited-{fault.case_id}-{fault.pk}"


def _open_order_on(fault: Fault) -> Order | None:
    if fault.clock_id is None:
        return None
    return Order.objects.open().filter(clock=fault.clock_id).order_by("-pk").first()


def _judged_by(fault: Fault, by: Officer) -> Matter:
    """The case's matter, seen by who judges."""
    matter = matters_of(by).select_related("unit", "officer", "kind").filter(pk=fault.case_id).first()
    if matter is None:
        raise ExpeditedRefused(NOT_YOURS)
    if matter.officer_id == by.pk:
        raise ExpeditedRefused(OWN_CASE)
    if fault.state != FaultState.FOUND:
        raise ExpeditedRefused(FAULT_NOT_OPEN.format(state=fault.get_state_display()))
    return matter


def _judge(fault: Fault, **changes: object) -> None:
    if not Fault.objects.filter(pk=fault.pk, state=FaultState.FOUND).update(**changes):
        raise ExpeditedRefused(MOVED_ON)
