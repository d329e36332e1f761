from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from cases.ledgers import MESSAGE, guard_ledger

TABLE = "bulletins_bulletin"
GUARDS = ("issued_no_update", "issued_no_delete", "no_truncate")


def guard_issued(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """A draft may change and go; once issued, a bulletin may not. After the ledger's guard, which makes the function."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    if editor.connection.vendor == "postgresql":
        refuse = "EXECUTE FUNCTION ledger_refuses()"
    issued = "WHEN (OLD.state = 'issued')"
    editor.execute(
        f"CREATE TRIGGER {TABLE}_issued_no_update BEFORE UPDATE ON {TABLE} FOR EACH ROW {issued} {refuse}", params=None
    )
    editor.execute(
        f"CREATE TRIGGER {TABLE}_issued_no_delete BEFORE DELETE ON {TABLE} FOR EACH ROW {issued} {refuse}", params=None
    )
    if editor.connection.vendor == "postgresql":
        editor.execute(
            f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT {refuse}", params=None
        )


def unguard_issued(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    on_table = f" ON {TABLE}" if editor.connection.vendor == "postgresql" else ""
    for name in GUARDS:
        editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{name}{on_table}", params=None)


class Migration(migrations.Migration):
    dependencies = (("bulletins", "0001_bulletins"),)

    operations = (
        guard_ledger("bulletins", "LetterStep"),
        migrations.RunPython(guard_issued, unguard_issued),
    )
