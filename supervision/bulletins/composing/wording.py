"""Sentences by rules: what is said follows from the numbers and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from cases.models import Level
from supervision.bulletins.composing.numbers import by, in_words, with_parts
from supervision.bulletins.composing.reading import Compared, Material
from supervision.bulletins.papers.document import Number, Paragraph, Run, counted, rated
from supervision.bulletins.rules import Span
from supervision.bulletins.rules.life import Kind

KIND_NAMES: Final = {Kind.DAILY: "日监测", Kind.WEEKLY: "周点评", Kind.MONTHLY: "月通报", Kind.SPECIAL: "专题通报"}
# What the period before is called in a sentence.
BEFORE: Final = {Kind.DAILY: "上一同长时段", Kind.WEEKLY: "上周", Kind.MONTHLY: "上月", Kind.SPECIAL: "上一同长时段"}
LIMITS_NAMED: Final = 2
# Behind a change that is no greater than chance may bring about.
BY_CHANCE: Final = "（可能只是偶然波动）"


def title_of(unit: str, kind: Kind, span: Span) -> str:
    """What a bulletin is called where nobody gave it a title of its own."""
    return f"{unit}{span.name}执法监督{KIND_NAMES[kind]}"


def headline(material: Material) -> tuple[Run, ...]:
    """What happened and what is left, in one sentence."""
    figures, number = material.figures, _Keys(material)
    clocks, rate = figures.all_clocks, figures.all_clocks.on_time
    said: list[Run] = []
    if not rate.denominator:
        said.append(f"{material.span.short}没有办结或届满的时限；")
    else:
        said += [f"{material.span.short}办结或届满的时限 ", number("clocks.counted", rate.denominator), " 个，"]
        if not clocks.missed:
            said.append("全部按期；")
        else:
            said += ["按期 ", number("clocks.in_time", clocks.in_time), " 个（"]
            # Both its numbers stand beside it.
            said += [replace(number.rate("clocks.on_time", rate.numerator, rate.denominator), mark=""), "），"]
            said += ["超期 ", number("clocks.missed", clocks.missed), " 个；"]
    if figures.overdue.count:
        said += ["期末仍有 ", number("overdue", figures.overdue.count), " 个时限超期未办，"]
    else:
        said.append("期末没有超期未办的时限，")
    waiting = figures.all_alerts.open
    said += [number("alerts.open", waiting), " 起预警待处理。"] if waiting else ["没有预警待处理。"]
    return tuple(said)


def points(material: Material) -> Iterator[Paragraph]:
    """What needs attention, most pressing first, each with its sign; one calm sentence when nothing does."""
    figures, number = material.figures, _Keys(material)
    overdue, alerts = figures.overdue, figures.all_alerts
    found = False
    if overdue.count:
        found = True
        said: list[Run] = [f"{Level.RED.sign} ", number("overdue", overdue.count), " 个时限已经超期、仍未办结"]
        if overdue.longest:
            longest = overdue.longest[0]
            said += ["，最久的已", *in_words(f"overdue.longest/{number.where}", longest.late_by)]
            said.append(f"（{longest.unit}，{longest.limit}）")
        yield Paragraph((*said, "。"))
    missed = [(limit, count) for limit, count in figures.limits_counted() if count.missed]
    if len(missed) > 1:
        runs: list[Run] = [f"{Level.RED.sign} 本期超期集中在："]
        for n, (limit, count) in enumerate(missed[:LIMITS_NAMED]):
            runs += ["、" if n else "", f"{limit.name} ", number(f"clocks.missed/{limit.code}", count.missed), " 个"]
        rest = len(missed) - LIMITS_NAMED
        if rest > 0:
            runs += ["，另有 ", number("clocks.missed_limits_besides", rest), " 种时限"]
        found = True
        yield Paragraph((*runs, "。"))
    if material.figures.orders.count:
        found = True
        late = number("orders.overdue", material.figures.orders.count)
        yield Paragraph((f"{Level.RED.sign} ", late, " 件整改通知已经超期、仍未办结。"))
    for level, waiting, words in (
        (Level.ORANGE, alerts.open_orange, " 起橙色预警待处理，即将超期。"),
        (Level.YELLOW, alerts.open_yellow, " 起黄色预警待处理，请及早安排。"),
    ):
        if waiting:
            found = True
            yield Paragraph((f"{level.sign} ", number(f"alerts.open_{level.name.lower()}", waiting), words))
    if not found:
        yield Paragraph((f"{Level.GREEN.sign} 没有超期未办的时限和整改，也没有待处理的橙色、黄色预警。",))


def trend(one: Compared, kind: Kind) -> Paragraph | None:
    """What an indicator came to, and how it moved: on the period before and on the year, where both may be compared."""
    cell = one.now
    if cell is None or not cell.denominator:
        return None
    runs: list[Run] = [one.indicator.name, " ", *with_parts(cell)]
    if cell.grey:
        return Paragraph((*runs, "，基数小，不作比较。"))
    runs += _moved(BEFORE[kind], one.on_before, f"{cell.key}/on_before", one.on_before_by_chance)
    runs += _moved("上年同期", one.on_year, f"{cell.key}/on_year", one.on_year_by_chance)
    return Paragraph((*runs, "。"))


def _moved(than: str, difference: Decimal | None, key: str, by_chance: bool) -> list[Run]:
    if difference is None:
        return []
    if not difference:
        return [f"，与{than}持平"]
    return [
        f"，比{than}{'上升' if difference > 0 else '下降'} ",
        by(f"{key}/size", difference),
        f" 个百分点{BY_CHANCE if by_chance else ''}",
    ]


@dataclass(frozen=True, slots=True)
class _Keys:
    """Counts of this bulletin with the keys they are traced by."""

    material: Material

    def __call__(self, what: str, number: int) -> Number:
        return counted(f"{what}/{self.where}", number)

    def rate(self, what: str, numerator: int, denominator: int) -> Number:
        return rated(f"{what}/{self.where}", numerator, denominator)

    @property
    def where(self) -> str:
        span = self.material.span
        return f"{self.material.unit.code}/{span.first}/{span.last}"


def counts_of(material: Material) -> _Keys:
    """What makes a count of this bulletin a number with a key."""
    return _Keys(material)


def days_text(span: Span) -> str:
    """The first and the last day, as a line of its own has them."""
    first, last = span.first, span.last
    begin = f"{first.year}年{first.month}月{first.day}日"
    if first == last:
        return begin
    year = f"{last.year}年" if last.year != first.year else ""
    return f"{begin}至{year}{last.month}月{last.day}日"


def day_text(day: date, span: Span) -> str:
    """A day as people read it, with its year where that is another than the bulletin's."""
    year = f"{day.year}年" if day.year != span.first.year else ""
    return f"{year}{day.month}月{day.day}日"


def moment_text(moment: datetime) -> str:
    """A moment as people read it; the midnight that ends a day is that day's twenty-four o'clock."""
    if (moment.hour, moment.minute) == (0, 0):
        day = moment.date() - timedelta(days=1)
        return f"{day.year}年{day.month}月{day.day}日24时"
    return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
