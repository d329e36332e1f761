"""A draft on its way to a signature and back. Enter through `services`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases.models import Officer
from supervision.bulletins import refusals
from supervision.bulletins.ledger import move, note_step, period_at, reason_of
from supervision.bulletins.models import Bulletin, BulletinState
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.rules import life


def submit(*, bulletin: Bulletin, by: Officer, at: datetime) -> Bulletin:
    """Send a draft to whoever signs; he is told. Refuses one whose days were not over when it was counted, what is no
    draft, and what has changed since it was read."""
    if not period_at(bulletin, bulletin.cutoff).over:
        raise BulletinRefused(refusals.NOT_OVER.format(span=bulletin.span.name))
    with transaction.atomic():
        move(
            bulletin,
            life.Act.SUBMIT,
            state=BulletinState.SUBMITTED,
            submitter=by,
            submitted_at=at,
            tell_since=at,
            told_at=None,
        )
        note_step(bulletin, life.Act.SUBMIT, by=by, at=at)
    return bulletin


def recall(*, bulletin: Bulletin, reason: str, by: Officer, at: datetime) -> Bulletin:
    """Take back what was submitted, signed or not, before it goes out: it is a draft again.

    Refuses everybody but who submitted or signed it, no reason, and what is neither submitted nor signed.
    """
    words = reason_of(reason)
    submitter, signer = bulletin.submitter, bulletin.signer
    if bulletin.state in life.COMES_FROM[life.Act.RECALL] and by not in (submitter, signer):
        raise BulletinRefused(refusals.ONLY_ITS_SIGNERS.format(submitter=submitter, signer=signer or "（尚未签批）"))
    with transaction.atomic():
        move(bulletin, life.Act.RECALL, **_as_draft(), tell_since=None, told_at=None)
        note_step(bulletin, life.Act.RECALL, by=by, at=at, note=words)
    return bulletin


def send_back(*, bulletin: Bulletin, reason: str, by: Officer, at: datetime) -> Bulletin:
    """Give a submitted draft back for more work; the unit's legal officers are told. Refuses no reason, and what is not
    submitted."""
    words = reason_of(reason)
    with transaction.atomic():
        move(bulletin, life.Act.SEND_BACK, **_as_draft(), tell_since=at, told_at=None)
        note_step(bulletin, life.Act.SEND_BACK, by=by, at=at, note=words)
    return bulletin


def sign_off(*, bulletin: Bulletin, by: Officer, at: datetime) -> Bulletin:
    """Sign what was submitted; the unit's legal officers are told that it may go out.

    Refuses the submitter himself, what is not submitted, and what is not the revision that was read.
    """
    if by == bulletin.submitter:
        raise BulletinRefused(refusals.NOT_BY_HIMSELF)
    with transaction.atomic():
        move(
            bulletin,
            life.Act.SIGN_OFF,
            state=BulletinState.SIGNED,
            signer=by,
            signed_at=at,
            tell_since=at,
            told_at=None,
        )
        note_step(bulletin, life.Act.SIGN_OFF, by=by, at=at)
    return bulletin


def _as_draft() -> dict[str, object]:
    nobody = {"submitter": None, "submitted_at": None, "signer": None, "signed_at": None}
    return {"state": BulletinState.DRAFT, **nobody}
