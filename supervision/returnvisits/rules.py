"""What the room knows without a database: how a sample is drawn, what a visit's code looks like, what a reply means.

No Django, no clock on the wall, no chance: how candidates are ranked is said in `cases.sampling`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

from cases.sampling import Candidate as Candidate
from cases.sampling import frame_digest as frame_digest
from cases.sampling import matter_key as matter_key
from cases.sampling import rank as rank
from cases.statute import periods
from cases.statute.workdays import Calendar

# Kept with every round: another way of drawing gets another name.
METHOD: Final = "sha256-rank/1"
MOST_A_UNIT: Final = 500
MOST_REPLY_DAYS: Final = 90
# Whoever was asked about a matter within so many days before is not asked again about it.
ASKED_AGAIN_AFTER: Final = timedelta(days=365)
# Nobody is "not reached" after a single call at an hour when he works.
ATTEMPTS_BEFORE_GIVING_UP: Final = 3
CHECK_WORKDAYS: Final = 5
MOST_TEXT: Final = 500


class Satisfaction(IntEnum):
    """The four grades, as `cases.models.Grade` stores them."""

    SATISFIED = 1
    BASICALLY = 2
    DISSATISFIED = 3
    VERY_DISSATISFIED = 4


def is_negative(grade: int) -> bool:
    """Whether an answer is a negative evaluation (负面评价), which is checked."""
    return grade >= Satisfaction.DISSATISFIED


# -- drawing ---------------------------------------------------------------------------------------------------------


def draw(frame: Iterable[Candidate], *, seed: str, per_unit: int) -> list[Candidate]:
    """The sample: of each unit the first `per_unit` by rank, all where it has fewer; units in order of their code."""
    by_unit: dict[str, list[Candidate]] = {}
    for one in set(frame):
        by_unit.setdefault(one.unit, []).append(one)
    return [
        one
        for unit in sorted(by_unit)
        for one in sorted(by_unit[unit], key=lambda candidate: (rank(seed, candidate), candidate))[:per_unit]
    ]


# -- the code of a visit ---------------------------------------------------------------------------------------------

_PREFIX: Final = "HF"
# Letters that nobody takes for a digit or for one another.
_MARKS: Final = "ACDEFGHJKMNPRTWXY"
_CODE: Final = re.compile(rf"{_PREFIX}([0-9]{{1,15}})([{_MARKS}])")


def code_of(visit: int) -> str:
    """The code of a visit as a short message carries it: number and a mark that a slip of the finger breaks."""
    return f"{_PREFIX}{visit}{_mark(visit)}"


def read_code(text: str) -> int | None:
    """The visit that a code names; none for anything else, a wrong mark included. Width, case and spaces do not count."""
    plain = "".join(_half_width(letter) for letter in text if not letter.isspace()).upper()
    match = _CODE.fullmatch(plain)
    if match is None or _mark(int(match[1])) != match[2]:
        return None
    return int(match[1])


def _mark(visit: int) -> str:
    total = sum(place * int(digit) for place, digit in enumerate(reversed(str(visit)), 2))
    return _MARKS[total % len(_MARKS)]


def _half_width(letter: str) -> str:
    code = ord(letter)
    return chr(code - 0xFEE0) if 0xFF01 <= code <= 0xFF5E else letter


# -- replies ---------------------------------------------------------------------------------------------------------

_SAID: Final = {
    "满意": Satisfaction.SATISFIED,
    "很满意": Satisfaction.SATISFIED,
    "非常满意": Satisfaction.SATISFIED,
    "基本满意": Satisfaction.BASICALLY,
    "比较满意": Satisfaction.BASICALLY,
    "不满意": Satisfaction.DISSATISFIED,
    "很不满意": Satisfaction.VERY_DISSATISFIED,
    "非常不满意": Satisfaction.VERY_DISSATISFIED,
}


def read_reply(text: str) -> Satisfaction | None:
    """The grade a reply means: 1 to 4, or the words themselves; none for anything else. Nothing is guessed."""
    plain = "".join(_half_width(letter) for letter in text if not letter.isspace()).strip("。.!,，")
    if plain in ("1", "2", "3", "4"):
        return Satisfaction(int(plain))
    return _SAID.get(plain)


def quotes(answer: str, text: str) -> bool:
    """Whether a text that the unit will read repeats the answer's own words: eight characters in a row, or all of it."""
    said, told = _bare(answer), _bare(text)
    if len(said) < 4:
        return False
    length = min(8, len(said))
    return any(said[start : start + length] in told for start in range(len(said) - length + 1))


def _bare(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


# -- days ------------------------------------------------------------------------------------------------------------


def check_due_on(opened_on: date, calendar: Calendar) -> date:
    """The last day of a check: so many working days from the day it was opened, which does not count. No limit in law
    hangs on it, so a year not announced is taken by its weekends."""
    return periods.add_working_days(opened_on, CHECK_WORKDAYS, calendar, provisional=True)


# -- figures ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """What a sample came to: numerators and denominators, never a percentage.

    `drawn` less `unfit` could be asked; `asked` were tried, `reached` answered, `valid` of those answers count,
    `satisfied` and `dissatisfied` part the valid ones. `upheld` are negative evaluations that were borne out. `invalid`
    and `invalid_negative` are shown beside the rate for a person to judge.
    """

    drawn: int = 0
    unfit: int = 0
    asked: int = 0
    reached: int = 0
    valid: int = 0
    satisfied: int = 0
    dissatisfied: int = 0
    invalid: int = 0
    invalid_negative: int = 0
    upheld: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def total(tallies: Sequence[Tally]) -> Tally:
    """All of them together: a parent's figure is the sum of the parts, never a mean of rates."""
    whole = Tally()
    for one in tallies:
        whole += one
    return whole
