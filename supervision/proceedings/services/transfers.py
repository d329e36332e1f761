"""Transfers: handed over, answered, sent on, and reconsidered where the agency asks for it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cases.duty import opening_of
from cases.models import Officer, Unit
from supervision.proceedings.models import Action, Direction, Supervision, Transfer, TransferStage
from supervision.proceedings.refusals import (
    APPEALED,
    NOT_APPEALED,
    ONLY_INCOMING,
    SUPPLEMENT_ASKED,
    ProceedingRefused,
)
from supervision.proceedings.services.ledger import check_day, claim, happened, happened_on, open_for, required, step

# The law sets no time within which the other side answers; after so long somebody is told that it has not.
ANSWER_AWAITED = timedelta(days=30)
KINDS = {Direction.IN: "transfer_in", Direction.OUT: "transfer_out"}
HANDED = {Direction.IN: "transfer_received", Direction.OUT: "transferred_out"}
ACCEPTED = {Direction.IN: "transfer_accepted", Direction.OUT: "transfer_out_accepted"}
REFUSED = {Direction.IN: "transfer_refused", Direction.OUT: "transfer_out_refused"}


def register_transfer(
    *,
    number: str,
    title: str,
    unit: Unit,
    officer: Officer | None,
    direction: Direction | str,
    agency: str,
    documents: str,
    handed_at: datetime,
    by: Officer,
    at: datetime,
    economic: bool = False,
    incomplete: bool = False,
    elsewhere: bool = False,
) -> Transfer:
    """A case has been handed over at a moment, with these papers. What comes in starts our clocks: three days to decide
    (行政执法机关移送涉嫌犯罪案件的规定第八条); incomplete papers, or a case for another agency, twenty-four hours to say so.

    Refuses a unit that is not his to register for, a number in use, no papers, and a moment to come.
    """
    direction = Direction(direction)
    agency, documents = required(agency, "对方机关"), required(documents, "移交材料")
    facts: dict[str, Any] = {}
    if direction == Direction.IN:
        facts = {name: True for name, true in (("economic", economic), ("incomplete", incomplete)) if true}
        facts |= {"jurisdiction": "elsewhere"} if elsewhere else {}
    with transaction.atomic():
        matter = open_for(
            kind=KINDS[direction], number=number, title=title, unit=unit, officer=officer, facts=facts, by=by, at=at
        )
        event = happened(matter, HANDED[direction], handed_at, by=by, at=at)
        matter.refresh_from_db()
        tell_on = opening_of(timezone.localdate(handed_at) + ANSWER_AWAITED, at)
        transfer = Transfer.objects.create(
            matter=matter, direction=direction, agency=agency, documents=documents, tell_since=tell_on
        )
        step(transfer, Action.REGISTERED, by=by, at=at, text=f"{direction.label}：{agency}；{documents}", event=event)
    return transfer


def ask_supplement(*, transfer: Transfer, asked_at: datetime, missing: str, by: Officer, at: datetime) -> Transfer:
    """Tell the agency what is missing; its case is taken in all the same (公安机关办理刑事案件程序规定第一百八十条).

    Refuses a transfer of ours, one that is decided, and a second time.
    """
    missing = required(missing, "缺少的材料")
    _require_incoming(transfer)
    if transfer.supplement_asked:
        raise ProceedingRefused(SUPPLEMENT_ASKED)
    with transaction.atomic():
        claim(
            transfer, stages=(TransferStage.HANDED,), verb="通知补正", by=by, also=("supplement_asked",),
            supplement_asked=True,
        )  # fmt: skip
        event = happened(transfer.matter, "supplement_requested", asked_at, by=by, at=at)
        step(transfer, Action.SUPPLEMENT, by=by, at=at, text=missing, event=event)
    transfer.refresh_from_db()
    return transfer


def accept_transfer(*, transfer: Transfer, on: date, document_number: str, by: Officer, at: datetime) -> Transfer:
    """The case is taken: we file it and tell the agency, or the other agency takes ours. Refuses one that is decided."""
    document = document_number.strip()
    with transaction.atomic():
        check_day(transfer, on, at=at)
        claim(
            transfer, stages=(TransferStage.HANDED,), verb="登记接受", by=by,
            stage=TransferStage.ACCEPTED, decided_on=on, tell_since=None,
        )  # fmt: skip
        kind = ACCEPTED[Direction(transfer.direction)]
        event = happened_on(transfer.matter, kind, on, by=by, at=at, document_number=document)
        step(transfer, Action.ACCEPTED, by=by, at=at, text=document, event=event)
    transfer.refresh_from_db()
    return transfer


def refuse_transfer(
    *, transfer: Transfer, on: date, reason: str, returned_on: date | None, by: Officer, at: datetime
) -> Transfer:
    """The case is not taken, for a reason; `returned_on` is when the papers went back. Refuses one that is decided."""
    reason = required(reason, "不接受的理由")
    with transaction.atomic():
        check_day(transfer, on, at=at)
        if returned_on is not None:
            check_day(transfer, returned_on, at=at, after=on)
        claim(
            transfer, stages=(TransferStage.HANDED,), verb="登记不接受", by=by,
            stage=TransferStage.REFUSED, decided_on=on, reason=reason, returned_on=returned_on,
            tell_since=None,
        )  # fmt: skip
        event = happened_on(transfer.matter, REFUSED[Direction(transfer.direction)], on, by=by, at=at)
        back = f"；{returned_on} 退回材料" if returned_on is not None else ""
        step(transfer, Action.REFUSED, by=by, at=at, text=f"{reason}{back}", event=event)
    transfer.refresh_from_db()
    return transfer


def redirect_transfer(
    *, transfer: Transfer, redirected_at: datetime, on: date, reason: str, by: Officer, at: datetime
) -> Transfer:
    """It is for another agency: sent on, and the one that handed it over told (移送规定第七条). `on` is the local day of it.

    Refuses a transfer of ours and one that is decided.
    """
    reason = required(reason, "转送给谁、为什么")
    _require_incoming(transfer)
    with transaction.atomic():
        claim(
            transfer, stages=(TransferStage.HANDED,), verb="转送", by=by,
            stage=TransferStage.REDIRECTED, decided_on=on, reason=reason, tell_since=None,
        )  # fmt: skip
        event = happened(transfer.matter, "transfer_redirected", redirected_at, by=by, at=at)
        step(transfer, Action.REDIRECTED, by=by, at=at, text=reason, event=event)
    transfer.refresh_from_db()
    return transfer


def appeal_refusal(*, transfer: Transfer, on: date, by: Officer, at: datetime) -> Transfer:
    """The agency asks us to reconsider that we did not file; three days run (公安机关办理刑事案件程序规定第一百八十一条).

    Refuses a transfer of ours, one that was not refused, and a second time.
    """
    _require_incoming(transfer)
    if transfer.appealed_on is not None:
        raise ProceedingRefused(APPEALED)
    with transaction.atomic():
        check_day(transfer, on, at=at, after=transfer.decided_on)
        claim(transfer, stages=(TransferStage.REFUSED,), verb="申请复议", by=by, also=("appealed_on",), appealed_on=on)
        event = happened_on(transfer.matter, "agency_reconsideration_applied", on, by=by, at=at)
        step(transfer, Action.APPEALED, by=by, at=at, event=event)
    transfer.refresh_from_db()
    return transfer


def decide_appeal(*, transfer: Transfer, on: date, filed: bool, conclusion: str, by: Officer, at: datetime) -> Transfer:
    """Decide what the agency asked; with `filed` the case is taken after all, otherwise the refusal stands.

    Refuses where nothing was asked or it is decided.
    """
    conclusion = required(conclusion, "复议结论")
    if not transfer.awaits_appeal_decision:
        raise ProceedingRefused(NOT_APPEALED)
    changes: dict[str, Any] = {"appeal_decided_on": on}
    if filed:
        changes |= {"stage": TransferStage.ACCEPTED, "supervision": _after_filing(transfer)}
    with transaction.atomic():
        check_day(transfer, on, at=at, after=transfer.appealed_on)
        claim(
            transfer, stages=(TransferStage.REFUSED,), verb="作出复议决定", by=by,
            also=("appeal_decided_on", "supervision"), **changes,
        )  # fmt: skip
        event = happened_on(transfer.matter, "agency_reconsideration_decided", on, by=by, at=at)
        if filed:
            happened_on(transfer.matter, "transfer_accepted", on, by=by, at=at, note="复议改为立案")
        said = f"{'改为立案' if filed else '维持不予立案'}：{conclusion}"
        step(transfer, Action.APPEAL_DECIDED, by=by, at=at, text=said, event=event)
    transfer.refresh_from_db()
    return transfer


def _after_filing(transfer: Transfer) -> str:
    """What the procuratorate asked for is over once the case is filed."""
    return Supervision.NONE if transfer.supervision == Supervision.NONE else Supervision.FILED


def _require_incoming(transfer: Transfer) -> None:
    if not transfer.comes_in:
        raise ProceedingRefused(ONLY_INCOMING)
