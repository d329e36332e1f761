"""What an entry on a matter would move, before it is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack
from zoneinfo import ZoneInfo

from cases.clock_writing import ClockRow, Comparison
from cases.effects import Effects
from cases.models import ClockState, Event, Limit, Officer
from cases.services import EventFacts, draft_event, draft_void
from cases.statute.events import Occurrence
from cases.winding import catalogue, foresee

# Later than every event on record, as the next one will be.
_NEXT = 2**62


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One clock an entry would touch: what would become of it, and its due moments before and after."""

    limit: str
    what: str
    old_due_at: datetime | None
    new_due_at: datetime | None
    becomes_overdue: bool = False


def foresee_event(**facts: Unpack[EventFacts]) -> list[Foreseen]:
    """What recording this event would do to the clocks of its matter. Refuses what recording it would."""
    return _foreseen(draft_event(**facts), facts["at"])


def foresee_void(*, event: Event, by: Officer | None, at: datetime) -> list[Foreseen]:
    """What striking out this event would do. Refuses what striking it out would; the reason may still be wanting."""
    return _foreseen(draft_void(event=event, reason="", by=by, at=at), at)


def _foreseen(event: Event, at: datetime) -> list[Foreseen]:
    law = catalogue()
    zone = ZoneInfo(event.matter.kind.zone)
    supposed = Occurrence(
        _NEXT,
        "" if event.only_voids else event.kind.code,
        event.occurred_at,
        event.occurred_at.astimezone(zone).date(),
        event.recorded_at,
        event.day_only,
        event.voids_id,
        event.tier,
        event.approver,
        event.ground,
        event.amount,
        event.sets_at,
        event.sets_on,
        event.reference,
    )
    matter = event.matter_id
    _, compared = foresee([matter], at=at, law=law, effects=Effects(), supposed={matter: [supposed]})
    names = dict(Limit.objects.values_list("pk", "name"))
    return [
        Foreseen(
            names[limit],
            _what(old, new),
            old.due_at if old is not None and old.state != ClockState.VOID else None,
            new.due_at if new is not None else None,
            _overdue(new, at) and not _overdue(old, at),
        )
        for limit, old, new in _pairs(compared)
    ]


def _pairs(compared: Comparison) -> Iterator[tuple[int, ClockRow | None, ClockRow | None]]:
    for voided in compared.voided:
        yield voided.key[0], voided.old.row, None
    for changed in compared.changed:
        yield changed.key[0], changed.old.row, changed.row
    for begun in compared.begun:
        yield begun.key[0], None, begun.row


def _what(old: ClockRow | None, new: ClockRow | None) -> str:
    if new is None:
        return "将作废，不再计算"
    if old is None or old.state == ClockState.VOID:
        return "将开始计算" if new.state == ClockState.RUNNING else f"将记为{ClockState(new.state).label}"
    if new.state != old.state:
        return f"将由{ClockState(old.state).label}变为{ClockState(new.state).label}" + _late(old, new)
    if new.due_at != old.due_at:
        return "届满将变动" + _late(old, new)
    if new.faults != old.faults:
        return "届满不变，待核问题将变化"
    return "届满不变" + _late(old, new)


def _late(old: ClockRow, new: ClockRow) -> str:
    return "，并为超期办结" if new.late and not old.late else ""


def _overdue(row: ClockRow | None, at: datetime) -> bool:
    return row is not None and row.state == ClockState.RUNNING and row.due_at is not None and row.due_at <= at
