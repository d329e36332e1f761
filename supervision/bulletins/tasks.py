"""What the worker does for this room: issue what is owed, send what waits. What fails in a round is told at its end."""

from celery import shared_task
from django.utils import timezone

from supervision.bulletins.services import compose_notices, issue_due, send_letters, units_named


class RoundFailed(Exception):
    """A round went on to its end, but not everything in it came right."""


@shared_task(name="bulletins.send_letters")
def send_letters_task() -> int:
    """One round of the outbox; harmless twice, and a missed one is made good by the next."""
    report = send_letters(at=timezone.now())
    if report.broken:
        raise RoundFailed("；".join(report.broken))
    return report.sent


@shared_task(name="bulletins.compose_notices")
def compose_notices_task() -> int:
    """One round of telling; harmless twice, and a silence of days is made good by one notice a person."""
    report = compose_notices(at=timezone.now())
    if report.broken:
        raise RoundFailed("；".join(report.broken))
    return report.daily + report.urgent


@shared_task(name="bulletins.issue_due")
def issue_due_task() -> int:
    """Make the bulletins owed by now; harmless twice, and a missed round is made good by the next."""
    report = issue_due(at=timezone.now())
    if report.failed:
        raise RoundFailed(units_named(report.failed))
    return len(report.issued) + len(report.drafted)
