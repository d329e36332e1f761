"""What a sealed row comes to, how seals hang together, and where a batch and its seal part. Pure: no Django, no clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

# What a chain hangs on that has no seal before it.
BEGINNING: Final = "0" * 64
ALGORITHMS: Final = ("sha256", "sm3")
# Of every row a seal keeps the id and this much of its digest: enough to say which row is not what it was. That the
# batch as a whole is what it was is said by the whole digests.
MARK: Final = 8
WIDTH: Final = 8 + MARK

# Network logs are kept for six months at least (网络安全法 2025, 23 (3)). Six months are 184 days at the longest.
LEAST_KEEP_DAYS: Final = 183
LONGEST_SIX_MONTHS: Final = 184


class UnknownAlgorithm(ValueError):
    """A digest this machine cannot compute."""


class Fault(StrEnum):
    """What is not as it was sealed."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    SEAL_ALTERED = "seal_altered"
    SEAL_MISSING = "seal_missing"
    ANCHOR_MISSING = "anchor_missing"
    UNREADABLE = "unreadable"
    UNGUARDED = "unguarded"


FAULT_NAMES: Final = {
    Fault.ALTERED: "被改动",
    Fault.MISSING: "被删除",
    Fault.INSERTED: "是事后插入的",
    Fault.SEAL_ALTERED: "封存记录被改动",
    Fault.SEAL_MISSING: "封存记录缺失",
    Fault.ANCHOR_MISSING: "锚值不在链上",
    Fault.UNREADABLE: "无法核对",
    Fault.UNGUARDED: "触发器缺失",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row of a batch that is not what its seal says."""

    fault: Fault
    row_id: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch of rows as it is sealed: how many, the digest of all, and the mark of each."""

    count: int
    digest: str
    marks: bytes


def hasher(algorithm: str) -> hashlib._Hash:
    """A new digest. Refuses an algorithm that is not offered, or that this machine's library does not have."""
    if algorithm not in ALGORITHMS:
        raise UnknownAlgorithm(f"不支持摘要算法 {algorithm}，可用：{'、'.join(ALGORITHMS)}")
    try:
        return hashlib.new(algorithm)
    except ValueError as error:
        raise UnknownAlgorithm(f"本机的密码库没有摘要算法 {algorithm}") from error


def canonical(value: object) -> object:
    """A value as it is digested: the same on every database, moments in UTC, decimals without trailing noughts.

    Refuses a type nobody has thought of: what is guessed today could be another thing tomorrow.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.days}:{value.seconds}:{value.microseconds}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dict):
        return {str(key): canonical(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(one) for one in value]
    raise TypeError(f"{type(value).__name__} cannot be sealed")


def row_digest(algorithm: str, values: Sequence[object]) -> bytes:
    """The digest of one row's values, in the order of the columns that the seal names."""
    written = json.dumps(canonical(list(values)), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hasher(algorithm)
    digest.update(written.encode())
    return digest.digest()


def seal_rows(algorithm: str, rows: Iterable[Sequence[object]]) -> Sealed:
    """Seal rows in the order of their ids; the id is the first value of each."""
    whole, marks, count = hasher(algorithm), bytearray(), 0
    for row in rows:
        digest = row_digest(algorithm, row)
        whole.update(digest)
        marks += _number(row[0]).to_bytes(8, "big") + digest[:MARK]
        count += 1
    return Sealed(count, whole.hexdigest(), bytes(marks))


def _number(row_id: object) -> int:
    if not isinstance(row_id, int):
        raise TypeError("a sealed row is known by a whole number")
    return row_id


def first_difference(sealed: bytes, found: bytes) -> Difference | None:
    """Where two runs of marks part, in the order of ids; none where they are the same."""
    kept, there = _rows(sealed), _rows(found)
    faults = [Difference(Fault.MISSING, row_id) for row_id in kept.keys() - there.keys()]
    faults += [Difference(Fault.INSERTED, row_id) for row_id in there.keys() - kept.keys()]
    faults += [
        Difference(Fault.ALTERED, row_id) for row_id in kept.keys() & there.keys() if kept[row_id] != there[row_id]
    ]
    return min(faults, key=lambda one: one.row_id, default=None)


def _rows(marks: bytes) -> dict[int, bytes]:
    return {int.from_bytes(marks[at : at + 8], "big"): marks[at + 8 : at + WIDTH] for at in range(0, len(marks), WIDTH)}


def link(algorithm: str, previous: str, said: Sequence[object], marks: bytes) -> str:
    """The digest a seal carries: of the seal before it, of all it says, and of the marks of its rows."""
    digest = hasher(algorithm)
    digest.update(previous.encode())
    digest.update(row_digest(algorithm, said))
    digest.update(marks)
    return digest.hexdigest()


def removable_before(at: datetime, keep_days: int) -> datetime:
    """Logs written before this moment may be removed; six months stay whatever the setting (网络安全法 2025, 23 (3))."""
    return at - timedelta(days=max(keep_days, LONGEST_SIX_MONTHS))
