"""Drawings that are rows: bars with their counts, units against indicators, and the lights of limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from supervision.evaluation.drawing import palette
from supervision.evaluation.drawing.palette import BLUE, GREEN, GREY, INK, ORANGE, PAPER, QUIET, RULE, VERMILION, YELLOW
from supervision.evaluation.drawing.sheet import (
    MARGIN,
    Box,
    Key,
    Sheet,
    head_height,
    measure,
    new_sheet,
    shorten,
    wrap,
    write_head,
)
from supervision.evaluation.drawing.values import (
    LIGHTS,
    Bar,
    Bars,
    HeatCell,
    HeatTable,
    Lights,
    Shade,
    Width,
    light_words,
)

# -- bars ----------------------------------------------------------------------------------------------------------

_BAR = 12.0
_WHISKER: dict[str, Any] = {"color": INK, "linewidth": 0.9}
_REFERENCE: dict[str, Any] = {"color": INK, "linewidth": 1.1, "linestyle": "--"}
_PLAIN: dict[str, Any] = {"facecolor": palette.BLUE_DEEP, "edgecolor": BLUE, "linewidth": 0.6}
_FEW: dict[str, Any] = {"facecolor": palette.GREY_TINT, "edgecolor": GREY, "linewidth": 0.6, "hatch": "////"}


def draw_bars(drawing: Bars, width: Width) -> Sheet:
    """One bar a row from nought; value and counts stand in a column of their own, where no bar reaches."""
    size = width.letters
    names = _name_column([bar.label for bar in drawing.bars], size, width)
    told = max([measure(_bar_text(bar), size - 0.5) for bar in drawing.bars] + [40.0])
    keys = _bar_keys(drawing)
    head = head_height(width, drawing.note, keys)
    high = 2 * size + 8
    sheet = new_sheet(width, head + high * max(len(drawing.bars), 1) + MARGIN)
    write_head(sheet, width, drawing.title, drawing.note, keys)
    field = Box(MARGIN + names + 8, head, width.points - 3 * MARGIN - names - 8 - told, high * len(drawing.bars))
    most = max([v for b in drawing.bars for v in (b.value, b.high) if v is not None] + [drawing.reference or 0.0, 1e-9])

    def across(value: float) -> float:
        return field.left + field.width * value / most

    sheet.line([field.left, field.left], [field.top, field.bottom], color=QUIET, linewidth=0.8)
    for n, bar in enumerate(drawing.bars):
        y = field.top + (n + 0.5) * high
        _row_name(sheet, bar.label, y, names)
        if bar.value is not None and bar.value > 0:
            look = _FEW if bar.grey else _PLAIN
            sheet.block(Box(field.left, y - _BAR / 2, across(bar.value) - field.left, _BAR), **look)
        if bar.low is not None and bar.high is not None:
            sheet.line([across(bar.low), across(bar.high)], [y, y], **_WHISKER)
            for end in (bar.low, bar.high):
                sheet.line([across(end), across(end)], [y - 3, y + 3], **_WHISKER)
        colour = QUIET if bar.grey else INK
        sheet.write(width.points - MARGIN, y, _bar_text(bar), ha="right", color=colour, fontsize=size - 0.5)
        sheet.mark(Box(MARGIN, y - high / 2, width.points - 2 * MARGIN, high), bar.words, bar.href)
    if drawing.reference is not None:
        sheet.line([across(drawing.reference)] * 2, [field.top, field.bottom], **_REFERENCE)
    return sheet


def _bar_text(bar: Bar) -> str:
    return f"{bar.text}（{bar.counts}）" if bar.counts else bar.text


def _bar_keys(drawing: Bars) -> list[Key]:
    keys = []
    if drawing.reference is not None:
        keys.append(Key(drawing.reference_text, line=_REFERENCE))
    if any(bar.low is not None for bar in drawing.bars):
        keys.append(Key("95% 置信区间", line={**_WHISKER, "marker": "|", "markersize": 6}))
    if any(bar.grey for bar in drawing.bars):
        keys.append(Key("数量过少，不参加比较", patch=_FEW))
    return keys


# -- heat ----------------------------------------------------------------------------------------------------------

_SHADES: dict[Shade, dict[str, Any]] = {
    Shade.FAR_BETTER: {"facecolor": palette.BLUE_DEEP},
    Shade.BETTER: {"facecolor": palette.BLUE_TINT},
    Shade.USUAL: {"facecolor": PAPER},
    Shade.WORSE: {"facecolor": palette.RED_TINT},
    Shade.FAR_WORSE: {"facecolor": palette.RED_DEEP},
    Shade.NOT_COMPARED: {"facecolor": palette.GREY_TINT},
}


def draw_heat(drawing: HeatTable, width: Width) -> Sheet:
    """A table of which every cell tells its figure; the shade and a sign say how it compares with the whole."""
    size = width.letters
    names = _name_column([row.label for row in drawing.rows], size, width)
    columns = max(len(drawing.columns), 1)
    wide = (width.points - 2 * MARGIN - names - 8) / columns
    titles = [wrap(column, size - 0.5, wide - 6, lines=4) for column in drawing.columns]
    top = max([len(lines) for lines in titles] + [1]) * (size + 2) + 8
    keys = _shade_keys(drawing)
    head = head_height(width, drawing.note, keys)
    told = [[_cell_lines(cell, wide - 4, size) for cell in row.cells] for row in drawing.rows]
    high = max([_lines_height(lines) for row in told for lines in row] + [2 * size]) + 10
    sheet = new_sheet(width, head + top + high * max(len(drawing.rows), 1) + MARGIN)
    write_head(sheet, width, drawing.title, drawing.note, keys)
    left = MARGIN + names + 8
    for place, lines in enumerate(titles):
        _lines(sheet, lines, left + (place + 0.5) * wide, head + top / 2, size - 0.5, ha="center")
    for n, row in enumerate(drawing.rows):
        y = head + top + n * high
        _row_name(sheet, row.label, y + high / 2, names)
        for place, cell in enumerate(row.cells):
            box = Box(left + place * wide, y, wide, high)
            sheet.block(box, **_SHADES[cell.shade], edgecolor=RULE, linewidth=0.6)
            _write_cell(sheet, told[n][place], box)
            sheet.mark(box, drawing.cell_words(row, place), cell.href)
    return sheet


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float
    colour: str


def _cell_lines(cell: HeatCell, room: float, size: float) -> list[_Line]:
    """The figure, its sign and its counts: side by side where there is room, below each other where there is not."""
    colour = QUIET if cell.shade is Shade.NOT_COMPARED else INK
    sign = cell.shade.sign
    if measure(f"{cell.text} {sign}", size) <= room:
        lines = [_Line(f"{cell.text} {sign}".strip(), size, colour)]
    else:
        lines = [_Line(text, size - 0.5, colour) for text in wrap(cell.text, size - 0.5, room)]
        lines += [_Line(sign, size - 1, colour)] if sign else []
    if cell.counts:
        lines.append(_Line(shorten(cell.counts, size - 2, room), size - 2, colour))
    return lines


def _lines_height(lines: Sequence[_Line]) -> float:
    return sum(line.size + 2.5 for line in lines)


def _write_cell(sheet: Sheet, lines: Sequence[_Line], box: Box) -> None:
    y = box.top + (box.height - _lines_height(lines)) / 2
    for line in lines:
        middle = y + (line.size + 2.5) / 2
        sheet.write(box.left + box.width / 2, middle, line.text, ha="center", color=line.colour, fontsize=line.size)
        y += line.size + 2.5


def _shade_keys(drawing: HeatTable) -> list[Key]:
    used = {cell.shade for row in drawing.rows for cell in row.cells}
    edge = {"edgecolor": RULE, "linewidth": 0.6}
    return [
        Key(f"{shade.sign} {shade.words}".strip(), patch={**_SHADES[shade], **edge}) for shade in Shade if shade in used
    ]


# -- lights --------------------------------------------------------------------------------------------------------

# A circle, a triangle, a diamond, a square: the four are told apart without any colour.
_LIGHTS = (("o", GREEN), ("^", YELLOW), ("D", ORANGE), ("s", VERMILION))


def draw_lights(drawing: Lights, width: Width) -> Sheet:
    """A row a limit, a light a level: lit where any clock stands there, an outline where none does."""
    size = width.letters
    names = _name_column([row.label for row in drawing.rows], size, width, most=0.42)
    head = head_height(width, drawing.note)
    high = 2 * size + 8
    top = size + 12
    sheet = new_sheet(width, head + top + high * max(len(drawing.rows), 1) + MARGIN)
    write_head(sheet, width, drawing.title, drawing.note)
    left = MARGIN + names + 8
    wide = (width.points - MARGIN - left) / len(LIGHTS)
    for place, name in enumerate(LIGHTS):
        sheet.write(left + place * wide + 12, head + top / 2, name, color=QUIET, fontsize=size - 0.5)
    for n, row in enumerate(drawing.rows):
        y = head + top + n * high
        sheet.line([MARGIN, width.points - MARGIN], [y, y])
        _row_name(sheet, row.label, y + high / 2, names)
        for place, (light, (shape, colour)) in enumerate(zip(row.lights, _LIGHTS, strict=True)):
            x = left + place * wide + 18
            fill, edge = (colour, INK) if light.count else (PAPER, RULE)
            look = {"marker": shape, "markersize": 9, "markerfacecolor": fill, "markeredgecolor": edge}
            sheet.line([x], [y + high / 2], linestyle="none", markeredgewidth=0.8, **look)
            sheet.write(x + 12, y + high / 2, f"{light.count:,}", color=INK if light.count else QUIET)
            words = f"{row.label} {light_words(row)[place]}"
            sheet.mark(Box(left + place * wide, y, wide, high), words, light.href)
    return sheet


# -- rows ----------------------------------------------------------------------------------------------------------


def _name_column(labels: Sequence[str], size: float, width: Width, *, most: float = 0.3) -> float:
    """As wide as the widest name, up to a part of the sheet; longer ones take two lines."""
    widest = max([measure(label, size) for label in labels] + [measure("单位", size)])
    return min(widest, width.points * most)


def _row_name(sheet: Sheet, label: str, y: float, room: float) -> None:
    _lines(sheet, wrap(label, sheet.letters, room + 0.5), MARGIN, y, sheet.letters)


def _lines(sheet: Sheet, lines: Sequence[str], x: float, y: float, size: float, **how: Any) -> None:
    """Lines of letters, centred together upon a height."""
    first = y - (len(lines) - 1) * (size + 2) / 2
    for n, line in enumerate(lines):
        sheet.write(x, first + n * (size + 2), line, fontsize=size, **how)
