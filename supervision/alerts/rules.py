"""The keys by which a warning's news is named, without a database."""

from typing import NamedTuple

_ROOM = "alerts.alert"


class Told(NamedTuple):
    """What was told of: a warning, at the level and the rung it then stood at."""

    alert: int
    level: int
    rung: int


def key_of(told: Told) -> str:
    """`alerts.alert:<id>:<level>-<rung>`: a higher level or rung is another news."""
    return f"{_ROOM}:{told.alert}:{told.level}-{told.rung}"


def read_key(text: str) -> Told | None:
    """The key read back; none for keys of other rooms."""
    room, _, rest = text.partition(":")
    number, _, what = rest.partition(":")
    level, _, rung = what.partition("-")
    if room != _ROOM or not all(part.isascii() and part.isdigit() for part in (number, level, rung)):
        return None
    return Told(int(number), int(level), int(rung))
