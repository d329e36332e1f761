"""What the worker does for this room: take in what the rules ask for, and keep watch."""

from celery import shared_task
from django.utils import timezone

from supervision.followup.services import enter_by_rules, watch


@shared_task(name="followup.enter_by_rules")
def enter_by_rules_task() -> int:
    """One round of the rules; harmless twice, and a missed one is made good by the next."""
    return enter_by_rules(at=timezone.now()).entered


@shared_task(name="followup.watch")
def watch_task() -> int:
    """One watch; harmless twice, and a missed one is made good by the next."""
    return watch(at=timezone.now()).stagnant
