"""A hand-over is decided: who gives, who takes, on what ground, and which things, each as it was previewed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from cases.models import Officer, Unit
from supervision.handovers.gathering import Line, read_again
from supervision.handovers.models import Handover, HandoverItem, Reason
from supervision.handovers.queries import units_handing, why_not_received
from supervision.handovers.refusals import (
    FROM_ELSEWHERE,
    GROUND_NEEDED,
    NOTHING_TICKED,
    TOO_MANY,
    UNKNOWN_ROWS,
    HandoverRefused,
)
from supervision.handovers.rules import IN_ORDER, MOST, Mark


def begin_handover(
    *,
    marks: Sequence[Mark],
    from_officer: Officer | None,
    from_unit: Unit | None,
    to_unit: Unit,
    to_officer: Officer | None,
    reason: Reason | str,
    document_number: str = "",
    note: str = "",
    by: Officer,
    at: datetime,
) -> Handover:
    """Decide a hand-over of things as they were previewed; `carry_on` moves them. `at` is an aware moment.

    Writes a line for each with its open limits as they stand; nothing has changed hands yet. What has moved since the
    preview is refused line by line when it is carried out. Refuses whole: whoever may not hand over, a receiver who
    cannot take (see `why_not_received`), no ground, nothing or too much at once, things of units out of reach, and what
    is not there or only its handlers see.
    """
    if why := why_not_received(unit=to_unit, officer=to_officer, by=by, at=at):
        raise HandoverRefused(why)
    if not document_number.strip() and not note.strip():
        raise HandoverRefused(GROUND_NEEDED)
    once = list({mark.key: mark for mark in marks}.values())
    if not once:
        raise HandoverRefused(NOTHING_TICKED)
    if len(once) > MOST:
        raise HandoverRefused(TOO_MANY.format(most=MOST))
    units = units_handing(by).in_bulk({mark.unit_id for mark in once})
    if any(mark.unit_id not in units for mark in once):
        raise HandoverRefused(FROM_ELSEWHERE)
    once.sort(key=lambda mark: IN_ORDER.index(mark.thing))
    with transaction.atomic():
        now = read_again(once, by=by, at=at)
        if any(mark.key not in now for mark in once):
            raise HandoverRefused(UNKNOWN_ROWS)
        row = Handover.objects.create(
            from_officer=from_officer,
            from_unit=from_unit,
            to_unit=to_unit,
            to_officer=to_officer,
            reason=Reason(reason).value,
            document_number=document_number.strip(),
            note=note.strip(),
            by=by,
            at=at,
            total=len(once),
        )
        HandoverItem.objects.bulk_create(
            [_item(row, place, mark, now[mark.key], units[mark.unit_id]) for place, mark in enumerate(once, 1)],
            batch_size=500,
        )
    return row


def _item(row: Handover, place: int, mark: Mark, line: Line, unit: Unit) -> HandoverItem:
    return HandoverItem(
        handover=row,
        place=place,
        what=mark.thing.value,
        **{_COLUMN[mark.thing]: mark.pk},
        number=line.number[:80],
        name=line.name[:300],
        officer_id=mark.officer_id,
        step=mark.step,
        clocks=[one.as_json() for one in line.running],
        **unit.scope_ids,
    )


_COLUMN = {
    thing: {"matter": "matter_id", "order": "order_id", "followed": "case_id"}[thing.value] for thing in IN_ORDER
}
