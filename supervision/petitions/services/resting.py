"""Putting a petition to rest, looking at it again, opening it anew, and disposing of what identifies people."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from cases.duty import opening_of
from cases.models import Matter, Officer
from supervision.petitions import rules
from supervision.petitions.models import Contact, Disposal, Measure, Petition, Petitioner, Recheck, Resolution, Stage
from supervision.petitions.refusals import (
    DONE_ALREADY,
    NO_REQUEST,
    NOT_ASKED,
    NOT_DELIVERED,
    NOT_DUE,
    NOT_RESTING,
    ON_HOLD,
    REASON_NEEDED,
    RETAINED,
    SAME_PERSON,
    WORDS_NEEDED,
    PetitionRefused,
)
from supervision.petitions.services.acts import happened, midnight, move, note, take, today
from supervision.petitions.services.leading import require_lead
from supervision.retention.queries import held as on_hold

ERASED_SUBJECT = "（已按规定销毁）"


def resolve(*, petition: Petition, how: str, on: date, by: Officer, at: datetime) -> Resolution:
    """Put a petition to rest. It is looked at again after 30, 90 and 180 days.

    Refuses while the answer has not reached the petitioner, while his evaluation has not been asked for, and where
    nobody leads it.
    """
    if not how.strip():
        raise PetitionRefused(WORDS_NEEDED)
    with transaction.atomic():
        held = take(petition, act="认定化解", by=by, stages=(Stage.ANSWERED,))
        require_lead(held)
        if held.delivered_at is None or midnight(on) < held.delivered_at:
            raise PetitionRefused(NOT_DELIVERED)
        if held.evaluation_asked_at is None:
            raise PetitionRefused(NOT_ASKED)
        happened(held.matter, "petition_resolved", on, by=by, at=at)
        row = Resolution.objects.create(petition=held, resolved_at=midnight(on), how=how.strip(), by=by)
        Recheck.objects.bulk_create(
            Recheck(resolution=row, days=days, due_on=due_on, tell_since=opening_of(due_on, at))
            for days, due_on in rules.rechecks_after(on)
        )
        _still_nothing_to_tell(held)
        move(held, Stage.RESOLVED, "认定化解", tell_since=None, retain_until=rules.retained_until(on))
        note(held, "认定化解", how.strip(), by=by, at=at)
    return row


def _still_nothing_to_tell(held: Petition) -> None:
    """What was planned for a petition that rests need not be told of any more; what is done may still be written down."""
    Measure.objects.filter(plan__petition=held, done_at=None).update(tell_since=None)
    Contact.objects.filter(petition=held, held_at=None).update(tell_since=None)


def reopen(*, petition: Petition, why: str, on: date, by: Officer, at: datetime) -> None:
    """Take a petition up again; it does not count as resolved any more, and its re-checks fall away."""
    if not why.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take(petition, act="重新办理", by=by, stages=(Stage.RESOLVED,))
        if held.disposed_at is not None:
            raise PetitionRefused(DONE_ALREADY)
        _reopen(held, why.strip(), on, by=by, at=at)


def _reopen(held: Petition, why: str, on: date, *, by: Officer, at: datetime) -> None:
    happened(held.matter, "petition_reopened", on, by=by, at=at, ground=why[:100])
    standing = Resolution.objects.get(petition=held, reopened_at=None)
    Resolution.objects.filter(pk=standing.pk, reopened_at=None).update(
        reopened_at=max(midnight(on), standing.resolved_at), reopened_why=why[:300]
    )
    Recheck.objects.filter(resolution=standing, done_at=None).update(tell_since=None)
    # What is taken up again is not to be disposed of, whoever asked for it.
    Disposal.objects.filter(petition=held, confirmed_at=None).delete()
    move(held, Stage.REOPENED, "重新办理", retain_until=None)
    note(held, "重新办理", why, by=by, at=at)


def recheck(*, recheck: Recheck, holds: bool, note_text: str, on: date, by: Officer, at: datetime) -> None:
    """Record a look at a petition some time after it was put to rest. If it no longer holds, it is taken up again.

    Refuses one before its day, one made before, and one of a resolution that no longer stands.
    """
    if not note_text.strip():
        raise PetitionRefused(WORDS_NEEDED)
    with transaction.atomic():
        held = take(recheck.resolution.petition, act="复查", by=by, stages=(Stage.RESOLVED,))
        if today(at) < recheck.due_on:
            raise PetitionRefused(NOT_DUE.format(day=f"{recheck.due_on:%Y-%m-%d}"))
        claimed = Recheck.objects.filter(pk=recheck.pk, done_at=None, resolution__reopened_at=None).update(
            done_at=at, holds=holds, note=note_text.strip(), by=by, tell_since=None
        )
        if not claimed:
            raise PetitionRefused(DONE_ALREADY)
        note(held, f"化解后 {recheck.days} 日复查", note_text.strip(), by=by, at=at)
        if not holds:
            _reopen(held, f"{recheck.days} 日复查未能保持：{note_text.strip()}", on, by=by, at=at)


# -- disposal --------------------------------------------------------------------------------------------------------


def ask_disposal(*, petition: Petition, reason: str, by: Officer, at: datetime) -> Disposal:
    """Ask to dispose of a petition's personal data. Refuses before its time, and of one that is not at rest or on hold."""
    if not reason.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take(petition, act="申请销毁", by=by)
        if held.stage not in Stage.at_rest() or held.retain_until is None:
            raise PetitionRefused(NOT_RESTING)
        if today(at) < held.retain_until:
            raise PetitionRefused(RETAINED.format(day=f"{held.retain_until:%Y-%m-%d}"))
        if on_hold([held.pk]):
            raise PetitionRefused(ON_HOLD)
        if held.disposals.exists():
            raise PetitionRefused(DONE_ALREADY)
        row = Disposal.objects.create(petition=held, asked_by=by, asked_at=at, reason=reason.strip())
        note(held, "申请销毁", reason.strip(), by=by, at=at)
    return row


def confirm_disposal(*, petition: Petition, by: Officer, at: datetime) -> None:
    """Dispose of a petition's personal data: seals, digests and the words of what was asked are gone for good.

    Number, dates, events and the ledger stay. Refuses whoever asked for it, where nobody did, and one
    on hold.
    """
    with transaction.atomic():
        held = take(petition, act="确认销毁", by=by, stages=Stage.at_rest())
        asked = Disposal.objects.filter(petition=held, confirmed_at=None).first()
        if asked is None:
            raise PetitionRefused(NO_REQUEST)
        if asked.asked_by_id == by.pk:
            raise PetitionRefused(SAME_PERSON)
        if on_hold([held.pk]):
            raise PetitionRefused(ON_HOLD)
        Disposal.objects.filter(pk=asked.pk, confirmed_at=None).update(confirmed_by=by, confirmed_at=at)
        Petitioner.objects.filter(petition=held).update(
            sealed="", identity_digest="", phone_digest="", key="", erased_at=at
        )
        Matter.objects.filter(pk=held.pk).update(title=ERASED_SUBJECT)
        move(held, Stage(held.stage), "确认销毁", subject=ERASED_SUBJECT, disposed_at=at)
        note(held, "销毁", "身份信息和反映内容已销毁", by=by, at=at)
