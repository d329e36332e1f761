"""What must not be said where the person concerned reads it: that somebody complained."""

from __future__ import annotations

from cases.models import Officer
from cases.queries import matters_of
from supervision.petitions.services.looking_back import TELLING

# Lines that are called to complain.
_LINES = ("12389", "12337", "12345")


def tells(text: str, by: Officer | None) -> str:
    """The words and numbers in a text that would say that somebody complained (信访工作条例 30); empty where there are none.

    Of restricted matters only those whoever writes may see himself are looked for: he knows no other.
    """
    told = [word for word in (*TELLING, *_LINES) if word in text]
    if by is not None:
        numbers = matters_of(by).filter(restricted=True).values_list("number", flat=True)
        told += [number for number in numbers if number in text]
    return "、".join(told)
