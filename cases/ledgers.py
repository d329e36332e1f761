"""Ledgers: tables that are only ever added to, kept so by the database on both engines.

A migration guards a table once it exists. Columns named as set-once may be filled in later, once; nothing else of a
row may change and no row may go.
"""

from collections.abc import Sequence

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.state import StateApps

MESSAGE = "台账只能追加，不能修改或者删除"


def guard_ledger(app_label: str, model_name: str, set_once: Sequence[str] = ()) -> RunPython:
    """A migration step that puts the triggers on a table, with a way back."""

    def forward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        put_guard(editor, apps.get_model(app_label, model_name), set_once)

    def backward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        lift_guard(editor, apps.get_model(app_label, model_name))

    return RunPython(forward, backward, elidable=False)


def unguard_ledger(app_label: str, model_name: str, set_once: Sequence[str] = ()) -> RunPython:
    """A migration step that takes the triggers down so that the table can be changed; `guard_ledger` must follow it."""

    def forward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        lift_guard(editor, apps.get_model(app_label, model_name))

    def backward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        put_guard(editor, apps.get_model(app_label, model_name), set_once)

    return RunPython(forward, backward, elidable=False)


def fix_column(app_label: str, model_name: str, column: str, message: str) -> RunPython:
    """A migration step after which one column of a table that may otherwise change keeps what it was written with.

    Where SQLite makes the table anew in a later migration, the step has to follow again.
    """
    message = message.replace("'", "")

    def forward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        table = apps.get_model(app_label, model_name)._meta.db_table
        trigger = f'CREATE TRIGGER {table}_{column}_fixed BEFORE UPDATE OF "{column}" ON "{table}" FOR EACH ROW '
        if editor.connection.vendor == "sqlite":
            statements = [
                f'{trigger}WHEN OLD."{column}" IS NOT NEW."{column}" BEGIN SELECT RAISE(ABORT, \'{message}\'); END'
            ]
        else:
            statements = [
                f"CREATE FUNCTION {table}_{column}_refuses() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$",
                f'{trigger}WHEN (OLD."{column}" IS DISTINCT FROM NEW."{column}") '
                f"EXECUTE FUNCTION {table}_{column}_refuses()",
            ]
        for statement in statements:
            editor.execute(statement, params=None)

    def backward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        table = apps.get_model(app_label, model_name)._meta.db_table
        if editor.connection.vendor == "sqlite":
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_{column}_fixed", params=None)
        else:
            editor.execute(f'DROP TRIGGER IF EXISTS {table}_{column}_fixed ON "{table}"', params=None)
            editor.execute(f"DROP FUNCTION IF EXISTS {table}_{column}_refuses()", params=None)

    return RunPython(forward, backward, elidable=False)


def put_guard(editor: BaseDatabaseSchemaEditor, model: type[models.Model], set_once: Sequence[str] = ()) -> None:
    """Create the triggers on the model's table."""
    table = model._meta.db_table
    fixed = [str(field.column) for field in model._meta.concrete_fields if field.name not in set_once]
    once = [str(field.column) for field in model._meta.concrete_fields if field.name in set_once]
    statements = (
        _sqlite(table, fixed, once) if editor.connection.vendor == "sqlite" else _postgresql(table, fixed, once)
    )
    for statement in statements:
        editor.execute(statement, params=None)


def lift_guard(editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> None:
    """Drop them again."""
    table = model._meta.db_table
    for name in ("no_update", "no_delete", "once", "no_truncate"):
        if editor.connection.vendor == "sqlite":
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}", params=None)
        else:
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}", params=None)


def _sqlite(table: str, fixed: Sequence[str], once: Sequence[str]) -> list[str]:
    columns = ", ".join(f'"{column}"' for column in fixed)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    statements = [
        f'CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {columns} ON "{table}" {refuse}',
        f'CREATE TRIGGER {table}_no_delete BEFORE DELETE ON "{table}" {refuse}',
    ]
    if once:
        filled = " OR ".join(f'OLD."{column}" IS NOT NULL' for column in once)
        names = ", ".join(f'"{column}"' for column in once)
        statements.append(f'CREATE TRIGGER {table}_once BEFORE UPDATE OF {names} ON "{table}" WHEN {filled} {refuse}')
    return statements


def _postgresql(table: str, fixed: Sequence[str], once: Sequence[str]) -> list[str]:
    columns = ", ".join(f'"{column}"' for column in fixed)
    statements = [
        "CREATE OR REPLACE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END $$",
        f'CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {columns} ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION ledger_refuses()",
        f'CREATE TRIGGER {table}_no_delete BEFORE DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION ledger_refuses()',
        f'CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()",
    ]
    if once:
        filled = " OR ".join(f'OLD."{column}" IS NOT NULL' for column in once)
        names = ", ".join(f'"{column}"' for column in once)
        statements.append(
            f'CREATE TRIGGER {table}_once BEFORE UPDATE OF {names} ON "{table}" FOR EACH ROW '
            f"WHEN ({filled}) EXECUTE FUNCTION ledger_refuses()"
        )
    return statements
