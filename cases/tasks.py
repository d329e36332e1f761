"""What the worker does for this room: wind what waits, import what was handed in, carry out what was decided."""

from celery import shared_task
from django.utils import timezone

from cases.changes.services import work_on_changes
from cases.desk import uploads
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


@shared_task(name="cases.load_uploads")
def load_uploads_task() -> int:
    """Go on with the imports whose message was lost or whose process was killed; what another worker is at is left to it."""
    waiting = uploads.running()
    for upload in waiting:
        uploads.load(upload, at=timezone.now())
    return len(waiting)


@shared_task(name="cases.carry_changes")
def carry_changes_task() -> int:
    """Preview and carry out the changes under way, those that a killed worker left too; harmless twice."""
    return work_on_changes(tick=timezone.now)
