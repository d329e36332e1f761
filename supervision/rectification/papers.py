"""An order and the form of its reply in Word, in the manner of GB/T 9704: A4, 仿宋 three, 28 points a line.

Fonts are only named: Word on the desks has 仿宋_GB2312 and 小标宋. What somebody wrote is put in as text, whatever it holds.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.utils import timezone
from docx import Document
from docx.document import Document as Paper
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from cases.models import Unit
from supervision.rectification.models import Action, Evidence, Order, OrderState, OrderStep

BODY: Final = "仿宋_GB2312"
TITLE: Final = "方正小标宋简体"
HEADING: Final = "黑体"
PAGE_NUMBER: Final = "宋体"
THREE: Final = 16  # 三号
TWO: Final = 22  # 二号
HEAD: Final = 32
FOUR: Final = 14  # 四号
LINE: Final = 28
WIDTHS: Final = (Mm(36), Mm(120))
RED: Final = RGBColor(0xC0, 0x00, 0x00)


def order_paper(order: Order, steps: Sequence[OrderStep]) -> bytes:
    """The order as it is sent (整改通知书), with the day it is due now; the ledger's steps in their order."""
    paper = _a4(order.number)
    authority = _authority(order.unit)
    _line(paper, authority, font=TITLE, size=HEAD, align=WD_ALIGN_PARAGRAPH.CENTER, colour=RED, leading=44)
    _red_rule(_line(paper, order.number, align=WD_ALIGN_PARAGRAPH.CENTER))
    _line(paper, "执法监督整改通知书", font=TITLE, size=TWO, align=WD_ALIGN_PARAGRAPH.CENTER, leading=44)
    _line(paper, f"（{order.get_grade_display()}）", align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(paper, f"{order.unit.name}：")
    about = f"办理的{order.matter.kind}（{order.matter.number}）" if order.matter is not None else ""
    _body(paper, f"经{order.told_source}发现，你单位{about}存在下列问题，现通知整改。")
    _heading(paper, "一、问题和事实")
    _body(paper, f"{order.problem}。")
    _body(paper, order.text)
    if order.repeated:
        _body(paper, f"一年内同一单位、同一责任人已有同类问题 {order.repeats} 次。")
    _heading(paper, "二、依据")
    _body(paper, f"{order.ground}。")
    _heading(paper, "三、要求")
    if order.problem.demand:
        _body(paper, order.problem.demand)
    responsible = f"责任人：{order.officer}（{order.officer.police_number}）。" if order.officer is not None else ""
    evidence = "并附证据材料" if order.problem.needs_evidence else "有证据材料的一并附上"
    _body(paper, f"{responsible}请于{_chinese(order.due_on)}前（含当日）书面答复整改情况，{evidence}。")
    for step in steps:
        if step.action == Action.EXTENDED and step.due_on is not None:
            _body(
                paper,
                f"（{_chinese(timezone.localdate(step.at))}经{step.approver}批准，期限延至{_chinese(step.due_on)}。）",
            )
    _line(paper, "")
    _line(paper, authority, align=WD_ALIGN_PARAGRAPH.RIGHT, right=4)
    _line(paper, _chinese(timezone.localdate(order.issued_at)), align=WD_ALIGN_PARAGRAPH.RIGHT, right=4)
    # The signature stands in one piece, and on a page that holds something of the text.
    for paragraph in paper.paragraphs[-4:-1]:
        paragraph.paragraph_format.keep_with_next = True
    return _bytes(paper)


def reply_paper(order: Order, steps: Sequence[OrderStep], files: Sequence[Evidence]) -> bytes:
    """The form of the reply (整改情况报告表), filled in as far as things have come."""
    paper = _a4(order.number)
    _line(paper, "整改情况报告表", font=TITLE, size=TWO, align=WD_ALIGN_PARAGRAPH.CENTER, leading=36)
    _line(paper, order.number, align=WD_ALIGN_PARAGRAPH.CENTER)
    table = paper.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = width
    last = {step.action: step for step in steps}
    reply = last.get(Action.REPLIED)
    verdict = last.get(Action.VERIFIED) if order.state == OrderState.VERIFIED else None
    endorsed = last.get(Action.ENDORSED) if order.endorsed_by_id is not None else None
    attached = [file for file in files if reply is not None and file.step_id == reply.pk]
    due = (
        f"{_chinese(order.due_on)}（原定{_chinese(order.first_due_on)}）"
        if order.extensions
        else _chinese(order.due_on)
    )
    for name, text, room in (
        ("责任单位", order.unit.name, 1),
        ("责任人", f"{order.officer}（{order.officer.police_number}）" if order.officer is not None else "", 1),
        ("事　　项", f"{order.matter.kind} {order.matter.number}" if order.matter is not None else "", 1),
        ("问　　题", f"{order.problem}（{order.ground}）", 1),
        ("整改期限", due, 1),
        ("整改情况", reply.text if reply is not None else "", 6),
        ("证据目录", "\n".join(f"{number}. {file.name}" for number, file in enumerate(attached, 1)), 2),
        ("答 复 人", _signed(reply), 2),
        ("单位负责人\n意　　见", _signed(endorsed, "同意。"), 3),
        ("法制部门\n核验意见", _signed(verdict, "已整改。"), 3),
    ):
        _row(table, name, text, room)
    return _bytes(paper)


def _authority(unit: Unit) -> str:
    """The bureau that speaks: the county's, else the city's, else the unit itself."""
    above = unit.county or unit.city or unit
    return above.name


def _signed(step: OrderStep | None, otherwise: str = "") -> str:
    """What somebody said, with his name and the day; empty, to be filled in by hand, where nobody has."""
    if step is None:
        return ""
    words = otherwise if step.action != Action.REPLIED and not step.text else ""
    words = step.text if step.action != Action.REPLIED and step.text else words
    day = _chinese(timezone.localdate(step.at))
    return f"{words}\n{step.by or '系统'}　{day}".strip()


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


# -- the sheet -------------------------------------------------------------------------------------------------------


def _a4(title: str) -> Paper:
    paper: Paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    normal = paper.styles["Normal"]
    normal.font.size = Pt(THREE)
    _named(normal.element.get_or_add_rPr(), BODY)
    paper.core_properties.title, paper.core_properties.author = title, ""
    paper.core_properties.comments = ""
    # Page numbers stand outside: to the right on odd pages, to the left on even ones.
    paper.settings.odd_and_even_pages_header_footer = True
    for footer, align in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        _page_number(footer.paragraphs[0], align)
    return paper


def _bytes(paper: Paper) -> bytes:
    written = io.BytesIO()
    paper.save(written)
    return written.getvalue()


def _named(properties: Any, font: str) -> None:
    """Name a font for Chinese and Latin text alike; the name alone would leave the Chinese to the theme."""
    fonts = properties.get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)


def _dress(run: Run, font: str, size: int, colour: RGBColor | None = None) -> None:
    run.font.size = Pt(size)
    _named(run._element.get_or_add_rPr(), font)
    if colour is not None:
        run.font.color.rgb = colour


def _legal(text: str) -> str:
    """Without the signs that XML cannot hold."""
    return "".join(sign for sign in text if sign in "\n\t" or (sign >= " " and sign not in "\ufffe\uffff"))


def _space(paragraph: Paragraph, leading: int = LINE) -> None:
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(leading)
    shape.space_before = shape.space_after = Pt(0)


def _line(
    paper: Paper,
    text: str,
    *,
    font: str = BODY,
    size: int = THREE,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
    colour: RGBColor | None = None,
    leading: int = LINE,
    right: int = 0,
) -> Paragraph:
    """A paragraph; `right` keeps it that many characters from the right edge."""
    paragraph = paper.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.right_indent = Pt(size * right)
    _space(paragraph, leading)
    _dress(paragraph.add_run(_legal(text)), font, size, colour)
    return paragraph


def _body(paper: Paper, text: str) -> None:
    """Text in paragraphs of its own, each set in by two characters."""
    for part in _legal(text).splitlines():
        if part.strip():
            paragraph = _line(paper, part.strip(), align=WD_ALIGN_PARAGRAPH.JUSTIFY)
            paragraph.paragraph_format.first_line_indent = Pt(THREE * 2)


def _heading(paper: Paper, text: str) -> None:
    paragraph = _line(paper, text, font=HEADING)
    paragraph.paragraph_format.first_line_indent = Pt(THREE * 2)
    paragraph.paragraph_format.keep_with_next = True


def _red_rule(paragraph: Paragraph) -> None:
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", str(RED))):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    # Where the schema wants borders: before spacing, indents and alignment.
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _page_number(paragraph: Paragraph, align: WD_ALIGN_PARAGRAPH) -> None:
    paragraph.alignment = align
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(FOUR)
    _dress(paragraph.add_run("— "), PAGE_NUMBER, FOUR)
    run = paragraph.add_run()
    _dress(run, PAGE_NUMBER, FOUR)
    for kind in ("begin", None, "end"):
        if kind is None:
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = " PAGE "
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)
    _dress(paragraph.add_run(" —"), PAGE_NUMBER, FOUR)


def _row(table: Any, name: str, text: str, room: int) -> None:
    """A line of the form; `room` lines are left where there is nothing yet."""
    left, right = table.add_row().cells
    left.width, right.width = WIDTHS
    written = _legal(text).split("\n")
    _cell(left, _legal(name).split("\n"), HEADING, WD_ALIGN_PARAGRAPH.CENTER)
    _cell(right, written + [""] * (room - len(written)), BODY, WD_ALIGN_PARAGRAPH.LEFT)


def _cell(cell: Any, lines: Sequence[str], font: str, align: WD_ALIGN_PARAGRAPH) -> None:
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER if font == HEADING else WD_ALIGN_VERTICAL.TOP
    for number, line in enumerate(lines):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph.alignment = align
        _space(paragraph, 24)
        _dress(paragraph.add_run(line), font, FOUR)
