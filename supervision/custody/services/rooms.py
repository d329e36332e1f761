"""Centres and their rooms."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from cases.models import Officer, Unit
from cases.queries import units_of
from cases.tree import take_over_named
from supervision.custody import rules
from supervision.custody.models import Centre, Room, RoomKind, StageKind, Visit
from supervision.custody.models.centre import MOST_CAPACITY
from supervision.custody.queries import in_rooms
from supervision.custody.refusals import (
    BAD_CAPACITY,
    CENTRE_CLOSED,
    CENTRE_TAKEN,
    NOT_TO_WAITING_ROOM,
    ROOM_CLOSED,
    ROOM_ELSEWHERE,
    ROOM_FULL,
    ROOM_IN_USE,
    ROOM_TAKEN,
    ROOM_UNSUITED,
    UNIT_NOT_YOURS,
    CustodyRefused,
)
from supervision.custody.services.ledger import required


def add_centre(*, unit: Unit, name: str, by: Officer) -> Centre:
    """A centre of a unit. Refuses a unit he may not see, and a name in use there."""
    _require_unit(unit, by)
    name = required(name, "名称", 60)
    try:
        with transaction.atomic():
            return Centre.objects.create(unit=unit, name=name)
    except IntegrityError as error:
        raise CustodyRefused(CENTRE_TAKEN.format(unit=unit, name=name)) from error


def follow_merger(*, unit: Unit, into: Unit) -> int:
    """The unit that another was merged into has its centres in use, with their rooms; in the caller's transaction. Answers how many
    centres."""
    return take_over_named(Centre, unit=unit, into=into)


def add_room(*, centre: Centre, name: str, kind: RoomKind | str, capacity: int, by: Officer) -> Room:
    """A room of a centre. Refuses a centre whose unit he may not see, one that is closed, a name in use, and a capacity
    out of bounds."""
    _require_unit(centre.unit, by)
    if centre.closed_at is not None:
        raise CustodyRefused(CENTRE_CLOSED.format(centre=centre))
    name = required(name, "名称", 60)
    if not 1 <= capacity <= MOST_CAPACITY:
        raise CustodyRefused(BAD_CAPACITY.format(most=MOST_CAPACITY))
    try:
        with transaction.atomic():
            return Room.objects.create(centre=centre, name=name, kind=RoomKind(kind), capacity=capacity)
    except IntegrityError as error:
        raise CustodyRefused(ROOM_TAKEN.format(centre=centre, name=name)) from error


def close_room(*, room: Room, by: Officer, at: datetime) -> Room:
    """Take a room out of use; its name is free again. Refuses one that somebody is in, and one that is closed."""
    with transaction.atomic():
        held = _locked(room)
        _require_unit(held.centre.unit, by)
        if held.closed_at is not None:
            raise CustodyRefused(ROOM_CLOSED.format(room=held))
        if inside := in_rooms([held.pk]).get(held.pk, 0):
            raise CustodyRefused(ROOM_IN_USE.format(room=held, inside=inside))
        held.closed_at = at
        held.save(update_fields=["closed_at"])
    return held


def take_room(room: Room, visit: Visit, kind: StageKind, *, stays: bool) -> Room:
    """The room locked until the caller's transaction ends, fit for a step of a kind and, where the person `stays` in it
    from now on, with space for one more.

    Refuses one of another centre, a closed one, one for something else, a waiting room for those who may not be put
    there, and a full one.
    """
    held = _locked(room)
    if held.centre_id != visit.centre_id:
        raise CustodyRefused(ROOM_ELSEWHERE.format(room=held, centre=visit.centre))
    if not rules.may_use(rules.RoomKind(held.kind), rules.Kind(kind)):
        raise CustodyRefused(
            ROOM_UNSUITED.format(room=held, room_kind=held.get_kind_display(), kind=StageKind(kind).label)
        )
    if held.kind == RoomKind.WAITING and rules.kept_out_of_waiting_rooms(rules.Basis(visit.basis), visit.special):
        raise CustodyRefused(NOT_TO_WAITING_ROOM)
    if not stays:
        return held
    if held.closed_at is not None:
        raise CustodyRefused(ROOM_CLOSED.format(room=held))
    inside = in_rooms([held.pk]).get(held.pk, 0)
    if inside >= held.capacity:
        raise CustodyRefused(ROOM_FULL.format(room=held, capacity=held.capacity, inside=inside))
    return held


def _locked(room: Room) -> Room:
    return Room.objects.select_for_update(of=("self",)).select_related("centre__unit").get(pk=room.pk)


def _require_unit(unit: Unit, by: Officer) -> None:
    if not units_of(by).filter(pk=unit.pk).exists():
        raise CustodyRefused(UNIT_NOT_YOURS.format(unit=unit))
