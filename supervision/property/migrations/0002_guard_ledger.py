from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("property", "0001_items"),)

    operations = (guard_ledger("property", "PropertyStep"),)
