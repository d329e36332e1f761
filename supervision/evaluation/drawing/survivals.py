"""What share of cases is still open after so many days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from supervision.evaluation.drawing.palette import INK, LINES, QUIET, RULE
from supervision.evaluation.drawing.sheet import MARGIN, Box, Key, Sheet, head_height, new_sheet, shorten, write_head
from supervision.evaluation.drawing.values import Survival, SurvivalLine, Width, days_words
from supervision.evaluation.rules.durations import Curve, Step

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HEIGHT = {Width.PAGE: 210.0, Width.PRINT: 170.0}
_MOST = len(LINES)


def draw_survival(drawing: Survival, width: Width) -> Sheet:
    """The curves, their interval where there is only one, and below the axis how many were still open on a day.

    Refuses more groups than can be told apart.
    """
    lines = drawing.lines
    if len(lines) > _MOST:
        raise ValueError(f"no more than {_MOST} groups can be told apart")
    keys = [_key(n, line) for n, line in enumerate(lines)]
    head = head_height(width, drawing.note, keys)
    row = width.letters + 5
    sheet = new_sheet(width, head + _HEIGHT[width] + 46 + row * len(lines) + MARGIN)
    write_head(sheet, width, drawing.title, drawing.note, keys)
    plot = Box(92, head + 16, width.points - 92 - MARGIN - 12, _HEIGHT[width] - 16)
    axes = sheet.plot(plot)
    last = max([line.curve.last for line in lines] + [1])
    axes.set_xlim(0, last * 1.02)
    axes.set_ylim(0, 1.03)
    axes.set_yticks([0, 0.1, 0.25, 0.5, 0.75, 1])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:g}%")
    axes.locator_params(axis="x", integer=True, nbins=8)
    axes.axhline(0.5, color=QUIET, linewidth=0.9, linestyle=(0, (5, 3)))
    axes.axhline(0.1, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)))
    sheet.write(MARGIN, head + 5, "尚未办结的比例", color=QUIET, fontsize=width.letters - 1)
    for words, share in (("中位数", 0.5), ("九成办结", 0.1)):
        y = sheet.place_of(axes, 0, share)[1]
        sheet.write(MARGIN, y, words, color=QUIET, fontsize=width.letters - 1)
    for n, line in enumerate(lines):
        _curve(axes, line.curve, n, alone=len(lines) == 1)
    _still_open(sheet, axes, drawing, plot, row)
    _mark(sheet, drawing, plot, row)
    return sheet


def _key(n: int, line: SurvivalLine) -> Key:
    colour, kind, marker = LINES[n]
    median, ninetieth = days_words(line.curve.median), days_words(line.curve.ninetieth)
    look = {"color": colour, "linestyle": kind, "linewidth": 1.7, "marker": marker, "markersize": 4.5}
    return Key(f"{line.label}：中位数 {median}，九成办结 {ninetieth}", line=look)


def _curve(axes: Axes, curve: Curve, n: int, *, alone: bool) -> None:
    colour, kind, marker = LINES[n]
    days = [0, *(step.days for step in curve.steps), curve.last]
    shares = [1.0, *(step.open_share for step in curve.steps)]
    shares.append(shares[-1])
    if alone:
        lows, highs = _band(curve.steps)
        axes.fill_between(
            days,
            [1.0, *lows, lows[-1] if lows else 1.0],
            [1.0, *highs, highs[-1] if highs else 1.0],
            step="post",
            color=colour,
            alpha=0.15,
            linewidth=0,
        )
    axes.plot(days, shares, drawstyle="steps-post", color=colour, linestyle=kind, linewidth=1.7)
    # A short stroke on the curve for each day on which an open case was last seen; thinned where they would be a blot.
    open_days = _thinned([age for age, _ in curve.open_ages], axes.get_xlim()[1])
    at = [curve.open_share(day) for day in open_days]
    axes.plot(open_days, at, marker="|", markersize=6, markeredgecolor=colour, markeredgewidth=0.9, linestyle="none")
    for quantile, level in ((curve.median, 0.5), (curve.ninetieth, 0.1)):
        if quantile is not None:
            axes.plot([quantile, quantile], [0, level], color=colour, linewidth=0.8, linestyle=":")
            axes.plot([quantile], [level], marker=marker, markersize=5, color=colour, linestyle="none")


def _thinned(days: Sequence[int], room: float) -> list[int]:
    """Days at least a hundredth of the axis apart."""
    kept: list[int] = []
    for day in days:
        if not kept or day - kept[-1] >= room / 100:
            kept.append(day)
    return kept


def _band(steps: tuple[Step, ...]) -> tuple[list[float], list[float]]:
    lows, highs = [], []
    for step in steps:
        interval = step.interval()
        lows.append(interval.low if interval else step.open_share)
        highs.append(interval.high if interval else step.open_share)
    return lows, highs


def _still_open(sheet: Sheet, axes: Axes, drawing: Survival, plot: Box, row: float) -> None:
    """The table below the axis: of how many a curve speaks, day by day. Where it speaks of few, it says little."""
    size = sheet.letters - 1
    sheet.write(plot.right, plot.bottom + 24, drawing.since, ha="right", color=QUIET, fontsize=size)
    top = plot.bottom + 38
    sheet.line([MARGIN, plot.right], [top - row / 2, top - row / 2], color=RULE)
    left, right = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if left <= tick <= right]
    sheet.write(MARGIN, plot.bottom + 24, "仍在办的件数", color=QUIET, fontsize=size)
    for n, line in enumerate(drawing.lines):
        y = top + n * row
        sheet.write(MARGIN, y, shorten(line.label, size, plot.left - MARGIN - 14), color=LINES[n][0], fontsize=size)
        for tick in ticks:
            x = sheet.place_of(axes, tick, 0)[0]
            sheet.write(x, y, str(line.curve.at_risk(int(tick))), ha="center", color=INK, fontsize=size)


def _mark(sheet: Sheet, drawing: Survival, plot: Box, row: float) -> None:
    for n, line in enumerate(drawing.lines):
        y = plot.bottom + 38 + n * row
        sheet.mark(Box(MARGIN, y - row / 2, plot.right - MARGIN, row), line.words, line.href)
