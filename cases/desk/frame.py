"""The frame of the site around a page of our own, and who may open it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cases.models import Officer
from cases.models.scope import only_reads

View = Callable[..., HttpResponseBase]


def page(permission: str, methods: tuple[str, ...] = ("GET", "HEAD")) -> Callable[[View], View]:
    """A view inside the site: signed in, with `permission` (written `app.codename`), or refused with 403."""

    def decorate(view: View) -> View:
        def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            officer = who(request)
            if not officer.has_perm(permission):
                raise PermissionDenied
            if request.method != "POST":
                only_reads(officer)
            return view(request, *args, **kwargs)

        @wraps(view)
        @require_http_methods(methods)
        def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return admin.site.admin_view(allowed)(request, *args, **kwargs)

        return framed

    return decorate


def who(request: HttpRequest) -> Officer:
    """The officer who asks; a page of the frame has always somebody signed in."""
    if not isinstance(request.user, Officer):
        raise PermissionDenied
    return request.user


def show(
    request: HttpRequest,
    template: str,
    *,
    title: str,
    trail: tuple[tuple[str, str], ...] = (),
    status: int = 200,
    zone: ZoneInfo | None = None,
    **context: Any,
) -> HttpResponse:
    """A page in the frame. `trail` are (text, address) of the pages above it; moments are said in `zone`, or the site's."""
    framed: Mapping[str, Any] = {
        **admin.site.each_context(request),
        "title": title,
        "trail": trail,
        "is_fullwidth": "1",
        **context,
    }
    response = TemplateResponse(request, template, dict(framed), status=status)
    if zone is not None:
        with timezone.override(zone):
            response.render()
    return response
