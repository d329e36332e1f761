from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 1000


def enter_passwords(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """The password of each account that has one becomes the first of those that are not chosen again."""
    officers = apps.get_model("cases", "Officer").objects.exclude(password="").exclude(password__startswith="!")  # nosec B106
    past = apps.get_model("accounts", "PastPassword")
    rows = officers.filter(past_passwords=None).values_list("pk", "password", "password_set_at").order_by("pk")
    waiting = []
    for pk, hashed, set_at in rows.iterator(chunk_size=BATCH):
        waiting.append(past(officer_id=pk, hash=hashed, set_at=set_at))
        if len(waiting) == BATCH:
            past.objects.bulk_create(waiting)
            waiting = []
    past.objects.bulk_create(waiting)


class Migration(migrations.Migration):
    dependencies = (
        ("accounts", "0002_guard_ledger"),
        ("cases", "0013_date_passwords"),
    )

    operations = (migrations.RunPython(enter_passwords, migrations.RunPython.noop),)
