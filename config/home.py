"""The workbench: what waits today, then the counts that matter, each a link to its rows, and what runs out next.

It puts together what the rooms below say, which none of them may do for another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cases.changes.care import calendar_care
from cases.desk.filtering import due_within
from cases.desk.frame import who
from cases.desk.paging import Count, count_capped
from cases.models import Clock, Officer
from cases.models.clock import ClockQuerySet
from cases.models.scope import only_reads
from cases.queries import Today, clocks_of, matters_of, sees_more_than_own
from config.signin import SEEN_BEFORE
from config.today import today
from supervision.alerts.queries import raised_since

MOST_URGENT = 10


@dataclass(frozen=True, slots=True)
class Tile:
    """One count: what it counts, how many, the list behind it, and the colour of its edge."""

    what: str
    count: Count
    link: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """Counts of one circle of matters: the officer's own, or all he supervises."""

    name: str
    tiles: list[Tile]


def workbench(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the theme's start page is given. Who may see no clocks gets no counts, not even empty ones."""
    officer, at = who(request), timezone.now()
    context.update(title="工作台", is_fullwidth="1", at=at, sees_cases=officer.has_perm("cases.view_clock"))
    if not context["sees_cases"]:
        return context
    only_reads(officer)
    since = _since(request, at)
    everything = clocks_of(officer).counted()
    mine = everything.filter(officer=officer)
    urgent = _most_urgent(mine)
    own = bool(urgent)
    if not urgent:
        urgent = _most_urgent(everything)
    rows = []
    supervises = sees_more_than_own(officer)
    if own or not supervises:
        rows.append(Row("我经办的", _clock_tiles(mine, at, {"mine": "1"}) + _alert_tiles(officer, since, mine=True)))
    if supervises:
        all_tiles = _clock_tiles(everything, at, {}) + _alert_tiles(officer, since, mine=False)
        rows.append(Row("我监督的范围", all_tiles))
    context.update(
        care=calendar_care(officer=officer, at=at),
        waiting=today(officer, at),
        rows=rows,
        since=since,
        urgent=urgent,
        own=own,
        first=urgent[0] if urgent else None,
        open_to=set(
            matters_of(officer).filter(pk__in={clock.matter_id for clock in urgent}).values_list("pk", flat=True)
        ),
    )
    return context


def _since(request: HttpRequest, at: datetime) -> datetime:
    """When the officer signed in before; for a first time, the beginning of today."""
    seen = request.session.get(SEEN_BEFORE)
    moment = parse_datetime(seen) if isinstance(seen, str) else None
    return moment or Today(at).begins


def _most_urgent(clocks: ClockQuerySet) -> list[Clock]:
    rows = clocks.running().select_related("limit", "matter__kind", "unit", "officer")
    return list(rows.order_by("due_at", "pk")[:MOST_URGENT])


def _clock_tiles(clocks: ClockQuerySet, at: datetime, narrowing: dict[str, str]) -> list[Tile]:
    return [
        Tile(
            what,
            count_capped(clocks.filter(due_within(window, at)), along=("due_at", "pk")),
            _address("desk:clocks", due=window, nature="counted", **narrowing),
            tone,
        )
        for window, what, tone in (
            ("expired", "已超期", "red"),
            ("today", "今天届满", "orange"),
            ("week", "本周届满（含今天）", "yellow"),
        )
    ]


def _alert_tiles(officer: Officer, since: datetime, *, mine: bool) -> list[Tile]:
    if not officer.has_perm("alerts.view_alert"):
        return []
    fresh = raised_since(officer, since)
    if mine:
        fresh = fresh.filter(officer=officer)
    narrowing = {"mine": "1"} if mine else {}
    link = _address("alerts:alerts", state="standing", since=since.isoformat(), **narrowing)
    return [Tile("新预警", count_capped(fresh), link, "blue")]


def _address(name: str, **query: str) -> str:
    return f"{reverse(name)}?{urlencode(query)}"
