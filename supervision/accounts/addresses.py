"""Where a request comes from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from supervision.accounts import rules
from supervision.accounts.services import Visitor


def address_of(request: HttpRequest) -> str:
    """The address of a request's sender, empty where there is none; X-Forwarded-For counts from `settings.TRUSTED_PROXIES`."""
    meta = request.META
    return rules.client_address(
        meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES
    )


def visitor_of(request: HttpRequest) -> Visitor:
    return Visitor(address_of(request), request.META.get("HTTP_USER_AGENT", ""))


def known_address_of(request: HttpRequest) -> str | None:
    """The same for whoever keeps addresses in a column of their own kind: None where there is none."""
    return address_of(request) or None
