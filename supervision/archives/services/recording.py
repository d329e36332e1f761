"""Entries by hand and from other rooms, their corrections, and what is said to them."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.models import Matter, Officer, Unit
from supervision.archives import rules
from supervision.archives.models import ArchiveEntry, ArchiveReply, Kind
from supervision.archives.queries import entries_of, may_reply, officers_open_to, units_open_to
from supervision.archives.refusals import (
    ALREADY_CORRECTED,
    IN_THE_FUTURE,
    NO_CORRECTION,
    NO_REPLY,
    NO_SUBJECT,
    NO_TEXT,
    NOT_ONES_OWN,
    OF_ONESELF,
    ONLY_BY_COLLECTING,
    OUT_OF_REACH,
    RESTRICTED,
    TELLING_WORDS,
    TOO_LONG,
    ArchiveRefused,
)
from supervision.archives.services.silence import tells
from supervision.rectification.models import Order


def record(
    *,
    kind: Kind | str,
    officer: Officer | None,
    unit: Unit | None,
    happened_at: datetime,
    text: str,
    source_key: str,
    by: Officer | None,
    at: datetime,
    article: str = "",
    matter: Matter | None = None,
    order: Order | None = None,
) -> ArchiveEntry:
    """Enter something in the archive of an officer, a unit, or both; without a unit, that of the officer at the time.

    The door for other rooms (file reviews) and for praise by hand. `source_key` names the fact: entered before, the entry
    there is comes back and nothing changes. Moments are aware. Refuses what concerns nobody or says nothing, a moment to
    come, one's own archive, a restricted matter, words that say that somebody complained (信访工作条例 30), and what comes by
    `collect` only. By hand only within one's reach.
    """
    kind = Kind(kind)
    if officer is None and unit is None:
        raise ArchiveRefused(NO_SUBJECT)
    if kind not in (Kind.PRAISE, Kind.REVIEW):
        raise ArchiveRefused(ONLY_BY_COLLECTING.format(kind=kind.label))
    if by is not None and officer is not None and officer.pk == by.pk:
        raise ArchiveRefused(OF_ONESELF)
    if kind in Kind.by_hand():
        _require_reach(by, officer, unit)
    if happened_at > at:
        raise ArchiveRefused(IN_THE_FUTURE.format(when=f"{timezone.localtime(happened_at):%Y-%m-%d %H:%M}"))
    if any(one is not None and one.restricted for one in (matter, order.matter if order is not None else None)):
        raise ArchiveRefused(RESTRICTED)
    said = _said(text, by, NO_TEXT)
    place = unit or (officer.unit if officer is not None else None)
    assert place is not None
    if (entered := ArchiveEntry.objects.filter(source_key=source_key).first()) is not None:
        return entered
    entry = ArchiveEntry(
        kind=kind,
        officer=officer,
        **place.scope_ids,
        happened_at=happened_at,
        text=said,
        article=article,
        matter=matter,
        order=order,
        source_key=source_key,
        by=by,
        recorded_at=at,
    )
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        # Somebody entered the same between our question and our answer.
        if (entered := ArchiveEntry.objects.filter(source_key=source_key).first()) is None:
            raise
        return entered
    return entry


def correct(*, entry: ArchiveEntry, text: str, by: Officer, at: datetime) -> ArchiveEntry:
    """Correct an entry by a new one that names it; the old one stays and is shown with it. `at` is an aware moment.

    Refuses one's own archive, an entry one may not see, one that is corrected already (then its correction may be), and
    words that say nothing or that somebody complained.
    """
    if entry.officer_id == by.pk:
        raise ArchiveRefused(OF_ONESELF)
    if not entries_of(by).filter(pk=entry.pk).exists():
        raise ArchiveRefused(OUT_OF_REACH.format(whom=entry.officer or entry.unit))
    said = _said(text, by, NO_CORRECTION)
    try:
        with transaction.atomic():
            correction = correction_of(entry, text=said, at=at, by=by)
            correction.save(force_insert=True)
    except IntegrityError as error:
        if ArchiveEntry.objects.filter(corrects=entry).exists():
            raise ArchiveRefused(ALREADY_CORRECTED) from error
        raise
    return correction


def correction_of(entry: ArchiveEntry, *, text: str, at: datetime, by: Officer | None = None) -> ArchiveEntry:
    """The entry that corrects another, not yet written: of the same kind, about the same officer and unit."""
    return ArchiveEntry(
        kind=entry.kind,
        officer_id=entry.officer_id,
        unit_id=entry.unit_id,
        city_id=entry.city_id,
        county_id=entry.county_id,
        station_id=entry.station_id,
        happened_at=at,
        text=text,
        matter_id=entry.matter_id,
        clock_id=entry.clock_id,
        alert_id=entry.alert_id,
        order_id=entry.order_id,
        check_row_id=entry.check_row_id,
        corrects=entry,
        source_key=rules.key_of(rules.Room.CORRECTION, entry.pk),
        by=by,
        recorded_at=at,
    )


def known(moment: datetime | None) -> datetime:
    """The moment something happened at; refuses a row that says it happened and not when."""
    if moment is None:
        raise ValueError("a row that is over says no moment")
    return moment


def reply(*, entry: ArchiveEntry, text: str, by: Officer, at: datetime) -> ArchiveReply:
    """Say something to an entry: the officer it is about, or the head of its unit. It stands beside it for good.

    As often as there is something to say. Refuses anybody else, and an empty or overlong text; `at` is an aware moment.
    """
    if not by.is_active or not may_reply(by, entry):
        raise ArchiveRefused(NOT_ONES_OWN)
    said = text.strip()
    if not said:
        raise ArchiveRefused(NO_REPLY)
    if len(said) > rules.MOST_REPLY:
        raise ArchiveRefused(TOO_LONG.format(most=rules.MOST_REPLY, length=len(said)))
    return ArchiveReply.objects.create(entry=entry, by=by, at=at, text=said)


def _require_reach(by: Officer | None, officer: Officer | None, unit: Unit | None) -> None:
    """Refuse a hand that does not reach the officer, or the unit."""
    if officer is not None and (by is None or not officers_open_to(by).filter(pk=officer.pk).exists()):
        raise ArchiveRefused(OUT_OF_REACH.format(whom=officer))
    if unit is not None and (by is None or not units_open_to(by).filter(pk=unit.pk).exists()):
        raise ArchiveRefused(OUT_OF_REACH.format(whom=unit))


def _said(text: str, by: Officer | None, empty: str) -> str:
    said = text.strip()
    if not said:
        raise ArchiveRefused(empty)
    if len(said) > rules.MOST_TEXT:
        raise ArchiveRefused(TOO_LONG.format(most=rules.MOST_TEXT, length=len(said)))
    if words := tells(said, by):
        raise ArchiveRefused(TELLING_WORDS.format(words=words))
    return said
