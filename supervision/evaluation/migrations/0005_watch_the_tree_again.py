from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from supervision.evaluation.watching import back, statements


def watch_the_tree(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite made the table of units anew for its constraints, and the trigger went with the old one."""
    vendor = editor.connection.vendor
    for statement in (*back(vendor, (), tree=True), *statements(vendor, (), tree=True)):
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = (("evaluation", "0004_watch"), ("cases", "0015_merged_units"))

    operations = (migrations.RunPython(watch_the_tree, watch_the_tree),)
