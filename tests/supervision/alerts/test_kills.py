"""A sweeping process is killed in the middle, and a real worker finishes what it left. Real processes, real SIGKILL, a
real Redis, rows that other processes see."""

import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from cases.bulk import insert_rows, moment
from cases.models import EventKind, Level, Matter, MatterKind
from cases.winding import wind_matters
from supervision.alerts.models import Action, Alert, AlertState, AlertStep
from supervision.alerts.tasks import sweep_task
from tests.cases.factories import make_bureau, make_catalogue
from tests.rigs.waiting import until
from tests.rigs.worker import WorkerProcess, environment_of_the_test

pytestmark = pytest.mark.django_db(transaction=True)

MATTERS = 1500

# Small chunks, one transaction each, so that the middle of a sweep lasts long enough to be hit.
PROGRAM = """
import django
django.setup()
from django.utils import timezone
from supervision.alerts.services import sweep
sweep(at=timezone.now(), chunk=5)
"""


def overdue_cases() -> None:
    """Cases filed a hundred days ago and never decided: each has passed yellow, orange and red."""
    station = make_bureau().station
    make_catalogue()
    kind, filed = MatterKind.objects.get(code="case"), EventKind.objects.get(code="filed")
    scope = station.scope_ids
    insert_rows(
        "cases_matter",
        ("kind_id", "number", "title", *scope, "facts", "restricted"),
        ((kind.pk, f"A{n}", "", *scope.values(), "{}", False) for n in range(MATTERS)),
    )
    ids = list(Matter.objects.values_list("pk", flat=True))
    when = moment(timezone.now() - timedelta(days=100))
    texts = ("source", "source_number", "document_number", "approver", "ground", "tier", "reference", "note")
    insert_rows(
        "cases_event",
        ("matter_id", "kind_id", "occurred_at", "day_only", "recorded_at", "only_voids", *texts),
        ((pk, filed.pk, when, False, when, False, *("",) * len(texts)) for pk in ids),
    )
    wind_matters(ids, at=timezone.now(), cause="立案")


def test_a_sweep_killed_in_the_middle_is_finished_by_a_worker_with_the_rows_of_an_undisturbed_one(
    celery_worker_process: WorkerProcess,
) -> None:
    overdue_cases()
    sweeper = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=settings.ROOT, env=environment_of_the_test(), stderr=subprocess.PIPE
    )

    until(lambda: AlertStep.objects.exists() or sweeper.poll() is not None, what="the sweep to begin")
    sweeper.kill()
    _, said = sweeper.communicate(timeout=30)

    half = Alert.objects.count()
    assert sweeper.returncode == -signal.SIGKILL, said.decode()
    assert 0 < half < MATTERS
    assert AlertStep.objects.count() == 3 * half

    sweep_task.delay()
    until(lambda: Alert.objects.count() == MATTERS, what="the worker to finish the sweep", within=60)
    sweep_task.delay()
    celery_worker_process.stop()

    steps = Counter(AlertStep.objects.values_list("clock_id", "action", "level"))
    assert len(steps) == 3 * MATTERS and set(steps.values()) == {1}
    assert {(action, level) for _, action, level in steps} == {
        (Action.RAISED, level) for level in (Level.YELLOW, Level.ORANGE, Level.RED)
    }
    assert Alert.objects.filter(state=AlertState.OPEN, level=Level.RED).count() == MATTERS
