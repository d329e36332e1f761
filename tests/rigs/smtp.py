"""A real mail server on a free loopback port that collects what it is given, and can be told to misbehave."""

import asyncio
import email
import email.policy
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from enum import Enum
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pytest_django import Settings

from config import embedded


class Manner(Enum):
    """How the server answers once a message has been handed over."""

    ACCEPT = "takes the message and says so"
    REFUSE = "says no for good (554)"
    DEFER = "says not now (451)"
    HANG = "takes the message and never answers"
    DROP = "takes the message and hangs up before saying so"


@dataclass(frozen=True)
class Received:
    """A message the server took, whether or not the sender ever learnt of it."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


class SmtpSink:
    """The server, its manner, and what it received."""

    def __init__(self) -> None:
        self.manner = Manner.ACCEPT
        self.received: list[Received] = []
        self.attempts = 0
        self._changed = threading.Condition()
        self._controller: Controller | None = None
        self.port = embedded.any_free_port()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """From now on nobody listens: connections are refused."""
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    def wait_for(self, count: int, *, within: float = 30) -> list[Received]:
        """What was received, once there are that many; fails when the deadline has passed."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.received) >= count, timeout=within):
                raise AssertionError(f"{len(self.received)} of {count} mails came within {within:g} s")
            return list(self.received)

    def wait_for_attempts(self, count: int, *, within: float = 30) -> None:
        """Return once that many messages were handed over, taken or not."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.attempts >= count, timeout=within):
                raise AssertionError(f"{self.attempts} of {count} attempts came within {within:g} s")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        manner = self.manner
        taken = manner in (Manner.ACCEPT, Manner.DROP)
        with self._changed:
            self.attempts += 1
            if taken:
                message = email.message_from_bytes(envelope.content, policy=email.policy.default)
                self.received.append(Received(envelope.mail_from, tuple(envelope.rcpt_tos), message))
            self._changed.notify_all()
        if manner is Manner.REFUSE:
            return "554 5.7.1 refused"
        if manner is Manner.DEFER:
            return "451 4.3.0 try later"
        if manner is Manner.HANG:
            await asyncio.Event().wait()
        if manner is Manner.DROP:
            server.transport.abort()
        return "250 2.0.0 taken"


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """A listening mail server; `smtp_sink.manner` tells it how to behave, `smtp_sink.url` is an EMAIL_URL."""
    sink = SmtpSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def mail_leaves_by_smtp(smtp_sink: SmtpSink, settings: Settings) -> SmtpSink:
    """Django in the test process sends to the sink, with a short patience."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = smtp_sink.port
    settings.EMAIL_TIMEOUT = 1
    return smtp_sink
