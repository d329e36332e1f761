from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("petitions", "0001_petitions"),)

    operations = (guard_ledger("petitions", "PetitionStep"), guard_ledger("petitions", "IdentityLook"))
