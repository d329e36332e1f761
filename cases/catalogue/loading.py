"""A catalogue into the database: everything is checked first, then written set-based in one transaction.

Rows that the folder does not mention stay as they are. Loading the same folder again writes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import models, transaction

from cases.catalogue.answers import answers_standing, columns_as_answered, follow_answers
from cases.catalogue.checking import Catalogue, InvalidCatalogue, Known, examine
from cases.catalogue.concerned import Concerned, naming, with_events
from cases.catalogue.days import compare_days
from cases.catalogue.reading import Place, Problem
from cases.catalogue.sections import OF_OTHER_ROOMS
from cases.catalogue.years import WorkCalendar
from cases.courses import read_ladder
from cases.law_lock import hold_law
from cases.models import (
    Answer,
    ApproverLevel,
    CalendarYear,
    DayOff,
    EventKind,
    Ladder,
    Limit,
    Matter,
    MatterKind,
    OpenQuestion,
)
from cases.models import WorkCalendar as CalendarRow
from cases.statute.limits import InvalidLimit, Unit, default_ladder
from cases.statute.questions import replaced


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
        hold_law(to_change=True)
        catalogue, problems = examine(folder, loaded())
        problems += _too_long(catalogue)
        problems += _answered_away(catalogue)
        if problems:
            raise InvalidCatalogue(problems)
        return _Loading(catalogue, at).run()


def loaded() -> Known:
    """What the database holds already."""
    limits = list(Limit.objects.all())
    return Known(
        calendars=_codes(CalendarRow),
        kinds=_codes(MatterKind),
        events=_codes(EventKind),
        approvers=_codes(ApproverLevel),
        ladders=_codes(Ladder),
        limits={row.code: row.rule() for row in limits},
        definitions={row.code: row.definition for row in limits},
        questions={row.code: row.asked() for row in OpenQuestion.objects.all()},
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
    "questions": (OpenQuestion, {"code": "code", "question": "question"}),
}


def _too_long(catalogue: Catalogue) -> Iterator[Problem]:
    """Texts that their column cannot hold."""
    for (section, code), place in catalogue.places.items():
        if section not in _LENGTHS:
            continue
        row = getattr(catalogue, section).get(code)
        model, columns = _LENGTHS[section]
        for column, name in columns.items():
            value = getattr(_spoken(section, row), column, "")
            most = _most(model, column)
            if len(value) > most:
                yield Problem(place, code, name, f"最多{most}个字，现有{len(value)}个，请缩短")
    for code, calendar in catalogue.calendars.items():
        yield from _days_too_long(calendar, catalogue.places["calendars", code])


def _spoken(section: str, row: Any) -> Any:
    """What of a row bears its texts."""
    if row is None:
        return None
    return row.limit if section == "limits" else row.asked if section == "questions" else row


def _answered_away(catalogue: Catalogue) -> Iterator[Problem]:
    """Options that were chosen and that the folder no longer has."""
    last = {row.question.code: row.option for row in Answer.objects.select_related("question").order_by("id")}
    for code, written in catalogue.questions.items():
        given = last.get(code)
        if given is not None and written.asked.option(given) is None:
            text = f"已经选定的答复“{given}”不能删去，请保留这一项，或者先改选其他答复"
            yield Problem(catalogue.places["questions", code], code, "options", text)


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
    notes conflicts sources start_text end_text not_counted_text restart_text""".split()
)


def _moving(columns: Mapping[str, Any]) -> dict[str, Any]:
    """What of a limit may move a clock, as answered."""
    written = replaced(columns["definition"], columns["answered"])
    return {name: value for name, value in written.items() if name not in _WORDS}


class _Loading:
    """One loading: section after section, then the question whose clocks it concerns."""

    def __init__(self, catalogue: Catalogue, at: datetime) -> None:
        self.catalogue = catalogue
        self.at = at
        self.report = LoadReport()
        self.concerned = Concerned()

    def run(self) -> LoadReport:
        kinds, events, approvers, ladders = self._kinds(), self._events(), self._approvers(), self._ladders()
        self._questions()
        limits = self._limits(kinds)
        # An answer may bear on limits of other folders too.
        limits.moving |= follow_answers(besides=limits.ids)
        for code, calendar in self.catalogue.calendars.items():
            self._calendar(code, calendar)
        for name, rows in self.catalogue.others.items():
            self._write(name, OF_OTHER_ROOMS[name].model, rows, _differ_in())
        concerned = self.concerned
        concerned.take("事项种类已修改", Matter.objects.filter(kind__code__in=kinds.moving))
        concerned.take("节点种类已修改", with_events(events.moving))
        concerned.take_limits("批准层级已修改", naming(approvers.moving | approvers.new))
        concerned.take_limits("预警阶梯已修改", Limit.objects.filter(ladder__code__in=ladders.moving))
        # One version may take over what another began, so all of a family are looked at.
        changed = Limit.objects.filter(code__in=limits.moving | limits.new).values("family")
        concerned.take_limits("时限已修改", Limit.objects.filter(family__in=changed))
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
                "red": named.definition.get("red") or {},
                "climbs": named.definition.get("climbs") or [],
            }
            for code, named in self.catalogue.ladders.items()
        }
        return self._write("ladders", Ladder, wanted, _differ_in("yellow", "orange", "red", "climbs"))

    def _questions(self) -> None:
        wanted = {
            code: {"question": written.asked.question, "order": written.order, "definition": dict(written.definition)}
            for code, written in self.catalogue.questions.items()
        }
        if wanted:
            self._write("questions", OpenQuestion, wanted, lambda old, new: False)

    def _limits(self, kinds: _Written) -> _Written:
        """Write the limits as answered."""
        rows = {row.code: row for row in Ladder.objects.all()}
        standing = answers_standing()
        wanted = {}
        for code, written in self.catalogue.limits.items():
            try:
                wanted[code] = columns_as_answered(written.definition, standing, rows)
            except InvalidLimit as error:
                place = self.catalogue.places["limits", code]
                raise InvalidCatalogue(
                    [Problem(place, code, name, f"按已有的答复，{text}") for name, text in error.problems]
                ) from error
        result = self._write(
            "limits",
            Limit,
            wanted,
            lambda old, new: old["ladder_id"] != new["ladder_id"] or _moving(old) != _moving(new),
        )
        self._kinds_of_limits(result)
        self._other_defaults(rows, set(wanted))
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

    def _other_defaults(self, rows: Mapping[str, Ladder], mentioned: set[str]) -> None:
        """New default ladders are for the limits of other folders too, where they name none."""
        defaults = [read_ladder(row) for row in rows.values()]
        others = []
        for limit in Limit.objects.exclude(code__in=mentioned):
            if limit.written.get("ladder"):
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
        existing = {one.day: one for one in row.days.all()}
        changes = compare_days(row, existing, calendar.years, notices)
        changes.write()
        self.report.days_changed += changes.count
        return changes.turned


def _differ_in(*names: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool]:
    return lambda old, new: any(old[name] != new[name] for name in names)


def _columns(rows: Mapping[str, Any], names: Iterable[str]) -> dict[str, dict[str, Any]]:
    names = tuple(names)
    return {code: {name: getattr(row, name) for name in names} for code, row in rows.items()}
