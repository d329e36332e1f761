"""What is done about one visit: calls that come to nothing, an answer, and why there is none."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from cases.duty import work_calendar
from cases.models import Feedback, Grade, Officer
from cases.statute import periods
from supervision.returnvisits import rules
from supervision.returnvisits.models import (
    Action,
    Channel,
    Check,
    Finding,
    Notice,
    Visit,
    VisitRound,
    VisitState,
    VisitStep,
    What,
)
from supervision.returnvisits.queries import local_day, local_zone, may_be_called_on, uninvolved, visits_of
from supervision.returnvisits.refusals import (
    ALREADY_ANSWERED,
    ALREADY_INVALID,
    CALLER_AWAY,
    CHECK_CONCLUDED,
    INVALID_NEEDS_REASON,
    MOVED_ON,
    NO_ATTEMPT,
    NO_GRADE,
    NO_REASON,
    NONE_WAITING,
    NOT_ANSWERED,
    OWN_NEGATIVE,
    TOO_FEW_ATTEMPTS,
    ReturnVisitRefused,
)
from supervision.returnvisits.services.ledger import claim_visit, hold_open, require_uninvolved, required, step

# SQLite takes a limited number of values in one question.
AT_ONCE = 500


def assign_visit(*, visit: Visit, to: Officer, by: Officer, at: datetime) -> Visit:
    """Have somebody else make the call; he is told with the others of the round. Refuses whoever has a part in the matter
    or is not there, a visit that has come to something, and a closed round."""
    if not may_be_called_on(to):
        raise ReturnVisitRefused(CALLER_AWAY.format(officer=to))
    require_uninvolved(to, visit)
    with transaction.atomic():
        claim_visit(visit, caller=to)
        step(visit.round, Action.ASSIGNED, by=by, at=at, visit=visit, text=str(to))
        Notice.objects.update_or_create(
            what=What.CALLS, round=visit.round, caller=to, defaults={"tell_since": at, "told_at": None}
        )
    visit.refresh_from_db()
    return visit


def note_attempt(*, visit: Visit, outcome: str, by: Officer, at: datetime) -> Visit:
    """A call that came to nothing, and why. Refuses no word on it, whoever has a part in the matter, a visit that has come
    to something, a closed round."""
    text = required(outcome, NO_ATTEMPT)
    require_uninvolved(by, visit)
    with transaction.atomic():
        claim_visit(visit, attempts=visit.attempts + 1, asked_at=visit.asked_at or at)
        step(visit.round, Action.TRIED, by=by, at=at, visit=visit, text=text)
    visit.refresh_from_db()
    return visit


def list_for_messages(*, visit_round: VisitRound, by: Officer, at: datetime) -> list[Visit]:
    """The visits of a round that wait and may be asked by short message, which counts as having asked them; those that the
    officer may neither see nor ask about are left out. Refuses a closed round and one in which none is left."""
    with transaction.atomic():
        hold_open(visit_round)
        rows = uninvolved(visits_of(by).filter(round=visit_round, state=VisitState.WAITING), by)
        asked = list(rows.select_related("matter__kind", "unit", "round").order_by("pk"))
        if not asked:
            raise ReturnVisitRefused(NONE_WAITING)
        for begin in range(0, len(asked), AT_ONCE):
            ids = [visit.pk for visit in asked[begin : begin + AT_ONCE]]
            Visit.objects.filter(pk__in=ids, asked_at=None).update(asked_at=at)
        VisitStep.objects.bulk_create(
            (VisitStep(round=visit_round, visit=visit, action=Action.MESSAGED, at=at, by=by) for visit in asked),
            batch_size=500,
        )
    return asked


def give_up(*, visit: Visit, reason: str, by: Officer, at: datetime) -> Visit:
    """Nobody was reached. An answer by message or slip may still come while the round is open. Refuses fewer than three
    attempts, no reason, whoever has a part in the matter, and a closed round."""
    text = required(reason, NO_REASON)
    require_uninvolved(by, visit)
    if visit.attempts < rules.ATTEMPTS_BEFORE_GIVING_UP:
        raise ReturnVisitRefused(
            TOO_FEW_ATTEMPTS.format(least=rules.ATTEMPTS_BEFORE_GIVING_UP, attempts=visit.attempts)
        )
    with transaction.atomic():
        claim_visit(visit, state=VisitState.UNREACHED, reason=text[:200], ended_at=at)
        step(visit.round, Action.UNREACHED, by=by, at=at, visit=visit, text=text)
    visit.refresh_from_db()
    return visit


def set_aside(*, visit: Visit, reason: str, by: Officer, at: datetime) -> Visit:
    """Nobody can or should be asked about this: no person concerned, or asking would do harm. Refuses no reason, whoever has
    a part in the matter, a visit that has come to something, a closed round."""
    text = required(reason, NO_REASON)
    require_uninvolved(by, visit)
    with transaction.atomic():
        claim_visit(visit, state=VisitState.UNFIT, reason=text[:200], ended_at=at)
        step(visit.round, Action.UNFIT, by=by, at=at, visit=visit, text=text)
    visit.refresh_from_db()
    return visit


def record_answer(
    *,
    visit: Visit,
    channel: Channel,
    grade: int | None,
    text: str,
    by: Officer | None,
    at: datetime,
    given_at: datetime | None = None,
    valid: bool = True,
    invalid_reason: str = "",
    token_used_at: datetime | None = None,
) -> Visit:
    """Take an answer in: a row of `cases.Feedback`, given at `given_at` or now. A valid negative one opens its check, of
    which whoever checks is to be told. Nobody in `by`: the person himself answered by slip.

    Refuses a second answer, no grade, an invalid one without a reason, whoever has a part in the matter, a closed round.
    """
    if grade is None:
        raise ReturnVisitRefused(NO_GRADE)
    why = invalid_reason.strip()
    if not valid and not why:
        raise ReturnVisitRefused(INVALID_NEEDS_REASON)
    if by is not None:
        require_uninvolved(by, visit)
    if visit.state == VisitState.REACHED:
        raise ReturnVisitRefused(ALREADY_ANSWERED)
    try:
        with transaction.atomic():
            feedback = Feedback.objects.create(
                matter_id=visit.matter_id,
                grade=Grade(grade),
                channel=channel.label,
                given_at=given_at or at,
                valid=valid,
                invalid_reason="" if valid else why[:100],
                text=text.strip()[: rules.MOST_TEXT],
                source_number=visit.code,
            )
            claim_visit(
                visit,
                states=VisitState.answerable(),
                state=VisitState.REACHED,
                channel=channel,
                feedback=feedback,
                reason="",
                attempts=visit.attempts + (1 if channel == Channel.TELEPHONE else 0),
                asked_at=visit.asked_at or at,
                ended_at=at,
                token_used_at=token_used_at,
            )
            said = "有效" if valid else f"无效：{why}"
            step(visit.round, Action.ANSWERED, by=by, at=at, visit=visit, text=f"{channel.label}，{said}")
            if valid and rules.is_negative(grade):
                _open_check(visit, at)
    except IntegrityError as error:
        if Visit.objects.filter(pk=visit.pk, state=VisitState.REACHED).exists():
            raise ReturnVisitRefused(ALREADY_ANSWERED) from error
        raise
    visit.refresh_from_db()
    return visit


def _open_check(visit: Visit, at: datetime) -> None:
    due_on = rules.check_due_on(local_day(at), work_calendar(at))
    check = Check.objects.create(
        visit=visit,
        unit_id=visit.unit_id,
        city_id=visit.city_id,
        county_id=visit.county_id,
        station_id=visit.station_id,
        opened_at=at,
        due_on=due_on,
        due_at=periods.end_of_day(due_on, local_zone()),
    )
    step(visit.round, Action.CHECK_OPENED, by=None, at=at, visit=visit, text=f"{due_on:%Y-%m-%d} 前办结")
    Notice.objects.create(what=What.CHECK, round=visit.round, check_row=check, tell_since=at)


def invalidate_answer(*, visit: Visit, reason: str, by: Officer, at: datetime) -> Visit:
    """An answer turns out not to count, and why; an open check of it ends. The visit stays answered.

    Refuses no answer, one that is invalid already, no reason, a closed round, whoever has a part in the matter, a check that
    has come to a finding, and a negative one from whoever recorded it himself: four eyes on what would better the rate.
    """
    why = required(reason, NO_REASON)
    require_uninvolved(by, visit)
    if visit.feedback is None:
        raise ReturnVisitRefused(NOT_ANSWERED)
    check = Check.objects.filter(visit=visit).first()
    if check is not None and check.finding in Finding.concluded():
        raise ReturnVisitRefused(CHECK_CONCLUDED.format(state=check.get_finding_display()))
    recorded_by = visit.steps.filter(action=Action.ANSWERED).values_list("by_id", flat=True).first()
    if rules.is_negative(visit.feedback.grade) and recorded_by == by.pk:
        raise ReturnVisitRefused(OWN_NEGATIVE)
    with transaction.atomic():
        hold_open(visit.round)
        won = Feedback.objects.filter(pk=visit.feedback.pk, valid=True).update(valid=False, invalid_reason=why[:100])
        if not won:
            raise ReturnVisitRefused(ALREADY_INVALID)
        step(visit.round, Action.INVALIDATED, by=by, at=at, visit=visit, text=why)
        if check is not None:
            ended = Check.objects.open().filter(pk=check.pk)
            if not ended.update(finding=Finding.MOOT, text=why, concluded_at=at, concluded_by=by):
                raise ReturnVisitRefused(MOVED_ON)
            step(visit.round, Action.CHECK_MOOT, by=by, at=at, visit=visit, text=why)
    visit.refresh_from_db()
    return visit
