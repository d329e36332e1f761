"""What every verb of the room does: take the case as it stands, put the event on its record, write the step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from cases.models import Event, Matter, Officer
from cases.queries import matters_of
from cases.services import CaseRefused, record_event
from supervision.expedited.models import TEXT_WIDTH, Action, CaseState, ExpeditedCase, ExpeditedStep
from supervision.expedited.queries import arrival_on
from supervision.expedited.refusals import (
    BEFORE_ARRIVAL,
    LATER_THAN_NOW,
    NOT_OPEN,
    NOT_YOURS,
    TEXT_NEEDED,
    TOO_LONG,
    ExpeditedRefused,
)


def hold(case: ExpeditedCase, *, act: str, by: Officer, states: tuple[CaseState, ...]) -> ExpeditedCase:
    """The case as it stands, locked until the caller's transaction ends.

    Refuses whoever may not see the matter, and a case in another state than those named.
    """
    require_seen(case.pk, by)
    held = ExpeditedCase.objects.select_for_update().get(pk=case.pk)
    held.matter = Matter.objects.select_related("kind", "unit", "officer").get(pk=case.pk)
    if held.state not in states:
        raise ExpeditedRefused(NOT_OPEN.format(state=held.get_state_display(), act=act))
    return held


def require_seen(matter_id: int, by: Officer) -> None:
    """Refuses whoever may not see the matter."""
    if not matters_of(by).filter(pk=matter_id).exists():
        raise ExpeditedRefused(NOT_YOURS)


def step(
    matter_id: int, action: Action, *, by: Officer | None, at: datetime, text: str = "", event: Event | None = None
) -> ExpeditedStep:
    return ExpeditedStep.objects.create(
        matter_id=matter_id, action=action, by=by, at=at, text=text[:TEXT_WIDTH], event=event
    )


def required(text: str, what: str, most: int) -> str:
    """The text without the space around it; refuses none at all, and more than fits."""
    text = fitting(text, what, most)
    if not text:
        raise ExpeditedRefused(TEXT_NEEDED.format(what=what))
    return text


def fitting(text: str, what: str, most: int) -> str:
    """The text without the space around it; refuses more than fits."""
    text = text.strip()
    if len(text) > most:
        raise ExpeditedRefused(TOO_LONG.format(what=what, most=most, length=len(text)))
    return text


def check_moment(moment: datetime, *, at: datetime, matter: Matter | None = None) -> None:
    """Refuses what is still to come, and, where a matter is named, what lies before the suspect arrived."""
    if moment > at:
        raise ExpeditedRefused(LATER_THAN_NOW.format(when=words(moment)))
    arrival = arrival_on(matter) if matter is not None else None
    if arrival is not None and moment < arrival.occurred_at:
        raise ExpeditedRefused(BEFORE_ARRIVAL.format(when=words(moment), arrived=words(arrival.occurred_at)))


def happened(matter: Matter, kind: str, moment: datetime, *, by: Officer, at: datetime, **told: Any) -> Event:
    """Put on the record what happened at a moment; the clocks follow at once. Refuses what the cases refuse."""
    try:
        return record_event(matter=matter, kind=kind, occurred_at=moment, by=by, at=at, **told)
    except CaseRefused as refusal:
        raise ExpeditedRefused(str(refusal)) from refusal


def words(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
