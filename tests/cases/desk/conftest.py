"""The desk on 10 April 2026, nine in the morning; officers with the permissions of their roles."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from cases.models import Officer
from cases.roles import plan_roles
from tests.cases.factories import moment

NOW = moment("2026-04-10 09:00")

Opened = Callable[[Officer], Client]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The pages take it for this moment."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return NOW


@pytest.fixture
def desk(db: None, catalogue: None, now: datetime) -> Opened:
    """Signs an officer in and hands over his browser."""
    plan_roles()

    def opened(officer: Officer) -> Client:
        client = Client()
        client.force_login(officer)
        return client

    return opened
