"""Triggers that note which figures are to be counted again: whoever changes a row, in whatever way, leaves a mark.

A mark (`Stale`) names a source and a moment or day at which a changed row counts, once as it was and once as it is. `since`
says that only figures taken later than that can differ: closing a case today changes nothing that was known in March. A
migration puts the triggers up; where SQLite makes a watched table anew, they have to be put up again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.state import StateApps

HEAP: Final = "evaluation_stale"
# The mark of a change that moves units: everything is added up anew.
TREE: Final = "*"


@dataclass(frozen=True, slots=True)
class Mark:
    """Rows that count differently when a watched row changes, and the columns of their moments.

    The rows are the watched row itself, or those of `table` whose `key` is the watched row's `by`. `{R}` in `when` and
    `since` stands for the watched row, `C` for the row that counts.
    """

    source: str
    moments: tuple[str, ...]
    table: str = ""
    key: str = ""
    by: str = ""
    when: str = ""
    since: str = ""
    by_day: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """A table, what is marked when a row comes or goes, and what when one of some columns changes.

    `ending` is a moment that is filled in when something is over, and `with_it` are columns that change along: where
    only those change, figures taken before it stay as they are.
    """

    table: str
    marks: tuple[Mark, ...]
    columns: tuple[str, ...] = ()
    ending: str = ""
    with_it: tuple[str, ...] = ()
    # Marks of other rows, that a row which is new does not have yet.
    others: tuple[Mark, ...] = ()
    # A table to which rows are only added.
    only_added: bool = False


def _of_matter(*columns: str, source: str, table: str, by_day: bool = False) -> Mark:
    return Mark(source, columns, table=table, key="matter_id", by="id", by_day=by_day)


_ON_MATTERS: Final = (
    _of_matter("given_at", source="ratings", table="cases_feedback"),
    _of_matter("received_at", "found_at", source="complaints", table="petitions_complaint"),
    _of_matter("received_at", source="petitions", table="petitions_petition"),
    _of_matter("hearing_on", "decided_on", source="reviews", table="proceedings_review", by_day=True),
    *(
        Mark(source, ("opened_at",), when=f"EXISTS (SELECT 1 FROM {table} C WHERE C.matter_id = {{R}}.id)")
        for source, table in (
            ("disputes", "proceedings_dispute"),
            ("reviews", "proceedings_review"),
            ("transfers", "proceedings_transfer"),
        )
    ),
    _of_matter("started_at", "due_at", "ended_at", source="clocks", table="cases_clock"),
    _of_matter("started_at", "due_at", "ended_at", source="petition_clocks", table="cases_clock"),
    Mark("items", ("due_on",), table="followup_outlineitem", key="case_id", by_day=True,
         by="(SELECT F.id FROM followup_followedcase F WHERE F.matter_id = {R}.id)"),
)  # fmt: skip

_OWN: Final = (
    Mark("matters", ("opened_at", "closed_at"), when="{R}.parent_id IS NULL AND {R}.restricted = {false}"),
    Mark("parts", ("opened_at", "closed_at"), when="{R}.parent_id IS NOT NULL AND {R}.restricted = {false}"),
)
_CLOCK: Final = (
    Mark("clocks", ("started_at", "due_at", "ended_at"), when="{R}.restricted = {false}"),
    Mark("petition_clocks", ("started_at", "due_at", "ended_at"), when="{R}.restricted = {true}"),
)


def _through_matter(source: str, table: str, *columns: str, when: str, since: str = "") -> Mark:
    return Mark(source, columns, table=table, key="matter_id", by="matter_id", when=when, since=since)


_KINDS: Final = (
    "{R}.kind_id IN (SELECT K.id FROM cases_eventkind K WHERE K.code IN ('case_not_filed', 'expedited_ended'))"
)
_VOIDS: Final = "{R}.voids_id IS NOT NULL"
_HANDED: Final = "{R}.from_unit_id IS NOT NULL"
_EVENT: Final = f"({_KINDS} OR {_VOIDS} OR {_HANDED})"
_MOVED: Final = f"({_VOIDS} OR {_HANDED})"

_ON_EVENTS: Final = (
    *(
        Mark(
            source,
            ("opened_at", "closed_at"),
            table="cases_matter",
            key="id",
            by="matter_id",
            when=_EVENT,
            # A hand-over may be put on record out of order, and a voided event may be anything.
            since="CASE WHEN {R}.voids_id IS NULL AND {R}.from_unit_id IS NULL THEN {R}.occurred_at END",
        )
        for source in ("matters", "parts")
    ),
    _through_matter("ratings", "cases_feedback", "given_at", when=_MOVED),
    _through_matter("petitions", "petitions_petition", "received_at", when=_MOVED),
    *(
        Mark(source, ("opened_at",), table="cases_matter", key="id", by="matter_id",
             when=f"{_MOVED} AND EXISTS (SELECT 1 FROM {table} T WHERE T.matter_id = C.id)")
        for source, table in (
            ("disputes", "proceedings_dispute"),
            ("reviews", "proceedings_review"),
            ("transfers", "proceedings_transfer"),
        )
    ),
    Mark("reviews", ("hearing_on", "decided_on"), table="proceedings_review", key="matter_id", by="matter_id",
         when=_MOVED, by_day=True),
)  # fmt: skip


def _opened(source: str) -> Mark:
    return Mark(source, ("opened_at",), table="cases_matter", key="id", by="matter_id")


def _received(since: str = "") -> Mark:
    return Mark(
        "petitions", ("received_at",), table="petitions_petition", key="matter_id", by="petition_id", since=since
    )


WATCHES: Final[tuple[Watch, ...]] = (
    Watch(
        "cases_matter",
        _OWN,
        ("unit_id", "kind_id", "opened_at", "facts", "withdrawn_at", "restricted", "parent_id"),
        ending="closed_at",
        others=_ON_MATTERS,
    ),
    Watch("cases_event", _ON_EVENTS, ("withdrawn_at",)),
    Watch(
        "cases_clock",
        _CLOCK,
        ("unit_id", "limit_id", "restricted", "started_at", "due_at"),
        ending="ended_at",
        with_it=("state", "late"),
    ),
    Watch(
        "rectification_order",
        (Mark("orders", ("issued_at", "due_at"), when="{R}.restricted = {false}"),),
        ("unit_id", "issued_at", "due_at", "source", "grade", "problem_id", "restricted"),
    ),
    Watch(
        "rectification_orderstep",
        (
            Mark(
                "orders",
                ("issued_at", "due_at"),
                table="rectification_order",
                key="id",
                by="order_id",
                when="{R}.action IN ('verified', 'withdrawn', 'reopened')",
                since="{R}.at",
            ),
        ),
        only_added=True,
    ),
    Watch("cases_feedback", (Mark("ratings", ("given_at",)),), ("given_at", "valid", "grade", "matter_id")),
    Watch(
        "returnvisits_visit",
        (Mark("ratings", ("given_at",), table="cases_feedback", key="id", by="feedback_id"),),
        ("feedback_id", "unit_id"),
    ),
    Watch(
        "petitions_complaint",
        (Mark("complaints", ("received_at", "found_at")),),
        ("received_at", "found_at", "verdict", "enterprise", "channel", "accused_unit_id", "same_as_id"),
    ),
    Watch("petitions_petition", (Mark("petitions", ("received_at",)),), ("received_at",)),
    Watch("petitions_resolution", (_received(),), ("resolved_at", "reopened_at", "petition_id")),
    Watch("petitions_likeness", (_received(),), ("state", "decided_at", "petition_id")),
    Watch("proceedings_dispute", (_opened("disputes"),), ("stage", "ended_on", "risk")),
    Watch(
        "proceedings_review",
        (_opened("reviews"), Mark("reviews", ("hearing_on", "decided_on"), by_day=True)),
        ("hearing_on", "decided_on", "track", "head_appeared", "outcome"),
    ),
    Watch("proceedings_transfer", (_opened("transfers"),), ("stage", "decided_on", "direction")),
    Watch(
        "followup_outlineitem", (Mark("items", ("due_on",), by_day=True),), ("due_on", "state", "done_at", "case_id")
    ),
    Watch(
        "followup_followedcase",
        (),
        ("unit_id", "matter_id"),
        others=(Mark("items", ("due_on",), table="followup_outlineitem", key="case_id", by="id", by_day=True),),
    ),
)


def watch(*tables: str) -> RunPython:
    """A migration step that puts the triggers of these tables up, or of all that are watched, with a way back."""
    watches = [one for one in WATCHES if not tables or one.table in tables]

    def forward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        for statement in statements(editor.connection.vendor, watches, tree=not tables):
            editor.execute(statement, params=None)

    def backward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        for statement in back(editor.connection.vendor, watches, tree=not tables):
            editor.execute(statement, params=None)

    return RunPython(forward, backward, elidable=False)


def statements(vendor: str, watches: Iterable[Watch], *, tree: bool) -> Iterator[str]:
    """What puts the triggers up on an engine."""
    make = _sqlite if vendor == "sqlite" else _postgresql
    for one in watches:
        yield from make(one)
    if tree:
        yield from make(_TREE)


# Who lies below whom changes: a unit was put under another.
_TREE: Final = Watch("cases_unit", (), ("path",))


def back(vendor: str, watches: Iterable[Watch], *, tree: bool) -> Iterator[str]:
    for one in (*watches, *((_TREE,) if tree else ())):
        for what in ("came", "changed", "went"):
            name = f"evaluation_{one.table}_{what}"
            if vendor == "sqlite":
                yield f"DROP TRIGGER IF EXISTS {name}"
            else:
                yield f"DROP TRIGGER IF EXISTS {name} ON {one.table}"
                yield f"DROP FUNCTION IF EXISTS {name}()"


# -- SQLite ------------------------------------------------------------------------------------------------------------


def _sqlite(one: Watch) -> Iterator[str]:
    def trigger(what: str, when: str, body: Sequence[str]) -> Iterator[str]:
        if body:
            name = f"evaluation_{one.table}_{what.split()[0]}"
            yield f"CREATE TRIGGER {name} AFTER {when} BEGIN {' '.join(body)} END"

    if one is not _TREE:
        yield from trigger("came", f"INSERT ON {one.table} FOR EACH ROW", list(_marked(one.marks, "NEW", "sqlite")))
    if one.only_added:
        return
    columns = _watched(one)
    differs = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in columns)
    listed = ", ".join(f'"{column}"' for column in columns)
    changed = [*_changed(one, "sqlite")]
    yield from trigger("changed", f"UPDATE OF {listed} ON {one.table} FOR EACH ROW WHEN {differs}", changed)
    if one is not _TREE:
        gone = list(_marked((*one.marks, *one.others), "OLD", "sqlite"))
        yield from trigger("went", f"DELETE ON {one.table} FOR EACH ROW", gone)


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


def _postgresql(one: Watch) -> Iterator[str]:
    def trigger(what: str, event: str, how: str, body: Sequence[str]) -> Iterator[str]:
        if body:
            name = f"evaluation_{one.table}_{what}"
            yield (
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {' '.join(body)} RETURN NULL; END $$"
            )
            yield f"CREATE TRIGGER {name} AFTER {event} ON {one.table} {how} EXECUTE FUNCTION {name}()"

    if one is not _TREE:
        # By statement: a file brings in a hundred thousand rows.
        came = list(_marked(one.marks, "R", "postgresql", rows="came"))
        yield from trigger("came", "INSERT", "REFERENCING NEW TABLE AS came FOR EACH STATEMENT", came)
    if one.only_added:
        return
    columns = _watched(one)
    differs = " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in columns)
    listed = ", ".join(f'"{column}"' for column in columns)
    changed = list(_changed(one, "postgresql"))
    yield from trigger("changed", f"UPDATE OF {listed}", f"FOR EACH ROW WHEN ({differs})", changed)
    if one is not _TREE:
        gone = list(_marked((*one.marks, *one.others), "OLD", "postgresql"))
        yield from trigger("went", "DELETE", "FOR EACH ROW", gone)


# -- both --------------------------------------------------------------------------------------------------------------


def _watched(one: Watch) -> tuple[str, ...]:
    return (*one.columns, *((one.ending,) if one.ending else ()), *one.with_it)


def _changed(one: Watch, vendor: str) -> Iterator[str]:
    if one is _TREE:
        yield f"INSERT INTO {HEAP} (source) VALUES ('{TREE}');"
        return
    since = _since(one, vendor)
    for row in ("OLD", "NEW"):
        yield from _marked(one.marks, row, vendor, since=since)
    if one.others:
        # What ends a row says nothing of the rows that hang on it.
        fixed = " OR ".join(_differs(column, vendor) for column in one.columns)
        yield from _marked(one.others, "NEW", vendor, only=fixed)


def _differs(column: str, vendor: str) -> str:
    return f'OLD."{column}" {"IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"} NEW."{column}"'


def _since(one: Watch, vendor: str) -> str:
    """From when on figures can differ where nothing but the end of a row was filled in, moved or taken back."""
    if not one.ending:
        return ""
    fixed = " OR ".join(_differs(column, vendor) for column in one.columns)
    was, now = f'OLD."{one.ending}"', f'NEW."{one.ending}"'
    least = "MIN" if vendor == "sqlite" else "LEAST"
    return f"CASE WHEN {fixed} THEN NULL ELSE {least}(COALESCE({was}, {now}), COALESCE({now}, {was})) END"


def _marked(
    marks: Iterable[Mark], row: str, vendor: str, *, rows: str = "", since: str = "", only: str = ""
) -> Iterator[str]:
    """The statements that write marks for a row, or for all of a transition table."""
    moment = "CAST(NULL AS timestamptz)" if vendor == "postgresql" else "NULL"
    day = "CAST(NULL AS date)" if vendor == "postgresql" else "NULL"
    truths = {"true": "TRUE", "false": "FALSE"} if vendor == "postgresql" else {"true": "1", "false": "0"}
    for mark in marks:
        counts = "C" if mark.table else row
        later = (mark.since.replace("{R}", row) or since) or moment
        for column in mark.moments:
            told = f"{counts}.{column}"
            wanted = [f"{told} IS NOT NULL"]
            if mark.when:
                wanted.append(mark.when.format(R=row, **truths))
            if only:
                wanted.append(f"({only})")
            joined = [f"{rows} {row}"] if rows else []
            if mark.table:
                by = mark.by.replace("{R}", row) if "{R}" in mark.by else f"{row}.{mark.by}"
                joined.append(f"{mark.table} C")
                wanted.insert(0, f"C.{mark.key} {'IN' if by.startswith('(') else '='} {by}")
            held = f"{moment}, {told}" if mark.by_day else f"{told}, {day}"
            source = f" FROM {', '.join(joined)}" if joined else ""
            yield (
                f'INSERT INTO {HEAP} (source, at, "on", since) SELECT '
                f"{'DISTINCT ' if rows else ''}'{mark.source}', {held}, {later}{source} WHERE {' AND '.join(wanted)};"
            )
