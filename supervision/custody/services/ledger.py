"""What every verb of the room does: take the visit under lock, put the event on its record, write the step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from cases.models import ApproverLevel, Event, Matter, Officer
from cases.queries import matters_of
from cases.services import CaseRefused, record_event
from supervision.custody.models import Action, Stage, Visit, VisitStep
from supervision.custody.refusals import (
    AFTER_EXIT,
    BEFORE_ENTRY,
    LATER_THAN_NOW,
    LEFT,
    NOT_YOURS,
    TEXT_NEEDED,
    TOO_LONG,
    UNKNOWN_APPROVER,
    CustodyRefused,
)
from supervision.custody.rules import MOST_TEXT

TEXT_WIDTH = 600


def hold(visit: Visit, *, by: Officer, act: str = "") -> Visit:
    """The visit as it stands, locked until the caller's transaction ends.

    Refuses whoever may not see the matter and, where `act` names what is done inside, a visit that is over.
    """
    if not matters_of(by).filter(pk=visit.pk).exists():
        raise CustodyRefused(NOT_YOURS)
    rows = Visit.objects.select_for_update(of=("self",))
    held = rows.select_related("matter__kind", "matter__unit", "matter__officer", "centre").get(pk=visit.pk)
    if act and not held.is_inside:
        raise CustodyRefused(LEFT.format(act=act))
    return held


def step(
    visit: Visit,
    action: Action,
    *,
    by: Officer | None,
    at: datetime,
    moment: datetime | None = None,
    text: str = "",
    stage: Stage | None = None,
    event: Event | None = None,
) -> VisitStep:
    return VisitStep.objects.create(
        visit=visit, action=action, by=by, at=at, moment=moment, text=text[:TEXT_WIDTH], stage=stage, event=event
    )


def required(text: str, what: str, most: int = MOST_TEXT) -> str:
    """The text without the space around it; refuses none at all, and more than fits."""
    text = fitting(text, what, most)
    if not text:
        raise CustodyRefused(TEXT_NEEDED.format(what=what))
    return text


def fitting(text: str, what: str, most: int) -> str:
    """The text without the space around it; refuses more than fits."""
    text = text.strip()
    if len(text) > most:
        raise CustodyRefused(TOO_LONG.format(what=what, most=most, length=len(text)))
    return text


def check_moment(moment: datetime, *, at: datetime, visit: Visit | None = None) -> None:
    """Refuses what is still to come, and what lies outside the visit."""
    if moment > at:
        raise CustodyRefused(LATER_THAN_NOW.format(when=words(moment)))
    if visit is not None and moment < visit.entered_at:
        raise CustodyRefused(BEFORE_ENTRY.format(when=words(moment), entered=words(visit.entered_at)))
    if visit is not None and visit.left_at is not None and moment > visit.left_at:
        raise CustodyRefused(AFTER_EXIT.format(when=words(moment), left=words(visit.left_at)))


def check_approver(code: str) -> str:
    """The code of a level that approves, or none; refuses what the catalogue does not know."""
    if code and not ApproverLevel.objects.filter(code=code).exists():
        raise CustodyRefused(UNKNOWN_APPROVER.format(code=code))
    return code


def happened(matter: Matter, kind: str, moment: datetime, *, by: Officer, at: datetime, **told: Any) -> Event:
    """Put on the visit's record what happened at a moment; its clocks follow at once. Refuses what the cases refuse."""
    try:
        return record_event(matter=matter, kind=kind, occurred_at=moment, by=by, at=at, **told)
    except CaseRefused as refusal:
        raise CustodyRefused(str(refusal)) from refusal


def words(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
