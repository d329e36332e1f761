"""Sessions end after half an hour without a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

RENEWED = "renewed_at"
EVERY_SECONDS = 60


class RenewSession:
    """Puts off the end of a signed-in officer's session, at most once a minute.

    Django's own switch writes at every request, so that reading a page would wait behind every import on SQLite's one
    writer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(timezone.now().timestamp())
            if now - request.session.get(RENEWED, 0) >= EVERY_SECONDS:
                request.session[RENEWED] = now
        return self.get_response(request)
