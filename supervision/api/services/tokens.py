"""A token is made, used and revoked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from cases.models import Officer, Unit
from cases.queries import units_kept_by
from supervision.api import refusals, rules
from supervision.api.models import Action, SystemToken, TokenStep
from supervision.api.refusals import ApiRefused

REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Made:
    """A new token as a row, and as what the calling system has to show; nobody can read the latter again."""

    token: SystemToken
    shown_once: str


def make_token(
    *,
    name: str,
    unit: Unit,
    scopes: Sequence[str],
    expires_at: datetime,
    networks: str = "",
    by: Officer,
    at: datetime,
) -> Made:
    """Give a system a token. `networks` are words, one a line.

    Refuses a unit that is not kept by `by`, so that nobody gives more than is his to keep; a token without a name or a
    scope, of a closed unit, with a network that is none, or that does not end within a year.
    """
    name = name.strip()
    if not name:
        raise ApiRefused(refusals.NAME_NEEDED)
    _check_kept(unit, by)
    if unit.valid_until is not None:
        raise ApiRefused(refusals.UNIT_CLOSED.format(unit=unit))
    if not scopes:
        raise ApiRefused(refusals.NO_SCOPES)
    known = {scope.value for scope in rules.Scope}
    for scope in scopes:
        if scope not in known:
            raise ApiRefused(refusals.UNKNOWN_SCOPE.format(scope=scope))
    life = rules.life_of(at, expires_at)
    if life != "right":
        raise ApiRefused(refusals.ENDS_BEFORE_IT_BEGINS if life == "ended" else refusals.LIVES_TOO_LONG)
    good, bad = rules.read_networks(networks)
    if bad:
        raise ApiRefused(refusals.BAD_NETWORK.format(word=bad[0]))
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    with transaction.atomic():
        token = SystemToken.objects.create(
            name=name,
            unit=unit,
            scopes=[scope.value for scope in rules.Scope if scope.value in scopes],
            networks=good,
            prefix=prefix,
            digest=rules.digest_of(secret),
            made_at=at,
            made_by=by,
            expires_at=expires_at,
        )
        words = f"{unit}；{token.scope_words}；{'、'.join(good) or '不限网段'}"
        TokenStep.objects.create(token=token, action=Action.MADE, at=at, by=by, text=words[:600])
    return Made(token, rules.write_token(prefix, secret))


def revoke_token(*, token: SystemToken, reason: str, by: Officer, at: datetime) -> SystemToken:
    """Let a token in no more, at once and for good. Refuses one that is revoked, one of a unit that is not kept by `by`,
    and a revoking without a reason."""
    reason = reason.strip()
    if not reason:
        raise ApiRefused(refusals.REASON_NEEDED)
    _check_kept(token.unit, by)
    with transaction.atomic():
        if not SystemToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at, revoked_by=by):
            raise ApiRefused(refusals.ALREADY_REVOKED)
        TokenStep.objects.create(token=token, action=Action.REVOKED, at=at, by=by, text=reason[:REASON_LENGTH])
    token.refresh_from_db()
    return token


def _check_kept(unit: Unit, by: Officer) -> None:
    if not units_kept_by(by).filter(pk=unit.pk).exists():
        raise ApiRefused(refusals.NOT_KEPT.format(unit=unit))


def note_use(token: SystemToken, *, at: datetime) -> bool:
    """Write down that a token was used, at most once a minute; whether it was written."""
    before = at - rules.USED_EVERY
    if token.last_used_at is not None and token.last_used_at > before:
        return False
    old = Q(last_used_at=None) | Q(last_used_at__lte=before)
    return bool(SystemToken.objects.filter(old, pk=token.pk).update(last_used_at=at))
