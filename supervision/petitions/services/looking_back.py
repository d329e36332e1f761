"""倒查 and 调度会: how a petition arose, who answers for it, and what was decided about it together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from cases.models import Officer, Unit
from supervision.petitions.models import Cause, Decision, LookBack, Meeting, Petition
from supervision.petitions.refusals import (
    DONE_ALREADY,
    FUTURE_DAY,
    LOOKS_BACK_AT_NONE,
    OWN_LOOK_BACK,
    WORDS_NEEDED,
    PetitionRefused,
)
from supervision.petitions.services.acts import note, opening_of, take
from supervision.petitions.services.leading import require_future, require_handler


def look_back(
    *,
    petition: Petition,
    cause: Cause | str,
    finding: str,
    by: Officer,
    at: datetime,
    unit: Unit | None = None,
    officer: Officer | None = None,
) -> LookBack:
    """Record why a petition arose and who answers for it. Refuses our own fault without a unit, and judging oneself."""
    if not finding.strip():
        raise PetitionRefused(WORDS_NEEDED)
    if cause in Cause.our_own() and unit is None:
        raise PetitionRefused(LOOKS_BACK_AT_NONE)
    if officer is not None and officer.pk == by.pk:
        raise PetitionRefused(OWN_LOOK_BACK.format(officer=officer))
    with transaction.atomic():
        held = take(petition, act="倒查", by=by)
        row = LookBack.objects.create(
            petition=held,
            cause=Cause(cause),
            unit=unit,
            officer=officer,
            finding=finding.strip(),
            by=by,
            looked_at=at,
        )
        note(held, "倒查", row.get_cause_display(), by=by, at=at)
    return row


def hold_meeting(
    *,
    petition: Petition,
    held_at: datetime,
    chair: Officer,
    minutes: str,
    by: Officer,
    at: datetime,
    decisions: Sequence[tuple[str, Officer, date]] = (),
) -> Meeting:
    """Record a meeting with its minutes and decisions (what, who, by when he replies).

    Refuses a meeting still to come, and decisions for whoever does not handle the petition.
    """
    if not minutes.strip():
        raise PetitionRefused(WORDS_NEEDED)
    if held_at > at:
        raise PetitionRefused(FUTURE_DAY)
    with transaction.atomic():
        held = take(petition, act="调度会", by=by)
        require_handler(held, chair)
        meeting = Meeting.objects.create(petition=held, held_at=held_at, chair=chair, minutes=minutes.strip(), by=by)
        note(held, "调度会", f"{chair}主持，议定 {len(decisions)} 项", by=by, at=at)
        for what, officer, due_on in decisions:
            decide_at_meeting(meeting=meeting, what=what, officer=officer, reply_due_on=due_on, by=by, at=at)
    return meeting


def decide_at_meeting(
    *, meeting: Meeting, what: str, officer: Officer, reply_due_on: date, by: Officer, at: datetime
) -> Decision:
    """Record one thing a meeting decided: what, who, and by when he replies."""
    if not what.strip():
        raise PetitionRefused(WORDS_NEEDED)
    with transaction.atomic():
        held = take(meeting.petition, act="议定事项", by=by)
        require_handler(held, officer)
        require_future(reply_due_on, at)
        row = Decision.objects.create(
            meeting=meeting,
            what=what.strip(),
            officer=officer,
            reply_due_on=reply_due_on,
            tell_since=opening_of(reply_due_on, at),
        )
        note(held, "议定事项", f"{what.strip()}，{officer}，{reply_due_on:%Y-%m-%d}前回复", by=by, at=at)
    return row


def reply(*, decision: Decision, text: str, by: Officer, at: datetime) -> None:
    """Record what became of a decision. Refuses an empty reply and a second one."""
    if not text.strip():
        raise PetitionRefused(WORDS_NEEDED)
    with transaction.atomic():
        held = take(decision.meeting.petition, act="回复议定事项", by=by)
        claimed = Decision.objects.filter(pk=decision.pk, replied_at=None).update(
            replied_at=at, reply=text.strip(), tell_since=None
        )
        if not claimed:
            raise PetitionRefused(DONE_ALREADY)
        note(held, "回复议定事项", f"{decision.what}：{text.strip()}", by=by, at=at)
