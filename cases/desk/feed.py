"""Due dates in the officer's own calendar: a page to make or close the address, and the feed it is fetched from.

A calendar program cannot sign in, so whoever has the address reads the feed: it holds numbers and names of limits only,
no title, and nothing of restricted matters.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from cases.audit.models import Way
from cases.audit.services import note_way_out
from cases.desk.frame import page, show, who
from cases.models import Clock, Feed, Officer
from cases.queries import clocks_of

# A calendar that asks too much is no calendar: what is over stays, what is further away comes in its time.
DAYS_AHEAD = 366
MOST_DATES = 1000
# How often calendar programs are asked to look again; several of them look far less often.
REFRESH = timedelta(hours=1)
ONE_MINUTE = timedelta(minutes=1)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def make_feed(*, officer: Officer, at: datetime) -> str:
    """Give an officer a feed and return the secret of its address, this once; an address he had is closed."""
    secret = secrets.token_urlsafe(32)
    Feed.objects.update_or_create(
        officer=officer, defaults={"digest": _digest(secret), "made_at": at, "fetched_at": None}
    )
    return secret


def close_feed(*, officer: Officer) -> bool:
    """Close the address; false if there was none."""
    gone, _ = Feed.objects.filter(officer=officer).delete()
    return bool(gone)


@page("cases.view_clock", ("GET", "HEAD", "POST"))
def feed(request: HttpRequest) -> HttpResponse:
    """Make, renew or close one's feed."""
    officer, at = who(request), timezone.now()
    if request.method == "POST":
        if "close" in request.POST:
            if close_feed(officer=officer):
                messages.success(request, "订阅已停用，原来的地址不再有效。")
            return redirect("desk:feed")
        address = request.build_absolute_uri(reverse("desk:feed_dates", args=(make_feed(officer=officer, at=at),)))
        return _shown(request, officer, address)
    return _shown(request, officer, "")


def _shown(request: HttpRequest, officer: Officer, address: str) -> HttpResponse:
    return show(
        request,
        "desk/feed.html",
        title="日程订阅",
        feed=Feed.objects.filter(officer=officer).first(),
        address=address,
        dates=_dates(officer, timezone.now()).count(),
    )


@require_safe
def feed_dates(request: HttpRequest, secret: str) -> HttpResponse:
    """The feed itself, for a calendar program. An address nobody has, or of somebody who may see no clocks, is a 404."""
    found = Feed.objects.filter(digest=_digest(secret)).select_related("officer").first()
    if found is None or not found.officer.is_active or not found.officer.has_perm("cases.view_clock"):
        raise Http404
    at = timezone.now()
    # Known to the minute is known well enough, and one write a minute is enough too.
    if found.fetched_at is None or found.fetched_at <= at - ONE_MINUTE:
        Feed.objects.filter(pk=found.pk).update(fetched_at=at)
    # Calendar programs come back all day long: that they came is on record once a day.
    if found.fetched_at is None or timezone.localdate(found.fetched_at) < timezone.localdate(at):
        note_way_out(
            way=Way.FEED, what="日程订阅", about=f"cases.officer:{found.officer_id}", form="ics",
            rows=min(_dates(found.officer, at).count(), MOST_DATES), by=found.officer, at=at,
        )  # fmt: skip
    response = HttpResponse(_calendar(request, found.officer, at), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response


def _dates(officer: Officer, at: datetime) -> Any:
    """The officer's own running limits that count against his unit, those run out first."""
    rows = clocks_of(officer).running().counted().filter(officer=officer, matter__restricted=False)
    return rows.filter(due_at__lte=at + timedelta(days=DAYS_AHEAD))


def _calendar(request: HttpRequest, officer: Officer, at: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Dingban//Due dates//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"盯办：{officer.name}的期限")
    calendar.add("refresh-interval", REFRESH)
    rows = _dates(officer, at).select_related("limit", "matter__kind").order_by("due_at", "pk")
    for clock in rows[:MOST_DATES]:
        calendar.add_component(_entry(request, clock, at))
    return calendar.to_ical()


def _entry(request: HttpRequest, clock: Clock, at: datetime) -> Event:
    """A day for limits in days, so that it stands at the head of that day; a moment for limits in hours."""
    entry = Event()
    entry.add("uid", f"clock-{clock.pk}@dingban")
    entry.add("dtstamp", at.astimezone(UTC))
    left = "已超期：" if clock.due_at is not None and clock.due_at <= at else ""
    doubt = "（暂定）" if clock.provisional else ""
    entry.add("summary", f"{left}{clock.matter.number} {clock.limit.name}届满{doubt}")
    entry.add("description", f"{clock.matter.kind} {clock.matter.number}，依据{clock.limit.citation}")
    entry.add("url", request.build_absolute_uri(reverse("desk:clock", args=(clock.pk,))))
    if clock.due_on is not None:
        entry.add("dtstart", clock.due_on)
        entry.add("dtend", clock.due_on + timedelta(days=1))
        entry.add("transp", "TRANSPARENT")
    elif clock.due_at is not None:
        entry.add("dtstart", clock.due_at.astimezone(UTC))
    return entry
