"""The county that every test of this room looks at."""

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from pytest_django import Settings

from config.celery import app
from supervision.bulletins import sources
from tests.rigs.smtp import Manner, SmtpSink
from tests.supervision.bulletins.factories import County, make_calendar, make_county, make_limit
from tests.supervision.bulletins.rooms import Room


@pytest.fixture
def place(db: None) -> County:
    return make_county()


@pytest.fixture
def unreachable_queue() -> Iterator[None]:
    """Tasks go to the queue of the tests' settings, where nobody listens, instead of running at once."""
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True


class ChoosySink(SmtpSink):
    """A mail server that treats recipients differently: `manners` at the end of a mail, `refusals` at their address."""

    def __init__(self) -> None:
        super().__init__()
        self.manners: dict[str, Manner] = {}
        self.refusals: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.manner = self.manners.get(envelope.rcpt_tos[0], Manner.ACCEPT)
        return await super().handle_DATA(server, session, envelope)

    @property
    def addressees(self) -> list[str]:
        """Whom it took mail for, in order."""
        return [address for received in self.received for address in received.recipients]

    def copies_for(self, address: str) -> list[EmailMessage]:
        return [received.message for received in self.received if address in received.recipients]


@pytest.fixture
def sink(settings: Settings) -> Iterator[ChoosySink]:
    """Django in the test process sends to it, with a second's patience."""
    sink = ChoosySink()
    sink.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = sink.port
    settings.EMAIL_TIMEOUT = 1
    yield sink
    sink.stop()


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    """The only room that has anything to tell."""
    room = Room()
    monkeypatch.setattr(sources, "SOURCES", (room.source,))
    return room


@pytest.fixture
def working_days(place: County) -> None:
    """Working time is from nine to half past five on the days of the calendar."""
    limit = make_limit("any", "任一时限")
    make_calendar()
    assert limit.definition["calendar"] == "cn"
