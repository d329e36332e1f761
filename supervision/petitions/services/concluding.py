"""From the notice that a complaint came in to its end: looking into it, finding, answering, putting right, closing."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from cases.models import Officer
from cases.services import note_facts
from supervision.petitions import rules
from supervision.petitions.models import Category, Complaint, ComplaintStage, Verdict
from supervision.petitions.refusals import (
    ACCUSED_NEEDED,
    CATEGORY_OF_COMPLAINT,
    COMPLAINT_ORDERED,
    DONE_ALREADY,
    NOT_BORNE_OUT,
    OWN_FINDING,
    REASON_NEEDED,
    REPLY_NEEDED,
    STEP_OUT_OF_ORDER,
    PetitionRefused,
)
from supervision.petitions.services.acts import happened, midnight
from supervision.petitions.services.complaint_acts import (
    complainant_facts,
    complaint_stands,
    move_complaint,
    note_complaint,
    take_complaint,
    with_taken_in,
)
from supervision.petitions.services.looking_back import require_silent
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.refusals import UNKNOWN_PROBLEM, RectificationRefused
from supervision.rectification.services import issue_order, own_number


def tell_received(*, complaint: Complaint, on: date, by: Officer, at: datetime, document_number: str = "") -> None:
    """Record that the complainant was told in writing that it came in (信访工作条例 23); due within 15 days."""
    with transaction.atomic():
        held = take_complaint(complaint, act="告知接收", by=by)
        if complaint_stands(held, "petition_notified"):
            raise PetitionRefused(DONE_ALREADY)
        happened(held.matter, "petition_notified", on, by=by, at=at, document_number=document_number)
        move_complaint(held, ComplaintStage(held.stage), "告知接收", tell_since=None)
        note_complaint(held, "告知接收情况", f"{on:%Y-%m-%d} {document_number}".strip(), by=by, at=at)


def accept_complaint(
    *, complaint: Complaint, category: Category | str, on: date, by: Officer, at: datetime, document_number: str = ""
) -> None:
    """Begin to look into a complaint, as an accusation (30) or as a claim (31 (6)).

    A claim is answered within sixty days of this (34); for an accusation the law names no number of days (人民警察法 46:
    looked into in time, its result told). Refuses a suggestion, which is no complaint.
    """
    if category not in (Category.ACCUSATION, Category.CLAIM):
        raise PetitionRefused(CATEGORY_OF_COMPLAINT)
    category = Category(category)
    with transaction.atomic():
        held = take_complaint(complaint, act="受理", by=by, stages=(ComplaintStage.REGISTERED,))
        note_facts(matter=held.matter, facts={"petition_category": category.value}, at=at)
        happened(held.matter, "petition_accepted", on, by=by, at=at, document_number=document_number)
        move_complaint(held, ComplaintStage.ACCEPTED, "受理", category=category)
        note_complaint(held, "受理核查", category.label, by=by, at=at)


def find(*, complaint: Complaint, verdict: Verdict | str, reason: str, by: Officer, at: datetime) -> None:
    """Record what was found: borne out, partly, not, or not to be found out, with the reason.

    Refuses whoever is complained about or belongs to them (nobody of them handles it), a finding without a reason, and
    one that is borne out where no unit is complained about.
    """
    if not reason.strip():
        raise PetitionRefused(REASON_NEEDED)
    verdict = Verdict(verdict)
    with transaction.atomic():
        held = take_complaint(complaint, act="认定", by=by, stages=ComplaintStage.looked_into())
        if held.accused_officer_id == by.pk:
            raise PetitionRefused(OWN_FINDING.format(officer=by))
        if verdict in Verdict.borne_out() and held.accused_unit_id is None:
            raise PetitionRefused(ACCUSED_NEEDED)
        move_complaint(
            held,
            ComplaintStage.FOUND,
            "认定",
            verdict=verdict,
            verdict_reason=reason.strip(),
            found_by=by,
            found_at=at,
        )
        note_complaint(held, "认定", verdict.label, by=by, at=at)


def reply_to_complaint(
    *,
    complaint: Complaint,
    on: date,
    by: Officer,
    at: datetime,
    document_number: str = "",
    evaluation_asked: bool = False,
) -> None:
    """Record that the complainant was answered, and whether he was asked what he thinks of it (21).

    The answer counts for every complaint taken into this one. Refuses an answer before the finding.
    """
    with transaction.atomic():
        held = take_complaint(complaint, act="答复", by=by, stages=(ComplaintStage.FOUND,))
        for one in with_taken_in(held):
            happened(one.matter, "petition_answered", on, by=by, at=at, document_number=document_number)
        move_complaint(
            held,
            ComplaintStage.REPLIED,
            "答复",
            replied_at=midnight(on),
            evaluation_asked_at=at if evaluation_asked else None,
            tell_reply_since=None,
            tell_extension_since=None,
        )
        text = f"{on:%Y-%m-%d} {document_number}".strip() + ("，已请评价" if evaluation_asked else "")
        note_complaint(held, "答复投诉人", text, by=by, at=at)


def ask_complaint_evaluation(*, complaint: Complaint, by: Officer, at: datetime) -> None:
    """Record that the complainant was asked afterwards what he thinks of how he was served (21)."""
    with transaction.atomic():
        held = take_complaint(complaint, act="请予评价", by=by, stages=(ComplaintStage.REPLIED, ComplaintStage.CLOSED))
        if held.replied_at is None:
            raise PetitionRefused(STEP_OUT_OF_ORDER.format(step="请予评价", before="答复投诉人"))
        if held.evaluation_asked_at is not None:
            raise PetitionRefused(DONE_ALREADY)
        move_complaint(held, ComplaintStage(held.stage), "请予评价", evaluation_asked_at=at)
        note_complaint(held, "请投诉人评价", "", by=by, at=at)


def order_for_complaint(
    *, complaint: Complaint, problem: str, text: str, by: Officer, at: datetime, workdays: int | None = None
) -> Order:
    """Order the unit complained about to put right what was borne out; the order says nothing of the complaint.

    As for petitions (`order_fault`): it goes out as found in daily supervision, under the number any order by hand would have, and
    names the case only where that is open to the unit anyway (信访工作条例 30). Refuses what was not borne out, a second
    order, and words that give the complaint or whoever made it away.
    """
    with transaction.atomic():
        held = take_complaint(
            complaint,
            act="整改",
            by=by,
            stages=(ComplaintStage.FOUND, ComplaintStage.REPLIED, ComplaintStage.CLOSED),
        )
        if held.verdict not in Verdict.borne_out():
            raise PetitionRefused(NOT_BORNE_OUT)
        if held.order_number:
            raise PetitionRefused(COMPLAINT_ORDERED)
        if held.accused_unit is None:
            raise PetitionRefused(ACCUSED_NEEDED)
        together = with_taken_in(held)
        numbers = [number for one in together for number in (one.matter.number, one.channel_number)]
        lines = ("12389", "12337", "12345")
        require_silent(
            text, numbers=(*numbers, *lines), people=[complainant_facts(one) for one in together], who="投诉人身份"
        )
        behind = held.about if held.about is not None and not held.about.restricted else None
        known = Problem.objects.filter(code=problem).first()
        if known is None:
            raise PetitionRefused(UNKNOWN_PROBLEM.format(code=problem))
        try:
            order = issue_order(
                source=Source.SUPERVISOR,
                source_number=own_number(matter=behind, unit=held.accused_unit, problem=known),
                problem=known,
                unit=held.accused_unit,
                officer=held.accused_officer,
                matter=behind,
                text=text,
                workdays=workdays,
                by=by,
                at=at,
            )
        except RectificationRefused as refusal:
            raise PetitionRefused(str(refusal)) from refusal
        move_complaint(held, ComplaintStage(held.stage), "整改", ordered_at=at, order_number=order.number)
        note_complaint(held, "发出整改", order.number, by=by, at=at)
    return order


def close_complaint(*, complaint: Complaint, on: date, note: str, by: Officer, at: datetime) -> None:
    """Close a complaint that was answered; of those nobody put a name to, an accusation that was found may go without.

    What was taken into it closes with it, and both are kept for the time of keeping. Refuses any other that was not
    answered.
    """
    with transaction.atomic():
        held = take_complaint(complaint, act="办结", by=by, stages=(ComplaintStage.FOUND, ComplaintStage.REPLIED))
        if held.replied_at is None and not (held.anonymous and held.category == Category.ACCUSATION):
            raise PetitionRefused(REPLY_NEEDED)
        if held.replied_at is None and not note.strip():
            raise PetitionRefused(REASON_NEEDED)
        for one in with_taken_in(held):
            happened(one.matter, "complaint_closed", on, by=by, at=at)
        move_complaint(
            held,
            ComplaintStage.CLOSED,
            "办结",
            closed_at=midnight(on),
            retain_until=rules.retained_until(on),
            tell_reply_since=None,
        )
        note_complaint(held, "办结", note.strip(), by=by, at=at)


def told_received(complaint: Complaint) -> bool:
    """Whether the notice of its receipt is on record and counts."""
    return complaint_stands(complaint, "petition_notified")
