"""From the receipt notice to the answer, and what the petitioner may ask after it. 信访工作条例 23, 29-36."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from cases.duty import opening_of
from cases.models import Event, Feedback, Officer
from cases.models.feedback import Grade
from cases.models.matter import Matter
from cases.services import note_facts
from supervision.petitions import rules
from supervision.petitions.models import Conclusion, MatterGrade, Petition, Stage
from supervision.petitions.refusals import (
    DONE_ALREADY,
    EXTENDED_ALREADY,
    NOTHING_TO_TELL,
    REASON_NEEDED,
    STEP_OUT_OF_ORDER,
    UNKNOWN_ROUTE,
    PetitionRefused,
)
from supervision.petitions.services.acts import approved_by, happened, midnight, move, note, take, today


def notify(*, petition: Petition, on: date, by: Officer, at: datetime, document_number: str = "") -> None:
    """Record that the petitioner was told in writing that his petition came in (23); due within 15 days."""
    with transaction.atomic():
        held = take(petition, act="告知接收", by=by)
        if stands(held, "petition_notified"):
            raise PetitionRefused(DONE_ALREADY)
        happened(held.matter, "petition_notified", on, by=by, at=at, document_number=document_number)
        Petition.objects.filter(pk=held.pk).update(tell_since=None)
        note(held, "告知接收情况", f"{on:%Y-%m-%d} {document_number}".strip(), by=by, at=at)


def decide(
    *,
    petition: Petition,
    route: str,
    on: date,
    by: Officer,
    at: datetime,
    grade: MatterGrade | str | None = None,
    underlying: Matter | None = None,
    document_number: str = "",
) -> None:
    """Accept a petition by one of the routes of arts. 29-31.

    Only what art. 31 (6) takes has the sixty days of art. 34; what another procedure takes follows that procedure's own
    limits, on the matter named as `underlying`. Refuses a route the regulations do not have.
    """
    try:
        known = rules.route_of(route)
    except KeyError as error:
        raise PetitionRefused(UNKNOWN_ROUTE) from error
    elsewhere = known.category == rules.CLAIM and known.code != "claim_other"
    with transaction.atomic():
        held = take(petition, act="受理", by=by, stages=(Stage.REGISTERED,))
        note_facts(matter=held.matter, facts={"petition_category": known.category, "legal_procedure": elsewhere}, at=at)
        happened(
            held.matter,
            "petition_led" if known.leads_elsewhere else "petition_accepted",
            on,
            by=by,
            at=at,
            document_number=document_number,
        )
        move(
            held,
            Stage.ROUTED if known.leads_elsewhere else Stage.ACCEPTED,
            "受理",
            category=known.category,
            route=known.code,
            grade=grade or held.grade,
            underlying=underlying or held.underlying,
        )
        note(held, "导入程序" if known.leads_elsewhere else "受理", f"{known.article} {known.name}", by=by, at=at)


def decline(*, petition: Petition, reason: str, on: date, by: Officer, at: datetime, document_number: str = "") -> None:
    """Decline a petition, with a reason the petitioner is told."""
    if not reason.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take(petition, act="不予受理", by=by, stages=(Stage.REGISTERED,))
        happened(
            held.matter, "petition_declined", on, by=by, at=at, document_number=document_number, ground=reason[:100]
        )
        move(held, Stage.DECLINED, "不予受理", tell_since=None, retain_until=rules.retained_until(on))
        note(held, "不予受理", reason.strip(), by=by, at=at)


def extend(*, petition: Petition, on: date, approver: str, ground: str, by: Officer, at: datetime) -> None:
    """Record that the sixty days were lengthened by thirty (34). Not complete until the petitioner is told why.

    `approver` is the code of the level that approved it; the clock itself refuses one that is too low. Refuses a second
    extension, one after the answer, when no days run any more, and one without a ground.
    """
    if not ground.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take(petition, act="延长", by=by, stages=(Stage.ACCEPTED,))
        if stands(held, "petition_extended"):
            raise PetitionRefused(EXTENDED_ALREADY)
        happened(held.matter, "petition_extended", on, by=by, at=at, approver=approver, ground=ground[:100])
        tell_on = opening_of(today(at) + timedelta(days=1), at)
        Petition.objects.filter(pk=held.pk).update(tell_extension_since=tell_on)
        note(
            held,
            "批准延长",
            f"{ground.strip()}，{approved_by(approver)}（尚未告知信访人，告知后方为完整）",
            by=by,
            at=at,
        )


def tell_extension(*, petition: Petition, on: date, by: Officer, at: datetime, document_number: str = "") -> None:
    """Record that the petitioner was told of the extension and why; only now does it count. Refuses where there
    is none to tell of, and after the answer."""
    with transaction.atomic():
        held = take(petition, act="告知延期", by=by, stages=(Stage.ACCEPTED,))
        if not extension_untold(held):
            raise PetitionRefused(NOTHING_TO_TELL)
        happened(held.matter, "petition_told_extension", on, by=by, at=at, document_number=document_number)
        Petition.objects.filter(pk=held.pk).update(tell_extension_since=None)
        note(held, "告知延期理由", f"{on:%Y-%m-%d}", by=by, at=at)


def answer(
    *,
    petition: Petition,
    conclusion: Conclusion | str,
    on: date,
    by: Officer,
    at: datetime,
    document_number: str = "",
) -> None:
    """Record the written answer (32, 34): one of its three conclusions."""
    with transaction.atomic():
        held = take(petition, act="答复", by=by, stages=Stage.in_hand())
        happened(held.matter, "petition_answered", on, by=by, at=at, document_number=document_number)
        move(
            held,
            Stage.ANSWERED,
            "答复",
            conclusion=Conclusion(conclusion),
            answered_at=midnight(on),
            delivered_at=None,
            evaluation_asked_at=None,
            tell_extension_since=None,
        )
        note(held, "出具处理意见", Conclusion(conclusion).label, by=by, at=at)


def deliver(*, petition: Petition, on: date, by: Officer, at: datetime) -> None:
    """Record that the petitioner received the answer; his thirty days to ask for a re-check begin (35)."""
    with transaction.atomic():
        held = take(petition, act="送达答复", by=by, stages=(Stage.ANSWERED,))
        if held.delivered_at is not None:
            raise PetitionRefused(DONE_ALREADY)
        if held.answered_at is not None and midnight(on) < held.answered_at:
            raise PetitionRefused(STEP_OUT_OF_ORDER.format(step="送达答复", before="出具信访处理意见书"))
        happened(held.matter, "petition_answer_received", on, by=by, at=at)
        move(held, Stage.ANSWERED, "送达答复", delivered_at=midnight(on))
        note(held, "答复送达", f"{on:%Y-%m-%d}", by=by, at=at)


def ask_evaluation(*, petition: Petition, by: Officer, at: datetime) -> None:
    """Record that the petitioner was asked what he thinks of how he was served (21); after the answer reached him."""
    with transaction.atomic():
        held = take(petition, act="请予评价", by=by, stages=(Stage.ANSWERED, Stage.RESOLVED))
        if held.delivered_at is None:
            raise PetitionRefused(STEP_OUT_OF_ORDER.format(step="请予评价", before="送达答复"))
        if held.evaluation_asked_at is not None:
            raise PetitionRefused(DONE_ALREADY)
        move(held, Stage(held.stage), "请予评价", evaluation_asked_at=at)
        note(held, "请信访人评价", "", by=by, at=at)


def take_evaluation(
    *, petition: Petition, grade: Grade | int, text: str, by: Officer, at: datetime, channel: str = "信访"
) -> None:
    """Keep what the petitioner said of how he was served; refuses one nobody asked for."""
    with transaction.atomic():
        held = take(petition, act="登记评价", by=by)
        if held.evaluation_asked_at is None:
            raise PetitionRefused(STEP_OUT_OF_ORDER.format(step="登记评价", before="请予评价"))
        Feedback.objects.create(matter=held.matter, grade=Grade(grade), channel=channel, given_at=at, text=text)
        note(held, "信访人评价", Grade(grade).label, by=by, at=at)


# -- re-check and review ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Remedy:
    """A step of re-check (复查) or review (复核): its event, its name, and the event it follows."""

    event: str
    name: str
    after: str
    after_name: str


REMEDIES = (
    Remedy("petition_recheck_requested", "请求复查", "petition_answer_received", "答复送达"),
    Remedy("petition_recheck_answered", "作出复查意见", "petition_recheck_requested", "请求复查"),
    Remedy("petition_recheck_received", "复查意见送达", "petition_recheck_answered", "作出复查意见"),
    Remedy("petition_review_requested", "请求复核", "petition_recheck_received", "复查意见送达"),
    Remedy("petition_hearing_opened", "开始听证", "petition_review_requested", "请求复核"),
    Remedy("petition_hearing_ended", "听证结束", "petition_hearing_opened", "开始听证"),
    Remedy("petition_review_answered", "作出复核意见（终结）", "petition_review_requested", "请求复核"),
)


def record_remedy(
    *, petition: Petition, step: str, on: date, by: Officer, at: datetime, document_number: str = ""
) -> None:
    """Record a step of re-check or review (35, 36); the time of a hearing is not counted. Refuses one out of order."""
    remedy = next(one for one in REMEDIES if one.event == step)
    with transaction.atomic():
        held = take(petition, act=remedy.name, by=by)
        if not stands(held, remedy.after):
            raise PetitionRefused(STEP_OUT_OF_ORDER.format(step=remedy.name, before=remedy.after_name))
        if stands(held, remedy.event):
            raise PetitionRefused(DONE_ALREADY)
        happened(held.matter, remedy.event, on, by=by, at=at, document_number=document_number)
        note(held, remedy.name, f"{on:%Y-%m-%d}", by=by, at=at)


def stands(petition: Petition, kind: str) -> bool:
    """Whether an event of the kind is on record and counts."""
    rows = Event.objects.standing().filter(matter=petition.pk, only_voids=False)
    return rows.filter(kind__code=kind).exists()


def extension_untold(petition: Petition) -> bool:
    """Whether an extension was approved of which the petitioner has not been told."""
    return stands(petition, "petition_extended") and not stands(petition, "petition_told_extension")
