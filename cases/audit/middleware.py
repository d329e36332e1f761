"""Whoever changes something through a page signs for it in the change log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from cases.audit.watching import sign

READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class SignChanges:
    """Gives the connection the name of the signed-in officer and of the page while a request that may write is answered.

    The page by its name, never by its address: an address may hold the secret of a person's link.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            if getattr(request, "signs_changes", False):
                _forget()

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.method in READS or not request.user.is_authenticated:
            return
        name = request.resolver_match.view_name if request.resolver_match is not None else ""
        sign(connection, request.user.pk, name[:100])
        request.signs_changes = True  # type: ignore[attr-defined]


def _forget() -> None:
    """The next request may come over the same connection; one that cannot be told is closed."""
    if connection.connection is None:
        return
    try:
        sign(connection, None, None)
    except Exception:  # the driver's own, of either database: Django has not wrapped them here
        if connection.in_atomic_block:
            raise
        connection.close()
