"""The files a bureau of that size would export, and how they are read: registers of cases, incidents, disputes, petitions."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cases.demo.stories import ZONE
from cases.intake import IntakeMapping, parse_mapping
from config.demo.report_plan import Case

_MATTER = {
    "number": "编号",
    "unit": "办案单位代码",
    "officer": "主办民警警号",
    "title": "名称",
}

CASES = parse_mapping(
    {
        "name": "案件台账（演示）",
        "source": "案件台账",
        "rows": "matter",
        "matter": {
            **_MATTER,
            "kind": {
                "column": "类别",
                "values": {
                    "治安案件": "public_order_case",
                    "行政案件": "administrative_case",
                    "刑事案件": "criminal_case",
                },
            },
            "facts": {"expedited": {"column": "是否快速办理", "values": {"是": True, "否": False, "": None}}},
        },
        "events": [
            {"kind": "incident_received", "when": "接报案时间"},
            {"kind": "case_filed", "when": "立案时间"},
            {"kind": "suspect_arrived", "when": "到案时间"},
            {"kind": "expedited_agreed", "when": "同意快速办理时间"},
            {"kind": "appraisal_commissioned", "when": "委托鉴定日期"},
            {"kind": "appraisal_received", "when": "收到鉴定意见日期"},
            {"kind": "extension_approved", "when": "批准延长日期", "approver": "延长批准单位"},
            {"kind": "mediation_agreed", "when": "达成调解日期"},
            {"kind": "decision_made", "when": "处理决定时间"},
            {"kind": "investigation_ended", "when": "终止调查时间"},
            {"kind": "transferred_for_prosecution", "when": "移送起诉时间"},
            {"kind": "case_executed", "when": "执行完毕时间"},
            {"kind": "case_closed", "when": "结案时间"},
        ],
    }
)

INCIDENTS = parse_mapping(
    {
        "name": "接处警台账（演示）",
        "source": "接处警台账",
        "rows": "matter",
        "matter": {**_MATTER, "kind": {"fixed": "incident"}},
        "events": [
            {"kind": "incident_received", "when": "接报时间"},
            {"kind": "incident_sorted", "when": "分流时间"},
        ],
    }
)

DISPUTES = parse_mapping(
    {
        "name": "矛盾纠纷台账（演示）",
        "source": "矛盾纠纷台账",
        "rows": "matter",
        "matter": {**_MATTER, "kind": {"fixed": "dispute"}},
        "events": [
            {"kind": "dispute_recorded", "when": "登记日期"},
            {"kind": "dispute_mediation_began", "when": "开始调解日期"},
            {"kind": "dispute_settled", "when": "化解日期", "note": "结果"},
            {"kind": "dispute_unsettled", "when": "调解不成日期", "note": "结果"},
        ],
    }
)

PETITIONS = parse_mapping(
    {
        "name": "信访台账（演示）",
        "source": "信访台账",
        "rows": "matter",
        "matter": {**_MATTER, "kind": {"fixed": "petition"}},
        "events": [
            {"kind": "petition_received", "when": "收到日期"},
            {"kind": "petition_notified", "when": "告知日期"},
            {"kind": "petition_accepted", "when": "受理日期"},
        ],
    }
)

KINDS = {"public_order_case": "治安案件", "administrative_case": "行政案件", "criminal_case": "刑事案件"}
_WORDS = {
    "案件台账": ("是否快速办理", "延长批准单位"),
    "矛盾纠纷台账": ("纠纷类型", "风险等级", "来源", "结果", "回访期限"),
}


def write_register(path: Path, mapping: IntakeMapping, rows: Iterable[Case], *, at: datetime) -> int:
    """Write a register as it stands at a moment, one row a case, as an export would; how many rows."""
    dates = [step.when.columns[0] for step in mapping.steps]
    heads = ["编号", "类别", "名称", "办案单位代码", "主办民警警号", *_WORDS.get(mapping.source, ()), *dates]
    return write_csv(path, heads, (_cells(case, at) for case in rows))


def _cells(case: Case, at: datetime) -> dict[str, str]:
    return {
        "编号": case.number,
        "类别": KINDS.get(case.kind, ""),
        "名称": case.title,
        "办案单位代码": case.unit,
        "主办民警警号": case.officer,
        **case.words,
        **{name: f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M:%S}" for name, moment in case.known_by(at).items()},
    }


def write_csv(path: Path, heads: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows under heads, blank where a row has nothing; how many."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as paper:
        sheet = csv.DictWriter(paper, heads, restval="")
        sheet.writeheader()
        for row in rows:
            sheet.writerow(row)
            count += 1
    return count
