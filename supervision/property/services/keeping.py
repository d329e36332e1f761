"""Where property is kept: places, handing over to the keeper, and every movement from one place to another."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from cases.models import Officer, Unit
from cases.queries import units_of
from cases.tree import take_over_named
from supervision.property.models import Action, Item, Place
from supervision.property.queries import keeps_for
from supervision.property.refusals import (
    ALREADY_HANDED_OVER,
    NOT_HANDED_OVER,
    NOT_STORED,
    PLACE_CLOSED,
    PLACE_ELSEWHERE,
    PLACE_NOT_EMPTY,
    PLACE_TAKEN,
    SAME_PLACE,
    UNIT_NOT_YOURS,
    PropertyRefused,
)
from supervision.property.services.ledger import check_moment, claim, happened, required, step


def add_place(*, unit: Unit, name: str, by: Officer) -> Place:
    """A place where property is kept. Refuses a unit that is not his, and a name that a place of it has."""
    if unit.valid_until is not None or not units_of(by).filter(pk=unit.pk).exists():
        raise PropertyRefused(UNIT_NOT_YOURS.format(unit=unit))
    name = required(name, "名称", 60)
    try:
        with transaction.atomic():
            return Place.objects.create(unit=unit, name=name)
    except IntegrityError as error:
        raise PropertyRefused(PLACE_TAKEN.format(unit=unit, name=name)) from error


def close_place(*, place: Place, by: Officer, at: datetime) -> Place:
    """A place is used no more. Refuses one of a unit that is not his, one that is closed, and one that is not empty."""
    if not units_of(by).filter(pk=place.unit_id).exists():
        raise PropertyRefused(UNIT_NOT_YOURS.format(unit=place.unit))
    with transaction.atomic():
        if not Place.objects.filter(pk=place.pk, closed_at=None).update(closed_at=at):
            raise PropertyRefused(PLACE_CLOSED.format(place=place))
        if left := Item.objects.filter(place=place, state="held").count():
            raise PropertyRefused(PLACE_NOT_EMPTY.format(place=place, items=left))
    place.refresh_from_db()
    return place


def follow_merger(*, unit: Unit, into: Unit) -> int:
    """The unit that another was merged into has its places in use, with what is in them; in the caller's transaction. Answers how many
    places."""
    return take_over_named(Place, unit=unit, into=into)


def hand_over(*, item: Item, place: Place, handed_at: datetime, by: Officer, at: datetime) -> Item:
    """It was handed to the keeper, which ends the twenty-four hours (公安机关办理行政案件程序规定第一百九十条); those who took it
    may not keep it themselves (第一百八十八条).

    Refuses what is frozen, what was handed over before, a closed place, one that does not keep for the unit, and a moment
    to come or before it was taken.
    """
    if item.is_frozen:
        raise PropertyRefused(NOT_STORED)
    if item.place_id is not None:
        raise PropertyRefused(ALREADY_HANDED_OVER)
    check_moment(handed_at, at=at, taken_at=item.taken_at)
    with transaction.atomic():
        _require_place(place, item)
        claim(item, act="登记移交", by=by, also=("place",), place=place, handed_over_at=handed_at)
        event = happened(item.matter, "property_handed_over", handed_at, by=by, at=at)
        step(item.matter_id, Action.HANDED_OVER, by=by, at=at, text=str(place), event=event, to_place=place)
    item.refresh_from_db()
    return item


def move_item(*, item: Item, place: Place, reason: str, by: Officer, at: datetime) -> Item:
    """It lies elsewhere now, for a reason: taken out to be examined, or moved to another store.

    Refuses what was not handed over, the place where it lies, a closed place, and one that does not keep for the unit.
    """
    reason = required(reason, "事由")
    if item.place is None:
        raise PropertyRefused(NOT_HANDED_OVER)
    if item.place_id == place.pk:
        raise PropertyRefused(SAME_PLACE.format(place=place))
    left = item.place
    with transaction.atomic():
        _require_place(place, item)
        claim(item, act="变更保管场所", by=by, also=("place",), place=place)
        step(item.matter_id, Action.MOVED, by=by, at=at, text=reason, from_place=left, to_place=place)
    item.refresh_from_db()
    return item


def _require_place(place: Place, item: Item) -> None:
    """Locked, so that it is not closed meanwhile."""
    if not Place.objects.select_for_update().filter(pk=place.pk, closed_at=None).exists():
        raise PropertyRefused(PLACE_CLOSED.format(place=place))
    if not keeps_for(place, item.matter.unit):
        raise PropertyRefused(PLACE_ELSEWHERE.format(place=place, unit=item.matter.unit))
