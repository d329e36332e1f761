"""A catalogue into the database: everything is checked first, then written set-based in one transaction.

Rows that the folder does not mention stay as they are. Loading the same folder again writes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import models, transaction

from cases.catalogue.checking import Catalogue, InvalidCatalogue, Known, WorkCalendar, examine
from cases.catalogue.concerned import Concerned, naming, with_events
from cases.catalogue.reading import Place, Problem
from cases.catalogue.sections import OF_OTHER_ROOMS
from cases.models import (
    ApproverLevel,
    CalendarYear,
    DayOff,
    EventKind,
    Ladder,
    Limit,
    Matter,
    MatterKind,
)
from cases.models import WorkCalendar as CalendarRow
from cases.statute.limits import Ladder as StatuteLadder
from cases.statute.limits import Unit, default_ladder, parse_ladder


@dataclass(slots=True)
class LoadReport:
    """What loading did, by section: how many rows are new, how many changed, how many were as they are."""

    created: dict[str, int] = field(default_factory=dict)
    updated: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    days_changed: int = 0
    matters_to_wind: int = 0

    @property
    def changed(self) -> bool:
        return bool(any(self.created.values()) or any(self.updated.values()) or self.days_changed)


@dataclass(slots=True)
class _Written:
    """What became of the rows of one section: the new ones, and those changed in what may move a clock."""

    new: set[str] = field(default_factory=set)
    moving: set[str] = field(default_factory=set)
    ids: dict[str, int] = field(default_factory=dict)


def load_catalogue(folder: Path, *, at: datetime) -> LoadReport:
    """Load the catalogue in a folder as of `at`.

    Refuses with every problem at once and then changes nothing; raises NoSuchFolder where there is no folder. Asks for
    the rewinding of the matters whose clocks the change may move.
    """
    with transaction.atomic():
        catalogue, problems = examine(folder, loaded())
        problems += _too_long(catalogue)
        if problems:
            raise InvalidCatalogue(problems)
        return _Loading(catalogue, at).run()


def loaded() -> Known:
    """What the database holds already."""
    return Known(
        calendars=_codes(CalendarRow),
        kinds=_codes(MatterKind),
        events=_codes(EventKind),
        approvers=_codes(ApproverLevel),
        ladders=_codes(Ladder),
        limits={row.code: row.rule() for row in Limit.objects.all()},
    )


def _codes(model: type[models.Model]) -> set[str]:
    return set(model._default_manager.values_list("code", flat=True))


_LENGTHS: dict[str, tuple[type[models.Model], dict[str, str]]] = {
    "calendars": (CalendarRow, {"code": "code", "name": "name"}),
    "kinds": (MatterKind, {"code": "code", "name": "name", "family": "family", "zone": "zone"}),
    "events": (EventKind, {"code": "code", "name": "name"}),
    "approvers": (ApproverLevel, {"code": "code", "name": "name", "line": "line"}),
    "ladders": (Ladder, {"code": "code", "name": "name"}),
    "limits": (
        Limit,
        {
            "code": "code",
            "family": "family",
            "name": "name",
            "field_of_law": "field",
            "law": "law",
            "article": "article",
            "text_version": "text_version",
        },
    ),
}


def _too_long(catalogue: Catalogue) -> Iterator[Problem]:
    """Texts that their column cannot hold."""
    for (section, code), place in catalogue.places.items():
        if section not in _LENGTHS:
            continue
        row = getattr(catalogue, section).get(code)
        model, columns = _LENGTHS[section]
        for column, name in columns.items():
            value = getattr(row.limit if section == "limits" and row else row, column, "")
            most = _most(model, column)
            if len(value) > most:
                yield Problem(place, code, name, f"最多{most}个字，现有{len(value)}个，请缩短")
    for code, calendar in catalogue.calendars.items():
        yield from _days_too_long(calendar, catalogue.places["calendars", code])


def _days_too_long(calendar: WorkCalendar, place: Place) -> Iterator[Problem]:
    texts: set[tuple[int, type[models.Model], str, str]] = set()
    for year in calendar.years:
        texts.add((year.year, CalendarYear, "notice", year.notice))
        texts.update((year.year, DayOff, "name", special.name) for special in year.days)
        texts.update((year.year, DayOff, "notice", special.notice) for special in year.days)
    for number, model, column, text in sorted(texts, key=lambda one: (one[0], one[2], one[3])):
        most = _most(model, column)
        if len(text) > most:
            wrong = f"“{text[:12]}…”最多{most}个字，现有{len(text)}个，请缩短"
            yield Problem(place, calendar.code, f"years（{number}）.{column}", wrong)


def _most(model: type[models.Model], column: str) -> int:
    """How many characters a column holds."""
    field = model._meta.get_field(column)
    assert isinstance(field, models.CharField)
    return int(field.max_length or 0)


# Fields of a limit that say something to people and move no date.
_WORDS = frozenset(
    """name field holder applies_to nature law article text_version in_force_basis rollover_basis rollover_exception
    notes sources start_text end_text not_counted_text restart_text""".split()
)


def _moving(definition: Mapping[str, Any]) -> dict[str, Any]:
    """What of a limit may move a clock."""
    return {name: value for name, value in definition.items() if name not in _WORDS}


class _Loading:
    """One loading: section after section, then the question whose clocks it concerns."""

    def __init__(self, catalogue: Catalogue, at: datetime) -> None:
        self.catalogue = catalogue
        self.at = at
        self.report = LoadReport()
        self.concerned = Concerned()

    def run(self) -> LoadReport:
        kinds, events, approvers, ladders = self._kinds(), self._events(), self._approvers(), self._ladders()
        limits = self._limits(kinds, ladders)
        for code, calendar in self.catalogue.calendars.items():
            self._calendar(code, calendar)
        for name, rows in self.catalogue.others.items():
            self._write(name, OF_OTHER_ROOMS[name].model, rows, _differ_in())
        concerned = self.concerned
        concerned.take("事项种类已修改", Matter.objects.filter(kind__code__in=kinds.moving))
        concerned.take("节点种类已修改", with_events(events.moving))
        concerned.take_limits("批准层级已修改", naming(approvers.moving | approvers.new))
        concerned.take_limits("预警阶梯已修改", Limit.objects.filter(ladder__code__in=ladders.moving))
        concerned.take_limits("时限已修改", Limit.objects.filter(code__in=limits.moving | limits.new))
        self.report.matters_to_wind = concerned.ask(at=self.at)
        return self.report

    # -- rows ----------------------------------------------------------------------------------------------------

    def _write(
        self,
        section: str,
        model: type[models.Model],
        wanted: Mapping[str, Mapping[str, Any]],
        moves: Callable[[Mapping[str, Any], Mapping[str, Any]], bool],
    ) -> _Written:
        """Bring the rows of a section in line with the folder: new ones added, changed ones rewritten."""
        written = _Written()
        manager = model._default_manager
        existing: dict[str, Any] = manager.in_bulk(list(wanted), field_name="code")
        new, changed = [], []
        for code, values in wanted.items():
            row = existing.get(code)
            if row is None:
                new.append(model(code=code, **values))
                written.new.add(code)
                continue
            old = {name: getattr(row, name) for name in values}
            if old != values:
                for name, value in values.items():
                    setattr(row, name, value)
                changed.append(row)
                if moves(old, values):
                    written.moving.add(code)
        manager.bulk_create(new, batch_size=500)
        if changed:
            manager.bulk_update(changed, list(next(iter(wanted.values()))), batch_size=200)
        self._count(section, len(new), len(changed), len(wanted))
        written.ids = dict(manager.filter(code__in=list(wanted)).values_list("code", "pk"))
        return written

    def _count(self, section: str, new: int, changed: int, of: int) -> None:
        self.report.created[section] = self.report.created.get(section, 0) + new
        self.report.updated[section] = self.report.updated.get(section, 0) + changed
        self.report.unchanged[section] = self.report.unchanged.get(section, 0) + of - new - changed

    def _kinds(self) -> _Written:
        names = ("name", "family", "restricted", "zone", "order")
        return self._write("kinds", MatterKind, _columns(self.catalogue.kinds, names), _differ_in("zone"))

    def _events(self) -> _Written:
        names = ("name", "opens", "closes", "day_only", "order")
        return self._write("events", EventKind, _columns(self.catalogue.events, names), _differ_in("opens", "closes"))

    def _approvers(self) -> _Written:
        wanted = _columns(self.catalogue.approvers, ("name", "line", "rank"))
        return self._write("approvers", ApproverLevel, wanted, _differ_in("line", "rank"))

    def _ladders(self) -> _Written:
        wanted = {
            code: {
                "name": named.name,
                "counts": "exact" if named.ladder.exact else "day",
                "from_length": named.ladder.from_length,
                "yellow": named.definition["yellow"],
                "orange": named.definition["orange"],
            }
            for code, named in self.catalogue.ladders.items()
        }
        return self._write("ladders", Ladder, wanted, _differ_in("yellow", "orange"))

    def _limits(self, kinds: _Written, ladders: _Written) -> _Written:
        rows = {row.code: row for row in Ladder.objects.all()}
        defaults = [_statute_ladder(row) for row in rows.values()]
        wanted = {}
        for code, written in self.catalogue.limits.items():
            limit = written.limit
            default = default_ladder(limit.length, limit.unit, defaults)
            ladder = limit.ladder or (default.code if default else "")
            wanted[code] = {
                "family": limit.family,
                "name": limit.name,
                "field_of_law": limit.field_of_law,
                "nature": limit.nature.value,
                "law": limit.law,
                "article": limit.article,
                "text_version": limit.text_version,
                "length": limit.length,
                "unit": limit.unit.value,
                "rollover": limit.rollover.value,
                "in_force_from": limit.in_force_from,
                "in_force_until": limit.in_force_until,
                "status": limit.status.value,
                "ladder_id": rows[ladder].pk if ladder else None,
                "definition": dict(written.definition),
            }
        result = self._write(
            "limits",
            Limit,
            wanted,
            lambda old, new: (
                old["ladder_id"] != new["ladder_id"] or _moving(old["definition"]) != _moving(new["definition"])
            ),
        )
        self._kinds_of_limits(result)
        self._other_defaults(defaults, rows, set(wanted))
        return result

    def _kinds_of_limits(self, limits: _Written) -> None:
        """Which kinds each limit of the folder applies to."""
        through = Limit.kinds.through
        kinds = dict(MatterKind.objects.values_list("code", "pk"))
        wanted = {
            (limits.ids[code], kinds[kind])
            for code, written in self.catalogue.limits.items()
            for kind in written.limit.kinds
        }
        pairs = through._default_manager.filter(limit_id__in=limits.ids.values())
        existing = {(limit, kind): pk for pk, limit, kind in pairs.values_list("pk", "limit_id", "matterkind_id")}
        gone = [pk for pair, pk in existing.items() if pair not in wanted]
        through._default_manager.filter(pk__in=gone).delete()
        missing = sorted(wanted - existing.keys())
        through._default_manager.bulk_create([through(limit_id=limit, matterkind_id=kind) for limit, kind in missing])

    def _other_defaults(self, defaults: list[StatuteLadder], rows: Mapping[str, Ladder], mentioned: set[str]) -> None:
        """New default ladders are for the limits of other folders too, where they name none."""
        others = []
        for limit in Limit.objects.exclude(code__in=mentioned):
            if limit.definition.get("ladder"):
                continue
            default = default_ladder(limit.length, Unit(limit.unit), defaults)
            fitting = rows[default.code].pk if default else None
            if limit.ladder_id != fitting:
                limit.ladder_id = fitting
                others.append(limit)
        Limit.objects.bulk_update(others, ["ladder"], batch_size=200)
        self.concerned.take_limits("预警阶梯已修改", Limit.objects.filter(pk__in=[limit.pk for limit in others]))

    # -- calendars -----------------------------------------------------------------------------------------------

    def _calendar(self, code: str, calendar: WorkCalendar) -> None:
        """Bring a calendar in line with the folder: the years it lists are as it lists them, others stay."""
        row, new = CalendarRow.objects.get_or_create(code=code, defaults={"name": calendar.name})
        renamed = row.name != calendar.name
        if renamed:
            row.name = calendar.name
            row.save(update_fields=["name"])
        years = {one.year: one for one in row.years.all()}
        before = {one.year: one.notice for one in years.values()}
        fresh = [
            CalendarYear(calendar=row, year=one.year, notice=one.notice)
            for one in calendar.years
            if one.year not in years
        ]
        CalendarYear.objects.bulk_create(fresh)
        noticed = [years[one.year] for one in calendar.years if one.year in years and before[one.year] != one.notice]
        for year in noticed:
            year.notice = next(one.notice for one in calendar.years if one.year == year.year)
        CalendarYear.objects.bulk_update(noticed, ["notice"])
        changed = self._days(row, calendar, before)
        self._count("calendars", int(new), int(not new and bool(renamed or fresh or noticed)), 1)
        announced = {date(one.year, 1, 1) for one in fresh} | {date(one.year, 12, 31) for one in fresh}
        if not new and (changed or announced):
            self.concerned.take_days(code, changed, bool(announced))

    def _days(self, row: CalendarRow, calendar: WorkCalendar, notices: Mapping[int, str]) -> set[date]:
        """Write the special days; the days that are worked or off otherwise than before."""
        wanted = {special.day: special for year in calendar.years for special in year.days}
        existing = {one.day: one for one in row.days.all()}
        listed = {one.year: f"{one.notice}；{notices.get(one.year, '')}" for one in calendar.years}
        gone = [
            one
            for day, one in existing.items()
            if day not in wanted
            # A day of a listed year goes only if a notice of that year set it: December also holds days of the next.
            and any(one.notice in listed.get(year, "") for year in (day.year, day.year + 1) if year in listed)
        ]
        new = [
            DayOff(calendar=row, day=day, working=special.working, name=special.name, notice=special.notice)
            for day, special in wanted.items()
            if day not in existing
        ]
        turned, rewritten = set(), []
        for day, special in wanted.items():
            one = existing.get(day)
            if one is None or (one.working, one.name, one.notice) == (special.working, special.name, special.notice):
                continue
            if one.working != special.working:
                turned.add(day)
            one.working, one.name, one.notice = special.working, special.name, special.notice
            rewritten.append(one)
        DayOff.objects.filter(pk__in=[one.pk for one in gone]).delete()
        DayOff.objects.bulk_create(new, batch_size=500)
        DayOff.objects.bulk_update(rewritten, ["working", "name", "notice"], batch_size=200)
        self.report.days_changed += len(gone) + len(new) + len(rewritten)
        return turned | {one.day for one in (*gone, *new) if one.working != (one.day.weekday() < 5)}


def _differ_in(*names: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool]:
    return lambda old, new: any(old[name] != new[name] for name in names)


def _columns(rows: Mapping[str, Any], names: Iterable[str]) -> dict[str, dict[str, Any]]:
    names = tuple(names)
    return {code: {name: getattr(row, name) for name in names} for code, row in rows.items()}


def _statute_ladder(row: Ladder) -> StatuteLadder:
    definition = {
        "code": row.code,
        "name": row.name,
        "counts": row.counts,
        "from_length": row.from_length,
        "yellow": row.yellow,
        "orange": row.orange,
    }
    return parse_ladder(definition)
