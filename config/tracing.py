"""Which request or task a line of the log belongs to. A task knows the request that had it queued."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

if TYPE_CHECKING:  # the settings import the logs, and those this
    from django.http import HttpRequest, HttpResponse

HEADER: Final = "X-Request-ID"
# The same through the queue.
TASK_HEADER: Final = "dingban_request_id"
SANE: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Asked for all day long by machines; told only when they are not well.
QUIET: Final = frozenset({"health", "readiness", "metrics"})

logger = logging.getLogger("config.requests")

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
_request_id: ContextVar[str] = ContextVar("request_id", default="")
_task: ContextVar[tuple[str, str]] = ContextVar("task", default=("", ""))


def trace() -> dict[str, str]:
    """The request's id, who asks (by police number, and only if that is known already: nothing is looked up for a line of
    the log), the task's id and name; empty where there is none."""
    task_id, task = _task.get()
    # What django.contrib.auth remembers once somebody asked for it.
    officer = getattr(_request.get(), "_cached_user", None)
    return {
        "request_id": _request_id.get(),
        "user": officer.get_username() if officer is not None else "",
        "task_id": task_id,
        "task": task,
    }


def request_id() -> str:
    """Of the request that is answered, or that had this task queued; empty where there is none."""
    return _request_id.get()


class TraceRequests:
    """The outermost middleware: gives each request an id, the sender's own where that is sane, and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        number = given if SANE.fullmatch(given) else uuid4().hex
        of_request, of_id = _request.set(request), _request_id.set(number)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers[HEADER] = number
            _tell(request, response, time.perf_counter() - began)
            return response
        finally:
            _request.reset(of_request)
            _request_id.reset(of_id)


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """One line a request, by the page's name: an address may hold a secret. Files that never change are no news."""
    view = request.resolver_match.view_name if request.resolver_match is not None else ""
    if response.status_code < 400 and (not view or view in QUIET):
        return
    facts = {
        "method": request.method,
        "view": view,
        "status": response.status_code,
        "seconds": round(seconds, 3),
        "address": request.META.get("REMOTE_ADDR", ""),
    }
    logger.info("%s %s %s", request.method, view or "none", response.status_code, extra={"facts": facts})


# -- tasks -------------------------------------------------------------------------------------------------------------


def hand_on(headers: dict[str, Any]) -> None:
    """Give a task that is being queued the id of the request behind it."""
    if number := request_id():
        headers[TASK_HEADER] = number


def begin_task(*, task_id: str, task: str, request_id: str) -> None:
    """From here on lines belong to the task; in a process that runs one after the other."""
    _task.set((task_id, task))
    if request_id:
        _request_id.set(request_id)


def end_task(*, queued_in_process: bool) -> None:
    """The task is over. Where it ran inside a request, at once, that request goes on."""
    _task.set(("", ""))
    if not queued_in_process:
        _request_id.set("")
