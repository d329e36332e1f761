from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("webhooks", "0001_subscriptions_deliveries"),)

    operations = (guard_ledger("webhooks", "DeliveryStep"),)
