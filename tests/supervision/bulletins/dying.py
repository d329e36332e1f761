"""Mail connections on which the sending process dies by SIGKILL, at a line of its own choosing.

`DIES_AT` says at which letter of the round, from 1. The mail itself is real, and so is the death.
"""

import os
import signal
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Counted(EmailBackend):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.letter = 0

    def due_to_die(self) -> bool:
        self.letter += 1
        return self.letter == int(os.environ["DIES_AT"])


class BeforeTheClaim(_Counted):
    """Before a connection is made, when nothing has been claimed."""

    def open(self) -> bool | None:
        die()
        return None


class BeforeSending(_Counted):
    """After the claim, before the server is given the letter."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if self.due_to_die():
            die()
        return super().send_messages(email_messages)


class AfterTheYes(_Counted):
    """After the server took the letter and said so, before that is noted."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        count = super().send_messages(email_messages)
        if self.due_to_die():
            die()
        return count


class BeforeTheGoodbye(_Counted):
    """After the last note of the round."""

    def close(self) -> None:
        die()
