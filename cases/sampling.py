"""Drawing a sample in the open; no Django, no clock on the wall, no chance: the same seed over the same frame gives the
same sample on any machine, so that anybody who has both can draw it again.

Rooms that draw (return visits, file reviews) rank what may be drawn in this way, and each says how many it takes of what.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A matter that may be drawn: the code of its unit, and what names it to everybody (kind and number)."""

    unit: str
    key: str

    @property
    def kind(self) -> str:
        return self.key.partition("\t")[0]

    @property
    def number(self) -> str:
        return self.key.partition("\t")[2]


def matter_key(kind: str, number: str) -> str:
    """What names a matter outside this database: its kind, a tab, its number."""
    return f"{kind}\t{number}"


def frame_digest(frame: Iterable[Candidate]) -> str:
    """The digest of a frame, whatever order it comes in: SHA-256 over its sorted lines `unit TAB kind TAB number`."""
    digest = hashlib.sha256()
    for one in sorted(frame):
        digest.update(f"{one.unit}\t{one.key}\n".encode())
    return digest.hexdigest()


def rank(seed: str, one: Candidate) -> str:
    """Where a candidate stands in the draw: by the SHA-256 of `seed TAB unit TAB kind TAB number`, the least first."""
    return hashlib.sha256(f"{seed}\t{one.unit}\t{one.key}".encode()).hexdigest()
