"""`/healthz` tells the truth about database and queue, `/readyz` about whether the whole house does its work."""

from datetime import timedelta
from typing import Any

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


def ticked(ago: timedelta) -> None:
    """Beat last wrote down so long ago that it handed something out."""
    PeriodicTask.objects.filter(pk=plan().pk).update(last_run_at=timezone.now() - ago)


def parts(answer: Any) -> dict[str, bool]:
    said = answer.json()
    return {name: said[name]["ready"] for name in ("database", "queue", "migrations", "timetable")}


@pytest.mark.django_db
def test_ready_when_every_part_is_and_each_says_so_in_words(
    client: Client, settings: Settings, redis_server: RedisServer
) -> None:
    settings.REDIS_URL = redis_server.url
    ticked(timedelta(minutes=3))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["ready"], set(parts(answer).values())) == (200, True, {True})
    assert "数据库结构与程序一致" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("ago", [timedelta(minutes=11), timedelta(hours=-1)])
def test_not_ready_while_the_timetable_stands_still(
    client: Client, settings: Settings, redis_server: RedisServer, ago: timedelta
) -> None:
    settings.REDIS_URL = redis_server.url
    ticked(ago)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert parts(answer) == {"database": True, "queue": True, "migrations": True, "timetable": False}
    assert answer.json()["timetable"]["says"] == "定时进程十分钟没有派发任务，请看 celery beat"


@pytest.mark.django_db
def test_not_ready_before_every_migration_has_run(
    client: Client, settings: Settings, redis_server: RedisServer
) -> None:
    settings.REDIS_URL = redis_server.url
    ticked(timedelta(0))
    MigrationRecorder(connection).record_unapplied("operations", "0002_guard_ledger")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert parts(answer) == {"database": True, "queue": True, "migrations": False, "timetable": True}


@pytest.mark.django_db
def test_not_ready_without_a_queue(client: Client) -> None:
    ticked(timedelta(0))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert parts(answer) == {"database": True, "queue": False, "migrations": True, "timetable": True}


def test_without_a_database_nothing_that_lies_in_it_is_said_to_be_well(
    client: Client, settings: Settings, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("no route")

    settings.REDIS_URL = redis_server.url
    monkeypatch.setattr("config.health.connection.cursor", refuse)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert parts(answer) == {"database": False, "queue": True, "migrations": False, "timetable": False}
