from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("operations", "0001_runs_requests"),)

    operations = (guard_ledger("operations", "JobRequest", set_once=("queued_at",)),)
