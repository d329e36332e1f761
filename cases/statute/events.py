"""What happened to a matter, as the core sees it, and which of it counts at a given state of knowledge."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple


class Occurrence(NamedTuple):
    """A thing that happened (节点): when, on which local day, and since when it has been known.

    `day_only` says that only the day is on record; `at` is then its local midnight. `voids` names the occurrence that
    this one corrects or strikes out. `sets` is a day or moment that the document itself fixes.
    """

    key: int
    kind: str
    at: datetime
    day: date
    known_at: datetime
    day_only: bool = False
    voids: int | None = None
    tier: str = ""
    approver: str = ""
    ground: str = ""
    amount: int | None = None
    sets_at: datetime | None = None
    sets_on: date | None = None
    reference: str = ""


def comes_before(one: Occurrence, other: Occurrence) -> bool:
    """Whether `one` is certainly earlier; where only a day is known for either, days are compared."""
    if one.day_only or other.day_only:
        return one.day < other.day
    return one.at < other.at


def standing(events: Iterable[Occurrence], known_at: datetime) -> list[Occurrence]:
    """The events that count as far as was known at `known_at`, in the order they happened.

    A later entry strikes out the one it voids; striking out a striking-out restores the first. An event that only
    strikes out (no limit listens to its kind) stays in the list and does no harm.
    """
    known = [e for e in events if e.known_at <= known_at]
    if any(e.voids is not None for e in known):
        dead: set[int] = set()
        for e in sorted(known, key=lambda e: (e.known_at, e.key), reverse=True):
            if e.voids is not None and e.key not in dead:
                dead.add(e.voids)
        known = [e for e in known if e.key not in dead]
    known.sort(key=_order)
    return known


def _order(event: Occurrence) -> tuple[datetime, int]:
    return (event.at, event.key)


class Interval(NamedTuple):
    """A stretch of time that is not counted: after `begins`, up to and including `ends`; open while `ends` is None."""

    begins: Occurrence
    ends: Occurrence | None


class DaySpan(NamedTuple):
    """Uncounted days: those after `after` up to and including `until`."""

    after: date
    until: date | None


class MomentSpan(NamedTuple):
    """Uncounted time from moment to moment."""

    after: datetime
    until: datetime | None


def merge_days(spans: Iterable[DaySpan], not_before: date, open_until: date | None) -> list[DaySpan]:
    """Overlapping, nested and touching spans as one; clipped to the start; open ones end at `open_until` if given."""
    merged: list[DaySpan] = []
    for after, until in sorted(spans, key=lambda span: (span.after, span.until or date.max)):
        end = until if until is not None else open_until
        begin = max(after, not_before)
        if end is not None and end <= begin:
            continue
        if merged and (merged[-1].until is None or begin <= merged[-1].until):
            last = merged[-1]
            if last.until is not None and (end is None or end > last.until):
                merged[-1] = DaySpan(last.after, end)
        else:
            merged.append(DaySpan(begin, end))
    return merged


def merge_moments(spans: Iterable[MomentSpan], not_before: datetime, open_until: datetime | None) -> list[MomentSpan]:
    """The same for moments."""
    far = not_before + timedelta(days=365_000)
    merged: list[MomentSpan] = []
    for after, until in sorted(spans, key=lambda span: (span.after, span.until or far)):
        end = until if until is not None else open_until
        begin = max(after, not_before)
        if end is not None and end <= begin:
            continue
        if merged and (merged[-1].until is None or begin <= merged[-1].until):
            last = merged[-1]
            if last.until is not None and (end is None or end > last.until):
                merged[-1] = MomentSpan(last.after, end)
        else:
            merged.append(MomentSpan(begin, end))
    return merged
