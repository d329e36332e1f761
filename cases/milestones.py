"""Steps of a plan and the days by which they are to be done; no Django, no clock on the wall.

Rooms that plan (inspections, campaigns) keep the days on their own rows, and say here how a step stands on a day.
"""

from datetime import date
from enum import StrEnum
from typing import Final

# People are told of a step so many working days before it is due.
WARN_WORKDAYS: Final = 3


class Standing(StrEnum):
    """How a step of a plan stands on a day."""

    AHEAD = "ahead"
    NEAR = "near"
    OVER = "over"
    DONE = "done"
    DONE_LATE = "done_late"

    @property
    def word(self) -> str:
        return _LOOKS[self][0]

    @property
    def tone(self) -> str:
        return _LOOKS[self][1]

    @property
    def sign(self) -> str:
        """Beside the colour, for colour is never the only sign."""
        return _LOOKS[self][2]


_LOOKS: Final = {
    Standing.AHEAD: ("未到期", "grey", "○"),
    Standing.NEAR: ("临近", "yellow", "▲"),
    Standing.OVER: ("逾期未办", "red", "■"),
    Standing.DONE: ("按期完成", "green", "✓"),
    Standing.DONE_LATE: ("逾期完成", "orange", "!"),
}


def standing(due_on: date, warn_on: date, done_on: date | None, today: date) -> Standing:
    """Done in time or late; else over from the day after it was due, near from the day people are warned."""
    if done_on is not None:
        return Standing.DONE if done_on <= due_on else Standing.DONE_LATE
    if today > due_on:
        return Standing.OVER
    return Standing.NEAR if today >= warn_on else Standing.AHEAD


def days_over(due_on: date, done_on: date | None, today: date) -> int:
    """By how many days a step is, or was, too late; 0 where it is not."""
    return max(((done_on or today) - due_on).days, 0)
