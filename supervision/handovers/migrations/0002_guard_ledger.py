from django.db import migrations

from cases.ledgers import fix_column, guard_ledger

FIXED = "移交单写下以后不能改，请另办一次移交"


class Migration(migrations.Migration):
    dependencies = (("handovers", "0001_handovers"),)

    operations = (
        guard_ledger("handovers", "HandoverItem", set_once=("outcome", "why", "done_at")),
        # What is signed for stays what it was when it was decided.
        *(
            fix_column("handovers", "Handover", column, FIXED)
            for column in ("from_officer_id", "from_unit_id", "to_unit_id", "to_officer_id", "by_id", "at", "total")
        ),
    )
