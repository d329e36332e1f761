"""What officers do with their notices: read them, and say when and how they want to be told. Enter through `services`."""

from collections.abc import Mapping
from datetime import datetime, time

from django.db import transaction

from cases.models import Officer
from supervision.bulletins import refusals
from supervision.bulletins.models import Channel, Notice, NoticeAddress, NoticePreference
from supervision.bulletins.refusals import BulletinRefused


def mark_read(*, notice: Notice, by: Officer, at: datetime) -> Notice:
    """Note that the officer has read his notice; letters that still wait are then not sent. Read already: no change.

    Refuses anybody else's notice.
    """
    if notice.officer_id != by.pk:
        raise BulletinRefused(refusals.NOT_ITS_OWN_NOTICE)
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=at)
    notice.refresh_from_db(fields=["read_at"])
    return notice


def mark_all_read(*, by: Officer, at: datetime) -> int:
    """Note that the officer has read all that was in his inbox at `at`; how many he had not."""
    return Notice.objects.of(by).unread().filter(composed_at__lte=at).update(read_at=at)


def prefer(*, by: Officer, told_at: time | None, by_mail: bool, addresses: Mapping[Channel, str]) -> NoticePreference:
    """Note when an officer wants his daily notice (none: his bureau's hour), and by which ways besides the inbox.

    `addresses` holds every channel he was offered, with an empty text where he does not want it. Refuses mail for an
    account without an address.
    """
    if by_mail and not by.email:
        raise BulletinRefused(refusals.MAIL_WITHOUT_ADDRESS)
    with transaction.atomic():
        preference, _ = NoticePreference.objects.update_or_create(
            officer=by, defaults={"told_at": told_at, "by_mail": by_mail}
        )
        for channel, address in addresses.items():
            if address.strip():
                NoticeAddress.objects.update_or_create(
                    officer=by, channel=channel, defaults={"address": address.strip()}
                )
            else:
                NoticeAddress.objects.filter(officer=by, channel=channel).delete()
    return preference
