"""The sheet a drawing is put on: one point is one unit, down is down, and letters are measured before they are set.

matplotlib is asked for only inside functions: the site starts without it and a process that draws nothing never loads
it. Its global state is not made for threads, so one drawing at a time: see `drawing_tools`.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.conf import settings

from supervision.evaluation.drawing.palette import INK, PAPER, QUIET, RULE
from supervision.evaluation.drawing.values import Width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT = "Noto Sans SC"

MARGIN = 8.0

_LOCK = Lock()

_STYLE: Any = {
    "figure.dpi": 72,
    "font.family": [FONT],
    "axes.unicode_minus": False,
    "text.parse_math": False,
    "hatch.linewidth": 0.7,
    "svg.fonttype": "none",
    # Ids come from the drawing's own content: the same figures give the same bytes.
    "svg.hashsalt": "dingban",
}


@lru_cache(maxsize=1)
def _load_font() -> None:
    # Where a service may not write at home, its list of fonts would be made anew at each start.
    os.environ.setdefault("MPLCONFIGDIR", str(settings.DATA_DIR / "matplotlib"))
    from matplotlib import font_manager  # import here: heavy
    from pylopdf_fonts_zh_cn import sans_path  # import here: heavy

    font_manager.fontManager.addfont(str(sans_path()))


@contextmanager
def drawing_tools() -> Iterator[None]:
    """The font and the style of our drawings, for one thread at a time; whatever is drawn is drawn inside."""
    with _LOCK:
        _load_font()
        import matplotlib  # import here: heavy

        with matplotlib.rc_context(_STYLE):
            yield


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of the sheet, in points from its upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that tells what it shows when pointed at, and leads to the rows behind it where there are any to see."""

    box: Box
    words: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend: words, and how its sample looks (arguments of a line, or of a patch)."""

    words: str
    line: dict[str, Any] | None = None
    patch: dict[str, Any] | None = None


@dataclass
class Sheet:
    """A figure being drawn, its overlay in points, and the marks put on it so far."""

    figure: Figure
    ink: Axes
    width: float
    height: float
    letters: float
    marks: list[Mark] = field(default_factory=list)

    def write(self, x: float, y: float, text: str, **how: Any) -> None:
        """Letters at a point: from the left, centred upon the line, in ink, unless told otherwise."""
        options: dict[str, Any] = {"ha": "left", "va": "center_baseline", "color": INK, "fontsize": self.letters}
        self.ink.text(x, y, text, **{**options, **how})

    def line(self, xs: Sequence[float], ys: Sequence[float], **how: Any) -> None:
        from matplotlib.lines import Line2D  # import here: heavy

        self.ink.add_line(Line2D(xs, ys, **{"color": RULE, "linewidth": 0.6, "solid_capstyle": "butt", **how}))

    def block(self, box: Box, **how: Any) -> None:
        from matplotlib.patches import Rectangle  # import here: heavy

        options: dict[str, Any] = {"linewidth": 0, "facecolor": PAPER}
        self.ink.add_patch(Rectangle((box.left, box.top), box.width, box.height, **{**options, **how}))

    def mark(self, box: Box, words: str, href: str = "") -> None:
        self.marks.append(Mark(box, words, href))

    def plot(self, box: Box) -> Axes:
        """Axes in a piece of the sheet: quiet lines, no frame above and to the right."""
        axes = self.figure.add_axes(
            (
                box.left / self.width,
                1 - box.bottom / self.height,
                box.width / self.width,
                box.height / self.height,
            )
        )
        axes.set_zorder(-1)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set_color(QUIET)
        axes.tick_params(colors=QUIET, labelsize=self.letters - 1, labelcolor=INK, length=3)
        axes.grid(axis="y", color=RULE, linewidth=0.5)
        axes.set_axisbelow(True)
        return axes

    def place_of(self, axes: Axes, x: float, y: float) -> tuple[float, float]:
        """Where a point of the axes lies on the sheet."""
        across, up = axes.transData.transform((x, y))
        return float(across), self.height - float(up)


def new_sheet(width: Width, height: float) -> Sheet:
    """A blank sheet of a width, so many points high, with an overlay whose unit is the point."""
    from matplotlib.figure import Figure  # import here: heavy

    figure = Figure(figsize=(width.points / 72, height / 72), dpi=72, facecolor=PAPER)
    ink = figure.add_axes((0, 0, 1, 1))
    ink.set_xlim(0, width.points)
    ink.set_ylim(height, 0)
    ink.set_axis_off()
    return Sheet(figure, ink, width.points, height, width.letters)


# -- letters -------------------------------------------------------------------------------------------------------


def measure(text: str, size: float) -> float:
    """How wide a text is, in points: a Chinese letter is as wide as high, others about six tenths."""
    return size * sum(1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.6 for letter in text)


def shorten(text: str, size: float, room: float) -> str:
    """As much of a text as there is room for; what is cut shows that it was."""
    if measure(text, size) <= room:
        return text
    while text and measure(text + "…", size) > room:
        text = text[:-1]
    return text + "…"


def wrap(text: str, size: float, room: float, *, lines: int = 2) -> list[str]:
    """A text in so many lines at most; a unit's name is broken where its parts end, if it has to be."""
    if measure(text, size) <= room or lines == 1:
        return [shorten(text, size, room)]
    cut = _break(text, size, room, room * (lines - 1))
    return [text[:cut], *wrap(text[cut:], size, room, lines=lines - 1)]


def _break(text: str, size: float, room: float, rest: float) -> int:
    """Where a line ends: after 局, 队, 所 and the like, where a reader does not stumble, and as near the middle as may be.

    The last letter is not left alone on its line, and a bracket does not end one.
    """
    fits = [
        place
        for place in range(1, len(text))
        if measure(text[:place], size) <= room and measure(text[place:], size) <= rest
    ]
    if not fits:
        full = [place for place in range(1, len(text)) if measure(text[:place], size) <= room]
        return max([place for place in full if text[place - 1] != "（"] or full, default=1)
    ends = [place for place in fits if text[place - 1] in "局队所区县市、，；。）" or text[place] == "（"]
    whole = [place for place in fits if text[place - 1] != "（" and text[place] not in "、，；。）"]
    middle = len(text) / 2
    return min(ends or whole or fits, key=lambda place: (abs(place - middle), place))


# -- head and legend -----------------------------------------------------------------------------------------------


def head_height(width: Width, note: str, keys: Sequence[Key] = ()) -> float:
    """How much the title, the note and the legend take from the top."""
    notes = len(_note_lines(note, width)) * (width.letters + 3)
    rows = len(_legend_rows(keys, width))
    return MARGIN + (width.letters + 9) + notes + rows * (width.letters + 6) + 6


def write_head(sheet: Sheet, width: Width, title: str, note: str, keys: Sequence[Key] = ()) -> None:
    size = width.letters
    y = MARGIN + (size + 3) / 2
    room = sheet.width - 2 * MARGIN
    sheet.write(MARGIN, y, shorten(title, size + 2.5, room), fontsize=size + 2.5)
    y += size + 6
    for line in _note_lines(note, width):
        sheet.write(MARGIN, y, line, color=QUIET, fontsize=size - 1)
        y += size + 3
    y += 2
    for row in _legend_rows(keys, width):
        x = MARGIN
        for key in row:
            _sample(sheet, key, x, y)
            sheet.write(x + _sample_width(key) + 4, y, key.words, fontsize=size - 0.5)
            x += _key_width(key, size)
        y += size + 6


_SAMPLE = 22.0
_GAP = 14.0


def _note_lines(note: str, width: Width) -> list[str]:
    return wrap(note, width.letters - 1, width.points - 2 * MARGIN, lines=3) if note else []


def _sample_width(key: Key) -> float:
    """A marker without a line needs less room than a line."""
    return 10.0 if key.line is not None and key.line.get("linestyle") == "none" else _SAMPLE


def _key_width(key: Key, size: float) -> float:
    return _sample_width(key) + 4 + measure(key.words, size - 0.5) + _GAP


def _legend_rows(keys: Sequence[Key], width: Width) -> list[list[Key]]:
    rows: list[list[Key]] = []
    room, used = width.points - 2 * MARGIN, 0.0
    for key in keys:
        needed = _key_width(key, width.letters)
        if not rows or used + needed - _GAP > room:
            rows.append([])
            used = 0.0
        rows[-1].append(key)
        used += needed
    return rows


def _sample(sheet: Sheet, key: Key, x: float, y: float) -> None:
    if key.patch is not None:
        sheet.block(Box(x, y - 4.5, _SAMPLE, 9), **key.patch)
    if key.line is not None:
        alone = key.line.get("linestyle") == "none"
        xs = [x + _sample_width(key) / 2] if alone else [x, x + _SAMPLE / 2, x + _SAMPLE]
        how = {**key.line} if alone else {**key.line, "markevery": [1]}
        sheet.line(xs, [y] * len(xs), **how)


# -- labels that keep out of each other's way ----------------------------------------------------------------------


def leader(x: float, y: float, box: Box) -> tuple[float, float] | None:
    """Where the line from a point to its label ends; None where the label is so near that it needs none."""
    near = min(max(x, box.left), box.right), min(max(y, box.top), box.bottom)
    return near if abs(near[0] - x) + abs(near[1] - y) > 12 else None


def along(x: float, y: float, to_x: float, to_y: float) -> list[Box]:
    """A line as small boxes, its first steps left out: it begins at a point that has its own."""
    parts = max(2, int((abs(to_x - x) + abs(to_y - y)) / 4))
    return [
        Box(x + (to_x - x) * n / parts - 1, y + (to_y - y) * n / parts - 1, 2, 2)
        for n in range(1, parts + 1)
        if abs(to_x - x) * n / parts + abs(to_y - y) * n / parts > 8
    ]


def find_room(
    x: float, y: float, words: str, size: float, within: Box, taken: Sequence[Box], *, crossing: bool = False
) -> Box | None:
    """A place for a label near a point, to the right, left, above or below it, nearer before farther; None if crowded.

    The label does not lie on what is taken, nor does the line that leads to it, unless it may be `crossing`.
    """
    wide, high = measure(words, size) + 2, size + 3
    for far in (0.0, 12.0, 24.0, 38.0, 54.0, 72.0, 92.0):
        places = (
            (x + 7 + far, y - high / 2),
            (x - 7 - far - wide, y - high / 2),
            (x + 5, y - 6 - far - high),
            (x + 5, y + 6 + far),
            (x - 5 - wide, y - 6 - far - high),
            (x - 5 - wide, y + 6 + far),
            (x - wide / 2, y - 8 - far - high),
            (x - wide / 2, y + 8 + far),
        )
        for left, top in places:
            box = Box(left, top, wide, high)
            inside = (
                box.left >= within.left
                and box.right <= within.right
                and box.top >= within.top
                and box.bottom <= within.bottom
            )
            if not inside or any(box.meets(other) for other in taken):
                continue
            end = leader(x, y, box)
            if crossing or end is None or not any(part.meets(other) for part in along(x, y, *end) for other in taken):
                return box
    return None
