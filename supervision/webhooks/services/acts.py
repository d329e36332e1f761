"""What an administrator does about deliveries: a test, one more time, or no more. Enter through `services`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from cases.models import Officer
from supervision.webhooks import refusals, rules
from supervision.webhooks.models import Delivery, DeliveryState, DeliveryStep, StepAction, Subscription
from supervision.webhooks.refusals import WebhookRefused
from supervision.webhooks.services.queueing import queue


def send_test(*, subscription: Subscription, by: Officer | None, at: datetime) -> Delivery:
    """Queue a test event, which goes the way of all others. Refuses a subscription that is switched off."""
    event = rules.TestEvent(timezone.localtime(at, timezone.get_default_timezone()), subscription.unit.code)
    with transaction.atomic():
        # Whoever switches it off at the same moment comes before or after.
        if not Subscription.objects.select_for_update().filter(pk=subscription.pk, active=True).exists():
            raise WebhookRefused(refusals.SWITCHED_OFF.format(subscription=subscription))
        return queue(subscription, f"test:{uuid4()}", [event], by=by, at=at)


def send_again(*, delivery: Delivery, by: Officer | None, at: datetime) -> None:
    """Send what has ended once more, as it was and under the same name; its tries are counted anew.

    Refuses what still waits, what is of a subscription that is switched off, and what has lost its body.
    """
    with transaction.atomic():
        subscription = Subscription.objects.select_for_update().get(pk=delivery.subscription_id)
        if not subscription.active:
            raise WebhookRefused(refusals.SWITCHED_OFF.format(subscription=subscription))
        ended = Delivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.WAITING).exclude(body="")
        if not ended.update(**_queued(at)):
            waits = Delivery.objects.waiting().filter(pk=delivery.pk).exists()
            raise WebhookRefused(
                refusals.WAITS_ALREADY if waits else refusals.BODY_GONE.format(days=rules.BODY_KEPT.days)
            )
        DeliveryStep.objects.create(delivery_id=delivery.pk, action=StepAction.REQUEUED, at=at, by=by)


def send_given_up_again(*, subscription: Subscription, by: Officer | None, at: datetime) -> int:
    """The same for all of a subscription that was given up and has its body still; answers how many. A few statements,
    whatever their number. Refuses a subscription that is switched off."""
    with transaction.atomic():
        if not Subscription.objects.select_for_update().filter(pk=subscription.pk, active=True).exists():
            raise WebhookRefused(refusals.SWITCHED_OFF.format(subscription=subscription))
        given_up = Delivery.objects.filter(subscription=subscription, state=DeliveryState.GIVEN_UP).exclude(body="")
        ids = list(given_up.values_list("pk", flat=True))
        DeliveryStep.objects.bulk_create(
            (DeliveryStep(delivery_id=pk, action=StepAction.REQUEUED, at=at, by=by) for pk in ids), batch_size=1000
        )
        return Delivery.objects.filter(pk__in=ids).update(**_queued(at))


def _queued(at: datetime) -> dict[str, Any]:
    waiting = {"state": DeliveryState.WAITING, "tries": 0, "queued_at": at, "next_try_at": at}
    return {**waiting, "ended_at": None, "code": None, "reason": ""}


def drop(*, delivery: Delivery, by: Officer | None, at: datetime) -> None:
    """Let go of what was given up: it waits for nobody any more. Refuses any other."""
    with transaction.atomic():
        given_up = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.GIVEN_UP)
        if not given_up.update(state=DeliveryState.DROPPED, ended_at=at):
            now = DeliveryState(Delivery.objects.values_list("state", flat=True).get(pk=delivery.pk))
            raise WebhookRefused(refusals.NOT_GIVEN_UP.format(state=now.label))
        DeliveryStep.objects.create(delivery_id=delivery.pk, action=StepAction.DROPPED, at=at, by=by)
