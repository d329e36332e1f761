from django.db import migrations

from cases.ledgers import guard_ledger
from supervision.bulletins.guarding import guard_bulletins


class Migration(migrations.Migration):
    dependencies = (("bulletins", "0007_circulars"),)

    operations = (
        guard_ledger("bulletins", "BulletinPaper"),
        guard_bulletins(),
    )
