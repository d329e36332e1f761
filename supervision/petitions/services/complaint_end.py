"""What a complaint may still need: more time for its answer, another look after it, and disposal of what names people."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from cases.duty import opening_of
from cases.models import Matter, Officer
from supervision.petitions.models import (
    Category,
    Complainant,
    Complaint,
    ComplaintDisposal,
    ComplaintReopening,
    ComplaintStage,
)
from supervision.petitions.refusals import (
    COMPLAINT_ERASED,
    COMPLAINT_NOT_RESTING,
    DONE_ALREADY,
    EXTENDED_ALREADY,
    NO_REQUEST,
    NO_TERM_AFTER_REPLY,
    NO_TERM_TO_EXTEND,
    NOTHING_TO_TELL,
    ON_HOLD,
    REASON_NEEDED,
    RETAINED,
    SAME_PERSON,
    PetitionRefused,
)
from supervision.petitions.services.acts import approved_by, happened, midnight, today
from supervision.petitions.services.complaint_acts import (
    complaint_stands,
    move_complaint,
    note_complaint,
    take_complaint,
    with_taken_in,
)
from supervision.petitions.services.resting import ERASED_SUBJECT
from supervision.retention.queries import held as on_hold

# -- more time -------------------------------------------------------------------------------------------------------


def extend_complaint(*, complaint: Complaint, on: date, approver: str, ground: str, by: Officer, at: datetime) -> None:
    """Record that the sixty days of a claim were lengthened by thirty (34). Not complete until it is told why.

    `approver` is the code of the level that approved it; the clock itself refuses one that is too low. Refuses an
    accusation, for which the law names no days, a second extension, one of what is looked into again, for which no days
    run, and one without a ground.
    """
    if not ground.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take_complaint(complaint, act="延长", by=by, stages=ComplaintStage.unanswered())
        if held.category != Category.CLAIM:
            raise PetitionRefused(NO_TERM_TO_EXTEND)
        if held.reopenings.exists():
            raise PetitionRefused(NO_TERM_AFTER_REPLY)
        if complaint_stands(held, "petition_extended"):
            raise PetitionRefused(EXTENDED_ALREADY)
        happened(held.matter, "petition_extended", on, by=by, at=at, approver=approver, ground=ground[:100])
        tell_on = opening_of(today(at) + timedelta(days=1), at)
        move_complaint(held, ComplaintStage(held.stage), "延长", tell_extension_since=tell_on)
        note_complaint(
            held,
            "批准延长",
            f"{ground.strip()}，{approved_by(approver)}（尚未告知投诉人，告知后方为完整）",
            by=by,
            at=at,
        )


def tell_complaint_extension(
    *, complaint: Complaint, on: date, by: Officer, at: datetime, document_number: str = ""
) -> None:
    """Record that whoever complained was told of the extension and why; only now does it count. Refuses where there is
    none to tell of."""
    with transaction.atomic():
        held = take_complaint(complaint, act="告知延期", by=by, stages=ComplaintStage.unanswered())
        if not complaint_extension_untold(held):
            raise PetitionRefused(NOTHING_TO_TELL)
        happened(held.matter, "petition_told_extension", on, by=by, at=at, document_number=document_number)
        move_complaint(held, ComplaintStage(held.stage), "告知延期", tell_extension_since=None)
        note_complaint(held, "告知延期理由", f"{on:%Y-%m-%d} {document_number}".strip(), by=by, at=at)


def complaint_extendable(complaint: Complaint) -> bool:
    """Whether sixty days run that may be lengthened: of a claim, not lengthened yet, and not answered before."""
    return (
        complaint.category == Category.CLAIM
        and not complaint_stands(complaint, "petition_extended")
        and not complaint.reopenings.exists()
    )


def complaint_extension_untold(complaint: Complaint) -> bool:
    """Whether an extension was approved of which whoever complained is still to be told; after the answer it is idle."""
    return (
        complaint_stands(complaint, "petition_extended")
        and not complaint_stands(complaint, "petition_told_extension")
        and not complaint.reopenings.exists()
    )


# -- another look ----------------------------------------------------------------------------------------------------


def reopen_complaint(*, complaint: Complaint, why: str, on: date, by: Officer, at: datetime) -> ComplaintReopening:
    """Look into an answered or closed complaint again: it is to be found and answered anew.

    What had been found is kept beside it and counts no more; a disposal that was asked for falls away. No statutory days
    run for the second answer. Refuses one without a reason, and one that was disposed of.
    """
    why = why.strip()
    if not why:
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take_complaint(complaint, act="重新核查", by=by, stages=(ComplaintStage.REPLIED, ComplaintStage.CLOSED))
        if held.disposed_at is not None:
            raise PetitionRefused(COMPLAINT_ERASED.format(act="重新核查"))
        assert held.found_by is not None and held.found_at is not None  # the table keeps it
        for one in with_taken_in(held):
            happened(one.matter, "petition_reopened", on, by=by, at=at, ground=why[:100])
        row = ComplaintReopening.objects.create(
            complaint=held,
            reopened_at=midnight(on),
            why=why[:300],
            by=by,
            verdict=held.verdict,
            verdict_reason=held.verdict_reason,
            found_by=held.found_by,
            found_at=held.found_at,
            replied_at=held.replied_at,
            order_number=held.order_number,
        )
        before = held.get_verdict_display()
        ComplaintDisposal.objects.filter(complaint=held, confirmed_at=None).delete()
        move_complaint(
            held,
            ComplaintStage.REOPENED,
            "重新核查",
            verdict="",
            verdict_reason="",
            found_by=None,
            found_at=None,
            replied_at=None,
            evaluation_asked_at=None,
            ordered_at=None,
            order_number="",
            closed_at=None,
            retain_until=None,
            tell_reply_since=None,
        )
        note_complaint(held, "重新核查", f"{why}（原认定：{before}，不再算数）", by=by, at=at)
    return row


# -- disposal --------------------------------------------------------------------------------------------------------


def ask_complaint_disposal(*, complaint: Complaint, reason: str, by: Officer, at: datetime) -> ComplaintDisposal:
    """Ask to dispose of what identifies people in a complaint. Refuses before its time, one that is not closed, and a
    second request."""
    if not reason.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take_complaint(complaint, act="申请销毁", by=by)
        _require_expired(held, at)
        if on_hold([held.pk]):
            raise PetitionRefused(ON_HOLD)
        if held.disposals.exists():
            raise PetitionRefused(DONE_ALREADY)
        row = ComplaintDisposal.objects.create(complaint=held, asked_by=by, asked_at=at, reason=reason.strip()[:200])
        note_complaint(held, "申请销毁", reason.strip(), by=by, at=at)
    return row


def confirm_complaint_disposal(*, complaint: Complaint, by: Officer, at: datetime) -> None:
    """Dispose of what identifies people: seals, digests, the words of the complaint and of what was found are gone for
    good, in what was taken into it too.

    Numbers, dates, verdicts, events and the ledger stay. Refuses whoever asked for it, where nobody
    did, and what is on hold.
    """
    with transaction.atomic():
        held = take_complaint(complaint, act="确认销毁", by=by)
        asked = ComplaintDisposal.objects.filter(complaint=held, confirmed_at=None).first()
        if asked is None:
            raise PetitionRefused(NO_REQUEST)
        if asked.asked_by_id == by.pk:
            raise PetitionRefused(SAME_PERSON)
        _require_expired(held, at)
        together = with_taken_in(held)
        ids = [one.pk for one in together]
        if on_hold(ids):
            raise PetitionRefused(ON_HOLD)
        ComplaintDisposal.objects.filter(pk=asked.pk, confirmed_at=None).update(confirmed_by=by, confirmed_at=at)
        Complainant.objects.filter(complaint__in=ids).update(
            sealed="", identity_digest="", phone_digest="", key="", erased_at=at
        )
        Matter.objects.filter(pk__in=ids).update(title=ERASED_SUBJECT)
        ComplaintReopening.objects.filter(complaint__in=ids).update(verdict_reason=ERASED_SUBJECT, why=ERASED_SUBJECT)
        Complaint.objects.filter(pk__in=ids).exclude(verdict="").update(verdict_reason=ERASED_SUBJECT)
        for one in together:
            move_complaint(one, ComplaintStage(one.stage), "确认销毁", subject=ERASED_SUBJECT, disposed_at=at)
            note_complaint(one, "销毁", "身份信息和内容已销毁", by=by, at=at)


def _require_expired(held: Complaint, at: datetime) -> None:
    """Refuse a complaint that is not closed, and one whose time of keeping is not over."""
    if held.stage != ComplaintStage.CLOSED or held.retain_until is None:
        raise PetitionRefused(COMPLAINT_NOT_RESTING)
    if today(at) < held.retain_until:
        raise PetitionRefused(RETAINED.format(day=f"{held.retain_until:%Y-%m-%d}"))
