"""What a winding moves, in numbers: the same numbers for what would be written and for what was.

Two things are said of every clock: how it stands now, and how it would stand. A clock that gives way to one of another
version of its limit, from the same event, is one clock that moves, not one that ends and one that begins.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nlargest
from typing import Any

from cases.clock_writing import Begun, ClockRow, Comparison, Voided
from cases.models import ClockState
from cases.models.scope import FEW

# The greatest moves are kept one by one, so many of them; the others are in the counts.
GREATEST = 100

SECONDS_A_DAY = 86_400


@dataclass(slots=True)
class Effects:
    """Counts of clocks, but for `matters`. `units` are those who are to be told, with their share of the counts.

    What lies on restricted matters is counted with the rest and once more in `closed` and `closed_shifts`, and in no unit:
    a unit's share would tell its people that it handles such a matter.
    """

    matters: int = 0
    # Rows that are written for whatever reason, be it a warning that comes earlier or a name of a tier.
    clocks: int = 0
    started: int = 0
    moved: int = 0
    # Among the moved, those that go on under another version of their limit.
    replaced: int = 0
    become_overdue: int = 0
    no_longer_overdue: int = 0
    # Ran, and do so no longer: void, ended, or paused.
    withdrawn: int = 0
    # Ended clocks that would have ended late, or in time after all.
    become_late: int = 0
    no_longer_late: int = 0
    become_firm: int = 0
    become_provisional: int = 0
    # By whole days, later or earlier; moves from or to no date at all are not among them.
    shifts: Counter[int] = field(default_factory=Counter)
    units: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    greatest: list[tuple[int, int, str, int, str, str]] = field(default_factory=list)
    closed: Counter[str] = field(default_factory=Counter)
    closed_shifts: Counter[int] = field(default_factory=Counter)

    def take(
        self, compared: Comparison, *, at: datetime, matters: int, closed: int = 0, codes: Mapping[int, str]
    ) -> None:
        """Count one comparison of so many `matters`, `closed` of them restricted. `at` decides what is overdue; `codes`
        names limits by their ids."""
        self.matters += matters
        if closed:
            self.closed["matters"] += closed
        self.clocks += compared.clocks
        if rows := _closed_rows(compared):
            self.closed["rows"] += rows
        heirs = {(one.matter_id, one.key) for voided in compared.voided if (one := voided.heir) is not None}
        for begun in compared.begun:
            if (begun.matter_id, begun.key) not in heirs:
                self._count(None, begun.row, at)
        for matter_id, key, existing, row in compared.changed:
            self._count(existing.row, row, at)
            if existing.was_due_at != row.due_at:
                self._note(matter_id, codes[key[0]], key[1], existing.was_due_at, row.due_at)
        for voided in compared.voided:
            self._void(voided, at, codes)
        self._cut()

    def _void(self, voided: Voided, at: datetime, codes: Mapping[int, str]) -> None:
        heir: Begun | None = voided.heir
        limit_id, start = voided.key if heir is None else heir.key
        row = None if heir is None else heir.row
        self._count(voided.old.row, row, at)
        if heir is not None:
            self.replaced += 1
            if heir.row.restricted:
                self.closed["replaced"] += 1
        if row is None or row.due_at != voided.old.row.due_at:
            due_at = None if row is None else row.due_at
            self._note(voided.matter_id, codes[limit_id], start, voided.old.row.due_at, due_at)

    def _count(self, old: ClockRow | None, new: ClockRow | None, at: datetime) -> None:
        holder = new or old
        assert holder is not None
        unit = self.closed if holder.restricted else self.units[holder.unit_id]
        unit["clocks"] += 1
        for name in _what_happens(old, new, at):
            setattr(self, name, getattr(self, name) + 1)
            unit[name] += 1
        if old is not None and new is not None and old.due_at != new.due_at:
            days = _shift(old, new)
            if days is not None:
                self.shifts[days] += 1
                if holder.restricted:
                    self.closed_shifts[days] += 1

    def _note(self, matter_id: int, code: str, start: int, old: datetime | None, new: datetime | None) -> None:
        by = abs(int((new - old).total_seconds())) if old is not None and new is not None else SECONDS_A_DAY * 36_525
        self.greatest.append((by, matter_id, code, start, _text(old), _text(new)))

    def _cut(self) -> None:
        self.greatest = nlargest(GREATEST, self.greatest)

    def add(self, other: Effects) -> None:
        """Take in what another counted."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.shifts.update(other.shifts)
        self.closed.update(other.closed)
        self.closed_shifts.update(other.closed_shifts)
        for unit, counts in other.units.items():
            self.units[unit].update(counts)
        self.greatest += other.greatest
        self._cut()

    def told(self) -> Effects:
        """As it may be shown to everybody: what touches few restricted matters is left out, even from the sums."""
        closed = Counter(self.closed)
        # Of what is written the sum counts rows: of a clock that gives way to another there are two.
        hidden = Counter({**closed, "clocks": closed["rows"], "matters": 0})
        if few := closed["clocks"] < FEW:
            closed = Counter(matters=closed["matters"])
        else:
            hidden.clear()
        if closed["matters"] < FEW:
            hidden["matters"] = closed.pop("matters", 0)
        shown = Effects(**{name: getattr(self, name) - hidden[name] for name in _NUMBERS})
        shown.closed = +closed
        shown.shifts = self.shifts - self.closed_shifts if few else +self.shifts
        shown.units.update(self.units)
        shown.greatest = self.greatest
        return shown

    @property
    def nothing(self) -> bool:
        """Whether no clock is touched at all."""
        return not self.clocks

    def as_json(self) -> dict[str, Any]:
        """As it is kept with a change; keys are text."""
        told: dict[str, Any] = {name: getattr(self, name) for name in _NUMBERS}
        told["shifts"] = {str(days): count for days, count in sorted(self.shifts.items())}
        told["units"] = {str(unit): dict(sorted(counts.items())) for unit, counts in sorted(self.units.items())}
        told["greatest"] = [list(one) for one in self.greatest]
        told["closed"] = dict(sorted(self.closed.items()))
        told["closed_shifts"] = {str(days): count for days, count in sorted(self.closed_shifts.items())}
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Effects:
        """As it was kept."""
        read = cls(**{name: told[name] for name in _NUMBERS})
        read.shifts.update({int(days): count for days, count in told["shifts"].items()})
        for unit, counts in told["units"].items():
            read.units[int(unit)].update(counts)
        read.greatest = [tuple(one) for one in told["greatest"]]
        # Previews kept before these were told apart have neither.
        read.closed.update(told.get("closed", {}))
        read.closed_shifts.update({int(days): count for days, count in told.get("closed_shifts", {}).items()})
        return read


_NUMBERS = (
    *("matters", "clocks", "started", "moved", "replaced", "become_overdue", "no_longer_overdue", "withdrawn"),
    *("become_late", "no_longer_late", "become_firm", "become_provisional"),
)


def _closed_rows(compared: Comparison) -> int:
    """How many of the rows that would be written lie on restricted matters."""
    written = [
        *(one.row for one in compared.begun),
        *(one.row for one in compared.changed),
        *(one.old.row for one in compared.voided),
    ]
    return sum(row.restricted for row in written)


def _what_happens(old: ClockRow | None, new: ClockRow | None, at: datetime) -> Iterator[str]:
    stood = old is not None and old.state != ClockState.VOID
    ran = old is not None and old.state == ClockState.RUNNING
    runs = new is not None and new.state == ClockState.RUNNING
    if new is not None and not stood:
        yield "started"
    if stood and old is not None and new is not None and old.due_at != new.due_at:
        yield "moved"
    if ran and not runs:
        yield "withdrawn"
    was_overdue, is_overdue = ran and _over(old, at), runs and _over(new, at)
    if is_overdue and not was_overdue:
        yield "become_overdue"
    if was_overdue and not is_overdue:
        yield "no_longer_overdue"
    if stood and old is not None and new is not None:
        if new.late != old.late:
            yield "become_late" if new.late else "no_longer_late"
        if new.provisional != old.provisional:
            yield "become_provisional" if new.provisional else "become_firm"


def _over(row: ClockRow | None, at: datetime) -> bool:
    return row is not None and row.due_at is not None and row.due_at <= at


def _shift(old: ClockRow, new: ClockRow) -> int | None:
    """By how many days a due moment moves: calendar days where there are due days, otherwise whole days towards nought."""
    if old.due_on is not None and new.due_on is not None:
        return (new.due_on - old.due_on).days
    if old.due_at is None or new.due_at is None:
        return None
    return int((new.due_at - old.due_at).total_seconds() / SECONDS_A_DAY)


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
