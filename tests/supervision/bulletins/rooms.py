"""A room with things to tell, for the tests: it keeps them as a real room would, but in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from cases.models import Officer
from cases.tidings import Tiding
from supervision.bulletins.sources import Source


@dataclass
class Room:
    """What is still to be told, by key; what stands; and who answers for a thing, asked each time it is told."""

    name: str = "room"
    waiting: list[Tiding] = field(default_factory=list)
    standing: set[str] = field(default_factory=set)
    marked: list[str] = field(default_factory=list)
    told: dict[str, list[Tiding]] = field(default_factory=dict)
    # The officer who answers in another's place, once he has gone.
    successor: dict[int, int] = field(default_factory=dict)

    def raises(
        self,
        what: str,
        *officers: Officer,
        since: datetime,
        urgent: bool = False,
        about: str = "预警",
        rank: int = 0,
    ) -> str:
        """Something to be told to these officers; its key."""
        key = f"{self.name}.thing:{what}:raised"
        self.waiting += [
            Tiding(
                key=key,
                officer_id=officer.pk,
                since=since,
                about=about,
                text=f"{what} 届满日临近",
                link=f"/clocks/{what}/",
                urgent=urgent,
                rank=rank,
            )
            for officer in officers
        ]
        self.standing.add(key)
        return key

    def settles(self, key: str) -> None:
        """It is no longer so: nobody need hear of it."""
        self.waiting = [one for one in self.waiting if one.key != key]
        self.standing.discard(key)

    # -- what every room offers --

    def untold(self, *, at: datetime, urgent: bool) -> Iterator[Tiding]:
        for one in self.waiting:
            if one.urgent == urgent and one.since <= at:
                yield replace(one, officer_id=self.successor.get(one.officer_id, one.officer_id))

    def still_stands(self, keys: list[str]) -> set[str]:
        return self.standing & set(keys)

    def mark_told(self, keys: list[str], *, at: datetime) -> None:
        self.marked += keys
        for one in self.waiting:
            if one.key in keys:
                self.told.setdefault(one.key, []).append(one)
        self.waiting = [one for one in self.waiting if one.key not in keys]

    def tell_again(self, keys: list[str], *, at: datetime) -> None:
        self.waiting += [replace(one, since=at) for key in keys for one in self.told.pop(key, [])]

    @property
    def source(self) -> Source:
        return Source(self.name, self, self)


class Silent(Room):
    """A room that cannot say what is to be told."""

    def untold(self, *, at: datetime, urgent: bool) -> Iterator[Tiding]:
        raise RuntimeError("out of order")
