"""Carries out what was decided, line by line, through the verbs of the rooms the things belong to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from cases.models import Event, Matter, Officer
from cases.services import HAND_OVER, CaseRefused, transfer_matter
from supervision.followup.models import FollowedCase
from supervision.followup.queries import holdings_of
from supervision.followup.services import FollowupRefused
from supervision.followup.services import hand_over as hand_over_followed
from supervision.handovers import queries, refusals
from supervision.handovers.models import Handover, HandoverItem, Outcome, State, What
from supervision.handovers.refusals import HandoverRefused
from supervision.handovers.rules import SILENCE
from supervision.rectification.models import Order, OrderState
from supervision.rectification.services import RectificationRefused, reassign_order

log = logging.getLogger(__name__)

REFUSED = (HandoverRefused, CaseRefused, RectificationRefused, FollowupRefused)
FAILED = "有 {count} 件没有办成，后台会再试；一再出现请联系管理员"


class CarryingFailed(Exception):
    """Some lines could not be carried out; the others have been."""


@dataclass(slots=True)
class CarriedOut:
    """What a round did: lines moved and not moved, hand-overs done, lines that failed."""

    moved: int = 0
    kept: int = 0
    handovers: int = 0
    failed: list[int] = field(default_factory=list)

    def add(self, other: CarriedOut) -> None:
        self.moved += other.moved
        self.kept += other.kept
        self.handovers += other.handovers
        self.failed += other.failed


def take_up(*, handover: Handover, at: datetime) -> bool:
    """Whether nobody is at work on this hand-over now; from here on we are, until we fall silent for two minutes."""
    idle = Q(worked_at=None) | Q(worked_at__lt=at - SILENCE)
    waiting = Handover.objects.under_way().filter(idle, pk=handover.pk)
    return bool(waiting.update(worked_at=at, state=State.RUNNING))


def carry_out(*, tick: Callable[[], datetime]) -> CarriedOut:
    """Carry on every hand-over that is under way and nobody is at, those that a killed worker left too. `tick` tells the
    time.

    1. Take up a hand-over, unless somebody else was heard of at it within two minutes.
    2. Move its lines without an outcome, each in a transaction of its own.
    3. What fails is logged and written on the hand-over, the others go on, and the next round tries again.
    4. At the end fail aloud (CarryingFailed).

    Harmless twice: a line that has an outcome is never touched again.
    """
    done = CarriedOut()
    for row in Handover.objects.under_way().order_by("pk"):
        if take_up(handover=row, at=tick()):
            done.add(carry_on(handover=row, tick=tick))
    if done.failed:
        raise CarryingFailed(FAILED.format(count=len(done.failed)))
    return done


def carry_on(*, handover: Handover, tick: Callable[[], datetime]) -> CarriedOut:
    """Move the lines of a hand-over that was taken up; answers what it did, with the lines that failed. The receiver is to
    be told once every line has an outcome and one was moved."""
    done = CarriedOut()
    for pk in list(handover.items.filter(outcome=None).order_by("place").values_list("pk", flat=True)):
        try:
            outcome = _carry(pk, tick())
        except Exception:
            log.exception("line %s of hand-over %s could not be carried out", pk, handover.pk)
            done.failed.append(pk)
            continue
        done.moved += outcome == Outcome.MOVED
        done.kept += outcome == Outcome.KEPT
    if done.failed:
        # Whoever comes next need not wait for the silence to pass.
        Handover.objects.filter(pk=handover.pk).update(error=FAILED.format(count=len(done.failed)), worked_at=None)
    else:
        done.handovers += _finish(handover, tick())
    handover.refresh_from_db()
    return done


def _finish(row: Handover, at: datetime) -> int:
    """Every line has its outcome, unless another worker still has one in hand."""
    whole = Handover.objects.under_way().filter(pk=row.pk, total=F("moved") + F("kept"))
    # Who handed it to himself knows.
    untold = whole.filter(moved__gte=1).exclude(to_officer=F("by"))
    with transaction.atomic():
        over = {"state": State.DONE, "done_at": at, "worked_at": None, "error": ""}
        return untold.update(**over, tell_since=at) or whole.update(**over)


def _carry(pk: int, at: datetime) -> Outcome | None:
    """One line: moved, or not with the reason; nothing where another worker was first."""
    with transaction.atomic():
        waiting = HandoverItem.objects.select_for_update(of=("self",)).filter(pk=pk, outcome=None)
        # Posts and accounts are read anew for each line.
        item = waiting.select_related("handover__to_unit", "handover__to_officer", "handover__by").first()
        if item is None:
            return None
        row = item.handover
        outcome, why = Outcome.MOVED, None
        try:
            with transaction.atomic():
                _move(row, item, at)
        except REFUSED as refusal:
            outcome, why = Outcome.KEPT, str(refusal)[:300]
        HandoverItem.objects.filter(pk=pk, outcome=None).update(outcome=outcome, why=why, done_at=at)
        count = "moved" if outcome == Outcome.MOVED else "kept"
        Handover.objects.filter(pk=row.pk).update(**{count: F(count) + 1}, worked_at=at)
    return outcome


def _move(row: Handover, item: HandoverItem, at: datetime) -> None:
    """Through the verb of the room it belongs to. Refuses what is not as it was previewed, and what whoever decided it may
    not hand over any more."""
    if why := queries.why_not_received(unit=row.to_unit, officer=row.to_officer, by=row.by, at=at):
        raise HandoverRefused(why)
    match What(item.what):
        case What.MATTER:
            _move_matter(row, item, at)
        case What.ORDER:
            _move_order(row, item, at)
        case What.FOLLOWED:
            _move_followed(row, item, at)


# -- matters ---------------------------------------------------------------------------------------------------------


def _move_matter(row: Handover, item: HandoverItem, at: datetime) -> None:
    assert item.matter_id is not None
    # Locked before it is compared, so that of two hand-overs the second sees what the first did.
    matter = Matter.objects.select_for_update(of=("self",)).select_related("unit", "officer").get(pk=item.matter_id)
    if matter.withdrawn_at is not None:
        raise HandoverRefused(refusals.WITHDRAWN)
    if matter.closed_at is not None:
        raise HandoverRefused(refusals.CLOSED.format(on=f"{timezone.localdate(matter.closed_at):%Y-%m-%d}"))
    if (matter.unit_id, matter.officer_id) != (item.unit_id, item.officer_id):
        raise HandoverRefused(_moved_meanwhile(matter))
    if not queries.matters_to_hand(row.by).filter(pk=matter.pk).exists():
        raise HandoverRefused(refusals.OUT_OF_SIGHT.format(by=row.by))
    transfer_matter(matter=matter, to_unit=row.to_unit, to_officer=row.to_officer, occurred_at=at, by=row.by, at=at)


def _moved_meanwhile(matter: Matter) -> str:
    """Who moved it where, in a sentence."""
    now = f"{matter.unit}{matter.officer or ''}"
    last = (
        Event.objects.standing()
        .filter(matter=matter, kind__code=HAND_OVER)
        .select_related("by", "to_unit", "to_officer")
        .order_by("-recorded_at", "-pk")
        .first()
    )
    if last is None or (last.to_unit_id, last.to_officer_id) != (matter.unit_id, matter.officer_id):
        return refusals.CHANGED_MEANWHILE.format(now=now)
    when = f"{timezone.localtime(last.recorded_at):%m-%d %H:%M}"
    return refusals.MOVED_MEANWHILE.format(when=when, by=last.by or "系统", to=now)


# -- orders ----------------------------------------------------------------------------------------------------------


def _move_order(row: Handover, item: HandoverItem, at: datetime) -> None:
    assert item.order_id is not None and item.step is not None
    order = Order.objects.select_for_update(of=("self",)).select_related("unit", "matter").get(pk=item.order_id)
    if order.state not in OrderState.to_answer():
        raise HandoverRefused(refusals.NOT_WAITING.format(state=order.get_state_display()))
    _require_unbarred(row, order.matter_id)
    if order.step_number == item.step and not queries.orders_to_hand(row.by).filter(pk=order.pk).exists():
        raise HandoverRefused(refusals.OUT_OF_SIGHT.format(by=row.by))
    # The verb compares what was previewed: whoever acted since is named in its refusal.
    order.step_number = item.step
    reassign_order(
        order=order,
        unit=row.to_unit,
        officer=row.to_officer,
        reason=f"{row.number}：{row.get_reason_display()}，{row.ground}",
        by=row.by,
        at=at,
    )


# -- followed cases --------------------------------------------------------------------------------------------------


def _move_followed(row: Handover, item: HandoverItem, at: datetime) -> None:
    assert item.case_id is not None and item.officer_id is not None
    case = FollowedCase.objects.select_for_update(of=("self",)).get(pk=item.case_id)
    holder = Officer.objects.get(pk=item.officer_id)
    if row.to_officer is None:
        raise HandoverRefused(refusals.NEEDS_OFFICER)
    _require_unbarred(row, case.matter_id)
    if case.is_open and not queries.followed_to_hand(row.by).filter(pk=case.pk).exists():
        raise HandoverRefused(refusals.OUT_OF_SIGHT.format(by=row.by))
    if not holdings_of(holder, seen_by=row.by, case=case):
        raise HandoverRefused(refusals.NOT_HIS_ANY_MORE.format(officer=holder))
    hand_over_followed(officer=holder, to=row.to_officer, by=row.by, at=at, case=case)


def _require_unbarred(row: Handover, matter_id: int | None) -> None:
    """Whoever may not handle the matter takes neither an order about it nor its follow-up; of the matter itself its own
    verb says so."""
    if matter_id is None:
        return
    of_unit, of_officer = queries.barred_among([matter_id], unit=row.to_unit, officer=row.to_officer)
    if of_unit:
        raise HandoverRefused(refusals.BARRED_UNIT.format(unit=row.to_unit))
    if of_officer:
        raise HandoverRefused(refusals.BARRED.format(officer=row.to_officer))
