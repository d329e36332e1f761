"""What people do in the year of the report, each thing at its time and in working hours."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

from cases.statute.working_time import WorkingTime

# Given the moment at which it is done.
Act = Callable[[datetime], object]


class Agenda:
    """Acts in the order of their moments; of one moment, in the order they were put down."""

    def __init__(self, worked: WorkingTime) -> None:
        self.worked = worked
        self._waiting: list[tuple[datetime, int, Act]] = []
        self._serial = count()

    def put(self, when: datetime, act: Act) -> None:
        """Put an act down for a moment, or for the first in working time after it."""
        heapq.heappush(self._waiting, (max(when, self.worked.next_open(when)), next(self._serial), act))

    def run(self, until: datetime) -> None:
        """Do, one after the other and each at its moment, what is due by `until`; an act may put down further ones."""
        while self._waiting and self._waiting[0][0] <= until:
            when, _, act = heapq.heappop(self._waiting)
            act(when)
