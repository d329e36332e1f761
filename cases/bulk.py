"""Writing many rows of one table at once: COPY on PostgreSQL, executemany on SQLite."""

from collections.abc import Iterable, Sequence
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
    """A moment as the database driver wants it; SQLite keeps naive UTC text."""
    if value is None or connection.vendor != "sqlite":
        return value
    return _moment_text(value)


def day(value: date | None) -> Any:
    """A day as the database driver wants it."""
    if value is None or connection.vendor != "sqlite":
        return value
    return _day_text(value)


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Add rows; the caller is in a transaction. Values of moments and days pass through `moment` and `day` first.

    A row that breaks a constraint fails the whole call.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            count = 0
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
                    count += 1
            return count
        data = list(rows)
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', data)
        return len(data)


def execute_many(statement: str, rows: Sequence[Row]) -> None:
    """One statement for many rows of parameters, in the caller's transaction."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)
