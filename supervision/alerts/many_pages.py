"""Acting on many warnings at once: choose them in the list, look at what would be done and what would not, then do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from supervision.alerts.filters import AlertFilter
from supervision.alerts.forms import AcknowledgeForm, ManyOrdersForm
from supervision.alerts.models import Alert, AlertQuerySet
from supervision.alerts.queries import alerts_of
from supervision.alerts.refusals import CHANGED, AlertRefused
from supervision.alerts.services import (
    ManyReport,
    acknowledge_many,
    order_many,
    why_not_answered,
    why_not_ordered,
)

# More than this nobody looks through; a narrower filter, or twice.
MOST = 500


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done about many warnings: its name, who may, and why not about one of them."""

    name: str
    done: str
    permission: str
    why_not: Callable[[Alert], str]


DEEDS = {
    "acknowledge": Deed("答复", "已答复", "alerts.acknowledge_alert", why_not_answered),
    "order": Deed("下达整改", "已下达整改", "alerts.order_alert", why_not_ordered),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A warning chosen, and why nothing can be done about it, or nothing."""

    alert: Alert
    why: str


@page("alerts.view_alert", ("POST",))
def many(request: HttpRequest) -> HttpResponse:
    """Show what would be done; with `confirm` do it and say what was not. Nothing chosen leads back to the list."""
    officer, at = who(request), timezone.now()
    deed = DEEDS.get(request.POST.get("act", ""))
    if deed is None or not officer.has_perm(deed.permission):
        raise PermissionDenied
    chosen, more = _chosen(request, at)
    back = f"{reverse('alerts:alerts')}?{request.POST.get('query', '') or 'state=open'}"
    if not chosen:
        return redirect(back)
    seen = _as_seen(request)
    choices = [Choice(row, _why(deed, row, seen)) for row in chosen]
    good = [choice.alert for choice in choices if not choice.why]
    confirmed = "confirm" in request.POST
    form = _form(deed, request.POST if confirmed else None, timezone.localdate(at))
    wrong, report = "", None
    if confirmed and form.is_valid():
        try:
            report = _do(request, deed, [row.pk for row in good], form.cleaned_data)
        except AlertRefused as refusal:
            wrong = str(refusal)
    if report is not None:
        known = {row.pk: row for row in good}
        late = [Choice(known[pk], why) for pk, why in report.refused]
        refused = [choice for choice in choices if choice.why] + late
        return _shown(request, deed, back, done=report.done, refused=refused)
    return _shown(
        request,
        deed,
        back,
        good=good,
        refused=[choice for choice in choices if choice.why],
        form=form,
        wrong=wrong,
        act=request.POST["act"],
        query=request.POST.get("query", ""),
        more=more,
    )


def _shown(request: HttpRequest, deed: Deed, back: str, **context: Any) -> HttpResponse:
    return show(
        request,
        "alerts/many.html",
        title=f"批量{deed.name}",
        trail=(("预警", back),),
        deed=deed,
        back=back,
        at=timezone.now(),
        most=MOST,
        **context,
    )


def _chosen(request: HttpRequest, at: Any) -> tuple[list[Alert], bool]:
    """The warnings chosen, in scope: those ticked, or all that the filter of the list finds; and whether there are more."""
    rows: AlertQuerySet = alerts_of(who(request))
    if "all" in request.POST and "confirm" not in request.POST:
        narrowed = AlertFilter(QueryDict(request.POST.get("query", "")), rows, request=request, at=at)
        rows = rows.filter(pk__in=narrowed.rows.order_by("due_at", "pk").values("pk")[: MOST + 1])
    else:
        ticked = [int(pk) for pk in request.POST.getlist("pk") if pk.isascii() and pk.isdigit() and len(pk) < 19]
        rows = rows.filter(pk__in=ticked[: MOST + 1])
    found = list(
        rows.select_related("clock__limit", "clock__matter__kind", "unit", "officer", "order", "said_by").order_by(
            "due_at", "pk"
        )[: MOST + 1]
    )
    return found[:MOST], len(found) > MOST


def _as_seen(request: HttpRequest) -> dict[int, str]:
    """How each stood on the page that is being confirmed."""
    pairs = (one.partition(":") for one in request.POST.getlist("seen"))
    return {int(pk): how for pk, mark, how in pairs if mark and pk.isascii() and pk.isdigit() and len(pk) < 19}


def _why(deed: Deed, row: Alert, seen: dict[int, str]) -> str:
    why = deed.why_not(row)
    return why or (CHANGED if seen.get(row.pk, row.seen) != row.seen else "")


def _form(deed: Deed, posted: QueryDict | None, today: Any) -> AcknowledgeForm | ManyOrdersForm:
    if deed.permission == "alerts.acknowledge_alert":
        return AcknowledgeForm(posted, today=today)
    return ManyOrdersForm(posted)


def _do(request: HttpRequest, deed: Deed, alerts: list[int], data: dict[str, Any]) -> ManyReport:
    officer, at = who(request), timezone.now()
    if deed.permission == "alerts.acknowledge_alert":
        return acknowledge_many(alerts=alerts, reason=data["reason"], next_on=data["next_on"], by=officer, at=at)
    return order_many(
        alerts=alerts, grade=data["grade"], workdays=data["workdays"], remark=data["remark"], by=officer, at=at
    )
