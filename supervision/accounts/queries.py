"""What is read of accounts: who may see which, where somebody is signed in, and what happened at the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from cases.models import Officer, Role
from supervision.accounts import rules
from supervision.accounts.models import Authenticator, OpenSession, Outcome, SignIn
from supervision.accounts.models.authenticator import AuthenticatorQuerySet

# Who looks after accounts: what a post of these roles reaches is its unit and all below it.
KEEPERS = (Role.SECURITY_ADMIN, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Seat:
    """A browser where an account is signed in; `seen_at` is right to the minute, `here` the browser that asks."""

    row: OpenSession
    seen_at: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class Before:
    """What an officer is told of his account when he signs in: when and from where last, and what failed since."""

    at: datetime
    address: str
    failures: int


def is_administrator(officer: Officer) -> bool:
    """One of the three separated administrators, or the account that sets the system up."""
    return officer.is_superuser or officer.posts.current().filter(role__in=Role.administrators()).exists()


def must_have_factor(officer: Officer) -> bool:
    """Whether the account may not work without a second factor: administrators and leaders, where the setting says so."""
    if settings.SECOND_FACTOR != "required":
        return False
    roles = (*Role.administrators(), Role.LEADER)
    return officer.is_superuser or officer.posts.current().filter(role__in=roles).exists()


def has_factor(officer: Officer) -> bool:
    return Authenticator.objects.confirmed().filter(officer=officer).exists()


def may_come_from(officer: Officer, address: str) -> bool:
    """Whether the account may be used from an address: administrators only from `settings.ADMIN_NETWORKS`, if any."""
    networks = settings.ADMIN_NETWORKS
    return not networks or rules.lies_in(address, networks) or not is_administrator(officer)


def password_days_left(officer: Officer, at: datetime) -> int | None:
    """Whole days until the officer must change his password; negative once it is too old, None where it does not."""
    return rules.days_left(officer.password_set_at, days=settings.PASSWORD_DAYS, at=at)


def seats_of(officer: Officer, *, here: str | None, at: datetime) -> list[Seat]:
    """Where the account is signed in at a moment, the latest first; `here` is the key of the session that asks."""
    rows = list(OpenSession.objects.filter(officer=officer).order_by("-begun_at", "-pk"))
    running = dict(
        Session.objects.filter(session_key__in=[row.session_key for row in rows], expire_date__gt=at).values_list(
            "session_key", "expire_date"
        )
    )
    # A session's end is put off at every request, so it says when the last one was.
    idle = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return [
        Seat(row, max(running[row.session_key] - idle, row.begun_at), row.session_key == here)
        for row in rows
        if row.session_key in running
    ]


def before_now(officer: Officer) -> Before | None:
    """The latest sign-in on record and what failed since; None for an account that never signed in."""
    last = SignIn.objects.filter(officer=officer, outcome=Outcome.SIGNED_IN).order_by("-at", "-pk").first()
    if last is None:
        return None
    failed = SignIn.objects.filter(officer=officer, outcome__in=Outcome.failures(), at__gte=last.at, pk__gt=last.pk)
    return Before(last.at, last.address, failed.count())


def sign_ins_of(keeper: Officer) -> QuerySet[SignIn]:
    """The ledger as far as somebody looks after accounts; numbers that are nobody's are in nobody's unit and seen by each."""
    rows = SignIn.objects.all()
    kept = _kept(keeper)
    return rows if kept is None else rows.filter(Q(officer=None) | kept) if kept else rows.none()


def authenticators_of(keeper: Officer) -> AuthenticatorQuerySet:
    """Second factors of the accounts that somebody looks after."""
    rows = Authenticator.objects.all()
    kept = _kept(keeper)
    return rows if kept is None else rows.filter(kept) if kept else rows.none()


def _kept(keeper: Officer) -> Q | None:
    """Which rows with an `officer` are of accounts in his units; None for all, an empty Q for none."""
    if keeper.is_superuser:
        return None
    paths = list(
        keeper.posts.current().filter(role__in=KEEPERS).values_list("unit__path", "unit__parent_id")
    )  # fmt: skip
    if any(parent is None for _, parent in paths):
        return None
    kept = Q()
    for path, _ in paths:
        kept |= Q(officer__unit__path__startswith=path)
    return kept
