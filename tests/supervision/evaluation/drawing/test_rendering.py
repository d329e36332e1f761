"""Each kind at both widths: made, made the same again, kept, and nothing written over anything."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache

from supervision.evaluation.drawing.rendering import _DRAWERS, digest_of, png, svg
from supervision.evaluation.drawing.sheet import Sheet, drawing_tools
from supervision.evaluation.drawing.trends import value_range
from supervision.evaluation.drawing.values import (
    Bar,
    Bars,
    Drawing,
    FunnelPlot,
    HeatTable,
    Lights,
    Survival,
    Trend,
    UnitName,
    Width,
)
from supervision.evaluation.rules.durations import kaplan_meier
from supervision.evaluation.rules.funnel import Count, compare
from tests.supervision.evaluation.drawing import examples

KINDS = {
    **examples.every_kind(),
    "crowded funnel": examples.funnel(90, spread=0.12),
    "one survival curve": examples.survival(1),
    "four survival curves": examples.survival(4),
    "long trend": examples.trend(months=24),
}


def size_of(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def test_every_kind_that_can_be_described_can_be_drawn() -> None:
    assert set(_DRAWERS) == set(Drawing.__subclasses__())
    assert {type(drawing) for drawing in KINDS.values()} == set(_DRAWERS)


def letters_of(drawing: Drawing, width: Width) -> tuple[Sheet, list[tuple[str, Any]]]:
    """The sheet and every text that is really written on it, with the rectangle it takes."""
    from matplotlib.backends.backend_agg import RendererAgg

    written: list[tuple[str, Any]] = []

    class Recorder(RendererAgg):
        def draw_text(self, gc: Any, x: float, y: float, s: str, *more: Any, mtext: Any = None, **named: Any) -> None:
            # Without the white pad that some labels lie on.
            if s.strip():
                written.append((s, type(mtext).get_window_extent(mtext, self)))

    with drawing_tools():
        sheet = _DRAWERS[type(drawing)](drawing, width)
        sheet.figure.draw(Recorder(sheet.width, sheet.height, 72))
    return sheet, written


@pytest.mark.parametrize("width", list(Width))
@pytest.mark.parametrize("kind", KINDS)
def test_letters_lie_on_the_sheet_and_not_on_each_other(kind: str, width: Width) -> None:
    sheet, written = letters_of(KINDS[kind], width)

    assert len(written) > 5
    off = [t for t, box in written if box.x0 < 0 or box.y0 < 0 or box.x1 > sheet.width or box.y1 > sheet.height]
    assert off == []
    # Letters are lower than the rectangle they are set in: a sliver of it may be shared.
    over = [
        (a, b)
        for n, (a, box) in enumerate(written)
        for b, other in written[n + 1 :]
        if min(box.x1, other.x1) - max(box.x0, other.x0) > 1 and min(box.y1, other.y1) - max(box.y0, other.y0) > 2.5
    ]
    assert over == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_in_the_font(kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        picture = png(KINDS[kind])

    assert size_of(picture)[0] == pytest.approx(442 / 72 * 200, abs=1)


def test_the_picture_of_a_page_is_as_wide_as_asked() -> None:
    assert size_of(png(examples.lights(), width=Width.PAGE, dots_per_inch=96))[0] == 960


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_figures_give_the_same_bytes(kind: str) -> None:
    first = svg(KINDS[kind]), png(KINDS[kind], dots_per_inch=72)
    cache.clear()

    assert (svg(KINDS[kind]), png(KINDS[kind], dots_per_inch=72)) == first


def test_another_process_draws_the_same_bytes() -> None:
    program = (
        "import django, sys; django.setup();"
        "from tests.supervision.evaluation.drawing import examples;"
        "from supervision.evaluation.drawing.rendering import svg;"
        "sys.stdout.buffer.write(svg(examples.survival()).encode())"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.ROOT, capture_output=True, check=True, env=environment()
    )

    assert done.stdout.decode() == svg(examples.survival())


def environment() -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.rigs.settings", "PYTHONHASHSEED": "77"}


def test_the_site_starts_without_the_drawing_library() -> None:
    program = (
        "import django, sys; django.setup();"
        "import supervision.evaluation.drawing.rendering;"
        "print([name for name in ('matplotlib', 'numpy') if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.ROOT, capture_output=True, check=True, env=environment()
    )

    assert done.stdout.decode().strip() == "[]"


def test_what_was_drawn_is_kept_and_given_again() -> None:
    drawing = examples.lights()
    svg(drawing)

    key = f"drawing:svg:{digest_of(drawing, Width.PAGE)}"
    cache.set(key, "kept")

    assert svg(drawing) == "kept"
    assert svg(drawing, width=Width.PRINT) != "kept"


def test_other_figures_other_words_and_other_links_are_other_drawings() -> None:
    drawing = examples.trend()

    others = [
        replace(drawing, title="另一个"),
        replace(drawing, points=drawing.points[:-1]),
        examples.trend(links=False),
    ]

    digests = {digest_of(other, Width.PAGE) for other in [drawing, *others]}
    assert len(digests | {digest_of(drawing, Width.PRINT)}) == 5


def test_threads_draw_one_after_the_other_and_all_come_out_right() -> None:
    kinds = [examples.lights(), examples.trend(), examples.bars(), examples.survival()]
    alone = [svg(drawing) for drawing in kinds]
    cache.clear()

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(svg, kinds))

    assert together == alone


def one_unit() -> FunnelPlot:
    funnel = compare([Count("a", 9, 20)])
    assert funnel is not None
    return FunnelPlot(
        title="各单位", funnel=funnel, names=(UnitName("a", "甲所", "45.00%"),), size="件数", target_text="45.00%"
    )


EMPTY = [
    Trend(title="趋势", points=(), series="2025年"),
    Trend(title="趋势", points=tuple(examples.TrendPoint("一月", "1月", None) for _ in range(2)), series="2025年"),
    Bars(title="单位", bars=()),
    Bars(title="单位", bars=(Bar("甲所", 0.0, "0.00%", "0/3"),)),
    HeatTable(title="四率", columns=(), rows=()),
    Lights(title="时限", rows=()),
    Survival(title="周期", lines=(examples.SurvivalLine("2025年", kaplan_meier([])),)),
    Survival(title="周期", lines=()),
    one_unit(),
]


@pytest.mark.parametrize("drawing", EMPTY, ids=lambda drawing: type(drawing).__name__)
@pytest.mark.parametrize("width", list(Width))
def test_little_or_nothing_to_draw_is_drawn_without_complaint(drawing: Drawing, width: Width) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        text = svg(drawing, width=width)

    assert drawing.title in text


def test_a_trend_without_any_value_says_so() -> None:
    assert "这段时间没有数据" in svg(EMPTY[1])


def test_more_groups_than_can_be_told_apart_are_refused() -> None:
    lines = tuple(examples.SurvivalLine(f"组{n}", kaplan_meier([])) for n in range(5))

    with pytest.raises(ValueError, match="told apart"):
        svg(Survival(title="周期", lines=lines))


def test_the_interval_of_a_few_cases_does_not_flatten_the_rest() -> None:
    low, high = value_range(examples.trend())

    assert low > 75 and high <= 101


def test_of_many_units_outside_those_without_a_place_for_their_name_are_counted() -> None:
    drawing = scattered()

    _, written = letters_of(drawing, Width.PRINT)

    told = [text for text, _ in written]
    named = [name.name for name in drawing.names if name.name in told]
    outside = len(drawing.funnel.outside())
    assert outside == 18 and 0 < len(named) < outside
    assert f"限外单位另有 {outside - len(named)} 个，图上没有位置注名。" in told


def scattered() -> FunnelPlot:
    """Eighteen units far below two hundred alike, all of about one size: a crowd in a corner."""
    counts = [Count(f"u{n:03d}", 450, 500) for n in range(200)]
    counts += [Count(f"v{n:03d}", 380 + n, 500 + n) for n in range(18)]
    funnel = compare(counts)
    assert funnel is not None and not funnel.over_dispersed
    return FunnelPlot(
        title="各单位",
        funnel=funnel,
        names=tuple(UnitName(count.key, f"{count.key}派出所", "—") for count in counts),
        size="件数",
        target_text="整体",
    )
