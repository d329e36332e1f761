"""Every table is declared once, as what it is."""

import pytest
from django.db import connection

from cases.audit.declared import EXCUSED, LEDGERS, REMOVABLE, WATCHED
from cases.audit.watching import models_by_table, standing, unguarded

pytestmark = pytest.mark.django_db


def test_every_table_of_the_database_is_in_exactly_one_list() -> None:
    tables = set(connection.introspection.table_names())
    lists = [set(WATCHED), set(LEDGERS), set(EXCUSED)]
    undeclared = tables - set().union(*lists)

    assert undeclared == set(), "write them into one list of cases/audit/declared.py"
    assert set().union(*lists) - tables == set()
    assert sum(map(len, lists)) == len(tables)


def test_the_ledgers_are_the_tables_whose_rows_the_database_refuses_to_delete() -> None:
    guards = {name.rpartition(".")[2]: table for name, table in standing(connection).items()}
    guarded = {table for name, table in guards.items() if name == f"{table}_no_delete"}

    assert guarded == {*LEDGERS, "audit_seal"}


def test_columns_that_are_named_are_columns_there_are() -> None:
    for table, watched in WATCHED.items():
        columns = {field.column for field in models_by_table()[table]._meta.concrete_fields}
        assert {*watched.masked, *watched.ignored} <= columns, table
    for table, later in LEDGERS.items():
        assert set(later) <= {field.name for field in models_by_table()[table]._meta.concrete_fields}, table


def test_every_excuse_has_its_reason() -> None:
    assert all(len(reason) >= 4 for reason in EXCUSED.values())
    assert set(REMOVABLE) <= set(LEDGERS)


def test_after_migrating_every_table_has_its_triggers() -> None:
    assert unguarded(connection) == []
