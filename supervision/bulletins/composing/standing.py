"""Which units stand out, and are named for praise or for criticism: only those outside what chance would give a unit of
their size, never by what counts restricted matters, never below the minimum (`supervision.evaluation`, funnel)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from supervision.bulletins.composing.numbers import with_parts
from supervision.bulletins.composing.reading import Cell, Material
from supervision.bulletins.papers.document import Paragraph, Run
from supervision.evaluation.models import Better, Group, Indicator
from supervision.evaluation.queries.comparing import Band, Count, Funnel, NotAProportion, compare

# Groups whose indicators a unit is praised or criticised by.
NAMED_BY: Final = (Group.FOUR, Group.EFFICIENCY, Group.QUALITY, Group.RECTIFICATION)


@dataclass(frozen=True, slots=True)
class Named:
    """A unit outside the limits by an indicator. `good`: on the better side; none where too high is a warning, too."""

    cell: Cell
    whole: Cell
    above: bool
    far: bool
    good: bool | None


@dataclass(frozen=True, slots=True)
class Around:
    """The units right below around the whole, by one indicator."""

    indicator: Indicator
    funnel: Funnel
    cells: dict[str, Cell]
    whole: Cell


def funnels(material: Material) -> Iterator[Around]:
    """Every indicator by which at least two units can be compared, with its funnel."""
    for one in material.compared:
        indicator, cells = one.indicator, material.below.get(one.indicator.code, {})
        if indicator.restricted or one.now is None or indicator.better == Better.NONE:
            continue
        if indicator.group not in NAMED_BY or sum(cell.compared for cell in cells.values()) < 2:
            continue
        counts = [Count(code, cell.numerator, cell.denominator) for code, cell in cells.items()]
        try:
            funnel = compare(counts, minimum=indicator.minimum)
        except NotAProportion:
            continue
        if funnel is not None:
            yield Around(indicator, funnel, dict(cells), one.now)


def named(around: Around) -> Iterator[Named]:
    """The units outside, the farthest out first."""
    for standing in around.funnel.outside():
        good: bool | None = standing.above == (around.indicator.better == Better.UP)
        if around.indicator.warns_above and standing.above:
            good = None
        cell = around.cells[standing.count.key]
        yield Named(cell, around.whole, standing.above, standing.band is Band.BEYOND_998, good)


def sentence(one: Named) -> Paragraph:
    """Why the unit is named."""
    runs: list[Run] = [f"{one.cell.unit} {one.cell.indicator.name} ", *with_parts(one.cell)]
    side = "高于" if one.above else "低于"
    degree = "明显" if one.far else ""
    runs += [f"，{degree}{side}整体的 ", *with_parts(one.whole), "，超出偶然差异"]
    match one.good:
        case True:
            runs.append("，予以表扬。")
        case False:
            runs.append("，请查明原因、限期改进。")
        case None:
            runs.append("；过高的也请复核是否符合适用条件。")
    return Paragraph(tuple(runs))
