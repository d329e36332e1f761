"""What a source of figures is made of: moments at which a row counts, conditions that may be asked of it.

Every condition is asked as of a cutoff: what happened at the cutoff or after it has not happened yet, so that a figure of
a month that is over does not drift.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, Model, Q, QuerySet, Value, When
from django.db.models.lookups import Exact

from supervision.evaluation.rules.periods import Period

_INSTANT: Final = timedelta(microseconds=1)


def local_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def last_day(cutoff: datetime) -> date:
    """The last local day that has begun before the cutoff: what is known by day only has happened on it or before."""
    return (cutoff.astimezone(local_zone()) - _INSTANT).date()


@dataclass(frozen=True, slots=True)
class Moment:
    """When a row counts: a column of moments, or of local days. With `closes` it names the end of a day, so that one of
    midnight belongs to the day before: what is due on the 31st runs out when the 1st begins, and is the 31st's."""

    words: str
    column: str
    is_day: bool = False
    closes: bool = False

    def within(self, period: Period, cutoff: datetime) -> Q:
        """The rows whose moment lies in the period and has come before the cutoff."""
        zone = local_zone()
        if self.is_day:
            known = last_day(cutoff)
            if self.closes:
                # A day is over when the next begins.
                known = cutoff.astimezone(zone).date() - timedelta(days=1)
            last_on = min(period.last_on, known)
            return Q(**{f"{self.column}__gte": period.begins_on, f"{self.column}__lte": last_on})
        begins, ends = period.begins(zone), min(period.ends(zone), cutoff)
        if self.closes:
            return Q(**{f"{self.column}__gt": begins, f"{self.column}__lte": ends})
        return Q(**{f"{self.column}__gte": begins, f"{self.column}__lt": ends})

    def before(self, period: Period) -> Q:
        """The rows whose moment lies before the period."""
        if self.is_day:
            return Q(**{f"{self.column}__lt": period.begins_on})
        side = "lte" if self.closes else "lt"
        return Q(**{f"{self.column}__{side}": period.begins(local_zone())})


Builder = Callable[[Any, datetime], Q]
Choices = Callable[[], Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Condition:
    """What may be asked of a row: yes or no where there are no `choices`, else any of a list of them.

    `looks` says that the answer depends on the cutoff and not on the row alone.
    """

    words: str
    build: Builder
    choices: Choices | None = None
    looks: bool = False

    def read(self, value: Any) -> Any:
        """A value as it is kept: a truth, or a sorted list without repeats. Raises ValueError with a sentence."""
        if self.choices is None:
            if not isinstance(value, bool):
                raise ValueError(f"“{self.words}”应为 true 或者 false")
            return value
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not values or not all(isinstance(one, str) for one in values):
            raise ValueError(f"“{self.words}”应为一列代码")
        known = {code for code, _ in self.choices()}
        if unknown := sorted(set(values) - known):
            raise ValueError(f"“{self.words}”没有“{unknown[0]}”")
        return sorted(set(values))

    def told(self, value: Any) -> str:
        """The condition with its value, in words."""
        if self.choices is None:
            return self.words if value else f"不是“{self.words}”"
        names = dict(self.choices())
        return f"{self.words}：{'、'.join(names.get(one, one) for one in value)}"


@dataclass(frozen=True, slots=True)
class CountedSource:
    """A kind of row that can be counted: which rows stand, whose they are, when they count, what may be asked.

    `unit` is the path to the unit a row counts for; with `matter` (the path to the matter) it counts for the unit that
    held the matter at the cutoff. `restricted` rows are seen by their handlers only.
    """

    name: str
    words: str
    model: type[Model]
    unit: str
    moments: Mapping[str, Moment]
    conditions: Mapping[str, Condition]
    stands: Q = field(default_factory=Q)
    matter: str = ""
    # A unit that is known for some rows and goes before that of the matter.
    own_unit: str = ""
    # The moment at which a row leaves, for stocks.
    leaves: str = ""
    restricted: bool = False

    def standing(self) -> QuerySet[Any]:
        """All rows that count at all."""
        return self.model._base_manager.filter(self.stands)


def failing(condition: Q) -> Q:
    """All other rows, those too of which the database cannot say whether they meet it, as where a fact was never noted."""
    return Q(Exact(Case(When(condition, then=Value(1)), default=Value(0)), Value(0)))


def is_so(column: str, value: Any = True) -> Builder:
    """Yes or no by one column."""
    return _either(lambda cutoff: Q(**{column: value}))


def is_among(column: str) -> Builder:
    """Any of a list, by one column."""
    return lambda wanted, cutoff: Q(**{f"{column}__in": wanted})


def was_so(found: Callable[[datetime], Q]) -> Builder:
    """Yes or no by a condition that looks at the cutoff."""
    return _either(found)


def _either(found: Callable[[datetime], Q]) -> Builder:
    return lambda wanted, cutoff: found(cutoff) if wanted else failing(found(cutoff))
