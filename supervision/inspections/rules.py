"""What the room knows without a database: how many are drawn, who inspects what, by when results are public, what slipped.

No Django, no clock on the wall, no chance: whoever has the frame, the register of inspectors, who keeps away from what and
the seed can draw both again and comes to the same (`cases.sampling`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from cases.milestones import WARN_WORKDAYS as WARN_WORKDAYS
from cases.milestones import Standing as Standing
from cases.milestones import days_over as days_over
from cases.milestones import standing as standing
from cases.sampling import Candidate as Candidate
from cases.sampling import frame_digest as frame_digest
from cases.sampling import matter_key as matter_key
from cases.sampling import rank as rank
from cases.statute import periods
from cases.statute.workdays import Calendar

# Kept with every draw: another way of drawing gets another name.
METHOD: Final = "double-sha256/1"
MOST_TARGETS: Final = 2000
# 行政处罚法 (2021) 第四十二条: law is enforced by no fewer than two.
LEAST_INSPECTORS: Final = 2
MOST_INSPECTORS: Final = 5
# No limit of the police's own; a plan may set another. Twenty is what 国发〔2019〕5号 asks of market supervision.
PUBLISH_WORKDAYS: Final = 20
MOST_WORKDAYS: Final = 60
MOST_TEXT: Final = 1000
# What stands before the category in the key of a registered target, where a matter has its kind.
REGISTERED: Final = "target:"


# -- drawing -----------------------------------------------------------------------------------------------------------


def how_many(size: int, percent: int) -> int:
    """How many of a frame a share in percent comes to: rounded up, so that of anything at least one is drawn."""
    return -(-size * percent // 100)


def draw_targets(frame: Iterable[Candidate], *, seed: str, percent: int) -> list[Candidate]:
    """The targets: the first by rank, as many as the share comes to, in the order in which they were drawn."""
    ones = set(frame)
    ranked = sorted(ones, key=lambda one: (rank(seed, one), one))
    return ranked[: how_many(len(ones), percent)]


def line_of(one: Candidate) -> str:
    """What a target is called among those who keep away from it: unit, a tab, and its key."""
    return f"{one.unit}\t{one.key}"


def fit_for(one: Candidate, pool: Collection[str], away: Mapping[str, Collection[str]]) -> list[str]:
    """Of the inspectors, by police number, those who need not keep away from a target; in order of number."""
    return sorted(set(pool) - set(away.get(line_of(one), ())))


def give_out(
    drawn: Sequence[Candidate], pool: Collection[str], away: Mapping[str, Collection[str]], *, seed: str, each: int
) -> dict[Candidate, list[str]]:
    """Who inspects each target, by police number: of those who need not keep away those with the fewest so far, among
    equals the first by lot. Fewer than `each` where no more are fit."""
    load: Counter[str] = Counter()
    found: dict[Candidate, list[str]] = {}
    for one in drawn:
        fit = fit_for(one, pool, away)
        chosen = sorted(fit, key=lambda number: (load[number], lot(seed, one, number), number))[:each]
        load.update(chosen)
        found[one] = chosen
    return found


def next_by_lot(
    one: Candidate, pool: Collection[str], away: Mapping[str, Collection[str]], *, seed: str, besides: Collection[str]
) -> str | None:
    """Who steps in for an inspector who must keep away: the next by lot, none of those who were drawn already."""
    fit = [number for number in fit_for(one, pool, away) if number not in besides]
    return min(fit, key=lambda number: (lot(seed, one, number), number), default=None)


def lot(seed: str, one: Candidate, number: str) -> str:
    """The lot of an inspector for a target: the SHA-256 of `seed TAB unit TAB kind TAB number TAB police number`."""
    return hashlib.sha256(f"{seed}\t{one.unit}\t{one.key}\t{number}".encode()).hexdigest()


# -- days --------------------------------------------------------------------------------------------------------------


def publish_until(inspected_on: date, workdays: int, calendar: Calendar) -> date:
    """The last day to make a result public, from the day of the inspection, which does not count. No law sets it for the
    police, so a year not announced is taken by its weekends."""
    return periods.add_working_days(inspected_on, workdays, calendar, provisional=True)
