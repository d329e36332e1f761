"""倒查 and 调度会: how a petition arose, who answers for it, and what was decided about it together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from cases.duty import opening_of
from cases.models import Officer, Unit
from supervision.petitions import sealing
from supervision.petitions.models import Cause, Decision, LookBack, Meeting, Petition
from supervision.petitions.refusals import (
    DONE_ALREADY,
    FUTURE_DAY,
    LOOKS_BACK_AT_NONE,
    ORDER_NOT_NEEDED,
    ORDERED_ALREADY,
    OWN_LOOK_BACK,
    TELLING_WORDS,
    WORDS_NEEDED,
    PetitionRefused,
)
from supervision.petitions.services.acts import note, take
from supervision.petitions.services.leading import require_future, require_handler
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.refusals import UNKNOWN_PROBLEM, RectificationRefused
from supervision.rectification.services import issue_order, own_number


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


def order_fault(
    *,
    found: LookBack,
    problem: str,
    text: str,
    by: Officer,
    at: datetime,
    workdays: int | None = None,
) -> Order:
    """Order the unit that caused a petition to put its fault right; the order says nothing of the petition.

    It goes out as found in daily supervision, under the number any order by hand would have, and names the case behind the petition
    only where that case is open to its unit anyway: whoever is complained about learns of his fault, not of who
    complained, nor that anybody did (信访工作条例 30). Refuses a cause that is not ours, a second order, and words that
    give the petition away.
    """
    with transaction.atomic():
        held = take(found.petition, act="整改", by=by)
        row = LookBack.objects.select_for_update(of=("self",)).select_related("unit", "officer").get(pk=found.pk)
        if row.unit is None:
            raise PetitionRefused(ORDER_NOT_NEEDED)
        if row.ordered_at is not None:
            raise PetitionRefused(ORDERED_ALREADY)
        _require_silent(held, text)
        behind = held.underlying if held.underlying is not None and not held.underlying.restricted else None
        known = Problem.objects.filter(code=problem).first()
        if known is None:
            raise PetitionRefused(UNKNOWN_PROBLEM.format(code=problem))
        try:
            order = issue_order(
                source=Source.SUPERVISOR,
                source_number=own_number(matter=behind, unit=row.unit, problem=known),
                problem=known,
                unit=row.unit,
                officer=row.officer,
                matter=behind,
                text=text,
                workdays=workdays,
                by=by,
                at=at,
            )
        except RectificationRefused as refusal:
            raise PetitionRefused(str(refusal)) from refusal
        LookBack.objects.filter(pk=row.pk, ordered_at=None).update(ordered_at=at, order_number=order.number)
        note(held, "倒查整改", order.number, by=by, at=at)
    return order


# What would tell whoever is ordered that somebody complained.
TELLING = ("信访", "投诉", "举报", "控告", "来信", "来访", "上访", "反映人")


def _require_silent(held: Petition, text: str) -> None:
    people = [sealing.unseal(row.key, row.sealed, place=row.place) for row in held.petitioners.filter(erased_at=None)]
    require_silent(text, numbers=(held.matter.number,), people=people, who="信访人身份")


def require_silent(text: str, *, numbers: Iterable[str], people: Iterable[Mapping[str, str]], who: str) -> None:
    """Refuse words of an order that would say that somebody complained: such a word, a number, or who it was.

    The words of a person are not said back: only that they stand there, as `who`.
    """
    told = [word for word in (*TELLING, *numbers) if word and word in text]
    if any(len(value) > 1 and value in text for facts in people for value in facts.values()):
        told.append(who)
    if told:
        raise PetitionRefused(TELLING_WORDS.format(words="、".join(dict.fromkeys(told))))
