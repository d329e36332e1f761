"""What this room itself has to tell, in the shape every room offers it: letters that failed, and whose turn it is."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from cases.tidings import Tiding
from supervision.bulletins import failures, turns


def untold(*, at: datetime, urgent: bool) -> Iterator[Tiding]:
    """What somebody must be told at `at`; none of it is urgent."""
    yield from turns.untold(at=at, urgent=urgent)
    yield from failures.untold(at=at, urgent=urgent)


def still_stands(keys: Iterable[str]) -> set[str]:
    """Those of the keys there is still a reason to tell of."""
    asked = list(keys)
    return turns.still_stands(asked) | failures.still_stands(asked)


def mark_told(keys: Iterable[str], *, at: datetime) -> None:
    """Everybody who was to be told of these has been, at `at`."""
    asked = list(keys)
    turns.mark_told(asked, at=at)
    failures.mark_told(asked, at=at)


def tell_again(keys: Iterable[str], *, at: datetime) -> None:
    """Somebody else is to be told of these, from `at` on."""
    asked = list(keys)
    turns.tell_again(asked, at=at)
    failures.tell_again(asked, at=at)
