from django.db import migrations

from cases.ledgers import fix_column, guard_ledger

FIXED = "申请的内容不能改，请另提一份"


class Migration(migrations.Migration):
    dependencies = (("exports", "0001_requests_steps"),)

    operations = (
        guard_ledger("exports", "ExportStep"),
        # What somebody decides about stays what it was when he did.
        *(
            fix_column("exports", "ExportRequest", column, FIXED)
            for column in ("asker_id", "what", "path", "query", "method", "form", "rows", "purpose")
        ),
    )
