"""Units by size and rate, between the control limits of their bureau."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from supervision.evaluation.drawing.palette import BLUE, GREY, INK, ORANGE, PAPER, QUIET, SKY, VERMILION
from supervision.evaluation.drawing.sheet import (
    MARGIN,
    Box,
    Key,
    Sheet,
    along,
    find_room,
    head_height,
    leader,
    new_sheet,
    shorten,
    write_head,
)
from supervision.evaluation.drawing.values import FunnelPlot, Width
from supervision.evaluation.rules.funnel import Band, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HEIGHT = {Width.PAGE: 300.0, Width.PRINT: 230.0}

# How many places along the axis the limits are reckoned at, and how many units are named in the picture at most.
_PLACES = 80
_NAMED = 14

# When the largest unit is so many times the smallest, sizes are drawn by their logarithm.
_FAR_APART = 30

_TARGET: dict[str, Any] = {"color": INK, "linewidth": 1.2, "linestyle": "-"}
_LIMIT_95: dict[str, Any] = {"color": BLUE, "linewidth": 1.0, "linestyle": "--"}
_LIMIT_998: dict[str, Any] = {"color": BLUE, "linewidth": 1.4, "linestyle": "-."}
_WITHIN: dict[str, Any] = {
    "marker": "o",
    "markersize": 5,
    "markerfacecolor": SKY,
    "markeredgecolor": BLUE,
    "linestyle": "none",
}
_FEW: dict[str, Any] = {"marker": "x", "markersize": 4.5, "markeredgecolor": GREY, "linestyle": "none"}


def _outside(band: Band, above: bool) -> dict[str, Any]:
    """Above points up, below points down; hollow beyond 95 %, filled beyond 99.8 %."""
    colour = VERMILION if band is Band.BEYOND_998 else ORANGE
    fill = colour if band is Band.BEYOND_998 else PAPER
    size = 8 if band is Band.BEYOND_998 else 7
    return {
        "marker": "^" if above else "v",
        "markersize": size,
        "markerfacecolor": fill,
        "markeredgecolor": VERMILION,
        "linestyle": "none",
    }


def draw_funnel(drawing: FunnelPlot, width: Width) -> Sheet:
    keys = _keys(drawing)
    note = _note(drawing)
    head = head_height(width, note, keys)
    sheet = new_sheet(width, head + _HEIGHT[width] + 40)
    write_head(sheet, width, drawing.title, note, keys)
    plot = Box(48, head, width.points - 48 - MARGIN - 6, _HEIGHT[width])
    axes = sheet.plot(plot)
    _scale(axes, drawing)
    runs = _curves(axes, drawing)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:g}%")
    sheet.write(plot.right, plot.bottom + 28, drawing.size, ha="right", color=QUIET, fontsize=width.letters - 0.5)
    for standing in sorted(drawing.funnel.standings, key=lambda s: (s.band, s.count.key)):
        axes.plot([standing.count.denominator], [standing.count.share], clip_on=False, **_look(standing))
    _name(sheet, axes, drawing, plot, _line_boxes(sheet, axes, runs))
    return sheet


def _look(standing: Standing) -> dict[str, Any]:
    if not standing.compared:
        return dict(_FEW)
    return _outside(standing.band, standing.above) if standing.band is not Band.WITHIN else dict(_WITHIN)


def _note(drawing: FunnelPlot) -> str:
    parts = [drawing.note] if drawing.note else []
    if drawing.funnel.over_dispersed:
        parts.append(
            f"各单位的差异大于偶然（离散系数 {drawing.funnel.phi:.2f}），控制限已放宽到 {drawing.funnel.inflation:.2f} 倍。"
        )
    return "；".join(parts)


def _keys(drawing: FunnelPlot) -> list[Key]:
    keys = [
        Key(f"整体 {drawing.target_text}", line=_TARGET),
        Key("95% 控制限", line=_LIMIT_95),
        Key("99.8% 控制限", line=_LIMIT_998),
    ]
    standings = drawing.funnel.standings
    if any(s.compared and s.band is Band.WITHIN for s in standings):
        keys.append(Key("限内", line=dict(_WITHIN)))
    for band, words in ((Band.BEYOND_95, "95% 限外"), (Band.BEYOND_998, "99.8% 限外")):
        sides = {s.above for s in standings if s.band is band}
        keys += [
            Key(f"{words}（{'偏高' if above else '偏低'}）", line=_outside(band, above))
            for above in (True, False)
            if above in sides
        ]
    if any(not s.compared for s in standings):
        keys.append(Key("数量过少，不比较", line=dict(_FEW)))
    return keys


def _scale(axes: Axes, drawing: FunnelPlot) -> None:
    """Both axes so that every unit is on the sheet; the limits of the smallest may run out of it."""
    standings = drawing.funnel.standings
    sizes = [s.count.denominator for s in standings]
    shares = [s.count.share for s in standings] + [drawing.funnel.target]
    largest, smallest = max(sizes), min(sizes)
    if largest > _FAR_APART * smallest:
        axes.set_xscale("log")
        axes.set_xlim(max(smallest * 0.8, 0.8), largest * 1.25)
        sizes_told = [step * 10**power for power in range(8) for step in (1, 2, 5)]
        axes.set_xticks([n for n in sizes_told if smallest * 0.8 <= n <= largest * 1.25])
        axes.set_xticks([], minor=True)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    else:
        axes.set_xlim(0, largest * 1.06)
    compared = [s.limits for s in standings if s.compared]
    shares += [limits.low_95 for limits in compared] + [limits.high_95 for limits in compared]
    low, high = min(shares), max(shares)
    room = max((high - low) * 0.08, 0.01)
    # A marker on the edge is drawn whole: the axis goes a little past nought and one.
    axes.set_ylim(max(-0.015 * (high - low), low - room), min(1 + 0.015 * (high - low), high + room))


def _curves(axes: Axes, drawing: FunnelPlot) -> list[tuple[list[float], list[float]]]:
    """Draws the rate of all and the limits around it; gives back where they run, for the names to keep clear of."""
    funnel = drawing.funnel
    left, right = axes.get_xlim()
    first = max(1, int(left) + (left > int(left)))
    last = max(first, int(right))
    # By their ratio: the limits bend where units are small.
    steps = [first * (last / first) ** (n / (_PLACES - 1)) for n in range(_PLACES)]
    sizes = [float(size) for size in sorted({round(step) for step in steps})]
    limits = [funnel.limits_at(int(size)) for size in sizes]
    runs = [
        ([left, right], [funnel.target, funnel.target], _TARGET),
        (sizes, [limit.low_95 for limit in limits], _LIMIT_95),
        (sizes, [limit.high_95 for limit in limits], _LIMIT_95),
        (sizes, [limit.low_998 for limit in limits], _LIMIT_998),
        (sizes, [limit.high_998 for limit in limits], _LIMIT_998),
    ]
    for xs, ys, look in runs:
        axes.plot(xs, ys, **look)
    return [(xs, ys) for xs, ys, _ in runs]


def _name(sheet: Sheet, axes: Axes, drawing: FunnelPlot, plot: Box, lines: Sequence[Box]) -> None:
    """Every unit can be pointed at; those outside are named, the farthest first, each in a place of its own."""
    names = {name.key: name for name in drawing.names}
    standings = drawing.funnel.standings
    places = {s.count.key: sheet.place_of(axes, s.count.denominator, s.count.share) for s in standings}
    taken = [Box(x - 5, y - 5, 10, 10) for x, y in places.values()]
    labels: list[Box] = []
    within = Box(plot.left, plot.top - 6, plot.width + MARGIN, plot.height + 6)
    size = sheet.letters - 0.5
    outside = drawing.funnel.outside()
    for standing in outside[:_NAMED]:
        x, y = places[standing.count.key]
        words = shorten(names[standing.count.key].name, size, 130)
        own = [other for other in taken if not other.meets(Box(x - 1, y - 1, 2, 2))]
        # Clear of the limits if it can be, across them if it must; the farthest out are named in any crowd.
        box = (
            find_room(x, y, words, size, within, [*own, *lines])
            or find_room(x, y, words, size, within, own)
            or find_room(x, y, words, size, within, own, crossing=True)
        )
        if box is None and standing.band is Band.BEYOND_998:
            box = find_room(x, y, words, size, within, labels, crossing=True)
        if box is None:
            continue
        labels.append(box)
        taken.append(box)
        if (end := leader(x, y, box)) is not None:
            taken += along(x, y, *end)
            sheet.line([x, end[0]], [y, end[1]], color=QUIET, linewidth=0.6)
        pad = {"boxstyle": "square,pad=0.05", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.85}
        sheet.write(box.left + 1, box.top + box.height / 2, words, fontsize=size, bbox=pad)
    if unnamed := len(outside) - len(labels):
        words = f"限外单位另有 {unnamed} 个，图上没有位置注名。"
        sheet.write(plot.left, plot.bottom + 28, words, color=QUIET, fontsize=size)
    # Those within first, so that the ones outside lie on top where they crowd.
    for standing in sorted(standings, key=lambda s: (s.band, s.count.key)):
        name = names[standing.count.key]
        x, y = places[standing.count.key]
        counts = f"{standing.count.numerator}/{standing.count.denominator}"
        sheet.mark(Box(x - 7, y - 7, 14, 14), f"{name.name} {name.text}（{counts}），{_words(standing)}", name.href)


def _line_boxes(sheet: Sheet, axes: Axes, runs: Sequence[tuple[list[float], list[float]]]) -> list[Box]:
    """The rate of all and the limits as small boxes, closer than a label is high."""
    boxes = []
    for xs, ys in runs:
        places = [sheet.place_of(axes, x, y) for x, y in zip(xs, ys, strict=True)]
        for (x, y), (to_x, to_y) in pairwise(places):
            boxes += along(x, y, to_x, to_y) or [Box(x - 1, y - 1, 2, 2)]
    return boxes


def _words(standing: Standing) -> str:
    if not standing.compared:
        return "数量过少，不比较"
    if standing.band is Band.WITHIN:
        return "在控制限以内"
    limit = "99.8%" if standing.band is Band.BEYOND_998 else "95%"
    return f"{'高于' if standing.above else '低于'} {limit} 控制限"
