"""A ladder: how long before its end a clock turns yellow and orange, and what is said and asked at each level.

The lead times move with the law's calendar; what is asked at a level is the manner in which a bureau supervises its own.
A unit may keep a copy of a ladder that is stricter than the one above it, never one that is slacker: whoever is
supervised does not turn his own supervision down.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from cases.statute import periods
from cases.statute.workdays import Calendar

_MEASURES = ("days", "workdays", "hours", "share", "since_start")
LEVELS = ("yellow", "orange", "red")
# After how many silent working days a warning goes to the head, from him to the legal officer, from him to the leader.
USUAL_CLIMBS = (2, 2, 2)


@dataclass(frozen=True, slots=True)
class Lead:
    """How long before the due moment a level is reached: days and a time of day, working days, hours, or a share.

    Or on which calendar day after the start, where a stricter reading of the law ends then.
    """

    days: int | None = None
    workdays: int | None = None
    hours: int | None = None
    share: float | None = None
    since_start: int | None = None
    at: time = time.min

    def before(
        self, *, start: datetime, due_at: datetime, due_on: date | None, zone: ZoneInfo, calendar: Calendar | None
    ) -> datetime:
        """The moment the level is reached: never before the clock starts and never after the due moment."""
        if self.share is not None:
            moment = (due_at - (due_at - start) * self.share).replace(microsecond=0)
        elif self.hours is not None:
            moment = due_at - timedelta(hours=self.hours)
        else:
            day = due_on if due_on is not None else due_at.astimezone(zone).date()
            if self.since_start is not None:
                day = periods.add_days(start.astimezone(zone).date(), self.since_start)
            elif self.workdays and calendar is not None:
                day = periods.working_days_before(day, self.workdays, calendar, provisional=True)
            else:
                day = periods.days_before(day, self.days or self.workdays or 0)
            if self.at == time.min:
                moment = periods.start_of_day(day, zone)
            else:
                # The time on the wall, also on the day the clocks change.
                moment = datetime.combine(day, self.at, tzinfo=zone).astimezone(UTC)
        return min(max(moment, start), due_at)

    @property
    def measure(self) -> str:
        """What it is counted in."""
        return next((name for name in _MEASURES if getattr(self, name) is not None), "days")


class Demand(IntEnum):
    """What a level asks for."""

    NONE = 0
    ACKNOWLEDGEMENT = 1
    ORDER = 2


# Grades of an order that a level may demand, the mildest first (提醒、督办、挂牌督办).
GRADES = ("reminder", "supervised", "listed")


@dataclass(frozen=True, slots=True)
class Conduct:
    """What comes with a level: whether people are told, what is asked, and of an order its grade and working days."""

    loud: bool = False
    demands: Demand = Demand.NONE
    grade: str = ""
    within: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What a ladder says of a level; where it says nothing, it goes by whose limit it is."""

    loud: bool | None = None
    demands: Demand | None = None
    grade: str = GRADES[0]
    within: int = 3


@dataclass(frozen=True, slots=True)
class Manner:
    """How a clock is pressed: the conduct of its three levels, and after how many silent working days it climbs.

    `climbs` are the days from the officer to the head, from the head to the legal officer, and from him to the leader.
    """

    yellow: Conduct
    orange: Conduct
    red: Conduct
    climbs: tuple[int, int, int] = USUAL_CLIMBS


_BY_NATURE = (Demand.ACKNOWLEDGEMENT, Demand.ACKNOWLEDGEMENT, Demand.ORDER)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The warning levels of a limit: when yellow and when orange begin; red is the due moment itself.

    With a `from_length` it is the default for limits at least that long: in days, or in minutes where `exact`.
    """

    code: str
    yellow: Lead
    orange: Lead
    exact: bool = False
    from_length: int | None = None
    said: tuple[Said, Said, Said] = (Said(), Said(), Said())
    climbs: tuple[int, int, int] = USUAL_CLIMBS

    def manner(self, counted: bool) -> Manner:
        """How a clock of this ladder is pressed; `counted` are the unit's own duties and ceilings.

        Of its own a counted limit is loud, asks for an acknowledgement and, once over, for an order. A right of parties
        or a duty of another body is quiet unless the ladder says otherwise, and never asks for anything.
        """
        yellow, orange, red = (
            _conduct(said, usual, counted) for said, usual in zip(self.said, _BY_NATURE, strict=True)
        )
        return Manner(yellow, orange, red, self.climbs if counted else USUAL_CLIMBS)


def _conduct(said: Said, usual: Demand, counted: bool) -> Conduct:
    loud = counted if said.loud is None else said.loud
    if not counted:
        return Conduct(loud)
    demands = usual if said.demands is None else said.demands
    return Conduct(loud, demands, said.grade, said.within) if demands is Demand.ORDER else Conduct(loud, demands)


def at_least(own: Ladder, above: Ladder) -> Ladder:
    """A unit's own ladder, no slacker in any part than the one above it.

    A part that is slacker, or that cannot be compared (days against hours), is as it is above.
    """
    yellow, orange, red = (
        _stricter(one, other, usual) for one, other, usual in zip(own.said, above.said, _BY_NATURE, strict=True)
    )
    head, legal, leader = (min(pair) for pair in zip(own.climbs, above.climbs, strict=True))
    return replace(
        above,
        yellow=_earlier(own.yellow, above.yellow),
        orange=_earlier(own.orange, above.orange),
        said=(yellow, orange, red),
        climbs=(head, legal, leader),
    )


def slacker(own: Ladder, above: Ladder) -> Iterator[str]:
    """The parts of a unit's ladder that are slacker than above, or cannot be compared with it."""
    kept = at_least(own, above)
    for level in ("yellow", "orange"):
        if getattr(kept, level) != getattr(own, level):
            yield level
    for level, one, other in zip(LEVELS, own.said, kept.said, strict=True):
        if _plain(one, level) != _plain(other, level):
            yield f"{level}_said"
    if kept.climbs != own.climbs:
        yield "climbs"


def _earlier(own: Lead, above: Lead) -> Lead:
    if own.measure != above.measure:
        return above
    # Counted from the start, the smaller number is the earlier; counted from the end, the greater.
    sign = -1 if own.measure == "since_start" else 1
    amount: Callable[[Lead], float] = lambda lead: sign * (getattr(lead, lead.measure) or 0)  # noqa: E731
    if amount(own) != amount(above):
        return own if amount(own) > amount(above) else above
    return own if own.at <= above.at else above


def _stricter(own: Said, above: Said, usual: Demand) -> Said:
    """Loud and demanding wins; what is left unsaid goes by whose limit it is, which is loud and asks `usual`."""
    demands = max(usual if said.demands is None else said.demands for said in (own, above))
    unsaid = own.demands is None and above.demands is None
    asks = [said for said in (own, above) if (usual if said.demands is None else said.demands) is Demand.ORDER]
    strictest = above
    if asks:
        strictest = Said(
            grade=max((said.grade for said in asks), key=GRADES.index), within=min(said.within for said in asks)
        )
    return Said(_louder(own.loud, above.loud), None if unsaid else demands, strictest.grade, strictest.within)


def _louder(own: bool | None, above: bool | None) -> bool | None:
    if own or above:
        return True
    return above if own is False else own


def _plain(said: Said, level: str) -> tuple[bool | None, Demand, str, int]:
    """What is said, with what is unsaid filled in, so that two ways of saying one thing are alike."""
    demands = _BY_NATURE[LEVELS.index(level)] if said.demands is None else said.demands
    order = demands is Demand.ORDER
    return said.loud, demands, said.grade if order else "", said.within if order else 0
