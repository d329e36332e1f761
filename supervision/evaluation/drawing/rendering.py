"""A drawing as the SVG of a page and as the PNG of a letter, each made once and kept by the digest of its figures."""

import hashlib
import io
from collections.abc import Callable
from typing import Any

from django.core.cache import cache

from supervision.evaluation.drawing.funnels import draw_funnel
from supervision.evaluation.drawing.markup import to_page
from supervision.evaluation.drawing.sheet import Sheet, drawing_tools
from supervision.evaluation.drawing.survivals import draw_survival
from supervision.evaluation.drawing.tables import draw_bars, draw_heat, draw_lights
from supervision.evaluation.drawing.trends import draw_trend
from supervision.evaluation.drawing.values import (
    Bars,
    Drawing,
    FunnelPlot,
    HeatTable,
    Lights,
    Survival,
    Trend,
    Width,
)

# To be raised whenever the same figures are to look different.
LOOK = 1

KEPT_SECONDS = 24 * 60 * 60

# Sharp enough for a printed page, small enough for a letter.
DOTS_PER_INCH = 200

_DRAWERS: dict[type[Drawing], Callable[[Any, Width], Sheet]] = {
    Trend: draw_trend,
    FunnelPlot: draw_funnel,
    Bars: draw_bars,
    HeatTable: draw_heat,
    Survival: draw_survival,
    Lights: draw_lights,
}


def svg(drawing: Drawing, *, width: Width = Width.PAGE) -> str:
    """An <svg> to be put into a page as it stands: safe, with its words, and with links on its marks.

    Refuses (ValueError) a link that leaves the site. Two drawings of the same figures are the same text.
    """
    digest = digest_of(drawing, width)
    return str(_kept(f"drawing:svg:{digest}", lambda: _draw_svg(drawing, width, f"d{digest[:12]}")))


def png(drawing: Drawing, *, width: Width = Width.PRINT, dots_per_inch: int = DOTS_PER_INCH) -> bytes:
    """A PNG for a letter or a Word file; its `drawing.description` belongs beside it as the text for the blind."""
    digest = digest_of(drawing, width)
    made: bytes = _kept(f"drawing:png:{dots_per_inch}:{digest}", lambda: _draw_png(drawing, width, dots_per_inch))
    return made


def digest_of(drawing: Drawing, width: Width) -> str:
    """What a drawing is kept by: everything it is made of, its links included, since they are part of it."""
    return hashlib.sha256(f"{LOOK} {width.name} {drawing!r}".encode()).hexdigest()


def _kept(key: str, make: Callable[[], Any]) -> Any:
    kept = cache.get(key)
    if kept is None:
        kept = make()
        cache.set(key, kept, timeout=KEPT_SECONDS)
    return kept


def _draw_svg(drawing: Drawing, width: Width, name: str) -> str:
    with drawing_tools():
        sheet = _DRAWERS[type(drawing)](drawing, width)
        written = io.StringIO()
        sheet.figure.savefig(written, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return to_page(
        written.getvalue(), name=name, title=drawing.title, description=drawing.description, marks=sheet.marks
    )


def _draw_png(drawing: Drawing, width: Width, dots_per_inch: int) -> bytes:
    with drawing_tools():
        sheet = _DRAWERS[type(drawing)](drawing, width)
        written = io.BytesIO()
        sheet.figure.savefig(written, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return written.getvalue()
