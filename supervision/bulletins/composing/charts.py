"""The drawings of a circular; each shows nothing that does not stand in its data beside it."""

from __future__ import annotations

from collections.abc import Sequence

from supervision.bulletins.composing.numbers import ratio
from supervision.bulletins.composing.reading import Cell, Material
from supervision.bulletins.composing.standing import Around
from supervision.bulletins.papers.document import Chart, Column, Row
from supervision.evaluation.drawing.rendering import png, svg
from supervision.evaluation.drawing.values import Bar, Bars, Drawing, FunnelPlot, UnitName
from supervision.evaluation.queries.comparing import wilson


def bars_of(material: Material, code: str) -> Chart | None:
    """The units right below by one indicator, with its interval; none where there is nothing to show."""
    whole = next((one.now for one in material.of(code) if one.now is not None), None)
    cells = [cell for cell in material.below.get(code, {}).values() if cell.denominator]
    if whole is None or len(cells) < 2:
        return None
    drawing = Bars(
        title=f"{whole.indicator.name}（按单位）",
        note=f"{material.span.name}，横线为 95% 置信区间，斜线的基数小",
        bars=[_bar(cell) for cell in cells],
        reference=None if whole.value is None else float(whole.value),
        reference_text=f"整体 {ratio(whole).text}",
    )
    return _chart(drawing, "带 * 的基数小，不作比较。", cells)


def funnel_of(material: Material, around: Around) -> Chart:
    """The units around the whole with the limits of chance."""
    whole = ratio(around.whole).text
    drawing = FunnelPlot(
        title=f"{around.indicator.name}（漏斗图）",
        note=f"{material.span.name}，控制限为 95% 与 99.8%",
        funnel=around.funnel,
        names=[UnitName(code, str(cell.unit), ratio(cell).text) for code, cell in around.cells.items()],
        size="分母",
        target_text=whole,
    )
    cells = [cell for cell in around.cells.values() if cell.denominator]
    return _chart(drawing, "控制限以外的单位才注名。", cells)


def _bar(cell: Cell) -> Bar:
    interval = wilson(cell.numerator, cell.denominator) if cell.numerator <= cell.denominator else None
    return Bar(
        label=str(cell.unit),
        value=None if cell.value is None else float(cell.value),
        text=ratio(cell).text,
        counts=f"{cell.numerator}/{cell.denominator}",
        low=None if interval is None else interval.low * 100,
        high=None if interval is None else interval.high * 100,
        grey=cell.grey,
    )


def _chart(drawing: Drawing, description: str, cells: Sequence[Cell]) -> Chart:
    return Chart(
        title=drawing.title,
        description=description,
        svg=svg(drawing),
        png=png(drawing),
        columns=(Column("单位", numeric=False), Column(cells[0].indicator.name, parts=True)),
        rows=tuple(Row((str(cell.unit), ratio(cell))) for cell in cells),
    )
