"""A report is asked in YAML and counts what stands; what it cannot ask is named."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from cases import services
from cases.intake import IntakeRefused
from cases.intake.log_report import figures, read_report
from cases.models import Event
from cases.winding import wind_pending
from tests.cases.intake.conftest import NOW, Load

LOG = """
    编号,单位,环节,时间,流水号
    A1,X1,立案,2026-01-10,1
    A1,X1,决定,2026-02-09,2
    A2,X1,立案,2026-01-10,3
    A2,X1,决定,2026-02-10,4
    A3,X1,立案,2026-01-31,5
    A4,X1,立案,2026-02-01,6
    A4,X1,决定,2026-02-01,7
    A4,X1,决定,2026-02-03,8
    """
REPORT: dict[str, Any] = {
    "title": "案件",
    "kind": "case",
    "clocks": ["decide", "leave"],
    "open_at": {
        "days": ["2026-01-31", "2026-02-09", "2026-02-10"],
        "columns": [
            {"name": "立案", "has": ["filed"]},
            {"name": "未决", "has": ["filed"], "lacks": ["decided"]},
            {"name": "未决超过10日", "has": ["filed"], "lacks": ["decided"], "since": "filed", "older_than_days": 10},
        ],
    },
    "by_month": {"year": 2026, "events": ["filed", "decided"]},
}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return write_report(tmp_path, REPORT)


def write_report(folder: Path, row: dict[str, Any]) -> Path:
    path = folder / "report.yaml"
    text = yaml.safe_dump({"log_report": row}, allow_unicode=True)
    # Days stand in YAML without quotes.
    path.write_text(
        text.replace("'2026-", "2026-").replace("1'\n", "1\n").replace("9'\n", "9\n").replace("0'\n", "0\n")
    )
    return path


def test_clocks_days_and_months_are_counted(load: Load, report: Path) -> None:
    load(LOG)
    wind_pending(at=NOW)

    found = figures(read_report(report))

    assert (found["matters"], found["events"]) == (4, 8)
    decide, leave = found["clocks"]
    assert decide == {
        "limit": "decide", "name": "作出决定", "started": 4, "on_time": 2, "late": 1, "on_last_day": 1, "never_ended": 1,
    }  # fmt: skip
    assert leave["started"] == 0
    assert [list(row.values()) for row in found["open_at"]] == [
        ["2026-01-31", 3, 3, 2],
        ["2026-02-09", 4, 2, 1],
        ["2026-02-10", 4, 1, 0],
    ]
    assert [list(row.values()) for row in found["by_month"][:3]] == [
        ["2026-01", 3, 0],
        ["2026-02", 1, 4],
        ["2026-03", 0, 0],
    ]


def test_what_was_struck_out_is_not_counted(load: Load, report: Path) -> None:
    load(LOG)
    event = Event.objects.get(source_number="8")
    services.void_event(event=event, reason="录入错误", by=None, at=NOW)

    found = figures(read_report(report))

    assert found["events"] == 7
    assert found["by_month"][1]["作出决定"] == 3


def test_the_command_prints_a_table_or_one_json(load: Load, report: Path) -> None:
    load(LOG)
    wind_pending(at=NOW)
    table, document = io.StringIO(), io.StringIO()

    call_command("log_report", str(report), stdout=table)
    call_command("log_report", str(report), "--json", stdout=document)

    lines = table.getvalue().splitlines()
    assert lines[0] == "案件　事项 4 件，节点 8 个"
    assert lines[2].split() == ["时限", "起算", "按期", "超期", "恰在末日", "未办结"]
    assert lines[3].split() == ["作出决定", "4", "2", "1", "1", "1"]
    assert json.loads(document.getvalue())["clocks"][0]["late"] == 1


def test_everything_wrong_with_a_report_is_named_at_once(catalogue: None, tmp_path: Path) -> None:
    path = write_report(
        tmp_path,
        {
            "zone": "Asia/Nowhere",
            "kind": "affair",
            "colour": 1,
            "clocks": ["decide", "nothing"],
            "open_at": {
                "days": ["soon"],
                "columns": [{"name": "a", "has": ["founded"], "since": "filed"}, {"lacks": []}, 3],
            },
            "by_month": {"year": "x", "events": "filed", "what": 1},
        },
    )

    with pytest.raises(IntakeRefused) as refused:
        read_report(path)

    for text in (
        "没有“colour”这一项",
        "zone：没有时区“Asia/Nowhere”",
        "kind：目录中没有“affair”",
        "clocks：目录中没有“nothing”",
        "open_at.days：'soon' 不是日期",
        "open_at.columns[1].has：目录中没有“founded”",
        "open_at.columns[1]：older_than_days 与 since 应当同时写",
        "open_at.columns[2].has：必填",
        "open_at.columns[3]：应为一组字段",
        "by_month：没有“what”这一项",
        "by_month.year：应为正整数",
        "by_month.events：应为代码的列表",
    ):
        assert text in str(refused.value)


@pytest.mark.parametrize("content", ["", "a: 1", "log_report: [", "- 1"])
def test_a_file_that_is_no_report_ends_with_status_one_and_none_with_two(
    db: None, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(content)

    with pytest.raises(CommandError) as bad:
        call_command("log_report", str(path))
    with pytest.raises(CommandError) as missing:
        call_command("log_report", str(path) + ".none")

    assert (bad.value.returncode, missing.value.returncode) == (1, 2)
