"""Installed packages are compared with a local copy of the advisories; nobody outside is asked."""

import json
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from config.advisories import NoAdvisories, audit, installed, is_affected

RECORD = """
id: PYSEC-2024-1
modified: 2024-08-07T17:22:10.804411Z
aliases:
- CVE-2024-1
affected:
- package:
    ecosystem: PyPI
    name: Some_Package
  ranges:
  - type: GIT
    events:
    - introduced: 0a1b
  - type: ECOSYSTEM
    events:
    - introduced: "5.0"
    - fixed: 5.0.8
    - introduced: "4.2"
    - fixed: 4.2.15
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "advisories"
    (folder / "vulns" / "some-package").mkdir(parents=True)
    (folder / "vulns" / "some-package" / "PYSEC-2024-1.yaml").write_text(RECORD)
    (folder / "README.yaml").write_text("about: the copy")
    return folder


def osv(**changes: Any) -> dict[str, Any]:
    package = {"ecosystem": "PyPI", "name": "some-package"}
    return {
        "id": "GHSA-1",
        "modified": "2025-01-02T00:00:00Z",
        "affected": [{"package": package, "versions": ["4.1"]}],
        **changes,
    }


@pytest.mark.parametrize(
    ("version", "affected"),
    [("4.1", False), ("4.2", True), ("4.2.14", True), ("4.2.15", False), ("4.3", False), ("5.0rc1", False), ("5.0.7", True), ("5.0.8", False)],
)  # fmt: skip
def test_a_version_lies_in_one_of_several_ranges(copy: Path, version: str, affected: bool) -> None:
    found = audit(copy, {"some-package": version}).findings

    assert bool(found) is affected


@pytest.mark.parametrize(
    ("version", "events", "affected"),
    [
        ("0.0.1", [{"introduced": "0"}], True),
        ("1.9", [{"introduced": "0"}, {"last_affected": "1.9"}], True),
        ("1.9.1", [{"introduced": "0"}, {"last_affected": "1.9"}], False),
        ("2.0", [{"fixed": "2.0"}, {"introduced": "1.0"}], False),
        ("1.10", [{"introduced": "1.9"}], True),
        ("1.0", [], False),
    ],
)
def test_ranges_begin_and_end_where_they_say(version: str, events: list[dict[str, str]], affected: bool) -> None:
    assert is_affected(version, (), [events]) is affected


def test_a_version_that_is_named_is_affected_however_it_is_written() -> None:
    assert is_affected("4.2", ["not a version", "4.2.0"], [])
    assert not is_affected("4.2.1", ["4.2"], [])


def test_a_finding_says_which_record_and_which_version_is_right(copy: Path) -> None:
    done = audit(copy, {"some-package": "4.2.3", "other": "1.0"})

    (found,) = done.findings
    assert (found.package, found.version, found.advisory, found.aliases, found.fixed) == (
        "some-package", "4.2.3", "PYSEC-2024-1", ("CVE-2024-1",), ("5.0.8", "4.2.15"),
    )  # fmt: skip
    assert (done.packages, done.records, f"{done.newest:%Y-%m-%d}") == (2, 1, "2024-08-07")


def test_an_export_in_a_zip_is_read_and_what_was_withdrawn_is_none(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "all.zip", "w") as package:
        package.writestr("GHSA-1.json", json.dumps(osv()))
        package.writestr("GHSA-2.json", json.dumps(osv(id="GHSA-2", withdrawn="2025-02-01T00:00:00Z")))
        package.writestr("GHSA-3.json", json.dumps(osv(id="GHSA-3", affected=[{"package": {"ecosystem": "npm", "name": "some-package"}}])))  # fmt: skip

    done = audit(tmp_path / "all.zip", {"some-package": "4.1"})

    assert [one.advisory for one in done.findings] == ["GHSA-1"]
    assert (done.records, done.unreadable) == (3, ())


def test_a_record_that_cannot_be_read_is_named_and_the_others_are_compared(copy: Path) -> None:
    (copy / "broken.json").write_text('{"affected": [{"package": {"ecosystem": "PyPI", "name": "some-package"}')

    done = audit(copy, {"some-package": "4.2"})

    assert (done.unreadable, len(done.findings)) == (("broken.json",), 1)


@pytest.mark.parametrize("made", ["empty", "missing", "not a zip"])
def test_a_copy_without_a_record_is_refused(tmp_path: Path, made: str) -> None:
    path = tmp_path / "copy"
    if made == "empty":
        path.mkdir()
    elif made == "not a zip":
        path.write_text("x")

    with pytest.raises(NoAdvisories, match="公告库"):
        audit(path, {"some-package": "4.2"})


def run(*words: str) -> str:
    out = StringIO()
    call_command("audit_requirements", *words, stdout=out)
    return out.getvalue()


def test_the_command_compares_everything_that_is_installed_and_says_how_old_the_copy_is(copy: Path) -> None:
    said = run(str(copy))

    assert f"核对了 {len(installed())} 个已安装的包、1 条公告，公告库最新一条：2024-08-07" in said
    assert "超过 30 天没有更新" in said and "没有发现已知漏洞" in said
    assert json.loads(run(str(copy), "--json"))["findings"] == []


def test_the_command_fails_where_something_is_found_or_the_copy_is_none(copy: Path, tmp_path: Path) -> None:
    record = osv(affected=[{"package": {"ecosystem": "PyPI", "name": "Django"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}])  # fmt: skip
    (copy / "GHSA-1.json").write_text(json.dumps(record))
    with pytest.raises(CommandError, match="1 处已知漏洞") as found:
        run(str(copy))
    with pytest.raises(CommandError, match="打不开") as none:
        run(str(tmp_path / "missing"))

    assert (found.value.returncode, none.value.returncode) == (1, 2)


def test_what_is_installed_is_known_by_the_names_of_the_registry() -> None:
    found = installed()

    assert (
        found["django"] and found["python-docx"] and not [name for name in found if "_" in name or name != name.lower()]
    )
