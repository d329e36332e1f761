"""What the room knows without a database: how files are drawn and given out, what a form comes to, by when things are due.

No Django, no clock on the wall, no chance: whoever has the frame, the seed and the names of the reviewers can draw again
and give out again, and comes to the same (`cases.sampling`).
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cases.sampling import Candidate as Candidate
from cases.sampling import frame_digest as frame_digest
from cases.sampling import matter_key as matter_key
from cases.sampling import rank as rank
from cases.statute import periods
from cases.statute.workdays import Calendar

# Kept with every round: another way of drawing gets another name.
METHOD: Final = "strata-sha256/1"
MOST_FILES: Final = 5000
# A case open for longer than this is long-open (久侦未结, 久办未结), unless the round says otherwise.
LONG_OPEN_DAYS: Final = 180
FULL: Final = 100
FLOOR: Final = 0
MOST_POINTS: Final = 100
# No limit in law hangs on these; a bureau's own rules may say otherwise.
OBJECTION_WORKDAYS: Final = 5
DECISION_WORKDAYS: Final = 10
MOST_TEXT: Final = 1000

Stratum = tuple[str, str]


# -- drawing -----------------------------------------------------------------------------------------------------------


def stratum_of(one: Candidate) -> Stratum:
    """The unit and the kind of a candidate."""
    return one.unit, one.kind


def allocate(sizes: Mapping[Stratum, int], *, files: int, least: int) -> dict[Stratum, int]:
    """How many files are drawn of each stratum: of every unit by its size, but `least` where that is more (all it has, where
    it has fewer); what a unit is given is parted by kind in the same way. Parts of a file go to the largest remainder, a
    tie to the lower code.

    Never more than there are. Raises where `files` does not reach for the least of every unit.
    """
    units: dict[str, int] = defaultdict(int)
    for (unit, _), size in sizes.items():
        units[unit] += size
    floor = {unit: min(least, size) for unit, size in units.items()}
    if files < sum(floor.values()):
        raise ValueError(f"{files} files do not reach for {least} of each of {len(units)} units")
    given: dict[str, int] = {}
    while True:
        parts = _parted(files - sum(given.values()), {unit: size for unit, size in units.items() if unit not in given})
        short = {unit: floor[unit] for unit, part in parts.items() if part < floor[unit]}
        if not short:
            given |= parts
            break
        # Whoever would come short gets the least, and the others part what is left.
        given |= short
    found: dict[Stratum, int] = {}
    for unit in sorted(given):
        kinds = {kind: size for (of, kind), size in sizes.items() if of == unit}
        found |= {(unit, kind): drawn for kind, drawn in _parted(given[unit], kinds).items()}
    return found


def _parted(number: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """A number parted by sizes, no part larger than its size; by the largest remainder."""
    whole = sum(sizes.values())
    number = min(number, whole)
    if not number:
        return dict.fromkeys(sizes, 0)
    parts = {name: number * size // whole for name, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda name: (-(number * sizes[name] % whole), name))
    for name in by_remainder[: number - sum(parts.values())]:
        parts[name] += 1
    return parts


def draw(frame: Iterable[Candidate], *, seed: str, files: int, least: int) -> list[Candidate]:
    """The sample: of each stratum the first by rank, as many as `allocate` says; in order of unit, kind and rank."""
    strata: dict[Stratum, list[Candidate]] = defaultdict(list)
    for one in set(frame):
        strata[stratum_of(one)].append(one)
    shares = allocate({stratum: len(ones) for stratum, ones in strata.items()}, files=files, least=least)
    return [
        one
        for stratum in sorted(strata)
        for one in sorted(strata[stratum], key=lambda candidate: (rank(seed, candidate), candidate))[: shares[stratum]]
    ]


def drawn_for_second(sample: Sequence[Candidate], *, seed: str, percent: int) -> set[Candidate]:
    """The files that are reviewed twice whatever the first review finds: so many in a hundred, rounded up, the first by
    another rank than that of the draw."""
    number = -(-len(sample) * percent // 100)
    return set(sorted(sample, key=lambda one: (rank(f"{seed}\tsecond", one), one))[:number])


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who may be given files: by police number, with the codes of the units he belongs to or holds posts in, that of his
    bureau, and the police numbers of his kin (近亲属) and of himself."""

    number: str
    units: frozenset[str]
    bureau: str
    kin: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Handled:
    """What of a file keeps reviewers away: its unit, its bureau, and whoever ever handled it, by police number; of whom it
    is barred."""

    unit: str
    bureau: str
    handlers: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()


def must_recuse(reviewer: Reviewer, file: Handled, *, crossed: bool = False) -> bool:
    """Whether a reviewer may not review a file: of his own unit, one that he or his kin ever handled, one that he is barred
    from; where the bureaus review each other (交叉评查), one of his own bureau too."""
    if file.unit in reviewer.units or reviewer.number in file.barred:
        return True
    if file.handlers & (reviewer.kin | {reviewer.number}):
        return True
    return crossed and reviewer.bureau == file.bureau


def give_out(
    sample: Sequence[Candidate],
    handled: Mapping[Candidate, Handled],
    reviewers: Collection[Reviewer],
    *,
    seed: str,
    crossed: bool = False,
    besides: Mapping[Candidate, str] | None = None,
) -> dict[Candidate, str | None]:
    """Who reviews each file, by police number: of those who need not recuse themselves whoever has the fewest so far, among
    equals the first by the hash of seed, file and number. None where all must recuse themselves.

    `besides` are those who have reviewed it already: nobody reviews the same file twice.
    """
    load: Counter[str] = Counter()
    found: dict[Candidate, str | None] = {}
    for one in sample:
        passed = (besides or {}).get(one)
        fit = [
            reviewer.number
            for reviewer in reviewers
            if reviewer.number != passed and not must_recuse(reviewer, handled[one], crossed=crossed)
        ]
        chosen = min(fit, key=lambda number: (load[number], _lot(seed, one, number), number), default=None)
        if chosen is not None:
            load[chosen] += 1
        found[one] = chosen
    return found


def _lot(seed: str, one: Candidate, number: str) -> str:
    return hashlib.sha256(f"{seed}\t{one.unit}\t{one.key}\t{number}".encode()).hexdigest()


# -- what a form comes to ------------------------------------------------------------------------------------------------


class Weight(StrEnum):
    """How grave a finding is (公安机关人民警察执法过错责任追究规定 第二条): a flaw leaves the outcome right and in force, a fault
    does not; a merit adds points and finds nothing."""

    FLAW = "flaw"
    FAULT = "fault"
    MERIT = "merit"


class Verdict(StrEnum):
    """What a file comes to."""

    CLEAN = "clean"
    FLAWED = "flawed"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Mark:
    """One standing line of a form: its weight, and its points, never negative."""

    weight: Weight
    points: int


def score(marks: Iterable[Mark]) -> int:
    """A hundred, less what is deducted, and what is added; never below 0 nor above 100, whatever the order of the lines."""
    total = FULL + sum(one.points if one.weight == Weight.MERIT else -one.points for one in marks)
    return max(FLOOR, min(FULL, total))


def verdict(marks: Iterable[Mark]) -> Verdict:
    """By the gravest finding, not by the points: one fault makes a file faulty (过错) whatever it scores."""
    weights = {one.weight for one in marks}
    if Weight.FAULT in weights:
        return Verdict.FAULTY
    return Verdict.FLAWED if Weight.FLAW in weights else Verdict.CLEAN


def needs_second(found: Verdict, *, drawn: bool) -> bool:
    """Whether a form is reviewed by a second reviewer: it was drawn for it, or the first found a fault."""
    return drawn or found == Verdict.FAULTY


# -- days ----------------------------------------------------------------------------------------------------------------


def objection_until(settled_on: date, calendar: Calendar) -> date:
    """The last day on which the unit may object, from the day the form was settled, which does not count. No limit in law
    hangs on it, so a year not announced is taken by its weekends."""
    return periods.add_working_days(settled_on, OBJECTION_WORKDAYS, calendar, provisional=True)


def decision_until(objected_on: date, calendar: Calendar) -> date:
    """The last day on which an objection is decided, as `objection_until`."""
    return periods.add_working_days(objected_on, DECISION_WORKDAYS, calendar, provisional=True)
