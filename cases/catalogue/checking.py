"""Rows as a catalogue: every rule a catalogue must keep, checked before anything is loaded, all at once."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from cases.catalogue.reading import SECTIONS, Place, Problem, Row, read_folder
from cases.catalogue.sections import OF_OTHER_ROOMS, Section
from cases.catalogue.years import WorkCalendar, Year, listed_twice, read_year
from cases.statute.ladders import Ladder
from cases.statute.limits import FieldReader, InvalidLimit, Limit, Status, family_of, parse_ladder, parse_limit
from cases.statute.questions import Question, parse_question, replaced
from cases.statute.reckoning import ApproverLevel

CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
# The greatest number the columns for orders and ranks hold.
SMALL = 32767

Report = Callable[[str, str], None]
Made = TypeVar("Made")


class InvalidCatalogue(Exception):
    """A folder that cannot be loaded, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of matter."""

    code: str
    name: str
    family: str
    restricted: bool
    zone: str
    order: int


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event."""

    code: str
    name: str
    opens: bool
    closes: bool
    day_only: bool
    order: int


@dataclass(frozen=True, slots=True)
class NamedLadder:
    """A ladder with its name and the row it came from."""

    name: str
    ladder: Ladder
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WrittenLimit:
    """A limit and the row it came from."""

    limit: Limit
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WrittenQuestion:
    """An open question, the row it came from, and its place among them."""

    asked: Question
    definition: Mapping[str, Any]
    order: int


@dataclass(slots=True)
class Catalogue:
    """A folder, read and found good: each section by code, in the order of the files."""

    calendars: dict[str, WorkCalendar] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    events: dict[str, EventKind] = field(default_factory=dict)
    approvers: dict[str, ApproverLevel] = field(default_factory=dict)
    ladders: dict[str, NamedLadder] = field(default_factory=dict)
    limits: dict[str, WrittenLimit] = field(default_factory=dict)
    questions: dict[str, WrittenQuestion] = field(default_factory=dict)
    others: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)


@dataclass(slots=True)
class Known:
    """What is there already, so that a folder may refer to it: codes, the limits and the open questions themselves.

    `definitions` are the limits as they are written, whatever has been answered.
    """

    calendars: Collection[str] = ()
    kinds: Collection[str] = ()
    events: Collection[str] = ()
    approvers: Collection[str] = ()
    ladders: Collection[str] = ()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    definitions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)


def read_catalogue(folder: Path, known: Known | None = None) -> Catalogue:
    """The catalogue in a folder. Refuses with every problem at once; raises NoSuchFolder where there is none."""
    catalogue, problems = examine(folder, known or Known())
    if problems:
        raise InvalidCatalogue(problems)
    return catalogue


def examine(folder: Path, known: Known) -> tuple[Catalogue, list[Problem]]:
    """What can be made of a folder, and what is wrong with it, in the order of the files."""
    rows, problems = read_folder(folder)
    checker = _Checker(known, problems)
    for section in SECTIONS:
        checker.take(section, [row for row in rows if row.place.section == section])
    for name, other in OF_OTHER_ROOMS.items():
        checker.take_other(other, [row for row in rows if row.place.section == name])
    checker.check_limits()
    checker.check_questions()
    problems.sort(key=lambda problem: (problem.place.file, problem.place.line))
    return checker.catalogue, problems


def examine_limits(definitions: Sequence[Mapping[str, Any]], known: Known) -> list[Problem]:
    """What is wrong with limits that do not come from a folder; they are held to the same rules."""
    problems: list[Problem] = []
    checker = _Checker(known, problems)
    checker.take("limits", [Row(Place("", number), dict(one)) for number, one in enumerate(definitions, 1)])
    checker.check_limits()
    return problems


class _Checker:
    """Makes the rows of each section, then checks what they say about one another."""

    def __init__(self, known: Known, problems: list[Problem]) -> None:
        self.known = known
        self.problems = problems
        self.catalogue = Catalogue()

    def take(self, section: str, rows: Sequence[Row]) -> None:
        """Make the rows of one section; refuses a code that is missing, ill-formed or used before."""
        self._take(section, rows, getattr(self.catalogue, section), getattr(self, f"_{section}"))

    def take_other(self, section: Section, rows: Sequence[Row]) -> None:
        """The same for a section of a room above."""

        def make(row: Row, position: int) -> Mapping[str, Any] | None:
            reader = self._fields(row, section.fields)
            return self._done(row, reader, section.columns(reader, position))

        if rows:
            self._take(section.name, rows, self.catalogue.others.setdefault(section.name, {}), make)

    def _take(self, section: str, rows: Sequence[Row], made: dict[str, Any], make: Callable[[Row, int], Any]) -> None:
        for position, row in enumerate(rows, 1):
            code = row.code
            if not CODE.match(code):
                self._wrong(row.place, code, "code", "必填，只用英文字母、数字、下划线、点和横线")
                continue
            if (section, code) in self.catalogue.places:
                first = self.catalogue.places[section, code]
                self._wrong(
                    row.place, code, "code", f"代码重复，已用于 {first.file} 第{first.line}行，请改名或删去一条"
                )
                continue
            self.catalogue.places[section, code] = row.place
            one = make(row, position)
            if one is not None:
                made[code] = one

    def _wrong(self, place: Place, code: str, field_name: str, text: str) -> None:
        self.problems.append(Problem(place, code, field_name, text))

    def _fields(self, row: Row, names: Iterable[str]) -> FieldReader:
        reader = FieldReader(row.data)
        reader.only({"code", *names})
        return reader

    def _done(self, row: Row, reader: FieldReader, one: Made) -> Made | None:
        for name, text in reader.problems:
            self._wrong(row.place, row.code, name, text)
        return None if reader.problems else one

    # -- the sections --------------------------------------------------------------------------------------------

    def _kinds(self, row: Row, position: int) -> Kind | None:
        reader = self._fields(row, ("name", "family", "restricted", "zone", "order"))
        kind = Kind(
            code=row.code,
            name=reader.text("name", required=True),
            family=reader.text("family"),
            restricted=reader.flag("restricted"),
            zone=reader.text("zone") or "Asia/Shanghai",
            order=_small(reader, "order", default=min(position * 10, SMALL)),
        )
        try:
            ZoneInfo(kind.zone)
        except (LookupError, ValueError, OSError):
            reader.wrong("zone", f"没有时区“{kind.zone}”，应写成 Asia/Shanghai")
        return self._done(row, reader, kind)

    def _events(self, row: Row, position: int) -> EventKind | None:
        reader = self._fields(row, ("name", "opens", "closes", "day_only", "order"))
        event = EventKind(
            code=row.code,
            name=reader.text("name", required=True),
            opens=reader.flag("opens"),
            closes=reader.flag("closes"),
            day_only=reader.flag("day_only"),
            order=_small(reader, "order", default=min(position * 10, SMALL)),
        )
        return self._done(row, reader, event)

    def _approvers(self, row: Row, position: int) -> ApproverLevel | None:
        reader = self._fields(row, ("name", "line", "rank"))
        level = ApproverLevel(
            code=row.code,
            name=reader.text("name", required=True),
            line=reader.text("line", required=True),
            rank=_small(reader, "rank", required=True),
        )
        return self._done(row, reader, level)

    def _ladders(self, row: Row, position: int) -> NamedLadder | None:
        try:
            ladder = parse_ladder(row.data)
        except InvalidLimit as error:
            for name, text in error.problems:
                self._wrong(row.place, row.code, name, text)
            return None
        return NamedLadder(str(row.data["name"]), ladder, row.data)

    def _limits(self, row: Row, position: int) -> WrittenLimit | None:
        if "kinds" not in row.data:
            self._wrong(row.place, row.code, "kinds", "必填，写明适用的事项种类；只供推算、不起时钟的写 []")
        try:
            return WrittenLimit(parse_limit(row.data), row.data)
        except InvalidLimit as error:
            for name, text in error.problems:
                self._wrong(row.place, row.code, name, text)
            return None

    def _questions(self, row: Row, position: int) -> WrittenQuestion | None:
        try:
            return WrittenQuestion(parse_question(row.data), row.data, min(position * 10, SMALL))
        except InvalidLimit as error:
            for name, text in error.problems:
                self._wrong(row.place, row.code, name, text)
            return None

    def _calendars(self, row: Row, position: int) -> WorkCalendar | None:
        reader = self._fields(row, ("name", "years"))
        name = reader.text("name", required=True)
        years: dict[int, Year] = {}
        for number, entry in reader.rows("years"):
            year = read_year(entry)
            if year is None:
                continue
            if year.year in years:
                reader.wrong(f"years[{number}].year", f"{year.year}年写了两遍，请合并")
            years[year.year] = year
        if not years:
            reader.wrong("years", "至少要有一个年份")
        for day, entries in listed_twice(years.values()).items():
            reader.wrong("years", f"{day} 写了不止一次（{'、'.join(entries)}），请只留一处")
        return self._done(row, reader, WorkCalendar(row.code, name, tuple(years[y] for y in sorted(years))))

    # -- what limits refer to ------------------------------------------------------------------------------------

    def check_limits(self) -> None:
        """Refuse references to nothing, circles of expiries, and two versions of a limit in force at once."""
        ours = self.catalogue.limits
        everything = {**self.known.limits, **{code: written.limit for code, written in ours.items()}}
        families: dict[str, list[Limit]] = defaultdict(list)
        for limit in everything.values():
            families[limit.family].append(limit)
        for code, written in ours.items():
            limit, wrong = written.limit, self._reporter("limits", code)
            for name, section, used in _references(limit):
                self._refer(section, used, name, wrong)
            self._check_anchor(limit, families, wrong)
            self._check_versions(limit, families[limit.family], wrong)
        self._check_circles(families)
        self._check_default_ladders()

    def _reporter(self, section: str, code: str) -> Report:
        place = self.catalogue.places[section, code]
        return lambda name, text: self._wrong(place, code, name, text)

    def _refer(self, section: str, used: str, name: str, wrong: Report) -> None:
        """Refuse a code of another section that is neither in the folder nor loaded; a row found bad is not missing."""
        here = {code for part, code in self.catalogue.places if part == section}
        if used in here or used in getattr(self.known, section):
            return
        near = get_close_matches(used, [*here, *getattr(self.known, section)], n=1)
        way_out = f"是不是“{near[0]}”" if near else f"请改用已有的代码，或者先在 {section} 中登记"
        wrong(name, f"没有“{used}”这{_MEASURES[section]}，{way_out}")

    def _check_anchor(self, limit: Limit, families: Mapping[str, Sequence[Limit]], wrong: Report) -> None:
        for name, anchor in (("before_expiry_of", limit.before_expiry_of), ("after_expiry_of", limit.after_expiry_of)):
            if not anchor:
                continue
            if anchor not in families:
                near = get_close_matches(anchor, list(families), n=1)
                wrong(name, f"没有“{anchor}”这一时限{f'，是不是“{near[0]}”' if near else '，请先登记'}")
            elif limit.kinds and not any(set(limit.kinds) & set(one.kinds) for one in families[anchor]):
                wrong("kinds", f"与所依的时限“{anchor}”没有共同的事项种类，永远起不了时钟")

    @staticmethod
    def _check_versions(limit: Limit, family: Iterable[Limit], wrong: Report) -> None:
        for other in family:
            if other.code == limit.code or Status.DRAFT in (limit.status, other.status) or limit.when != other.when:
                continue
            if not set(limit.kinds) & set(other.kinds) or not _overlap(limit, other):
                continue
            if (limit.in_force_from or date.min, limit.code) >= (other.in_force_from or date.min, other.code):
                wrong("in_force_from", f"与同族的“{other.code}”施行时间重叠，请为旧版本写明 in_force_until")

    def _check_circles(self, families: Mapping[str, Sequence[Limit]]) -> None:
        anchors = {
            name: {one.before_expiry_of or one.after_expiry_of for one in versions} - {""}
            for name, versions in families.items()
        }
        for code, written in self.catalogue.limits.items():
            path = [written.limit.family]
            while following := anchors.get(path[-1]):
                nearest = min(following)
                if nearest in path:
                    if nearest == path[0]:
                        circle = " → ".join([*path, nearest])
                        field_name = "before_expiry_of" if written.limit.before_expiry_of else "after_expiry_of"
                        self._wrong(
                            self.catalogue.places["limits", code], code, field_name, f"互相以对方的届满起算：{circle}"
                        )
                    break
                path.append(nearest)

    def _check_default_ladders(self) -> None:
        defaults: dict[tuple[bool, int], str] = {}
        for code, named in self.catalogue.ladders.items():
            ladder = named.ladder
            if ladder.from_length is None:
                continue
            first = defaults.setdefault((ladder.exact, ladder.from_length), code)
            if first != code:
                self._reporter("ladders", code)("from_length", f"与“{first}”相同，不能有两个同长度的默认阶梯")

    # -- what questions change -----------------------------------------------------------------------------------

    def check_questions(self) -> None:
        """Refuse an answer that changes no limit there is, makes one that cannot be, or meets another question's field.

        Questions loaded before are checked again, where the folder writes a limit they change anew.
        """
        ours = {code: written.asked for code, written in self.catalogue.questions.items()}
        definitions = {
            **self.known.definitions,
            **{code: written.definition for code, written in self.catalogue.limits.items()},
        }
        families: dict[str, list[str]] = defaultdict(list)
        for code, definition in definitions.items():
            families[str(definition.get("family") or family_of(code))].append(code)
        taken: dict[tuple[str, str], str] = {}
        for question in {**self.known.questions, **ours}.values():
            fields: set[tuple[str, str]] = set()
            for number, option in enumerate(question.options, 1):
                for target, changes in option.changes.items():
                    name = f"options[{number}].changes.{target}"
                    codes = [target] if target in definitions else families.get(target, [])
                    if not codes and question.code in ours and ("limits", target) not in self.catalogue.places:
                        near = get_close_matches(target, [*definitions, *families], n=1)
                        way_out = f"，是不是“{near[0]}”" if near else "，请改用已有的代码或者族名"
                        self._reporter("questions", question.code)(name, f"没有“{target}”这一时限{way_out}")
                    for code in codes:
                        fields.update((code, field_name) for field_name in changes)
                        self._check_changed(question, code, replaced(definitions[code], changes), name)
            for code, field_name in sorted(fields):
                first = taken.setdefault((code, field_name), question.code)
                if first != question.code and question.code in ours:
                    text = f"时限“{code}”的 {field_name} 已由待定问题“{first}”改动，两个问题不能改动同一个字段"
                    self._reporter("questions", question.code)("options", text)

    def _check_changed(self, question: Question, code: str, definition: Mapping[str, Any], name: str) -> None:
        """Refuse a limit that an answer makes impossible: said of the question, or of the limit where only that is new."""
        if question.code in self.catalogue.questions:
            wrong = self._reporter("questions", question.code)
        elif code in self.catalogue.limits:
            wrong = self._reporter("limits", code)
        else:
            return
        try:
            limit = parse_limit(definition)
        except InvalidLimit as error:
            for field_name, text in error.problems:
                wrong(f"{name}.{field_name}", f"按待定问题“{question.code}”的这一答复，{text}")
            return
        for field_name, section, used in _references(limit):
            self._refer(section, used, f"{name}.{field_name}", wrong)


_MEASURES = {
    "calendars": "一日历",
    "kinds": "种事项",
    "events": "种节点",
    "approvers": "一批准层级",
    "ladders": "一预警阶梯",
}


def _references(limit: Limit) -> Iterator[tuple[str, str, str]]:
    """(field, section, code) of everything a limit refers to."""
    for name in ("starts", "stops", "restarts"):
        for code in getattr(limit, name):
            yield name, "events", code
    for number, tier in enumerate(limit.tiers, 1):
        for code in tier.by:
            yield f"tiers[{number}].by", "events", code
        for approval in tier.approvers:
            yield f"tiers[{number}].approvers", "approvers", approval.level
    for number, step in enumerate(limit.extensions, 1):
        yield f"extensions[{number}].event", "events", step.event
        if step.requires:
            yield f"extensions[{number}].requires", "events", step.requires
        for approval in step.approvers:
            yield f"extensions[{number}].approvers", "approvers", approval.level
    intervals = [(f"pauses[{n}]", pause.begins, pause.ends) for n, pause in enumerate(limit.pauses, 1)]
    for number, delay in enumerate(limit.delays, 1):
        for approval in delay.approvers:
            yield f"delays[{number}].approvers", "approvers", approval.level
    if limit.restart_approval is not None:
        yield "restart_approval.event", "events", limit.restart_approval.event
        for approval in limit.restart_approval.approvers:
            yield "restart_approval.approvers", "approvers", approval.level
    intervals += [(f"delays[{n}]", delay.begins, delay.ends) for n, delay in enumerate(limit.delays, 1)]
    for name, begins, ends in intervals:
        yield f"{name}.from", "events", begins
        yield f"{name}.to", "events", ends
    for approval in limit.start_approvers:
        yield "start_approvers", "approvers", approval.level
    for code in limit.kinds:
        yield "kinds", "kinds", code
    if limit.calendar:
        yield "calendar", "calendars", limit.calendar
    if limit.ladder:
        yield "ladder", "ladders", limit.ladder


def _overlap(one: Limit, other: Limit) -> bool:
    return (one.in_force_from or date.min) <= (other.in_force_until or date.max) and (
        other.in_force_from or date.min
    ) <= (one.in_force_until or date.max)


def _small(reader: FieldReader, name: str, *, default: int = 0, required: bool = False) -> int:
    """A small number, not below nought."""
    value = reader.count(name, least=0, required=required)
    if value is None:
        return default
    if value > SMALL:
        reader.wrong(name, f"不能大于 {SMALL}，现为 {value}")
    return value
