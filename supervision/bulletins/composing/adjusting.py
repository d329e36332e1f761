"""What would be said otherwise now than in the last bulletin that went out, figure by figure and row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from supervision.bulletins.composing.numbers import ratio
from supervision.bulletins.composing.reading import Cell, Material
from supervision.bulletins.models import Bulletin
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
from supervision.evaluation.models import Side
from supervision.evaluation.queries import Adjusted
from supervision.evaluation.queries.comparing import Period
from supervision.evaluation.queries.showing import ShownRow

# Rows of these are named by the number of a matter or an order, which says something only to who may open it; a rating is
# not, as a unit that saw each would know where to ask who gave it, nor is anything restricted.
NAMED: Final = ("matters", "parts", "clocks", "orders", "disputes", "reviews", "transfers", "items")
ROWS_SHOWN: Final = 60


def adjusted_blocks(material: Material) -> Iterator[Block]:
    """The figures of the last bulletin that have been adjusted since it was issued, with the rows; then those of earlier
    ones that are others than was told last."""
    last = material.last
    if last is not None:
        moved = [one for one in material.adjusted if one.said != one.now or any(_moves(one))]
        yield from _blocks_of(material, last, moved, "签发后调整")
    for earlier, found in material.older:
        yield from _blocks_of(material, earlier, found, f"{earlier.number}调整")


def _blocks_of(material: Material, told: Bulletin, adjusted: Sequence[Adjusted], name: str) -> Iterator[Block]:
    columns = (Column("单位与指标", numeric=False), Column("原通报", parts=True), Column("现为", parts=True))
    rows = []
    listed: list[Row] = []
    left = 0
    moves = {one.frozen.pk: list(_moves(one)) for one in adjusted}
    # What lies below is listed there, and not once more for the whole.
    below = {move.what for one in adjusted if one.unit != material.unit for move in moves[one.frozen.pk]}
    for one in adjusted:
        said, now = _cells(one)
        rows.append(Row((f"{one.unit}：{one.indicator.name}", ratio(said), ratio(now))))
        for move in moves[one.frozen.pk]:
            if one.unit == material.unit and move.what in below:
                continue
            if move.source not in NAMED or len(listed) >= ROWS_SHOWN:
                left += 1
            else:
                listed.append(Row((f"{one.unit}：{one.indicator.name}", move.words, move.row.name, move.title)))
    if not rows:
        return
    yield Paragraph((f"{told.number}《{told.title}》签发以后，下列数据因补录、更正有调整；原通报不改。",))
    yield FigureTable("签发后调整的数据", columns, tuple(rows))
    if listed:
        names = ("单位与指标", "变动", "编号", "名称")
        yield ListTable(
            "调整涉及的明细", tuple(Column(name, numeric=False) for name in names), tuple(listed), name=name
        )
    if left:
        where = f"{material.unit.code}/{told.span.first}/{told.span.last}"
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


@dataclass(frozen=True, slots=True)
class _Move:
    """A row that came into a side of an indicator since, or left it."""

    indicator: int
    side: Side
    came: bool
    source: str
    row: ShownRow

    @property
    def what(self) -> tuple[int, Side, bool, str, int]:
        """The same for the unit it hangs on and for all above it."""
        return (self.indicator, self.side, self.came, self.source, self.row.key)

    @property
    def words(self) -> str:
        return f"{'新计入' if self.came else '不再计入'}{self.side.label}"

    @property
    def title(self) -> str:
        # What an item of an outline asks for is somebody's own words about a case.
        return "盯办提纲事项" if self.source == "items" else self.row.title


def _moves(one: Adjusted) -> Iterator[_Move]:
    """The rows by which a figure differs. One that is counted on the same side for another reason has not moved."""
    moves = [
        _Move(one.indicator.pk, Side(change.side), came, change.term.source, row)
        for change in one.changes
        for came, rows in ((True, change.came), (False, change.went))
        for row in rows
    ]
    places = {move.what for move in moves}
    for move in moves:
        if (move.indicator, move.side, not move.came, move.source, move.row.key) not in places:
            yield move
