"""Consent, decision and conversion: each is an event on the matter, so that the clocks follow."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases.models import Officer
from supervision.expedited.models import Action, CaseState, ExpeditedCase, Telling
from supervision.expedited.queries import AGREED, CONVERTED, DECIDED
from supervision.expedited.refusals import CONSENT_BEFORE_TOLD, ExpeditedRefused
from supervision.expedited.rules import MOST_TEXT
from supervision.expedited.services.adopting import adopt_events
from supervision.expedited.services.judging import check_cases
from supervision.expedited.services.ledger import check_moment, fitting, happened, hold, required, step, words


def record_consent(
    *,
    case: ExpeditedCase,
    told_whom: str,
    told_how: Telling | str,
    told_at: datetime,
    consented_at: datetime,
    document: str = "",
    by: Officer,
    at: datetime,
) -> ExpeditedCase:
    """The suspect was told of the rules in writing, agreed and signed, or how it was otherwise (公安机关办理行政案件程序规定第
    四十二条). Moments are aware. A consent already on record is corrected where its moment was another.

    Refuses a case that left the procedure or ended without a decision, moments to come or before the arrival, and a
    consent before the telling.
    """
    told_whom = required(told_whom, "被告知人", 60)
    document = fitting(document, "文书号", 80)
    how = Telling(told_how)
    with transaction.atomic():
        held = hold(case, act="登记告知和同意", by=by, states=(CaseState.OPEN, CaseState.DECIDED))
        check_moment(told_at, at=at, matter=held.matter)
        check_moment(consented_at, at=at, matter=held.matter)
        if consented_at < told_at:
            raise ExpeditedRefused(CONSENT_BEFORE_TOLD.format(when=words(consented_at), told=words(told_at)))
        event = held.consent_event
        if event is None or event.occurred_at != consented_at or event.document_number != document:
            told = {"document_number": document, "note": str(how.label)}
            event = happened(held.matter, AGREED, consented_at, by=by, at=at, voids=event, **told)
        ExpeditedCase.objects.filter(pk=held.pk).update(
            told_at=told_at, told_by=by, told_whom=told_whom, told_how=how, consented_at=consented_at,
            consent_document=document, consent_event=event,
        )  # fmt: skip
        text = f"{told_whom}，{how.label}{f'，{document}' if document else ''}"
        step(held.pk, Action.CONSENTED, by=by, at=at, text=text, event=event)
        adopt_events([held.pk], at=at)
        check_cases([held.pk], at=at)
    held.refresh_from_db()
    return held


def record_decision(
    *, case: ExpeditedCase, decided_at: datetime, document: str, by: Officer, at: datetime
) -> ExpeditedCase:
    """The case was decided, at an aware moment: the hours stop. A decision without consent or too late is put on record all
    the same, and found wrong at once.

    Refuses a case that is no longer in the procedure, no document, and a moment to come or before the arrival.
    """
    document = required(document, "决定文书号", 80)
    with transaction.atomic():
        held = hold(case, act="登记处理决定", by=by, states=(CaseState.OPEN,))
        check_moment(decided_at, at=at, matter=held.matter)
        happened(held.matter, DECIDED, decided_at, by=by, at=at, document_number=document)
        adopt_events([held.pk], at=at)
        check_cases([held.pk], at=at)
    held.refresh_from_db()
    return held


def convert_case(*, case: ExpeditedCase, converted_at: datetime, why: str, by: Officer, at: datetime) -> ExpeditedCase:
    """The case is not fit for the procedure and goes on as an ordinary one, at an aware moment (公安机关办理行政案件程序规定第
    四十八条): the hours stop, the ordinary limits run as they did, and the evidence stays.

    Refuses a case that is no longer in the procedure, no reason, and a moment to come or before the arrival.
    """
    why = required(why, "转为一般程序的原因", MOST_TEXT)
    with transaction.atomic():
        held = hold(case, act="转为一般程序", by=by, states=(CaseState.OPEN,))
        check_moment(converted_at, at=at, matter=held.matter)
        happened(held.matter, CONVERTED, converted_at, by=by, at=at, note=why)
        adopt_events([held.pk], at=at)
        check_cases([held.pk], at=at)
    held.refresh_from_db()
    return held
