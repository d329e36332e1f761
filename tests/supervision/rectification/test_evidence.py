"""Files as evidence: what is taken in, what is refused and why, and that nothing lies where a name points."""

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest
from pytest_django import Settings

from supervision.rectification import evidence
from supervision.rectification.evidence import clean_name, read, receive, receive_all
from supervision.rectification.models import ContentType, Evidence
from supervision.rectification.refusals import RectificationRefused
from tests.supervision.rectification.factories import DOCX, JPEG, PDF, PNG, XLSX, package, taken, upload

# A scanner in the manner of clamdscan: it finds a word in a file and says so by its exit status.
SCANNER = """#!/bin/sh
if grep -q VIRUS "$2"; then exit 1; fi
if grep -q BROKEN "$2"; then exit 2; fi
exit 0
"""


@pytest.fixture
def scanner(evidence_folder: Path, tmp_path: Path, settings: Settings) -> Path:
    """A real program, named in the settings with an argument of its own."""
    program = tmp_path / "scan"
    program.write_text(SCANNER)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    settings.EVIDENCE_SCANNER = f"'{program}' --quiet"
    return program


def lying(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("决定书.pdf", PDF, ContentType.PDF),
        ("现场.JPG", JPEG, ContentType.JPEG),
        ("现场.jpeg", JPEG, ContentType.JPEG),
        ("截图.png", PNG, ContentType.PNG),
        ("说明.docx", DOCX, ContentType.DOCX),
        ("清单.xlsx", XLSX, ContentType.XLSX),
    ],
)
def test_what_is_taken_in(evidence_folder: Path, name: str, content: bytes, kind: ContentType) -> None:
    file = receive(upload(name, content))

    assert (file.name, file.size, file.content_type, file.scanned) == (name, len(content), kind, False)
    assert (evidence_folder / file.path).read_bytes() == content
    assert lying(evidence_folder) == [f"{file.sha256[:2]}/{file.sha256}"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("决定书.exe", PDF, "不是可以收的文件"),
        ("决定书", PDF, "没有名称"),
        (".pdf", PDF, "没有名称"),
        ("页面.html", b"<script>", "不是可以收的文件"),
        ("图.svg", b"<svg/>", "不是可以收的文件"),
        ("决定书.pdf", b"MZ\x90\x00" + PDF, "内容不是PDF"),
        ("现场.jpg", PNG, "内容不是JPG"),
        ("截图.png", b"<html>", "内容不是PNG"),
        ("说明.docx", PDF, "内容不是Word"),
        ("说明.docx", XLSX, "内容不是Word"),
        ("清单.xlsx", package("[Content_Types].xml"), "内容不是Excel"),
        ("说明.docx", DOCX[:60], "内容不是Word"),
        ("说明.docx", package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "含有宏"),
        ("空.pdf", b"", "是空文件"),
    ],
)
def test_what_is_refused(evidence_folder: Path, name: str, content: bytes, said: str) -> None:
    with pytest.raises(RectificationRefused, match=said):
        receive(upload(name, content))

    assert lying(evidence_folder) == []


def test_of_several_files_all_are_taken_in_or_none(evidence_folder: Path) -> None:
    good, other, bad = upload("一.pdf"), upload("二.png", PNG), upload("三.pdf", b"MZ")

    with pytest.raises(RectificationRefused, match="内容不是PDF"):
        receive_all([good, other, bad])
    assert lying(evidence_folder) == []

    assert [file.name for file in receive_all([upload("一.pdf"), upload("二.png", PNG)])] == ["一.pdf", "二.png"]
    assert len(lying(evidence_folder)) == 2


def test_a_package_that_swells_is_refused_without_being_opened(
    evidence_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "_INFLATED_AT_MOST", 1_000_000)
    swelling = package("[Content_Types].xml", "word/document.xml", content=b"0" * 600_000)
    assert len(swelling) < 10_000

    with pytest.raises(RectificationRefused, match="解压后过大"):
        receive(upload("说明.docx", swelling))


def test_a_package_of_countless_parts_is_refused(evidence_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_PARTS_AT_MOST", 10)
    paper = io.BytesIO()
    with zipfile.ZipFile(paper, "w") as many:
        for part in ("[Content_Types].xml", "word/document.xml", *(f"x{number}" for number in range(10))):
            many.writestr(part, b"")

    with pytest.raises(RectificationRefused, match="解压后过大"):
        receive(upload("说明.docx", paper.getvalue()))


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(evidence_folder: Path, settings: Settings) -> None:
    settings.EVIDENCE_MB_AT_MOST = 1

    receive(upload("小.pdf", PDF + b"0" * (1024 * 1024 - len(PDF))))
    with pytest.raises(RectificationRefused, match="超过 1 MB"):
        receive(upload("大.pdf", PDF + b"0" * (1024 * 1024 - len(PDF) + 1)))

    assert len(lying(evidence_folder)) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\system.pdf", "system.pdf"),
        ("/etc/cron.d/job.pdf", "job.pdf"),
        ("决定\u202efdp.exe.pdf", "决定fdp.exe.pdf"),
        ("名\r\nSet-Cookie: a=b.pdf", "名Set-Cookie: a=b.pdf"),
        ("名\x00.pdf", "名.pdf"),
        ("长" * 300 + ".pdf", "长" * 146 + ".pdf"),
        ("  两头.pdf ", "两头.pdf"),
        ("...pdf", ""),
        ("..", ""),
        ("", ""),
    ],
)
def test_what_a_file_may_be_called(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_name_leads_nowhere(evidence_folder: Path, tmp_path: Path) -> None:
    class Hostile:
        name = "../../outside.pdf"

        def chunks(self) -> list[bytes]:
            return [PDF]

    file = receive(Hostile())

    assert file.name == "outside.pdf"
    assert lying(tmp_path) == [f"evidence/{file.path}"]


def test_nobody_else_on_the_machine_reads_it(evidence_folder: Path) -> None:
    file = receive(upload())

    assert stat.S_IMODE(os.stat(evidence_folder).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(evidence_folder / file.path).st_mode) == 0o600


def test_evidence_does_not_lie_where_files_are_served_from(settings: Settings) -> None:
    for served in (settings.STATIC_ROOT, settings.MEDIA_ROOT):
        assert not evidence.folder().is_relative_to(served)


def test_the_same_file_twice_lies_there_once(evidence_folder: Path) -> None:
    first, second = receive(upload("一.pdf")), receive(upload("二.pdf"))

    assert first.path == second.path
    assert lying(evidence_folder) == [first.path]


# -- the scanner -----------------------------------------------------------------------------------------------------


def test_a_clean_file_is_noted_as_searched(scanner: Path) -> None:
    assert receive(upload()).scanned


def test_an_infected_file_is_refused_and_leaves_nothing(scanner: Path, evidence_folder: Path) -> None:
    with pytest.raises(RectificationRefused, match="被查毒程序拦下"):
        receive(upload("决定书.pdf", PDF + b"VIRUS"))

    assert lying(evidence_folder) == []


def test_a_scanner_that_fails_takes_nothing_in(scanner: Path, evidence_folder: Path, settings: Settings) -> None:
    with pytest.raises(RectificationRefused, match="查毒程序没有正常工作"):
        receive(upload("决定书.pdf", PDF + b"BROKEN"))

    for unusable in (f"{scanner}-missing", "'unbalanced"):
        settings.EVIDENCE_SCANNER = unusable
        with pytest.raises(RectificationRefused, match="查毒程序没有正常工作"):
            receive(upload())
    assert lying(evidence_folder) == []


# -- reading ---------------------------------------------------------------------------------------------------------


def test_what_was_altered_or_taken_away_is_not_handed_out(evidence_folder: Path) -> None:
    file = taken()
    row = Evidence(name=file.name, sha256=file.sha256, path=file.path)
    assert read(row) == PDF

    (evidence_folder / file.path).write_bytes(PDF + b"altered")
    with pytest.raises(evidence.Damaged):
        read(row)

    (evidence_folder / file.path).unlink()
    with pytest.raises(evidence.Damaged):
        read(row)
