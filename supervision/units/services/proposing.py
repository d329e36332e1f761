"""One administrator proposes, another decides."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.models import Officer, Unit
from cases.queries import units_kept_by
from cases.services import CaseRefused
from cases.tree import check_merger, check_move
from supervision.units.models import Kind, State, UnitChange
from supervision.units.queries import waiting_for
from supervision.units.refusals import (
    BEGUN,
    NO_GROUND,
    NO_REASON,
    NOT_HIS_OWN,
    NOT_KEPT,
    NOT_OVER_IT,
    NOT_WAITING,
    OPEN_ALREADY,
    OWN_CHANGE,
    PAST,
    UnitsRefused,
)


def propose_change(
    *, kind: Kind | str, unit: Unit, target: Unit, effective_on: date, ground: str, by: Officer, at: datetime
) -> UnitChange:
    """Propose that a unit goes under another, or into another, from a local day on; `at` is an aware moment.

    Refuses without a document, a day that is over, units he does not keep, what makes no tree (`cases.tree`), and a unit
    with a change under way.
    """
    if not ground.strip():
        raise UnitsRefused(NO_GROUND)
    if effective_on < timezone.localdate(at):
        raise UnitsRefused(PAST.format(on=effective_on))
    kept = set(units_kept_by(by).filter(pk__in=(unit.pk, target.pk)).values_list("pk", flat=True))
    for one in (unit, target):
        if one.pk not in kept:
            raise UnitsRefused(NOT_KEPT.format(unit=one))
    check(kind, unit, target, effective_on)
    try:
        with transaction.atomic():
            return UnitChange.objects.create(
                kind=kind,
                unit=unit,
                target=target,
                former_parent_id=unit.parent_id,
                effective_on=effective_on,
                ground=ground.strip()[:80],
                proposer=by,
                proposed_at=at,
            )
    except IntegrityError as error:
        if UnitChange.objects.filter(unit=unit, state__in=State.open_states()).exists():
            raise UnitsRefused(OPEN_ALREADY.format(unit=unit)) from error
        raise


def check(kind: Kind | str, unit: Unit, target: Unit, on: date) -> None:
    """Refuse what the tree would refuse."""
    try:
        if kind == Kind.MOVE:
            check_move(unit, target)
        else:
            check_merger(unit, target, on)
    except CaseRefused as refusal:
        raise UnitsRefused(str(refusal)) from refusal


def approve_change(*, change: UnitChange, answer: str = "", by: Officer, at: datetime) -> UnitChange:
    """Approve a change; the job carries it out on its day. Refuses who proposed it, who does not keep both units, what
    no longer waits, and what by now makes no tree."""
    if change.state == State.PROPOSED:
        check(change.kind, change.unit, change.target, change.effective_on)
    return _decide(change, State.APPROVED, answer, by, at)


def refuse_change(*, change: UnitChange, answer: str, by: Officer, at: datetime) -> UnitChange:
    """Refuse a change. Refuses without a reason, and the same as `approve_change`."""
    if not answer.strip():
        raise UnitsRefused(NO_REASON)
    return _decide(change, State.REFUSED, answer, by, at)


def withdraw_change(*, change: UnitChange, by: Officer) -> UnitChange:
    """Take one's own change back, approved or not, as long as it was not carried out. Refuses another's."""
    if change.proposer_id != by.pk:
        raise UnitsRefused(NOT_HIS_OWN)
    waiting = UnitChange.objects.filter(pk=change.pk, state__in=(State.PROPOSED, State.APPROVED))
    if not waiting.update(state=State.WITHDRAWN):
        change.refresh_from_db()
        raise UnitsRefused(BEGUN if change.state in State.carried_out() else NOT_WAITING)
    change.refresh_from_db()
    return change


def _decide(change: UnitChange, state: State, answer: str, by: Officer, at: datetime) -> UnitChange:
    if change.proposer_id == by.pk:
        raise UnitsRefused(OWN_CHANGE)
    if not waiting_for(by).filter(pk=change.pk).exists():
        waits = UnitChange.objects.filter(pk=change.pk, state=State.PROPOSED).exists()
        raise UnitsRefused(NOT_OVER_IT if waits else NOT_WAITING)
    if not UnitChange.objects.filter(pk=change.pk, state=State.PROPOSED).update(
        state=state, decider=by, decided_at=at, answer=answer.strip()[:200]
    ):
        raise UnitsRefused(NOT_WAITING)
    change.refresh_from_db()
    return change
