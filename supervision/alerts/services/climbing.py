"""The climb: a warning nobody says a word about goes up the chain, in working time."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from cases.duty import Rung
from cases.models import Clock, ClockState
from supervision.alerts.models import Action, Alert, AlertState
from supervision.alerts.services.claims import CHUNK, CLAIM, in_chunks
from supervision.alerts.services.patience import Patience


@dataclass(slots=True)
class ClimbReport:
    """How many warnings went up a rung."""

    climbed: int = 0


class ClimbFailed(Exception):
    """Some warnings could not climb; the others are done, as `report` says."""

    def __init__(self, report: ClimbReport, numbers: list[str]) -> None:
        super().__init__(f"{len(numbers)} 件预警无法上报，其余已完成。所属事项：{'、'.join(numbers[:20])}")
        self.report = report
        self.numbers = numbers


# A clock that has moved since is for the sweep to settle first; its warning does not climb meanwhile.
_DUE = f"""climbs_at <= %(at)s AND ended_at IS NULL AND EXISTS (SELECT 1 FROM cases_clock c
    WHERE c.id = alerts_alert.clock_id AND NOT c.unsettled AND c.state = {ClockState.RUNNING.value}
    AND c.due_at = alerts_alert.due_at)"""


def climb(*, at: datetime, chunk: int = CHUNK) -> ClimbReport:
    """Take what has been silent long enough one rung up; an aware moment.

    1. Nothing outside working time: the head hears of it when he is there.
    2. Take standing warnings whose moment to climb has come, whenever it came: a silence of this stage of any length is
       made good, but one rung at a time, and the next rung has its own time from now on, as it hears of it only now.
    3. Write the step; set the rung, the next moment, and that whoever answers there is to be told. A word given whose
       day is over is no word any more: the warning waits for one again.
    4. At the end fail aloud, naming what the database refused.
    Chunks of one transaction each, claimed as the sweep claims. Safe to run twice, from two workers at once, and to kill
    at any line. Who holds the rung is asked when he is told, so that nobody's leaving loses a warning.
    """
    report = ClimbReport()
    patience = Patience(at)
    if not patience.working.is_open(at):
        return report
    broken: list[int] = []

    def work() -> None:
        report.climbed += _climb(patience)

    in_chunks("alerts_alert", _DUE, "climbs_at, id", work, at, chunk, broken)
    if broken:
        clocks = Alert.objects.filter(pk__in=broken).values("clock")
        raise ClimbFailed(
            report, sorted(set(Clock.objects.filter(pk__in=clocks).values_list("matter__number", flat=True)))
        )
    return report


_NEXT = f"CASE WHEN {{a}}.rung >= {Rung.LEADER.value} THEN {Rung.LEADER.value} ELSE {{a}}.rung + 1 END"


def _climb(patience: Patience) -> int:
    """Step 3 for the warnings claimed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO alerts_alertstep (clock_id, due_at, action, level, due_moment, found_at, reason, rung, text)
            SELECT a.clock_id, a.due_at, '{Action.CLIMBED.value}', a.level, a.climbs_at, %(at)s, '',
                {_NEXT.format(a="a")}, ''
            FROM {CLAIM} s CROSS JOIN alerts_alert a WHERE a.id = s.id""",
            patience.params,
        )
        climbed = int(cursor.rowcount)
        cursor.execute(
            f"""UPDATE alerts_alert SET state = '{AlertState.OPEN.value}', tell_since = %(at)s,
                rung = {_NEXT.format(a="alerts_alert")},
                climbs_at = (SELECT {patience.after(_NEXT.format(a="alerts_alert"), "m")}
                    FROM cases_clock c LEFT JOIN cases_manner m ON m.id = c.manner_id
                    WHERE c.id = alerts_alert.clock_id)
            WHERE id IN (SELECT id FROM {CLAIM})""",
            patience.params,
        )
    return climbed
