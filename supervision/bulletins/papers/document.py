"""A circular (通报) as its four papers are made of it: what stands in it, in order, and every number with its key.

Pure: no Django, no file. Nothing is formatted here; `html`, `word`, `pdf` and `excel` each write the same blocks. A number
is never typed into a text: it is a `Number`, made of what it was counted from, and so can be read back from each paper.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from itertools import count
from typing import Final

from supervision.bulletins.papers.lettering import Measure, clean, measure, numeral
from supervision.evaluation.rates import MINIMUM_DENOMINATOR, NONE

# Why a percentage of few is grey.
SMALL: Final = "基数小（分母不足 {minimum}），仅供参考，不作比较"
# Stands after a number that has a mark.
SIGN: Final = "*"
# A drawing of more marks tells its data in a table below it; a reader aloud of a longer text would be lost.
DATA_SPOKEN: Final = 40

NEGATIVE = "件数、分子、分母不能为负"
NO_KEY = "每个数字都要有编号"
NOT_A_PICTURE = "图必须是 PNG"
UNEVEN = "表的每一行要与表头一样多格"
NO_COLUMNS = "表要有表头"
CONTRADICTION = "同一个数字前后不一：{key}"
NO_SUCH_LEVEL = "标题只有四级"
HALF_A_RATIO = "分子、分母要同时给出"
_PNG: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written, with the key of the figure it tells and what it was counted from.

    Made by `counted`, `rated`, `changed` or `withheld`. `mark` says in words why it is grey; `link` leads to the rows
    behind it, in HTML only.
    """

    key: str
    text: str
    value: int | Decimal | None = None
    numerator: int | None = None
    denominator: int | None = None
    decimals: int = 0
    mark: str = ""
    link: str = ""

    def __post_init__(self) -> None:
        if not self.key.strip():
            raise ValueError(NO_KEY)
        if (self.numerator is None) != (self.denominator is None):
            raise ValueError(HALF_A_RATIO)

    @property
    def is_ratio(self) -> bool:
        return self.denominator is not None

    @property
    def parts(self) -> str:
        """Both numbers of a ratio, 103/153; empty for any other number."""
        return f"{self.numerator}/{self.denominator}" if self.is_ratio else ""

    @property
    def sign(self) -> str:
        return SIGN if self.mark else ""


def counted(key: str, number: int, *, mark: str = "", link: str = "") -> Number:
    """A count. Refuses one below nought: a difference is `changed`."""
    if number < 0:
        raise ValueError(NEGATIVE)
    return Number(key, str(number), number, mark=mark, link=link)


def rated(
    key: str,
    numerator: int,
    denominator: int,
    *,
    decimals: int = 2,
    minimum: int = MINIMUM_DENOMINATOR,
    mark: str = "",
    link: str = "",
) -> Number:
    """A percentage of two counts, cut off after `decimals` and never rounded; — of nothing, grey below `minimum`."""
    if numerator < 0 or denominator < 0:
        raise ValueError(NEGATIVE)
    if not denominator:
        return Number(key, NONE, None, numerator, denominator, decimals, mark, link)
    scaled = numerator * 10 ** (decimals + 2) // denominator
    value = Decimal(scaled).scaleb(-decimals)
    if not mark and denominator < minimum:
        mark = SMALL.format(minimum=minimum)
    return Number(key, f"{value:.{decimals}f}%", value, numerator, denominator, decimals, mark, link)


def changed(key: str, difference: Decimal | int, *, decimals: int = 2, mark: str = "", link: str = "") -> Number:
    """A change, with its sign, cut off towards nought; 0 has none."""
    step = Decimal(1).scaleb(-decimals)
    value = Decimal(difference).quantize(step, rounding=ROUND_DOWN) + 0
    return Number(
        key,
        f"{value:+.{decimals}f}" if value else f"{abs(value):.{decimals}f}",
        value,
        None,
        None,
        decimals,
        mark,
        link,
    )


def withheld(key: str, words: str, *, link: str = "") -> Number:
    """A number that may not be told, and the words that stand for it."""
    return Number(key, words, link=link)


Run = str | Number
Cell = str | Number


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; its numbering 一、（一）1.（1） comes of where it stands."""

    level: int
    text: str

    def __post_init__(self) -> None:
        if self.level not in (1, 2, 3, 4):
            raise ValueError(NO_SUCH_LEVEL)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of texts and numbers."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph in small type: how something was counted."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head. `parts`: below each percentage its two numbers. `numeric`: set to the right, never broken."""

    name: str
    numeric: bool = True
    parts: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; the first cell says what it is about. `total`: it sums the others."""

    cells: tuple[Cell, ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures, named in its caption. `empty` stands there when it has no row."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str = "本期没有数据。"

    def __post_init__(self) -> None:
        _even(self.columns, [row.cells for row in self.rows])


@dataclass(frozen=True, slots=True)
class ListTable:
    """A list, one row a matter; in Excel it is a sheet of its own, called `name`. `empty` stands there without rows."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    name: str = ""
    empty: str = "本期没有需要列出的事项。"

    def __post_init__(self) -> None:
        _even(self.columns, [row.cells for row in self.rows])


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing in both forms, with what it shows in words, and its data: whoever cannot see it reads them."""

    title: str
    description: str
    svg: str
    png: bytes
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        if not self.png.startswith(_PNG) or len(self.png) < 24:
            raise ValueError(NOT_A_PICTURE)
        _even(self.columns, [row.cells for row in self.rows])

    @property
    def proportion(self) -> float:
        """Height by width."""
        across, down = struct.unpack(">II", self.png[16:24])
        return float(down / across)

    @property
    def name(self) -> str:
        """The same picture has the same name, here and in the next circular."""
        return hashlib.sha256(self.png).hexdigest()[:16]

    @property
    def is_long(self) -> bool:
        """Its data stand in a table below it."""
        return len(self.rows) > DATA_SPOKEN

    @property
    def spoken(self) -> tuple[Run, ...]:
        """What stands for the picture where it is not seen: title, description, and its data unless they are long."""
        said: list[Run] = [f"{self.title}。{self.description}"]
        if self.is_long:
            return (*said, "数据见图后的表。")
        for row in self.rows:
            for n, (column, cell) in enumerate(zip(self.columns, row.cells, strict=True)):
                said += [cell] if n == 0 else [f"，{column.name} " if n > 1 else f"：{column.name} ", cell]
                if isinstance(cell, Number) and column.parts and cell.is_ratio:
                    said.append(f"（{cell.parts}）")
            said.append("；")
        return tuple(said)

    @property
    def table(self) -> FigureTable:
        """Its data as a table."""
        return FigureTable(f"{self.title}（图中数据）", self.columns, self.rows)


Block = Heading | Paragraph | Note | FigureTable | ListTable | Chart
Table = FigureTable | ListTable


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex (附件), on a page of its own."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A block where it stands, with what it is numbered: 一、 for a heading, 表1 for a table, 图1 for a chart."""

    block: Block
    label: str = ""


@dataclass(frozen=True, slots=True)
class Circular:
    """A whole circular.

    `head` is the red head (发文机关标志), `number` the 发文字号, `issuer` signs. A line feed in `title` is where its line
    ends on paper. Not issued yet (`issued_on` is None): a draft, and every page says so. `composed_on` is the local day
    its figures were put together, and dates the files. Refuses one figure told in two ways.
    """

    head: str
    number: str
    title: str
    period: str
    addressees: tuple[str, ...]
    blocks: tuple[Block, ...]
    issuer: str
    composed_on: date
    issued_on: date | None = None
    annexes: tuple[Annex, ...] = ()
    headline: str = ""
    seal: str = ""
    remark: str = ""
    cc: tuple[str, ...] = ()
    printed_by: str = ""
    printed_on: date | None = None

    def __post_init__(self) -> None:
        said: dict[str, Number] = {}
        for number in self.numbers():
            first = said.setdefault(number.key, number)
            if (first.text, first.value, first.parts) != (number.text, number.value, number.parts):
                raise ValueError(CONTRADICTION.format(key=number.key))

    @property
    def draft(self) -> bool:
        return self.issued_on is None

    @property
    def full_title(self) -> str:
        """The title on one line."""
        return clean("".join(self.title.splitlines()))

    @property
    def body(self) -> tuple[Placed, ...]:
        return self._placed()[0]

    @property
    def annexed(self) -> tuple[tuple[Annex, tuple[Placed, ...]], ...]:
        """The annexes with their blocks placed; tables and charts are numbered on from the body's."""
        return tuple(zip(self.annexes, self._placed()[1:], strict=True))

    def annex_label(self, n: int) -> str:
        """What the `n`-th annex, from 1, is called; the only one has no number (GB/T 9704-2012, 7.3.4)."""
        return f"附件{n}" if len(self.annexes) > 1 else "附件"

    def _placed(self) -> list[tuple[Placed, ...]]:
        tables, charts = count(1), count(1)
        parts = [self.blocks, *(annex.blocks for annex in self.annexes)]
        return [tuple(_place(part, tables, charts)) for part in parts]

    def everything(self) -> Iterator[Placed]:
        """Every block, the annexes' after the body's."""
        for part in self._placed():
            yield from part

    def numbers(self) -> Iterator[Number]:
        """Every number in the order in which it is read; one that is told twice comes twice."""
        for block in (*self.blocks, *(block for annex in self.annexes for block in annex.blocks)):
            for run in runs_of(block):
                if isinstance(run, Number):
                    yield run


def runs_of(block: Block) -> Iterable[Run]:
    """What a block says, in reading order, without captions and heads of columns."""
    match block:
        case Heading():
            return (block.text,)
        case Paragraph() | Note():
            return block.runs
        case Chart():
            return block.spoken if not block.is_long else (*block.spoken, *_cells(block.rows))
        case FigureTable() | ListTable():
            return _cells(block.rows)


def said(run: Run) -> str:
    """A run of a text as it is written; a number with a mark says in brackets why."""
    if isinstance(run, str):
        return clean(run)
    return f"{clean(run.text)}（{clean(run.mark)}）" if run.mark else clean(run.text)


def spoken_text(chart: Chart) -> str:
    """What stands for the picture, as one text."""
    return "".join(said(run) for run in chart.spoken)


def cell_lines(cell: Cell, column: Column) -> tuple[str, ...]:
    """A cell as it is written: the text or number with its sign, and below it the two numbers of a percentage."""
    if isinstance(cell, str):
        return (clean(cell),)
    lines = (f"{clean(cell.text)}{cell.sign}",)
    return (*lines, cell.parts) if column.parts and cell.is_ratio else lines


def legend_of(table: Table | Chart) -> str:
    """What the signs of a table mean; empty where it has none."""
    marks = dict.fromkeys(cell.mark for cell in _cells(table.rows) if isinstance(cell, Number) and cell.mark)
    return f"注：带 {SIGN} 的{'；'.join(clean(mark) for mark in marks)}。" if marks else ""


def measure_of(table: Table) -> Measure:
    """How the table is set between the margins."""
    columns = table.columns
    return measure(
        [clean(column.name) for column in columns],
        (
            ["\n".join(cell_lines(cell, column)) for cell, column in zip(row.cells, columns, strict=True)]
            for row in table.rows
        ),
        [column.numeric for column in columns],
    )


def _cells(rows: Iterable[Row]) -> tuple[Cell, ...]:
    return tuple(cell for row in rows for cell in row.cells)


def _even(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    if not columns:
        raise ValueError(NO_COLUMNS)
    if any(len(row) != len(columns) for row in rows):
        raise ValueError(UNEVEN)


def _place(blocks: Iterable[Block], tables: Iterator[int], charts: Iterator[int]) -> Iterator[Placed]:
    above = [0, 0, 0, 0]
    for block in blocks:
        match block:
            case Heading():
                above = [*above[: block.level - 1], above[block.level - 1] + 1, *[0] * (4 - block.level)]
                yield Placed(block, _numbering(block.level, above[block.level - 1]))
            case FigureTable() | ListTable():
                yield Placed(block, f"表{next(tables)}")
            case Chart():
                yield Placed(block, f"图{next(charts)}")
                if block.is_long:
                    yield Placed(block.table, f"表{next(tables)}")
            case Paragraph() | Note():
                yield Placed(block)


def _numbering(level: int, number: int) -> str:
    """GB/T 9704-2012, 7.3.3: 一、 then （一） then 1. then （1）."""
    return (f"{numeral(number)}、", f"（{numeral(number)}）", f"{number}.", f"（{number}）")[level - 1]
