"""The room's section of the catalogue: the forms that files are reviewed by. See `seeds/README.md` for how it is written."""

from collections.abc import Mapping
from typing import Any

from cases.catalogue.sections import Section
from cases.statute.limits import FieldReader
from supervision.reviews.models import Template
from supervision.reviews.rules import MOST_POINTS

_ITEM_FIELDS = ("code", "group", "text", "law", "article", "most", "merit", "problem", "limits")
_SMALL = 32767


def read_form(reader: FieldReader, position: int) -> Mapping[str, Any]:
    """The columns of one form; says on the reader what is wrong."""
    items = [_item(row) for _, row in reader.rows("items")]
    if not items:
        reader.wrong("items", "至少写一个评查项目")
    codes = [one["code"] for one in items]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        reader.wrong("items", f"项目代码重复：{'、'.join(twice)}")
    order = reader.count("order", least=0)
    return {
        "name": reader.text("name", required=True),
        "version": reader.text("version", required=True),
        "kinds": list(reader.words("kinds")),
        "items": items,
        "in_use": reader.flag("in_use", True),
        "order": min(position * 10 if order is None else order, _SMALL),
    }


def _item(reader: FieldReader) -> dict[str, Any]:
    reader.only(_ITEM_FIELDS)
    most, merit = reader.count("most", required=True) or 1, reader.flag("merit")
    if most > MOST_POINTS:
        reader.wrong("most", f"最多 {MOST_POINTS} 分，现为 {most}")
    problem = reader.text("problem", required=not merit)
    if merit and problem:
        reader.wrong("problem", "加分项目不引出整改")
    lengths = {"code": 40, "group": 20, "text": 100, "problem": 40}
    row = {
        "code": reader.text("code", required=True),
        "group": reader.text("group", required=True),
        "text": reader.text("text", required=True),
        "law": reader.text("law"),
        "article": reader.text("article", required=not merit),
        "most": most,
        "merit": merit,
        "problem": problem,
        "limits": list(reader.words("limits")),
    }
    for name, longest in lengths.items():
        if len(str(row[name])) > longest:
            reader.wrong(name, f"最多{longest}个字，现有{len(str(row[name]))}个，请缩短")
    return row


FORMS = Section(
    name="review_forms",
    title="评查表样",
    model=Template,
    fields=("name", "version", "kinds", "items", "in_use", "order"),
    read=read_form,
)
