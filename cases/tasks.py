"""What the worker does for this room: wind what waits, import what was handed in, carry out what was decided."""

from celery import shared_task
from django.utils import timezone

from cases.changes.services import carry_on, preview_change, take_up
from cases.desk import uploads
from cases.models import Change, ChangeState
from cases.winding import wind_pending


@shared_task(name="cases.wind_pending")
def wind_pending_task() -> int:
    """Wind waiting matters; harmless twice, and what was not done is found again by the next run."""
    return wind_pending(at=timezone.now()).matters


@shared_task(name="cases.load_upload")
def load_upload_task(key: str) -> None:
    """Import a large file handed in through the page; gone or imported already: nothing happens."""
    upload = uploads.find(key)
    if upload is not None and upload.state == uploads.RUNNING:
        uploads.load(upload, at=timezone.now())


@shared_task(name="cases.carry_changes")
def carry_changes_task() -> int:
    """Preview and carry out the changes under way, those that a killed worker left too; harmless twice."""
    matters = 0
    for change in Change.objects.filter(state__in=ChangeState.under_way()).order_by("pk"):
        if not take_up(change=change, at=timezone.now()):
            continue
        if change.state == ChangeState.DRAFT:
            preview_change(change=change, at=timezone.now(), tick=timezone.now)
            continue
        # A moment for each chunk: what is recorded while we work is known to the next.
        while wound := carry_on(change=change, at=timezone.now()):
            matters += wound
    return matters
