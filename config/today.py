"""What waits for an officer today (今天要办): warnings to answer, orders to reply to, to look over or to verify, and what
is left lying in his unit. Each group is a list's own narrowing, so that its count is the number of rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from cases.desk.paging import Count, count_capped
from cases.desk.words import Standing
from cases.desk.words import standing as standing_of_clock
from cases.models import Officer
from supervision.alerts.models import Alert
from supervision.alerts.queries import alerts_of, left_by_unit, waiting_for
from supervision.rectification import queries as orders
from supervision.rectification.models import Order
from supervision.rectification.words import standing as standing_of_order

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Thing:
    """One row: how it stands, its number, what it is about, whose it is, where it lies and where it is done."""

    standing: Standing
    number: str
    about: str
    whose: str
    link: str
    act: str
    pk: int


@dataclass(frozen=True, slots=True)
class Group:
    """What waits in one way: its name, what is done about it, how many, the first of them, and the list of all."""

    name: str
    verb: str
    count: Count
    things: Sequence[Thing]
    link: str
    # Where all of them are done at once, if they can be.
    many: str = ""

    @property
    def narrowing(self) -> str:
        """What the list is narrowed by."""
        return self.link.partition("?")[2]


def today(officer: Officer, at: datetime) -> list[Group]:
    """The groups in which something waits for the officer at an aware moment, the most pressing kind first.

    A fixed number of questions for a role, however much waits.
    """
    groups = []
    if officer.has_perm("alerts.acknowledge_alert"):
        seen = alerts_of(officer)
        groups.append(_alerts("预警待我答复", "答复", waiting_for(seen, officer), "answer", officer, at, many=True))
        if officer.has_perm("rectification.endorse_order"):
            groups.append(_alerts("本单位民警未答复的预警", "查看", left_by_unit(seen, officer), "unit", officer, at))
    for name, verb, what, permission in (
        ("整改待我答复", "答复", "reply", "reply_order"),
        ("单位答复待我审核", "审核", "endorse", "endorse_order"),
        ("整改答复待我核验", "核验", "verify", "verify_order"),
        ("本单位民警未答复的整改", "查看", "unit", "endorse_order"),
    ):
        if officer.has_perm(f"rectification.{permission}"):
            rows = orders.waiting_for(orders.orders_of(officer), officer, what)
            groups.append(_orders(name, verb, rows, what, at))
    return [group for group in groups if group.count]


def _alerts(
    name: str, verb: str, rows: QuerySet[Alert], mine: str, officer: Officer, at: datetime, *, many: bool = False
) -> Group:
    def thing(row: Alert) -> Thing:
        link = reverse("alerts:alert", args=(row.pk,))
        clock = row.clock
        return Thing(
            standing_of_clock(clock, at),
            clock.matter.number,
            clock.limit.name,
            _whose(row),
            link,
            f"{link}#answer" if many else link,
            row.pk,
        )

    beside = rows.select_related("clock__matter", "clock__limit", "unit", "officer").defer(
        "clock__limit__definition", "clock__limit__answered", "clock__matter__facts"
    )
    link = f"{reverse('alerts:alerts')}?{urlencode({'state': 'open', 'mine': mine})}"
    return _group(name, verb, rows, beside, thing, link, many=reverse("alerts:many") if many else "")


def _orders(name: str, verb: str, rows: QuerySet[Order], what: str, at: datetime) -> Group:
    def thing(row: Order) -> Thing:
        link = reverse("rectification:order", args=(row.pk,))
        act = link if what == "unit" else f"{link}#{what}"
        return Thing(standing_of_order(row, at), row.number, str(row.problem), _whose(row), link, act, row.pk)

    link = f"{reverse('rectification:orders')}?{urlencode({'state': 'open', 'mine': what})}"
    return _group(name, verb, rows, rows.select_related("problem", "unit", "officer"), thing, link)


def _group(
    name: str,
    verb: str,
    rows: QuerySet[Any],
    beside: QuerySet[Any],
    thing: Callable[[Any], Thing],
    link: str,
    *,
    many: str = "",
) -> Group:
    first = [thing(row) for row in beside.order_by("due_at", "pk")[:SHOWN]]
    return Group(name, verb, count_capped(rows), first, link, many)


def _whose(row: Alert | Order) -> str:
    return f"{row.unit} {row.officer}" if row.officer is not None else str(row.unit)
