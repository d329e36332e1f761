from django.db import migrations

from cases.ledgers import guard_ledger
from supervision.bulletins.guarding import guard_bulletins


class Migration(migrations.Migration):
    dependencies = (("bulletins", "0005_lives_of_bulletins"),)

    operations = (
        guard_ledger("bulletins", "BulletinStep"),
        guard_bulletins(),
    )
