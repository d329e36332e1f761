"""The workbench: what waits today, then the counts that matter, each a link to its rows, and what runs out next.

It puts together what the rooms below say, which none of them may do for another.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cases.changes.care import calendar_care
from cases.desk.filtering import due_within, window_ends
from cases.desk.frame import who
from cases.desk.lists import named_limits
from cases.desk.paging import COUNT_CAP, Count, count_capped
from cases.models import Clock, Officer
from cases.models.clock import ClockQuerySet
from cases.models.scope import only_reads
from cases.queries import Today, clocks_of, matters_of, sees_more_than_own
from config.signin import SEEN_BEFORE, last_sign_in
from config.today import today
from supervision.accounts.queries import password_days_left
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
    context.update(last_sign_in=last_sign_in(request), days_left=password_days_left(officer, at))
    if not context["sees_cases"]:
        # An administrator has things to decide too.
        context.update(waiting=today(officer, at))
        return context
    only_reads(officer)
    since = _since(request, at)
    everything = clocks_of(officer).counted()
    mine = everything.filter(officer=officer)
    first = _most_urgent(mine)
    own = bool(first)
    urgent = _dressed(everything, first or _most_urgent(everything))
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


def _most_urgent(clocks: ClockQuerySet) -> list[int]:
    """The clocks that run out next; only their keys, so that looking for some costs little where there are none."""
    return list(clocks.running().order_by("due_at", "pk").values_list("pk", flat=True)[:MOST_URGENT])


def _dressed(clocks: ClockQuerySet, keys: list[int]) -> list[Clock]:
    """What is shown of the clocks, in the order of their keys; what was settled since is left out."""
    rows = clocks.running().select_related("matter", "officer").defer("matter__facts")
    found = rows.prefetch_related(named_limits("limit"), "matter__kind", "unit").in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _clock_tiles(clocks: ClockQuerySet, at: datetime, narrowing: dict[str, str]) -> list[Tile]:
    expired = count_capped(clocks.filter(due_within("expired", at)), along=("due_at", "pk"))
    # What lies ahead comes by its due moment, today's before the week's: one look as far as the cap counts both.
    ahead = clocks.running().filter(due_at__gt=at).order_by("due_at", "pk").values_list("due_at", flat=True)
    moments = [due_at for due_at in ahead[: COUNT_CAP + 1] if due_at is not None]

    def within(window: str) -> Count:
        found = bisect_right(moments, window_ends(window, at))
        return Count(min(found, COUNT_CAP), more=found > COUNT_CAP)

    return [
        Tile(what, count, _address("desk:clocks", due=window, nature="counted", **narrowing), tone)
        for window, what, tone, count in (
            ("expired", "已超期", "red", expired),
            ("today", "今天届满", "orange", within("today")),
            ("week", "本周届满（含今天）", "yellow", within("week")),
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
