"""What a case copies of its matter, and the triggers that keep the copies: lists and boards are read without the matters."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

COPY = """UPDATE followup_followedcase SET
    restricted = (SELECT restricted FROM cases_matter WHERE id = matter_id),
    withdrawn = (SELECT withdrawn_at IS NOT NULL FROM cases_matter WHERE id = matter_id)"""

# A row that is written takes both from the matter, whatever it came with; a matter that is withdrawn takes its cases along.
SQLITE = (
    *(
        f"""CREATE TRIGGER followup_followedcase_copies_{name} AFTER {event} ON followup_followedcase FOR EACH ROW
        BEGIN {COPY} WHERE id = NEW.id; END"""
        for name, event in (("inserted", "INSERT"), ("updated", "UPDATE OF restricted, withdrawn, matter_id"))
    ),
    """CREATE TRIGGER followup_matter_withdrawn AFTER UPDATE OF withdrawn_at ON cases_matter FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NULL) IS NOT (NEW.withdrawn_at IS NULL)
    BEGIN UPDATE followup_followedcase SET withdrawn = NEW.withdrawn_at IS NOT NULL WHERE matter_id = NEW.id; END""",
)
POSTGRESQL = (
    """CREATE FUNCTION followup_followedcase_copies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    SELECT restricted, withdrawn_at IS NOT NULL INTO NEW.restricted, NEW.withdrawn
        FROM cases_matter WHERE id = NEW.matter_id;
    RETURN NEW; END $$""",
    """CREATE TRIGGER followup_followedcase_copies BEFORE INSERT OR UPDATE OF restricted, withdrawn, matter_id
    ON followup_followedcase FOR EACH ROW EXECUTE FUNCTION followup_followedcase_copies()""",
    """CREATE FUNCTION followup_matter_withdrawn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE followup_followedcase SET withdrawn = NEW.withdrawn_at IS NOT NULL WHERE matter_id = NEW.id;
    RETURN NULL; END $$""",
    """CREATE TRIGGER followup_matter_withdrawn AFTER UPDATE OF withdrawn_at ON cases_matter FOR EACH ROW
    WHEN ((OLD.withdrawn_at IS NULL) IS DISTINCT FROM (NEW.withdrawn_at IS NULL))
    EXECUTE FUNCTION followup_matter_withdrawn()""",
)
SQLITE_BACK = (
    "DROP TRIGGER IF EXISTS followup_followedcase_copies_inserted",
    "DROP TRIGGER IF EXISTS followup_followedcase_copies_updated",
    "DROP TRIGGER IF EXISTS followup_matter_withdrawn",
)
POSTGRESQL_BACK = (
    "DROP TRIGGER IF EXISTS followup_matter_withdrawn ON cases_matter",
    "DROP FUNCTION IF EXISTS followup_matter_withdrawn()",
    "DROP TRIGGER IF EXISTS followup_followedcase_copies ON followup_followedcase",
    "DROP FUNCTION IF EXISTS followup_followedcase_copies()",
)


def keep(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute(COPY, params=None)
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL:
        editor.execute(statement, params=None)


def leave(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in SQLITE_BACK if editor.connection.vendor == "sqlite" else POSTGRESQL_BACK:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_find_hand_overs"),
        ("followup", "0003_open_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="followedcase",
            name="restricted",
            field=models.BooleanField(default=False, editable=False, verbose_name="仅经办人可见"),
        ),
        migrations.AddField(
            model_name="followedcase",
            name="withdrawn",
            field=models.BooleanField(default=False, editable=False, verbose_name="事项已撤回"),
        ),
        migrations.RunPython(keep, leave),
    ]
