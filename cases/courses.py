"""Which ladder a clock takes in which unit, and in what manner it is pressed: worked out once, then looked up.

A unit that has said nothing goes by the unit above it, in the end by the catalogue. What it has said itself holds only
where it is no slacker than what holds above.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import Any

from cases.models import Ladder, Manner, Unit, UnitLadder
from cases.models.unit import STEP_WIDTH
from cases.statute.clocks import Clock
from cases.statute.ladders import GRADES, USUAL_CLIMBS, Demand, Lead, Said, at_least
from cases.statute.ladders import Ladder as StatuteLadder
from cases.statute.ladders import Manner as StatuteManner
from cases.statute.limits import default_ladder

# The units, from the top down, that have a ladder of their own above a unit and at it.
Line = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """A ladder as it holds somewhere, and the row of the manner in which its clocks are pressed."""

    ladder: StatuteLadder
    manner_id: int


def read_lead(value: Mapping[str, Any]) -> Lead:
    """A stored lead time as the core knows it."""
    at = value.get("at")
    return Lead(
        days=value.get("days"),
        workdays=value.get("workdays"),
        hours=value.get("hours"),
        share=value.get("share"),
        since_start=value.get("since_start"),
        at=time.fromisoformat(at) if at else time.min,
    )


def read_said(value: Mapping[str, Any]) -> Said:
    """What a stored level says and asks."""
    demands = value.get("demands")
    return Said(
        loud=value.get("loud"),
        demands=Demand[demands.upper()] if demands else None,
        grade=value.get("grade") or GRADES[0],
        within=value.get("within") or Said().within,
    )


def _climbs(value: Iterable[int]) -> tuple[int, int, int]:
    found = tuple(value)
    return (found[0], found[1], found[2]) if len(found) == 3 else USUAL_CLIMBS


def read_ladder(row: Ladder) -> StatuteLadder:
    """A stored ladder as the core knows it."""
    return StatuteLadder(
        row.code,
        read_lead(row.yellow),
        read_lead(row.orange),
        exact=row.counts == "exact",
        from_length=row.from_length,
        said=(read_said(row.yellow), read_said(row.orange), read_said(row.red)),
        climbs=_climbs(row.climbs),
    )


def read_copy(row: UnitLadder, of: StatuteLadder) -> StatuteLadder:
    """A unit's copy of a ladder as the core knows it."""
    return replace(
        of,
        yellow=read_lead(row.yellow),
        orange=read_lead(row.orange),
        said=(read_said(row.yellow), read_said(row.orange), read_said(row.red)),
        climbs=_climbs(row.climbs),
    )


class Courses:
    """Every course there is, read in a handful of queries; asking it costs none.

    Makes the rows of manners that are new, so a catalogue or a unit's ladder need not think of them.
    """

    def __init__(self, limit_ladders: Mapping[str, int], codes: Mapping[int, str]) -> None:
        """`limit_ladders` are the ladders of limits by code of the limit, `codes` the codes of limits by id."""
        self.ladders = {row.pk: read_ladder(row) for row in Ladder.objects.all()}
        self._by_limit = {code: self.ladders[pk].code for code, pk in limit_ladders.items()}
        self._defaults = list(self.ladders.values())
        self._copies: dict[tuple[int, str, str], UnitLadder] = {}
        self._special: set[str] = set()
        own = list(UnitLadder.objects.all())
        for row in own:
            limit = codes.get(row.limit_id, "") if row.limit_id is not None else ""
            if row.limit_id is None or limit:
                self._copies[row.unit_id, self.ladders[row.ladder_id].code, limit] = row
                self._special |= {limit} - {""}
        self._lines = _lines({row.unit_id for row in own}) if own else {}
        self._effective: dict[tuple[str, str, Line], StatuteLadder] = {}
        for line in {(), *self._lines.values()}:
            for ladder in self._defaults:
                for limit in ("", *sorted(self._special)):
                    self._effective[ladder.code, limit, line] = self._fold(ladder, limit, line)
        self._manners = manner_ids(
            ladder.manner(counted) for ladder in self._effective.values() for counted in (True, False)
        )

    def _fold(self, ladder: StatuteLadder, limit: str, line: Line) -> StatuteLadder:
        """What holds at the end of a line: the nearest copy, no slacker than what holds above it."""
        held = ladder
        for unit in line:
            row = (self._copies.get((unit, ladder.code, limit)) if limit else None) or self._copies.get(
                (unit, ladder.code, "")
            )
            if row is not None:
                held = at_least(read_copy(row, ladder), held)
        return held

    def of(self, clock: Clock, unit_id: int) -> Course | None:
        """The course of a clock that a unit answers for: the limit's own ladder, or the default for its length.

        For a tier counted differently, the default one for the tier's length.
        """
        limit, tier = clock.limit, clock.tier
        if tier is None or tier.unit.exact == limit.unit.exact:
            code = self._by_limit.get(limit.code)
        else:
            default = default_ladder(tier.length, tier.unit, self._defaults)
            code = default.code if default is not None else None
        if code is None:
            return None
        return self.at(code, limit.code, unit_id, counted=limit.nature.counts_against_unit)

    def at(self, ladder: str, limit: str, unit_id: int, *, counted: bool = True) -> Course:
        """The course of a ladder in a unit, for a limit (by code; empty: any)."""
        special = limit if limit in self._special else ""
        held = self._effective[ladder, special, self._lines.get(unit_id, ())]
        return Course(held, self._manners[held.manner(counted)])


def _lines(own: set[int]) -> dict[int, Line]:
    """Of each unit that has such units at or above it, which they are."""
    paths = dict(Unit.objects.values_list("path", "pk"))
    lines: dict[int, Line] = {}
    for path, unit in paths.items():
        above = (paths.get(path[:end]) for end in range(STEP_WIDTH, len(path) + 1, STEP_WIDTH))
        line = tuple(one for one in above if one in own)
        if line:
            lines[unit] = line
    return lines


def manner_ids(wanted: Iterable[StatuteManner]) -> dict[StatuteManner, int]:
    """The rows of these manners; what is missing is added, by two at once only once."""
    asked = set(wanted)
    known = {row.value(): row.pk for row in Manner.objects.all()}
    missing = [Manner.row_of(manner) for manner in asked if manner not in known]
    if missing:
        Manner.objects.bulk_create(missing, ignore_conflicts=True)
        known = {row.value(): row.pk for row in Manner.objects.all()}
    return {manner: known[manner] for manner in asked}
