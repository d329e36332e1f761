"""What a bulletin counts itself, as values: counts that add up, rates read from them, and their JSON.

A unit's figure is the sum over its subtree, numerators with numerators and denominators with denominators; never a
mean of percentages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Any, Self, TypeVar

from supervision.bulletins.rules import Period, overrun
from supervision.bulletins.rules.life import Kind
from supervision.evaluation.rates import Rate

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of rows; two of a kind add up field by field."""

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def nothing(self) -> bool:
        return not any(getattr(self, f.name) for f in fields(self))


@dataclass(frozen=True, slots=True)
class AlertCount(Counts):
    """Warnings: raised in the period, withdrawn in it, and open at the cutoff by the level they had reached."""

    raised: int = 0
    withdrawn: int = 0
    open_yellow: int = 0
    open_orange: int = 0
    open_red: int = 0

    @property
    def open(self) -> int:
        return self.open_yellow + self.open_orange + self.open_red

    def as_json(self) -> dict[str, Any]:
        by_level = {"yellow": self.open_yellow, "orange": self.open_orange, "red": self.open_red}
        return {"raised": self.raised, "withdrawn": self.withdrawn, "open": self.open, "open_by_level": by_level}


@dataclass(frozen=True, slots=True)
class ClockCount(Counts):
    """Clocks that stopped in the period in time, stopped in it late, or ran out in it and had not stopped by the cutoff.

    A clock that ran out earlier and stopped in the period counts among the late ones of this period too.
    """

    in_time: int = 0
    late: int = 0
    expired: int = 0

    @property
    def missed(self) -> int:
        return self.late + self.expired

    @property
    def on_time(self) -> Rate:
        return Rate(self.in_time, self.in_time + self.missed)

    def as_json(self) -> dict[str, Any]:
        counts = {"in_time": self.in_time, "late": self.late, "expired": self.expired}
        return {**counts, "on_time": rate_json(self.on_time)}


def rate_json(rate: Rate) -> dict[str, Any]:
    """Both counts and the percentage with its two decimals as a text, 50.00; None of nothing."""
    value = rate.text.removesuffix("%") if rate.denominator else None
    return {"numerator": rate.numerator, "denominator": rate.denominator, "value": value}


C = TypeVar("C", bound=Counts)


def total(counts: Iterable[C], nought: C) -> C:
    for count in counts:
        nought = nought + count
    return nought


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the tables: a unit right below the one reported on, or that one by itself."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit as the tables name it; `restricted`: it runs on matters only that their handlers alone may see."""

    code: str
    name: str
    citation: str
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class OverdueClock:
    """A clock that had run out at the cutoff and still ran, on a matter anyone who supervises the unit may see."""

    number: str
    kind: str
    unit: str
    limit: str
    due_on: date | None
    due_at: datetime
    late_by: str

    def as_json(self) -> dict[str, Any]:
        due = self.due_on.isoformat() if self.due_on is not None else None
        return {
            "number": self.number,
            "kind": self.kind,
            "unit": self.unit,
            "limit": self.limit,
            "due_on": due,
            "due_at": self.due_at.isoformat(),
            "late_by": self.late_by,
        }


@dataclass(frozen=True, slots=True)
class Overdue:
    """Everything that had run out at the cutoff and still ran, whenever it ran out.

    `restricted` of the `count` lie on matters that only their handlers may see: counted, never named. `longest` names
    some of the others, the longest overdue first.
    """

    count: int = 0
    restricted: int = 0
    longest: tuple[OverdueClock, ...] = ()


@dataclass(frozen=True, slots=True)
class OverdueOrder:
    """An order to put something right that had run out at the cutoff and had not ended."""

    number: str
    problem: str
    unit: str
    due_on: date
    late_by: str

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "due_on": self.due_on.isoformat()}


@dataclass(frozen=True, slots=True)
class OverdueOrders:
    """All such orders counted, and some of them, the longest overdue first."""

    count: int = 0
    longest: tuple[OverdueOrder, ...] = ()


@dataclass(frozen=True)
class Figures:
    """What a bulletin counts itself for a unit and a period: cells by place and by limit, and their sums."""

    code: str
    name: str
    period: Period
    places: tuple[Place, ...]
    limits: Mapping[str, LimitRow]
    alerts: Mapping[str, AlertCount]
    clocks: Mapping[tuple[str, str], ClockCount]
    overdue: Overdue = field(default_factory=Overdue)
    orders: OverdueOrders = field(default_factory=OverdueOrders)
    due_next: tuple[tuple[str, int], ...] = ()

    # -- sums ----------------------------------------------------------------------------------------------------

    @property
    def all_alerts(self) -> AlertCount:
        return total(self.alerts.values(), AlertCount())

    @property
    def all_clocks(self) -> ClockCount:
        """Without what runs on restricted matters only, which is no unit's to answer for in a sum."""
        open_to_all = (count for (_, code), count in self.clocks.items() if not self.limits[code].restricted)
        return total(open_to_all, ClockCount())

    def alerts_of(self, place: Place) -> AlertCount:
        return self.alerts.get(place.code, AlertCount())

    def clocks_of(self, place: Place) -> ClockCount:
        own = (
            count
            for (unit, code), count in self.clocks.items()
            if unit == place.code and not self.limits[code].restricted
        )
        return total(own, ClockCount())

    def clocks_of_limit(self, limit: LimitRow) -> ClockCount:
        return total((count for (_, code), count in self.clocks.items() if code == limit.code), ClockCount())

    def limits_counted(self) -> list[tuple[LimitRow, ClockCount]]:
        """Limits with anything to count: those missed most often first, then in the catalogue's order."""
        rows = [(limit, self.clocks_of_limit(limit)) for limit in self.limits.values()]
        return sorted((row for row in rows if not row[1].nothing), key=lambda row: -row[1].missed)

    def cells_missed(self) -> list[tuple[Place, LimitRow, ClockCount]]:
        """Where limits were missed, unit by unit and limit by limit; most often first."""
        names = {place.code: place for place in self.places}
        rows = [
            (names[unit], self.limits[limit], count) for (unit, limit), count in self.clocks.items() if count.missed
        ]
        order = {place.code: n for n, place in enumerate(self.places)}
        return sorted(rows, key=lambda row: (-row[2].missed, order[row[0].code], row[1].code))

    # -- JSON ----------------------------------------------------------------------------------------------------

    def as_json(self, kind: Kind) -> dict[str, Any]:
        period = self.period
        return {
            "format": FORMAT,
            "unit": {"code": self.code, "name": self.name},
            "period": {
                "kind": kind.value,
                "begins_at": period.begins.isoformat(),
                "ends_at": period.ends.isoformat(),
                "cutoff": period.cutoff.isoformat(),
            },
            "alerts": {
                "total": self.all_alerts.as_json(),
                "units": [{**_named(place), **self.alerts_of(place).as_json()} for place in self.places],
            },
            "clocks": {
                "total": self.all_clocks.as_json(),
                "units": [{**_named(place), **self.clocks_of(place).as_json()} for place in self.places],
                "limits": [
                    {"limit": limit.code, "name": limit.name, "citation": limit.citation, **count.as_json()}
                    for limit, count in self.limits_counted()
                ],
                "cells": [
                    {"unit": unit, "limit": limit, **count.as_json()} for (unit, limit), count in self.clocks.items()
                ],
            },
            "overdue": {
                "count": self.overdue.count,
                "restricted": self.overdue.restricted,
                "longest": [row.as_json() for row in self.overdue.longest],
            },
            "orders_overdue": {
                "count": self.orders.count,
                "longest": [row.as_json() for row in self.orders.longest],
            },
            "due_next": [{"limit": limit, "count": count} for limit, count in self.due_next],
        }


def _named(place: Place) -> dict[str, str]:
    return {"unit": place.code, "name": place.name}


def late_by(due_on: date | None, due_at: datetime, period: Period) -> str:
    """How late something is at the cutoff, in words; days by the calendar of the period's zone."""
    zone = period.cutoff.tzinfo
    return overrun(due_on=due_on, due_at=due_at.astimezone(zone), at=period.cutoff)
