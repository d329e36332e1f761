"""How an order is said on the screens: how it stands, and what must be done now. Always in words and a sign."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from cases.desk.words import Standing
from supervision.rectification import rules
from supervision.rectification.models import Order, OrderState


def standing(order: Order, at: datetime) -> Standing:
    """How much is left, or how it ended. Days are counted on the calendar."""
    if order.state == OrderState.WITHDRAWN:
        return Standing("已撤销", "×", "grey")
    if order.state == OrderState.VERIFIED:
        if rules.is_on_time(order.verified_at, order.due_at):
            return Standing("按期整改", "✓", "grey")
        late = (timezone.localdate(order.verified_at) - order.due_on).days
        return Standing(f"超 {late} 天整改", "■", "red")
    days = (order.due_on - timezone.localdate(at)).days
    if days < 0:
        return Standing(f"超 {-days} 天", "■", "red")
    if days == 0:
        return Standing("今天到期", "◆", "orange")
    return Standing(f"剩 {days} 天", "▲" if days == 1 else "●", "yellow" if days == 1 else "green")


def what_now(order: Order) -> str:
    """What must be done now, by whom and by when, in one sentence."""
    due = f"{order.due_on:%Y-%m-%d}"
    who = f"{order.unit}{order.officer or ''}"
    match OrderState(order.state):
        case OrderState.ISSUED:
            return f"{who}须于 {due} 前答复：{order.problem}"
        case OrderState.RETURNED:
            return f"{who}须于 {due} 前重新答复：{order.problem}"
        case OrderState.REPLIED:
            return f"{order.replied_by}已答复，等待核验（期限 {due}）：{order.problem}"
        case OrderState.VERIFIED:
            return f"{timezone.localdate(order.verified_at):%Y-%m-%d} 核验通过，已整改：{order.problem}"
        case _:
            return f"{timezone.localdate(order.withdrawn_at):%Y-%m-%d} 已撤销，不必再办：{order.problem}"
