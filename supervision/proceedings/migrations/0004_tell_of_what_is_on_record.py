"""Settlements and transfers on record before are told of like those that come."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import migrations
from django.db.migrations.state import StateApps

ANSWER_AWAITED = timedelta(days=30)
BATCH = 500


def tell(apps: StateApps, schema_editor: Any) -> None:
    zone = ZoneInfo(settings.TIME_ZONE)
    disputes, transfers = apps.get_model("proceedings", "Dispute"), apps.get_model("proceedings", "Transfer")
    waiting = list(disputes.objects.filter(stage="settled", rechecked_on=None))
    for row in waiting:
        row.tell_since = datetime.combine(row.recheck_due_on, time(9), tzinfo=zone)
    disputes.objects.bulk_update(waiting, ["tell_since"], batch_size=BATCH)
    handed = list(transfers.objects.filter(stage="handed", matter__opened_at__isnull=False).select_related("matter"))
    for row in handed:
        row.tell_since = row.matter.opened_at + ANSWER_AWAITED
    transfers.objects.bulk_update(handed, ["tell_since"], batch_size=BATCH)


def forget(apps: StateApps, schema_editor: Any) -> None:
    """What the migration before takes away needs no undoing."""


class Migration(migrations.Migration):
    dependencies = (("proceedings", "0003_hearings_and_tidings"),)

    operations = (migrations.RunPython(tell, forget),)
