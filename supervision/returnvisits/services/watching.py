"""The watch: what became true by time passing is found and said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from supervision.returnvisits.models import Check, Notice, Visit, What
from supervision.returnvisits.queries import local_day
from supervision.returnvisits.telling import standing_notices


@dataclass(slots=True)
class WatchReport:
    """How many notices were left, and how many dropped as their ground had gone."""

    told: int = 0
    moot: int = 0


def watch(*, at: datetime) -> WatchReport:
    """Leave word of what is over at `at`; an aware moment.

    1. Of checks that are open after their day, once.
    2. Of calls that still wait after the round's day of reply, once a caller.
    3. Drop word whose ground has gone before it was told.
    Found by what is stored, so a silence of any length is made good; harmless twice, and from two workers at once.
    """
    report = WatchReport()
    told = Notice.objects.filter(check_row=OuterRef("pk"), what=What.CHECK_OVER)
    late = Check.objects.open().filter(due_at__lte=at).exclude(Exists(told)).values_list("pk", "visit__round_id")
    calls_told = Notice.objects.filter(round=OuterRef("round"), caller=OuterRef("caller"), what=What.CALLS_OVER)
    waiting = (
        Visit.objects.waiting()
        .filter(round__reply_until__lt=local_day(at), caller__isnull=False)
        .exclude(Exists(calls_told))
        .order_by("round_id", "caller_id")
        .values_list("round_id", "caller_id")
        .distinct()
    )
    notices = [
        *(Notice(what=What.CHECK_OVER, round_id=round_id, check_row_id=pk, tell_since=at) for pk, round_id in late),
        *(Notice(what=What.CALLS_OVER, round_id=round_id, caller_id=pk, tell_since=at) for round_id, pk in waiting),
    ]
    # Two workers may have found the same; the constraint keeps one.
    Notice.objects.bulk_create(notices, batch_size=500, ignore_conflicts=True)
    report.told = len(notices)
    report.moot, _ = Notice.objects.filter(told_at=None).exclude(pk__in=standing_notices().values("pk")).delete()
    return report
