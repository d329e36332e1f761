"""How an order is said: what is left or how it ended, and what must be done now."""

from typing import Any

import pytest

from cases.models import Officer
from supervision.rectification.models import Order, OrderState
from supervision.rectification.words import standing, what_now
from tests.cases.factories import moment

VERIFIED = {"state": OrderState.VERIFIED}


@pytest.mark.parametrize(
    ("changes", "at", "said"),
    [
        ({}, "2026-05-19 09:00", "剩 3 天 ●"),
        ({}, "2026-05-21 23:59", "剩 1 天 ▲"),
        ({}, "2026-05-22 23:59", "今天到期 ◆"),
        ({}, "2026-05-23 00:00", "超 1 天 ■"),
        ({"state": OrderState.REPLIED}, "2026-05-25 09:00", "超 3 天 ■"),
        ({**VERIFIED, "verified_at": moment("2026-05-22 23:59")}, "2026-06-01 09:00", "按期整改 ✓"),
        ({**VERIFIED, "verified_at": moment("2026-05-23 00:00")}, "2026-06-01 09:00", "超 1 天整改 ■"),
        ({"state": OrderState.WITHDRAWN}, "2026-06-01 09:00", "已撤销 ×"),
    ],
)
def test_how_an_order_stands(order: Order, changes: dict[str, Any], at: str, said: str) -> None:
    for name, value in changes.items():
        setattr(order, name, value)

    assert str(standing(order, moment(at))) == said


def test_what_must_be_done_now(order: Order, officer: Officer, legal_officer: Officer) -> None:
    order.replied_by, order.verified_by = officer, legal_officer
    order.verified_at = order.withdrawn_at = moment("2026-05-22 10:00")

    said = {}
    for state in OrderState:
        order.state = state
        said[state] = what_now(order)

    assert said == {
        OrderState.ISSUED: "城关派出所民警100001须于 2026-05-22 前答复：超过法定期限",
        OrderState.RETURNED: "城关派出所民警100001须于 2026-05-22 前重新答复：超过法定期限",
        OrderState.REPLIED: "民警100001已答复，等待核验（期限 2026-05-22）：超过法定期限",
        OrderState.VERIFIED: "2026-05-22 核验通过，已整改：超过法定期限",
        OrderState.WITHDRAWN: "2026-05-22 已撤销，不必再办：超过法定期限",
    }
