"""How a clock was reckoned, as data: what the pages, the command and the interface say of it alike."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.statute.clocks import Clock
from cases.statute.limits import Limit, Rollover, Unit
from cases.statute.questions import Standing
from cases.statute.reckoning import Step
from cases.statute.workdays import SpecialDay


@dataclass(frozen=True, slots=True)
class Notice:
    """A holiday notice that bore on a due day, and the days it set that did; a day may have no notice on record."""

    notice: str
    days: tuple[SpecialDay, ...]

    @property
    def text(self) -> str:
        """Its days in words, those that follow one another as one."""
        return "，".join(_stretch(run) for run in _runs(self.days))


def _runs(days: Iterable[SpecialDay]) -> list[list[SpecialDay]]:
    runs: list[list[SpecialDay]] = []
    for one in days:
        last = runs[-1][-1] if runs else None
        if last is not None and last.day + timedelta(days=1) == one.day and last.working is one.working:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _stretch(run: list[SpecialDay]) -> str:
    first, last = run[0], run[-1]
    days = f"{first.day}" if first is last else f"{first.day} 至 {last.day:%m-%d}"
    return f"{days} {first.name}{'调休上班' if first.working else '放假'}"


def notices_of(clock: Clock) -> list[Notice]:
    """The notices that bore on the due day: those that made a day passed over a day off, or a weekend a day of work.

    Plain weekends need no notice. In the order of their days.
    """
    calendar, reckoning = clock.reckoning.calendar, clock.reckoning
    if calendar is None or reckoning.unit.exact:
        return []
    days: dict[date, SpecialDay] = {}
    for step in clock.steps():
        for day in _days_asked_about(step, reckoning.unit):
            special = calendar.special.get(day)
            if special is not None:
                days[day] = special
    last = clock.due_on
    if last is not None and reckoning.limit.rolls is not Rollover.NONE and last in calendar.special:
        days[last] = calendar.special[last]
    by_notice: dict[str, list[SpecialDay]] = defaultdict(list)
    for day in sorted(days):
        by_notice[days[day].notice].append(days[day])
    return [Notice(notice, tuple(found)) for notice, found in by_notice.items()]


def _days_asked_about(step: Step, unit: Unit) -> list[date]:
    """The days of a step of which it mattered whether they are worked."""
    if isinstance(step.before, datetime) or isinstance(step.after, datetime):
        return []
    first, last = min(step.before, step.after), max(step.before, step.after)
    by_workdays = unit is Unit.WORKDAY and step.kind in ("length", "backward", "pause", "held")
    if not (by_workdays or step.kind == "rollover" or step.skipped):
        return []
    begin = 0 if step.kind in ("rollover", "backward") or step.start_counted else 1
    end = (last - first).days - (step.kind == "backward")
    return [first + timedelta(days=n) for n in range(begin, end + 1)]


def unannounced_years(clock: Clock) -> list[int]:
    """The years without a holiday notice that make a due day provisional."""
    calendar, reckoning = clock.reckoning.calendar, clock.reckoning
    if not clock.provisional or calendar is None or clock.due_on is None:
        return []
    days = [reckoning.started_on, clock.due_on, *([clock.due.nominal_on] if clock.due.nominal_on else [])]
    years = range(min(days).year, max(days).year + 1)
    return [year for year in years if year not in calendar.announced]


def text_of(limit: Limit) -> str:
    """Which text of the law it is: its version, and since and until when it is in force."""
    parts = [limit.text_version]
    if limit.in_force_from:
        parts.append(f"{limit.in_force_from}起施行")
    if limit.in_force_until:
        parts.append(f"{limit.in_force_until}后失效")
    return "，".join(part for part in parts if part)


def limit_json(limit: Limit) -> dict[str, Any]:
    """Which limit, and which text of it."""
    return {
        "limit": limit.code,
        "name": limit.name,
        "law": limit.law,
        "article": limit.article,
        "text_version": limit.text_version,
        "in_force_from": _iso(limit.in_force_from),
        "in_force_until": _iso(limit.in_force_until),
        "status": limit.status.value,
    }


def clock_json(clock: Clock, zone: ZoneInfo) -> dict[str, Any]:
    """How the clock stands and how it came about; days as ISO days, moments as ISO with their offset.

    A step's `days` says how far it moves the end (a fraction for limits in hours); of those, `counted_days` count
    towards the period and `uncounted_days` do not; both empty for hours. `skipped` are the days off it passed over.
    """
    return {
        "tier": clock.tier.code if clock.tier else "",
        "started_at": _moment(clock.started_at, zone),
        "nominal_on": _iso(clock.due.nominal_on),
        "due_on": _iso(clock.due_on),
        "due_at": _moment(clock.due_at, zone),
        "provisional": clock.provisional,
        "unannounced_years": unannounced_years(clock),
        "state": clock.state.value,
        "ended_at": _moment(clock.ended.at, zone) if clock.ended else None,
        "late": clock.late,
        "steps": [_step(step, clock, zone) for step in clock.steps()],
        "notices": [
            {
                "notice": one.notice,
                "days": [{"day": day.day.isoformat(), "name": day.name, "working": day.working} for day in one.days],
            }
            for one in notices_of(clock)
        ],
    }


def questions_json(standing: Iterable[Standing]) -> list[dict[str, Any]]:
    """The open questions a date depends on, and the answers that stand."""
    return [one.as_json() for one in standing]


def _step(step: Step, clock: Clock, zone: ZoneInfo) -> dict[str, Any]:
    days = step.length / timedelta(days=1)
    return {
        "kind": step.kind,
        "text": step.text,
        "article": step.article,
        "text_version": text_version_of(step, clock.limit),
        "before": _point(step.before, zone),
        "after": _point(step.after, zone),
        "days": int(days) if days.is_integer() else days,
        "counted_days": step.counted,
        "uncounted_days": step.uncounted,
        "skipped": [{"day": day.isoformat(), "why": why} for day, why in step.skipped],
    }


def text_version_of(step: Step, limit: Limit) -> str:
    """The text a step's article is of, where it is the limit's own; the others are cited without one."""
    return limit.text_version if step.article == limit.citation else ""


def _point(value: date | datetime, zone: ZoneInfo) -> str | None:
    return _moment(value, zone) if isinstance(value, datetime) else value.isoformat()


def _moment(value: datetime | None, zone: ZoneInfo) -> str | None:
    return None if value is None else value.astimezone(zone).isoformat()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
