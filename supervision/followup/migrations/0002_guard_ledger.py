from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("followup", "0001_followed_cases"),)

    operations = (guard_ledger("followup", "FollowStep"),)
