from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("bulletins", "0003_notices"),)

    operations = (
        guard_ledger("bulletins", "LetterStep"),
        # That a line no longer stood before its notice left is found out later, once.
        guard_ledger("bulletins", "NoticeLine", set_once=("settled_at",)),
    )
