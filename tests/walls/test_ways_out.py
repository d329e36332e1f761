"""Nothing leaves through a page without being put on record."""

import ast
import re
from collections.abc import Iterator

from django.conf import settings

from cases.audit.declared import EXPORTS

# What makes an answer a file or a feed.
LEAVES = re.compile(r"Content-Disposition|as_attachment|FileResponse|StreamingHttpResponse\(|text/calendar|text/csv")
RECORDS = {"hand_out", "hand_out_table", "note_way_out"}
# The head of a picture inside a mail; every mail is a line in the ledger of letters.
EXCUSED = {"supervision/bulletins/posting.py"}
# The lists that leave, each by the function that hands it over; tests/supervision/exports/test_routes.py tries every one.
LISTS = {
    "cases/desk/imports.py:refused_rows": "导入拒收的行",
    "supervision/returnvisits/pages/rounds.py:frame": "回访抽样总体",
    "supervision/returnvisits/pages/rounds.py:_hand_out_messages": "回访短信名单",
}


def handed_out() -> Iterator[tuple[str, ast.Call]]:
    """Every call that hands a file over, and the file and function it stands in."""
    for room in ("cases", "supervision", "config"):
        for file in (settings.ROOT / room).rglob("*.py"):
            text = file.read_text()
            for function in ast.walk(ast.parse(text)) if "hand_out" in text else ():
                if not isinstance(function, ast.FunctionDef):
                    continue
                for call in ast.walk(function):
                    named = isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
                    if named and call.func.id in {"hand_out", "hand_out_table"}:
                        yield f"{file.relative_to(settings.ROOT)}:{function.name}", call


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


def test_every_kind_of_file_is_declared_and_every_list_says_how_many_rows_it_has() -> None:
    lists, papers = {}, []
    for where, call in handed_out():
        said = {one.arg: one.value for one in call.keywords}
        if "rows" in said:
            assert isinstance(said["what"], ast.Constant), where
            lists[where] = said["what"].value
        else:
            papers.append(where)

    assert lists == LISTS
    assert {name for name, kind in EXPORTS.items() if kind.rows} == set(LISTS.values())
    assert len(papers) >= 5


def test_no_page_writes_a_file_itself() -> None:
    """There is one place where files are made into answers, and all pass the gate there."""
    writing = [
        str(file.relative_to(settings.ROOT))
        for room in ("cases", "supervision", "config")
        for file in (settings.ROOT / room).rglob("*.py")
        if re.search(
            r"Content-Disposition|as_attachment|FileResponse|StreamingHttpResponse\(|text/csv", file.read_text()
        )
    ]

    assert sorted(writing) == ["cases/audit/handing.py", "supervision/bulletins/posting.py"]
