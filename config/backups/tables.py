"""The tables of the house as both engines have them: which there are, their rows in an order of their own, one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import F
from django.db.models.functions import Collate

from config.backups.rules import READERS

AT_ONCE = 1000
# Says which migrations were applied and when; the when is each house's own.
MIGRATIONS = "django_migrations"
# What a migrated database holds before anybody has written in it.
WRITTEN_BY_MIGRATE = frozenset({"auth_permission", "django_content_type", "petitions_rankrule"})


@cache
def house_models() -> dict[str, type[models.Model]]:
    """The models by their tables, in order, those between many and many too."""
    found = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return dict(sorted(found.items()))


def strange_tables() -> list[str]:
    """Tables the program knows nothing of; they are no part of a backup."""
    return sorted(set(connection.introspection.table_names()) - house_models().keys() - {MIGRATIONS})


def columns_of(model: type[models.Model]) -> list[str]:
    """The columns in the order of their names, the key first."""
    key = str(model._meta.pk.column)
    return [key, *sorted(str(field.column) for field in model._meta.concrete_fields if field.column != key)]


def fields_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The fields of `columns_of`."""
    named = {str(field.column): field for field in model._meta.concrete_fields}
    return [named[column] for column in columns_of(model)]


def readers_of(model: type[models.Model]) -> list[Callable[[Any], object] | None]:
    """For each of `columns_of` what makes its value of the text in a backup; None where the text is the value."""
    return [READERS.get(_kind(one)) for one in fields_of(model)]


def _kind(one: models.Field[Any, Any]) -> str:
    while one.remote_field is not None:
        one = one.target_field  # type: ignore[attr-defined]
    return one.get_internal_type()


def rows_of(model: type[models.Model]) -> Iterator[tuple[Any, ...]]:
    """Every row with `columns_of`, ordered by key in the same way on either engine."""
    rows = model._base_manager.order_by("pk")
    if connection.vendor == "postgresql" and _kind(model._meta.pk) == "CharField":
        rows = model._base_manager.order_by(Collate(F("pk"), "C"))
    return rows.values_list(*(one.attname for one in fields_of(model))).iterator(chunk_size=AT_ONCE)


@contextmanager
def one_moment() -> Iterator[None]:
    """Whatever is read inside is of one moment, and nobody who writes waits for it.

    SQLite: a transaction that only reads, beside whoever writes (the log of writes is kept apart). PostgreSQL: REPEATABLE
    READ. Not inside another transaction.
    """
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        held: Any = connection.connection
        # Past Django, whose transactions on SQLite announce that they will write.
        held.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            held.execute("ROLLBACK")
        return
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def applied_migrations() -> list[str]:
    """The names of the migrations the database went through, app.name, in order."""
    return sorted(f"{app}.{name}" for app, name in MigrationExecutor(connection).loader.applied_migrations)


def known_migrations() -> list[str]:
    """The names of all the program knows."""
    return sorted(f"{app}.{name}" for app, name in MigrationExecutor(connection).loader.graph.nodes)


def pending_migrations() -> int:
    """How many the database has not gone through."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def last_numbers() -> dict[str, int]:
    """The last number each table has given out; a number is never given twice, also where its row is gone."""
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            given = dict(cursor.fetchall())
            return {table: int(given[table]) for table in _numbered() if given.get(table)}
        for table, column in _numbered().items():
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', column])
            cursor.execute(f"SELECT last_value, is_called FROM {cursor.fetchone()[0]}")
            last, called = cursor.fetchone()
            if called:
                found[table] = int(last)
    return found


def set_last_numbers(numbers: dict[str, int]) -> None:
    """Let every table go on counting after these numbers, and after its highest key where that is higher."""
    with connection.cursor() as cursor:
        for table, column in _numbered().items():
            cursor.execute(f'SELECT MAX("{column}") FROM "{table}"')
            last = max(cursor.fetchone()[0] or 0, numbers.get(table, 0))
            if not last:
                continue
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
            else:
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [f'"{table}"', column, last])


def _numbered() -> dict[str, str]:
    return {
        table: str(model._meta.pk.column)
        for table, model in house_models().items()
        if isinstance(model._meta.pk, models.AutoField | models.BigAutoField)
    }


def occupied() -> dict[str, int]:
    """The tables in which somebody has written, with their rows."""
    counted = {
        table: model._base_manager.count()
        for table, model in house_models().items()
        if table not in WRITTEN_BY_MIGRATE and model._base_manager.exists()
    }
    return counted
