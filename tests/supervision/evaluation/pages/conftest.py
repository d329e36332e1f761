"""The pages on Thursday 2 April 2026 at nine; officers with the permissions of their roles."""

from collections.abc import Callable

import pytest
from django.test import Client

from cases.models import Officer
from cases.roles import plan_roles
from tests.cases.factories import moment

NOW = moment("2026-04-02 09:00")

Opened = Callable[[Officer], Client]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def desk(db: None) -> Opened:
    """Signs an officer in and hands over his browser."""
    plan_roles()

    def opened(officer: Officer) -> Client:
        client = Client()
        client.force_login(officer)
        return client

    return opened
