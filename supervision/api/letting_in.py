"""Who is let in, for what, and how often."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from cases.models import Officer
from supervision.accounts.addresses import address_of
from supervision.api import answers, rules
from supervision.api.answers import Refused
from supervision.api.models import SystemToken
from supervision.api.queries import token_of
from supervision.api.rules import NotLetIn
from supervision.api.services import note_refused, note_use

log = logging.getLogger(__name__)

_MINUTE = 60


class TokenAuthentication(BaseAuthentication):
    """A system by its token, in `Authorization: Bearer`. Where it calls from is the address the server sees; what a header
    says of it counts only where a trusted proxy wrote it."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, SystemToken] | None:
        word, _, text = request.headers.get("Authorization", "").partition(" ")
        if word.lower() != "bearer":
            return None
        at = timezone.now()
        shown = rules.read_token(text.strip())
        token = token_of(shown.prefix) if shown is not None else None
        if shown is None or token is None:
            raise _turned_away(request, None, NotLetIn.UNKNOWN_TOKEN, 401, "bad_token", answers.NOT_A_TOKEN)
        if not rules.is_secret(shown.secret, token.digest):
            # Told as one there is not: whoever guesses learns nothing.
            raise _turned_away(request, token, NotLetIn.BAD_SECRET, 401, "bad_token", answers.NOT_A_TOKEN)
        if token.revoked_at is not None:
            raise _turned_away(request, token, NotLetIn.REVOKED, 401, "revoked", answers.REVOKED)
        if not token.stands(at):
            raise _turned_away(request, token, NotLetIn.EXPIRED, 401, "expired", answers.EXPIRED)
        address = address_of(request._request)
        if not rules.comes_from(address, token.networks):
            words = answers.WRONG_NETWORK.format(address=address)
            raise _turned_away(request, token, NotLetIn.WRONG_NETWORK, 403, "wrong_network", words)
        note_use(token, at=at)
        return AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="dingban"'


class HasScope(BasePermission):
    """The token holds the scope the view names; a view without one is open to every token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, SystemToken):
            return False
        scope: rules.Scope | None = view.scope
        if scope is not None and not token.may(scope):
            words = answers.NO_SCOPE.format(scope=rules.SCOPE_WORDS[scope])
            raise _turned_away(request, token, NotLetIn.NO_SCOPE, 403, "no_scope", words)
        return True


class TokenOrOfficer(BasePermission):
    """A token of whatever scope, or somebody signed in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        officer = request.user
        return isinstance(request.auth, SystemToken) or (isinstance(officer, Officer) and officer.is_active)


class TokenThrottle(BaseThrottle):
    """So many calls of one token in a minute (`API_CALLS_A_MINUTE`), counted beside the queue, where all processes see the
    same; where that does not answer, each process counts for itself."""

    def allow_request(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, SystemToken):
            return True
        now = int(timezone.now().timestamp())
        self.left = _MINUTE - now % _MINUTE
        name = f"api:{token.pk}:{now // _MINUTE}"
        try:
            count = _count(caches["rates"], name)
        except Exception:
            log.warning("the counts of the API are not to be had; each process counts for itself")
            count = _count(caches["default"], name)
        return count <= settings.API_CALLS_A_MINUTE

    def wait(self) -> float:
        return self.left


def _count(cache: BaseCache, name: str) -> int:
    cache.add(name, 0, timeout=_MINUTE * 2)
    return cache.incr(name)


def _turned_away(
    request: Request, token: SystemToken | None, why: NotLetIn, status: int, code: str, words: str
) -> Refused:
    """What to answer a call that is not let in, after it was put on record under its token; one of no token is counted by
    whoever counts the answers, and nothing of it is kept."""
    if token is not None:
        view = request.parser_context["view"]
        what = str(getattr(view, "summary", "")).partition("：")[0]
        note_refused(token=token, why=why, what=what, address=address_of(request._request), at=timezone.now())
    return Refused(status, code, words, why=why)
