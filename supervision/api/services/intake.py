"""Rows sent in by a system become a batch, once however often the call is made."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from cases.desk.uploads import known_mappings
from cases.intake import IntakeMapping, IntakeRefused, load_file
from cases.intake.report import IntakeReport
from cases.models import Unit
from cases.services import CaseRefused
from supervision.api import refusals, rules
from supervision.api.models import CallState, IntakeCall, SystemToken
from supervision.api.refusals import ApiRefused
from supervision.api.sheet import check_rows, write_sheet

OK, REFUSED, CONFLICT = 200, 422, 409


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered with; `again`: what it was answered with the first time."""

    status: int
    body: dict[str, Any]
    again: bool = False


def take_in(*, token: SystemToken, mapping: str, rows: Any, key: str, dry_run: bool = False, at: datetime) -> Answer:
    """Bring rows in through a mapping, as a batch of the calling system.

    The same key with the same rows is answered as before, and nothing is done; with others it is refused, and so is one
    that is still being answered. With `dry_run` nothing is written, the key neither. Refused rows are named and the others
    come in. A call whose process was killed is taken up by the same call after `rules.CALL_ABANDONED_AFTER`. Rows that
    are no table at all are refused as a whole and use up no key. Raises ApiRefused for a key that is none.
    """
    if not dry_run and not rules.IDEMPOTENCY_KEY.fullmatch(key):
        raise ApiRefused(refusals.BAD_KEY)
    try:
        rows = check_rows(rows)
    except CaseRefused as refusal:
        return _refused(refusal)
    if dry_run:
        return _take(token, mapping, rows, "preview", dry_run=True, at=at)[0]
    digest = rules.body_digest(mapping, rows)
    call, before = _begin(token, key, digest, at)
    if before is not None:
        return before
    assert call is not None
    try:
        answer, batch, head_row = _take(token, mapping, rows, key, dry_run=False, at=at)
    except Exception:
        # Nobody knows how far it came; the same call again carries the batch on.
        IntakeCall.objects.filter(pk=call.pk, state=CallState.IN_FLIGHT, at=at).delete()
        raise
    IntakeCall.objects.filter(pk=call.pk, state=CallState.IN_FLIGHT).update(
        state=CallState.ANSWERED, status=answer.status, answer=answer.body, batch_id=batch, head_row=head_row
    )
    return answer


def _begin(token: SystemToken, key: str, digest: str, at: datetime) -> tuple[IntakeCall | None, Answer | None]:
    """The call as ours to answer, or what to answer because it is not."""
    try:
        with transaction.atomic():
            return IntakeCall.objects.create(token=token, key=key, digest=digest, at=at), None
    except IntegrityError:
        known = IntakeCall.objects.filter(token=token, key=key).first()
    if known is None:
        return None, _conflict("in_flight", refusals.IN_FLIGHT)
    if known.digest != digest:
        return None, _conflict("other_body", refusals.OTHER_BODY)
    if known.state == CallState.ANSWERED:
        return None, Answer(known.status or OK, known.answer or {}, again=True)
    abandoned = IntakeCall.objects.filter(pk=known.pk, state=CallState.IN_FLIGHT, at=known.at)
    if known.at <= at - rules.CALL_ABANDONED_AFTER and abandoned.update(at=at):
        return known, None
    return None, _conflict("in_flight", refusals.IN_FLIGHT)


def _conflict(code: str, message: str) -> Answer:
    return Answer(CONFLICT, {"code": code, "message": message})


def _refused(refusal: CaseRefused) -> Answer:
    return Answer(REFUSED, {"code": "refused", "message": str(refusal)})


def _take(
    token: SystemToken, name: str, rows: Sequence[Mapping[str, str]], key: str, *, dry_run: bool, at: datetime
) -> tuple[Answer, int | None, int]:
    """The answer, the batch if there is one, and how many lines stood above the first row."""
    try:
        mapping = _mapping_of(name)
        with tempfile.TemporaryDirectory(prefix="dingban-api-") as folder:
            path = Path(folder) / f"api-{token.prefix}-{key}.csv"
            write_sheet(path, rows, mapping)
            report = load_file(path, mapping, at=at, dry_run=dry_run, within=token.unit)
    except CaseRefused as refusal:
        return _refused(refusal), None, 1
    return Answer(OK, _told(report, mapping.head_row)), report.batch, mapping.head_row


def _mapping_of(name: str) -> IntakeMapping:
    mapping = next((one for one in known_mappings() if one.name == name), None)
    if mapping is None:
        raise IntakeRefused(refusals.NO_MAPPING.format(name=name))
    codes = {unit.code for unit in mapping.units}
    missing = codes - set(Unit.objects.filter(code__in=codes).values_list("code", flat=True))
    if missing:
        raise IntakeRefused(refusals.UNITS_MISSING.format(name=name, codes="、".join(sorted(missing))))
    return mapping


def _told(report: IntakeReport, head_row: int) -> dict[str, Any]:
    """The report, its rows numbered as they were sent, from 1."""
    counts = (
        "batch state dry_run rows_read rows_loaded rows_unchanged rows_skipped rows_refused matters_new events_new"
    ).split()
    return {
        **{name: getattr(report, name) for name in counts},
        "refused": [
            {"row": one.row - head_row, "column": one.column, "reason": one.reason, "way_out": refusals.WAY_OUT}
            for one in report.refusals
        ],
        "kept": [{"row": one.row - head_row, "column": one.column, "reason": one.reason} for one in report.kept],
    }
