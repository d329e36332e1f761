"""The life of an order without a database: its states, what may be done in each, and when it is late.

A due day ends at its midnight: an order due on a day is late from the next. No function here asks what time it is.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from cases.statute import periods
from cases.statute.workdays import Calendar


class State(StrEnum):
    """How an order stands. Issued -> replied -> verified; replied -> returned -> replied; or withdrawn as unfounded."""

    ISSUED = "issued"
    REPLIED = "replied"
    RETURNED = "returned"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"

    @classmethod
    def open_states(cls) -> "tuple[State, ...]":
        """Somebody still has to do something about it."""
        return (cls.ISSUED, cls.REPLIED, cls.RETURNED)

    @classmethod
    def to_answer(cls) -> "tuple[State, ...]":
        """The unit has to do something about it."""
        return (cls.ISSUED, cls.RETURNED)

    @classmethod
    def ended(cls) -> "tuple[State, ...]":
        return (cls.VERIFIED, cls.WITHDRAWN)


class Verb(StrEnum):
    """What can be done with an order that has been issued."""

    REPLY = "reply"
    ENDORSE = "endorse"
    RETURN = "return"
    EXTEND = "extend"
    VERIFY = "verify"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    REASSIGN = "reassign"


# The states each verb may come from.
FROM: Final[Mapping[Verb, tuple[State, ...]]] = {
    Verb.REPLY: State.to_answer(),
    Verb.ENDORSE: (State.REPLIED,),
    Verb.RETURN: (State.REPLIED,),
    Verb.EXTEND: State.open_states(),
    Verb.VERIFY: (State.REPLIED,),
    Verb.REOPEN: State.ended(),
    Verb.WITHDRAW: State.open_states(),
    Verb.REASSIGN: State.to_answer(),
}


def allowed(state: State | str) -> tuple[Verb, ...]:
    """The verbs that may follow on a state."""
    return tuple(verb for verb, states in FROM.items() if State(state) in states)


class Due(NamedTuple):
    """The last day to reply, the moment from which it is late, and whether the calendar only guessed."""

    on: date
    at: datetime
    provisional: bool


def due_after(day: date, workdays: int, calendar: Calendar, zone: ZoneInfo) -> Due:
    """The due day `workdays` working days after `day`, which does not count itself.

    Where the holidays of a year are not announced, weekends decide and the day is marked provisional.
    """
    on = periods.add_working_days(day, workdays, calendar, provisional=True)
    return Due(on, periods.end_of_day(on, zone), not calendar.knows(day, on))


def is_overdue(state: State | str, due_at: datetime, at: datetime) -> bool:
    """Whether it is late and still not ended at `at`. A reply does not end it; verification does."""
    return State(state) in State.open_states() and due_at <= at


def is_on_time(verified_at: datetime | None, due_at: datetime) -> bool:
    """Whether it was verified by its due day (按期整改)."""
    return verified_at is not None and verified_at < due_at


# Problems of the same unit, officer and kind are repeated when they come again within a year.
REPEATED_WITHIN: Final = timedelta(days=365)

# Nobody reads a reply with its evidence in less. A sign for a person to judge, never a refusal.
HASTY: Final = timedelta(minutes=10)


def is_hasty(replied_at: datetime | None, verified_at: datetime | None) -> bool:
    """Verified within minutes of the reply: a sign that nobody looked."""
    return replied_at is not None and verified_at is not None and verified_at - replied_at < HASTY


MOST_WORKDAYS: Final = 250


# -- what is to be told, by name -------------------------------------------------------------------------------------

_ROOM: Final = "rectification.order"
_OVERDUE: Final = "overdue"


def step_key(order: int, action: str, number: int) -> str:
    """The name of a step that somebody is to hear of."""
    return f"{_ROOM}:{order}:{action}-{number}"


def overdue_key(order: int, due_on: date) -> str:
    """The name of an order's having run out on a day; put off and run out again, it is another."""
    return f"{_ROOM}:{order}:{_OVERDUE}-{due_on:%Y%m%d}"


class Told(NamedTuple):
    """What a key names: a step of an order by its number, or the day it ran out."""

    order: int
    number: int | None
    due_on: date | None


_KEY: Final = re.compile(rf"{re.escape(_ROOM)}:([0-9]{{1,18}}):([a-z]+)-([0-9]{{1,8}})")


def read_key(key: str) -> Told | None:
    """What a key names; none for a key of another room or anything that is not one."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    order, what, which = match.groups()
    if what != _OVERDUE:
        return Told(int(order), int(which), None)
    try:
        return Told(int(order), None, datetime.strptime(which, "%Y%m%d").date())  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        return None
