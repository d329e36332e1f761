"""`/healthz` tells the truth about database and queue."""

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from tests.rigs.redis import RedisServer


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
