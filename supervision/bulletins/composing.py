"""From figures to words: the headline, what needs attention first, the HTML and the plain text of a bulletin.

Composed once; what is said here is frozen with the figures. A percentage is never said without its two numbers near.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.template.loader import render_to_string

from cases.models import Level
from supervision.bulletins.figures import Figures, OverdueClock
from supervision.bulletins.rules import NOTICE_PLACE, Span
from supervision.bulletins.rules.life import SECTIONS, Kind
from supervision.evaluation.rates import MINIMUM_DENOMINATOR

# Where the number, what the editor wrote, and the foot stand; filled in when a bulletin is shown or issued.
HEAD_PLACE = "<!--head-->"
REMARKS_PLACE = "<!--remarks-->"
FOOT_PLACE = "<!--foot-->"
MAY_COME_TWICE = "这封信可能重复。"
WHY_TWICE = "上一次发送时没有得到邮件服务器的答复，不能确定您是否已经收到，所以再发一次。两封内容相同，只看一封即可。"
SUBJECT_MARK = "【可能重复】"

# Rows of the table of what was missed; the figures hold them all.
CELLS_SHOWN = 20
LIMITS_NAMED = 2


@dataclass(frozen=True)
class Composed:
    """A bulletin in words."""

    title: str
    html: str
    text: str


@dataclass(frozen=True)
class Point:
    """One sentence on what needs attention, with its sign, so that colour is never the only one."""

    sign: str
    tone: str
    sentence: str


KIND_NAMES = {Kind.DAILY: "日监测", Kind.WEEKLY: "周点评", Kind.MONTHLY: "月通报", Kind.SPECIAL: "专题通报"}


def title_of(unit: str, kind: Kind, span: Span) -> str:
    """What a bulletin is called where nobody gave it a title of its own."""
    return f"{unit}{span.name}执法监督{KIND_NAMES[kind]}"


def compose(figures: Figures, *, kind: Kind, span: Span, at: datetime, title: str = "") -> Composed:
    """The words for these figures; `at` (local) is when they were put together. A special bulletin brings its title."""
    title = title or title_of(figures.name, kind, span)
    cells = figures.cells_missed()
    context = {
        "title": title,
        "kind": KIND_NAMES[kind],
        "figures": figures,
        "headline": headline(figures, span),
        "points": points(figures),
        "span": days_text(span),
        "cutoff": moment_text(figures.period.cutoff),
        "composed": moment_text(at),
        "whole": "合计" if len(figures.places) > 1 else figures.places[0].name,
        "several": len(figures.places) > 1,
        "longest": [(row, *due_text(row, span)) for row in figures.overdue.longest],
        "alerts": [(place, figures.alerts_of(place)) for place in figures.places],
        "clocks": [(place, figures.clocks_of(place)) for place in figures.places],
        "limits": figures.limits_counted(),
        "cells": cells[:CELLS_SHOWN],
        "cells_left_out": len(cells) - CELLS_SHOWN if len(cells) > CELLS_SHOWN else 0,
        "families": [
            (
                family,
                figures.closing_of(family),
                [
                    (place, count)
                    for place in figures.places
                    if not (count := figures.closing_of(family, place)).nothing
                ],
            )
            for family in figures.families
        ],
        "unnamed_overdue": figures.overdue.count - figures.overdue.restricted - len(figures.overdue.longest),
        "minimum": MINIMUM_DENOMINATOR,
        "red": Level.RED.sign,
        "orange": Level.ORANGE.sign,
        "yellow": Level.YELLOW.sign,
        "notice_place": NOTICE_PLACE,
        "head_place": HEAD_PLACE,
        "remarks_place": REMARKS_PLACE,
        "foot_place": FOOT_PLACE,
    }
    return Composed(
        title=title,
        html=squeezed(render_to_string("bulletins/monthly.html", context)),
        text=render_to_string("bulletins/monthly.txt", context).strip() + "\n",
    )


@dataclass(frozen=True)
class Dress:
    """What an editor and an office add to what was counted: remarks by section, what is put right, number and foot."""

    remarks: Mapping[str, str] = field(default_factory=dict)
    corrected: str = ""
    wrong: str = ""
    number: str = ""
    seal: str = ""
    issued_on: date | None = None

    @property
    def told(self) -> list[tuple[str, str]]:
        """The remarks with the names of their sections, in the order of the sections."""
        return [(name, self.remarks[code]) for code, name in SECTIONS.items() if self.remarks.get(code)]

    @property
    def day(self) -> str:
        return "" if self.issued_on is None else day_text(self.issued_on)


def dressed(html: str, text: str, dress: Dress) -> tuple[str, str]:
    """A composed bulletin as its readers get it."""
    for place, name in ((HEAD_PLACE, "head"), (REMARKS_PLACE, "remarks"), (FOOT_PLACE, "foot")):
        words = render_to_string("bulletins/dress.html", {"dress": dress, "part": name})
        html = html.replace(place, squeezed(words).strip(), 1)
        plain = render_to_string("bulletins/dress.txt", {"dress": dress, "part": name}).strip("\n")
        text = text.replace(f"{place}\n", f"{plain}\n" if plain else "", 1)
    return html, text


def headline(figures: Figures, span: Span) -> str:
    """What happened and what is left, in one sentence."""
    clocks, rate = figures.all_clocks, figures.all_clocks.on_time
    first = f"{span.short}办结或届满的时限 {rate.denominator} 个，"
    if not rate.denominator:
        first = f"{span.short}没有办结或届满的时限；"
    elif not clocks.missed:
        first += "全部按期；"
    else:
        first += f"按期 {rate.numerator} 个（{rate.text}），超期 {clocks.missed} 个；"
    overdue = f"仍有 {figures.overdue.count} 个时限超期未办" if figures.overdue.count else "没有超期未办的时限"
    alerts = f"{figures.all_alerts.open} 起预警待处理" if figures.all_alerts.open else "没有预警待处理"
    return f"{first}期末{overdue}，{alerts}。"


def points(figures: Figures) -> list[Point]:
    """What needs attention, most pressing first; one calm sentence when nothing does."""
    found = []
    overdue, alerts = figures.overdue, figures.all_alerts
    if overdue.count:
        longest = overdue.longest[0] if overdue.longest else None
        worst = f"，最久的已{longest.late_by}（{longest.unit}，{longest.limit}）" if longest else ""
        found.append(Point(Level.RED.sign, "red", f"{overdue.count} 个时限已经超期、仍未办结{worst}。"))
    missed = [(limit, count) for limit, count in figures.limits_counted() if count.missed]
    if len(missed) > 1:
        named = "、".join(f"{limit.name} {count.missed} 个" for limit, count in missed[:LIMITS_NAMED])
        rest = f"，另有 {len(missed) - LIMITS_NAMED} 种时限" if len(missed) > LIMITS_NAMED else ""
        found.append(Point(Level.RED.sign, "red", f"本期超期集中在：{named}{rest}。"))
    if alerts.open_orange:
        found.append(Point(Level.ORANGE.sign, "orange", f"{alerts.open_orange} 起橙色预警待处理，即将超期。"))
    if alerts.open_yellow:
        found.append(Point(Level.YELLOW.sign, "yellow", f"{alerts.open_yellow} 起黄色预警待处理，请及早安排。"))
    return found or [Point(Level.GREEN.sign, "green", "没有超期未办的时限，也没有待处理的橙色、黄色预警。")]


def due_text(clock: OverdueClock, span: Span) -> tuple[str, str]:
    """The due day as people read it, with its year where that is another; and the hour of what is due at one."""
    day = clock.due_on or clock.due_at.date()
    year = f"{day.year}年" if day.year != span.first.year else ""
    return f"{year}{day.month}月{day.day}日", "" if clock.due_on else f"{clock.due_at:%H:%M}"


def days_text(span: Span) -> str:
    """The first and the last day, as a line of its own has them."""
    first, last = span.first, span.last
    begin = f"{first.month}月{first.day}日"
    return begin if first == last else f"{begin}至{last.month}月{last.day}日"


def day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def moment_text(moment: datetime) -> str:
    """A moment as people read it; the midnight that ends a day is that day's twenty-four o'clock."""
    if (moment.hour, moment.minute) == (0, 0):
        day = moment.date() - timedelta(days=1)
        return f"{day.year}年{day.month}月{day.day}日24时"
    return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"


def with_notice(html: str, text: str, why: str = WHY_TWICE) -> tuple[str, str]:
    """The same letter, saying that it may be a second copy."""
    notice = render_to_string("bulletins/notice.html", {"mark": MAY_COME_TWICE, "sentence": why})
    return html.replace(NOTICE_PLACE, notice.strip(), 1), f"【{MAY_COME_TWICE}{why}】\n\n{text}"


def squeezed(html: str) -> str:
    """Without the template's empty lines; some mail systems cut long letters."""
    return "\n".join(line.strip() for line in html.splitlines() if line.strip()) + "\n"
