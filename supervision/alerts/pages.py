"""The pages of the warnings: their list, one of them, and what has long been over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, named_limits, show_list
from cases.models import Clock, Officer
from cases.queries import matters_of
from supervision.alerts import refusals
from supervision.alerts.filters import AlertFilter, StandingFilter
from supervision.alerts.forms import AcknowledgeForm, OrderForm
from supervision.alerts.models import Alert, AlertState
from supervision.alerts.queries import alerts_of, standing_alerts, standing_list, story_of
from supervision.alerts.refusals import AlertRefused
from supervision.alerts.services import acknowledge, order_alert
from supervision.alerts.services.acts import what_happened
from supervision.alerts.services.ordering import order_text

EMPTY = Emptiness("没有预警", "期限临近届满或者超期时，每分钟一次的扫描会在这里列出；现在没有需要预警的期限。")
NOTHING_OVER = Emptiness("没有超期的事项", "计入考核的期限届满以后还没有办结的，都列在这里，办结为止；现在没有。")


@page("alerts.view_alert")
def alerts(request: HttpRequest) -> HttpResponse:
    officer = who(request)
    if not request.GET:
        return redirect(f"{reverse('alerts:alerts')}?state=open")

    def dress(rows: list[Alert]) -> dict[str, Any]:
        return _openable(officer, [row.clock for row in rows])

    return show_list(
        request,
        "alerts/alerts.html",
        title="预警",
        filter_class=AlertFilter,
        rows=alerts_of(officer)
        .select_related("clock__matter", "officer")
        .prefetch_related(named_limits("clock__limit"), "clock__matter__kind", "unit", "said_by", "order")
        .defer("clock__matter__facts"),
        moment="due_at",
        at=timezone.now(),
        empty=EMPTY,
        tabs=(
            ("待处理", "state=open"),
            ("未撤销", "state=standing"),
            ("■ 已超期", "state=standing&level=3"),
            ("◆ 橙色", "state=standing&level=2"),
            ("▲ 黄色", "state=standing&level=1"),
            ("待我答复的", "state=open&mine=answer"),
            ("我经办的", "state=standing&mine=1"),
            ("已答复", "state=acknowledged"),
            ("已转整改", "state=ordered"),
            ("已撤销", "state=withdrawn"),
            ("全部", "state="),
        ),
        dress=dress,
    )


@page("alerts.view_alert")
def standing(request: HttpRequest) -> HttpResponse:
    """What is over and counts, the longest first; nothing leaves it but by ending."""
    officer, at = who(request), timezone.now()

    def dress(rows: list[Clock]) -> dict[str, Any]:
        found = standing_alerts(rows)
        for row in rows:
            row.alert = found.get(row.pk)  # type: ignore[attr-defined]
        return _openable(officer, rows)

    return show_list(
        request,
        "alerts/standing.html",
        title="长期超期",
        filter_class=StandingFilter,
        rows=standing_list(officer, at)
        .select_related("matter", "officer")
        .prefetch_related(named_limits("limit"), "matter__kind", "unit")
        .defer("matter__facts"),
        moment="due_at",
        at=at,
        empty=NOTHING_OVER,
        tabs=(
            ("全部超期", ""),
            ("超 7 天以上", "longer=7"),
            ("超 30 天以上", "longer=30"),
            ("超 90 天以上", "longer=90"),
            ("我经办的", "mine=1"),
        ),
        dress=dress,
    )


def _openable(officer: Officer, clocks: list[Clock]) -> dict[str, Any]:
    """A warning stays with the unit that let it come, and its matter may since have left that unit's sight."""
    ids = {clock.matter_id for clock in clocks}
    return {"open_to": set(matters_of(officer).filter(pk__in=ids).values_list("pk", flat=True))}


# -- one warning -------------------------------------------------------------------------------------------------------


@page("alerts.view_alert", ("GET", "HEAD", "POST"))
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    officer, at = who(request), timezone.now()
    row = get_object_or_404(
        alerts_of(officer).select_related(
            "clock__limit", "clock__matter__kind", "clock__manner", "unit", "officer", "said_by", "order"
        ),
        pk=pk,
    )
    sheet = _Sheet(request, officer, row, at)
    if request.method == "POST" and (done := sheet.act()):
        messages.success(request, done)
        return redirect("alerts:alert", pk=pk)
    return show(
        request,
        "alerts/alert.html",
        title=f"{row.clock.matter.number} {row.clock.limit}",
        trail=(("预警", f"{reverse('alerts:alerts')}?state=open"),),
        alert=row,
        clock=row.clock,
        at=at,
        steps=story_of(row),
        word=sheet.word,
        order=sheet.order,
        wrong=sheet.wrong,
        **_openable(officer, [row.clock]),
    )


class _Sheet:
    """The forms on the page of a warning: those the officer may fill in as it stands."""

    def __init__(self, request: HttpRequest, officer: Officer, alert: Alert, at: datetime) -> None:
        self.request, self.officer, self.alert, self.at = request, officer, alert, at
        self.wrong = ""
        posted = request.POST if request.method == "POST" else None
        self.asked = request.POST.get("act", "")
        self.word: AcknowledgeForm | None = None
        self.order: OrderForm | None = None
        stands = alert.state != AlertState.WITHDRAWN
        # What was written comes back to whoever wrote it, though the warning has changed under him.
        if officer.has_perm("alerts.acknowledge_alert") and (
            self.asked == "acknowledge" or (stands and alert.state != AlertState.ORDERED)
        ):
            self.word = AcknowledgeForm(posted if self.asked == "acknowledge" else None, today=timezone.localdate(at))
        if officer.has_perm("alerts.order_alert") and (self.asked == "order" or (stands and alert.order_id is None)):
            self.order = OrderForm(posted if self.asked == "order" else None, initial=self._usual())

    def _usual(self) -> dict[str, Any]:
        manner = self.alert.clock.manner
        conduct = manner.conduct(self.alert.level) if manner is not None else None
        asks = conduct is not None and bool(conduct.grade)
        return {
            "text": order_text(self.alert),
            "grade": conduct.grade if conduct is not None and asks else "reminder",
            "workdays": conduct.within if conduct is not None and asks else 3,
        }

    def act(self) -> str:
        """Do what was asked for; the sentence that says it was done, or nothing, with what is wrong."""
        form = {"acknowledge": self.word, "order": self.order}.get(self.asked)
        if form is None or not form.is_valid():
            return ""
        if self.request.POST.get("seen") != self.alert.seen:
            self.wrong = refusals.MEANWHILE.format(what=what_happened(self.alert))
            return ""
        data = form.cleaned_data
        try:
            if self.asked == "acknowledge":
                acknowledge(
                    alert=self.alert, reason=data["reason"], next_on=data["next_on"], by=self.officer, at=self.at
                )
                return f"已答复，{data['next_on']:%m-%d} 以前不再上报。"
            order = order_alert(
                alert=self.alert,
                text=data["text"],
                grade=data["grade"],
                workdays=data["workdays"],
                by=self.officer,
                at=self.at,
            )
        except AlertRefused as refusal:
            self.wrong = str(refusal)
            self.alert.refresh_from_db()
            return ""
        return f"已下达整改 {order.number}，期限 {order.due_on:%Y-%m-%d}。"
