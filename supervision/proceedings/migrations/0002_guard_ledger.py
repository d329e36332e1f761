from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("proceedings", "0001_disputes_reviews_transfers"),)

    operations = (guard_ledger("proceedings", "ProceedingStep"),)
