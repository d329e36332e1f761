from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("campaigns", "0001_campaigns_tasks_orders"),)

    operations = (guard_ledger("campaigns", "CampaignStep"),)
