from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("api", "0001_tokens"),)

    operations = (guard_ledger("api", "TokenStep"),)
