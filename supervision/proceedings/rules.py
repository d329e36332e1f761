"""What the room knows without a database: the days of a figure, and how a rate is said.

No Django, no clock on the wall; days are local days.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cases.statute import periods

# Below it a rate says little, and takes no part in a ranking.
FEW = 10


@dataclass(frozen=True, slots=True)
class Period:
    """The local days of a figure, both ends counted."""

    first_on: date
    last_on: date

    def __post_init__(self) -> None:
        if self.last_on < self.first_on:
            raise ValueError(f"期间的止日 {self.last_on} 早于起日 {self.first_on}")

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The half-open moments: midnight of the first day, and the midnight that ends the last."""
        return periods.start_of_day(self.first_on, zone), periods.end_of_day(self.last_on, zone)


def rate_words(counted: int, of: int) -> str:
    """A rate, cut off and not rounded to two decimals, so that 99.998 % never shows as 100 %; a dash where there is
    nothing to count."""
    if of == 0:
        return "—"
    hundredths = counted * 10_000 // of
    return f"{hundredths // 100}.{hundredths % 100:02} %"
