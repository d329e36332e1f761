"""Putting letters into the outbox, and telling the worker that there are some."""

import logging
from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr
from typing import Final
from uuid import uuid4

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from cases.models import Officer
from supervision.bulletins.models import Action, Letter, LetterStep

log = logging.getLogger(__name__)

SEND_LETTERS: Final = "bulletins.send_letters"
BATCH = 1000


def queue_letters(letters: Iterable[Letter], *, by: Officer | None, at: datetime) -> list[Letter]:
    """Write the letters as waiting from `at` on, with their first step. The worker is not told yet."""
    waiting = list(letters)
    for letter in waiting:
        letter.message_id, letter.queued_at, letter.next_try_at = new_message_id(), at, at
    queued = Letter.objects.bulk_create(waiting, batch_size=BATCH)
    LetterStep.objects.bulk_create(
        (LetterStep(letter=letter, action=Action.QUEUED, at=at, by=by) for letter in queued), batch_size=BATCH
    )
    return queued


def new_message_id() -> str:
    """The same for every copy of a letter, so that a mail program can fold a second one away."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{uuid4().hex}@{domain}>"


def tell_the_worker() -> None:
    """Save the minute until the timetable finds the letters by itself; it does so if the queue cannot be reached."""
    try:
        current_app.signature(SEND_LETTERS).apply_async()
    except (OperationalError, OSError):
        log.warning("the queue cannot be reached; the timetable will find the letters", exc_info=True)
