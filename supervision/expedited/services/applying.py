"""Applying the procedure to a case, and stating what its eligibility depends on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from cases.models import Matter, Officer
from cases.services import CaseRefused, note_facts
from supervision.expedited import rules
from supervision.expedited.models import Action, CaseState, ExpeditedCase, StatedFact, Verdict
from supervision.expedited.queries import ARRIVED, FACT, arrival_on, eligibility_of, known_of, stated_of
from supervision.expedited.refusals import (
    ALREADY,
    ARRIVAL_DIFFERS,
    ARRIVAL_NEEDED,
    CASE_OVER,
    KNOWN_BY_RECORD,
    MAY_NOT,
    NOTHING_CHANGED,
    UNTOLD,
    ExpeditedRefused,
)
from supervision.expedited.rules import Answer, Eligibility, Fact
from supervision.expedited.services.adopting import adopt_events
from supervision.expedited.services.judging import check_cases
from supervision.expedited.services.ledger import check_moment, happened, hold, require_seen, step, words


def weigh_case(*, matter: Matter, answers: Mapping[Fact, Answer], by: Officer) -> Eligibility:
    """Whether a case may be handled by the procedure with these answers; writes nothing. Refuses a case he may not see."""
    require_seen(matter.pk, by)
    return rules.weigh(matter.kind.family, answers, known_of([matter])[matter.pk])


def apply_expedited(
    *, matter: Matter, answers: Mapping[Fact, Answer], arrived_at: datetime | None = None, by: Officer, at: datetime
) -> ExpeditedCase:
    """Handle a case by the expedited procedure (公安机关办理行政案件程序规定第四十条). The forty-eight hours run from the arrival
    of the suspect (第四十七条), an aware moment, needed where it is not on record yet.

    Refuses a case he may not see, one that is closed or handled so already, one that may not be, with the grounds, one of
    which it cannot be told, with the facts that are missing, and an arrival to come or other than the one on record.
    """
    if matter.closed_at is not None:
        raise ExpeditedRefused(CASE_OVER.format(number=matter.number))
    weighed = weigh_case(matter=matter, answers=answers, by=by)
    if ExpeditedCase.objects.filter(pk=matter.pk).exists() or matter.facts.get(FACT) in (True, "true"):
        raise ExpeditedRefused(ALREADY.format(number=matter.number))
    if weighed.verdict == rules.Verdict.MAY_NOT:
        raise ExpeditedRefused(MAY_NOT.format(reasons="；".join(weighed.against)))
    if weighed.verdict == rules.Verdict.UNTOLD:
        raise ExpeditedRefused(UNTOLD.format(missing="、".join(weighed.missing)))
    arrival = arrival_on(matter)
    if arrival is None and arrived_at is None:
        raise ExpeditedRefused(ARRIVAL_NEEDED)
    if arrival is not None and arrived_at not in (None, arrival.occurred_at):
        raise ExpeditedRefused(ARRIVAL_DIFFERS.format(when=words(arrival.occurred_at)))
    if arrived_at is not None:
        check_moment(arrived_at, at=at)
    try:
        with transaction.atomic():
            case = ExpeditedCase.objects.create(
                matter=matter, applied_at=at, applied_by=by, verdict=Verdict(weighed.verdict.value)
            )
            note_facts(matter=matter, facts={FACT: True}, at=at)
            if arrival is None and arrived_at is not None:
                arrival = happened(matter, ARRIVED, arrived_at, by=by, at=at)
            _write(case, answers, known_of([matter])[matter.pk], by=by, at=at)
            step(case.pk, Action.APPLIED, by=by, at=at, text=_told(weighed), event=arrival)
            adopt_events([case.pk], at=at)
            check_cases([case.pk], at=at)
    except CaseRefused as refusal:
        raise ExpeditedRefused(str(refusal)) from refusal
    except IntegrityError as error:
        if ExpeditedCase.objects.filter(pk=matter.pk).exists():
            raise ExpeditedRefused(ALREADY.format(number=matter.number)) from error
        raise
    case.refresh_from_db()
    return case


def state_facts(*, case: ExpeditedCase, answers: Mapping[Fact, Answer], by: Officer, at: datetime) -> ExpeditedCase:
    """State anew what the eligibility depends on, as when something was found out; an answer UNKNOWN takes one back. What is
    found wrong follows at once.

    Refuses a case that left the procedure or ended without a decision, what the record tells otherwise, and answers that
    change nothing.
    """
    with transaction.atomic():
        held = hold(case, act="改填适用情形", by=by, states=(CaseState.OPEN, CaseState.DECIDED))
        known, before = known_of([held.matter])[held.pk], stated_of([held.pk]).get(held.pk, {})
        for ground in rules.GROUNDS:
            if ground.fact in known and answers.get(ground.fact, known[ground.fact]) not in (
                known[ground.fact],
                Answer.UNKNOWN,
            ):
                raise ExpeditedRefused(KNOWN_BY_RECORD.format(question=ground.question))
        changed = {
            fact: answer
            for fact, answer in answers.items()
            if fact not in known and before.get(fact, Answer.UNKNOWN) != answer
        }
        if not changed:
            raise ExpeditedRefused(NOTHING_CHANGED)
        StatedFact.objects.filter(case=held, fact__in=[fact.value for fact in changed]).delete()
        _write(held, changed, known, by=by, at=at)
        check_cases([held.pk], at=at)
        weighed = eligibility_of([held.matter])[held.pk]
        step(held.pk, Action.STATED, by=by, at=at, text=f"{_named(changed)}。{_told(weighed)}")
    held.refresh_from_db()
    return held


def _write(
    case: ExpeditedCase, answers: Mapping[Fact, Answer], known: Mapping[Fact, Answer], *, by: Officer, at: datetime
) -> None:
    StatedFact.objects.bulk_create(
        [
            StatedFact(case=case, fact=fact.value, answer=answer.value, said_by=by, said_at=at)
            for fact, answer in answers.items()
            if answer != Answer.UNKNOWN and fact not in known
        ]
    )


_WORDS = {Answer.YES: "是", Answer.NO: "否", Answer.UNKNOWN: "还不清楚"}


def _named(answers: Mapping[Fact, Answer]) -> str:
    rows = [one for one in rules.GROUNDS if one.fact in answers]
    return "；".join(f"{one.question}：{_WORDS[answers[one.fact]]}" for one in rows)


def _told(weighed: Eligibility) -> str:
    reasons = "；".join(weighed.against) or "、".join(weighed.missing)
    verdict = Verdict(weighed.verdict.value).label
    return f"{verdict}：{reasons}" if reasons else str(verdict)
