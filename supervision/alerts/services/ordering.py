"""Orders out of warnings: by themselves where the level demands one, or because somebody gives one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from cases.models import ClockState, LevelDemand, Officer
from supervision.alerts import refusals
from supervision.alerts.models import Action, Alert, AlertQuerySet, AlertState, AlertStep
from supervision.alerts.refusals import AlertRefused, OrdersFailed
from supervision.alerts.services.acts import ManyReport, as_seen, what_happened
from supervision.rectification.models import Order, Source
from supervision.rectification.refusals import RectificationRefused
from supervision.rectification.services import OrderRequest, issue_order, issue_orders

CHUNK = 1000

# The problem an overrun limit is, in the catalogue of the room below.
OVERRUN = "overrun"


@dataclass(slots=True)
class OrderReport:
    """Orders issued, and warnings left to people because their clock had run out before we knew of it."""

    ordered: int = 0
    left: int = 0


def order_due(*, at: datetime, chunk: int = CHUNK) -> OrderReport:
    """Order what a level demands to be ordered and has no order yet; an aware moment.

    1. Take warnings whose level demands an order and that have none, whenever that came about.
    2. Those whose clock had run out before its start was even entered (a first import, a late entry) are left to people:
       they ask for a word from now on, and stand on the standing list. A first day brings no flood of orders.
    3. Have the others ordered by the room below, once for each warning whatever happened to the order since; write the
       step; the climb stops, as an order climbs by its own rules.
    4. Where orders are refused, fail aloud and leave those warnings as they were.
    Chunks of one transaction each; warnings and clocks that somebody else holds are left to the next run. Safe to run
    twice, from two workers at once, and to kill at any line.
    """
    report = OrderReport()
    while True:
        with transaction.atomic():
            rows = list(_wanting()[:chunk])
            if not rows:
                return report
            late = [row.pk for row in rows if row.clock.start_event.recorded_at >= row.due_at]
            Alert.objects.filter(pk__in=late).update(demands=LevelDemand.ACKNOWLEDGEMENT)
            known = set(late)
            due = [row for row in rows if row.pk not in known]
            try:
                issue_orders([_request(row) for row in due], at=at)
            except RectificationRefused as refusal:
                raise OrdersFailed([row.clock.matter.number for row in due], str(refusal)) from refusal
            _tie(due, at)
        report.left += len(late)
        report.ordered += len(due)


def order_alert(
    *,
    alert: Alert,
    text: str,
    by: Officer,
    at: datetime,
    grade: str = "",
    workdays: int | None = None,
    problem: str = OVERRUN,
) -> Order:
    """Give an order about a warning, whatever its level; the climb stops.

    Without grade or working days those of the problem are taken. Refuses a warning that was withdrawn, has an order, is
    being settled, or has changed since it was read into `alert`, and whatever the room below refuses.
    """
    if why := why_not_ordered(alert):
        raise AlertRefused(why)
    clock = alert.clock
    try:
        with transaction.atomic():
            order = issue_order(
                source=Source.ALERT,
                source_number=str(alert.pk),
                problem=problem,
                unit=alert.unit,
                officer=alert.officer if alert.officer is not None and alert.officer.is_active else None,
                text=text,
                by=by,
                at=at,
                grade=grade or None,
                matter=clock.matter,
                clock=clock,
                workdays=workdays,
            )
            if not as_seen(alert).update(state=AlertState.ORDERED, order=order, climbs_at=None, tell_since=None):
                raise AlertRefused(refusals.MEANWHILE.format(what=what_happened(alert)))
            AlertStep.objects.bulk_create([_step(alert, order, by, at)])
    except RectificationRefused as refusal:
        raise AlertRefused(str(refusal)) from refusal
    alert.refresh_from_db()
    return order


def order_many(
    *, alerts: Iterable[int], grade: str, workdays: int, remark: str, by: Officer, at: datetime
) -> ManyReport:
    """Give an order about each of many warnings, by id; the caller has cut them to what the officer may see.

    Each says what its own warning is about, and the remark that goes for all. What `order_alert` would refuse is passed
    over and named in the report, and so is what somebody else is working on at this moment. Chunks of one transaction
    each. Refuses the whole only for what the room below refuses of all.
    """
    report = ManyReport()
    wanted = sorted(set(alerts))
    for begin in range(0, len(wanted), CHUNK):
        ids = wanted[begin : begin + CHUNK]
        with transaction.atomic():
            rows = Alert.objects.filter(pk__in=ids).select_related(
                "clock__limit", "clock__matter", "clock__start_event", "clock__manner", "order", "officer"
            )
            if connection.features.has_select_for_update_skip_locked:
                rows = rows.select_for_update(skip_locked=True, of=("self", "clock"))
            found = {row.pk: row for row in rows.order_by("pk")}
            good = []
            for pk in ids:
                why = refusals.BUSY if pk not in found else why_not_ordered(found[pk])
                if why:
                    report.refused.append((pk, why))
                else:
                    good.append(found[pk])
            try:
                issue_orders([_asked(row, grade, workdays, remark) for row in good], at=at, by=by)
            except RectificationRefused as refusal:
                raise AlertRefused(str(refusal)) from refusal
            _tie(good, at, by)
        report.done += len(good)
    return report


def _asked(alert: Alert, grade: str, workdays: int, remark: str) -> OrderRequest:
    officer = alert.officer
    return replace(
        _request(alert),
        grade=grade,
        workdays=workdays,
        officer_id=officer.pk if officer is not None and officer.is_active else None,
        text=f"{order_text(alert)}{remark.strip()}",
    )


def why_not_ordered(alert: Alert) -> str:
    """Why an order cannot be given about a warning as it stands; empty where it can."""
    if alert.state == AlertState.WITHDRAWN:
        return refusals.WITHDRAWN.format(why=alert.get_reason_display())
    if alert.order is not None:
        return refusals.ALREADY_ORDERED.format(number=alert.order.number)
    clock = alert.clock
    if clock.unsettled or clock.state != ClockState.RUNNING or clock.due_at != alert.due_at:
        return refusals.SETTLING
    return ""


def _wanting() -> AlertQuerySet:
    rows = (
        Alert.objects.wanting_order()
        .filter(clock__unsettled=False, clock__state=ClockState.RUNNING, clock__due_at=F("due_at"))
        .select_related("clock__limit", "clock__matter", "clock__start_event", "clock__manner")
        .order_by("pk")
    )
    if connection.features.has_select_for_update_skip_locked:
        # The clock too: it does not stop between our reading it and the order.
        rows = rows.select_for_update(skip_locked=True, of=("self", "clock"))
    return rows


def _request(alert: Alert) -> OrderRequest:
    manner = alert.clock.manner
    conduct = manner.conduct(alert.level) if manner is not None else None
    asks = conduct is not None and bool(conduct.grade)
    return OrderRequest(
        source=Source.ALERT,
        source_number=str(alert.pk),
        problem=OVERRUN,
        unit_id=alert.unit_id,
        officer_id=alert.officer_id,
        matter_id=alert.clock.matter_id,
        clock_id=alert.clock_id,
        grade=conduct.grade if conduct is not None and asks else None,
        workdays=conduct.within if conduct is not None and asks else None,
        text=order_text(alert),
    )


def order_text(alert: Alert) -> str:
    """What the order about a warning says."""
    clock = alert.clock
    local = timezone.localtime(alert.due_at)
    # As a letter writes it, and never broken over a line at its hyphens.
    due = _chinese(clock.due_on) if clock.due_on else f"{_chinese(local.date())} {local:%H:%M}"
    over = "已经届满，尚未办结" if alert.due_at <= alert.raised_at or alert.level == 3 else "将届满，尚未办结"
    return f"{clock.matter.number}的“{clock.limit}”（{clock.limit.citation}）期限于{due}{over}。请依法办结，并写明原因和改正情况。"


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _tie(alerts: list[Alert], at: datetime, by: Officer | None = None) -> None:
    """Write on the warnings which order they have led to: the last of their source."""
    numbers = {str(row.pk) for row in alerts}
    orders = {
        order.source_number: order
        for order in Order.objects.filter(source=Source.ALERT, source_number__in=numbers).order_by("pk")
    }
    for row in alerts:
        row.order = orders[str(row.pk)]
        row.state = AlertState.ORDERED
        row.climbs_at = row.tell_since = None
    Alert.objects.bulk_update(alerts, ("order", "state", "climbs_at", "tell_since"), batch_size=200)
    AlertStep.objects.bulk_create([_step(row, orders[str(row.pk)], by, at) for row in alerts])


def _step(alert: Alert, order: Order, by: Officer | None, at: datetime) -> AlertStep:
    return AlertStep(
        clock_id=alert.clock_id,
        due_at=alert.due_at,
        action=Action.ORDERED,
        level=alert.level,
        due_moment=at,
        found_at=at,
        by=by,
        rung=alert.rung,
        text=order.number,
    )
