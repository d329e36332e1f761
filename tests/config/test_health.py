"""`/healthz` tells the truth about database and queue, `/readyz` about whether pages can be served."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

from tests.rigs.redis import RedisServer
from tests.supervision.operations.factories import plan


@pytest.mark.django_db
def test_all_well(client: Client, settings: Settings, redis_server: RedisServer) -> None:
    settings.REDIS_URL = redis_server.url

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"database": True, "queue": True})


@pytest.mark.django_db
def test_without_a_queue_it_is_unwell(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (503, {"database": True, "queue": False})


def test_without_a_database_it_is_unwell(
    client: Client, settings: Settings, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("no route")

    settings.REDIS_URL = redis_server.url
    monkeypatch.setattr("config.health.connection.cursor", refuse)

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (503, {"database": False, "queue": True})


@pytest.mark.django_db
def test_health_needs_no_https(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^healthz$"]

    assert client.get("/healthz").status_code == 503


# -- /readyz -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_ready_when_database_queue_and_migrations_are(
    client: Client, settings: Settings, redis_server: RedisServer
) -> None:
    settings.REDIS_URL = redis_server.url
    planned = plan()
    PeriodicTask.objects.filter(pk=planned.pk).update(last_run_at=timezone.now())

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {"database": True, "queue": True, "migrations": True, "timetable": True},
    )


@pytest.mark.django_db
def test_a_timetable_that_stands_still_is_told_but_takes_no_page_away(
    client: Client, settings: Settings, redis_server: RedisServer
) -> None:
    settings.REDIS_URL = redis_server.url
    planned = plan()
    PeriodicTask.objects.filter(pk=planned.pk).update(last_run_at=timezone.now() - timedelta(minutes=11))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["timetable"]) == (200, False)


@pytest.mark.django_db
def test_not_ready_before_every_migration_has_run(
    client: Client, settings: Settings, redis_server: RedisServer
) -> None:
    settings.REDIS_URL = redis_server.url
    MigrationRecorder(connection).record_unapplied("operations", "0002_guard_ledger")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["migrations"]) == (503, False)
