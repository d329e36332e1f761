"""What the unit of its head still has open: who has not answered, by act; each number is the list behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from cases.duty import Rung
from cases.models import LevelDemand, Officer, Role
from cases.models.scope import posts_of
from cases.queries import clocks_of
from supervision.alerts.queries import alerts_of
from supervision.rectification.queries import orders_of

MOST_OFFICERS = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """One number and the list of what it counts."""

    number: int
    link: str


@dataclass(frozen=True, slots=True)
class Line:
    """One officer of the unit, or all of it, and what is open by act, in the order of `ACTS`."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class UnitWork:
    """The unit's open work: all of it, then officer by officer, whoever has most of it first."""

    total: Line
    lines: tuple[Line, ...]
    more: int

    @property
    def acts(self) -> tuple[str, ...]:
        return tuple(act.name for act in ACTS)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a unit may owe: its name, the page of its list, and what narrows that list to it."""

    name: str
    page: str
    narrowing: tuple[tuple[str, str], ...]


ACTS = (
    Act("预警没有答复", "alerts:alerts", (("state", "open"), ("rung", str(Rung.OFFICER.value)), ("demands", "yes"))),
    Act("整改没有答复", "rectification:orders", (("state", "to_answer"),)),
    Act("整改超期没有答复", "rectification:orders", (("state", "to_answer"), ("overdue", "1"))),
    Act("期限已超期", "desk:clocks", (("due", "expired"), ("nature", "counted"))),
)
_Tally = dict[tuple[str, str], list[int]]


def unit_work(officer: Officer, at: datetime) -> UnitWork | None:
    """What is open in the unit that the officer heads, at `at`; none for anybody who heads no unit.

    Three questions to the database, whatever the size of the unit.
    """
    if not any(role == Role.UNIT_HEAD for role, _, _ in posts_of(officer)):
        return None
    found: _Tally = defaultdict(lambda: [0] * len(ACTS))
    alerts = alerts_of(officer).open().filter(demands__gt=LevelDemand.NONE, rung=Rung.OFFICER)
    overdue = clocks_of(officer).counted().overdue(at)
    _add(found, 0, alerts.order_by().values_list(*_WHO).annotate(count=Count("pk")))
    orders = orders_of(officer).to_answer().order_by().values_list(*_WHO)
    for number, name, count, late in orders.annotate(count=Count("pk"), late=Count("pk", filter=Q(due_at__lte=at))):
        found[number or "", name or ""][1] += count
        found[number or "", name or ""][2] += late
    _add(found, 3, overdue.order_by().values_list(*_WHO).annotate(count=Count("pk")))
    total = [sum(numbers) for numbers in zip(*found.values(), strict=True)] or [0] * len(ACTS)
    named = sorted(((who, numbers) for who, numbers in found.items() if who[0]), key=lambda one: (-sum(one[1]), one[0]))
    return UnitWork(
        _line("全单位", total),
        tuple(_line(name, numbers, officer=number) for (number, name), numbers in named[:MOST_OFFICERS]),
        max(0, len(named) - MOST_OFFICERS),
    )


_WHO = ("officer__police_number", "officer__name")


def _add(found: _Tally, act: int, rows: Iterable[tuple[str | None, str | None, int]]) -> None:
    for number, name, count in rows:
        found[number or "", name or ""][act] += count


def _line(name: str, numbers: list[int], **narrowing: str) -> Line:
    cells = (
        Cell(number, f"{reverse(act.page)}?{urlencode([*act.narrowing, *narrowing.items()])}")
        for act, number in zip(ACTS, numbers, strict=True)
    )
    return Line(name, tuple(cells))
