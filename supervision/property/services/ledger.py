"""What every verb of the room does: take the item as it was seen, put the event on its record, write the step."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from cases.models import ApproverLevel, Event, Matter, Officer
from cases.queries import matters_of
from cases.services import CaseRefused, record_event
from cases.statute import periods
from supervision.property.models import Action, Item, ItemState, Place, PropertyStep
from supervision.property.refusals import (
    BEFORE_TAKEN,
    LATER_THAN_NOW,
    MOVED_ON,
    NOT_HELD,
    NOT_YOURS,
    TEXT_NEEDED,
    TOO_LONG,
    UNKNOWN_APPROVER,
    PropertyRefused,
)
from supervision.property.rules import MOST_TEXT

TEXT_WIDTH = 600


def claim(item: Item, *, act: str, by: Officer, also: tuple[str, ...] = (), **changes: Any) -> None:
    """Take an item that is held as it was seen, and change it; in the caller's transaction. `also` are fields that must be
    as seen too.

    Refuses whoever may not see the matter, an item that is no longer held, and one that somebody moved on.
    """
    require_seen(item.matter_id, by)
    if not item.is_held:
        raise PropertyRefused(NOT_HELD.format(state=item.get_state_display(), act=act))
    as_seen = {name: getattr(item, name) for name in also}
    if not Item.objects.filter(pk=item.pk, state=ItemState.HELD, **as_seen).update(**changes):
        raise PropertyRefused(MOVED_ON)


def hold_case(matter: Matter) -> list[int]:
    """The items of the case that an item belongs to, locked in one order until the caller's transaction ends."""
    items = Item.objects.filter(matter__parent=matter.parent_id).values_list("pk", flat=True)
    return list(Item.objects.select_for_update().filter(pk__in=list(items)).order_by("pk").values_list("pk", flat=True))


def require_seen(matter_id: int, by: Officer) -> None:
    """Refuses whoever may not see the matter."""
    if not matters_of(by).filter(pk=matter_id).exists():
        raise PropertyRefused(NOT_YOURS)


def step(
    matter_id: int,
    action: Action,
    *,
    by: Officer | None,
    at: datetime,
    text: str = "",
    event: Event | None = None,
    from_place: Place | None = None,
    to_place: Place | None = None,
) -> PropertyStep:
    return PropertyStep.objects.create(
        matter_id=matter_id, action=action, by=by, at=at, text=text[:TEXT_WIDTH], event=event, from_place=from_place,
        to_place=to_place,
    )  # fmt: skip


def required(text: str, what: str, most: int = MOST_TEXT) -> str:
    """The text without the space around it; refuses none at all, and more than fits."""
    text = fitting(text, what, most)
    if not text:
        raise PropertyRefused(TEXT_NEEDED.format(what=what))
    return text


def fitting(text: str, what: str, most: int) -> str:
    """The text without the space around it; refuses more than fits."""
    text = text.strip()
    if len(text) > most:
        raise PropertyRefused(TOO_LONG.format(what=what, most=most, length=len(text)))
    return text


def check_moment(moment: datetime, *, at: datetime, taken_at: datetime | None = None) -> None:
    """Refuses what is still to come, and what lies before the item was taken."""
    if moment > at:
        raise PropertyRefused(LATER_THAN_NOW.format(when=_words(moment)))
    if taken_at is not None and moment < taken_at:
        raise PropertyRefused(BEFORE_TAKEN.format(when=_words(moment), taken=_words(taken_at)))


def check_day(on: date, *, at: datetime, taken_at: datetime) -> None:
    """Refuses a local day still to come, and one before the item was taken."""
    if on > timezone.localdate(at):
        raise PropertyRefused(LATER_THAN_NOW.format(when=on))
    if on < timezone.localdate(taken_at):
        raise PropertyRefused(BEFORE_TAKEN.format(when=on, taken=timezone.localdate(taken_at)))


def check_approver(code: str) -> str:
    """The code of a level that approves, or none; refuses what the catalogue does not know."""
    if code and not ApproverLevel.objects.filter(code=code).exists():
        raise PropertyRefused(UNKNOWN_APPROVER.format(code=code))
    return code


def happened(matter: Matter, kind: str, moment: datetime, *, by: Officer, at: datetime, **told: Any) -> Event:
    """Put on the item's record what happened at a moment; its clocks follow at once. Refuses what the cases refuse."""
    try:
        return record_event(matter=matter, kind=kind, occurred_at=moment, by=by, at=at, **told)
    except CaseRefused as refusal:
        raise PropertyRefused(str(refusal)) from refusal


def happened_on(matter: Matter, kind: str, on: date, *, by: Officer, at: datetime, **told: Any) -> Event:
    """The same of something that happened on a local day."""
    midnight = periods.start_of_day(on, ZoneInfo(matter.kind.zone))
    return happened(matter, kind, midnight, by=by, at=at, day_only=True, **told)


def _words(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
