"""The ranks a bureau begins with; the regulations name none, so each bureau sets its own afterwards."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

RULES = {"ordinary": 10, "difficult": 30, "major": 30}


def set_rules(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    rule = apps.get_model("petitions", "RankRule")
    for grade, rank in RULES.items():
        rule.objects.get_or_create(grade=grade, defaults={"least_rank": rank})


def take_rules_away(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("petitions", "RankRule").objects.filter(grade__in=RULES).delete()


class Migration(migrations.Migration):
    dependencies = (("petitions", "0002_guard_ledgers"),)

    operations = (migrations.RunPython(set_rules, take_rules_away),)
