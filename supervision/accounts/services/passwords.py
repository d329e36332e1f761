"""Passwords: what was set is remembered, and the officer's own change of it."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from cases.models import Officer
from supervision.accounts.models import Outcome, PastPassword
from supervision.accounts.services.signing import Visitor, end_others, note


def keep_password(*, officer: Officer, at: datetime) -> None:
    """Remember the hash of the password that was just set, and since when it is in use."""
    with transaction.atomic():
        PastPassword.objects.create(officer=officer, hash=officer.password, set_at=at)
        Officer.objects.filter(pk=officer.pk).update(password_set_at=at)
    officer.password_set_at = at


def password_was_set(*, officer: Officer, at: datetime) -> None:
    """Remember a password that was set in any other way than by its officer here; all his sign-ins end."""
    with transaction.atomic():
        keep_password(officer=officer, at=at)
        end_others(officer=officer, keep=None)


def change_password(*, officer: Officer, password: str, keep: str | None, visitor: Visitor, at: datetime) -> int:
    """The officer sets a password of his own, already found good; he is signed out of all browsers but `keep`.

    How many other sign-ins ended. Whoever had set a password for him no longer knows it.
    """
    with transaction.atomic():
        # Not by set_password, which tells the rules of passwords that somebody else may have done it.
        officer.password, officer.must_change_password = make_password(password), False
        officer.save(update_fields=["password", "must_change_password"])
        keep_password(officer=officer, at=at)
        ended = end_others(officer=officer, keep=keep)
        note(
            officer=officer, outcome=Outcome.PASSWORD_CHANGED, visitor=visitor, at=at,
            text=f"结束其他登录 {ended} 个" if ended else "",
        )  # fmt: skip
    return ended
