"""The sheet of a hand-over in Word, to be signed, on the sheet of `cases.desk.sheet`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from django.utils import timezone
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Mm

from cases.desk.sheet import TITLE, TWO, a4, body, chinese_day, form_table, grid, grid_row, heading, line, row, to_bytes
from supervision.handovers.models import Handover, HandoverItem, Outcome
from supervision.handovers.rules import counted

NONE: Final = "无。"
WIDTHS: Final = (Mm(66), Mm(26), Mm(64))


def sheet(handover: Handover, items: Sequence[HandoverItem]) -> bytes:
    """The sheet (移交单): who, to whom, on what ground; what changed hands with its open limits as they stood; what did
    not, with the reason; and where the three sign. `items` in their order."""
    moved = [item for item in items if item.outcome == Outcome.MOVED]
    kept = [item for item in items if item.outcome == Outcome.KEPT]
    paper = a4(handover.number)
    line(paper, "移交单", font=TITLE, size=TWO, align=WD_ALIGN_PARAGRAPH.CENTER, leading=36)
    line(paper, handover.number, align=WD_ALIGN_PARAGRAPH.CENTER)
    table = form_table(paper)
    for name, text in (
        ("交　　出", handover.giver),
        ("接　　收", handover.receiver if handover.to_officer is not None else f"{handover.to_unit}（由负责人分派）"),
        ("原　　因", f"{handover.get_reason_display()}（{handover.ground}）"),
        ("办　　理", f"{handover.by}　{chinese_day(timezone.localdate(handover.at))}"),
        ("件　　数", f"已移交 {len(moved)} 件，未移交 {len(kept)} 件"),
    ):
        row(table, name, text, 1)
    heading(paper, f"一、已移交（{counted(item.what for item in moved)}）")
    if moved:
        _grid(paper, moved, "在途期限", _limits)
    else:
        body(paper, NONE)
    heading(paper, "二、未移交")
    if kept:
        _grid(paper, kept, "原因", lambda item: item.why or "")
    else:
        body(paper, NONE)
    body(paper, "在途期限是移交时的情况，届满日不因移交改变；移交以前已经超期的，仍计在原单位和原经办人名下。")
    for who in ("移交人", "接收人", "监交人"):
        signed = line(paper, f"{who}（签名）：　　　　　　　　　　　　年　　月　　日")
        signed.paragraph_format.keep_with_next = who != "监交人"
    return to_bytes(paper)


def _grid(paper: Paper, items: Sequence[HandoverItem], last: str, said: Callable[[HandoverItem], str]) -> None:
    table = grid(paper, ("编号和内容", "原经办人", last))
    table.autofit = False
    for item in items:
        whose = f"{item.unit}\n{item.officer or '未指定'}"
        grid_row(table, (f"{item.get_what_display()} {item.number}\n{item.name}", whose, said(item)))
    # Half of it names the thing, and what is said last needs more than whose it was; a line stands on one page.
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = width
    for line_of_table in table.rows:
        line_of_table._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width in zip(line_of_table.cells, WIDTHS, strict=True):
            cell.width = width


def _limits(item: HandoverItem) -> str:
    return "\n".join(f"{one.name}\n{one.due}（{one.left}{one.sign}）" for one in item.running) or "没有"
