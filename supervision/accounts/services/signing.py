"""Signing in and out, the ledger of it, and how many browsers an account is in at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction

from cases.models import Officer
from supervision.accounts.models import OpenSession, Outcome, SignIn
from supervision.accounts.refusals import SESSION_OVER, AccountRefused

NUMBER_LENGTH, AGENT_LENGTH = 20, 200


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from: its address, empty where unknown, and what its browser calls itself."""

    address: str = ""
    agent: str = ""


def note(
    *,
    officer: Officer,
    outcome: Outcome,
    visitor: Visitor,
    at: datetime,
    by: Officer | None = None,
    text: str = "",
) -> SignIn:
    """Enter in the ledger what happened to an account. `by` where somebody else did it."""
    return SignIn.objects.create(
        at=at, number=officer.police_number, officer=officer, outcome=outcome, address=visitor.address,
        agent=_fitting(visitor.agent), by=by, text=text,
    )  # fmt: skip


def note_failure(*, number: str, locked: bool, visitor: Visitor, at: datetime) -> SignIn:
    """Enter a sign-in that failed, with the reason's class. `locked`: too many tries had gone before."""
    typed = number.strip()[:NUMBER_LENGTH]
    officer = Officer.objects.filter(police_number=number).first()
    if locked:
        outcome = Outcome.LOCKED_OUT
    elif officer is None:
        outcome = Outcome.UNKNOWN_NUMBER
    elif not (officer.is_active and officer.is_staff and officer.has_usable_password()):
        outcome = Outcome.SWITCHED_OFF
    else:
        outcome = Outcome.WRONG_PASSWORD
    # PostgreSQL takes no NUL in a text.
    return SignIn.objects.create(
        at=at, number=typed.replace("\0", ""), officer=officer, outcome=outcome, address=visitor.address,
        agent=_fitting(visitor.agent),
    )  # fmt: skip


def begin_session(*, officer: Officer, session_key: str, visitor: Visitor, at: datetime) -> OpenSession:
    """Enter that an account has signed in with its password. Where it is in too many browsers, the oldest are ended."""
    with transaction.atomic():
        _hold(officer)
        note(officer=officer, outcome=Outcome.SIGNED_IN, visitor=visitor, at=at)
        OpenSession.objects.filter(session_key=session_key).delete()
        begun = OpenSession.objects.create(
            officer=officer, session_key=session_key, begun_at=at, address=visitor.address,
            agent=_fitting(visitor.agent),
        )  # fmt: skip
        rows = list(OpenSession.objects.filter(officer=officer).order_by("-begun_at", "-pk"))
        keys = [row.session_key for row in rows]
        running = set(
            Session.objects.filter(session_key__in=keys, expire_date__gt=at).values_list("session_key", flat=True)
        )
        over = [row for row in rows if row.session_key not in running and row.pk != begun.pk]
        standing = [row for row in rows if row.session_key in running or row.pk == begun.pk]
        crowded = standing[settings.SESSIONS_AT_ONCE :]
        for row in crowded:
            note(
                officer=officer, outcome=Outcome.CROWDED_OUT, visitor=visitor, at=at,
                text=f"自 {row.address or '未知地址'} 的登录，同时最多 {settings.SESSIONS_AT_ONCE} 个",
            )  # fmt: skip
        _drop([*over, *crowded])
    return begun


def sign_out(*, officer: Officer, session_key: str, visitor: Visitor, at: datetime) -> None:
    """Enter that an account has signed out of a browser."""
    with transaction.atomic():
        OpenSession.objects.filter(officer=officer, session_key=session_key).delete()
        note(officer=officer, outcome=Outcome.SIGNED_OUT, visitor=visitor, at=at)


def end_session(*, session: OpenSession, by: Officer, visitor: Visitor, at: datetime) -> None:
    """End an own sign-in in another browser. Refuses one that is over, and somebody else's."""
    with transaction.atomic():
        _hold(by)
        held = OpenSession.objects.filter(pk=session.pk, officer=by).first()
        if held is None:
            raise AccountRefused(SESSION_OVER)
        _drop([held])
        note(officer=by, outcome=Outcome.ENDED, visitor=visitor, at=at, text=f"自 {held.address or '未知地址'} 的登录")


def end_others(*, officer: Officer, keep: str | None) -> int:
    """End an account's sign-ins in all browsers but that of the session `keep`; how many they were."""
    rows = list(OpenSession.objects.filter(officer=officer).exclude(session_key=keep or ""))
    _drop(rows)
    return len(rows)


def _hold(officer: Officer) -> None:
    """Whoever changes the sign-ins of an account waits here for who does so already."""
    Officer.objects.select_for_update().filter(pk=officer.pk).values_list("pk").first()


def _drop(rows: list[OpenSession]) -> None:
    Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    OpenSession.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _fitting(agent: str) -> str:
    return agent.replace("\0", "")[:AGENT_LENGTH]
