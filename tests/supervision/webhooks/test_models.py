"""What the database itself refuses, and a ledger that only grows."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from supervision.webhooks.models import Delivery, DeliveryState, DeliveryStep, Subscription
from tests.cases.factories import Bureau
from tests.supervision.webhooks.factories import AT, queued, subscribe

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("changed", [{"secret_name": ""}, {"events": ""}])
def test_a_subscription_is_signed_and_is_to_something(bureau: Bureau, changed: dict[str, Any]) -> None:
    subscribe(bureau.county)

    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.update(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"next_try_at": None},
        {"ended_at": AT},
        {"body": ""},
        {"size": 0},
        {"state": DeliveryState.SENT},
        {"state": DeliveryState.SENT, "next_try_at": None},
        {"state": DeliveryState.GIVEN_UP, "next_try_at": None, "ended_at": AT},
    ],
)
def test_a_delivery_is_never_half_of_one_thing(bureau: Bureau, changed: dict[str, Any]) -> None:
    queued(subscribe(bureau.county))

    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.update(**changed)


def test_what_follows_a_place_in_a_ledger_is_queued_once(bureau: Bureau) -> None:
    first, second = queued(subscribe(bureau.county), 2)

    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=second.pk).update(key=first.key)


def test_the_ledger_only_grows(bureau: Bureau) -> None:
    queued(subscribe(bureau.county))

    for act in (lambda: DeliveryStep.objects.update(note="x"), lambda: DeliveryStep.objects.all().delete()):
        with pytest.raises(Exception, match="台账只能追加"), transaction.atomic():
            act()
