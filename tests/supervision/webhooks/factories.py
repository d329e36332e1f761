"""Subscriptions, warnings raised by the real sweep, and what a receiver made of its calls."""

import json
from datetime import timedelta
from itertools import count
from typing import Any

from cases.models import Matter, Officer, Unit
from supervision.alerts.services import sweep
from supervision.webhooks.models import Delivery, Subscription
from supervision.webhooks.rules import EventName
from supervision.webhooks.rules import TestEvent as Ping
from supervision.webhooks.services import enter, where_ledgers_end
from supervision.webhooks.services.queueing import queue
from tests.cases.factories import make_case, moment
from tests.rigs.gateway import Call, Gateway

SECRET = "a-secret-that-both-sides-know-0123456789"
AT = moment("2026-03-16 08:00")
MINUTE = timedelta(minutes=1)

_numbers = count(1)


def subscribe(unit: Unit, address: str = "http://127.0.0.1:9/in", *names: str, name: str = "") -> Subscription:
    """A subscription from AT on, to everything unless it is said to what."""
    return enter(
        subscription=Subscription(
            name=name or f"门户{next(_numbers)}",
            unit=unit,
            address=address,
            events=",".join(names or EventName.offered()),
            secret_name="PORTAL",
        ),
        ends=where_ledgers_end(),
        at=AT,
    )


def late_case(unit: Unit, number: str = "", *, kind: str = "case", officer: Officer | None = None) -> Matter:
    """A matter filed so long ago that its limit is over at AT: a sweep raises yellow, orange and red at once."""
    number = number or f"某公〔2026〕{next(_numbers)}号"
    return make_case(number, unit, officer, filed="2026-02-01 10:00", kind=kind)


def swept(*units: Unit) -> list[Matter]:
    """A late case in each unit, found by one sweep at AT."""
    made = [late_case(unit) for unit in units]
    sweep(at=AT)
    return made


def queued(subscription: Subscription, count_: int = 1) -> list[Delivery]:
    """Deliveries that wait from AT on, in this order."""
    ping = Ping(AT, subscription.unit.code)
    return [queue(subscription, f"test:{next(_numbers)}", [ping], by=None, at=AT) for _ in range(count_)]


def events_in(*deliveries: Delivery) -> list[dict[str, Any]]:
    """What deliveries say, in order."""
    return [event for delivery in deliveries for event in json.loads(delivery.body)["events"]]


def events_for(subscription: Subscription) -> list[dict[str, Any]]:
    return events_in(*Delivery.objects.filter(subscription=subscription).order_by("pk"))


def uids(receiver: Gateway, path: str = "/in") -> list[str]:
    """The names of the deliveries that arrived, in order."""
    return [header(call, "X-Dingban-Delivery") for call in receiver.calls if call.path == path]


def header(call: Call, name: str) -> str:
    return {key.lower(): value for key, value in call.headers.items()}[name.lower()]
