"""What is on record already about the matters and source numbers of a chunk of rows.

A real run asks the database alone. A rehearsal (dry run) also asks what it would have written so far, which it keeps in
a temporary file, so that its memory does not grow with the file it reads.
"""

import json
import pickle
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from cases.bulk import fetch_rows
from cases.intake.rows import Directory, Step
from cases.models import Event, Matter

# Parameters of one statement; SQLite takes no more than some ten thousands.
ASKED_AT_ONCE = 5000


@dataclass(slots=True)
class HeldMatter:
    """A matter on record or about to be: what a row may fill in, and what it must not contradict."""

    id: int
    kind_id: int
    number: str
    unit_id: int
    officer_id: int | None
    title: str
    facts: dict[str, Any]
    batch_id: int | None
    # Its steps that open and that close it, the earliest of each.
    opened: Step | None = None
    closed: Step | None = None
    scope: tuple[int | None, int | None, int | None] = (None, None, None)
    restricted: bool = False
    new: bool = False
    filled: bool = False
    officer_since: datetime | None = None


@dataclass(slots=True)
class HeldStep:
    """A step on record under a source number."""

    matter_id: int
    step: Step
    batch_id: int | None = None


@dataclass(slots=True)
class Known:
    """What is on record for one chunk."""

    matters: dict[tuple[int, str], HeldMatter] = field(default_factory=dict)
    steps: dict[str, HeldStep] = field(default_factory=dict)
    # Kinds under which a number is on record, to see one number under two kinds.
    kinds_of: dict[str, list[HeldMatter]] = field(default_factory=lambda: defaultdict(list))

    def add(self, matter: HeldMatter) -> None:
        self.matters[matter.kind_id, matter.number] = matter
        self.kinds_of[matter.number].append(matter)


def _among(column: str, values: Collection[str]) -> Iterator[tuple[str, list[Any]]]:
    """Conditions that a column has one of these values, some thousands at a time."""
    for some in pieces(values):
        if connection.vendor == "postgresql":
            yield f'"{column}" = ANY(%s)', [some]
        else:
            yield f'"{column}" IN ({", ".join(["%s"] * len(some))})', some


def pieces(values: Collection[Any]) -> Iterator[list[Any]]:
    listed = list(values)
    for start in range(0, len(listed), ASKED_AT_ONCE):
        yield listed[start : start + ASKED_AT_ONCE]


class Shelf:
    """The database's knowledge."""

    def __init__(self, source: str, directory: Directory) -> None:
        self.source = source
        self.directory = directory
        kinds = directory.event_kinds_by_id.values()
        self._lives = [kind.id for kind in kinds if kind.opens or kind.closes]

    def look_up(self, numbers: Collection[str], source_numbers: Collection[str]) -> Known:
        """The matters of these numbers and the steps of these source numbers; in a transaction."""
        known = Known()
        if connection.vendor == "postgresql":
            # A table that grows while it is being loaded has no statistics; without this the planner reads all of it.
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
        for condition, params in _among("number", numbers):
            columns = ("id", "kind_id", "number", "unit_id", "officer_id", "title", "facts", "batch_id")
            rows = fetch_rows(Matter._meta.db_table, columns, f'{condition} AND "withdrawn_at" IS NULL', params)
            for id_, kind_id, number, unit_id, officer_id, title, facts, batch_id in rows:
                held = json.loads(facts) if isinstance(facts, str) else facts
                known.add(HeldMatter(id_, kind_id, number, unit_id, officer_id, title, held, batch_id))
        for condition, params in _among("source_number", source_numbers):
            # Spelt as the condition of the index is.
            where = f'"source" = %s AND {condition} AND ("withdrawn_at" IS NULL AND NOT ("source_number" = \'\'))'
            for row in self._steps(("matter_id", "batch_id"), where, [self.source, *params]):
                step = Step(*row[2:])
                known.steps[step.source_number] = HeldStep(row[0], step, row[1])
        return known

    def _steps(self, before: tuple[str, ...], condition: str, params: list[Any]) -> Iterator[Sequence[Any]]:
        """Events as rows: the columns named, then those of a step."""
        columns = (*before, *Step._fields)
        moments = [columns.index(name) for name in ("occurred_at", "sets_at")]
        days = [columns.index("sets_on")]
        yield from fetch_rows(Event._meta.db_table, columns, condition, params, moments=moments, days=days)

    def read_lives(self, matters: Iterable[HeldMatter]) -> None:
        """Fill in when these matters opened and closed, by the steps on record."""
        by_id = {matter.id: matter for matter in matters if matter.id > 0 and not matter.new}
        for some in pieces(by_id):
            rows = (
                Event.objects.standing()
                .filter(matter_id__in=some, kind_id__in=self._lives, only_voids=False)
                .values_list("matter_id", *Step._fields)
            )
            for row in rows:
                self.note_life(by_id[row[0]], Step(*row[1:]))

    def note_life(self, matter: HeldMatter, step: Step) -> None:
        kind = self.directory.event_kinds_by_id[step.kind_id]
        if kind.opens and (matter.opened is None or step.occurred_at < matter.opened.occurred_at):
            matter.opened = step
        if kind.closes and (matter.closed is None or step.occurred_at < matter.closed.occurred_at):
            matter.closed = step

    def is_life(self, step: Step) -> bool:
        kind = self.directory.event_kinds_by_id[step.kind_id]
        return kind.opens or kind.closes


class Notebook:
    """A temporary table beside the database: how often a composed number has occurred, and what a rehearsal wrote.

    It lives in a file of SQLite's own that vanishes with the connection.
    """

    def __init__(self) -> None:
        self._paper = sqlite3.connect("", isolation_level=None)
        self._paper.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE counts (stem TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID;"
            "CREATE TABLE matters (number TEXT, kind INTEGER, content BLOB, PRIMARY KEY (number, kind)) WITHOUT ROWID;"
            "CREATE TABLE steps (number TEXT PRIMARY KEY, content BLOB) WITHOUT ROWID;"
            "BEGIN;"
        )

    def close(self) -> None:
        self._paper.close()

    def count(self, stem: str) -> int:
        """The how-manieth time this is asked of a stem, beginning with 1."""
        row = self._paper.execute(
            "INSERT INTO counts VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times", (stem,)
        ).fetchone()
        return int(row[0])

    def keep(self, matters: Iterable[HeldMatter], steps: Iterable[tuple[str, HeldStep]]) -> None:
        self._paper.executemany(
            "INSERT OR REPLACE INTO matters VALUES (?, ?, ?)",
            ((matter.number, matter.kind_id, pickle.dumps(matter)) for matter in matters),
        )
        self._paper.executemany(
            "INSERT OR REPLACE INTO steps VALUES (?, ?)", ((number, pickle.dumps(step)) for number, step in steps)
        )

    def add_to(self, known: Known, numbers: Collection[str], source_numbers: Collection[str]) -> None:
        """What the rehearsal wrote, over what the database has."""
        for content in self._contents("SELECT content FROM matters WHERE number IN ", numbers):
            known.add(content)
        for content in self._contents("SELECT content FROM steps WHERE number IN ", source_numbers):
            known.steps[content.step.source_number] = content

    def _contents(self, query: str, values: Collection[str]) -> Iterator[Any]:
        for some in pieces(values):
            marks = ", ".join("?" * len(some))
            with closing(self._paper.execute(f"{query} ({marks})", some)) as rows:
                for (content,) in rows:
                    # Written by this process to a file nobody else can open.
                    yield pickle.loads(content)  # nosec B301
