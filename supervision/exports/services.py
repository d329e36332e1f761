"""What is done about a request: it is asked, decided by another, withdrawn; and what was approved is taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from cases.models import Officer
from supervision.exports import queries
from supervision.exports.models import Action, ExportRequest, ExportStep, RequestState
from supervision.exports.refusals import (
    ASKED_ALREADY,
    NO_PURPOSE,
    NO_REASON,
    NOT_HIS_OWN,
    NOT_OVER_HIM,
    NOT_WAITING,
    OWN_REQUEST,
    ExportRefused,
)
from supervision.exports.rules import MOST_PURPOSE, Why, outgrown

__all__ = [
    "Export",
    "ExportRefused",
    "approve_export",
    "ask_export",
    "mark_told",
    "refuse_export",
    "take_export",
    "withdraw_request",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Export:
    """An export as it was asked for: the page, its filter (as `rules.plain_query` writes it), what is in it."""

    what: str
    path: str
    query: str
    method: str
    form: str
    about: str
    rows: int


def ask_export(*, export: Export, why: Why, purpose: str, by: Officer, at: datetime) -> ExportRequest:
    """Ask to take an export out. Who decides is told.

    Refuses one without a purpose, and one that the officer asked for already and that still waits.
    """
    purpose = " ".join(purpose.split())[:MOST_PURPOSE]
    if not purpose:
        raise ExportRefused(NO_PURPOSE)
    try:
        with transaction.atomic():
            row = ExportRequest.objects.create(
                asker=by, unit_id=by.unit_id, what=export.what, about=export.about, path=export.path,
                query=export.query, method=export.method, form=export.form, rows=export.rows, reason=why.value,
                purpose=purpose, asked_at=at, tell_since=at,
            )  # fmt: skip
            _step(row, Action.ASKED, by, at, purpose)
    except IntegrityError as error:
        waiting = queries.same_export(by, path=export.path, query=export.query, what=export.what)
        if waiting.filter(state=RequestState.ASKED).exists():
            raise ExportRefused(ASKED_ALREADY) from error
        raise
    return row


def approve_export(*, request: ExportRequest, answer: str = "", by: Officer, at: datetime) -> ExportRequest:
    """Approve a request for `EXPORT_DAYS` days and `EXPORT_DOWNLOADS` downloads; the asker is told.

    Refuses the asker himself, who is not over his unit, and what no longer waits.
    """
    valid_until = at + timedelta(days=settings.EXPORT_DAYS)
    return _decide(
        request, RequestState.APPROVED, Action.APPROVED, answer, by, at, valid_until=valid_until,
        downloads_allowed=settings.EXPORT_DOWNLOADS,
    )  # fmt: skip


def refuse_export(*, request: ExportRequest, answer: str, by: Officer, at: datetime) -> ExportRequest:
    """Refuse a request; the asker is told why. Refuses the same as `approve_export`, and a refusal without a reason."""
    if not answer.strip():
        raise ExportRefused(NO_REASON)
    return _decide(request, RequestState.REFUSED, Action.REFUSED, answer, by, at)


def withdraw_request(*, request: ExportRequest, by: Officer, at: datetime) -> ExportRequest:
    """Take one's own request back while it waits. Refuses another's, and what no longer waits."""
    if request.asker_id != by.pk:
        raise ExportRefused(NOT_HIS_OWN)
    with transaction.atomic():
        _claim(request, state=RequestState.WITHDRAWN, tell_since=None)
        _step(request, Action.WITHDRAWN, by, at)
    request.refresh_from_db()
    return request


def take_export(*, export: Export, code: str, by: Officer, at: datetime) -> ExportRequest | None:
    """Use one download of an approved request for this export, under the watermark `code`; part of the transaction in
    which it is put on record that it left. None where there is none, or where there are by now more rows than was approved
    and a tenth of it."""
    known = queries.same_export(by, path=export.path, query=export.query, what=export.what)
    known = known.filter(method=export.method, form=export.form)
    with transaction.atomic():
        for row in queries.usable(known, at):
            if outgrown(approved=row.rows, rows=export.rows):
                continue
            held = queries.usable(ExportRequest.objects.filter(pk=row.pk), at)
            # Somebody who takes it twice at once takes the last download once.
            if held.update(downloads=F("downloads") + 1):
                _step(row, Action.TAKEN, by, at, rows=export.rows, code=code)
                return row
    return None


def mark_told(keys: Iterable[str], *, at: datetime) -> int:
    """Everybody who was to be told of these has been; part of the caller's transaction. Answers how many requests."""
    done = 0
    for pk, state in queries.named(keys).values():
        done += ExportRequest.objects.filter(pk=pk, state=state, tell_since__lte=at).update(tell_since=None)
    return done


def _decide(
    request: ExportRequest,
    state: RequestState,
    action: Action,
    answer: str,
    by: Officer,
    at: datetime,
    **granted: object,
) -> ExportRequest:
    if request.asker_id == by.pk:
        raise ExportRefused(OWN_REQUEST)
    answer = answer.strip()[:200]
    with transaction.atomic():
        if request.state == RequestState.ASKED and not queries.waiting_for(by).filter(pk=request.pk).exists():
            still = ExportRequest.objects.filter(pk=request.pk, state=RequestState.ASKED).exists()
            raise ExportRefused(NOT_OVER_HIM if still else NOT_WAITING)
        _claim(request, state=state, decider=by, decided_at=at, answer=answer, tell_since=at, **granted)
        _step(request, action, by, at, answer)
    request.refresh_from_db()
    return request


def _claim(request: ExportRequest, **changes: object) -> None:
    if not ExportRequest.objects.filter(pk=request.pk, state=RequestState.ASKED).update(**changes):
        raise ExportRefused(NOT_WAITING)


def _step(
    request: ExportRequest,
    action: Action,
    by: Officer,
    at: datetime,
    text: str = "",
    rows: int | None = None,
    code: str = "",
) -> None:
    ExportStep.objects.create(request=request, action=action, by=by, at=at, text=text, rows=rows, code=code)
