"""Which units lie outside what chance would give a unit of their size, in words: a question to look into, never a fault.

Only the rate of expedited cases is watched so. Too low may mean that fit cases are handled slowly, too high that unfit
ones are handled quickly (公安机关办理行政案件程序规定第四十条、第四十一条); or that a unit has other cases than its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cases.models import Officer, Unit
from supervision.evaluation.models import Better
from supervision.evaluation.pictures import Leads, funnel_of
from supervision.evaluation.queries import FigureCell, ToldFigure, figures_of, told_to, told_to_anybody
from supervision.evaluation.rules.funnel import Band, Funnel, Standing

EXPEDITED: Final = "expedited"
ASKED_ABOVE: Final = "请复核是否都符合适用条件、是否自愿"
ASKED_BELOW: Final = "请了解是不是应当快速办理的没有快速办理，还是案件类型与别的单位不同"
ONLY_ASKED: Final = "这是需要了解的情况，不是认定的问题"


@dataclass(frozen=True, slots=True)
class Outlier:
    """A unit outside the control limits: its figure, on which side, how far, what is said, and the page of its figure."""

    figure: ToldFigure
    above: bool
    far: bool
    words: str
    link: str


def place_words(standing: Standing | None, minimum: int) -> str:
    """Where a unit lies in the funnel, in words with a sign; `standing` is None where nothing was compared."""
    if standing is None:
        return "没有比较"
    if not standing.compared:
        return f"— 分母不足 {minimum}，不比较"
    if standing.band is Band.WITHIN:
        return "● 在控制限以内"
    side = "▲ 高于" if standing.above else "▼ 低于"
    return f"{side} {'99.8%' if standing.band is Band.BEYOND_998 else '95%'} 控制限"


def outliers(
    figures: Sequence[ToldFigure], funnel: Funnel | None, leads: Leads, *, whole: bool = True
) -> list[Outlier]:
    """The units to ask about among units compared by one indicator, the farthest out first. What lies on the better side is
    asked about only where too high is a warning, too. With `whole` the rate of all of them is named."""
    if funnel is None:
        return []
    indicator = figures[0].cell.indicator
    by_unit = {str(one.cell.unit.pk): one for one in figures}
    found = []
    for standing in funnel.outside():
        good = standing.above == (indicator.better == Better.UP)
        if indicator.better == Better.NONE or (good and not (standing.above and indicator.warns_above)):
            continue
        figure = by_unit[standing.count.key]
        words = _sentence(figure, standing, funnel.target if whole else None)
        link = leads(figure)
        found.append(Outlier(figure, standing.above, standing.band is Band.BEYOND_998, words, link))
    return found


def _sentence(figure: ToldFigure, standing: Standing, target: float | None) -> str:
    cell = figure.cell
    limits = "99.8%" if standing.band is Band.BEYOND_998 else "95%"
    side, asked = ("高于", ASKED_ABOVE) if standing.above else ("低于", ASKED_BELOW)
    around = "同级单位整体" if target is None else f"各单位整体 {target:.2%}"
    return (
        f"{cell.unit}{cell.period.name}{cell.indicator.name} {figure.text}（{figure.numerator}/{figure.denominator}），"
        f"{side}{around}的 {limits} 控制限，超出偶然：{asked}。{ONLY_ASKED}"
    )


def expedited_outliers(
    officer: Officer, seen: Sequence[Unit], measured: Iterable[FigureCell], leads: Leads, *, at: datetime
) -> list[Outlier]:
    """Of the rate of expedited cases, where it is among what is measured of a unit in a period: the units right below that an
    officer may look at, and the unit itself among those beside it, outside the limits. Without other units' numbers where he
    may not look at them."""
    own = next((cell for cell in measured if cell.indicator.code == EXPEDITED), None)
    if own is None:
        return []
    unit, period, indicator = own.unit, own.period, own.indicator
    below = [one for one in seen if one.parent_id == unit.pk]
    beside = list(Unit.objects.filter(parent=unit.parent_id).order_by("path")) if unit.parent_id is not None else []
    cells = figures_of([*below, *beside], period, at=at, indicators=[indicator]) if below or beside else []
    under = {one.pk for one in below}
    lower = told_to([cell for cell in cells if cell.unit.pk in under], officer, at=at)
    found = outliers(lower, funnel_of(lower), leads) if lower else []
    # A circular tells everybody which unit stands out among its neighbours; so may its own page.
    level = told_to_anybody([cell for cell in cells if cell.unit.pk not in under], at=at)
    if level:
        may_see = {one.pk for one in seen}
        whole = all(one.pk in may_see for one in beside)
        mine = outliers(level, funnel_of(level), leads, whole=whole)
        found = [*(one for one in mine if one.figure.cell.unit.pk == unit.pk), *found]
    return found
