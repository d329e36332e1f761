"""What happened to a matter, as the core sees it, and which of it counts at a given state of knowledge."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import NamedTuple, TypeVar

Edge = TypeVar("Edge", date, datetime)


class Occurrence(NamedTuple):
    """A thing that happened (节点): when, on which local day, and since when it has been known.

    Moments are aware. `day_only` says that only the day is on record; `at` is then its local midnight. `voids` names
    the occurrence that this one corrects or strikes out. `sets` is a day or moment that the document itself fixes.
    `reference` says what it is about where a matter has several of a kind (an item, a person, a document).
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


in_order = attrgetter("at", "key")


def comes_before(one: Occurrence, other: Occurrence) -> bool:
    """Whether `one` is certainly earlier; where only a day is known for either, days are compared."""
    if one.day_only or other.day_only:
        return one.day < other.day
    return one.at < other.at


def concerns(event: Occurrence, start: Occurrence) -> bool:
    """Whether both may be about the same thing: their references agree, or one of them has none."""
    return not event.reference or not start.reference or event.reference == start.reference


def standing(events: Iterable[Occurrence], known_at: datetime) -> list[Occurrence]:
    """The events that count as far as was known at `known_at`, in the order they happened; their moments in UTC.

    A later entry strikes out the one it voids; striking out a striking-out restores the first. An event that only
    strikes out (no limit listens to its kind) stays in the list and does no harm.
    """
    known = []
    voiding = False
    for event in events:
        if event.known_at <= known_at:
            if event.at.tzinfo is not UTC:
                # Two moments of one local zone compare and subtract by the wall, which is wrong when clocks go back.
                event = event._replace(at=event.at.astimezone(UTC))
            voiding = voiding or event.voids is not None
            known.append(event)
    if voiding:
        struck = _struck_out(known)
        known = [event for event in known if event.key not in struck]
    known.sort(key=in_order)
    return known


def _struck_out(known: Iterable[Occurrence]) -> set[int]:
    """The keys that do not count. A striking-out is recorded after what it strikes, so it has the greater key."""
    struck: set[int] = set()
    for event in sorted(known, key=attrgetter("key"), reverse=True):
        if event.voids is not None and event.key not in struck:
            struck.add(event.voids)
    return struck


class Interval(NamedTuple):
    """A stretch of time that is not counted: after `begins`, up to and including `ends`; open while `ends` is None."""

    begins: Occurrence
    ends: Occurrence | None


def pair(by_kind: Mapping[str, Sequence[Occurrence]], begins: str, ends: str) -> list[Interval]:
    """Beginnings with the ends that follow them: those with the same reference first, then first with first.

    Two events with different references never pair. An end before every beginning is left aside.
    """
    starts = by_kind.get(begins, ())
    if not starts:
        return []
    waiting = list(by_kind.get(ends, ()))
    found: dict[int, Occurrence] = {}
    for begun in starts:
        if begun.reference:
            for end in waiting:
                if end.reference == begun.reference and not comes_before(end, begun):
                    found[begun.key] = end
                    waiting.remove(end)
                    break
    for begun in starts:
        if begun.key not in found:
            for end in waiting:
                if concerns(end, begun) and not comes_before(end, begun):
                    found[begun.key] = end
                    waiting.remove(end)
                    break
    return [Interval(begun, found.get(begun.key)) for begun in starts]


class DaySpan(NamedTuple):
    """Uncounted days: those after `after` up to and including `until`; `causes` numbers the pauses it comes from."""

    after: date
    until: date | None
    causes: tuple[int, ...] = ()


class MomentSpan(NamedTuple):
    """Uncounted time from moment to moment; the same otherwise."""

    after: datetime
    until: datetime | None
    causes: tuple[int, ...] = ()


def merge_days(spans: Iterable[DaySpan], not_before: date, open_until: date | None) -> list[DaySpan]:
    """Overlapping, nested and touching spans as one; clipped to the start; open ones end at `open_until` if given."""
    return [DaySpan(*merged) for merged in _merged(spans, not_before, open_until)]


def merge_moments(spans: Iterable[MomentSpan], not_before: datetime, open_until: datetime | None) -> list[MomentSpan]:
    """The same for moments."""
    return [MomentSpan(*merged) for merged in _merged(spans, not_before, open_until)]


_Stretch = tuple[Edge, Edge | None, tuple[int, ...]]


def _merged(spans: Iterable[_Stretch[Edge]], not_before: Edge, open_until: Edge | None) -> list[_Stretch[Edge]]:
    clipped: list[_Stretch[Edge]] = []
    for after, until, causes in spans:
        begin = after if after > not_before else not_before
        end = open_until if until is None else until
        if end is None or end > begin:
            clipped.append((begin, end, causes))
    clipped.sort(key=lambda span: span[0])
    merged: list[_Stretch[Edge]] = []
    for span in clipped:
        if merged and (merged[-1][1] is None or span[0] <= merged[-1][1]):
            merged[-1] = _joined(merged[-1], span)
        else:
            merged.append(span)
    return merged


def _joined(one: _Stretch[Edge], other: _Stretch[Edge]) -> _Stretch[Edge]:
    """The stretch from the beginning of `one`, the earlier, to the later end of both."""
    end = None if one[1] is None or other[1] is None else max(one[1], other[1])
    return one[0], end, tuple(sorted({*one[2], *other[2]}))
