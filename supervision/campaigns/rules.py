"""What the room knows without a database: what a campaign looks at, in data and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from cases.milestones import WARN_WORKDAYS as WARN_WORKDAYS
from cases.milestones import Standing as Standing
from cases.milestones import standing as standing

MOST_TEXT: Final = 1000
# Below so many matters a share says nothing; its numbers stand alone.
FEW_FOR_A_SHARE: Final = 10


class Fact(StrEnum):
    """Which matters, by a fact of theirs."""

    ANY = ""
    ECONOMIC = "economic"
    ENTERPRISE = "enterprise"

    @property
    def word(self) -> str:
        return {"": "", "economic": "经济犯罪的", "enterprise": "涉企的"}[self.value]


class Standstill(StrEnum):
    """Which matters, by how they stand when they are counted."""

    ANY = ""
    OPEN = "open"
    OVER = "over"

    @property
    def word(self) -> str:
        return {"": "", "open": "还没有办结的", "over": "有期限超期的"}[self.value]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a campaign looks at (排查范围): kinds of matter that came in on the days from the first to the last, both
    included and local; which of them, by a fact and by how they stand."""

    kinds: tuple[str, ...]
    from_on: date
    until_on: date
    fact: Fact = Fact.ANY
    standstill: Standstill = Standstill.ANY

    def as_data(self) -> dict[str, Any]:
        """As it is kept with a campaign."""
        return {
            "kinds": sorted(self.kinds),
            "from_on": self.from_on.isoformat(),
            "until_on": self.until_on.isoformat(),
            "fact": self.fact.value,
            "standstill": self.standstill.value,
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Filter:
        """From what was kept; raises on what it does not know."""
        return cls(
            tuple(data["kinds"]),
            date.fromisoformat(data["from_on"]),
            date.fromisoformat(data["until_on"]),
            Fact(data["fact"]),
            Standstill(data["standstill"]),
        )

    def words(self, names: Mapping[str, str]) -> str:
        """In a sentence, kinds by their names: “2026-01-01 至 2026-06-30 发生、有期限超期的涉企的行政案件、刑事案件”."""
        kinds = "、".join(names.get(code, code) for code in self.kinds)
        which = f"{self.standstill.word}{self.fact.word}"
        return (
            f"{self.from_on:%Y-%m-%d} 至 {self.until_on:%Y-%m-%d} 发生、{which}{kinds}"
            if which
            else (f"{self.from_on:%Y-%m-%d} 至 {self.until_on:%Y-%m-%d} 发生的{kinds}")
        )


def share(part: int, whole: int) -> str:
    """A share in percent, cut to two decimals; nothing where there is too little to share."""
    if whole < FEW_FOR_A_SHARE:
        return ""
    hundredths = part * 10000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d}%"
