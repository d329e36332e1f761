"""The sweep: raises what is due, withdraws what no longer stands."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from cases.models import ClockState, Level
from supervision.alerts.models import Action, AlertState, Withdrawal

CHUNK = 20_000


@dataclass(slots=True)
class SweepReport:
    """What a sweep did: steps of the ledger written."""

    raised: int = 0
    reopened: int = 0
    withdrawn: int = 0


def sweep(*, at: datetime, chunk: int = CHUNK) -> SweepReport:
    """Bring the warnings into line with the clocks as they stand at `at`; an aware moment.

    1. Withdraw open warnings on clocks marked unsettled whose due moment moved or which no longer run; say why.
    2. Take clocks whose next level is due, whenever it was due: a silence of any length is made good.
    3. Write one step for each level reached, with the moment it was due and the moment it was found.
    4. Raise or heighten the warning, and set the clock's level and next moment.
    Chunks of one transaction each, claimed by lock on PostgreSQL and by turn on SQLite. Safe to run twice, from two
    workers at once, and to kill at any line.
    """
    report = SweepReport()
    while True:
        with transaction.atomic():
            settled, withdrawn = _settle(at, chunk)
        report.withdrawn += withdrawn
        if settled < chunk:
            break
    while True:
        with transaction.atomic():
            found, raised, reopened = _raise(at, chunk)
        report.raised += raised
        report.reopened += reopened
        if found < chunk:
            return report


_CLAIM = "sweep_claim"


def _claim(condition: str, at: datetime, chunk: int, order: str) -> int:
    """Put the ids of up to `chunk` clocks into a table of this session, locked where the engine can."""
    skip = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    params = {"at": _moment(at)} if "%(at)s" in condition else {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {_CLAIM} (id bigint PRIMARY KEY) ON COMMIT DELETE ROWS")
        else:
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {_CLAIM} (id integer PRIMARY KEY)")
        cursor.execute(f"DELETE FROM {_CLAIM}")
        cursor.execute(
            f"INSERT INTO {_CLAIM} (id) SELECT id FROM cases_clock WHERE {condition} "
            f"ORDER BY {order} LIMIT {int(chunk)} {skip}",
            params,
        )
        return cursor.rowcount


def _moment(at: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(at)


_REASON = f"""CASE
    WHEN c.state = {ClockState.PAUSED.value} THEN '{Withdrawal.PAUSED.value}'
    WHEN c.state = {ClockState.VOID.value} THEN '{Withdrawal.VOIDED.value}'
    WHEN c.state = {ClockState.RUNNING.value} THEN '{Withdrawal.MOVED.value}'
    ELSE '{Withdrawal.STOPPED.value}' END"""

_STANDS_NO_MORE = f"(c.state <> {ClockState.RUNNING.value} OR c.due_at <> a.due_at)"


def _settle(at: datetime, chunk: int) -> tuple[int, int]:
    """Steps 1: (clocks looked at, warnings withdrawn)."""
    found = _claim("unsettled", at, chunk, "id")
    if not found:
        return 0, 0
    params = {"at": _moment(at)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO alerts_alertstep (clock_id, due_at, action, level, due_moment, found_at, reason)
            SELECT a.clock_id, a.due_at, '{Action.WITHDRAWN.value}', a.level, %(at)s, %(at)s, {_REASON}
            FROM alerts_alert a JOIN {_CLAIM} s ON s.id = a.clock_id JOIN cases_clock c ON c.id = a.clock_id
            WHERE a.state = '{AlertState.OPEN.value}' AND {_STANDS_NO_MORE}""",
            params,
        )
        withdrawn = cursor.rowcount
        cursor.execute(
            f"""UPDATE alerts_alert SET state = '{AlertState.WITHDRAWN.value}', ended_at = %(at)s,
                reason = (SELECT {_REASON} FROM cases_clock c WHERE c.id = alerts_alert.clock_id)
            WHERE state = '{AlertState.OPEN.value}' AND clock_id IN (SELECT id FROM {_CLAIM}) AND EXISTS (
                SELECT 1 FROM cases_clock c
                WHERE c.id = alerts_alert.clock_id
                AND (c.state <> {ClockState.RUNNING.value} OR c.due_at <> alerts_alert.due_at))""",
            params,
        )
        cursor.execute(f"UPDATE cases_clock SET unsettled = FALSE WHERE id IN (SELECT id FROM {_CLAIM})")
    return found, withdrawn


_LEVELS = f"""(SELECT {Level.YELLOW.value} AS level UNION ALL SELECT {Level.ORANGE.value}
    UNION ALL SELECT {Level.RED.value})"""

_MOMENT_OF_LEVEL = f"""CASE l.level WHEN {Level.YELLOW.value} THEN c.yellow_at
    WHEN {Level.ORANGE.value} THEN c.orange_at ELSE c.due_at END"""

_LEVEL_NOW = f"""CASE WHEN {{c}}due_at <= %(at)s THEN {Level.RED.value}
    WHEN {{c}}orange_at <= %(at)s THEN {Level.ORANGE.value}
    WHEN {{c}}yellow_at <= %(at)s THEN {Level.YELLOW.value} ELSE {Level.GREEN.value} END"""


def _raise(at: datetime, chunk: int) -> tuple[int, int, int]:
    """Steps 2 to 4: (clocks found, levels raised, warnings reopened).

    A clock that became unsettled meanwhile is left to the next sweep, which settles it first.
    """
    found = _claim("next_level_at <= %(at)s AND NOT unsettled", at, chunk, "next_level_at, id")
    if not found:
        return 0, 0, 0
    params = {"at": _moment(at)}
    now = _LEVEL_NOW.format(c="c.")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO alerts_alertstep (clock_id, due_at, action, level, due_moment, found_at, reason)
            SELECT a.clock_id, a.due_at, '{Action.REOPENED.value}', a.level, %(at)s, %(at)s, ''
            FROM alerts_alert a JOIN {_CLAIM} s ON s.id = a.clock_id
            JOIN cases_clock c ON c.id = a.clock_id AND c.due_at = a.due_at
            WHERE a.state = '{AlertState.WITHDRAWN.value}'""",
            params,
        )
        reopened = cursor.rowcount
        cursor.execute(
            f"""INSERT INTO alerts_alertstep (clock_id, due_at, action, level, due_moment, found_at, reason)
            SELECT c.id, c.due_at, '{Action.RAISED.value}', l.level, {_MOMENT_OF_LEVEL}, %(at)s, ''
            FROM {_CLAIM} s JOIN cases_clock c ON c.id = s.id CROSS JOIN {_LEVELS} l
            WHERE {_MOMENT_OF_LEVEL} <= %(at)s
            ON CONFLICT DO NOTHING""",
            params,
        )
        raised = cursor.rowcount
        cursor.execute(
            f"""INSERT INTO alerts_alert (clock_id, due_at, level, state, raised_at, ended_at, reason,
                unit_id, city_id, county_id, station_id, officer_id)
            SELECT c.id, c.due_at, {now}, '{AlertState.OPEN.value}', %(at)s, NULL, '',
                c.unit_id, c.city_id, c.county_id, c.station_id, c.officer_id
            FROM {_CLAIM} s JOIN cases_clock c ON c.id = s.id WHERE {now} > {Level.GREEN.value}
            ON CONFLICT (clock_id, due_at) DO UPDATE SET level = excluded.level, state = excluded.state,
                ended_at = NULL, reason = ''""",
            params,
        )
        cursor.execute(
            f"""UPDATE cases_clock SET level = {_LEVEL_NOW.format(c="")},
                next_level_at = CASE WHEN due_at <= %(at)s THEN NULL WHEN orange_at <= %(at)s THEN due_at
                    WHEN yellow_at <= %(at)s THEN orange_at ELSE yellow_at END
            WHERE id IN (SELECT id FROM {_CLAIM})""",
            params,
        )
    return found, raised, reopened
