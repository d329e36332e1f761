"""How much happens in the year of the report: all that the two yearly reports tell of, or a part that loads in a moment.

Whole numbers only. The shares the reports print (24.6 %, 91.6 %, 88 %, 67 %) are written nowhere: they come out of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Whole numbers of what happens. The ten hearings are as many in either size."""

    # Administrative cases filed, and those of them handled by the expedited procedure.
    cases: int
    expedited: int
    # Disputes recorded, and those of them settled.
    disputes: int
    settled: int
    # Not of the reports: what a bureau has besides, fewer than it would have.
    incidents: int
    criminal: int
    # Petitions, by what becomes of them; those reopened are at rest no more.
    petitions: dict[str, int] = field(hash=False)
    # Complaints, by place in the order of their coming those about enterprises and the one borne out, and how many come twice.
    complaints: int
    about_enterprises: tuple[int, ...]
    borne_out: int
    twice: int
    # Orders put right and verified: at the first reply, after a deadline was put off, after the reply was returned.
    verified: int
    extended: int
    returned_first: int
    # Orders open at the end of the year, by how far they came.
    still_open: dict[str, int] = field(hash=False)
    # Orders withdrawn as unfounded come on top and count in no rate.
    withdrawn: int
    # So many of those still open are the last of the year.
    last: int
    # Orders given on the last day, if limits have not run out as often as the others allowed for.
    kept_back: int
    # People of each unit asked a month.
    asked: int
    # How often files come in and everybody looks.
    every: timedelta

    @property
    def all_petitions(self) -> int:
        return sum(self.petitions.values())

    @property
    def put_right(self) -> int:
        return self.verified + self.extended + self.returned_first

    @property
    def orders(self) -> int:
        """Those that count: without the withdrawn."""
        return self.put_right + sum(self.still_open.values())


# 4,057 expedited are 24.6 % of so many filed, and 916 of 1,000 are 91.6 %; the reports print these wholes nowhere.
WHOLE = Size(
    cases=16_490,
    expedited=4_057,
    disputes=10_914,
    settled=9_644,
    incidents=6_000,
    criminal=600,
    petitions={"resolved": 103, "reopened": 3, "answered": 23, "declined": 6, "accepted": 12, "registered": 6},
    complaints=134,
    about_enterprises=(28, 91),
    borne_out=57,
    twice=5,
    verified=740,
    extended=16,
    returned_first=160,
    still_open={"replied": 28, "returned": 14, "silent": 42},
    withdrawn=14,
    last=34,
    kept_back=10,
    asked=2,
    every=timedelta(days=3),
)
PART = Size(
    cases=1_650,
    expedited=406,
    disputes=1_091,
    settled=964,
    incidents=600,
    criminal=60,
    petitions={"resolved": 35, "reopened": 1, "answered": 8, "declined": 2, "accepted": 4, "registered": 2},
    complaints=45,
    about_enterprises=(9, 30),
    borne_out=19,
    twice=2,
    verified=185,
    extended=4,
    returned_first=40,
    still_open={"replied": 7, "returned": 4, "silent": 10},
    withdrawn=4,
    last=16,
    kept_back=3,
    asked=1,
    every=timedelta(days=7),
)
