from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("reviews", "0001_rounds"),)

    operations = (guard_ledger("reviews", "ReviewStep"),)
