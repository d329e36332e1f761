from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("cases", "0001_nouns"),)

    operations = (
        guard_ledger("cases", "Event", set_once=("withdrawn_at",)),
        guard_ledger("cases", "ClockMove"),
    )
