"""What may leave at once and what must be asked for, and how a request stands. Pure: no Django, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final
from urllib.parse import parse_qsl, urlencode

# Where in a list somebody is says nothing of what he takes out.
PAGING: Final = frozenset({"after", "before", "page", "p"})
MOST_PURPOSE: Final = 200


class Why(Enum):
    """Why an export is not handed over at once."""

    MANY = "many"
    SENSITIVE = "sensitive"


class Standing(Enum):
    """How a request stands at a moment."""

    ASKED = "asked"
    USABLE = "usable"
    EXPIRED = "expired"
    USED_UP = "used_up"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Leave:
    """What was granted: until when (the moment itself is too late), how many downloads, and how many were taken."""

    valid_until: datetime
    allowed: int
    taken: int


# What somebody takes out in small parts is added up over so many hours.
HOURS_TOGETHER: Final = 24


def why_held(*, rows: int | None, sensitive: bool, freely: int, before: int = 0) -> Why | None:
    """Why an export of so many rows must be asked for; None where it leaves at once. A single paper has no rows (None).

    `freely` rows leave without asking, one more does not; `before` is how many the same person took out that way in the
    last `HOURS_TOGETHER` hours, and counts along.
    """
    if sensitive:
        return Why.SENSITIVE
    return Why.MANY if rows and rows + before > freely else None


def outgrown(*, approved: int, rows: int) -> bool:
    """Whether there are by now more rows than what was approved and a tenth of it."""
    return rows * 10 > approved * 11


def standing_of(state: str, leave: Leave | None, *, at: datetime) -> Standing:
    """How a request of this state (asked, approved, refused, withdrawn) stands at an aware moment."""
    if state != "approved" or leave is None:
        return {"refused": Standing.REFUSED, "withdrawn": Standing.WITHDRAWN}.get(state, Standing.ASKED)
    if leave.taken >= leave.allowed:
        return Standing.USED_UP
    return Standing.USABLE if at < leave.valid_until else Standing.EXPIRED


def plain_query(query: str) -> str:
    """A list's query without what is empty or only says where in the list one is, in an order of its own: the same filter
    is always the same text."""
    kept = [(name, value) for name, value in parse_qsl(query) if value and name not in PAGING]
    return urlencode(sorted(kept))
