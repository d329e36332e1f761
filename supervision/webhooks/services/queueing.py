"""One delivery and its first step, as part of the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.utils import timezone

from cases.models import Officer
from supervision.webhooks import rules
from supervision.webhooks.models import Delivery, DeliveryStep, StepAction, Subscription


def queue(
    subscription: Subscription, key: str, events: Sequence[rules.Event], *, by: Officer | None, at: datetime
) -> Delivery:
    """Write events as one body waiting from `at` on. Its digest is on record before anything leaves."""
    uid, made_at = uuid4(), timezone.localtime(at, timezone.get_default_timezone())
    body = rules.body_of(str(uid), made_at, events)
    names = rules.known_names(event.name for event in events)
    delivery = Delivery.objects.create(
        subscription=subscription,
        uid=uid,
        key=key,
        names=",".join(names),
        size=len(events),
        body=body,
        queued_at=at,
        next_try_at=at,
    )
    digest = hashlib.sha256(body.encode()).hexdigest()
    DeliveryStep.objects.create(delivery=delivery, action=StepAction.QUEUED, at=at, by=by, digest=digest)
    return delivery
