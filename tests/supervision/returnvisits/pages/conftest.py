"""The pages on Tuesday 3 March 2026 at eleven; officers with the permissions of their roles."""

from collections.abc import Callable

import pytest
from django.test import Client

from cases.models import Officer
from cases.roles import plan_roles
from tests.supervision.returnvisits.factories import LATER

Opened = Callable[[Officer], Client]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


@pytest.fixture
def desk(db: None) -> Opened:
    """Signs an officer in and hands over his browser."""
    plan_roles()

    def opened(officer: Officer) -> Client:
        client = Client()
        client.force_login(officer)
        return client

    return opened
