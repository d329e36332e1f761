"""A circular in Word in the manner of GB/T 9704-2012: A4, 仿宋 three, 22 lines of 28 signs a page.

Fonts are only named, each with the one that stands for it where it is missing. Whatever somebody wrote goes in as text.
Every number stands inside a hidden bookmark named by its place and its key, so that it can be found and read back.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from copy import deepcopy
from functools import lru_cache
from itertools import count
from typing import Any, Final

from docx import Document
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as Line

from supervision.bulletins.papers.document import (
    Cell,
    Chart,
    Circular,
    Column,
    FigureTable,
    Heading,
    ListTable,
    Note,
    Number,
    Paragraph,
    Placed,
    Run,
    Table,
    cell_lines,
    legend_of,
    measure_of,
    spoken_text,
)
from supervision.bulletins.papers.lettering import Measure, clean, day_text, head_size, width
from supervision.bulletins.papers.word_sheet import (
    BODY,
    FOUR,
    HEITI,
    KAITI,
    RED,
    THREE,
    TITLE,
    TWO,
    at_the_foot,
    bookmark_name,
    dress,
    finish,
    narrow_cells,
    new_sheet,
    rule_below,
    set_close,
    single,
    space,
)

_LEFT: Final = WD_ALIGN_PARAGRAPH.LEFT
_CENTER: Final = WD_ALIGN_PARAGRAPH.CENTER
_RIGHT: Final = WD_ALIGN_PARAGRAPH.RIGHT
_JUSTIFY: Final = WD_ALIGN_PARAGRAPH.JUSTIFY
_GREY: Final = RGBColor(0x55, 0x55, 0x55)
# Between the margins, in millimetres; and no picture is wider, or higher, than this.
_TEXT_WIDTH: Final = 156.0
_PICTURE: Final = 150.0


def word_paper(circular: Circular) -> bytes:
    """The circular as a .docx file. A draft says so across every page."""
    return _Writer(circular).written()


class _Writer:
    """One circular on its way to paper; counts bookmarks and pictures."""

    def __init__(self, circular: Circular) -> None:
        self.circular = circular
        self.paper = new_sheet(circular)
        self.ordinals = count(1)

    def written(self) -> bytes:
        self._head()
        self._blocks(self.circular.body)
        self._after_the_text()
        for n, (annex, blocks) in enumerate(self.circular.annexed, 1):
            label = self._line(self.circular.annex_label(n), font=HEITI)
            label.paragraph_format.page_break_before = True
            self._line("")
            self._line(annex.title, font=TITLE, size=TWO, align=_CENTER, leading=36)
            self._line("")
            self._blocks(blocks)
        self._version()
        return finish(self.paper, self.circular)

    # -- lines -----------------------------------------------------------------------------------------------------

    def _line(
        self,
        text: str,
        *,
        font: str = BODY,
        size: float = THREE,
        align: WD_ALIGN_PARAGRAPH = _LEFT,
        leading: float = 28,
        colour: RGBColor | None = None,
        before: float = 0,
        after: float = 0,
    ) -> Line:
        line = self.paper.add_paragraph()
        line.alignment = align
        space(line, leading, before=before, after=after)
        if text:
            dress(line.add_run(clean(text)), font, size, colour)
        return line

    def _runs(self, line: Line, runs: Iterable[Run], size: float = THREE) -> None:
        for run in runs:
            if isinstance(run, Number):
                self._number(line, run, size, whole=True)
                if run.mark:
                    dress(line.add_run(f"（{clean(run.mark)}）"), BODY, size)
            else:
                dress(line.add_run(clean(run)), BODY, size)

    def _number(
        self,
        line: Line,
        number: Number,
        size: float,
        colour: RGBColor | None = None,
        *,
        bold: bool = False,
        whole: bool = False,
    ) -> None:
        """A number between the marks that name it; `whole` where it stands in a line of text that may be broken."""
        ordinal = next(self.ordinals)
        begins, ends = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for mark in (begins, ends):
            mark.set(qn("w:id"), str(ordinal))
        begins.set(qn("w:name"), bookmark_name(ordinal, number.key))
        line._p.append(begins)
        dress(line.add_run(clean(number.text)), BODY, size, colour, bold=bold, whole=whole)
        line._p.append(ends)

    # -- the head and the foot -------------------------------------------------------------------------------------

    def _head(self) -> None:
        circular = self.circular
        size = head_size(circular.head)
        # 7.2.4: the upper edge of the red head is 35 mm below that of the text area.
        self._line(
            circular.head,
            font=TITLE,
            size=size,
            align=_CENTER,
            leading=size * 1.1,
            colour=RED,
            before=Mm(35).pt,
            after=56,
        )
        rule_below(self._line(circular.number, align=_CENTER, after=56))
        for text in circular.title.splitlines():
            self._line(text, font=TITLE, size=TWO, align=_CENTER, leading=36)
        if circular.period:
            self._line(f"（统计期间：{circular.period}）", font=KAITI, align=_CENTER)
        self._line("")
        if circular.addressees:
            self._line(f"{'、'.join(circular.addressees)}：")

    def _after_the_text(self) -> None:
        """Names of annexes, signature, day: in one piece, and on a page that holds something of the text."""
        circular, paper = self.circular, self.paper
        first = len(paper.paragraphs) - 1
        if circular.annexes:
            self._line("")
        for n, annex in enumerate(circular.annexes, 1):
            number = f"{n}." if len(circular.annexes) > 1 else ""
            line = self._line(f"附件：{number}{annex.title}" if n == 1 else f"{number}{annex.title}")
            # Two signs in from the edge, and every name below the first.
            line.paragraph_format.left_indent = Pt(THREE * 5)
            line.paragraph_format.first_line_indent = Pt(THREE * -3 if n == 1 else 0)
        self._line("")
        date = day_text(circular.issued_on)
        lines = [text for text in (circular.issuer, date, circular.seal) if text]
        # The name stands centred above the day, which ends four signs from the edge (7.3.5.1).
        block = max(width(clean(text)) for text in lines) / 2
        for text in lines:
            line = self._line(text, align=_CENTER)
            # Two signs of room on each side, for Word sets digits a little apart from Chinese.
            line.paragraph_format.right_indent = Pt(THREE * 2)
            line.paragraph_format.left_indent = Pt(max(Mm(_TEXT_WIDTH).pt - THREE * (block + 6), 0))
        if circular.remark:
            self._line(circular.remark).paragraph_format.left_indent = Pt(THREE * 2)
        for line in paper.paragraphs[max(first, 0) : -1]:
            line.paragraph_format.keep_with_next = True

    def _version(self) -> None:
        """The foot of the last page (版记): to whom copies go, who had it printed and when (7.4)."""
        circular = self.circular
        rows = []
        if circular.cc:
            rows.append((f"抄送：{'、'.join(circular.cc)}。", ""))
        if circular.printed_by:
            rows.append((circular.printed_by, f"{day_text(circular.printed_on)}印发"))
        if not rows:
            return
        for n, (left, right) in enumerate(rows):
            if n:
                # The thin rule between is a tab with a line under it: rules between paragraphs lose some programs the frame.
                run = self._at_the_foot(leading=5, edge=0).add_run("\t")
                dress(run, BODY, 8)
                run.font.underline = True
            line = self._at_the_foot(leading=24, edge=FOUR)
            dress(line.add_run(f"{clean(left)}\t{clean(right)}" if right else clean(left)), BODY, FOUR)
        # What is framed hangs on to the line after it.
        space(self.paper.add_paragraph(), 1)

    def _at_the_foot(self, *, leading: float, edge: float) -> Line:
        line = self.paper.add_paragraph()
        space(line, leading)
        shape = line.paragraph_format
        shape.left_indent = shape.right_indent = Pt(edge)
        shape.tab_stops.add_tab_stop(Pt(Mm(_TEXT_WIDTH).pt - edge), WD_TAB_ALIGNMENT.RIGHT)
        at_the_foot(line, Mm(_TEXT_WIDTH))
        return line

    # -- blocks ----------------------------------------------------------------------------------------------------

    def _blocks(self, blocks: Iterable[Placed]) -> None:
        for placed in blocks:
            block = placed.block
            match block:
                case Heading():
                    line = self.paper.add_paragraph(style=f"Heading {block.level}")
                    line.add_run(f"{placed.label}{clean(block.text)}")
                case Paragraph():
                    line = self._line("", align=_JUSTIFY)
                    line.paragraph_format.first_line_indent = Pt(THREE * 2)
                    self._runs(line, block.runs)
                case Note():
                    line = self._line("注：", size=10.5, leading=16, before=4, after=6)
                    self._runs(line, block.runs, 10.5)
                case Chart():
                    self._chart(block, placed.label)
                case FigureTable() | ListTable():
                    self._table(block, placed.label)

    def _caption(self, label: str, title: str, before: float) -> Line:
        return self._line(f"{label}　{title}", font=HEITI, size=12, align=_CENTER, leading=20, before=before, after=4)

    def _chart(self, chart: Chart, label: str) -> None:
        line = self.paper.add_paragraph()
        line.alignment = _CENTER
        single(line, before=10)
        line.paragraph_format.keep_with_next = True
        across = min(_PICTURE, _PICTURE / max(chart.proportion, 0.01))
        shape = line.add_run().add_picture(io.BytesIO(chart.png), width=Mm(across))
        properties = shape._inline.docPr
        properties.set("descr", spoken_text(chart))
        properties.set("title", clean(chart.title))
        if not chart.is_long:
            # Its numbers are told in the description: they take their places in the count.
            for run in chart.spoken:
                if isinstance(run, Number):
                    next(self.ordinals)
        self._caption(label, chart.title, 4).paragraph_format.keep_with_next = True
        self._line(chart.description, size=10.5, align=_CENTER, leading=16, after=6)

    def _table(self, table: Table, label: str) -> None:
        caption = self._caption(label, table.title, 10)
        caption.paragraph_format.keep_with_next = True
        if not table.rows:
            self._line(table.empty).paragraph_format.first_line_indent = Pt(THREE * 2)
            return
        measured = measure_of(table)
        grid = self.paper.add_table(rows=len(table.rows) + 1, cols=len(table.columns))
        grid.style, grid.alignment, grid.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
        narrow_cells(grid)
        for column, share in zip(grid.columns, measured.shares, strict=True):
            column.width = Mm(round(_TEXT_WIDTH * share, 2))
        # Asking the table for one row at a time would build all of them each time.
        rows = list(grid.rows)
        self._heads(rows[0], table.columns, measured)
        for row, filled in zip(rows[1:], table.rows, strict=True):
            _in_one_piece(row)
            for n, (cell, told, column) in enumerate(zip(row.cells, filled.cells, table.columns, strict=True)):
                self._cell(cell, told, column, measured, n, bold=filled.total)
        legend = legend_of(table)
        # Two tables with nothing between them would grow together.
        self._line(legend, size=10.5, leading=16 if legend else 8, before=4 if legend else 0, after=6 if legend else 0)

    def _heads(self, row: Any, columns: tuple[Column, ...], measured: Measure) -> None:
        """The head, said again on every page."""
        _in_one_piece(row)
        repeated = OxmlElement("w:tblHeader")
        row._tr.get_or_add_trPr().append(repeated)
        for cell, column, share in zip(row.cells, columns, measured.shares, strict=True):
            line = _in(cell, share, measured.size, _CENTER)
            line.paragraph_format.keep_with_next = True
            dress(line.add_run(clean(column.name)), HEITI, measured.size)

    def _cell(self, cell: Any, told: Cell, column: Column, measured: Measure, n: int, *, bold: bool) -> None:
        line = _in(cell, measured.shares[n], measured.size, _RIGHT if column.numeric and n else _LEFT)
        if not isinstance(told, Number):
            dress(line.add_run(clean(told)), BODY, measured.size, bold=bold)
            return
        colour = _GREY if told.mark else None
        self._number(line, told, measured.size, colour, bold=bold)
        if told.sign:
            dress(line.add_run(told.sign), BODY, measured.size, colour)
        for part in cell_lines(told, column)[1:]:
            below = cell.add_paragraph()
            below.alignment = line.alignment
            space(below, measured.size * 1.15)
            dress(below.add_run(part), BODY, round(measured.size * 0.85 * 2) / 2, _GREY)


def _in(cell: Any, share: float, size: float, align: WD_ALIGN_PARAGRAPH) -> Line:
    """The first line of a cell, ready to be written in."""
    of_cell, of_line = _shapes(Mm(round(_TEXT_WIDTH * share, 2)), size, align)
    if cell._tc.tcPr is not None:
        cell._tc.remove(cell._tc.tcPr)
    cell._tc.insert(0, deepcopy(of_cell))
    line: Line = cell.paragraphs[0]
    line._p.insert(0, deepcopy(of_line))
    return line


@lru_cache(maxsize=64)
def _shapes(across: int, size: float, align: WD_ALIGN_PARAGRAPH) -> tuple[Any, Any]:
    """How a cell and its line look; made once and copied, for a long table has thousands."""
    cell = Document().add_table(rows=1, cols=1).cell(0, 0)
    cell.width = Length(across)
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    line = cell.paragraphs[0]
    line.alignment = align
    space(line, size * 1.35)
    set_close(line)
    return cell._tc.tcPr, line._p.pPr


def _in_one_piece(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
