"""The sweep: raises what is due, withdraws what no longer stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import connection

from cases.duty import Rung
from cases.models import Clock, ClockState, Level, LevelDemand
from supervision.alerts.models import Action, AlertState, Withdrawal
from supervision.alerts.services.claims import ALONG, CHUNK, CLAIM, in_chunks
from supervision.alerts.services.patience import Patience


@dataclass(slots=True)
class SweepReport:
    """What a sweep did: steps of the ledger written."""

    raised: int = 0
    reopened: int = 0
    withdrawn: int = 0
    handed: int = 0

    def add(self, other: "SweepReport") -> None:
        self.raised += other.raised
        self.reopened += other.reopened
        self.withdrawn += other.withdrawn
        self.handed += other.handed


class SweepFailed(Exception):
    """Some clocks could not be swept; they are left as they were and all others are done, as `report` says."""

    def __init__(self, report: SweepReport, numbers: Sequence[str]) -> None:
        super().__init__(f"{len(numbers)} 个时钟无法扫描，其余已完成。所属事项：{'、'.join(numbers[:20])}")
        self.report = report
        self.numbers = numbers


def sweep(*, at: datetime, chunk: int = CHUNK) -> SweepReport:
    """Bring the warnings into line with the clocks as they stand at `at`; an aware moment.

    1. Withdraw standing warnings on clocks marked unsettled whose due moment moved, whose level is no longer reached or
       which no longer run, and say why: nobody waits for them or is told of them any more. Hand warnings over with
       clocks that were handed over: they begin anew with the new holder.
    2. Take clocks whose next level is due, whenever it was due: a silence of any length is made good.
    3. Write one step for each level reached, with the moment it was due and the moment it was found.
    4. Raise or heighten the warning, with what its level asks, who is to be told, and when it climbs; set the clock's
       level and next moment. A warning that was answered waits for a word again when its level rises; what was due to
       climb sooner still does.
    5. At the end fail aloud, naming the clocks the database refused to sweep.
    Chunks of one transaction each, claimed by lock on PostgreSQL and by turn on SQLite. Safe to run twice, from two
    workers at once, and to kill at any line.
    """
    report = SweepReport()
    broken: list[int] = []

    @cache
    def patience() -> Patience:
        """Worked out once, and not at all in a minute in which nothing is due."""
        return Patience(at)

    def each(work: Callable[[Patience], SweepReport]) -> Callable[[], None]:
        return lambda: report.add(work(patience()))

    in_chunks("cases_clock", "unsettled", "id", each(_settle), at, chunk, broken)
    # A clock that became unsettled meanwhile is left to the next sweep, which settles it first.
    due = "next_level_at <= %(at)s AND NOT unsettled"
    in_chunks("cases_clock", due, "next_level_at, id", each(_raise), at, chunk, broken, along=tuple(ALONG))
    if broken:
        numbers = Clock.objects.filter(pk__in=broken).values_list("matter__number", flat=True)
        raise SweepFailed(report, sorted(set(numbers)))
    return report


_LEVEL_NOW = f"""CASE WHEN {{c}}due_at <= %(at)s THEN {Level.RED.value}
    WHEN {{c}}orange_at <= %(at)s THEN {Level.ORANGE.value}
    WHEN {{c}}yellow_at <= %(at)s THEN {Level.YELLOW.value} ELSE {Level.GREEN.value} END"""

# A fact entered in place of another is a correction; any other way of moving is the law taking its course.
_REASON = f"""CASE
    WHEN c.state = {ClockState.PAUSED.value} THEN '{Withdrawal.PAUSED.value}'
    WHEN c.state = {ClockState.VOID.value} THEN '{Withdrawal.VOIDED.value}'
    WHEN c.state <> {ClockState.RUNNING.value} THEN '{Withdrawal.STOPPED.value}'
    WHEN EXISTS (SELECT 1 FROM cases_event e WHERE e.matter_id = c.matter_id AND e.voids_id IS NOT NULL
        AND e.recorded_at >= {{a}}.raised_at) THEN '{Withdrawal.CORRECTED.value}'
    WHEN c.due_at = {{a}}.due_at THEN '{Withdrawal.EARLY.value}'
    ELSE '{Withdrawal.MOVED.value}' END"""

_HOLDER = "unit_id, city_id, county_id, station_id, officer_id"

_STANDS_NO_MORE = f"""(c.state <> {ClockState.RUNNING.value} OR c.due_at <> {{a}}.due_at
    OR {_LEVEL_NOW.format(c="c.")} = {Level.GREEN.value})"""

_HANDED = """(c.unit_id <> {a}.unit_id OR COALESCE(c.officer_id, 0) <> COALESCE({a}.officer_id, 0))"""

_STEP = "(clock_id, due_at, action, level, due_moment, found_at, reason, rung, text)"


def _settle(patience: Patience) -> SweepReport:
    """Step 1 for the clocks claimed."""
    params = patience.params
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO alerts_alertstep {_STEP}
            SELECT a.clock_id, a.due_at, '{Action.WITHDRAWN.value}', a.level, %(at)s, %(at)s, {_REASON.format(a="a")},
                a.rung, ''
            FROM {CLAIM} s CROSS JOIN alerts_alert a CROSS JOIN cases_clock c
            WHERE a.clock_id = s.id AND c.id = s.id AND a.ended_at IS NULL AND {_STANDS_NO_MORE.format(a="a")}""",
            params,
        )
        withdrawn = cursor.rowcount
        cursor.execute(
            f"""UPDATE alerts_alert SET state = '{AlertState.WITHDRAWN.value}', ended_at = %(at)s,
                climbs_at = NULL, tell_since = NULL,
                reason = (SELECT {_REASON.format(a="alerts_alert")}
                    FROM cases_clock c WHERE c.id = alerts_alert.clock_id)
            WHERE ended_at IS NULL AND clock_id IN (SELECT id FROM {CLAIM}) AND EXISTS (
                SELECT 1 FROM cases_clock c
                WHERE c.id = alerts_alert.clock_id AND {_STANDS_NO_MORE.format(a="alerts_alert")})""",
            params,
        )
        cursor.execute(
            f"""INSERT INTO alerts_alertstep {_STEP}
            SELECT a.clock_id, a.due_at, '{Action.HANDED.value}', a.level, %(at)s, %(at)s, '', a.rung, ''
            FROM {CLAIM} s CROSS JOIN alerts_alert a CROSS JOIN cases_clock c
            WHERE a.clock_id = s.id AND c.id = s.id AND a.ended_at IS NULL AND {_HANDED.format(a="a")}""",
            params,
        )
        handed = cursor.rowcount
        cursor.execute(
            f"""UPDATE alerts_alert SET ({_HOLDER}) = (SELECT {_HOLDER} FROM cases_clock c WHERE c.id = clock_id),
                rung = CASE WHEN ended_at IS NULL THEN {Rung.OFFICER.value} ELSE rung END,
                state = CASE WHEN state = '{AlertState.ACKNOWLEDGED.value}' THEN '{AlertState.OPEN.value}'
                    ELSE state END,
                climbs_at = CASE WHEN ended_at IS NULL AND order_id IS NULL AND demands > {LevelDemand.NONE.value}
                    THEN {_of_manner(patience.first("m"))} END,
                tell_since = CASE WHEN ended_at IS NULL AND {_of_manner(_loud("alerts_alert.level"))}
                    THEN %(at)s END
            WHERE clock_id IN (SELECT id FROM {CLAIM}) AND EXISTS (
                SELECT 1 FROM cases_clock c
                WHERE c.id = alerts_alert.clock_id AND {_HANDED.format(a="alerts_alert")})""",
            params,
        )
        cursor.execute(f"UPDATE cases_clock SET unsettled = FALSE WHERE id IN (SELECT id FROM {CLAIM})")
    return SweepReport(withdrawn=withdrawn, handed=handed)


def _of_manner(expression: str) -> str:
    """Something of the manner `m` of an alert's clock."""
    return f"""(SELECT {expression} FROM cases_clock c JOIN cases_manner m ON m.id = c.manner_id
        WHERE c.id = alerts_alert.clock_id)"""


def _loud(level: str) -> str:
    return _by_level(level, "loud")


def _by_level(level: str, part: str) -> str:
    names = ((Level.YELLOW, "yellow"), (Level.ORANGE, "orange"), (Level.RED, "red"))
    return f"CASE {level} {' '.join(f'WHEN {one.value} THEN m.{name}_{part}' for one, name in names)} END"


_LEVELS = f"""(SELECT {Level.YELLOW.value} AS level UNION ALL SELECT {Level.ORANGE.value}
    UNION ALL SELECT {Level.RED.value})"""

_MOMENT_OF_LEVEL = f"""CASE l.level WHEN {Level.YELLOW.value} THEN c.yellow_at
    WHEN {Level.ORANGE.value} THEN c.orange_at ELSE c.due_at END"""

_GONE = f"alerts_alert.state = '{AlertState.WITHDRAWN.value}'"
_SAME_LEVEL = "excluded.level <= alerts_alert.level"


def _raise(patience: Patience) -> SweepReport:
    """Steps 3 and 4 for the clocks claimed; everything but their update is read of what was taken along."""
    params = patience.params
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO alerts_alertstep {_STEP}
            SELECT a.clock_id, a.due_at, '{Action.REOPENED.value}', a.level, %(at)s, %(at)s, '', {Rung.OFFICER.value}, ''
            FROM {CLAIM} c CROSS JOIN alerts_alert a
            WHERE a.clock_id = c.id AND a.due_at = c.due_at AND a.state = '{AlertState.WITHDRAWN.value}'""",
            params,
        )
        reopened = cursor.rowcount
        cursor.execute(
            f"""INSERT INTO alerts_alertstep {_STEP}
            SELECT c.id, c.due_at, '{Action.RAISED.value}', l.level, {_MOMENT_OF_LEVEL}, %(at)s, '',
                COALESCE(a.rung, {Rung.OFFICER.value}), ''
            FROM {CLAIM} c CROSS JOIN {_LEVELS} l
            LEFT JOIN alerts_alert a ON a.clock_id = c.id AND a.due_at = c.due_at AND a.ended_at IS NULL
            WHERE {_MOMENT_OF_LEVEL} <= %(at)s
            ON CONFLICT DO NOTHING""",
            params,
        )
        raised = cursor.rowcount
        cursor.execute(
            f"""INSERT INTO alerts_alert (clock_id, due_at, level, state, raised_at, ended_at, reason, rung, demands,
                climbs_at, tell_since, said, unit_id, city_id, county_id, station_id, officer_id, restricted)
            SELECT c.id, c.due_at, c.level_now, '{AlertState.OPEN.value}', %(at)s, NULL, '', {Rung.OFFICER.value},
                COALESCE({_by_level("c.level_now", "demands")}, {LevelDemand.NONE.value}),
                CASE WHEN {_by_level("c.level_now", "demands")} > {LevelDemand.NONE.value}
                    THEN {patience.first("m")} END,
                CASE WHEN {_loud("c.level_now")} THEN %(at)s END,
                '', c.unit_id, c.city_id, c.county_id, c.station_id, c.officer_id, c.restricted
            FROM (SELECT k.id, k.due_at, k.manner_id, k.unit_id, k.city_id, k.county_id, k.station_id, k.officer_id,
                    k.restricted, {_LEVEL_NOW.format(c="k.")} AS level_now FROM {CLAIM} k) c
            LEFT JOIN cases_manner m ON m.id = c.manner_id
            WHERE c.level_now > {Level.GREEN.value}
            ON CONFLICT (clock_id, due_at) DO UPDATE SET level = excluded.level, demands = excluded.demands,
                ended_at = NULL, reason = '',
                state = CASE WHEN NOT ({_GONE}) AND {_SAME_LEVEL} THEN alerts_alert.state
                    WHEN alerts_alert.order_id IS NOT NULL THEN '{AlertState.ORDERED.value}'
                    ELSE '{AlertState.OPEN.value}' END,
                rung = CASE WHEN {_GONE} THEN {Rung.OFFICER.value} ELSE alerts_alert.rung END,
                climbs_at = CASE WHEN alerts_alert.order_id IS NOT NULL THEN NULL
                    WHEN {_GONE} THEN excluded.climbs_at
                    WHEN {_SAME_LEVEL} OR alerts_alert.climbs_at < excluded.climbs_at THEN alerts_alert.climbs_at
                    WHEN alerts_alert.rung >= {Rung.LEADER.value} THEN NULL
                    ELSE excluded.climbs_at END,
                tell_since = CASE WHEN NOT ({_GONE}) AND {_SAME_LEVEL} THEN alerts_alert.tell_since
                    ELSE COALESCE(alerts_alert.tell_since, excluded.tell_since) END""",
            params,
        )
        cursor.execute(
            f"""UPDATE cases_clock SET level = {_LEVEL_NOW.format(c="")},
                next_level_at = CASE WHEN due_at <= %(at)s THEN NULL WHEN orange_at <= %(at)s THEN due_at
                    WHEN yellow_at <= %(at)s THEN orange_at ELSE yellow_at END
            WHERE id IN (SELECT id FROM {CLAIM})""",
            params,
        )
    return SweepReport(raised=raised, reopened=reopened)
