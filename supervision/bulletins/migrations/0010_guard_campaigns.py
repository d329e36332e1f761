from django.db import migrations

from supervision.bulletins.guarding import guard_bulletins


class Migration(migrations.Migration):
    dependencies = (("bulletins", "0009_campaigns"),)

    operations = (guard_bulletins(),)
