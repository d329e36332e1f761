from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("api", "0003_refused_calls"),)

    operations = (guard_ledger("api", "RefusedCall"),)
