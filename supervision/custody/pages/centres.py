"""Centres: who is inside now, their rooms, and figures by month."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.queries import units_of
from supervision.custody import queries, services
from supervision.custody.forms import CentreForm, RoomForm
from supervision.custody.models import Centre, Room
from supervision.custody.services import CustodyRefused

# The live page asks again by itself after so many seconds: hours are counted to the minute.
REFRESH = 60
MONTHS = 12
HOME = ("办案中心", "custody:live")


@page("custody.view_visit")
def live(request: HttpRequest) -> HttpResponse:
    """Who is inside now, room by room, how long, and how much is left."""
    officer, at = who(request), timezone.now()
    centres = list(queries.centres_of(officer))
    asked = request.GET.get("centre", "")
    centre = next((one for one in centres if str(one.pk) == asked), centres[0] if centres else None)
    rooms, nowhere, total = queries.rooms_now(officer, centre) if centre is not None else ([], [], 0)
    return show(
        request,
        "custody/live.html",
        title="办案中心区内情况",
        at=at,
        refresh=REFRESH,
        centres=centres,
        centre=centre,
        rooms=rooms,
        nowhere=nowhere,
        total=total,
        free=sum(one.free for one in rooms),
        capacity=sum(one.room.capacity for one in rooms),
        others=total - len(nowhere) - sum(len(one.inside) for one in rooms),
        may_add=officer.has_perm("custody.add_visit"),
    )


@page("custody.view_room", ("GET", "HEAD", "POST"))
def rooms(request: HttpRequest) -> HttpResponse:
    """The rooms of the centres of one's units; those who keep them add centres and rooms."""
    officer = who(request)
    may_add = officer.has_perm("custody.add_room")
    if request.method == "POST" and not may_add:
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    of_centre = data is not None and data.get("what") == "centre"
    centre_form = CentreForm(data if of_centre else None, by=officer, auto_id="id_centre_%s")
    room_form = RoomForm(None if of_centre else data, by=officer, auto_id="id_room_%s")
    form = centre_form if of_centre else room_form
    if form.is_bound and form.is_valid():
        try:
            made: Centre | Room
            if of_centre:
                made = services.add_centre(**form.cleaned_data, by=officer)
            else:
                made = services.add_room(**form.cleaned_data, by=officer)
        except CustodyRefused as refusal:
            form.add_error(None, f"{refusal}。")
        else:
            messages.success(request, f"已登记{made}。")
            return redirect("custody:rooms")
    rows = list(
        Room.objects.filter(centre__unit__in=units_of(officer), centre__closed_at=None, closed_at=None)
        .select_related("centre__unit")
        .order_by("centre__unit__path", "centre", "kind", "name")[:500]
    )
    inside = queries.in_rooms([one.pk for one in rows])
    return show(
        request,
        "custody/rooms.html",
        title="办案中心和房间",
        trail=((HOME[0], reverse(HOME[1])),),
        status=422 if form.errors else 200,
        rooms=[(one, inside.get(one.pk, 0)) for one in rows],
        centre_form=centre_form if may_add else None,
        room_form=room_form if may_add else None,
        may_close=officer.has_perm("custody.change_room"),
    )


@page("custody.change_room", ("POST",))
def close(request: HttpRequest, pk: int) -> HttpResponse:
    officer = who(request)
    room = get_object_or_404(Room.objects.select_related("centre__unit"), pk=pk, centre__unit__in=units_of(officer))
    try:
        services.close_room(room=room, by=officer, at=timezone.now())
        messages.success(request, f"{room}已停用。")
    except CustodyRefused as refusal:
        messages.error(request, f"没有停用：{refusal}。")
    return redirect("custody:rooms")


@page("custody.view_visit")
def figures(request: HttpRequest) -> HttpResponse:
    """By centre and month of the last twelve, each figure opening its list."""
    officer, at = who(request), timezone.now()
    today = timezone.localdate(at)
    months = today.year * 12 + today.month - MONTHS
    since = date(months // 12, months % 12 + 1, 1)
    return show(
        request,
        "custody/figures.html",
        title="入区统计",
        trail=((HOME[0], reverse(HOME[1])),),
        rows=queries.figures(officer, at, since=since),
        since=since,
    )
