"""A trend line with its interval, and the same periods of the year before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from supervision.evaluation.drawing.palette import BLUE, BLUE_TINT, GREY, PAPER, QUIET
from supervision.evaluation.drawing.sheet import (
    MARGIN,
    Box,
    Key,
    Sheet,
    find_room,
    head_height,
    measure,
    new_sheet,
    write_head,
)
from supervision.evaluation.drawing.values import Trend, TrendPoint, Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PREVIOUS: dict[str, Any] = {"color": QUIET, "linewidth": 1.2, "linestyle": "--", "marker": ".", "markersize": 4}
_HEIGHT = {Width.PAGE: 200.0, Width.PRINT: 165.0}


def draw_trend(drawing: Trend, width: Width) -> Sheet:
    keys = _keys(drawing)
    head = head_height(width, drawing.note, keys)
    sheet = new_sheet(width, head + _HEIGHT[width] + 26)
    write_head(sheet, width, drawing.title, drawing.note, keys)
    points = drawing.points
    # The last value is written to the right of its point.
    beside = measure(points[-1].text, width.letters) if points else 0.0
    plot = Box(48, head + 6, width.points - 48 - MARGIN - beside, _HEIGHT[width] - 6)
    axes = sheet.plot(plot)
    low, high = value_range(drawing)
    axes.set_ylim(low, high)
    axes.set_xlim(-0.5, max(len(points), 1) - 0.5)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}{drawing.unit}")
    axes.locator_params(axis="y", nbins=6)
    _ticks(axes, points, width, plot.width)

    for run in _runs([point.low is not None and point.high is not None for point in points]):
        lows = [points[n].low or 0.0 for n in run]
        highs = [points[n].high or 0.0 for n in run]
        axes.fill_between(run, lows, highs, color=BLUE_TINT, linewidth=0)
        # In grey the tint is pale: its edges are drawn.
        for border in (lows, highs):
            axes.plot(run, border, color=BLUE, linewidth=0.6, linestyle=":")
        if len(run) == 1:
            # A period alone spans no area.
            axes.plot([*run, *run], [*lows, *highs], color=BLUE, linewidth=1.0, linestyle=":")
    previous = drawing.previous[: len(points)]
    for run in _runs([value is not None for value in previous]):
        axes.plot(run, [previous[n] or 0.0 for n in run], **_PREVIOUS)
    for run in _runs([point.value is not None for point in points]):
        axes.plot(run, [points[n].value or 0.0 for n in run], color=BLUE, linewidth=1.8)
    for n, point in enumerate(points):
        if point.value is not None:
            fill, edge = (PAPER, GREY) if point.grey else (BLUE, BLUE)
            axes.plot([n], [point.value], marker="o", markersize=5, markerfacecolor=fill, markeredgecolor=edge)
    _mark(sheet, axes, drawing, plot)
    return sheet


def value_range(drawing: Trend) -> tuple[float, float]:
    """From a little below the lowest to a little above the highest; a share of a whole is not drawn past its ends.

    The wide interval of a period with few cases runs off the sheet rather than flatten all others.
    """
    told = [point.value for point in drawing.points if point.value is not None]
    told += [v for point in drawing.points if not point.grey for v in (point.low, point.high) if v is not None]
    told += [v for v in drawing.previous if v is not None]
    if not told:
        return 0.0, 100.0 if drawing.unit == "%" else 1.0
    low, high = min(told), max(told)
    room = (high - low) * 0.08 or max(abs(high) * 0.05, 1.0)
    bottom = max(0.0, low - room) if low >= 0 else low - room
    top = high + room
    if drawing.unit == "%" and high <= 100:
        top = min(top, 100 + (100 - bottom) * 0.02)
    return bottom, top


def _keys(drawing: Trend) -> list[Key]:
    line = {"color": BLUE, "linewidth": 1.8, "marker": "o", "markersize": 5}
    keys = [Key(drawing.series, line=line)]
    if any(point.low is not None for point in drawing.points):
        tint = {"facecolor": BLUE_TINT, "edgecolor": BLUE, "linewidth": 0.6, "linestyle": ":"}
        keys.append(Key("95% 置信区间", patch=tint))
    if any(value is not None for value in drawing.previous):
        keys.append(Key(drawing.previous_series, line=_PREVIOUS))
    if any(point.grey for point in drawing.points):
        hollow = {
            "marker": "o",
            "markersize": 5,
            "markerfacecolor": PAPER,
            "markeredgecolor": GREY,
            "linestyle": "none",
        }
        keys.append(Key("数量过少，仅供参考", line=hollow))
    return keys


def _runs(has: Sequence[bool]) -> list[list[int]]:
    """Neighbours that have a value: a line does not leap over a period without one."""
    runs: list[list[int]] = []
    for n, told in enumerate(has):
        if told:
            if runs and runs[-1][-1] == n - 1:
                runs[-1].append(n)
            else:
                runs.append([n])
    return runs


def _ticks(axes: Axes, points: Sequence[TrendPoint], width: Width, room: float) -> None:
    """As many names below the axis as fit side by side, counted from the last."""
    widest = max((measure(point.tick, width.letters - 1) for point in points), default=0.0) + 8
    every = max(1, -(-int(widest * len(points)) // int(room)))
    places = list(range(len(points) - 1, -1, -every))[::-1]
    axes.set_xticks(places, [points[n].tick for n in places])


def _mark(sheet: Sheet, axes: Axes, drawing: Trend, plot: Box) -> None:
    """Each period is a strip one can point at; the last one's value is written beside its point."""
    points = drawing.points
    step = plot.width / max(len(points), 1)
    for n, point in enumerate(points):
        sheet.mark(Box(plot.left + n * step, plot.top, step, plot.height + 16), point.words, point.href)
    told = [n for n, point in enumerate(points) if point.value is not None]
    if not told:
        sheet.write(
            plot.left + plot.width / 2, plot.top + plot.height / 2, "这段时间没有数据", ha="center", color=QUIET
        )
        return
    dots = []
    for n in told:
        x, y = sheet.place_of(axes, n, points[n].value or 0.0)
        dots.append(Box(x - 4, y - 4, 8, 8))
    # Lines run between the points: their neighbourhood is taken too.
    taken = list(dots)
    for a, b in pairwise(dots):
        for part in range(1, 8):
            share = part / 8
            taken.append(Box(a.left + (b.left - a.left) * share, a.top + (b.top - a.top) * share, 8, 8))
    x, y = sheet.place_of(axes, told[-1], points[told[-1]].value or 0.0)
    text = points[told[-1]].text
    within = Box(plot.left, plot.top - 6, sheet.width - plot.left, plot.height + 6)
    box = find_room(x, y, text, sheet.letters, within, taken)
    if box is not None:
        pad = {"boxstyle": "square,pad=0.1", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.8}
        sheet.write(box.left + 1, box.top + box.height / 2, text, color=BLUE, bbox=pad)
