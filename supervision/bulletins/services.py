"""The verbs of the room: who reads a bulletin, composing and issuing it; notices and letters by their own files.

`telling` combines what the rooms have to tell into notices, `inbox` is what officers do with them, `sending` gets the
letters out.
"""

import logging
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.duty import work_calendar
from cases.models import Officer, Unit
from supervision.bulletins import composing, refusals, rules
from supervision.bulletins.inbox import mark_all_read, mark_read, prefer
from supervision.bulletins.models import Bulletin, BulletinKind, BulletinState, Letter, Recipient
from supervision.bulletins.outbox import SEND_LETTERS, queue_letters, tell_the_worker
from supervision.bulletins.queries import issued_months, read_figures, units_with_readers
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.sending import SendReport, requeue, send_letters
from supervision.bulletins.telling import TellReport, compose_notices

__all__ = [
    "SEND_LETTERS",
    "IssueReport",
    "SendReport",
    "TellReport",
    "add_recipient",
    "compose_monthly",
    "compose_notices",
    "issue",
    "issue_due_monthly",
    "mark_all_read",
    "mark_read",
    "prefer",
    "remove_recipient",
    "requeue",
    "send_letters",
]

log = logging.getLogger(__name__)


# -- who reads it ----------------------------------------------------------------------------------------------------


def add_recipient(
    *, unit: Unit, at: datetime, officer: Officer | None = None, name: str = "", address: str = ""
) -> Recipient:
    """Let somebody get a unit's bulletins from now on: an officer, or a name with an address. Comes back if he left.

    Refuses both or neither, what is no address, and somebody who gets them already.
    """
    name, address = name.strip(), address.strip()
    if (officer is None) != bool(name and address) or (officer is not None and (name or address)):
        raise BulletinRefused(refusals.OFFICER_OR_ADDRESS)
    if officer is None:
        _check_address(name, address)
        known = Recipient.objects.filter(unit=unit, officer=None, address__iexact=address)
    else:
        known = Recipient.objects.filter(unit=unit, officer=officer)
    if back := known.filter(active=False).first():
        Recipient.objects.filter(pk=back.pk).update(active=True, entered_at=at, name=name)
        back.refresh_from_db()
        return back
    try:
        with transaction.atomic():
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


# -- the bulletin ----------------------------------------------------------------------------------------------------


def compose_monthly(*, unit: Unit, month: date, at: datetime) -> Bulletin:
    """Put together, or together anew, the draft of a unit's bulletin on the month that holds the day `month`.

    A month that is over is counted to its end, one still running to `at`. Refuses a month that has not begun and one
    whose bulletin is issued.
    """
    wanted, local = rules.Month.of(month), timezone.localtime(at, timezone.get_default_timezone())
    if wanted.first > local.date():
        raise BulletinRefused(refusals.FUTURE_MONTH.format(month=wanted.name))
    period = rules.period_of(wanted, zone=timezone.get_default_timezone(), at=local)
    known = {"unit": unit, "kind": BulletinKind.MONTHLY, "begins_on": wanted.first}
    if issued := Bulletin.objects.issued().filter(**known).first():
        raise BulletinRefused(refusals.ALREADY_ISSUED.format(bulletin=issued))

    figures = read_figures(unit, period)
    words = composing.compose(figures, month=wanted, at=local)
    fields = {
        **unit.scope_ids,
        "cutoff": period.cutoff,
        "title": words.title,
        "composed_at": at,
        "figures": figures.as_json(),
        "html": words.html,
        "text": words.text,
    }
    draft = _save_draft(known, fields)
    if draft is None:
        raise BulletinRefused(refusals.ALREADY_ISSUED.format(bulletin=words.title))
    return draft


def _save_draft(known: dict[str, Any], fields: dict[str, Any]) -> Bulletin | None:
    """Write the draft over an earlier one; none if it has been issued in the meantime."""
    drafts = Bulletin.objects.filter(**known, state=BulletinState.DRAFT)
    if not drafts.update(**fields):
        try:
            with transaction.atomic():
                return Bulletin.objects.create(**known, **fields)
        except IntegrityError:
            drafts.update(**fields)
    return drafts.first()


def issue(*, bulletin: Bulletin, by: Officer | None, at: datetime) -> Bulletin:
    """Freeze a draft and queue one letter for each recipient of its unit; the worker is told after the commit.

    Refuses a bulletin that is issued, one composed anew since `bulletin` was read, and one that was counted before its
    month was over.
    """
    over = rules.period_of(rules.Month.of(bulletin.begins_on), zone=timezone.get_default_timezone(), at=bulletin.cutoff)
    if not over.over:
        raise BulletinRefused(refusals.MONTH_NOT_OVER.format(month=rules.Month.of(bulletin.begins_on).name))
    with transaction.atomic():
        seen = Bulletin.objects.filter(pk=bulletin.pk, state=BulletinState.DRAFT, composed_at=bulletin.composed_at)
        if not seen.update(state=BulletinState.ISSUED, issued_at=at, officer=by):
            issued = Bulletin.objects.issued().filter(pk=bulletin.pk).exists()
            sentence = refusals.ALREADY_ISSUED if issued else refusals.CHANGED_SINCE
            raise BulletinRefused(sentence.format(bulletin=bulletin))
        _queue_letters(bulletin, by, at)
        transaction.on_commit(tell_the_worker)
    bulletin.refresh_from_db()
    return bulletin


def _queue_letters(bulletin: Bulletin, by: Officer | None, at: datetime) -> None:
    readers = Recipient.objects.active().filter(unit_id=bulletin.unit_id).order_by("pk").values_list("pk", flat=True)
    queue_letters((Letter(bulletin=bulletin, recipient_id=reader) for reader in readers), by=by, at=at)


@dataclass(slots=True)
class IssueReport:
    """What a round of issuing did: bulletins issued, and units whose bulletin could not be, with the reason."""

    issued: list[Bulletin] = field(default_factory=list)
    failed: list[tuple[Unit, rules.Month, str]] = field(default_factory=list)


def issue_due_monthly(*, at: datetime) -> IssueReport:
    """Compose and issue what is owed on the local day of `at`.

    1. Take every unit that somebody reads the bulletins of.
    2. Find the months it is still to be told about: the one just over, from the first working day after it, and up to
       two before that were missed while somebody was there to read them.
    3. Compose and issue each, oldest first, a transaction each; one issued meanwhile by somebody else is left alone.
    4. A unit that fails is recorded and the round goes on.
    """
    report = IssueReport()
    zone = timezone.get_default_timezone()
    today = timezone.localtime(at, zone).date()
    calendar = work_calendar(at)
    told = issued_months(since=today - timedelta(days=31 * (rules.MONTHS_MADE_UP + 1)))
    for unit, since in units_with_readers():
        months = rules.owed_months(
            today=today,
            calendar=calendar,
            readers_since=timezone.localtime(since, zone).date(),
            issued=told.get(unit.pk, ()),
        )
        for month in months:
            _issue_one(unit, month, at, report)
    return report


def _issue_one(unit: Unit, month: rules.Month, at: datetime, report: IssueReport) -> None:
    try:
        draft = compose_monthly(unit=unit, month=month.first, at=at)
        report.issued.append(issue(bulletin=draft, by=None, at=at))
    except BulletinRefused:
        # Issued by somebody else since we looked.
        log.info("bulletin of unit %s on %s is not ours to issue", unit.pk, month.first)
    except Exception as error:
        log.exception("bulletin of unit %s on %s failed", unit.pk, month.first)
        report.failed.append((unit, month, f"{type(error).__name__}: {error}"))
