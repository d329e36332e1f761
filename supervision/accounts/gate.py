"""Who is signed in by his password but may not yet work: what is still wanted of him comes first, and nothing else opens.

In this order: an administrator comes from an allowed network; a second factor is given; a password that somebody else set,
or that is too old, is changed; who must have a second factor enrols one.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from cases.models import Officer
from supervision.accounts.addresses import address_of, visitor_of
from supervision.accounts.models import Outcome
from supervision.accounts.queries import may_come_from, must_have_factor, password_days_left
from supervision.accounts.services import note

# In the session: the second factor is wanted, or was given.
FACTOR, WANTED, GIVEN = "second_factor", "wanted", "given"

FACTOR_PAGE, PASSWORD_PAGE, ENROL_PAGE = "accounts:factor", "accounts:password", "accounts:enrol"
ALWAYS = frozenset({"admin:logout", "health", "readiness", "metrics"})
API = "/api/"
SENTENCES = {
    FACTOR_PAGE: "请先完成二次验证",
    PASSWORD_PAGE: "请先更改密码",
    ENROL_PAGE: "请先启用二次验证",
}


class Gate:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        officer = request.user
        if not isinstance(officer, Officer) or not officer.is_authenticated:
            return self.get_response(request)
        if not may_come_from(officer, address_of(request)):
            note(officer=officer, outcome=Outcome.OUTSIDE, visitor=visitor_of(request), at=timezone.now())
            logout(request)
            return HttpResponseRedirect(reverse("admin:login"))
        page = wanted_of(request, officer)
        if page is None or _asks_for(request, page):
            return self.get_response(request)
        if request.path.startswith(API):
            return JsonResponse({"error": SENTENCES[page]}, status=403, json_dumps_params={"ensure_ascii": False})
        back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
        return HttpResponseRedirect(reverse(page) + back)


def wanted_of(request: HttpRequest, officer: Officer) -> str | None:
    """The page that must be gone through first; None for who may work."""
    factor = request.session.get(FACTOR)
    if factor == WANTED:
        return FACTOR_PAGE
    left = password_days_left(officer, timezone.now())
    if officer.must_change_password or (left is not None and left < 0):
        return PASSWORD_PAGE
    if factor != GIVEN and must_have_factor(officer):
        return ENROL_PAGE
    return None


def _asks_for(request: HttpRequest, page: str) -> bool:
    try:
        return resolve(request.path_info).view_name in (page, *ALWAYS)
    except Resolver404:
        return False
