"""The registers: what may be inspected, who inspects, and who keeps away from what."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from cases.models import Officer, Unit
from supervision.inspections.models import Inspector, Interest, Target
from supervision.inspections.refusals import (
    ALREADY_LISTED,
    MOVED_ON,
    NO_CATEGORY,
    NO_CODE,
    NO_NAME,
    NO_WHY,
    NOT_LISTED,
    OUT_OF_USE,
    SAME_TARGET,
    InspectionRefused,
)
from supervision.inspections.services.ledger import required


def list_target(*, code: str, name: str, category: str, unit: Unit, by: Officer, at: datetime) -> Target:
    """Put a place or an undertaking into the register. Refuses missing names, and a number that is taken."""
    code, name, category = (
        required(code, NO_CODE, 40),
        required(name, NO_NAME, 100),
        required(category, NO_CATEGORY, 40),
    )
    try:
        with transaction.atomic():
            return Target.objects.create(
                code=code, name=name, category=category, listed_at=at, listed_by=by, **unit.scope_ids
            )
    except IntegrityError as error:
        raise InspectionRefused(SAME_TARGET.format(code=code)) from error


def remove_target(*, target: Target, by: Officer, at: datetime) -> Target:
    """Take a target out of the register: it is drawn no more. Refuses one that is out already."""
    if not Target.objects.in_force().filter(pk=target.pk).update(removed_at=at, removed_by=by):
        raise InspectionRefused(MOVED_ON)
    target.refresh_from_db()
    return target


def list_inspector(*, officer: Officer, by: Officer, at: datetime) -> Inspector:
    """Put an officer into the register of inspectors. Refuses an account out of use, and who is in it."""
    if not officer.is_active:
        raise InspectionRefused(OUT_OF_USE.format(officer=officer))
    try:
        with transaction.atomic():
            return Inspector.objects.create(officer=officer, listed_at=at, listed_by=by)
    except IntegrityError as error:
        raise InspectionRefused(ALREADY_LISTED.format(officer=officer)) from error


def remove_inspector(*, officer: Officer, by: Officer, at: datetime) -> None:
    """Take an officer out of the register: he is drawn no more; what he was drawn for stays his. Refuses who is not in it."""
    if not Inspector.objects.filter(officer=officer, removed_at=None).update(removed_at=at, removed_by=by):
        raise InspectionRefused(NOT_LISTED.format(officer=officer))


def declare_interest(*, officer: Officer, target: Target, why: str, at: datetime) -> Interest:
    """An officer declares an interest in a target: from then on he is not drawn for it. Refuses no reason; twice is once."""
    why = required(why, NO_WHY, 200)
    row, _ = Interest.objects.get_or_create(officer=officer, target=target, defaults={"why": why, "declared_at": at})
    return row
