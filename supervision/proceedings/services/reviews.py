"""Reconsideration and litigation: received, answered, heard, ended, corrected."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cases.duty import opening_before
from cases.models import Matter, Officer, Role, Unit
from cases.models.scope import posts_of
from cases.queries import matters_of
from supervision.proceedings.models import Action, Instance, Outcome, Review, ReviewStage, Track
from supervision.proceedings.refusals import (
    CORRECTED,
    HEAD_OUT_OF_SIGHT,
    HEARING_AS_SET,
    HEARING_RECORDED,
    HEARING_TO_COME,
    NO_HEAD,
    NO_OPINION_ON_SUIT,
    NOTHING_TO_CORRECT,
    ONE_INSTANCE,
    OPINION_RECORDED,
    ProceedingRefused,
)
from supervision.proceedings.services.ledger import check_day, claim, happened_on, open_for, required, step

# So many worked days before the hearing those who are to be there are told.
HEARING_TOLD_BEFORE = 3
RECEIVED = {Track.RECONSIDERATION: "admin_reconsideration_copy_received", Track.SUIT: "complaint_copy_received"}
ANSWERED = {Track.RECONSIDERATION: "admin_reconsideration_answered", Track.SUIT: "suit_answered"}


def register_review(
    *,
    number: str,
    title: str,
    unit: Unit,
    officer: Officer | None,
    track: Track | str,
    instance: Instance | str,
    body: str,
    act: str,
    received_on: date,
    by: Officer,
    at: datetime,
    simplified: bool = False,
    against: Matter | None = None,
) -> Review:
    """A copy of the application or of the complaint has come in; `unit` is the one whose act is reviewed.

    With it our time to answer runs: ten working days, five in the simplified procedure (行政复议法第四十八条、第五十四条), or
    fifteen days (行政诉讼法第六十七条). Refuses a unit that is not his, a number in use, a reconsideration with instances.
    """
    track, instance = Track(track), Instance(instance)
    if track == Track.RECONSIDERATION and instance != Instance.FIRST:
        raise ProceedingRefused(ONE_INSTANCE)
    body, act = required(body, "复议机关或者法院"), required(act, "被复议、被诉的行为")
    facts: dict[str, Any] = {"procedure": "simplified"} if simplified and track == Track.RECONSIDERATION else {}
    with transaction.atomic():
        matter = open_for(
            kind="reconsideration", number=number, title=title, unit=unit, officer=officer, facts=facts, by=by, at=at
        )
        event = happened_on(matter, RECEIVED[track], received_on, by=by, at=at)
        matter.refresh_from_db()
        review = Review.objects.create(
            matter=matter, track=track, instance=instance, body=body, act=act, against=against
        )
        step(review, Action.REGISTERED, by=by, at=at, text=f"{track.label}，{body}，{act}", event=event)
    return review


def answer_review(*, review: Review, on: date, document_number: str, by: Officer, at: datetime) -> Review:
    """Our answer and evidence have been handed in; the clock of the answer ends. Refuses a review that was answered."""
    with transaction.atomic():
        check_day(review, on, at=at)
        claim(
            review, stages=(ReviewStage.RECEIVED,), verb="提交答复", by=by, stage=ReviewStage.ANSWERED, answered_on=on
        )
        kind = ANSWERED[Track(review.track)]
        event = happened_on(review.matter, kind, on, by=by, at=at, document_number=document_number.strip())
        step(review, Action.ANSWERED, by=by, at=at, text=document_number.strip(), event=event)
    review.refresh_from_db()
    return review


def set_hearing(*, review: Review, on: date, head: Officer | None, by: Officer, at: datetime) -> Review:
    """The day of the hearing is set, or moved, and a responsible head named who comes to it (行政诉讼法第三条, 行政复议法第五十一条);
    he and whoever handles it are told three worked days before.

    Where nobody is named yet, whoever handles it is told that somebody is to be. Refuses a day gone by, a second hearing
    of the instance, whoever leads nothing or does not see the matter, and what is set already.
    """
    if review.hearing_on is not None:
        raise ProceedingRefused(HEARING_RECORDED)
    if on < timezone.localdate(at):
        raise ProceedingRefused(HEARING_TO_COME.format(day=on))
    if (review.hearing_set_on, review.hearing_head_id) == (on, head.pk if head is not None else None):
        raise ProceedingRefused(HEARING_AS_SET)
    if head is not None:
        head = Officer.objects.get(pk=head.pk)
        if not any(role in (Role.LEADER, Role.UNIT_HEAD) for role, _, _ in posts_of(head)):
            raise ProceedingRefused(NO_HEAD.format(officer=head))
        if not matters_of(head).filter(pk=review.matter_id).exists():
            raise ProceedingRefused(HEAD_OUT_OF_SIGHT.format(officer=head, unit=review.matter.unit))
    with transaction.atomic():
        claim(
            review, stages=ReviewStage.unended(), verb="确定开庭、听证", by=by,
            also=("hearing_on", "hearing_set_on", "hearing_head_id"), hearing_set_on=on, hearing_head=head, tell_since=opening_before(on, HEARING_TOLD_BEFORE, at),
        )  # fmt: skip
        moved = f"原定 {review.hearing_set_on}，改为 " if review.hearing_set_on not in (None, on) else ""
        named = f"{head}{review.coming_word}" if head is not None else "到场的负责人未定"
        step(review, Action.HEARING_SET, by=by, at=at, text=f"{moved}{on} {review.hearing_word}，{named}")
    review.refresh_from_db()
    return review


def hear_review(
    *, review: Review, on: date, head_appeared: bool, absence_reason: str, by: Officer, at: datetime
) -> Review:
    """It was heard on a day, and a responsible head of the agency came or did not (行政诉讼法第三条、行政复议法第五十一条).

    Refuses an absence without a reason, and a second hearing of the instance: of several days the head need come to one.
    """
    reason = "" if head_appeared else required(absence_reason, "负责人未出庭的原因")
    if review.hearing_on is not None:
        raise ProceedingRefused(HEARING_RECORDED)
    with transaction.atomic():
        check_day(review, on, at=at)
        claim(
            review, stages=ReviewStage.unended(), verb="登记开庭", by=by, also=("hearing_on",),
            hearing_on=on, head_appeared=head_appeared, absence_reason=reason, tell_since=None,
        )  # fmt: skip
        event = happened_on(review.matter, "review_heard", on, by=by, at=at)
        said = "负责人出庭" if head_appeared else f"负责人未出庭：{reason}"
        step(review, Action.HEARD, by=by, at=at, text=said, event=event)
    review.refresh_from_db()
    return review


def end_review(
    *,
    review: Review,
    on: date,
    outcome: Outcome | str,
    document_number: str,
    to_correct: str,
    by: Officer,
    at: datetime,
) -> Review:
    """The decision or judgment has come, or the proceedings ended without one; every clock of ours ends with it.

    Refuses a review that has ended, and a lost one that does not say what is to be corrected.
    """
    outcome = Outcome(outcome)
    to_correct = required(to_correct, "需要纠正的事项") if outcome in Outcome.lost() else to_correct.strip()
    document = document_number.strip()
    with transaction.atomic():
        check_day(review, on, at=at, after=review.hearing_on or review.answered_on)
        claim(
            review, stages=ReviewStage.unended(), verb="登记审结", by=by,
            stage=ReviewStage.ENDED, decided_on=on, outcome=outcome, document_number=document, to_correct=to_correct,
            tell_since=None,
        )  # fmt: skip
        if review.is_suit:
            kind = "suit_judged"
        else:
            # What is withdrawn or mediated ends the reconsideration without a decision (行政复议法第四十一条).
            undecided = outcome in Outcome.undecided()
            kind = "admin_reconsideration_ended" if undecided else "admin_reconsideration_decided"
        event = happened_on(review.matter, kind, on, by=by, at=at, document_number=document, note=outcome.label)
        text = "；".join(filter(None, (outcome.label, document, to_correct and f"需要纠正：{to_correct}")))
        step(review, Action.ENDED, by=by, at=at, text=text, event=event)
    review.refresh_from_db()
    return review


def receive_opinion(*, review: Review, on: date, to_correct: str, by: Officer, at: datetime) -> Review:
    """An opinion asks us to correct something more; sixty days run in which to report (行政复议法第七十六条). What was
    reported before it is on the ledger, and is to be reported anew.

    Refuses a review that goes on, a suit, a second opinion, and one that says nothing.
    """
    to_correct = required(to_correct, "需要纠正的事项")
    if review.is_suit:
        raise ProceedingRefused(NO_OPINION_ON_SUIT)
    if review.opinion_on is not None:
        raise ProceedingRefused(OPINION_RECORDED)
    with transaction.atomic():
        check_day(review, on, at=at)
        claim(
            review, stages=(ReviewStage.ENDED,), verb="登记意见书", by=by, also=("opinion_on", "corrected_on"),
            opinion_on=on, to_correct="；".join(filter(None, (review.to_correct, to_correct))), corrected_on=None,
            correction="",
        )  # fmt: skip
        event = happened_on(review.matter, "reconsideration_opinion_received", on, by=by, at=at)
        step(review, Action.OPINION, by=by, at=at, text=to_correct, event=event)
    review.refresh_from_db()
    return review


def report_correction(*, review: Review, on: date, correction: str, by: Officer, at: datetime) -> Review:
    """What was to be corrected has been, and is reported. Refuses where nothing was to be, and a second report."""
    correction = required(correction, "纠正情况")
    if not review.to_correct:
        raise ProceedingRefused(NOTHING_TO_CORRECT)
    if review.corrected_on is not None:
        raise ProceedingRefused(CORRECTED)
    with transaction.atomic():
        check_day(review, on, at=at, after=review.opinion_on or review.decided_on)
        claim(
            review, stages=(ReviewStage.ENDED,), verb="报送纠正情况", by=by, also=("corrected_on", "opinion_on"),
            corrected_on=on, correction=correction,
        )  # fmt: skip
        event = happened_on(review.matter, "correction_reported", on, by=by, at=at)
        step(review, Action.CORRECTED, by=by, at=at, text=correction, event=event)
    review.refresh_from_db()
    return review
