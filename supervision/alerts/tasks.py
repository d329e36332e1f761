"""What the worker does for this room: sweep, let climb, have ordered. Each is harmless twice, and a missed one is made good
by the next."""

from celery import shared_task
from django.utils import timezone

from supervision.alerts.services import climb, order_due, sweep


@shared_task(name="alerts.sweep")
def sweep_task() -> int:
    """One sweep."""
    return sweep(at=timezone.now()).raised


@shared_task(name="alerts.climb")
def climb_task() -> int:
    """What nobody answered goes up a rung; nothing outside working time."""
    return climb(at=timezone.now()).climbed


@shared_task(name="alerts.order")
def order_task() -> int:
    """What a level demands to be ordered is ordered."""
    return order_due(at=timezone.now()).ordered
