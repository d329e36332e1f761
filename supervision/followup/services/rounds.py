"""Rounds over many rows: in chunks of one transaction, and one bad row does not stop the others."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import DataError, IntegrityError, transaction

log = logging.getLogger(__name__)

CHUNK = 500


@dataclass(slots=True)
class RoundReport:
    """What a round did."""

    entered: int = 0
    moved: int = 0
    left: int = 0
    settled: int = 0
    stagnant: int = 0
    told: int = 0
    moot: int = 0


class RoundFailed(Exception):
    """Some rows could not be worked; they are left as they were and all others are done, as `report` says."""

    def __init__(self, report: RoundReport, broken: Sequence[str]) -> None:
        super().__init__(f"{len(broken)} 处无法处理，其余已完成：{'、'.join(broken[:20])}")
        self.report = report
        self.broken = broken


def walk(find: Callable[[int, int], list[int]], work: Callable[[Sequence[int]], int], broken: list[int]) -> int:
    """Work the rows that `find(after, most)` gives by id, chunk by chunk; how many were done.

    A chunk the database or the rules refuse is tried again in ever smaller ones, until the row that breaks it is alone;
    its id goes to `broken`.
    """
    after, size, done = 0, CHUNK, 0
    while ids := find(after, size):
        try:
            with transaction.atomic():
                done += work(ids)
        except (IntegrityError, DataError, ValueError):
            if len(ids) > 1:
                size = max(len(ids) // 10, 1)
                continue
            log.exception("row %s cannot be worked", ids[0])
            broken.append(ids[0])
            size = CHUNK
        after = ids[-1]
    return done
