"""What can be drawn, as values: a drawing knows its figures, its words and its links, and nothing of how it will look.

Figures come with the text they are told by elsewhere (cut off, never rounded), so that a drawing never says another
number than the table beside it. What may not be told is not handed over: a drawing hides nothing.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from supervision.evaluation.rates import NONE
from supervision.evaluation.rules.durations import Curve
from supervision.evaluation.rules.funnel import Band, Funnel

NOT_REACHED = "未达到"


class Width(Enum):
    """How wide, in points, and how large its letters are: a page of the site, or the text of an A4 page (156 mm)."""

    PAGE = (720.0, 9.5)
    PRINT = (442.0, 8.5)

    @property
    def points(self) -> float:
        return self.value[0]

    @property
    def letters(self) -> float:
        return self.value[1]


@dataclass(frozen=True, kw_only=True)
class Drawing(ABC):
    """A picture of figures. `note` stands below the title: period, version of the indicator, what is left out."""

    title: str
    note: str = ""

    @property
    @abstractmethod
    def description(self) -> str:
        """All that the picture shows, in words, for whoever cannot see it."""


def _told(label: str, text: str, counts: str = "") -> str:
    return f"{label} {text}（{counts}）" if counts else f"{label} {text}"


# -- trend ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrendPoint:
    """A period of a trend: its name in full and below the axis, the value in the trend's unit and as told.

    `low` and `high` are the interval's ends in the same unit. `grey`: below the minimum denominator.
    """

    label: str
    tick: str
    value: float | None
    text: str = NONE
    counts: str = ""
    low: float | None = None
    high: float | None = None
    grey: bool = False
    href: str = ""

    @property
    def words(self) -> str:
        return _told(self.label, self.text, self.counts) + ("，数量过少" if self.grey else "")


@dataclass(frozen=True, kw_only=True)
class Trend(Drawing):
    """One figure over consecutive periods, with its interval and the same periods a year before (趋势图)."""

    points: Sequence[TrendPoint]
    series: str
    previous: Sequence[float | None] = ()
    previous_series: str = ""
    unit: str = "%"

    @property
    def description(self) -> str:
        return f"{self.series}：" + "；".join(point.words for point in self.points) + "。"


# -- funnel --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnitName:
    """How the unit of a key is called, what its figure is told as, and where it leads."""

    key: str
    name: str
    text: str
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class FunnelPlot(Drawing):
    """Units by size and rate between the control limits of their bureau (漏斗图). Only those outside are named."""

    funnel: Funnel
    names: Sequence[UnitName]
    size: str
    target_text: str

    @property
    def description(self) -> str:
        names = {name.key: name for name in self.names}
        outside = self.funnel.outside()
        far = [names[s.count.key].name for s in outside if s.band is Band.BEYOND_998]
        near = [names[s.count.key].name for s in outside if s.band is Band.BEYOND_95]
        told = f"共 {len(self.funnel.standings)} 个单位，整体 {self.target_text}。"
        told += f"在 99.8% 控制限以外：{'、'.join(far) or '没有'}。"
        told += f"在 95% 控制限以外：{'、'.join(near) or '没有'}。"
        if self.funnel.over_dispersed:
            told += f"各单位的差异大于偶然，控制限已放宽到 {self.funnel.inflation:.2f} 倍。"
        return told


# -- bars ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """A row of bars: the value in the unit of the drawing and as told, with the counts behind it and its interval."""

    label: str
    value: float | None
    text: str = NONE
    counts: str = ""
    low: float | None = None
    high: float | None = None
    grey: bool = False
    href: str = ""

    @property
    def words(self) -> str:
        return _told(self.label, self.text, self.counts) + ("，数量过少" if self.grey else "")


@dataclass(frozen=True, kw_only=True)
class Bars(Drawing):
    """Horizontal bars in the order given, each with its counts; the whole's value as a line (条形图)."""

    bars: Sequence[Bar]
    reference: float | None = None
    reference_text: str = ""

    @property
    def description(self) -> str:
        whole = f"{self.reference_text}。" if self.reference_text else ""
        return whole + "；".join(bar.words for bar in self.bars) + "。"


# -- heat ----------------------------------------------------------------------------------------------------------


class Shade(Enum):
    """How a cell compares with the whole, judged by the indicator's own direction; none: not compared."""

    FAR_BETTER = ("▲▲", "明显好于整体")
    BETTER = ("▲", "好于整体")
    USUAL = ("", "与整体相当")
    WORSE = ("▼", "差于整体")
    FAR_WORSE = ("▼▼", "明显差于整体")
    NOT_COMPARED = ("", "数量过少，不比较")

    @property
    def sign(self) -> str:
        return self.value[0]

    @property
    def words(self) -> str:
        return self.value[1]


@dataclass(frozen=True)
class HeatCell:
    """A unit's figure as told, the counts behind it, and how it compares."""

    text: str
    counts: str = ""
    shade: Shade = Shade.USUAL
    href: str = ""


@dataclass(frozen=True)
class HeatRow:
    label: str
    cells: Sequence[HeatCell]


@dataclass(frozen=True, kw_only=True)
class HeatTable(Drawing):
    """Units down, indicators across, each cell shaded by how it compares with the whole (热力表)."""

    columns: Sequence[str]
    rows: Sequence[HeatRow]

    @property
    def description(self) -> str:
        return "；".join(self.cell_words(row, place) for row in self.rows for place in range(len(row.cells))) + "。"

    def cell_words(self, row: HeatRow, place: int) -> str:
        cell = row.cells[place]
        return _told(f"{row.label} {self.columns[place]}", cell.text, cell.counts) + f"，{cell.shade.words}"


# -- survival ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SurvivalLine:
    """A group of cases and its curve; at most four are told apart in one picture."""

    label: str
    curve: Curve
    href: str = ""

    @property
    def words(self) -> str:
        median, ninetieth = days_words(self.curve.median), days_words(self.curve.ninetieth)
        still = self.curve.count - self.curve.ended
        return f"{self.label}（{self.curve.count} 件，其中未办结 {still} 件）中位数 {median}，九成办结 {ninetieth}"


@dataclass(frozen=True, kw_only=True)
class Survival(Drawing):
    """What share of cases is still open after so many days (办案周期曲线); `since` says what the days count from."""

    lines: Sequence[SurvivalLine]
    since: str = "自立案之日起的天数"

    @property
    def description(self) -> str:
        return "；".join(line.words for line in self.lines) + "。"


def days_words(days: int | None) -> str:
    """A quantile as it is told: so many days, or that it has not been reached."""
    return NOT_REACHED if days is None else f"{days} 天"


# -- lights --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Light:
    """How many running clocks of a limit show one light, as told, and the list behind."""

    count: int
    href: str = ""


@dataclass(frozen=True)
class LightRow:
    """A limit and its running clocks: not yet warned of, yellow, orange, and run out."""

    label: str
    calm: Light
    yellow: Light
    orange: Light
    red: Light

    @property
    def lights(self) -> tuple[Light, Light, Light, Light]:
        return self.calm, self.yellow, self.orange, self.red


# What the four lights of a row are called.
LIGHTS = ("未预警", "黄色预警", "橙色预警", "已超期")


@dataclass(frozen=True, kw_only=True)
class Lights(Drawing):
    """Limits down, the four levels across: where the clocks that are running now stand (时限灯)."""

    rows: Sequence[LightRow]

    @property
    def description(self) -> str:
        return "；".join(f"{row.label} " + "、".join(light_words(row)) for row in self.rows) + "。"


def light_words(row: LightRow) -> list[str]:
    return [f"{name} {light.count} 个" for name, light in zip(LIGHTS, row.lights, strict=True)]
