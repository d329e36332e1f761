"""What every verb of the room does: take the row as it was seen, write the step, refuse what is no text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cases.models import Officer
from supervision.returnvisits.models import Action, Check, Finding, Visit, VisitRound, VisitState, VisitStep
from supervision.returnvisits.queries import is_involved
from supervision.returnvisits.refusals import (
    CHECK_CONCLUDED,
    HANDLES_IT,
    MOVED_ON,
    NOT_WAITING,
    ROUND_CLOSED,
    ReturnVisitRefused,
)


def claim_visit(
    visit: Visit, *, states: Iterable[VisitState] = (VisitState.WAITING,), refusal: str = NOT_WAITING, **changes: Any
) -> None:
    """Take a visit of an open round as it was seen, and change it; in the caller's transaction.

    Refuses a closed round, a state in which the verb is not at home, and a visit that somebody moved on meanwhile.
    """
    if visit.state not in tuple(states):
        raise ReturnVisitRefused(refusal.format(state=visit.get_state_display()))
    hold_open(visit.round)
    if not Visit.objects.filter(pk=visit.pk, state=visit.state, attempts=visit.attempts).update(**changes):
        raise ReturnVisitRefused(MOVED_ON)


def hold_open(visit_round: VisitRound) -> None:
    """Keep a round from being closed until the caller's transaction ends. Refuses one that is closed."""
    rows = VisitRound.objects.select_for_update(no_key=True).filter(pk=visit_round.pk, closed_at=None)
    if not list(rows.values_list("pk", flat=True)):
        raise ReturnVisitRefused(ROUND_CLOSED)


def claim_check(check: Check, **changes: Any) -> None:
    """Take an open check as it was seen, and change it; in the caller's transaction. Refuses one that has ended, and one
    that somebody moved on meanwhile."""
    if not check.is_open:
        raise ReturnVisitRefused(CHECK_CONCLUDED.format(state=check.get_finding_display()))
    if not Check.objects.filter(pk=check.pk, finding=Finding.OPEN, checker=check.checker_id).update(**changes):
        raise ReturnVisitRefused(MOVED_ON)


def step(
    visit_round: VisitRound,
    action: Action,
    *,
    by: Officer | None,
    at: datetime,
    visit: Visit | None = None,
    text: str = "",
) -> VisitStep:
    return VisitStep.objects.create(round=visit_round, visit=visit, action=action, by=by, at=at, text=text[:1000])


def required(text: str, refusal: str) -> str:
    """The text without the space around it; refuses none at all."""
    text = text.strip()
    if not text:
        raise ReturnVisitRefused(refusal)
    return text


def require_uninvolved(officer: Officer, visit: Visit) -> None:
    """Refuses whoever handles the matter, or belongs to its unit or that it was drawn of."""
    if is_involved(officer, visit.matter, visit.unit_id):
        raise ReturnVisitRefused(HANDLES_IT.format(officer=officer))
