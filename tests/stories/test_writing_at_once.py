"""A busy first day: an officer enters events while the worker rewinds thousands of matters. Nobody is turned away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.bulk import insert_rows, moment
from cases.models import Clock, Event, EventKind, Matter, MatterKind, PendingWinding
from cases.services import record_event
from cases.tasks import wind_pending_task
from cases.winding import ask_winding
from tests.cases.factories import make_bureau, make_case, make_catalogue
from tests.rigs.worker import WorkerProcess

pytestmark = pytest.mark.django_db(transaction=True)

MATTERS = 8000


def imported_cases() -> None:
    """Cases of an import whose clocks are still to be wound."""
    station = make_bureau().station
    make_catalogue()
    kind, filed = MatterKind.objects.get(code="case"), EventKind.objects.get(code="filed")
    scope = station.scope_ids
    insert_rows(
        "cases_matter",
        ("kind_id", "number", "title", *scope, "facts", "restricted"),
        ((kind.pk, f"B{n}", "", *scope.values(), "{}", False) for n in range(MATTERS)),
    )
    ids = list(Matter.objects.values_list("pk", flat=True))
    when = moment(timezone.now() - timedelta(days=5))
    texts = ("source", "source_number", "document_number", "approver", "ground", "tier", "reference", "note")
    insert_rows(
        "cases_event",
        ("matter_id", "kind_id", "occurred_at", "day_only", "recorded_at", "only_voids", *texts),
        ((pk, filed.pk, when, False, when, False, *("",) * len(texts)) for pk in ids),
    )
    ask_winding(ids, cause="导入", at=timezone.now())
    make_case("A1", station, filed="2026-03-02")


def test_events_are_entered_while_a_worker_rewinds_and_neither_is_turned_away(
    celery_worker_process: WorkerProcess,
) -> None:
    imported_cases()
    case = Matter.objects.get(number="A1")
    entered = 0

    wind_pending_task.delay()
    while PendingWinding.objects.exists() and entered < 2000:
        now = timezone.now()
        record_event(matter=case, kind="entered", occurred_at=now, by=None, at=now)
        entered += 1
    celery_worker_process.stop()

    assert entered > 1
    assert Event.objects.filter(matter=case, kind__code="entered").count() == entered
    assert not PendingWinding.objects.exists()
    assert Clock.objects.filter(matter__number__startswith="B", limit__code="decide").count() == MATTERS
    assert "locked" not in celery_worker_process.output()
