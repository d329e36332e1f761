"""Files to bring in: written as an export would write them, through two mappings, one of steps and one of cases."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cases.intake import IntakeMapping, IntakeReport, load_file, parse_mapping
from tests.cases.factories import Bureau, moment

NOW = moment("2026-11-22 09:00")

# One row a step.
STEPS: dict[str, Any] = {
    "name": "流程",
    "source": "流程系统",
    "rows": "event",
    "matter": {"kind": {"fixed": "case"}, "number": "编号", "unit": "单位"},
    "event": {
        "kind": {"column": "环节", "values": {"立案": "filed", "决定": "decided", "结案": "closed", "回访": None}},
        "when": "时间",
        "source_number": "流水号",
    },
}
# One row a case.
CASES: dict[str, Any] = {
    "name": "台账",
    "source": "台账系统",
    "rows": "matter",
    "matter": {"kind": {"fixed": "case"}, "number": "编号", "unit": "单位"},
    "events": [
        {"kind": "filed", "when": "立案时间"},
        {"kind": "decided", "when": "决定时间", "after": "filed"},
        {"kind": "closed", "when": "结案时间"},
    ],
}


def changed(mapping: dict[str, Any], **changes: Any) -> IntakeMapping:
    """A mapping with some of its fields changed; `matter__title="名称"` reaches into a section."""
    row = copy.deepcopy(mapping)
    for path, value in changes.items():
        *sections, name = path.split("__")
        section = row
        for part in sections:
            section = section[part]
        section[name] = value
    return parse_mapping(row)


Write = Callable[..., Path]
Load = Callable[..., IntakeReport]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of these bytes, or of this text without the indentation of the test around it."""

    def write_file(content: str | bytes, name: str = "导出.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        if isinstance(content, str):
            lines = [line.strip() for line in content.strip().splitlines()]
            content = ("\r\n".join(lines) + "\r\n").encode(encoding)
        path.write_bytes(content)
        return path

    return write_file


@pytest.fixture
def load(write: Write, bureau: Bureau, catalogue: None) -> Load:
    """Brings a text in as a CSV file, into a bureau with a catalogue."""

    def load_text(
        content: str | bytes | Path,
        mapping: dict[str, Any] | IntakeMapping = STEPS,
        name: str = "导出.csv",
        **options: Any,
    ) -> IntakeReport:
        path = content if isinstance(content, Path) else write(content, name)
        if isinstance(mapping, dict):
            mapping = parse_mapping(mapping)
        return load_file(path, mapping, at=options.pop("at", NOW), **options)

    return load_text


def reasons(report: IntakeReport) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.reason) for one in report.refusals]
