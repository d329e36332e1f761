"""Claiming rows: chunks of one transaction each, locked where the engine can, worked until nothing is left."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

log = logging.getLogger(__name__)

CHUNK = 20_000

# The rows a chunk works on. CROSS JOIN keeps SQLite from starting with the larger table; PostgreSQL plans as it likes.
CLAIM = "sweep_claim"


def in_chunks(
    table: str,
    condition: str,
    order: str,
    work: Callable[[], None],
    at: datetime,
    chunk: int,
    broken: list[int],
) -> None:
    """Claim and work chunk by chunk until nothing is left.

    A chunk the database refuses is tried again in ever smaller ones, until the row that breaks it is alone and can be
    set aside in `broken`.
    """
    size = chunk
    while True:
        with transaction.atomic():
            found = claim(table, condition, at, size, order, broken)
            if not found:
                return
            try:
                with transaction.atomic():
                    work()
            except (IntegrityError, DataError):
                if found > 1:
                    size = max(found // 10, 1)
                else:
                    broken.append(_claimed())
                    log.exception("%s %s cannot be worked", table, broken[-1])
                    size = chunk
                continue
        if found < size:
            return


def claim(table: str, condition: str, at: datetime, chunk: int, order: str, but: Sequence[int] = ()) -> int:
    """Put the ids of up to `chunk` rows into a table of this session, locked where the engine can."""
    if but:
        condition = f"{condition} AND id NOT IN ({', '.join(map(str, but))})"
    skip = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    params = {"at": driver_moment(at)} if "%(at)s" in condition else {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {CLAIM} (id bigint PRIMARY KEY) ON COMMIT DELETE ROWS")
        else:
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {CLAIM} (id integer PRIMARY KEY)")
        cursor.execute(f"DELETE FROM {CLAIM}")
        cursor.execute(
            f"INSERT INTO {CLAIM} (id) SELECT id FROM {table} WHERE {condition} "
            f"ORDER BY {order} LIMIT {int(chunk)} {skip}",
            params,
        )
        return cursor.rowcount


def _claimed() -> int:
    """The first row in that table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MIN(id) FROM {CLAIM}")
        (found,) = cursor.fetchone()
        return int(found)


def driver_moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)
