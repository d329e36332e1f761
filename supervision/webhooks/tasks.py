"""What the worker does for this room: gather what is to be told, send what waits."""

from celery import shared_task
from django.utils import timezone

from supervision.webhooks.services import deliver, gather


class RoundFailed(Exception):
    """A round went on to its end, but not everything in it came right."""


@shared_task(name="webhooks.gather")
def gather_task() -> int:
    """Queue what happened; harmless twice, and a missed round is made good by the next."""
    return gather(at=timezone.now()).events


@shared_task(name="webhooks.deliver")
def deliver_task() -> int:
    """One round of sending; harmless twice, and a missed one is made good by the next."""
    report = deliver(at=timezone.now())
    if report.broken:
        raise RoundFailed("；".join(report.broken))
    return report.sent
