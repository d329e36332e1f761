"""`manage.py intake` as an operator and as a script meet it."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from cases.models import Batch, BatchState, Event, Matter, Officer
from tests.cases.factories import Bureau
from tests.cases.intake.conftest import CASES, STEPS, Write

GOOD = "编号,单位,环节,时间,流水号\nA1,X1,立案,2026-03-02,1\nA1,X1,决定,2026-03-20,2\n"
BAD = GOOD + "A2,X1,立案,2026-02-29,3\n"

pytestmark = pytest.mark.usefixtures("bureau", "catalogue")


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mappings" / "steps.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump({"intake": STEPS}, allow_unicode=True), encoding="utf-8")
    return path


def intake(*words: object) -> tuple[str, int, str]:
    """(standard output, exit status, message) of the command."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("intake", *map(str, words), stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), error.returncode, str(error)
    return out.getvalue(), 0, err.getvalue()


def as_json(*words: object) -> tuple[dict[str, Any], int]:
    out, status, _ = intake(*words, "--json")
    return json.loads(out), status


def test_a_good_file_ends_well_and_shows_its_progress(write: Write, mapping: Path) -> None:
    out, status, told = intake(write(GOOD), "--mapping", mapping)

    assert status == 0
    assert (
        f"第{Batch.objects.get().pk}批：读入行 2，导入行 2，未变行 0，略过行 0，退回行 0，新增事项 1，新增节点 2" in out
    )
    assert "已读 2/2 行" in told


def test_a_file_with_a_bad_row_loads_the_rest_and_ends_with_status_one(write: Write, mapping: Path) -> None:
    out, status, message = intake(write(BAD), "--mapping", mapping)

    assert (status, message) == (1, "退回1行")
    assert "退回 第4行“时间”：“2026-02-29”不存在：2026年2月没有29日" in out
    assert Event.objects.count() == 2


def test_json_is_one_document_with_every_count_and_reason(write: Write, mapping: Path) -> None:
    report, status = as_json(write(BAD), "--mapping", mapping)

    assert status == 1
    assert report["batch"] == Batch.objects.get().pk
    assert (report["rows_read"], report["rows_loaded"], report["rows_refused"]) == (3, 2, 1)
    assert report["refused"] == [{"row": 4, "column": "时间", "reason": "“2026-02-29”不存在：2026年2月没有29日"}]
    assert report["state"] == "loaded"


def test_a_dry_run_changes_nothing(write: Write, mapping: Path) -> None:
    report, status = as_json(write(GOOD), "--mapping", mapping, "--dry-run")

    assert (status, report["matters_new"], report["events_new"], report["batch"]) == (0, 1, 2, None)
    assert not Batch.objects.exists()
    assert not Matter.objects.exists()


def test_strict_loads_nothing_if_a_row_is_bad(write: Write, mapping: Path) -> None:
    report, status = as_json(write(BAD), "--mapping", mapping, "--strict")

    assert (status, report["state"], report["rows_refused"]) == (1, "failed", 1)
    assert not Event.objects.exists()


def test_the_operator_is_noted(write: Write, mapping: Path, officer: Officer) -> None:
    intake(write(GOOD), "--mapping", mapping, "--by", "100001")

    assert Batch.objects.get().by == officer


def test_a_folder_of_mappings_finds_the_one_for_the_file(write: Write, mapping: Path) -> None:
    other = mapping.with_name("cases.yaml")
    other.write_text(yaml.safe_dump({"intake": CASES}, allow_unicode=True), encoding="utf-8")
    mapping.with_name("report.yaml").write_text("log_report: {}\n")

    report, status = as_json(write(GOOD), "--mapping", mapping.parent)

    assert (status, report["mapping"]) == (0, "流程")


def test_a_batch_is_undone_by_its_number(write: Write, mapping: Path) -> None:
    batch = as_json(write(GOOD), "--mapping", mapping)[0]["batch"]

    rehearsed, _ = as_json("--undo", batch, "--dry-run")
    undone, status = as_json("--undo", batch)

    assert rehearsed == {"batch": batch, "matters": 1, "events": 2, "dry_run": True}
    assert (undone, status) == ({**rehearsed, "dry_run": False}, 0)
    assert Batch.objects.get().state == BatchState.UNDONE
    assert intake("--undo", batch)[1:] == (1, f"第{batch}批已经撤销过")


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "a.csv", "文件是空的"),
        (b"PK\x03\x04", "a.xlsx", "Excel 文件已损坏"),
        ("编号\nA1\n".encode(), "a.csv", "文件中没有对应表“流程”所需的列"),
        (b"\xff\xfe\xff\xd8", "a.csv", "UTF-16"),
        (b"<!DOCTYPE log [<!ENTITY a 'b'>]><log/>", "a.xes", "实体声明"),
    ],
)
def test_a_file_that_is_refused_as_a_whole_ends_with_status_one_and_leaves_nothing(
    write: Write, mapping: Path, content: bytes, name: str, why: str
) -> None:
    out, status, message = intake(write(content, name), "--mapping", mapping, "--json")

    assert (out, status) == ("", 1)
    assert why in message
    assert not Batch.objects.exists()


def test_a_mapping_that_is_wrong_ends_with_status_one(write: Write, mapping: Path) -> None:
    mapping.write_text("intake: {name: a}\n")

    _, status, message = intake(write(GOOD), "--mapping", mapping)

    assert status == 1
    assert "对应表“steps.yaml”有" in message


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("{file}",),
        ("--mapping", "{mapping}"),
        ("{file}.none", "--mapping", "{mapping}"),
        ("{file}", "--mapping", "{mapping}.none"),
        ("{file}", "--mapping", "{mapping}", "--by", "999999"),
        ("{file}", "--mapping", "{mapping}", "--strict", "--dry-run"),
        ("{file}", "--mapping", "{mapping}", "--undo", "1"),
    ],
)
def test_bad_use_ends_with_status_two(write: Write, mapping: Path, words: tuple[str, ...]) -> None:
    file = write(GOOD)

    _, status, message = intake(*(word.format(file=file, mapping=mapping) for word in words))

    assert status == 2
    assert message


def test_the_bureau_is_untouched_by_bad_use(bureau: Bureau) -> None:
    intake("--undo", 5)

    assert not Batch.objects.exists()
