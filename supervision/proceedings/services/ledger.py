"""What every verb of the room does: claim the row as it was seen, put the event on the matter's record, write the step."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from cases.models import Event, Matter, Officer, Unit
from cases.queries import matters_of, units_of
from cases.services import CaseRefused, name_handler, open_matter, record_event
from cases.statute import periods
from supervision.proceedings.models import Action, Dispute, ProceedingStep, Review, Transfer
from supervision.proceedings.refusals import (
    BEFORE_BEGINNING,
    BEFORE_EARLIER_STEP,
    LATER_THAN_NOW,
    MOVED_ON,
    NOT_YOURS,
    TEXT_NEEDED,
    UNIT_NOT_YOURS,
    WRONG_STAGE,
    ProceedingRefused,
)

TEXT_WIDTH = 600

Row = Dispute | Review | Transfer


def claim(
    row: Row, *, stages: tuple[str, ...], verb: str, by: Officer, also: tuple[str, ...] = (), **changes: Any
) -> None:
    """Take the row as it was seen, and change it; in the caller's transaction. `also` are fields that must be as seen too.

    Refuses whoever may not see the matter, a stage in which the verb is not at home, and a row that somebody moved on.
    """
    if not matters_of(by).filter(pk=row.matter_id).exists():
        raise ProceedingRefused(NOT_YOURS)
    if row.stage not in stages:
        raise ProceedingRefused(WRONG_STAGE.format(stage=row.get_stage_display(), verb=verb))
    as_seen = {name: getattr(row, name) for name in ("stage", *also)}
    seen = type(row)._base_manager.filter(pk=row.pk, **as_seen)
    if not seen.update(**changes):
        raise ProceedingRefused(MOVED_ON)


def step(row: Row, action: Action, *, by: Officer, at: datetime, text: str = "", event: Event | None = None) -> None:
    ProceedingStep.objects.create(
        matter_id=row.matter_id, action=action, by=by, at=at, text=text[:TEXT_WIDTH], event=event
    )


def required(text: str, what: str) -> str:
    """The text without the space around it; refuses none at all, naming what is missing."""
    text = text.strip()
    if not text:
        raise ProceedingRefused(TEXT_NEEDED.format(what=what))
    return text


def check_day(row: Row, on: date, *, at: datetime, after: date | None = None) -> None:
    """Refuse a local day that is still to come, and one before the matter was received or before an earlier step."""
    if on > timezone.localdate(at):
        raise ProceedingRefused(LATER_THAN_NOW.format(day=on))
    begun = timezone.localdate(row.matter.opened_at) if row.matter.opened_at is not None else None
    if begun is not None and on < begun:
        raise ProceedingRefused(BEFORE_BEGINNING.format(day=on, begun=begun))
    if after is not None and on < after:
        raise ProceedingRefused(BEFORE_EARLIER_STEP.format(day=on, earlier=after))


def happened_on(matter: Matter, kind: str, on: date, *, by: Officer, at: datetime, **told: Any) -> Event:
    """Put on the matter's record what happened on a local day; its clocks follow at once."""
    midnight = periods.start_of_day(on, ZoneInfo(matter.kind.zone))
    return happened(matter, kind, midnight, by=by, at=at, day_only=True, **told)


def happened(matter: Matter, kind: str, moment: datetime, *, by: Officer, at: datetime, **told: Any) -> Event:
    """Put on the matter's record what happened at a moment; refuses what the cases refuse."""
    try:
        return record_event(matter=matter, kind=kind, occurred_at=moment, by=by, at=at, **told)
    except CaseRefused as refusal:
        raise ProceedingRefused(str(refusal)) from refusal


def open_for(
    *,
    kind: str,
    number: str,
    title: str,
    unit: Unit,
    officer: Officer | None,
    facts: dict[str, Any],
    by: Officer,
    at: datetime,
) -> Matter:
    """A matter for a new row, handled by `officer`. Refuses a unit that is not the officer's to register for, a unit that
    was merged away, and a number in use."""
    if unit.valid_until is not None or not units_of(by).filter(pk=unit.pk).exists():
        raise ProceedingRefused(UNIT_NOT_YOURS.format(unit=unit))
    number = required(number, "编号")
    try:
        matter = open_matter(kind=kind, number=number, title=title.strip(), unit=unit, officer=officer, facts=facts)
    except CaseRefused as refusal:
        raise ProceedingRefused(str(refusal)) from refusal
    if officer is not None:
        name_handler(matter=matter, officer=officer, role="officer", at=at)
    return matter
