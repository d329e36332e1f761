"""Lists that stay quick at ten million rows: pages by key, counts with a cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime

PAGE_SIZE = 50
COUNT_CAP = 1000

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows; from the cap on it only says that there are more."""

    rows: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.rows:,}+" if self.more else f"{self.rows:,}"

    def __bool__(self) -> bool:
        return self.rows > 0


def count_capped(rows: QuerySet[Any], cap: int = COUNT_CAP, *, along: Sequence[str] = ()) -> Count:
    """How many rows there are, without counting further than the cap.

    `along` is the order in which they are met, that of the list they stand in: told only to stop at the cap, a database
    that believes rows to lie evenly reads the table from its beginning, where there may be none of them.
    """
    # Of each row only that it is there: what a list shows beside it need not be worked out for those not shown.
    found = rows.order_by(*along).values("pk")[: cap + 1].count()
    return Count(min(found, cap), more=found > cap)


@dataclass(frozen=True, slots=True)
class Key:
    """Where a page begins: the moment and the id of the row beside it. Rows without a moment come last."""

    moment: datetime | None
    id: int

    def __str__(self) -> str:
        return f"{self.moment.isoformat() if self.moment is not None else ''}~{self.id}"


def read_key(text: str) -> Key | None:
    """A key from the address; none for anything that is not one, so that an old or mangled link opens the first page."""
    moment, mark, number = text.partition("~")
    if not mark or not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    try:
        when = parse_datetime(moment) if moment else None
    except ValueError:
        return None
    if moment and (when is None or when.tzinfo is None):
        return None
    return Key(when, int(number))


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list, and the keys of the pages beside it."""

    rows: Sequence[Row]
    count: Count
    previous: Key | None = None
    next: Key | None = None


def page_by_key(
    rows: QuerySet[Row],
    *,
    moment: str,
    descending: bool = False,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
) -> Page[Row]:
    """The page after one key or before another, ordered by `moment` and id; three questions to the database at most.

    Rows without a moment come last, whatever the order.
    """
    sign = "-" if descending else ""
    count = count_capped(rows, along=(f"{sign}{moment}", f"{sign}pk"))
    begin, end = read_key(after), read_key(before)
    walk = _Walk(rows.order_by(), moment, descending)
    if end is not None and begin is None:
        found = walk.backward(end, size + 1)
        more = len(found) > size
        shown = found[:size][::-1]
        return Page(shown, count, walk.key(shown[0]) if more else None, walk.key(shown[-1]) if shown else None)
    found = walk.forward(begin, size + 1)
    shown = found[:size]
    previous = walk.key(shown[0]) if begin is not None and shown else None
    return Page(shown, count, previous, walk.key(shown[-1]) if len(found) > size else None)


class _Walk(Generic[Row]):
    def __init__(self, rows: QuerySet[Row], moment: str, descending: bool) -> None:
        self.rows = rows
        self.moment = moment
        self.descending = descending

    def key(self, row: Row) -> Key:
        return Key(getattr(row, self.moment), row.pk)

    def forward(self, key: Key | None, wanted: int) -> list[Row]:
        found: list[Row] = []
        if key is None or key.moment is not None:
            found = list(self._dated(key, onward=True)[:wanted])
            key = None
        if len(found) < wanted:
            found += self._undated(key, onward=True)[: wanted - len(found)]
        return found

    def backward(self, key: Key, wanted: int) -> list[Row]:
        found: list[Row] = []
        dated: Key | None = key
        if key.moment is None:
            found = list(self._undated(key, onward=False)[:wanted])
            dated = None
        if len(found) < wanted:
            found += self._dated(dated, onward=False)[: wanted - len(found)]
        return found

    def _dated(self, key: Key | None, *, onward: bool) -> QuerySet[Row]:
        rows = self.rows.filter(**{f"{self.moment}__isnull": False})
        falling = self.descending == onward
        if key is not None:
            side = "lt" if falling else "gt"
            # The first condition is what the index is entered by, the second what a row comparison would say.
            rows = rows.filter(
                Q(**{f"{self.moment}__{side}e": key.moment}),
                Q(**{f"{self.moment}__{side}": key.moment}) | Q(**{f"pk__{side}": key.id}),
            )
        sign = "-" if falling else ""
        return rows.order_by(f"{sign}{self.moment}", f"{sign}pk")

    def _undated(self, key: Key | None, *, onward: bool) -> QuerySet[Row]:
        rows = self.rows.filter(**{f"{self.moment}__isnull": True})
        if key is not None:
            rows = rows.filter(**{"pk__gt" if onward else "pk__lt": key.id})
        return rows.order_by("pk" if onward else "-pk")
