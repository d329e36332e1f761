"""Subscriptions: entered, changed, switched on and off. Enter through `services`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from cases.audit.services import settled_top
from cases.models import Officer
from supervision.webhooks import refusals
from supervision.webhooks.models import Delivery, DeliveryState, DeliveryStep, Ledger, StepAction, Subscription
from supervision.webhooks.queries import LEDGERS
from supervision.webhooks.refusals import WebhookRefused

SETTINGS = ("name", "address", "events", "secret_name", "active")


def where_ledgers_end() -> Mapping[Ledger, int]:
    """The last id of each ledger below which no step can still come. Refuses while one is written too busily to say."""
    ends = {ledger: settled_top(model) for ledger, model in LEDGERS.items()}
    if None in ends.values():
        raise WebhookRefused(refusals.LEDGERS_BUSY)
    return {ledger: end for ledger, end in ends.items() if end is not None}


def enter(*, subscription: Subscription, ends: Mapping[Ledger, int], at: datetime) -> Subscription:
    """Write a new subscription: what the ledgers hold up to `ends` (`where_ledgers_end`) is not told."""
    _begin(subscription, ends, at)
    subscription.save(force_insert=True)
    return subscription


def change(
    *, subscription: Subscription, ends: Mapping[Ledger, int] | None, by: Officer | None, at: datetime
) -> Subscription:
    """Write what was changed in a subscription; its unit stays.

    One switched off drops what still waits. One switched on again begins anew after `ends`: what happened meanwhile is
    not told.
    """
    with transaction.atomic():
        before = Subscription.objects.select_for_update().get(pk=subscription.pk)
        columns = list(SETTINGS)
        if subscription.active and not before.active:
            _begin(subscription, ends if ends is not None else where_ledgers_end(), at)
            columns += ["since", "alerts_read", "bulletins_read"]
        subscription.save(update_fields=columns)
        if before.active and not subscription.active:
            _drop_waiting(subscription, by, at)
    return subscription


def _begin(subscription: Subscription, ends: Mapping[Ledger, int], at: datetime) -> None:
    subscription.since = at
    subscription.alerts_read, subscription.bulletins_read = ends[Ledger.ALERTS], ends[Ledger.BULLETINS]


def _drop_waiting(subscription: Subscription, by: Officer | None, at: datetime) -> None:
    waiting = list(Delivery.objects.waiting().filter(subscription=subscription).values_list("pk", "tries"))
    DeliveryStep.objects.bulk_create(
        (
            DeliveryStep(delivery_id=pk, action=StepAction.DROPPED, at=at, by=by, attempt=tries, note="订阅已停用")
            for pk, tries in waiting
        ),
        batch_size=1000,
    )
    Delivery.objects.waiting().filter(subscription=subscription).update(
        state=DeliveryState.DROPPED, next_try_at=None, ended_at=at
    )
