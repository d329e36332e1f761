from django.db import migrations

from cases.ledgers import fix_column, guard_ledger

FIXED = "清单的内容不能改，请另提一份"


class Migration(migrations.Migration):
    dependencies = (("retention", "0001_lists_items_holds"),)

    operations = (
        guard_ledger("retention", "DisposalItem", set_once=("outcome", "done_at")),
        # What somebody decides about stays what it was when he did.
        *(
            fix_column("retention", "DisposalList", column, FIXED)
            for column in ("kind", "unit_id", "before", "rule", "proposer_id")
        ),
    )
