"""How a negative evaluation is looked into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cases.models import Officer
from supervision.rectification.models import Grade, Problem, Source
from supervision.rectification.refusals import RectificationRefused
from supervision.rectification.services import issue_order
from supervision.returnvisits import rules
from supervision.returnvisits.models import Action, Check, Finding
from supervision.returnvisits.queries import may_be_called_on
from supervision.returnvisits.refusals import (
    CALLER_AWAY,
    NO_FINDING,
    NO_ORDER_FOR_UNFOUNDED,
    NOT_THE_CHECKER,
    ORDER_INCOMPLETE,
    QUOTES_THE_ANSWER,
    ReturnVisitRefused,
)
from supervision.returnvisits.services.ledger import claim_check, require_uninvolved, required, step


@dataclass(frozen=True, slots=True)
class Demand:
    """The order that goes with a finding: the problem of the catalogue, what was found and is asked. Without grade or
    working days those of the problem are taken."""

    problem: Problem | None
    text: str
    grade: Grade | str | None = None
    workdays: int | None = None


def assign_check(*, check: Check, to: Officer, by: Officer, at: datetime) -> Check:
    """Say who checks. Refuses whoever handles the matter or belongs to the unit that was evaluated, who is not there, and a
    check that has ended."""
    if not may_be_called_on(to):
        raise ReturnVisitRefused(CALLER_AWAY.format(officer=to))
    require_uninvolved(to, check.visit)
    with transaction.atomic():
        claim_check(check, checker=to)
        step(check.visit.round, Action.CHECK_TAKEN, by=by, at=at, visit=check.visit, text=str(to))
    check.refresh_from_db()
    return check


def conclude_check(
    *, check: Check, upheld: bool, text: str, by: Officer, at: datetime, demand: Demand | None = None
) -> Check:
    """Bring a check to a finding: borne out or not, and why. What is borne out orders the unit to put it right; the order
    names no officer, as the evaluation was of a matter. Finding and order are for the unit to read.

    Refuses anybody but the checker (one without a checker becomes his who concludes it), whoever has a part in the matter,
    no finding, words of the answer itself in what the unit will read, borne out without an order or an order without, and
    whatever the room of orders refuses.
    """
    found = required(text, NO_FINDING)
    if check.checker is not None and check.checker != by:
        raise ReturnVisitRefused(NOT_THE_CHECKER.format(checker=check.checker))
    require_uninvolved(by, check.visit)
    answer = check.visit.feedback.text if check.visit.feedback is not None else ""
    asked = demand.text if demand is not None else ""
    if rules.quotes(answer, found) or rules.quotes(answer, asked):
        raise ReturnVisitRefused(QUOTES_THE_ANSWER)
    if not upheld:
        if demand is not None:
            raise ReturnVisitRefused(NO_ORDER_FOR_UNFOUNDED)
    elif demand is None or demand.problem is None or not demand.text.strip():
        raise ReturnVisitRefused(ORDER_INCOMPLETE)
    finding = Finding.UPHELD if upheld else Finding.UNFOUNDED
    try:
        with transaction.atomic():
            order = None
            if demand is not None and demand.problem is not None:
                order = issue_order(
                    source=Source.EVALUATION,
                    source_number=str(check.pk),
                    problem=demand.problem,
                    unit=check.unit,
                    officer=None,
                    text=demand.text,
                    by=by,
                    at=at,
                    grade=demand.grade or None,
                    matter=check.visit.matter,
                    workdays=demand.workdays,
                )
            claim_check(check, finding=finding, text=found, concluded_at=at, concluded_by=by, checker=by, order=order)
            action = Action.UPHELD if upheld else Action.UNFOUNDED
            told = f"，下达{order.number}" if order is not None else ""
            step(check.visit.round, action, by=by, at=at, visit=check.visit, text=f"{found}{told}")
    except RectificationRefused as refusal:
        raise ReturnVisitRefused(str(refusal)) from refusal
    check.refresh_from_db()
    return check
