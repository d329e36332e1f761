"""The room's section of the catalogue: what may be wrong. See `seeds/README.md` for how it is written."""

from collections.abc import Mapping
from typing import Any

from cases.catalogue.sections import Section
from cases.statute.limits import FieldReader
from supervision.rectification.models import Grade, Problem
from supervision.rectification.rules import MOST_WORKDAYS

_SMALL = 32767


def read_problem(reader: FieldReader, position: int) -> Mapping[str, Any]:
    """The columns of one problem; says on the reader what is wrong."""
    grade = reader.text("grade") or Grade.REMINDER.value
    if grade not in Grade.values:
        reader.wrong("grade", f"没有等级“{grade}”，可用的有 {'、'.join(Grade.values)}")
    workdays = reader.count("workdays", required=True) or 1
    if workdays > MOST_WORKDAYS:
        reader.wrong("workdays", f"最多 {MOST_WORKDAYS} 个工作日，现为 {workdays}")
    order = reader.count("order", least=0)
    return {
        "name": reader.text("name", required=True),
        "fault": reader.text("fault", required=True),
        "law": reader.text("law"),
        "article": reader.text("article", required=True),
        "grade": grade,
        "workdays": workdays,
        "demand": reader.text("demand"),
        "needs_evidence": reader.flag("needs_evidence", True),
        "order": min(position * 10 if order is None else order, _SMALL),
    }


PROBLEMS = Section(
    name="problems",
    title="整改问题",
    model=Problem,
    fields=("name", "fault", "law", "article", "grade", "workdays", "demand", "needs_evidence", "order"),
    read=read_problem,
)
