"""Nothing leaves through a page without being put on record."""

import ast
import re

from django.conf import settings

# What makes an answer a file or a feed.
LEAVES = re.compile(r"Content-Disposition|as_attachment|FileResponse|StreamingHttpResponse\(|text/calendar|text/csv")
RECORDS = {"hand_out", "hand_out_table", "note_way_out"}
# The head of a picture inside a mail; every mail is a line in the ledger of letters.
EXCUSED = {"supervision/bulletins/posting.py"}


def test_every_file_and_feed_that_a_page_answers_with_is_put_on_record() -> None:
    found, silent = [], []
    for room in ("cases", "supervision", "config"):
        for file in (settings.ROOT / room).rglob("*.py"):
            name, text = str(file.relative_to(settings.ROOT)), file.read_text()
            if name in EXCUSED or not LEAVES.search(text):
                continue
            calls = {
                call.func.id
                for call in ast.walk(ast.parse(text))
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
            }
            found.append(name)
            if not calls & RECORDS:
                silent.append(name)

    assert {"cases/desk/feed.py", "cases/audit/handing.py"} <= set(found)
    assert silent == []


def test_every_look_at_an_identity_or_an_archive_is_put_on_record_where_it_is_written() -> None:
    silent = [
        str(file.relative_to(settings.ROOT))
        for file in (settings.ROOT / "supervision").rglob("services/**/*.py")
        if re.search(r"\b\w+Look(\.objects\.create)?\(", file.read_text()) and "note_way_out(" not in file.read_text()
    ]

    assert silent == []
