from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("inspections", "0001_plans_draws_checks"),)

    operations = (guard_ledger("inspections", "InspectionStep"),)
