from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("accounts", "0001_sign_ins_sessions_factors"),)

    operations = (guard_ledger("accounts", "SignIn"),)
