"""The station every test of this room looks at, and the moment it is."""

from collections.abc import Callable

import pytest
from django.test import Client

from cases.models import Officer
from cases.roles import plan_roles
from tests.supervision.handovers.factories import AT, House, make_house

Opened = Callable[[Officer], Client]


@pytest.fixture
def house(db: None) -> House:
    return make_house()


@pytest.fixture
def desk(house: House, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Signs an officer in at that moment and hands over his browser."""
    plan_roles()
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)

    def opened(officer: Officer) -> Client:
        client = Client()
        client.force_login(officer)
        return client

    return opened
