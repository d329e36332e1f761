"""What is so of matters, clocks and warnings, and may turn out not to have been: entered when it is, corrected when not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.desk.words import late_by
from cases.models import Clock, ClockState, Level, Matter
from cases.models.limit import LimitStatus
from supervision.alerts.models import Alert, Withdrawal
from supervision.archives.models import ArchiveEntry, EntryQuerySet, Kind
from supervision.archives.rules import Room, numbered_key
from supervision.archives.services.recording import correction_of, known

_TAKEN_BACK: Final = "前一条记录不再成立：登记的情况已经更正"
_IN_TIME: Final = "前一条记录不再成立：实际在届满以前办结，或者不再需要办理"
_NO_LONGER: Final = "前一条记录不再成立：{reason}"


def _standing(kind: Kind, **source: OuterRef) -> Exists:
    """Whether the row has an entry of the kind that still holds."""
    return Exists(ArchiveEntry.objects.standing().filter(kind=kind, **source))


# -- matters closed ----------------------------------------------------------------------------------------------------


def closings_owed(at: datetime) -> QuerySet[Matter]:
    """Matters closed by `at` that are in no archive; what belongs to a matter (a measure, an item) closes with it."""
    closed = Matter.objects.standing().filter(restricted=False, parent=None, closed_at__lte=at)
    return closed.exclude(_standing(Kind.CLOSED, matter=OuterRef("pk")))


def closings(matters: Sequence[Matter], at: datetime) -> list[ArchiveEntry]:
    """Of whoever has the matter now, which is who closed it unless it was handed over since."""
    numbers = _numbers(Kind.CLOSED, "matter_id", matters)
    return [
        ArchiveEntry(
            kind=Kind.CLOSED,
            **_place(matter),
            happened_at=known(matter.closed_at),
            text=f"{matter.kind}办结",
            matter=matter,
            source_key=numbered_key(Room.CLOSING, matter.pk, numbers[matter.pk]),
            recorded_at=at,
        )
        for matter in matters
    ]


def closings_taken_back(at: datetime) -> EntryQuerySet:
    """Entries of matters that are open again, closed at another time, or withdrawn with their batch."""
    rows = ArchiveEntry.objects.standing().filter(kind=Kind.CLOSED)
    closed_then = Q(matter__closed_at__isnull=False, matter__withdrawn_at=None)
    still = ArchiveEntry.objects.filter(closed_then, pk=OuterRef("pk"), matter__closed_at=OuterRef("happened_at"))
    return rows.exclude(Exists(still))


# -- clocks that ended late --------------------------------------------------------------------------------------------

# Limits that bind the unit itself; a draft binds nobody.
_BINDING: Final = {"limit__status__in": (LimitStatus.VERIFIED, LimitStatus.SECONDARY), "restricted": False}


def _ended_late() -> QuerySet[Clock]:
    clocks = Clock.objects.counted().filter(state=ClockState.STOPPED, late=True, ended_at__isnull=False, **_BINDING)
    return clocks.filter(matter__withdrawn_at=None)


def late_owed(at: datetime) -> QuerySet[Clock]:
    """Clocks that ended late by `at` and are in no archive."""
    return _ended_late().filter(ended_at__lte=at).exclude(_standing(Kind.LATE, clock=OuterRef("pk")))


def late_ones(clocks: Sequence[Clock], at: datetime) -> list[ArchiveEntry]:
    """Of who let it run out: a clock that has run out is not handed over."""
    numbers = _numbers(Kind.LATE, "clock_id", clocks)
    return [
        ArchiveEntry(
            kind=Kind.LATE,
            **_place(clock),
            happened_at=known(clock.ended_at),
            text=f"{clock.matter.kind}“{clock.limit.name}”{late_by(clock)}办结",
            article=clock.limit.citation,
            matter=clock.matter,
            clock=clock,
            source_key=numbered_key(Room.LATE, clock.pk, numbers[clock.pk]),
            recorded_at=at,
        )
        for clock in clocks
    ]


def late_taken_back(at: datetime) -> EntryQuerySet:
    """Entries of clocks that did not end late after all, or at another time."""
    still = _ended_late().filter(pk=OuterRef("clock"), ended_at=OuterRef("happened_at"))
    return ArchiveEntry.objects.standing().filter(kind=Kind.LATE).exclude(Exists(still))


# -- warnings that went red --------------------------------------------------------------------------------------------

# It stands, or the clock stopped, late. One that moved, was paused or corrected was not over then.
_RAN_OUT: Final = Q(ended_at=None) | Q(reason=Withdrawal.STOPPED, clock__late=True)


def _red() -> QuerySet[Alert]:
    counted = {f"clock__{path}": value for path, value in _BINDING.items()}
    return Alert.objects.filter(_RAN_OUT, level=Level.RED, clock__in=Clock.objects.counted(), **counted)


def red_owed(at: datetime) -> QuerySet[Alert]:
    """Warnings that were red by `at` and are in no archive."""
    return _red().filter(due_at__lte=at).exclude(_standing(Kind.RED, alert=OuterRef("pk")))


def red_ones(alerts: Sequence[Alert], at: datetime) -> list[ArchiveEntry]:
    numbers = _numbers(Kind.RED, "alert_id", alerts)
    return [
        ArchiveEntry(
            kind=Kind.RED,
            **_place(alert),
            happened_at=alert.due_at,
            text=f"{alert.clock.matter.kind}“{alert.clock.limit.name}”届满没有办结，预警转红",
            article=alert.clock.limit.citation,
            matter=alert.clock.matter,
            clock=alert.clock,
            alert=alert,
            source_key=numbered_key(Room.RED, alert.pk, numbers[alert.pk]),
            recorded_at=at,
        )
        for alert in alerts
    ]


def red_taken_back(at: datetime) -> EntryQuerySet:
    """Entries of warnings that were none after all."""
    still = _red().filter(pk=OuterRef("alert"))
    return ArchiveEntry.objects.standing().filter(kind=Kind.RED).exclude(Exists(still))


def red_corrections(entries: Sequence[ArchiveEntry], at: datetime) -> list[ArchiveEntry]:
    """Each with the reason for which the warning was withdrawn."""
    return [correction_of(entry, text=_why(entry.alert), at=at) for entry in entries]


def _why(alert: Alert | None) -> str:
    if alert is None or not alert.reason:
        return _TAKEN_BACK
    stopped = alert.reason == Withdrawal.STOPPED
    return _IN_TIME if stopped else _NO_LONGER.format(reason=Withdrawal(alert.reason).label)


# -- of all ------------------------------------------------------------------------------------------------------------


def taken_back(entries: Sequence[ArchiveEntry], at: datetime) -> list[ArchiveEntry]:
    """The corrections of entries whose ground has gone."""
    return [correction_of(entry, text=_TAKEN_BACK, at=at) for entry in entries]


def _place(row: Matter | Clock | Alert) -> dict[str, Any]:
    """Whom a row is about: its officer and unit, with the unit's columns."""
    columns = ("officer_id", "unit_id", "city_id", "county_id", "station_id")
    return {column: getattr(row, column) for column in columns}


def _numbers(kind: Kind, column: str, rows: Sequence[Matter | Clock | Alert]) -> dict[int, int]:
    """By row, which time it is that this is so of it: the first, unless it was entered and taken back before."""
    entered = ArchiveEntry.objects.filter(kind=kind, corrects=None, **{f"{column}__in": [row.pk for row in rows]})
    before = Counter(entered.values_list(column, flat=True))
    return {row.pk: before[row.pk] + 1 for row in rows}
