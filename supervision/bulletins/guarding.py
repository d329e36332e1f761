"""The guard of issued bulletins: the database lets nothing of one change but that it is archived. For migrations.

SQLite makes a table anew to change it and loses its triggers without a word: a migration that changes the table of
bulletins begins with `unguard_bulletins` and is followed by one that begins with `guard_bulletins`.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.state import StateApps

from cases.ledgers import MESSAGE

TABLE = "bulletins_bulletin"
GUARDS = ("issued_no_update", "issued_archived_once", "issued_no_delete", "no_truncate")
# Archiving is the one thing that happens to an issued bulletin.
MAY_CHANGE = ("state", "archived_at")


def guard_bulletins() -> RunPython:
    """A migration step that puts the triggers on the table as it is then, with a way back.

    A draft may change and go; once issued, a bulletin may not. After a ledger's guard, which makes the function.
    """
    return RunPython(_guard, _unguard, elidable=False)


def unguard_bulletins() -> RunPython:
    """A migration step that takes them down so that the table can be changed; `guard_bulletins` must follow it."""
    return RunPython(_unguard, _guard, elidable=False)


def _guard(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    fields = apps.get_model("bulletins", "Bulletin")._meta.concrete_fields
    fixed = ", ".join(f'"{field.column}"' for field in fields if field.name not in MAY_CHANGE)
    free = ", ".join(f'"{field.column}"' for field in fields if field.name in MAY_CHANGE)
    postgresql = editor.connection.vendor == "postgresql"
    refuse = "EXECUTE FUNCTION ledger_refuses()" if postgresql else f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    out = "OLD.state IN ('issued', 'archived')"
    # Once archived it is archived, and nothing else follows upon being issued.
    back = "OLD.state = 'archived' OR (OLD.state = 'issued' AND NEW.state <> 'archived')"
    statements = [
        f"CREATE TRIGGER {TABLE}_issued_no_update BEFORE UPDATE OF {fixed} ON {TABLE} FOR EACH ROW "
        f"WHEN ({out}) {refuse}",
        f"CREATE TRIGGER {TABLE}_issued_archived_once BEFORE UPDATE OF {free} ON {TABLE} FOR EACH ROW "
        f"WHEN ({back}) {refuse}",
        f"CREATE TRIGGER {TABLE}_issued_no_delete BEFORE DELETE ON {TABLE} FOR EACH ROW WHEN ({out}) {refuse}",
    ]
    if postgresql:
        statements.append(f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT {refuse}")
    for statement in statements:
        editor.execute(statement, params=None)


def _unguard(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    on_table = f" ON {TABLE}" if editor.connection.vendor == "postgresql" else ""
    for name in GUARDS:
        editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{name}{on_table}", params=None)
