"""Carries out what was approved, piece by piece; what is put on hold or has changed since is left alone."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cases.audit.services import remove_old
from cases.models import Feedback, Refusal
from supervision.retention import queries
from supervision.retention.models import DisposalItem, DisposalList, Kind, ListState, Outcome
from supervision.retention.rules import mention

log = logging.getLogger(__name__)


class CarryingFailed(Exception):
    """Some pieces could not be carried out; the others have been."""


@dataclass(slots=True)
class CarriedOut:
    """What a round did: pieces destroyed and left alone, lists done, pieces that failed."""

    destroyed: int = 0
    left: int = 0
    lists: int = 0
    failed: list[int] = field(default_factory=list)


def carry_out(*, at: datetime) -> CarriedOut:
    """Carry out the approved lists at an aware moment.

    1. Each piece without an outcome, in a transaction of its own: destroy it and write its outcome in one.
    2. A piece on hold, or not what it was when it was listed, is left as it is, and its outcome says so.
    3. A list without a piece left is done.

    A round killed anywhere leaves whole pieces, and the next goes on after them. What fails is logged, the round goes on,
    and at its end fails aloud (CarryingFailed).
    """
    done = CarriedOut()
    for row in DisposalList.objects.filter(state=ListState.APPROVED).select_related("unit", "proposer", "decider"):
        for pk in list(row.items.filter(outcome=None).values_list("pk", flat=True)):
            try:
                outcome = _carry_out(row, pk, at)
            except Exception:
                log.exception("piece %s of disposal list %s could not be carried out", pk, row.pk)
                done.failed.append(pk)
                continue
            done.destroyed += outcome == Outcome.DESTROYED
            done.left += outcome in (Outcome.HELD, Outcome.CHANGED)
        if not row.items.filter(outcome=None).exists():
            done.lists += DisposalList.objects.filter(pk=row.pk, state=ListState.APPROVED).update(
                state=ListState.DONE, done_at=at
            )
    if done.failed:
        raise CarryingFailed(f"{len(done.failed)} 项没有办成")
    return done


def _carry_out(row: DisposalList, pk: int, at: datetime) -> Outcome | None:
    with transaction.atomic():
        item = DisposalItem.objects.select_for_update().filter(pk=pk, outcome=None).first()
        if item is None:
            return None
        now, on_hold = queries.piece_now(row.kind, item.key, unit=row.unit, before=row.before)
        if on_hold:
            outcome = Outcome.HELD
        elif now is None or (now.count, now.digest) != (item.count, item.digest):
            outcome = Outcome.CHANGED
        else:
            _destroy(row, item, at)
            outcome = Outcome.DESTROYED
        DisposalItem.objects.filter(pk=pk, outcome=None).update(outcome=outcome, done_at=at)
    return outcome


def _destroy(row: DisposalList, item: DisposalItem, at: datetime) -> None:
    said = mention(timezone.localdate(at), row.pk)
    if row.kind == Kind.LOGS:
        remove_old(by=row.proposer, confirmed_by=row.decider, at=at, written_before=row.before)
    elif row.kind == Kind.REFUSED_ROWS:
        batch = int(item.key.partition(":")[2])
        keys = list(queries.refusals(row.unit, row.before, batch).values_list("pk", flat=True))
        for begin in range(0, len(keys), 500):
            Refusal.objects.filter(pk__in=keys[begin : begin + 500]).update(content={}, reason=said)
    else:
        rows = queries.of_month(queries.answers(row.unit, row.before), item.key.partition(":")[2])
        keys = list(rows.values_list("pk", flat=True))
        for begin in range(0, len(keys), 500):
            Feedback.objects.filter(pk__in=keys[begin : begin + 500]).update(text=said)
