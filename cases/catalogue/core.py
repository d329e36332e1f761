"""A catalogue ready for the pure core, without a database: for tests, and for the calculator before anything is loaded."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cases.catalogue.checking import Catalogue, read_catalogue
from cases.catalogue.years import WorkCalendar
from cases.statute.clocks import SHANGHAI
from cases.statute.ladders import Ladder
from cases.statute.limits import Limit, Tier, default_ladder
from cases.statute.questions import Standing, by_default
from cases.statute.reckoning import ApproverLevel
from cases.statute.workdays import Calendar


class Core(NamedTuple):
    """The limits of a catalogue and what they are counted with; zones by kind of matter, names by kind of event.

    `standing` are the answers to the open questions that the limits follow.
    """

    limits: tuple[Limit, ...]
    calendars: Mapping[str, Calendar]
    approvers: Mapping[str, ApproverLevel]
    ladders: Mapping[str, Ladder]
    zones: Mapping[str, ZoneInfo]
    event_names: Mapping[str, str]
    standing: tuple[Standing, ...] = ()

    def limit(self, code: str) -> Limit:
        return next(limit for limit in self.limits if limit.code == code)

    def family(self, name: str) -> list[Limit]:
        """All versions of a limit."""
        return [limit for limit in self.limits if limit.family == name]

    def of_kind(self, kind: str) -> list[Limit]:
        """The limits that apply to a kind of matter."""
        return [limit for limit in self.limits if kind in limit.kinds]

    def ladder_for(self, limit: Limit, tier: Tier | None = None) -> Ladder | None:
        """The limit's own ladder or the default for its length; for a tier counted differently, the default for that."""
        defaults = self.ladders.values()
        if tier is not None and tier.unit.exact != limit.unit.exact:
            return default_ladder(tier.length, tier.unit, defaults)
        return self.ladders[limit.ladder] if limit.ladder else default_ladder(limit.length, limit.unit, defaults)

    def zone_of(self, limit: Limit) -> ZoneInfo:
        """The zone of the matters a limit applies to."""
        return next((self.zones[kind] for kind in limit.kinds if kind in self.zones), SHANGHAI)


def load_core(folder: Path) -> Core:
    """The catalogue in a folder, checked; see `read_catalogue` for what it refuses."""
    return core_of(read_catalogue(folder))


def core_of(catalogue: Catalogue) -> Core:
    return Core(
        limits=tuple(written.limit for written in catalogue.limits.values()),
        calendars={code: calendar_of(calendar) for code, calendar in catalogue.calendars.items()},
        approvers=dict(catalogue.approvers),
        ladders={code: named.ladder for code, named in catalogue.ladders.items()},
        zones={code: ZoneInfo(kind.zone) for code, kind in catalogue.kinds.items()},
        event_names={code: event.name for code, event in catalogue.events.items()},
        standing=tuple(by_default(written.asked) for written in catalogue.questions.values()),
    )


def calendar_of(calendar: WorkCalendar) -> Calendar:
    days = [special for year in calendar.years for special in year.days]
    return Calendar(calendar.code, days, [year.year for year in calendar.years])
