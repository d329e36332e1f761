"""The pages at one moment, and a browser for each officer."""

from collections.abc import Callable

import pytest
from django.test import Client

from cases.models import Officer
from tests.supervision.expedited.factories import AT

Opened = Callable[[Officer], Client]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


@pytest.fixture
def desk() -> Opened:
    """Signs an officer in and hands over his browser."""

    def opened(officer: Officer) -> Client:
        client = Client()
        client.force_login(officer)
        return client

    return opened
