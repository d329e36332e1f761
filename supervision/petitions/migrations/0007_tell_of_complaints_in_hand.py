"""Complaints on record before are told of and kept like those that come: from the same days after the same dates."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import migrations
from django.db.migrations.state import StateApps

from supervision.petitions.rules import retained_until

NOTICE_TOLD_AFTER, REPLY_TOLD_BEFORE = timedelta(days=10), timedelta(days=3)
BATCH = 500


def tell(apps: StateApps, schema_editor: Any) -> None:
    zone = ZoneInfo(settings.TIME_ZONE)
    complaints = apps.get_model("petitions", "Complaint")
    changed = []
    for row in complaints.objects.filter(disposed_at=None).iterator(chunk_size=BATCH):
        if row.stage == "closed":
            row.retain_until = retained_until(row.closed_at.astimezone(zone).date())
        if row.stage != "closed" and not row.anonymous:
            row.tell_since = row.received_at + NOTICE_TOLD_AFTER
        if row.reply_asked_on is not None and row.stage in ("registered", "accepted", "found"):
            row.tell_reply_since = datetime.combine(row.reply_asked_on, time(9), tzinfo=zone) - REPLY_TOLD_BEFORE
        changed.append(row)
    complaints.objects.bulk_update(changed, ["retain_until", "tell_since", "tell_reply_since"], batch_size=BATCH)


def forget(apps: StateApps, schema_editor: Any) -> None:
    """What the migration before takes away needs no undoing."""


class Migration(migrations.Migration):
    dependencies = (("petitions", "0006_complaint_end_and_tidings"),)

    operations = (migrations.RunPython(tell, forget),)
