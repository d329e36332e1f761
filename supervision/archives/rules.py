"""How long a look at an archive stays open, and the names under which the same fact is entered once; no database."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

# Long enough to read an archive through and correct an entry; whoever comes back later says again why.
LOOK_LASTS: Final = timedelta(minutes=30)
# "看看" is not a reason.
LEAST_REASON: Final = 4
MOST_REASON: Final = 200
MOST_TEXT: Final = 500
MOST_REPLY: Final = 1000


class Room(StrEnum):
    """Where an entry was collected from: the first part of its key."""

    CLOSING = "cases.matter"
    LATE = "cases.clock"
    RED = "alerts.alert"
    ORDER_STEP = "rectification.step"
    CHECK = "returnvisits.check"
    REVIEW = "reviews.form"
    CORRECTION = "archives.entry"
    BY_HAND = "archives.hand"


def key_of(room: Room, row: int | str) -> str:
    """`rectification.step:17`: what happened once and for all is entered once."""
    return f"{room}:{row}"


def numbered_key(room: Room, row: int, number: int) -> str:
    """`cases.clock:17-2`: what was so, was taken back and is so again is entered again, as the second."""
    return f"{key_of(room, row)}-{number}"
