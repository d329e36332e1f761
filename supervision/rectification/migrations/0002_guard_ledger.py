from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("rectification", "0001_orders"),)

    operations = (guard_ledger("rectification", "OrderStep"), guard_ledger("rectification", "Evidence"))
