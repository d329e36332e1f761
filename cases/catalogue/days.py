"""The special days of a calendar, as they are and as they are to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from cases.catalogue.checking import Year
from cases.models import DayOff, WorkCalendar
from cases.statute.workdays import SATURDAY, SpecialDay


@dataclass(slots=True)
class DayChanges:
    """Rows to go, to come and to be rewritten; `turned` are the days worked or off otherwise than before."""

    gone: list[DayOff] = field(default_factory=list)
    new: list[DayOff] = field(default_factory=list)
    rewritten: list[DayOff] = field(default_factory=list)
    turned: set[date] = field(default_factory=set)

    @property
    def count(self) -> int:
        return len(self.gone) + len(self.new) + len(self.rewritten)

    def applied_to(self, existing: Mapping[date, DayOff]) -> list[SpecialDay]:
        """All special days as they will be."""
        gone = {one.day for one in self.gone}
        rows = [*(one for day, one in existing.items() if day not in gone), *self.new]
        return [SpecialDay(one.day, one.working, one.name, one.notice) for one in rows]

    def write(self) -> None:
        DayOff.objects.filter(pk__in=[one.pk for one in self.gone]).delete()
        DayOff.objects.bulk_create(self.new, batch_size=500)
        DayOff.objects.bulk_update(self.rewritten, ["working", "name", "notice"], batch_size=200)


def compare_days(
    row: WorkCalendar,
    existing: Mapping[date, DayOff],
    years: Iterable[Year],
    notices: Mapping[int, str],
    *,
    keep: bool = False,
) -> DayChanges:
    """What bringing a calendar in line with the years listed changes; nothing is written, other years stay.

    `notices` are those of the years as they stand. With `keep` no day goes: the listed ones come on top of the others.
    The rows to be rewritten are changed in hand.
    """
    years = list(years)
    wanted = {special.day: special for year in years for special in year.days}
    listed = {one.year: f"{one.notice}；{notices.get(one.year, '')}" for one in years}
    changes = DayChanges()
    if not keep:
        changes.gone = [
            one
            for day, one in existing.items()
            if day not in wanted
            # A day of a listed year goes only if a notice of that year set it: December also holds days of the next.
            and any(one.notice in listed.get(year, "") for year in (day.year, day.year + 1) if year in listed)
        ]
    changes.new = [
        DayOff(calendar=row, day=day, working=special.working, name=special.name, notice=special.notice)
        for day, special in wanted.items()
        if day not in existing
    ]
    for day, special in wanted.items():
        one = existing.get(day)
        if one is None or (one.working, one.name, one.notice) == (special.working, special.name, special.notice):
            continue
        if one.working != special.working:
            changes.turned.add(day)
        one.working, one.name, one.notice = special.working, special.name, special.notice
        changes.rewritten.append(one)
    plain = (one for one in (*changes.gone, *changes.new) if one.working != (one.day.weekday() < SATURDAY))
    changes.turned |= {one.day for one in plain}
    return changes
