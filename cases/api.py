"""The calculator and the explanation of a clock at a stable address, as JSON, for whoever is signed in and may.

Answers are those of the command `deadline --json` and of the pages. What cannot be answered is refused with a sentence
under `error`: 400 for a bad question, 401 unsigned, 403 without the permission, 404 for a clock that there is not or
that the officer may not see.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cases.asking import BadQuestion, read_fact, read_given, read_start, read_when
from cases.calculator import calculate
from cases.comparison import Compared, answer_of, compare
from cases.desk.explanation import explained
from cases.models import Officer
from cases.services import CaseRefused

NOT_SIGNED_IN = "请先登录"
NOT_ALLOWED = "您没有使用这一接口的权限"
NO_SUCH_CLOCK = "没有这个时钟，或者您看不到它"
UNKNOWN_WORD = "没有“{name}”这个参数，可用的有 limit、start、on、tier、event、fact、compare"
MISSING = "请给出 limit（时限代码或者族名）和 start（起算的日期或时刻）"

View = Callable[..., JsonResponse]


def _answered(permission: str) -> Callable[[View], View]:
    """A view that answers in JSON whoever asks: with `permission`, or refused with a sentence."""

    def decorate(view: View) -> View:
        @wraps(view)
        @require_http_methods(("GET", "HEAD"))
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
            officer = request.user
            if not isinstance(officer, Officer) or not officer.is_active:
                return _refused(NOT_SIGNED_IN, 401)
            if not officer.has_perm(permission):
                return _refused(NOT_ALLOWED, 403)
            return view(request, officer, *args, **kwargs)

        return answered

    return decorate


def _refused(text: str, status: int) -> JsonResponse:
    return JsonResponse({"error": text}, status=status, json_dumps_params={"ensure_ascii": False})


def _said(answer: dict[str, Any]) -> JsonResponse:
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


@_answered("cases.calculate_deadline")
def deadline(request: HttpRequest, officer: Officer) -> JsonResponse:
    """`?limit=CODE&start=ISO[&on=ISO][&tier=T][&event=KIND@ISO[/ISO][,name=value]]...[&fact=name=value]...[&compare=1]`.

    The keys are those of the command; with `compare` there is `compared` besides.
    """
    asked = request.GET
    unknown = sorted(set(asked) - {"limit", "start", "on", "tier", "event", "fact", "compare"})
    if unknown:
        return _refused(UNKNOWN_WORD.format(name=unknown[0]), 400)
    code = asked.get("limit", "").strip()
    if not code or not asked.get("start", "").strip():
        return _refused(MISSING, 400)
    side_by_side = asked.get("compare", "") not in ("", "0")
    compared: list[Compared] = []
    try:
        start = read_start(asked["start"])
        question: dict[str, Any] = {
            "on": read_when(asked["on"]) if asked.get("on") else None,
            "tier": asked.get("tier", ""),
            "events": [read_given(text) for text in asked.getlist("event")],
            "facts": dict(read_fact(text) for text in asked.getlist("fact")),
        }
        if side_by_side:
            compared = compare(code, start, **question)
        answer = answer_of(compared) or calculate(code, start, **question)
    except (CaseRefused, BadQuestion) as error:
        return _refused(str(error), 400)
    said = answer.as_json()
    if side_by_side:
        said["compared"] = [one.as_json() for one in compared]
    return _said(said)


@_answered("cases.view_clock")
def clock(request: HttpRequest, officer: Officer, pk: int) -> JsonResponse:
    """`?known_at=ISO`: how a clock was reckoned, as known now or then; what the page of the clock says."""
    try:
        found = explained(officer, pk, request.GET.get("known_at", "").strip(), timezone.now())
    except Http404:
        return _refused(NO_SUCH_CLOCK, 404)
    return _refused(found.wrong, 400) if found.wrong else _said(found.as_json())
