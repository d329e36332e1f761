from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("evaluation", "0001_indicators"),)

    operations = (
        guard_ledger("evaluation", "Term"),
        guard_ledger("evaluation", "Indicator", ("in_force_until",)),
        guard_ledger("evaluation", "Part"),
        guard_ledger("evaluation", "FrozenFigure"),
        guard_ledger("evaluation", "FrozenRows"),
    )
