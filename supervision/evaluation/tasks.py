"""What the worker does for this room: count again what changed, and at night hold what is stored against the rows."""

from celery import shared_task
from django.utils import timezone

from supervision.evaluation.services import fold, hold_to_rows


@shared_task(name="evaluation.fold")
def fold_task() -> int:
    """One fold; harmless twice, and a silence of days is made good by the next. Returns how many figures it wrote."""
    return fold(at=timezone.now()).figures


@shared_task(name="evaluation.check")
def check_task() -> int:
    """Hold the stored figures against the rows; a run that found a difference is told as failed. Returns how many held."""
    return hold_to_rows(at=timezone.now())
