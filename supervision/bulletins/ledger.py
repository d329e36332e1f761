"""How a bulletin is moved and noted: the claim that repeats what was seen, and the step. Enter through `services`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, NoReturn

from django.db.models import F
from django.utils import timezone

from cases.models import Officer
from supervision.bulletins import refusals
from supervision.bulletins.models import Bulletin, BulletinAct, BulletinState, BulletinStep
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.rules import Period, life, period_of

REASON_AT_MOST: Final = 500


def note_step(
    bulletin: Bulletin, action: life.Act, *, by: Officer | None, at: datetime, note: str = "", section: str = ""
) -> None:
    """Add a step to the ledger of a bulletin; part of the caller's transaction."""
    BulletinStep.objects.create(
        bulletin_id=bulletin.pk,
        action=BulletinAct(action),
        at=at,
        by=by,
        revision=bulletin.revision,
        section=section,
        note=note,
    )


def move(bulletin: Bulletin, act: life.Act, /, **columns: Any) -> None:
    """Change a bulletin from the state and the revision that were seen; part of the caller's transaction.

    Refuses one in a state the act cannot come from, and one that somebody else has moved, composed or commented since.
    """
    if bulletin.state not in life.COMES_FROM[act]:
        refuse(bulletin, act)
    seen = Bulletin.objects.filter(pk=bulletin.pk, state=bulletin.state, revision=bulletin.revision)
    if not seen.update(**columns):
        refuse(Bulletin.objects.light().get(pk=bulletin.pk), act)
    bulletin.refresh_from_db()


def move_text(bulletin: Bulletin, act: life.Act, /, **columns: Any) -> None:
    """The same for what changes what is read: it is another revision then."""
    move(bulletin, act, revision=F("revision") + 1, **columns)


def refuse(bulletin: Bulletin, act: life.Act) -> NoReturn:
    """Say why the act is not to be had as the bulletin stands."""
    word = BulletinAct(act).label
    if bulletin.state in BulletinState.out() and act != life.Act.ARCHIVE:
        raise BulletinRefused(refusals.ALREADY_ISSUED.format(bulletin=bulletin))
    if bulletin.state in life.COMES_FROM[act]:
        raise BulletinRefused(refusals.CHANGED_SINCE.format(bulletin=bulletin, act=word))
    state = BulletinState(bulletin.state).label
    raise BulletinRefused(refusals.WRONG_STATE.format(bulletin=bulletin, state=state, act=word))


def reason_of(text: str) -> str:
    """A reason, trimmed. Refuses none."""
    if not (reason := text.strip()):
        raise BulletinRefused(refusals.REASON)
    return reason[:REASON_AT_MOST]


def period_at(bulletin: Bulletin, at: datetime) -> Period:
    """The days of a bulletin as they can be counted at `at`."""
    zone = timezone.get_default_timezone()
    return period_of(bulletin.span, zone=zone, at=timezone.localtime(at, zone))


def local_day(at: datetime) -> date:
    """The local day of a moment."""
    return timezone.localtime(at, timezone.get_default_timezone()).date()
