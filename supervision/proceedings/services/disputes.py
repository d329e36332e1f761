"""Disputes: taken in, mediated, settled or not, and looked at again."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from cases.duty import opening_of
from cases.models import Officer, Unit
from supervision.proceedings.models import Action, Channel, Dispute, DisputeStage, Risk, Sort
from supervision.proceedings.refusals import NOTHING_TO_RECHECK, RECHECK_TOO_EARLY, ProceedingRefused
from supervision.proceedings.services.ledger import check_day, claim, happened_on, open_for, required, step


def register_dispute(
    *,
    number: str,
    title: str,
    unit: Unit,
    officer: Officer | None,
    sort: Sort | str,
    risk: Risk | str,
    channel: Channel | str,
    received_on: date,
    by: Officer,
    at: datetime,
) -> Dispute:
    """Take in a dispute on a local day. Refuses a unit that is not his to register for, a number in use, a day to come."""
    with transaction.atomic():
        matter = open_for(
            kind="dispute", number=number, title=title, unit=unit, officer=officer, facts={}, by=by, at=at
        )
        event = happened_on(matter, "dispute_recorded", received_on, by=by, at=at)
        matter.refresh_from_db()
        dispute = Dispute.objects.create(matter=matter, sort=sort, risk=risk, channel=channel)
        text = f"{dispute.get_sort_display()}，风险{dispute.get_risk_display()}，{dispute.get_channel_display()}"
        step(dispute, Action.REGISTERED, by=by, at=at, text=text, event=event)
    return dispute


def start_mediation(*, dispute: Dispute, mediated_by: Unit, on: date, by: Officer, at: datetime) -> Dispute:
    """A unit begins to mediate on a day. Refuses a dispute in mediation or ended, and a day before it was taken in."""
    with transaction.atomic():
        check_day(dispute, on, at=at)
        claim(
            dispute, stages=(DisputeStage.OPEN,), verb="开始调解", by=by,
            stage=DisputeStage.MEDIATING, mediated_by=mediated_by, mediation_began_on=on,
        )  # fmt: skip
        event = happened_on(dispute.matter, "dispute_mediation_began", on, by=by, at=at)
        step(dispute, Action.MEDIATION, by=by, at=at, text=f"{mediated_by}", event=event)
    dispute.refresh_from_db()
    return dispute


def settle_dispute(
    *, dispute: Dispute, on: date, result: str, recheck_due_on: date, by: Officer, at: datetime
) -> Dispute:
    """Mediation has settled it, with what result; by `recheck_due_on` it is looked whether that held.

    Refuses a dispute that is not in mediation, no result, and a re-check before the settlement.
    """
    result = required(result, "化解结果")
    if recheck_due_on < on:
        raise ProceedingRefused(RECHECK_TOO_EARLY.format(day=recheck_due_on, ended=on))
    with transaction.atomic():
        check_day(dispute, on, at=at, after=dispute.mediation_began_on)
        claim(
            dispute, stages=(DisputeStage.MEDIATING,), verb="登记化解", by=by,
            stage=DisputeStage.SETTLED, ended_on=on, result=result, recheck_due_on=recheck_due_on,
            tell_since=opening_of(recheck_due_on, at),
        )  # fmt: skip
        event = happened_on(dispute.matter, "dispute_settled", on, by=by, at=at)
        step(dispute, Action.SETTLED, by=by, at=at, text=f"{result}；{recheck_due_on} 前回访", event=event)
    dispute.refresh_from_db()
    return dispute


def end_unsettled(*, dispute: Dispute, on: date, result: str, by: Officer, at: datetime) -> Dispute:
    """It could not be settled here; `result` says why and where the parties were shown to. Refuses one that has ended."""
    result = required(result, "不成的原因和去向")
    with transaction.atomic():
        check_day(dispute, on, at=at, after=dispute.mediation_began_on)
        claim(
            dispute, stages=DisputeStage.unended(), verb="登记调解不成", by=by,
            stage=DisputeStage.UNSETTLED, ended_on=on, result=result,
        )  # fmt: skip
        event = happened_on(dispute.matter, "dispute_unsettled", on, by=by, at=at)
        step(dispute, Action.UNSETTLED, by=by, at=at, text=result, event=event)
    dispute.refresh_from_db()
    return dispute


def recheck_dispute(*, dispute: Dispute, on: date, held: bool, result: str, by: Officer, at: datetime) -> Dispute:
    """Look whether a settlement held. One that did not is in mediation again by the same unit, and counts as not settled.

    Refuses what is not settled or was looked at already.
    """
    result = required(result, "回访情况")
    if not dispute.awaits_recheck:
        raise ProceedingRefused(NOTHING_TO_RECHECK)
    back = {"stage": DisputeStage.MEDIATING, "ended_on": None, "result": "", "recheck_due_on": None, "tell_since": None}
    changes = {"rechecked_on": on, "recheck_result": result, "tell_since": None} if held else back
    with transaction.atomic():
        check_day(dispute, on, at=at, after=dispute.ended_on)
        claim(dispute, stages=(DisputeStage.SETTLED,), verb="回访", by=by, also=("rechecked_on",), **changes)
        event = None if held else happened_on(dispute.matter, "dispute_relapsed", on, by=by, at=at)
        step(dispute, Action.RECHECKED if held else Action.RELAPSED, by=by, at=at, text=result, event=event)
    dispute.refresh_from_db()
    return dispute
