"""Who reads the bulletins of a unit. Enter through `services`."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from cases.models import Officer, Unit
from supervision.bulletins import refusals
from supervision.bulletins.models import Recipient
from supervision.bulletins.queries import belongs_to
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.rounds import plan_unit


def add_recipient(
    *, unit: Unit, at: datetime, officer: Officer | None = None, name: str = "", address: str = ""
) -> Recipient:
    """Let somebody get a unit's bulletins from now on: an officer, or a name with an address. Comes back if he left.

    A unit that nobody read about gets its plans with the first. Refuses both or neither, what is no address, an officer of
    another bureau, and somebody who gets them already.
    """
    name, address = name.strip(), address.strip()
    if (officer is None) != bool(name and address) or (officer is not None and (name or address)):
        raise BulletinRefused(refusals.OFFICER_OR_ADDRESS)
    if officer is None:
        _check_address(name, address)
        known = Recipient.objects.filter(unit=unit, officer=None, address__iexact=address)
    elif not belongs_to(officer, unit):
        raise BulletinRefused(refusals.NOT_OF_THE_LINE.format(officer=officer, unit=unit))
    else:
        known = Recipient.objects.filter(unit=unit, officer=officer)
    if back := known.filter(active=False).first():
        Recipient.objects.filter(pk=back.pk).update(active=True, entered_at=at, name=name)
        back.refresh_from_db()
        return back
    try:
        with transaction.atomic():
            plan_unit(unit=unit, at=at)
            return Recipient.objects.create(
                officer=officer, name=name, address=address, entered_at=at, **unit.scope_ids
            )
    except IntegrityError as error:
        taken = refusals.RECIPIENT_TAKEN.format(recipient=officer or name, unit=unit)
        raise BulletinRefused(taken) from error


def _check_address(name: str, address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise BulletinRefused(refusals.WRONG_ADDRESS.format(address=address)) from error
    if not name.isprintable():
        raise BulletinRefused(refusals.WRONG_NAME)


def remove_recipient(*, recipient: Recipient) -> Recipient:
    """Let somebody get no more bulletins of the unit; the row stays for the letters he got. Refuses one who has left."""
    if not Recipient.objects.filter(pk=recipient.pk, active=True).update(active=False):
        raise BulletinRefused(refusals.NOT_A_RECIPIENT.format(recipient=recipient))
    recipient.refresh_from_db()
    return recipient
