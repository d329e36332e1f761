"""Reads off the ledgers what subscriptions are to be told, and queues it. Enter through `services`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from cases.audit.services import settled_top
from supervision.webhooks import rules
from supervision.webhooks.models import Ledger, Subscription
from supervision.webhooks.queries import LEDGERS, next_events
from supervision.webhooks.services.queueing import queue

# One round takes no more bodies than this for one subscription from one ledger: fifty thousand events.
MOST_BODIES = 100

_COLUMNS = {Ledger.ALERTS: "alerts_read", Ledger.BULLETINS: "bulletins_read"}


@dataclass(slots=True)
class GatherReport:
    """What a round queued: bodies, events; ledgers that were being written and are left for the next; whether more is
    waiting."""

    bodies: int = 0
    events: int = 0
    busy: list[str] = field(default_factory=list)
    more: bool = False


def gather(*, at: datetime, most: int = MOST_BODIES) -> GatherReport:
    """Queue what happened since each subscription last looked, as of `at`; an aware moment.

    1. Of each ledger, up to where every step is there: nobody may still hold an id below.
    2. For each subscription read the next five hundred events after the place it has come to, by one question.
    3. Write them as one body and move the place, in one transaction; a place that somebody else moved is left to him.
    4. On to the next five hundred, at most `most` times.
    Harmless twice and from two workers at once. A kill at any line leaves whole bodies and the place after them, so
    nothing is missed and nothing doubled; a silence of days is made good.
    """
    report = GatherReport()
    subscriptions = list(Subscription.objects.active().select_related("unit").order_by("pk"))
    if not subscriptions:
        return report
    for ledger, model in LEDGERS.items():
        read = min(subscription.read_up_to(ledger) for subscription in subscriptions)
        if not model._base_manager.filter(pk__gt=read).exists():
            continue
        top = settled_top(model)
        if top is None:
            report.busy.append(ledger.value)
            continue
        for subscription in subscriptions:
            _read_on(subscription, ledger, top, report, at, most)
    return report


def _read_on(
    subscription: Subscription, ledger: Ledger, top: int, report: GatherReport, at: datetime, most: int
) -> None:
    place = subscription.read_up_to(ledger)
    for _ in range(most):
        if place >= top:
            return
        reached = _read_one(subscription, ledger, place, top, report, at)
        if reached is None:
            return
        place = reached
    report.more |= place < top


def _read_one(
    subscription: Subscription, ledger: Ledger, place: int, top: int, report: GatherReport, at: datetime
) -> int | None:
    """Steps 2 and 3: the place come to; none where somebody else was there first, or it was switched off."""
    events = next_events(subscription, ledger, after=place, up_to=top, most=rules.MOST_EVENTS)
    reached = events[-1].step if len(events) == rules.MOST_EVENTS else top
    with transaction.atomic(durable=True):
        here = Subscription.objects.active().filter(pk=subscription.pk, **{_COLUMNS[ledger]: place})
        if not here.update(**{_COLUMNS[ledger]: reached}):
            return None
        if events:
            queue(subscription, f"{ledger.value}:{place}", events, by=None, at=at)
    report.bodies += bool(events)
    report.events += len(events)
    return reached
