"""A circular in Excel: its figures with live percentages, a sheet for each list, and a register of every number.

A percentage is a formula of its two counts, cut off and not rounded, with the value it has now written beside it, so that
a program that does not calculate shows it too. What somebody wrote is a text cell that stays a text when it is edited.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from itertools import count
from typing import Any, Final

from supervision.bulletins.papers.document import (
    Cell,
    Chart,
    Circular,
    FigureTable,
    Heading,
    ListTable,
    Number,
    Placed,
    Table,
    legend_of,
    runs_of,
    spoken_text,
)
from supervision.bulletins.papers.lettering import clean, day_text, width
from supervision.bulletins.papers.plain import DRAFT_WORDS
from supervision.evaluation.rates import NONE

ABOUT: Final = "说明"
FIGURES: Final = "数据"
REGISTER: Final = "数字"
PICTURES: Final = "图"
_REGISTER_HEADS: Final = ("序号", "编号", "所在", "文中写法", "数值", "分子", "分母", "说明")
_WIDEST: Final = 48
# What Excel holds in a cell, and in the name of a sheet.
_CELL_HOLDS: Final = 32_767
_NAME_HOLDS: Final = 31
_EXPLAINED: Final = (
    "“数据”“数字”两页的百分比是公式：分子除以分母，截取而不四舍五入。改动分子、分母，百分比随之改变。",
    "“数字”页列出通报正文、图、表中的每一个数字，顺序与正文相同。",
)


class Kind(StrEnum):
    """What of a column stands in a column of Excel, and what its head adds."""

    ITSELF = ""
    NUMERATOR = "（分子）"
    DENOMINATOR = "（分母）"
    WORDS = "（说明）"


def excel_paper(circular: Circular) -> bytes:
    """The circular as an .xlsx file; the same circular gives the same bytes."""
    import xlsxwriter  # only who prints needs it

    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": circular.full_title[:255],
            "author": clean(circular.issuer)[:255],
            "created": datetime.combine(circular.composed_on, time()),
        }
    )
    _Writer(circular, book).write()
    book.close()
    return written.getvalue()


@dataclass
class _Writer:
    """One circular on its way into a workbook. `homes`: the cell in which each number of a table stands."""

    circular: Circular
    book: Any
    formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)
    homes: list[tuple[str, ...] | None] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def write(self) -> None:
        circular = self.circular
        about = self._sheet(ABOUT)
        figures, register = self._sheet(FIGURES), self._sheet(REGISTER)
        lists = self._figures(figures)
        self._register(register)
        self._pictures()
        self._about(about, lists)
        if circular.draft:
            for sheet in self.book.worksheets():
                sheet.set_header(f"&R{DRAFT_WORDS}")
        about.activate()

    def _format(self, **wanted: Any) -> Any:
        """One format for all cells that look alike."""
        wanted = {"font_name": "宋体", "font_size": 11, "valign": "vcenter", **wanted}
        key = tuple(sorted(wanted.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(wanted)
        return self.formats[key]

    def _sheet(self, name: str) -> Any:
        """A sheet of A4, as wide as one page, numbered at its foot."""
        sheet = self.book.add_worksheet(self._name(name))
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.8)
        sheet.set_footer("&C第 &P 页，共 &N 页")
        sheet.hide_gridlines(2)
        return sheet

    def _name(self, wanted: str) -> str:
        """A name that Excel takes and no other sheet has."""
        name = (
            "".join("·" if sign in "[]:*?/\\" else sign for sign in clean(wanted)).strip("' ")[:_NAME_HOLDS] or "清单"
        )
        if name.casefold() == "history":
            name = f"{name}·"
        for n in count(2):
            if name.casefold() not in self.names:
                break
            name = f"{name[: _NAME_HOLDS - 4].rstrip('·23456789')}·{n}"
        self.names.add(name.casefold())
        return name

    # -- cells -----------------------------------------------------------------------------------------------------

    def _text(self, sheet: Any, row: int, column: int, text: str, **looks: Any) -> None:
        """A text, whatever it begins with; the quote keeps it one when somebody edits it."""
        if clean(text).startswith(("=", "+", "-", "@")):
            looks["quote_prefix"] = True
        if clean(text):
            sheet.write_string(row, column, clean(text)[:_CELL_HOLDS], self._format(**looks))
        else:
            sheet.write_blank(row, column, None, self._format(**looks))

    def _number(
        self, sheet: Any, row: int, column: int, number: Number, parts: tuple[str, str] | None, **looks: Any
    ) -> None:
        """A number as a number: a percentage as the formula of the cells `parts`; words where it may not be told."""
        if number.mark:
            looks["font_color"] = "#595959"
        looks["align"] = "right"
        if number.is_ratio and parts is not None:
            look = self._format(num_format=_shown_as(number), **looks)
            sheet.write_formula(row, column, _cut_off(*parts, number.decimals), look, _value(number))
        elif number.value is not None:
            sheet.write_number(row, column, _value(number), self._format(num_format=_shown_as(number), **looks))
        else:
            self._text(sheet, row, column, number.text, **looks)

    # -- the sheets ------------------------------------------------------------------------------------------------

    def _about(self, sheet: Any, lists: list[tuple[str, str]]) -> None:
        circular = self.circular
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 90)
        rows = [
            ("标题", circular.full_title),
            ("发文机关", circular.issuer),
            ("文号", circular.number),
            ("统计期间", circular.period),
            ("主送", "、".join(circular.addressees)),
            ("抄送", "、".join(circular.cc)),
            ("成文日期", DRAFT_WORDS if circular.draft else day_text(circular.issued_on)),
            ("数据编制", day_text(circular.composed_on)),
            *(("读法", text) for text in _EXPLAINED),
        ]
        at = count()
        for name, text in rows:
            row = next(at)
            self._text(sheet, row, 0, name, bold=True, valign="top")
            self._text(sheet, row, 1, text, text_wrap=True, valign="top", **({"bold": True} if row == 0 else {}))
        next(at)
        for name, title in lists:
            row = next(at)
            self._text(sheet, row, 0, "表", bold=True)
            target = f"internal:'{name.replace(chr(39), chr(39) * 2)}'!A1"
            sheet.write_url(
                row, 1, target, self._format(font_color="#0b57d0", underline=1), f"{clean(title)[:200]}（{name}）"
            )
        sheet.set_landscape()

    def _figures(self, sheet: Any) -> list[tuple[str, str]]:
        """Every table of figures below the other, every list on a sheet of its own; which stands where."""
        where: list[tuple[str, str]] = []
        at = 0
        widths: dict[int, int] = {}
        # Headings are said where a table of figures follows below them.
        above: list[Placed] = []
        # What is told in a long chart is told in the table below it, once.
        for placed in self.circular.everything():
            block = placed.block
            match block:
                case Heading():
                    above = [*(one for one in above if _level(one) < block.level), placed]
                case ListTable():
                    own = self._sheet(block.name or block.title)
                    where.append((own.get_name(), f"{placed.label}　{block.title}"))
                    measured: dict[int, int] = {}
                    self._table(own, 0, placed, block, measured)
                    _set_widths(own, measured)
                    own.freeze_panes(2, 1)
                    own.repeat_rows(0, 1)
                    own.set_landscape()
                case FigureTable():
                    where.append((FIGURES, f"{placed.label}　{block.title}"))
                    at = self._table(sheet, self._headings(sheet, at, above), placed, block, widths) + 1
                    above = []
                case Chart():
                    if block.is_long:
                        self.homes += [None] * _numbers_in(block.spoken)
                    else:
                        where.append((FIGURES, f"{placed.label}　{block.title}"))
                        at = self._table(sheet, self._headings(sheet, at, above), placed, block.table, widths) + 1
                        above = []
                case _:
                    self.homes += [None] * _numbers_in(runs_of(block))
        _set_widths(sheet, widths)
        sheet.freeze_panes(0, 1)
        sheet.set_landscape()
        return where

    def _headings(self, sheet: Any, at: int, headings: list[Placed]) -> int:
        for row, placed in enumerate(headings, at):
            if isinstance(heading := placed.block, Heading):
                self._text(sheet, row, 0, f"{placed.label}{heading.text}", bold=True, font_size=14 - heading.level)
        return at + len(headings)

    def _table(self, sheet: Any, at: int, placed: Placed, table: Table, widths: dict[int, int]) -> int:
        """A table from row `at` on; the row after it. Beside a column of percentages stand their counts and words."""
        spread = list(_spread(table))
        self._text(sheet, at, 0, f"{placed.label}　{table.title}", bold=True)
        row = at + 1
        for across, (of, kind) in enumerate(spread):
            name = f"{table.columns[of].name}{kind}"
            self._text(
                sheet, row, across, name, bold=True, align="center", text_wrap=True, border=1, bg_color="#EDEDED"
            )
            # A head may stand on two lines; the words of a mark want room.
            least = 28 if kind is Kind.WORDS else min(-(-width(clean(name)) // 2) + 4, 24)
            widths[across] = max(widths.get(across, 8), least)
        sheet.set_row(row, 32)
        for filled in table.rows:
            row += 1
            looks: dict[str, Any] = {"border": 1, **({"bold": True} if filled.total else {})}
            for across, (of, kind) in enumerate(spread):
                cell = filled.cells[of]
                if kind is Kind.ITSELF:
                    shown = self._itself(sheet, row, across, cell, looks)
                    widths[across] = max(widths.get(across, 8), min(width(shown) + 3, _WIDEST))
                else:
                    self._beside(sheet, row, across, cell, kind, looks)
        if not table.rows:
            row += 1
            self._text(sheet, row, 0, table.empty)
        if legend := legend_of(table):
            row += 1
            self._text(sheet, row, 0, legend, font_size=9)
        return row + 1

    def _itself(self, sheet: Any, row: int, across: int, cell: Cell, looks: dict[str, Any]) -> str:
        """A cell of a table as it stands in the circular; what it shows."""
        if isinstance(cell, str):
            self._text(sheet, row, across, cell, text_wrap=True, **looks)
            return clean(cell)
        # What stands at home: the value, and for a percentage its two counts beside it.
        quoted = sheet.get_name().replace("'", "''")
        addresses = [_address(row, across + n) for n in range(3 if cell.is_ratio else 1)]
        self.homes.append(tuple(f"'{quoted}'!{address}" for address in addresses))
        self._number(sheet, row, across, cell, (addresses[1], addresses[2]) if cell.is_ratio else None, **looks)
        return clean(cell.text)

    def _beside(self, sheet: Any, row: int, across: int, cell: Cell, kind: Kind, looks: dict[str, Any]) -> None:
        number = cell if isinstance(cell, Number) else None
        if kind is Kind.WORDS:
            self._text(sheet, row, across, number.mark if number else "", **looks, font_size=9, text_wrap=True)
        elif number is not None and number.numerator is not None and number.denominator is not None:
            part = number.numerator if kind is Kind.NUMERATOR else number.denominator
            sheet.write_number(row, across, part, self._format(**looks))
        else:
            self._text(sheet, row, across, "", **looks)

    def _register(self, sheet: Any) -> None:
        """Every number in the order of the text, with its key; those of tables point to where they stand."""
        for across, (head, wide) in enumerate(zip(_REGISTER_HEADS, (6, 30, 28, 16, 12, 10, 10, 40), strict=True)):
            sheet.set_column(across, across, wide)
            self._text(sheet, 0, across, head, bold=True, align="center", border=1, bg_color="#EDEDED")
        for row, (number, (home, place)) in enumerate(
            zip(self.circular.numbers(), zip(self.homes, self._places(), strict=True), strict=True), 1
        ):
            sheet.write_number(row, 0, row, self._format(border=1))
            for across, text in ((1, number.key), (2, place), (3, number.text), (7, number.mark)):
                self._text(sheet, row, across, text, border=1)
            for across, part in ((5, number.numerator), (6, number.denominator)):
                if part is None:
                    self._text(sheet, row, across, "", border=1)
                elif home is not None:
                    sheet.write_formula(row, across, f"={home[across - 4]}", self._format(border=1), part)
                else:
                    sheet.write_number(row, across, part, self._format(border=1))
            if home is None or (number.value is None and not number.is_ratio):
                parts = (_address(row, 5), _address(row, 6)) if number.is_ratio else None
                self._number(sheet, row, 4, number, parts, border=1)
            else:
                self._reference(sheet, row, number, home[0])
        sheet.freeze_panes(1, 2)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(len(self.homes), 1), len(_REGISTER_HEADS) - 1)
        sheet.set_landscape()

    def _reference(self, sheet: Any, row: int, number: Number, home: str) -> None:
        """What stands in the table, whatever becomes of it."""
        look = self._format(num_format=_shown_as(number), align="right", border=1)
        sheet.write_formula(row, 4, f"={home}", look, _value(number))

    def _places(self) -> Iterator[str]:
        """Where each number is told: a heading and a paragraph, a table and a row."""
        heading = "文首"
        for placed in self.circular.everything():
            block = placed.block
            match block:
                case Heading():
                    heading = f"{placed.label}{block.text}"
                case FigureTable() | ListTable():
                    for row in block.rows:
                        first = row.cells[0] if isinstance(row.cells[0], str) else row.cells[0].text
                        yield from (f"{placed.label} {first}" for cell in row.cells if isinstance(cell, Number))
                case Chart():
                    yield from (placed.label for _ in range(_numbers_in(block.spoken)))
                case _:
                    yield from (heading for _ in range(_numbers_in(runs_of(block))))

    def _pictures(self) -> None:
        """The charts, one below the other."""
        charts = [
            (placed.label, placed.block) for placed in self.circular.everything() if isinstance(placed.block, Chart)
        ]
        if not charts:
            return
        sheet, row = self._sheet(PICTURES), 0
        sheet.set_column(0, 0, 90)
        for label, chart in charts:
            self._text(sheet, row, 0, f"{label}　{chart.title}", bold=True)
            self._text(sheet, row + 1, 0, chart.description, text_wrap=True)
            across = int.from_bytes(chart.png[16:20], "big")
            scale = 600 / across
            sheet.insert_image(
                row + 2,
                0,
                f"{chart.name}.png",
                {
                    "image_data": io.BytesIO(chart.png),
                    "x_scale": scale,
                    "y_scale": scale,
                    "description": spoken_text(chart),
                },
            )
            row += 5 + int(600 * chart.proportion / 20)


def _spread(table: Table) -> Iterator[tuple[int, Kind]]:
    """The columns as they stand in Excel: beside one of percentages its counts; at the end the words of marks."""
    marked = []
    for n in range(len(table.columns)):
        numbers = [cell for row in table.rows if isinstance(cell := row.cells[n], Number)]
        yield n, Kind.ITSELF
        if any(number.is_ratio for number in numbers):
            yield n, Kind.NUMERATOR
            yield n, Kind.DENOMINATOR
        if any(number.mark for number in numbers):
            marked.append(n)
    yield from ((n, Kind.WORDS) for n in marked)


def _level(placed: Placed) -> int:
    return placed.block.level if isinstance(placed.block, Heading) else 0


def _shown_as(number: Number) -> str:
    """How Excel shows a number: with its decimals, a percentage as one, a change with its sign."""
    shown = f"0.{'0' * number.decimals}" if number.decimals else "0"
    if number.is_ratio:
        return f"{shown}%"
    return f"+{shown};-{shown};{shown}" if number.text.startswith(("+", "-")) else shown


def _value(number: Number) -> float | str:
    """A number as Excel holds it, a percentage as a share of one; — of nothing."""
    if number.value is None:
        return NONE
    return float(number.value / 100 if number.is_ratio else number.value)


def _numbers_in(runs: Iterable[Cell]) -> int:
    return sum(isinstance(run, Number) for run in runs)


def _address(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell  # only who prints needs it

    return str(xl_rowcol_to_cell(row, column))


def _cut_off(numerator: str, denominator: str, decimals: int) -> str:
    """The formula of a percentage: whole numbers are divided once, so nothing is lost before it is cut off."""
    scale = Decimal(10) ** (decimals + 2)
    return f'=IF({denominator}=0,"{NONE}",INT({numerator}*{scale}/{denominator})/{scale})'


def _set_widths(sheet: Any, widths: dict[int, int]) -> None:
    for across, wide in widths.items():
        sheet.set_column(across, across, wide)
