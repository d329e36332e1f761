"""The sheet that papers in Word are written on, in the manner of GB/T 9704: A4, 仿宋 three, 28 points a line.

Fonts are only named: Word on the desks has 仿宋_GB2312 and 小标宋. What somebody wrote is put in as text, whatever it holds.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from docx import Document
from docx.document import Document as Paper
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

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


def chinese_day(day: date) -> str:
    """`2026年3月2日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def a4(title: str) -> Paper:
    """An empty sheet; page numbers outside, as the standard asks."""
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


def to_bytes(paper: Paper) -> bytes:
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


def line(
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


def body(paper: Paper, text: str) -> None:
    """Text in paragraphs of its own, each set in by two characters."""
    for part in _legal(text).splitlines():
        if part.strip():
            paragraph = line(paper, part.strip(), align=WD_ALIGN_PARAGRAPH.JUSTIFY)
            paragraph.paragraph_format.first_line_indent = Pt(THREE * 2)


def heading(paper: Paper, text: str) -> None:
    paragraph = line(paper, text, font=HEADING)
    paragraph.paragraph_format.first_line_indent = Pt(THREE * 2)
    paragraph.paragraph_format.keep_with_next = True


def red_rule(paragraph: Paragraph) -> None:
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


def form_table(paper: Paper) -> Any:
    """A form of two columns, what is asked and what is filled in; its rows come by `row`."""
    table = paper.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = width
    return table


def grid(paper: Paper, heads: Sequence[str]) -> Any:
    """A table of one name and numbers a row, under its heads, which stand again on each page; its rows come by `grid_row`."""
    table = paper.add_table(rows=1, cols=len(heads))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _grid_cells(table.rows[0], heads, HEADING)
    again = OxmlElement("w:tblHeader")
    again.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(again)
    return table


def grid_row(table: Any, cells: Sequence[str]) -> None:
    """A name and its numbers."""
    _grid_cells(table.add_row(), cells, BODY)


def _grid_cells(made: Any, texts: Sequence[str], font: str) -> None:
    first, rest = (
        int(sum(WIDTHS)) // 2,
        int(sum(WIDTHS)) // 2 // max(len(texts) - 1, 1),
    )
    for number, (cell, text) in enumerate(zip(made.cells, texts, strict=True)):
        cell.width = first if number == 0 else rest
        align = WD_ALIGN_PARAGRAPH.LEFT if number == 0 and font == BODY else WD_ALIGN_PARAGRAPH.CENTER
        _cell(cell, [_legal(text)], font, align)


def row(table: Any, name: str, text: str, room: int) -> None:
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
