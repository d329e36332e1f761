"""What would be said otherwise now than in the last bulletin that went out, figure by figure and row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from supervision.bulletins.composing.numbers import ratio
from supervision.bulletins.composing.reading import Cell, Material
from supervision.bulletins.papers.document import (
    Block,
    Column,
    FigureTable,
    ListTable,
    Note,
    Paragraph,
    Row,
    counted,
)
from supervision.evaluation.queries import Adjusted
from supervision.evaluation.queries.comparing import Period

# Rows of these are named by the number of a matter or an order, which says something only to who may open it; a rating is
# not, as a unit that saw each would know where to ask who gave it, nor is anything restricted.
NAMED: Final = ("matters", "parts", "clocks", "orders", "disputes", "reviews", "transfers", "items")
ROWS_SHOWN: Final = 60


def adjusted_blocks(material: Material) -> Iterator[Block]:
    """The figures of the last bulletin that have been adjusted since it was issued, with the rows."""
    last = material.last
    if last is None or not material.adjusted:
        return
    yield Paragraph((f"{last.number}《{last.title}》签发以后，下列数据因补录、更正有调整；原通报不改。",))
    columns = (Column("单位与指标", numeric=False), Column("原通报", parts=True), Column("现为", parts=True))
    rows = []
    listed: list[Row] = []
    left = 0
    for one in material.adjusted:
        said, now = _cells(one)
        rows.append(Row((f"{one.unit}：{one.indicator.name}", ratio(said), ratio(now))))
        for row in _rows(one):
            if row is None or len(listed) >= ROWS_SHOWN:
                left += 1
            else:
                listed.append(row)
    yield FigureTable("签发后调整的数据", columns, tuple(rows))
    if listed:
        names = ("单位与指标", "变动", "编号", "名称")
        yield ListTable(
            "调整涉及的明细", tuple(Column(name, numeric=False) for name in names), tuple(listed), name="签发后调整"
        )
    if left:
        where = f"{material.unit.code}/{material.span.first}/{material.span.last}"
        yield Note(("另有 ", counted(f"adjusted.not_listed/{where}", left), " 行未列出。"))


def _cells(one: Adjusted) -> tuple[Cell, Cell]:
    """What was said and what would be; under keys of their own, for both are about the same figure."""
    period = Period(one.frozen.begins_on, one.frozen.ends_on)
    said = _Said(one.indicator, one.unit, period, one.said.numerator, one.said.denominator)
    now = _Now(one.indicator, one.unit, period, one.now.numerator, one.now.denominator)
    return said, now


class _Said(Cell):
    @property
    def key(self) -> str:
        return f"{super().key}/said"


class _Now(Cell):
    @property
    def key(self) -> str:
        return f"{super().key}/adjusted"


def _rows(one: Adjusted) -> Iterator[Row | None]:
    """The rows that came in or went, none for each that is not named."""
    what = f"{one.unit}：{one.indicator.name}"
    for change in one.changes:
        side = change.side.label
        for words, rows in (("新计入", change.came), ("不再计入", change.went)):
            for row in rows:
                # What an item of an outline asks for is somebody's own words about a case.
                title = "盯办提纲事项" if change.term.source == "items" else row.title
                yield Row((what, f"{words}{side}", row.name, title)) if change.term.source in NAMED else None
