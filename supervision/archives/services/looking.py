"""Looks at archives: who, whose, when and why, on record before anything is shown."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases.audit.models import Way
from cases.audit.services import note_way_out
from cases.models import Officer, Unit
from supervision.archives import rules
from supervision.archives.models import ArchiveLook
from supervision.archives.queries import officers_open_to, units_open_to
from supervision.archives.refusals import NO_REASON, OUT_OF_REACH, OWN_ARCHIVE, TELLING_REASON, TOO_LONG, ArchiveRefused
from supervision.archives.services.silence import tells


def look_at_officer(*, officer: Officer, reason: str, by: Officer, at: datetime) -> ArchiveLook:
    """Record that `by` opens the archive of an officer at the aware moment `at`, and why; it stays open for `LOOK_LASTS`.

    Refuses his own, whoever his post does not open, and a reason that is none or would say that somebody complained: the
    officer reads it (信访工作条例 30).
    """
    if officer.pk == by.pk:
        raise ArchiveRefused(OWN_ARCHIVE)
    if not officers_open_to(by).filter(pk=officer.pk).exists():
        raise ArchiveRefused(OUT_OF_REACH.format(whom=officer))
    return _put_on_record(ArchiveLook(by=by, officer=officer, looked_at=at, reason=_reason(reason, by)))


def look_at_unit(*, unit: Unit, reason: str, by: Officer, at: datetime) -> ArchiveLook:
    """Record that `by` opens the archive of a unit, as `look_at_officer`; its head too says why, as it is about his people."""
    if not units_open_to(by).filter(pk=unit.pk).exists():
        raise ArchiveRefused(OUT_OF_REACH.format(whom=unit))
    return _put_on_record(ArchiveLook(by=by, unit=unit, looked_at=at, reason=_reason(reason, by)))


def _put_on_record(look: ArchiveLook) -> ArchiveLook:
    whose = f"cases.officer:{look.officer_id}" if look.unit_id is None else f"cases.unit:{look.unit_id}"
    with transaction.atomic():
        look.save(force_insert=True)
        note_way_out(way=Way.LOOK, what="执法档案", about=whose, by=look.by, at=look.looked_at)
    return look


def _reason(text: str, by: Officer) -> str:
    said = " ".join(text.split())
    if len(said) < rules.LEAST_REASON:
        raise ArchiveRefused(NO_REASON.format(least=rules.LEAST_REASON))
    if len(said) > rules.MOST_REASON:
        raise ArchiveRefused(TOO_LONG.format(most=rules.MOST_REASON, length=len(said)))
    if words := tells(said, by):
        raise ArchiveRefused(TELLING_REASON.format(words=words))
    return said
