"""How a job stands, and how its failure is said: tables."""

import errno
from datetime import UTC, datetime, timedelta

import pytest

from supervision.operations.rules import JobFacts, JobState, reason, standing_of

AT = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return AT - timedelta(minutes=minutes)


def facts(**known: datetime | bool | None) -> JobFacts:
    unknown = dict.fromkeys(("good_at", "failed_at", "running_since", "lost_at", "due_at"))
    return JobFacts(**{"enabled": True, **unknown, **known})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "state", "late"),
    [
        pytest.param({}, JobState.NEVER, 0, id="nothing is known"),
        pytest.param({"good_at": ago(1), "due_at": AT}, JobState.GOOD, 0, id="due this very moment"),
        pytest.param({"good_at": ago(6), "due_at": ago(5)}, JobState.GOOD, 0, id="five minutes are no lateness"),
        pytest.param({"good_at": ago(7), "due_at": ago(6)}, JobState.LATE, 6, id="six are"),
        pytest.param(
            {"good_at": ago(99), "due_at": ago(98), "enabled": False}, JobState.OFF, 0, id="off is never late"
        ),
        pytest.param(
            {"good_at": ago(99), "due_at": ago(40), "running_since": ago(40)}, JobState.RUNNING, 0, id="at it for long"
        ),
        pytest.param(
            {"good_at": ago(99), "due_at": ago(60), "running_since": ago(60)}, JobState.STUCK, 60, id="for too long"
        ),
        pytest.param({"good_at": ago(3), "failed_at": ago(1), "due_at": ago(2)}, JobState.FAILED, 0, id="failed last"),
        pytest.param({"good_at": ago(1), "failed_at": ago(3), "due_at": AT}, JobState.GOOD, 0, id="made good since"),
        pytest.param({"good_at": ago(3), "lost_at": ago(2), "due_at": ago(2)}, JobState.STUCK, 0, id="worker gone"),
        pytest.param({"good_at": ago(1), "lost_at": ago(2), "due_at": AT}, JobState.GOOD, 0, id="gone, made good"),
        pytest.param(
            {"good_at": ago(4), "lost_at": ago(3), "failed_at": ago(1)}, JobState.FAILED, 0, id="gone, then failed"
        ),
        pytest.param({"failed_at": ago(20), "due_at": ago(19)}, JobState.LATE, 19, id="never good, and late"),
    ],
)
def test_a_job_stands_by_its_worst(known: dict[str, datetime | bool], state: JobState, late: int) -> None:
    standing = standing_of(facts(**known), at=AT)

    assert (standing.state, standing.late_by) == (state, timedelta(minutes=late))


@pytest.mark.parametrize(
    ("kinds", "number", "says"),
    [
        (["OSError"], errno.ENOSPC, "磁盘已满"),
        (["OSError"], errno.EACCES, "读写文件出错"),
        (["RoundFailed", "Exception"], None, "没有办成的"),
        (["ConnectionRefusedError", "ConnectionError", "OSError"], errno.ECONNREFUSED, "外部服务连不上"),
        (["OperationalError", "DatabaseError"], None, "数据库或者队列连不上"),
        (["KeyError", "LookupError"], None, "程序出错"),
    ],
)
def test_a_failure_is_said_by_its_kind(kinds: list[str], number: int | None, says: str) -> None:
    assert says in reason(kinds, number)
