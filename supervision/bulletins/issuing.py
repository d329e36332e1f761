"""A bulletin goes out: its number, its letters, and at last the archive. Enter through `services`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Max

from cases.models import Officer, Unit
from supervision.bulletins import refusals
from supervision.bulletins.composing.draft import from_json
from supervision.bulletins.composing.dressing import Dress, circular_of
from supervision.bulletins.ledger import local_day, move, note_step, period_at
from supervision.bulletins.models import (
    Bulletin,
    BulletinPlan,
    BulletinState,
    Letter,
    Letterhead,
    Recipient,
)
from supervision.bulletins.outbox import queue_letters, tell_the_worker
from supervision.bulletins.papers.document import Circular
from supervision.bulletins.papers.html import mail
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.rules import life

# Two that go out at once may each take the number before the other has it; the third time they will not.
TRIES: Final = 5
SEAL: Final = "（印章）"


def issue(*, bulletin: Bulletin, by: Officer | None, at: datetime) -> Bulletin:
    """Freeze a bulletin under its number and queue one letter for each recipient of its unit; the worker is told after
    the commit.

    Refuses a draft that must be signed first (not to the house itself, `by` none: the timetable and the command line
    decide before), one that is out, one changed since `bulletin` was read, one counted before its days were over, and one
    composed before there were circulars.
    """
    if not period_at(bulletin, bulletin.cutoff).over:
        raise BulletinRefused(refusals.NOT_OVER.format(span=bulletin.span.name))
    if by is not None and bulletin.state == BulletinState.DRAFT and must_be_signed(bulletin):
        raise BulletinRefused(refusals.SIGN_FIRST.format(bulletin=bulletin))
    if bulletin.circular is None and bulletin.state in life.COMES_FROM[life.Act.ISSUE]:
        raise BulletinRefused(refusals.COMPOSE_ANEW.format(bulletin=bulletin))
    year, head = local_day(at).year, letterhead(bulletin.unit)
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _issue(bulletin, head, year, by, at)
        except IntegrityError:
            continue
    raise BulletinRefused(refusals.NO_NUMBER.format(bulletin=bulletin))


def _issue(bulletin: Bulletin, head: Letterhead, year: int, by: Officer | None, at: datetime) -> Bulletin:
    kind = life.Kind(bulletin.kind)
    serial = _next_serial(bulletin, year)
    number = life.number_text(head.head, kind, year, serial)
    sent = mail(shown_circular(bulletin, head=head, number=number, day=local_day(at)))
    move(
        bulletin,
        life.Act.ISSUE,
        state=BulletinState.ISSUED,
        issued_at=at,
        officer=by,
        year=year,
        serial=serial,
        number=number,
        seal=head.body,
        html=sent.html,
        text=sent.text,
        tell_since=None,
    )
    note_step(bulletin, life.Act.ISSUE, by=by, at=at, note=number)
    readers = Recipient.objects.active().filter(unit_id=bulletin.unit_id).order_by("pk").values_list("pk", flat=True)
    queue_letters((Letter(bulletin=bulletin, recipient_id=reader) for reader in readers), by=by, at=at)
    transaction.on_commit(tell_the_worker)
    return bulletin


def _next_serial(bulletin: Bulletin, year: int) -> int:
    """The number after the last of the year: an issued bulletin never goes, so there is no gap."""
    issued = Bulletin.objects.filter(unit_id=bulletin.unit_id, kind=bulletin.kind, year=year)
    last: int | None = issued.aggregate(last=Max("serial"))["last"]
    return (last or 0) + 1


def archive(*, bulletin: Bulletin, by: Officer, at: datetime) -> Bulletin:
    """Lay an issued bulletin aside. Refuses one that is not out, or is laid aside already."""
    with transaction.atomic():
        move(bulletin, life.Act.ARCHIVE, state=BulletinState.ARCHIVED, archived_at=at)
        note_step(bulletin, life.Act.ARCHIVE, by=by, at=at)
    return bulletin


def must_be_signed(bulletin: Bulletin) -> bool:
    """Whether a bulletin goes out only with a signature: as its unit's plan has it, otherwise as its kind has it."""
    planned = BulletinPlan.objects.filter(unit_id=bulletin.unit_id, kind=bulletin.kind)
    waits: bool | None = planned.values_list("waits", flat=True).first()
    return life.Kind(bulletin.kind).waits if waits is None else waits


def letterhead(unit: Unit) -> Letterhead:
    """What stands at head and foot of a unit's bulletins; where nobody settled it, its name."""
    name = unit.short_name or unit.name
    return Letterhead.objects.filter(unit=unit).first() or Letterhead(unit=unit, body=unit.name, head=f"{name}法监")


def shown_circular(
    bulletin: Bulletin, *, head: Letterhead | None = None, number: str = "", day: date | None = None
) -> Circular:
    """A bulletin as its readers get it, or would if it were issued as it is. Refuses (ValueError) one of a time before
    bulletins were kept as circulars."""
    head = head or letterhead(bulletin.unit)
    if bulletin.circular is None:
        raise ValueError(refusals.BEFORE_CIRCULARS)
    if bulletin.issued_at is not None:
        number, day = bulletin.number, local_day(bulletin.issued_at)
    corrected = ""
    if (original := bulletin.corrects) is not None:
        corrected = f"{original.number}《{original.title}》"
    dress = Dress(
        body=bulletin.seal or head.body,
        addressees=head.addressees,
        copies=head.copies,
        remarks=bulletin.remarks,
        corrected=corrected,
        wrong=bulletin.wrong,
        number=number,
        seal=SEAL if number else "",
        issued_on=day,
    )
    return circular_of(from_json(bulletin.circular), dress)
