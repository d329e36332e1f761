"""The sweep: raises what is due, withdraws what no longer stands."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

from cases.models import Clock, ClockState, Level
from supervision.alerts.models import Action, AlertState, Withdrawal

log = logging.getLogger(__name__)

CHUNK = 20_000


@dataclass(slots=True)
class SweepReport:
    """What a sweep did: steps of the ledger written."""

    raised: int = 0
    reopened: int = 0
    withdrawn: int = 0

    def add(self, other: "SweepReport") -> None:
        self.raised += other.raised
        self.reopened += other.reopened
        self.withdrawn += other.withdrawn


class SweepFailed(Exception):
    """Some clocks could not be swept; they are left as they were and all others are done, as `report` says."""

    def __init__(self, report: SweepReport, numbers: Sequence[str]) -> None:
        super().__init__(f"{len(numbers)} 个时钟无法扫描，其余已完成。所属事项：{'、'.join(numbers[:20])}")
        self.report = report
        self.numbers = numbers


def sweep(*, at: datetime, chunk: int = CHUNK) -> SweepReport:
    """Bring the warnings into line with the clocks as they stand at `at`; an aware moment.

    1. Withdraw open warnings on clocks marked unsettled whose due moment moved or which no longer run, and say why;
       hand warnings over with clocks that were handed over.
    2. Take clocks whose next level is due, whenever it was due: a silence of any length is made good.
    3. Write one step for each level reached, with the moment it was due and the moment it was found.
    4. Raise or heighten the warning, and set the clock's level and next moment.
    5. At the end fail aloud, naming the clocks the database refused to sweep.
    Chunks of one transaction each, claimed by lock on PostgreSQL and by turn on SQLite. Safe to run twice, from two
    workers at once, and to kill at any line.
    """
    report = SweepReport()
    broken: list[int] = []
    _in_chunks("unsettled", "id", _settle, at, chunk, report, broken)
    # A clock that became unsettled meanwhile is left to the next sweep, which settles it first.
    _in_chunks("next_level_at <= %(at)s AND NOT unsettled", "next_level_at, id", _raise, at, chunk, report, broken)
    if broken:
        numbers = Clock.objects.filter(pk__in=broken).values_list("matter__number", flat=True)
        raise SweepFailed(report, sorted(set(numbers)))
    return report


def _in_chunks(
    condition: str,
    order: str,
    work: Callable[[datetime], SweepReport],
    at: datetime,
    chunk: int,
    report: SweepReport,
    broken: list[int],
) -> None:
    """Claim and work chunk by chunk until nothing is left.

    A chunk the database refuses is tried again in ever smaller ones, until the clock that breaks it is alone and can
    be set aside.
    """
    size = chunk
    while True:
        with transaction.atomic():
            found = _claim(condition, at, size, order, broken)
            if not found:
                return
            try:
                with transaction.atomic():
                    done = work(at)
            except (IntegrityError, DataError):
                if found > 1:
                    size = max(found // 10, 1)
                else:
                    broken.append(_claimed())
                    log.exception("clock %s cannot be swept", broken[-1])
                    size = chunk
                continue
        report.add(done)
        if found < size:
            return


# The clocks a chunk works on. CROSS JOIN keeps SQLite from starting with the larger table; PostgreSQL plans as it likes.
_CLAIM = "sweep_claim"


def _claim(condition: str, at: datetime, chunk: int, order: str, but: Sequence[int] = ()) -> int:
    """Put the ids of up to `chunk` clocks into a table of this session, locked where the engine can."""
    if but:
        condition = f"{condition} AND id NOT IN ({', '.join(map(str, but))})"
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


def _claimed() -> int:
    """The first clock in that table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MIN(id) FROM {_CLAIM}")
        (found,) = cursor.fetchone()
        return int(found)


def _moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


_REASON = f"""CASE
    WHEN c.state = {ClockState.PAUSED.value} THEN '{Withdrawal.PAUSED.value}'
    WHEN c.state = {ClockState.VOID.value} THEN '{Withdrawal.VOIDED.value}'
    WHEN c.state = {ClockState.RUNNING.value} THEN '{Withdrawal.MOVED.value}'
    ELSE '{Withdrawal.STOPPED.value}' END"""

_HOLDER = "unit_id, city_id, county_id, station_id, officer_id"

_STANDS_NO_MORE = f"(c.state <> {ClockState.RUNNING.value} OR c.due_at <> a.due_at)"


def _settle(at: datetime) -> SweepReport:
    """Step 1 for the clocks claimed."""
    params = {"at": _moment(at)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO alerts_alertstep (clock_id, due_at, action, level, due_moment, found_at, reason)
            SELECT a.clock_id, a.due_at, '{Action.WITHDRAWN.value}', a.level, %(at)s, %(at)s, {_REASON}
            FROM {_CLAIM} s CROSS JOIN alerts_alert a CROSS JOIN cases_clock c
            WHERE a.clock_id = s.id AND c.id = s.id AND a.state = '{AlertState.OPEN.value}' AND {_STANDS_NO_MORE}""",
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
        cursor.execute(
            f"""UPDATE alerts_alert SET ({_HOLDER}) = (SELECT {_HOLDER} FROM cases_clock c WHERE c.id = clock_id)
            WHERE clock_id IN (SELECT id FROM {_CLAIM}) AND NOT EXISTS (
                SELECT 1 FROM cases_clock c WHERE c.id = alerts_alert.clock_id
                AND c.unit_id = alerts_alert.unit_id
                AND COALESCE(c.officer_id, 0) = COALESCE(alerts_alert.officer_id, 0))"""
        )
        cursor.execute(f"UPDATE cases_clock SET unsettled = FALSE WHERE id IN (SELECT id FROM {_CLAIM})")
    return SweepReport(withdrawn=withdrawn)


_LEVELS = f"""(SELECT {Level.YELLOW.value} AS level UNION ALL SELECT {Level.ORANGE.value}
    UNION ALL SELECT {Level.RED.value})"""

_MOMENT_OF_LEVEL = f"""CASE l.level WHEN {Level.YELLOW.value} THEN c.yellow_at
    WHEN {Level.ORANGE.value} THEN c.orange_at ELSE c.due_at END"""

_LEVEL_NOW = f"""CASE WHEN {{c}}due_at <= %(at)s THEN {Level.RED.value}
    WHEN {{c}}orange_at <= %(at)s THEN {Level.ORANGE.value}
    WHEN {{c}}yellow_at <= %(at)s THEN {Level.YELLOW.value} ELSE {Level.GREEN.value} END"""


def _raise(at: datetime) -> SweepReport:
    """Steps 3 and 4 for the clocks claimed."""
    params = {"at": _moment(at)}
    now = _LEVEL_NOW.format(c="c.")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO alerts_alertstep (clock_id, due_at, action, level, due_moment, found_at, reason)
            SELECT a.clock_id, a.due_at, '{Action.REOPENED.value}', a.level, %(at)s, %(at)s, ''
            FROM {_CLAIM} s CROSS JOIN alerts_alert a CROSS JOIN cases_clock c
            WHERE a.clock_id = s.id AND c.id = s.id AND c.due_at = a.due_at AND a.state = '{AlertState.WITHDRAWN.value}'""",
            params,
        )
        reopened = cursor.rowcount
        cursor.execute(
            f"""INSERT INTO alerts_alertstep (clock_id, due_at, action, level, due_moment, found_at, reason)
            SELECT c.id, c.due_at, '{Action.RAISED.value}', l.level, {_MOMENT_OF_LEVEL}, %(at)s, ''
            FROM {_CLAIM} s CROSS JOIN cases_clock c CROSS JOIN {_LEVELS} l
            WHERE c.id = s.id AND {_MOMENT_OF_LEVEL} <= %(at)s
            ON CONFLICT DO NOTHING""",
            params,
        )
        raised = cursor.rowcount
        cursor.execute(
            f"""INSERT INTO alerts_alert (clock_id, due_at, level, state, raised_at, ended_at, reason,
                unit_id, city_id, county_id, station_id, officer_id)
            SELECT c.id, c.due_at, {now}, '{AlertState.OPEN.value}', %(at)s, NULL, '',
                c.unit_id, c.city_id, c.county_id, c.station_id, c.officer_id
            FROM {_CLAIM} s CROSS JOIN cases_clock c WHERE c.id = s.id AND {now} > {Level.GREEN.value}
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
    return SweepReport(raised=raised, reopened=reopened)
