"""A matter is kept from every disposal, and let go again by somebody else."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from cases.models import Matter, Officer
from supervision.retention.models import Hold
from supervision.retention.refusals import (
    HELD_ALREADY,
    LIFTED_ALREADY,
    NO_HOLD_REASON,
    NO_LIFT_REASON,
    OWN_HOLD,
    RetentionRefused,
)


def hold_matter(*, matter: Matter, reason: str, by: Officer, at: datetime) -> Hold:
    """Put a matter on hold: from now on nothing of it is destroyed, whatever was approved. Refuses no reason, and a matter
    on hold already."""
    if not reason.strip():
        raise RetentionRefused(NO_HOLD_REASON)
    try:
        with transaction.atomic():
            return Hold.objects.create(matter=matter, reason=reason.strip()[:200], by=by, at=at)
    except IntegrityError as error:
        if Hold.objects.filter(matter=matter, lifted_at=None).exists():
            raise RetentionRefused(HELD_ALREADY) from error
        raise


def lift_hold(*, hold: Hold, reason: str, by: Officer, at: datetime) -> Hold:
    """Let a matter go again. Refuses who put it on hold, no reason, and one lifted already."""
    if not reason.strip():
        raise RetentionRefused(NO_LIFT_REASON)
    if hold.by_id == by.pk:
        raise RetentionRefused(OWN_HOLD)
    lifted = Hold.objects.filter(pk=hold.pk, lifted_at=None)
    if not lifted.update(lifted_by=by, lifted_at=at, lift_reason=reason.strip()[:200]):
        raise RetentionRefused(LIFTED_ALREADY)
    hold.refresh_from_db()
    return hold
