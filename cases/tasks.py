"""What the worker does for this room: wind what waits."""

from celery import shared_task
from django.utils import timezone

from cases.winding import wind_pending


@shared_task(name="cases.wind_pending")
def wind_pending_task() -> int:
    """Wind waiting matters; harmless twice, and what was not done is found again by the next run."""
    return wind_pending(at=timezone.now()).matters
