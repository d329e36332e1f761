from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("custody", "0001_centres_visits_faults"),)

    operations = (guard_ledger("custody", "VisitStep"),)
