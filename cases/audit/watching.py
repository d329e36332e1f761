"""The triggers that note every row written in a watched table, and the name a connection signs with.

Triggers are put up after each migration from `declared`, and taken down before: a migration may make a table anew or drop
a column that a trigger names. Their names carry a digest of what they do, so that nothing is done where nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from cases.audit.declared import LEDGERS, WATCHED, Watched

MASK = "（已遮蔽）"
MASK_CHANGED = "（已遮蔽，有改动）"
PREFIX = "audit_w_"
# A function of SQLite takes 127 values, two for each column.
MOST_COLUMNS = 63


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger by its name, the table it stands on, and the statement that makes it."""

    name: str
    table: str
    sql: str


@cache
def models_by_table() -> Mapping[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


def masked_columns(model: type[models.Model], watched: Watched) -> list[str]:
    """The columns whose values are not written into the log: those named, bytes, and in tables about cases every text that
    is not one of a list of choices."""
    found = []
    for field in model._meta.concrete_fields:
        text = isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices
        if (
            field.column in watched.masked
            or isinstance(field, models.BinaryField)
            or (watched.content and text and not field.primary_key)
        ):
            found.append(str(field.column))
    return found


def wanted(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """The triggers there should be, on the tables there are."""
    there = set(connection.introspection.table_names())
    if "audit_rowchange" not in there:
        return []
    write = _sqlite if connection.vendor == "sqlite" else _postgresql
    known = models_by_table()
    return [
        trigger
        for table, watched in WATCHED.items()
        if table in there and table in known
        for trigger in write(known[table], watched)
    ]


def standing(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """The names of all triggers that fire now, each with its table; on PostgreSQL, where names are a table's own, as
    table.name."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
            return dict(cursor.fetchall())
        cursor.execute(
            "SELECT c.relname || '.' || t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND n.nspname = ANY (current_schemas(false))"
        )
        return dict(cursor.fetchall())


def watch(connection: BaseDatabaseWrapper) -> int:
    """Put up the triggers that are not there, take down those no longer wanted; how many were put up. Twice is harmless."""
    triggers = {trigger.name: trigger for trigger in wanted(connection)}
    there = {name: table for name, table in standing(connection).items() if PREFIX in name}
    missing = [trigger for name, trigger in triggers.items() if name not in there]
    with connection.cursor() as cursor:
        for name, table in there.items():
            if name not in triggers:
                cursor.execute(_drop(connection, name, table))
        if missing and connection.vendor == "postgresql":
            cursor.execute(_NOTE)
        for trigger in missing:
            cursor.execute(trigger.sql)
    return len(missing)


def unwatch(connection: BaseDatabaseWrapper) -> None:
    """Take all of them down, before tables are changed."""
    there = [(name, table) for name, table in standing(connection).items() if PREFIX in name]
    with connection.cursor() as cursor:
        for name, table in there:
            cursor.execute(_drop(connection, name, table))


def unguarded(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables on which a trigger is missing, watched ones and ledgers, in order."""
    there = standing(connection)
    bare = {trigger.table for trigger in wanted(connection) if trigger.name not in there}
    guards = set(there) if connection.vendor == "sqlite" else {name.partition(".")[2] for name in there}
    tables = set(connection.introspection.table_names())
    bare |= {
        table
        for table in (*LEDGERS, "audit_seal")
        if table in tables and not {f"{table}_no_update", f"{table}_no_delete"} <= guards
    }
    return sorted(bare)


def _drop(connection: BaseDatabaseWrapper, name: str, table: str) -> str:
    if connection.vendor == "sqlite":
        return f'DROP TRIGGER IF EXISTS "{name}"'
    return f'DROP TRIGGER IF EXISTS "{name.partition(".")[2]}" ON "{table}"'


# -- who signs -----------------------------------------------------------------------------------------------------------


def sign(connection: BaseDatabaseWrapper, officer_id: int | None, via: str | None) -> None:
    """From now on what this connection writes in watched tables is noted as by this officer, through this page.

    Past Django's cursor: it is no question to the data, and stays when a transaction is undone.
    """
    connection.ensure_connection()
    held: Any = connection.connection
    if connection.vendor == "sqlite":
        for statement in _SIGNING:
            held.execute(statement)
        held.execute("UPDATE temp.audit_hand SET officer = ?, via = ?", (officer_id, via))
    else:
        held.execute(
            "SELECT set_config('dingban.officer', %s, false), set_config('dingban.via', %s, false)",
            ("" if officer_id is None else str(officer_id), via or ""),
        )


# SQLite has no settings of a connection, but tables and triggers of its own: one signs what the others have noted.
# Whoever writes past the program has no such trigger, and his rows stay unsigned.
_SIGNING = (
    "CREATE TEMP TABLE IF NOT EXISTS audit_hand (officer INTEGER, via TEXT)",
    "INSERT INTO temp.audit_hand SELECT NULL, NULL WHERE NOT EXISTS (SELECT 1 FROM temp.audit_hand)",
    "CREATE TEMP TRIGGER IF NOT EXISTS audit_sign AFTER INSERT ON main.audit_rowchange "
    "WHEN (SELECT officer FROM audit_hand) IS NOT NULL BEGIN "
    "UPDATE audit_rowchange SET by_id = (SELECT officer FROM audit_hand), via = (SELECT via FROM audit_hand) "
    "WHERE id = NEW.id; END",
)


# -- SQLite --------------------------------------------------------------------------------------------------------------


def _sqlite(model: type[models.Model], watched: Watched) -> Iterator[Trigger]:
    table, key = model._meta.db_table, model._meta.pk.column
    columns = [str(field.column) for field in model._meta.concrete_fields if field.column not in watched.ignored]
    if len(columns) > MOST_COLUMNS:
        raise ValueError(f"{table} has too many columns to be watched")
    masked = set(masked_columns(model, watched))
    # As Django writes a moment, or it would not sort among the others.
    moment = "replace(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', '.000000', '')"

    def row(side: str, other: str = "") -> str:
        return "json_object(" + ", ".join(f"'{one}', {value(side, one, other)}" for one in columns) + ")"

    def value(side: str, column: str, other: str) -> str:
        own = f'{side}."{column}"'
        if column not in masked:
            return own
        changed = f"WHEN {own} IS NOT {other}.\"{column}\" THEN '{MASK_CHANGED}' " if other else ""
        return f"CASE WHEN {own} IS NULL THEN NULL WHEN {own} = '' THEN '' {changed}ELSE '{MASK}' END"

    def made(act: str, event: str, when: str, side: str, old: str, new: str) -> Trigger:
        body = (
            f'{event} ON "{table}" FOR EACH ROW {when}BEGIN '
            "INSERT INTO audit_rowchange (table_name, row_key, act, old, new, at, hand) VALUES "
            f"('{table}', CAST({side}.\"{key}\" AS TEXT), '{act}', {old}, {new}, {moment}, ''); END"
        )
        name = f"{PREFIX}{table}_{act}_{sha256(body.encode()).hexdigest()[:8]}"
        # Not by the cursor's own substitution: there is none without parameters.
        return Trigger(name, table, f'CREATE TRIGGER "{name}" {body}')

    moved = " OR ".join(f'OLD."{one}" IS NOT NEW."{one}"' for one in columns)
    if watched.inserts:
        yield made("insert", "AFTER INSERT", "", "NEW", "NULL", row("NEW"))
    yield made("update", "AFTER UPDATE", f"WHEN {moved} ", "NEW", row("OLD"), row("NEW", "OLD"))
    yield made("delete", "AFTER DELETE", "", "OLD", row("OLD"), "NULL")


# -- PostgreSQL ----------------------------------------------------------------------------------------------------------


def _postgresql(model: type[models.Model], watched: Watched) -> Iterator[Trigger]:
    table, key = model._meta.db_table, model._meta.pk.column
    events = "INSERT OR UPDATE OR DELETE" if watched.inserts else "UPDATE OR DELETE"
    masked = ",".join(masked_columns(model, watched))
    body = (
        f'AFTER {events} ON "{table}" FOR EACH ROW '
        f"EXECUTE FUNCTION audit_note('{key}', '{','.join(watched.ignored)}', '{masked}')"
    )
    name = f"{PREFIX}{sha256((body + _NOTE).encode()).hexdigest()[:8]}"
    yield Trigger(f"{table}.{name}", table, f'CREATE TRIGGER "{name}" {body}')
    # TRUNCATE fires no trigger of a row.
    whole = f'BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()'
    name = f"{PREFIX}t_{sha256(whole.encode()).hexdigest()[:8]}"
    yield Trigger(f"{table}.{name}", table, f'CREATE TRIGGER "{name}" {whole}')


_NOTE = f"""
CREATE OR REPLACE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ignored text[] := string_to_array(TG_ARGV[1], ',');
    masked text[] := string_to_array(TG_ARGV[2], ',');
    was jsonb; now_is jsonb; shown_old jsonb; shown_new jsonb; one text;
BEGIN
    IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD) - ignored; END IF;
    IF TG_OP <> 'DELETE' THEN now_is := to_jsonb(NEW) - ignored; END IF;
    IF TG_OP = 'UPDATE' AND was = now_is THEN RETURN NULL; END IF;
    shown_old := was; shown_new := now_is;
    FOREACH one IN ARRAY masked LOOP
        IF (was ->> one) <> '' THEN
            shown_old := jsonb_set(shown_old, ARRAY[one], to_jsonb('{MASK}'::text));
        END IF;
        IF (now_is ->> one) <> '' THEN
            shown_new := jsonb_set(shown_new, ARRAY[one], to_jsonb(CASE
                WHEN TG_OP = 'UPDATE' AND (was -> one) IS DISTINCT FROM (now_is -> one) THEN '{MASK_CHANGED}'
                ELSE '{MASK}' END::text));
        END IF;
    END LOOP;
    INSERT INTO audit_rowchange (table_name, row_key, act, old, new, at, by_id, via, hand) VALUES (
        TG_TABLE_NAME, coalesce(now_is, was) ->> TG_ARGV[0], lower(TG_OP), shown_old::text, shown_new::text,
        clock_timestamp(), nullif(current_setting('dingban.officer', true), '')::bigint,
        nullif(current_setting('dingban.via', true), ''),
        left(session_user || ' ' || current_setting('application_name'), 128));
    RETURN NULL;
END $$
"""
