"""A case walked through, its order: issued on the day it ran out, replied to twice, verified in time, though the clock
had stopped long before."""

from datetime import date
from pathlib import Path

import pytest

from cases.models import ClockState, Officer
from supervision.rectification.models import Order, OrderState, OrderStep, Source
from supervision.rectification.rules import is_on_time
from supervision.rectification.services import OrderRequest, issue_orders, return_order, verify_order
from tests.cases.factories import Bureau, clock_of, make_case, moment, record
from tests.supervision.rectification.factories import PNG, replied, taken

RAN_OUT = moment("2026-05-19 00:00")


@pytest.fixture
def late(bureau: Bureau, catalogue: None, officer: Officer) -> OrderRequest:
    """Filed on 2 March, appraised for fifteen days, extended once: due on 18 May, and nothing decided."""
    case = make_case("A-1", bureau.station, officer, filed="2026-03-02 10:00")
    record(case, "test_began", "2026-03-10", at="2026-03-27")
    record(case, "test_ended", "2026-03-25", at="2026-03-27")
    record(case, "longer", "2026-04-14", approver="head")
    clock = clock_of(case)
    assert (clock.due_on, clock.due_at) == (date(2026, 5, 18), RAN_OUT)
    return OrderRequest(
        source=Source.ALERT,
        source_number=f"{clock.pk}/2026-05-18",
        problem="overrun",
        unit_id=clock.unit_id,
        officer_id=clock.officer_id,
        matter_id=case.pk,
        clock_id=clock.pk,
        text="作出决定的期限已于 2026-05-18 届满。",
    )


def test_the_order_stays_when_the_clock_stops_and_is_verified_in_time(
    late: OrderRequest, officer: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    assert issue_orders([late], at=RAN_OUT) == 1
    order = Order.objects.get()
    assert (order.by, order.issued_at, order.due_on) == (None, RAN_OUT, date(2026, 5, 22))

    assert order.matter is not None
    record(order.matter, "decided", "2026-05-20 15:00")
    clock = clock_of(order.matter)
    assert (clock.state, clock.late) == (ClockState.STOPPED, True)
    order.refresh_from_db()
    assert order.state == OrderState.ISSUED

    replied(order, officer, moment("2026-05-21 09:00"))
    return_order(order=order, reason="没有附送达回证", by=legal_officer, at=moment("2026-05-21 16:00"))
    replied(order, officer, moment("2026-05-22 10:00"), taken("送达回证.png", PNG))
    verify_order(order=order, by=legal_officer, at=moment("2026-05-22 17:00"))
    issue_orders([late], at=moment("2026-05-23"))

    steps = OrderStep.objects.filter(order=order).order_by("number")
    assert [(step.action, f"{step.at:%m-%d}") for step in steps if step.number > 1] == [
        ("replied", "05-21"), ("returned", "05-21"), ("replied", "05-22"), ("verified", "05-22"),
    ]  # fmt: skip
    assert is_on_time(order.verified_at, order.due_at)
    # May's figures: one issued, one rectified, on time.
    may = Order.objects.founded().filter(issued_at__gte=moment("2026-05-01"), issued_at__lt=moment("2026-06-01"))
    assert may.count() == may.filter(verified_at__lt=moment("2026-06-01")).count() == 1
