"""What the room knows without a database: what is handed over, how it is marked on a preview, and how much at a time.

No Django, no clock on the wall.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

# So many are carried out while the page waits; more of them in the background.
AT_ONCE: Final = 50
# So many of each kind are listed one by one on a preview, the others are ticked together: a form takes a thousand fields.
LISTED: Final = 300
# More than this nobody signs for at once.
MOST: Final = 5000
# Who has not been heard of for so long has stopped; somebody else may go on with his work.
SILENCE: Final = timedelta(minutes=2)
# A preview older than this is made anew.
PREVIEW_HOLDS: Final = timedelta(hours=24)


class Thing(StrEnum):
    """What can be handed over."""

    MATTER = "matter"
    ORDER = "order"
    FOLLOWED = "followed"


# What is carried out first: a followed case goes where its matter has gone.
IN_ORDER: Final = (Thing.MATTER, Thing.ORDER, Thing.FOLLOWED)


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing as it stood on a preview: where it lay, whose it was, and of an order the step it had come to."""

    thing: Thing
    pk: int
    unit_id: int
    officer_id: int | None
    step: int | None = None

    @property
    def key(self) -> str:
        """Which thing it is, whatever became of it."""
        return f"{self.thing.value}-{self.pk}"

    def as_list(self) -> list[Any]:
        return [self.thing.value, self.pk, self.unit_id, self.officer_id, self.step]


def read_mark(told: Sequence[Any]) -> Mark:
    """A mark from what `Mark.as_list` gave."""
    thing, pk, unit_id, officer_id, step = told
    return Mark(Thing(thing), pk, unit_id, officer_id, step)


@dataclass(frozen=True, slots=True)
class Running:
    """A limit as it stood when something was handed over: its name, due day or moment in words, the due moment itself
    (none while it pauses), the level (0 to 3; none while it pauses), and how much was left, with its sign and tone."""

    name: str
    due: str
    due_at: datetime | None
    level: int | None
    left: str
    sign: str
    tone: str

    @property
    def stays(self) -> bool:
        """Whether it had run out, so that it stays with those who let it."""
        return self.level == 3

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "due": self.due,
            "due_at": self.due_at.isoformat() if self.due_at is not None else None,
            "level": self.level,
            "left": self.left,
            "sign": self.sign,
            "tone": self.tone,
        }


def read_running(told: Mapping[str, Any]) -> Running:
    """A limit from what `Running.as_json` gave."""
    due_at = told["due_at"]
    return Running(**{**told, "due_at": datetime.fromisoformat(due_at) if due_at else None})


def most_urgent_first(one: tuple[datetime | None, str]) -> tuple[bool, float, str]:
    """How rows are sorted: by the due moment that comes first, then by number; what has none comes last."""
    due_at, number = one
    return (due_at is None, due_at.timestamp() if due_at is not None else 0.0, number)


def counted(things: Iterable[Thing | str]) -> str:
    """`事项 12 件、整改 2 件`, without what there is none of."""
    named = [Thing(thing) for thing in things]
    words = {Thing.MATTER: "事项", Thing.ORDER: "整改", Thing.FOLLOWED: "盯办"}
    return "、".join(f"{words[thing]} {count} 件" for thing in IN_ORDER if (count := named.count(thing))) or "没有"


def read_numbers(text: str) -> list[str]:
    """Numbers of matters as somebody pasted them: between spaces, lines, commas or stops of a list, each once."""
    return list(dict.fromkeys(number for number in re.split(r"[\s,，;；、]+", text) if number))
