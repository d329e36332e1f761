"""The secret of a new token on its way to the one page that shows it: sealed, in the session of whoever made the token.

Never in the address, which is written down in many places; in the session's row only under a key that is not in the
database. It is taken out by being shown, and after a while nobody can take it out any more.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase

from supervision.accounts.refusals import AccountRefused
from supervision.accounts.sealing import seal, unseal
from supervision.api import rules
from supervision.api.services import Made

WAITING = "api_secrets_to_show"


def keep_to_show(session: SessionBase, made: Made, *, at: datetime) -> None:
    """Keep the secret of a new token for its maker to see once, within `rules.SHOWN_WITHIN` of the aware moment `at`."""
    key, sealed = seal(made.shown_once.encode(), place=_place(made.token.pk))
    kept = {"key": key, "sealed": sealed, "until": (at + rules.SHOWN_WITHIN).timestamp()}
    session[WAITING] = {**_in_time(session, at), str(made.token.pk): kept}


def take_to_show(session: SessionBase, token: int, *, at: datetime) -> str | None:
    """The secret of a token, and nobody's any more; none where it was shown, made by another, or waited too long."""
    waiting = _in_time(session, at)
    kept = waiting.pop(str(token), None)
    if WAITING in session:
        session[WAITING] = waiting
    if kept is None:
        return None
    try:
        return unseal(str(kept["key"]), str(kept["sealed"]), place=_place(token)).decode()
    except AccountRefused:
        # The key it was sealed under was given up in between.
        return None


def _in_time(session: SessionBase, at: datetime) -> dict[str, dict[str, str | float]]:
    waiting: dict[str, dict[str, str | float]] = session.get(WAITING, {})
    return {token: kept for token, kept in waiting.items() if float(kept["until"]) > at.timestamp()}


def _place(token: int) -> str:
    return f"api.systemtoken:{token}"
