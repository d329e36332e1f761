"""How a job stands against its schedule, and how its failure is said. Pure: knows no database and no hour of its own."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

# The round after this one makes a missed minute good; only then is something wrong.
LATE_AFTER: Final = timedelta(minutes=5)
# No round takes this long.
STUCK_AFTER: Final = timedelta(hours=1)
# Whoever was asked to end a run and has not said so for this long never will.
GIVEN_UP_AFTER: Final = timedelta(days=1)
# So long a run that was asked for may wait in the queue before it may be asked for again.
ASK_AGAIN_AFTER: Final = timedelta(minutes=2)
# The queue answers a request within this, or says that it cannot be reached.
QUEUE_ANSWERS_WITHIN: Final = timedelta(seconds=10)
# The outbox looks every minute: what has been due for longer than this is stuck.
WAITS_AT_MOST: Final = timedelta(minutes=10)
# So many runs of a job are kept, besides its last good and its last failed one.
RUNS_KEPT: Final = 50


class JobState(Enum):
    """How a job stands; each state is worse than those below it."""

    OFF = "off"
    STUCK = "stuck"
    LATE = "late"
    FAILED = "failed"
    NEVER = "never"
    RUNNING = "running"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What is known of a job. `running_since` is when the latest run without an end began; `due_at` is the first moment
    after its last good run (or, without one, after its first run) at which it should have run; None: not known."""

    enabled: bool
    good_at: datetime | None
    failed_at: datetime | None
    running_since: datetime | None
    lost_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobStanding:
    """The state, and by how much the job is late; zero where it is not."""

    state: JobState
    late_by: timedelta = timedelta(0)


def standing_of(facts: JobFacts, *, at: datetime) -> JobStanding:
    """How the job stands at a moment. A run still within its time excuses lateness; one that is stuck does not."""
    if not facts.enabled:
        return JobStanding(JobState.OFF)
    runs = facts.running_since is not None and at - facts.running_since < STUCK_AFTER
    overdue = at - facts.due_at if facts.due_at is not None else timedelta(0)
    late_by = overdue if overdue > LATE_AFTER and not runs else timedelta(0)
    if facts.running_since is not None and not runs:
        return JobStanding(JobState.STUCK, late_by)
    lost = facts.lost_at is not None and all(_after(facts.lost_at, end) for end in (facts.good_at, facts.failed_at))
    if lost and not runs:
        return JobStanding(JobState.STUCK, late_by)
    if late_by:
        return JobStanding(JobState.LATE, late_by)
    if facts.failed_at is not None and _after(facts.failed_at, facts.good_at):
        return JobStanding(JobState.FAILED)
    if runs:
        return JobStanding(JobState.RUNNING)
    return JobStanding(JobState.NEVER if facts.good_at is None else JobState.GOOD)


def _after(one: datetime, other: datetime | None) -> bool:
    return other is None or one > other


def reason(kinds: Sequence[str], number: int | None = None) -> str:
    """Why a run failed, in words that cannot hold what a case is about.

    `kinds` are the names of the error's classes, the nearest first; `number` is the system's own number of the error.
    The error's own text may name matters and people and stays in the log.
    """
    if number == errno.ENOSPC:
        return "磁盘已满，请清理磁盘后重试"
    for kind in kinds:
        if kind in _REASONS:
            return _REASONS[kind]
    return "程序出错，详见运行日志"


_REASONS: Final = {
    "RoundFailed": "这一轮里有没有办成的，其余已经办完；详见运行日志",
    "SoftTimeLimitExceeded": "超过了运行时间上限",
    "OperationalError": "数据库或者队列连不上，恢复后下一轮自动补上",
    "InterfaceError": "数据库连接中断，恢复后下一轮自动补上",
    "DatabaseError": "数据库拒绝了写入，详见运行日志",
    "ConnectionError": "外部服务连不上，恢复后下一轮自动补上",
    "TimeoutError": "外部服务没有按时答复",
    "MemoryError": "内存不足",
    "OSError": "读写文件出错，详见运行日志",
}
