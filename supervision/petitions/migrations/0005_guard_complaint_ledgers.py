from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("petitions", "0004_complaints"),)

    operations = (guard_ledger("petitions", "ComplaintStep"), guard_ledger("petitions", "ComplainantLook"))
