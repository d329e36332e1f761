"""Clocks as rows: what winding would write, told apart from what stands, and written set-based.

A `Comparison` is a value. Made from facts as they are it says what a rewind writes; made from facts or law as they
might be it is a preview; either way it is the same few lines that make it.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from cases.bulk import execute_many, fetch_rows, insert_rows, row_adapter
from cases.matter_reading import Holder, marks
from cases.models import Clock, ClockMove, ClockState
from cases.statute import clocks as statute

# Of a matter's clock: its limit and the event it starts from.
Key = tuple[int, int]


class ClockRow(NamedTuple):
    """The derived part of a clock row, in the order of `_DERIVED`."""

    unit_id: int
    city_id: int | None
    county_id: int | None
    station_id: int | None
    officer_id: int | None
    restricted: bool
    started_at: datetime
    nominal_on: date | None
    due_on: date | None
    due_at: datetime | None
    yellow_at: datetime | None
    orange_at: datetime | None
    manner_id: int | None
    state: int
    ended_at: datetime | None
    ended_by_id: int | None
    late: bool
    provisional: bool
    tier: str
    faults: str


_DERIVED = ClockRow._fields
_MOMENTS = tuple(_DERIVED.index(name) for name in ("started_at", "due_at", "yellow_at", "orange_at", "ended_at"))
_DAYS = tuple(_DERIVED.index(name) for name in ("nominal_on", "due_on"))

STATES = {
    statute.State.RUNNING: ClockState.RUNNING.value,
    statute.State.PAUSED: ClockState.PAUSED.value,
    statute.State.STOPPED: ClockState.STOPPED.value,
    statute.State.RESTARTED: ClockState.RESTARTED.value,
    statute.State.MOOT: ClockState.MOOT.value,
}


class Existing(NamedTuple):
    id: int
    row: ClockRow
    level: int
    next_level_at: datetime | None
    unsettled: bool

    @property
    def was_due_at(self) -> datetime | None:
        """The due moment that stood; a void clock keeps its columns but stands for none."""
        return None if self.row.state == ClockState.VOID else self.row.due_at


_CLOCK_COLUMNS = ("id", "matter_id", "limit_id", "start_event_id", "level", "next_level_at", "unsettled", *_DERIVED)
_FIRST_DERIVED = len(_CLOCK_COLUMNS) - len(_DERIVED)


def existing_clocks(ids: Sequence[int], lock: bool) -> dict[int, dict[tuple[int, int], Existing]]:
    found: dict[int, dict[tuple[int, int], Existing]] = defaultdict(dict)
    # Locked: the sweep skips what is being rewound and finds it again a minute later.
    locked = ' ORDER BY "id" FOR UPDATE' if lock and connection.features.has_select_for_update else ""
    rows = fetch_rows(
        Clock._meta.db_table,
        _CLOCK_COLUMNS,
        f'"matter_id" IN ({marks(ids)}){locked}',
        ids,
        moments=(_CLOCK_COLUMNS.index("next_level_at"), *(_FIRST_DERIVED + index for index in _MOMENTS)),
        days=[_FIRST_DERIVED + index for index in _DAYS],
    )
    for row in rows:
        derived = list(row[_FIRST_DERIVED:])
        if derived[-1] != "[]":
            derived[-1] = json.dumps(json.loads(derived[-1]), ensure_ascii=False)
        found[row[1]][row[2], row[3]] = Existing(row[0], ClockRow(*derived), row[4], row[5], row[6])
    return found


class Begun(NamedTuple):
    """A clock that is not there yet."""

    matter_id: int
    key: Key
    row: ClockRow


class Changed(NamedTuple):
    """A clock that is there and would be otherwise."""

    matter_id: int
    key: Key
    old: Existing
    row: ClockRow


class Voided(NamedTuple):
    """A clock that would no longer count. `heir` is the clock of another version of its limit from the same event."""

    matter_id: int
    key: Key
    old: Existing
    heir: Begun | None


@dataclass(slots=True)
class Comparison:
    """What winding some matters would write; `families` tells of each limit which others are versions of the same."""

    families: Mapping[int, str]
    begun: list[Begun] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    voided: list[Voided] = field(default_factory=list)

    def take(self, matter_id: int, wound: Mapping[Key, ClockRow], existing: Mapping[Key, Existing]) -> None:
        """Compare the clocks of one matter as wound with those that stand."""
        fresh = []
        for key, row in wound.items():
            old = existing.get(key)
            if old is None:
                fresh.append(Begun(matter_id, key, row))
            elif old.row != row:
                self.changed.append(Changed(matter_id, key, old, row))
        self.begun += fresh
        for key, old in existing.items():
            if key not in wound and old.row.state != ClockState.VOID:
                self.voided.append(Voided(matter_id, key, old, self._heir(key, fresh)))

    def _heir(self, key: Key, fresh: Sequence[Begun]) -> Begun | None:
        family = self.families.get(key[0])
        return next((one for one in fresh if one.key[1] == key[1] and self.families.get(one.key[0]) == family), None)

    @property
    def clocks(self) -> int:
        """How many rows of clocks would be written."""
        return len(self.begun) + len(self.changed) + len(self.voided)

    @property
    def moves(self) -> int:
        """How many due moments would move: as many entries of the ledger."""
        return len(self.voided) + sum(one.old.was_due_at != one.row.due_at for one in self.changed)


def write_clocks(compared: Comparison, *, at: datetime, cause: str, change_id: int | None = None) -> None:
    """Write what was compared, and every due moment that moved into the ledger; in the caller's transaction.

    `change_id` names the change of the law that moves them, if it is one.
    """
    writer = _Writer(at, cause, change_id)
    for begun in compared.begun:
        writer.add(begun)
    for changed in compared.changed:
        writer.change(changed.old, changed.row)
    for voided in compared.voided:
        writer.void(voided)
    writer.flush()


class _Writer:
    """Turns what differs into rows of values."""

    def __init__(self, at: datetime, cause: str, change_id: int | None) -> None:
        self.at = at
        self.cause = cause
        self.change_id = change_id
        self.new: list[tuple[Any, ...]] = []
        self.changed: list[tuple[Any, ...]] = []
        self.voids: list[tuple[int]] = []
        self.moves: list[Sequence[Any]] = []
        width = len(_DERIVED)
        self.adapt_row = row_adapter((*_MOMENTS, width), _DAYS)
        self.adapt_move = row_adapter((1, 2, 3), ())

    def add(self, begun: Begun) -> None:
        row = begun.row
        running = row.state == ClockState.RUNNING
        next_level_at = (row.yellow_at or row.due_at) if running else None
        self.new.append((begun.matter_id, *begun.key, *self.adapt_row((*row, next_level_at)), 0, False))

    def change(self, old: Existing, row: ClockRow) -> None:
        """Rewrite a clock. Unless it keeps running towards the same moments, its level starts anew at green.

        A warning raised at the old level is then for the sweep to settle.
        """
        running = row.state == ClockState.RUNNING
        same_course = (
            running
            and old.row.state == row.state
            and (old.row.yellow_at, old.row.orange_at, old.row.due_at) == (row.yellow_at, row.orange_at, row.due_at)
        )
        if same_course:
            level, next_level_at, unsettled = old.level, old.next_level_at, old.unsettled
        else:
            level = 0 if running else old.level
            next_level_at = (row.yellow_at or row.due_at) if running else None
            unsettled = old.unsettled or old.level > 0
        # Warnings go where their clock goes.
        unsettled = unsettled or old.row[: len(Holder._fields)] != row[: len(Holder._fields)]
        self.changed.append((*self.adapt_row((*row, next_level_at)), level, unsettled, old.id))
        if old.was_due_at != row.due_at:
            self._moved(old, row.due_at, self.cause)

    def void(self, voided: Voided) -> None:
        """A clock whose start no longer counts, or that another version of its limit now rules: it goes on there."""
        self.voids.append((voided.old.id,))
        if voided.heir is not None:
            self._moved(voided.old, voided.heir.row.due_at, f"{self.cause}（改按另一版本计算）")
        else:
            self._moved(voided.old, None, "起算节点已作废" if self.change_id is None else self.cause)

    def _moved(self, old: Existing, new_due_at: datetime | None, reason: str) -> None:
        moved = (old.id, self.at, old.was_due_at, new_due_at, reason[:200], self.change_id)
        self.moves.append(self.adapt_move(moved))

    def flush(self) -> None:
        columns = ("matter_id", "limit_id", "start_event_id", *_DERIVED, "next_level_at", "level", "unsettled")
        if self.new:
            insert_rows(Clock._meta.db_table, columns, self.new)
        sets = ", ".join(f'"{name}" = %s' for name in (*_DERIVED, "next_level_at", "level", "unsettled"))
        execute_many(f'UPDATE "{Clock._meta.db_table}" SET {sets} WHERE "id" = %s', self.changed)
        execute_many(
            f'UPDATE "{Clock._meta.db_table}" SET "state" = {ClockState.VOID.value}, "next_level_at" = NULL, '
            '"unsettled" = ("unsettled" OR "level" > 0) WHERE "id" = %s',
            self.voids,
        )
        if self.moves:
            insert_rows(
                ClockMove._meta.db_table,
                ("clock_id", "moved_at", "old_due_at", "new_due_at", "reason", "change_id"),
                self.moves,
            )
