"""Lets the ledgers be emptied after a test that really committed, and at no other time.

A transactional test leaves rows behind, and Django empties every table before the next one; the triggers that guard the
ledgers would refuse. They are set aside for that moment only: a test itself always meets them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations


@pytest.fixture(scope="session", autouse=True)
def ledgers_can_be_emptied_between_tests() -> Iterator[None]:
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_with_guards_lifted(operations: BaseDatabaseOperations, sql_list: list[str]) -> Any:
        with guards_lifted(operations.connection):
            return flush(operations, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_with_guards_lifted)
        yield


@contextmanager
def guards_lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """No trigger fires inside. PostgreSQL can say so; SQLite's are taken down and put up again as they were."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            try:
                yield
            finally:
                cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        try:
            yield
        finally:
            for _, sql in triggers:
                cursor.execute(sql)
