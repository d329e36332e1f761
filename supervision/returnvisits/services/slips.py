"""Answers by a printed slip: an address of one time, of which only the digest is kept.

Whoever holds the slip may answer once and for nothing else; nobody signs in, and nothing is kept of from where it came.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime

from django.db import transaction

from cases.models import Officer
from supervision.returnvisits.models import Action, Channel, Visit, VisitState
from supervision.returnvisits.queries import local_day
from supervision.returnvisits.refusals import NO_SLIP_NOW, ReturnVisitRefused
from supervision.returnvisits.services.ledger import claim_visit, require_uninvolved, step
from supervision.returnvisits.services.visiting import record_answer

TOKEN_BYTES = 16
_TOKEN = re.compile(r"[0-9a-f]{32}")

UNKNOWN = "这个二维码无效，可能已经重新打印过。请向给您这张纸的公安机关再要一张"
USED = "这个二维码已经用过一次，您的评价已经收到，不需要再评价。谢谢您"
OVER = "这个二维码已经过了有效日期，不能再评价。谢谢您"


class SlipRefused(Exception):
    """A slip that cannot be answered by; the message is fit to be shown to the person who holds it."""

    @property
    def thanks(self) -> bool:
        """Whether that is because he has answered already."""
        return str(self) == USED


def issue_slip(*, visit: Visit, by: Officer, at: datetime) -> str:
    """A fresh address of one time for a visit, good until the round's day of reply: 128 bits, as 32 hexadecimal digits, told
    here once and never again; one given out before is worth nothing from now on. Counts as having asked.

    Refuses a visit that has come to something other than that nobody was reached, a closed round, whoever has a part in the
    matter.
    """
    require_uninvolved(by, visit)
    token = secrets.token_hex(TOKEN_BYTES)
    with transaction.atomic():
        claim_visit(
            visit,
            states=VisitState.answerable(),
            refusal=NO_SLIP_NOW,
            token_digest=digest_of(token),
            token_until=visit.round.reply_until,
            token_used_at=None,
            asked_at=visit.asked_at or at,
        )
        step(visit.round, Action.SLIP, by=by, at=at, visit=visit, text=f"有效至 {visit.round.reply_until:%Y-%m-%d}")
    visit.refresh_from_db()
    return token


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def slip_of(token: str, *, at: datetime) -> Visit:
    """The visit that an address of one time still opens. Refuses one that was never given out, one that was used, one whose
    day or round is over; with thanks where thanks are due."""
    visit = None
    if _TOKEN.fullmatch(token):
        rows = Visit.objects.select_related("round", "matter__kind", "unit")
        visit = rows.filter(token_digest=digest_of(token)).first()
    if visit is None:
        raise SlipRefused(UNKNOWN)
    if visit.token_used_at is not None or visit.state == VisitState.REACHED:
        raise SlipRefused(USED)
    over = visit.token_until is None or visit.token_until < local_day(at)
    if over or not visit.round.is_open or visit.state not in VisitState.answerable():
        raise SlipRefused(OVER)
    return visit


def answer_by_slip(*, token: str, grade: int | None, text: str, at: datetime) -> Visit:
    """The answer of whoever holds a slip; it uses the slip up. Refuses what `slip_of` does and no grade."""
    visit = slip_of(token, at=at)
    try:
        return record_answer(
            visit=visit, channel=Channel.SLIP, grade=grade, text=text, by=None, at=at, token_used_at=at
        )
    except ReturnVisitRefused:
        # Somebody answered between our looking and our writing, by this slip or by telephone.
        if Visit.objects.filter(pk=visit.pk, state=VisitState.REACHED).exists():
            raise SlipRefused(USED) from None
        raise
