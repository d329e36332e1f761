"""Writing many rows of one table at once: COPY on PostgreSQL, executemany on SQLite."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection

Row = Sequence[Any]


@lru_cache(maxsize=1 << 16)
def _moment_text(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


@lru_cache(maxsize=1 << 16)
def _day_text(value: date) -> str:
    return value.isoformat()


def moment(value: datetime | None) -> Any:
    """A moment as the database driver of this installation wants it; SQLite keeps naive UTC text."""
    return _moment_text(value) if value is not None and connection.vendor == "sqlite" else value


def row_adapter(moments: Sequence[int], days: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """What turns a row of Python values into a row of driver values: which positions hold moments, which days."""
    if connection.vendor != "sqlite":
        return _unchanged

    def adapt(row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for index in moments:
            if values[index] is not None:
                values[index] = _moment_text(values[index])
        for index in days:
            if values[index] is not None:
                values[index] = _day_text(values[index])
        return values

    return adapt


def _unchanged(row: Sequence[Any]) -> Sequence[Any]:
    return row


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Add rows; the caller is in a transaction. Rows with moments or days pass through a `row_adapter` first.

    A row that breaks a constraint fails the whole call.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            count = 0
            # The driver's own errors would pass by whoever waits for Django's.
            with connection.wrap_database_errors, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
                    count += 1
            return count
        data = list(rows)
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', data)
        return len(data)


@lru_cache(maxsize=1 << 16)
def _moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@lru_cache(maxsize=1 << 16)
def _day_of(text: str) -> date:
    return date.fromisoformat(text)


def fetch_rows(
    table: str,
    columns: Sequence[str],
    condition: str,
    params: Sequence[Any],
    *,
    moments: Sequence[int] = (),
    days: Sequence[int] = (),
) -> Iterator[Sequence[Any]]:
    """Rows of one table as plain tuples, for reading by the hundred thousand.

    On SQLite moments and days are read as text and turned once per distinct value: dates repeat, and the engine's own
    conversion takes most of the time of a read.
    """
    as_text = connection.vendor == "sqlite"
    marked = {*moments, *days} if as_text else set()
    names = ", ".join(
        f'CAST("{name}" AS TEXT)' if index in marked else f'"{name}"' for index, name in enumerate(columns)
    )
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {names} FROM "{table}" WHERE {condition}', params)
        while rows := cursor.fetchmany(5000):
            if not as_text:
                yield from rows
                continue
            for row in rows:
                values = list(row)
                for index in moments:
                    if values[index] is not None:
                        values[index] = _moment_of(values[index])
                for index in days:
                    if values[index] is not None:
                        values[index] = _day_of(values[index])
                yield values


def execute_many(statement: str, rows: Sequence[Row]) -> None:
    """One statement for many rows of parameters, in the caller's transaction."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)
