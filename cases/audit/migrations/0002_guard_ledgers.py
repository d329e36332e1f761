from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("audit", "0001_changes_ways_seals"),)

    # A connection signs what it changed right after the trigger has noted it, and nobody after that.
    operations = (
        guard_ledger("audit", "RowChange", set_once=("by", "via")),
        guard_ledger("audit", "WayOut"),
        guard_ledger("audit", "Seal"),
    )
