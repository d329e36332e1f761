"""The procuratorate supervises that a transferred case was not filed (公安机关办理刑事案件程序规定第一百八十二条)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from cases.models import Officer
from supervision.proceedings.models import Action, Supervision, Transfer, TransferStage
from supervision.proceedings.refusals import NOT_AT_THIS_POINT, ONLY_INCOMING, ProceedingRefused
from supervision.proceedings.services.ledger import check_day, claim, happened_on, required, step


def require_reasons(*, transfer: Transfer, on: date, by: Officer, at: datetime) -> Transfer:
    """The procuratorate asks why the case was not filed; seven days run. Refuses what was not refused, and a second time."""
    return _go_on(transfer, (Supervision.NONE,), Supervision.ASKED, "explanation_required", on, "", by=by, at=at)


def explain_refusal(*, transfer: Transfer, on: date, text: str, by: Officer, at: datetime) -> Transfer:
    """The reasons have been given in writing. Refuses where none were asked for."""
    text = required(text, "说明的理由")
    return _go_on(transfer, (Supervision.ASKED,), Supervision.EXPLAINED, "explanation_given", on, text, by=by, at=at)


def order_filing(*, transfer: Transfer, on: date, by: Officer, at: datetime) -> Transfer:
    """The procuratorate orders the case filed; fifteen days run. Refuses before the reasons were given."""
    return _go_on(transfer, (Supervision.EXPLAINED,), Supervision.ORDERED, "filing_ordered", on, "", by=by, at=at)


def file_as_ordered(*, transfer: Transfer, on: date, text: str, by: Officer, at: datetime) -> Transfer:
    """The case is filed as ordered, and so taken. Refuses where no order came."""
    text = required(text, "立案决定书文号")
    return _go_on(
        transfer, (Supervision.ORDERED,), Supervision.FILED, "supervised_case_filed", on, text, by=by, at=at,
        stage=TransferStage.ACCEPTED,
    )  # fmt: skip


def _go_on(
    transfer: Transfer,
    before: tuple[Supervision, ...],
    after: Supervision,
    kind: str,
    on: date,
    text: str,
    *,
    by: Officer,
    at: datetime,
    **changes: Any,
) -> Transfer:
    if not transfer.comes_in:
        raise ProceedingRefused(ONLY_INCOMING)
    if transfer.supervision not in before:
        state = transfer.get_supervision_display()
        raise ProceedingRefused(NOT_AT_THIS_POINT.format(state=state, verb=f"登记“{after.label}”"))
    with transaction.atomic():
        check_day(transfer, on, at=at, after=transfer.decided_on)
        claim(
            transfer, stages=(TransferStage.REFUSED,), verb=f"登记“{after.label}”", by=by, also=("supervision",),
            supervision=after, **changes,
        )  # fmt: skip
        event = happened_on(transfer.matter, kind, on, by=by, at=at)
        step(transfer, Action.SUPERVISED, by=by, at=at, text="：".join(filter(None, (after.label, text))), event=event)
    transfer.refresh_from_db()
    return transfer
