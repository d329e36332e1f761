from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone


def date_passwords(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Passwords that are in use count from today: when they were set, nobody noted."""
    officers = apps.get_model("cases", "Officer").objects.filter(password_set_at=None)
    officers.exclude(password="").exclude(password__startswith="!").update(password_set_at=timezone.now())  # nosec B106


class Migration(migrations.Migration):
    dependencies = (("cases", "0012_grants_and_passwords"),)

    operations = (migrations.RunPython(date_passwords, migrations.RunPython.noop),)
