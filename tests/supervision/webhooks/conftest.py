"""A county with real warnings, and a receiver that is listening."""

import pytest
from pytest_django import Settings

from tests.cases.factories import Bureau, make_bureau, make_catalogue
from tests.rigs.gateway import Gateway
from tests.supervision.webhooks.factories import SECRET


@pytest.fixture
def bureau(db: None) -> Bureau:
    made = make_bureau()
    make_catalogue()
    return made


@pytest.fixture
def receiver(gateway: Gateway, settings: Settings) -> Gateway:
    """The only host that may be told, under the name PORTAL."""
    settings.WEBHOOK_HOSTS = (("127.0.0.1", gateway.port),)
    settings.WEBHOOK_SECRETS = {"PORTAL": SECRET}
    return gateway
