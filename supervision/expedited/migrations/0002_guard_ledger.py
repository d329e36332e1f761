from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("expedited", "0001_expedited_cases"),)

    operations = (guard_ledger("expedited", "ExpeditedStep"),)
