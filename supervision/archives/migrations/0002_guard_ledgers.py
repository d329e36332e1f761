from django.db import migrations

from cases.ledgers import guard_ledger


class Migration(migrations.Migration):
    dependencies = (("archives", "0001_archives"),)

    operations = (
        guard_ledger("archives", "ArchiveEntry"),
        guard_ledger("archives", "ArchiveReply"),
        guard_ledger("archives", "ArchiveLook"),
    )
