from django.db import migrations

from supervision.evaluation.watching import watch


class Migration(migrations.Migration):
    dependencies = (
        ("evaluation", "0003_folding"),
        ("cases", "0011_find_hand_overs"),
        ("rectification", "0004_open_lists"),
        ("followup", "0004_copies_of_the_matter"),
        ("petitions", "0007_tell_of_complaints_in_hand"),
        ("proceedings", "0004_tell_of_what_is_on_record"),
        ("returnvisits", "0002_guard_ledger"),
    )

    operations = (watch(),)
