"""Pictures made on the server: clocks as bars on one time axis, and days as a calendar. No script, printable in grey."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cases.desk.words import Standing
from cases.statute.periods import add_months, start_of_day

WIDTH = 1060
LEFT, RIGHT = 240, 160
ROW, TOP, BOTTOM = 26, 22, 34
NAME_LENGTH = 17


@dataclass(frozen=True, slots=True)
class Bar:
    """One clock on the axis: from its start to its due moment, and on to where it ended or stands."""

    name: str
    link: str
    begins: datetime
    due: datetime | None
    ends: datetime | None
    standing: Standing
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """An event on the axis."""

    at: datetime
    tip: str


class _Axis:
    def __init__(self, first: datetime, last: datetime, zone: ZoneInfo) -> None:
        pad = max((last - first) * 0.03, timedelta(hours=1))
        self.first, self.last = first - pad, last + pad
        self.zone = zone

    def x(self, moment: datetime) -> float:
        share = (moment - self.first) / (self.last - self.first)
        return round(LEFT + min(max(share, 0), 1) * (WIDTH - LEFT - RIGHT), 1)

    def ticks(self) -> list[tuple[datetime, str]]:
        """About eight moments that are round in local time, with what to write under them."""
        span = self.last - self.first
        if span <= timedelta(days=3):
            hours = 3 if span <= timedelta(days=1) else 6 if span <= timedelta(days=2) else 12
            return self._hours(hours)
        days = span.days
        if days <= 120:
            return self._days(1 if days <= 9 else 7 if days <= 60 else 14)
        return self._months(1 if days <= 300 else 3 if days <= 900 else 12)

    def _hours(self, step: int) -> list[tuple[datetime, str]]:
        local = self.first.astimezone(self.zone)
        moment = start_of_day(local.date(), self.zone)
        found = []
        while moment < self.last:
            if moment >= self.first:
                at = moment.astimezone(self.zone)
                found.append((moment, f"{at:%m-%d}" if at.hour == 0 else f"{at:%H:%M}"))
            moment += timedelta(hours=step)
        return found

    def _days(self, step: int) -> list[tuple[datetime, str]]:
        day = self.first.astimezone(self.zone).date() + timedelta(days=1)
        found = []
        while (moment := start_of_day(day, self.zone)) < self.last:
            found.append((moment, f"{day:%m-%d}"))
            day += timedelta(days=step)
        return found

    def _months(self, step: int) -> list[tuple[datetime, str]]:
        day = add_months(self.first.astimezone(self.zone).date().replace(day=1), 1)
        found = []
        while (moment := start_of_day(day, self.zone)) < self.last:
            found.append((moment, f"{day:%Y-%m}"))
            day = add_months(day, step)
        return found


def time_axis(bars: Sequence[Bar], marks: Sequence[Mark], at: datetime, zone: ZoneInfo) -> SafeString:
    """All bars and events on one axis, with today on it where it falls near; empty when there is nothing to draw."""
    moments = [bar.begins for bar in bars] + [mark.at for mark in marks]
    moments += [moment for bar in bars for moment in (bar.due, bar.ends) if moment is not None]
    if not moments:
        return SafeString("")
    first, last = min(moments), max(moments)
    if any(bar.ends is None for bar in bars) and first <= at:
        last = max(last, at)
    axis = _Axis(first, last, zone)
    height = TOP + ROW * len(bars) + BOTTOM + 8
    floor = TOP + ROW * len(bars) + 12
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="期限与节点的时间轴">{}{}{}{}{}</svg>',
        WIDTH,
        height,
        _patterns(),
        _ticks(axis, floor),
        format_html_join("", "{}", ((_bar(bar, axis, number, at),) for number, bar in enumerate(bars))),
        _events(marks, axis, floor),
        _now(at, axis, floor) if axis.first <= at <= axis.last else "",
    )


def _patterns() -> SafeString:
    # The part of a bar that lies past the due moment is hatched, so that it shows in grey print too.
    return SafeString(
        '<defs><pattern id="over" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="6" height="6" fill="#fff"/><line class="over" x1="0" y1="0" x2="0" y2="6" stroke-width="3"/>'
        "</pattern></defs>"
    )


def _ticks(axis: _Axis, floor: float) -> SafeString:
    return format_html_join(
        "",
        '<line class="grid" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/><text class="tick" x="{0}" y="14" text-anchor="middle">{3}</text>',
        ((axis.x(moment), TOP - 2, floor, text) for moment, text in axis.ticks()),
    )


def _bar(bar: Bar, axis: _Axis, number: int, at: datetime) -> SafeString:
    top = TOP + ROW * number + 5
    due = bar.due
    stands = bar.ends or at
    begins = axis.x(bar.begins)
    solid_end = axis.x(due if due is not None else max(stands, bar.begins))
    over = ""
    if due is not None and stands > due and bar.standing.tone == "red":
        over = format_html(
            '<rect class="bar over" fill="url(#over)" x="{}" y="{}" width="{}" height="14"/>',
            solid_end,
            top,
            max(axis.x(stands) - solid_end, 2),
        )
    ended = ""
    if bar.ends is not None:
        ended = format_html(
            '<path d="M{0} {1}v20M{2} {1}h8M{2} {3}h8" stroke="#344054" fill="none"/>',
            axis.x(bar.ends),
            top - 3,
            axis.x(bar.ends) - 4,
            top + 17,
        )
    name = bar.name if len(bar.name) <= NAME_LENGTH else bar.name[: NAME_LENGTH - 1] + "…"
    return format_html(
        '<a href="{}"><title>{}</title><text class="name" x="6" y="{}">{}</text>'
        '<rect class="bar bar-{}" rx="2" x="{}" y="{}" width="{}" height="14"/>{}{}'
        '<text class="said said-{}" x="{}" y="{}">{}</text></a>',
        bar.link,
        bar.tip or bar.name,
        top + 11,
        name,
        bar.standing.tone,
        begins,
        top,
        max(solid_end - begins, 2),
        over,
        ended,
        bar.standing.tone,
        WIDTH - RIGHT + 12,
        top + 11,
        str(bar.standing),
    )


def _events(marks: Sequence[Mark], axis: _Axis, floor: float) -> SafeString:
    if not marks:
        return SafeString("")
    return format_html(
        '<text class="tick" x="6" y="{}">节点</text>{}',
        floor + 12,
        format_html_join(
            "",
            '<circle class="event" r="4" cx="{}" cy="{}"><title>{}</title></circle>',
            ((axis.x(mark.at), floor + 8, mark.tip) for mark in marks),
        ),
    )


def _now(at: datetime, axis: _Axis, floor: float) -> SafeString:
    return format_html(
        '<line class="now" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>'
        '<text class="tick" x="{0}" y="{3}" text-anchor="middle">现在</text>',
        axis.x(at),
        TOP - 2,
        floor + 16,
        floor + 27,
    )


# -- days ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Day:
    """One cell of a month: its number, its look, a word under the number, and what a pointer on it says."""

    number: int
    look: str = ""
    word: str = ""
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """A month as weeks beginning on Monday; cells outside it are none."""

    name: str
    weeks: list[list[Day | None]]


def months(first: date, last: date, looks: Mapping[date, Day]) -> list[Month]:
    """Whole months from the one of `first` to the one of `last`; days not in `looks` are plain."""
    found = []
    month = first.replace(day=1)
    while month <= last:
        weeks = [
            [None if day.month != month.month else looks.get(day, Day(day.day)) for day in week]
            for week in Weeks(0).monthdatescalendar(month.year, month.month)
        ]
        found.append(Month(f"{month.year}年{month.month}月", weeks))
        month = add_months(month, 1)
    return found


def days_between(first: date, last: date) -> Iterable[date]:
    """Each day from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
