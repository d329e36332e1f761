"""The law's own examples: for every limit, what happened and the day or moment the article makes of it.

The tables stand in `examples/`, one file a field of law as in `seeds/limits`. Every date was worked out from the article
and the holiday notices, not by the code. A row has

`law`      the article, `events` what happened, each as `kind day [time] [name=value]`, parted by semicolons,
`due`      the last lawful day, the moment where hours are counted, or `none` while there is no end,
`why`      the arithmetic in a few words,
`facts`    of the matter; `refused` what the law does not accept of it; `noted` what is only missing;
           `provisional` where a year not yet announced decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from cases.catalogue import Core
from cases.statute.clocks import Clock, Rulebook
from cases.statute.events import Occurrence
from cases.statute.limits import Status
from tests.statute.facts import LATER, SHANGHAI, at, happened

FOLDER = Path(__file__).parent / "examples"
NUMBERS = ("amount",)
DAYS = ("sets_on",)


class Example(NamedTuple):
    """One row of a table."""

    field: str
    limit: str
    law: str
    events: str
    due: str
    why: str
    facts: Mapping[str, str]
    refused: str
    noted: str
    provisional: bool

    @property
    def name(self) -> str:
        return f"{self.limit}: {self.why}"

    def occurrences(self) -> list[Occurrence]:
        """The events, keyed in the order they are told."""
        return [_occurrence(key, text.strip()) for key, text in enumerate(self.events.split(";"), 1)]


def _occurrence(key: int, text: str) -> Occurrence:
    kind, *words = text.split()
    given = dict(word.split("=", 1) for word in words if "=" in word)
    when = " ".join(word for word in words if "=" not in word)
    more: dict[str, object] = dict(given)
    more |= {name: int(given[name]) for name in NUMBERS if name in given}
    more |= {name: at(given[name]).date() for name in DAYS if name in given}
    return happened(kind, when, key=key, **more)


@lru_cache
def examples() -> tuple[Example, ...]:
    return tuple(_read())


def _read() -> Iterator[Example]:
    for path in sorted(FOLDER.glob("*.yaml")):
        # Everything is text: what a date is, `happened` decides.
        table = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 — text only
        for limit, rows in table.items():
            for row in rows:
                yield Example(
                    path.stem,
                    limit,
                    row["law"],
                    row["events"],
                    row["due"],
                    row["why"],
                    row.get("facts", {}),
                    row.get("refused", ""),
                    row.get("noted", ""),
                    row.get("provisional") == "true",
                )


def wound(law: Core, example: Example, events: Sequence[Occurrence] | None = None) -> Clock:
    """The latest clock of the example's limit, wound under all the limits of its first kind of matter.

    A draft starts no clock; it is wound here as if verified, as the calculator does. A limit without a kind of matter is
    wound alone. `events` takes the place of what the example tells.
    """
    limit = law.limit(example.limit)
    limits = law.of_kind(limit.kinds[0]) if limit.kinds else law.family(limit.family)
    if limit.status is Status.DRAFT:
        limits = [one for one in limits if one.code != limit.code] + [replace(limit, status=Status.SECONDARY)]
    book = Rulebook(limits, law.calendars, SHANGHAI, law.approvers)
    told = example.occurrences() if events is None else events
    clocks = [clock for clock in book.wind(told, LATER, example.facts) if clock.limit.code == limit.code]
    assert clocks, f"{example.name}: no clock"
    return max(clocks, key=lambda clock: clock.start.key)


def due_of(clock: Clock) -> str:
    """The due day or moment as the tables write it."""
    if clock.due_on is not None:
        return str(clock.due_on)
    return "none" if clock.due_at is None else f"{clock.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
