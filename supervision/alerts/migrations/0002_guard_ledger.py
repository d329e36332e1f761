from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("alerts", "0001_warnings"),)

    operations = (guard_ledger("alerts", "AlertStep"),)
