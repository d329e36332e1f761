"""From a file's row to a matter and its steps, or to everything that is wrong with the row.

A `Plan` is a mapping made ready for one file and one catalogue: columns are places, codes are keys. Reading a row asks
the database nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from cases.intake.dates import BadTime, TimeReader
from cases.intake.files import RawRow
from cases.intake.mapping import STEP_FIELDS, Field, IntakeMapping, StepMapping
from cases.intake.refused import MappingRefused
from cases.intake.xlsx_file import cell_text
from cases.models import ApproverLevel, Event, EventKind, Matter, MatterKind, Officer, Unit

UNKNOWN_WORD = "“{word}”不在对应表的对照之内。请在对应表的 values 中写明它是什么，写 null 表示不导入"
UNKNOWN_MATTER_KIND = "没有“{code}”这种事项。请在目录中登记，或者在对应表的 values 中写明它是哪一种"
UNKNOWN_EVENT_KIND = "没有“{code}”这种节点。请在目录中登记，或者在对应表的 values 中写明它是哪一种，写 null 表示不导入"
UNKNOWN_UNIT = "没有代码为“{code}”的单位。请先登记单位，或者在对应表的 values 中写明它是哪个单位"
UNKNOWN_OFFICER = "没有警号为“{number}”的民警。请先登记民警，或者在对应表写 if_unknown: blank 留空"
UNKNOWN_APPROVER = "没有“{code}”这个批准层级。请在对应表的 values 中写明它是哪一级"
REQUIRED = "不能为空"
TOO_LONG = "超过{most}字"
NOT_A_COUNT = "“{text}”应为 0 至 32767 的整数"
FORMULA_TEXT = "内容以等号开头，是公式而不是值。请粘贴为数值后重新导出"
LOST_DIGITS = "“{text}”被 Excel 存成了数字，超过15位的部分已经丢失。请把该列设为文本后重新导出"
CONTROL = "含有不可见的控制字符"
FUTURE = "{when}晚于导入时间，不能登记尚未发生的事"
BEFORE = "{when}早于“{other}”的{then}"
CLOSED_BEFORE_OPENED = "办结（“{name}”，{when}）早于发生（“{other}”，{then}）"

MOST_AMOUNT = 32767
EXACT_DIGITS = 15
SOURCE_NUMBER_LENGTH = 100


class Step(NamedTuple):
    """What a row says happened, in the columns of an event."""

    kind_id: int
    occurred_at: datetime
    day_only: bool
    source_number: str
    document_number: str = ""
    approver: str = ""
    ground: str = ""
    tier: str = ""
    amount: int | None = None
    sets_on: date | None = None
    sets_at: datetime | None = None
    reference: str = ""
    note: str = ""


# How the columns of a step are called when two steps of one source number differ.
STEP_NAMES = {
    "kind_id": "节点",
    "occurred_at": "发生时间",
    "day_only": "只知日期",
    **STEP_FIELDS,
}


class UnitKey(NamedTuple):
    """A unit as the rows that hang on it need it."""

    id: int
    city_id: int | None
    county_id: int | None
    station_id: int | None
    name: str


class KindKey(NamedTuple):
    id: int
    code: str
    restricted: bool
    zone: ZoneInfo


class EventKindKey(NamedTuple):
    id: int
    code: str
    name: str
    opens: bool
    closes: bool
    day_only: bool


@dataclass(slots=True)
class Row:
    """A row as understood. With problems it is refused; without steps and problems it still names its matter."""

    number: int
    cells: Sequence[Any]
    problems: list[tuple[str, str]]
    kind: KindKey | None = None
    matter: str = ""
    unit: UnitKey | None = None
    officer_id: int | None = None
    title: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    skipped: bool = False


@dataclass(slots=True)
class Directory:
    """What the words of a file may name: read once, so that no row asks the database."""

    kinds: dict[str, KindKey]
    event_kinds: dict[str, EventKindKey]
    units: dict[str, UnitKey]
    officers: dict[str, int]
    approvers: dict[str, str]
    # By id: all units, and of those merged away what they are part of now.
    unit_names: dict[int, str]
    heirs: dict[int, int]
    event_kinds_by_id: dict[int, EventKindKey] = field(init=False)
    kinds_by_id: dict[int, KindKey] = field(init=False)
    police_numbers: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self.event_kinds_by_id = {kind.id: kind for kind in self.event_kinds.values()}
        self.kinds_by_id = {kind.id: kind for kind in self.kinds.values()}
        self.police_numbers = {pk: number for number, pk in self.officers.items()}

    def add_unit(self, code: str, unit: UnitKey) -> None:
        self.units[code] = unit
        self.unit_names[unit.id] = unit.name


def read_directory() -> Directory:
    """The catalogue, units and officers as they stand. Kinds and levels answer to their code and to their name."""
    kinds = [
        KindKey(row.pk, row.code, row.restricted, ZoneInfo(row.zone)) for row in MatterKind.objects.order_by("-order")
    ]
    names = dict(MatterKind.objects.values_list("pk", "name"))
    events = [
        EventKindKey(row.pk, row.code, row.name, row.opens, row.closes, row.day_only)
        for row in EventKind.objects.order_by("-order")
    ]
    levels = list(ApproverLevel.objects.values_list("code", "name"))
    units, unit_names, heirs = _read_units()
    return Directory(
        kinds={**{names[kind.id]: kind for kind in kinds}, **{kind.code: kind for kind in kinds}},
        event_kinds={**{kind.name: kind for kind in events}, **{kind.code: kind for kind in events}},
        units=units,
        officers=dict(Officer.objects.values_list("police_number", "pk")),
        approvers={**{name: code for code, name in levels}, **{code: code for code, _ in levels}},
        unit_names=unit_names,
        heirs=heirs,
    )


def _read_units() -> tuple[dict[str, UnitKey], dict[int, str], dict[int, int]]:
    """The units by code, the names of all, and of those merged away what they are part of now.

    The code of one merged away names the one it is part of: whoever sends rows goes on writing the old code for a while.
    """
    rows = list(Unit.objects.values_list("code", "merged_into_id", "pk", "city_id", "county_id", "station_id", "name"))
    keys = {pk: UnitKey(pk, city, county, station, name) for _, _, pk, city, county, station, name in rows}
    into = {row[2]: row[1] for row in rows if row[1] is not None}
    heirs = {}
    for pk in into:
        heir = pk
        while heir in into:
            heir = into[heir]
        heirs[pk] = heir
    units = {row[0]: keys[heirs.get(row[2], row[2])] for row in rows}
    return units, {pk: key.name for pk, key in keys.items()}, heirs


class Bad(Exception):
    """One cell that cannot be taken: (column, reason)."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


class Skip(Exception):
    """The mapping says that rows with this word are left out."""


Get = Callable[[Sequence[Any]], str]


class _Step:
    """One kind of step of the mapping, ready for reading."""

    __slots__ = (
        "after",
        "after_name",
        "fields",
        "kind",
        "kind_get",
        "kind_name",
        "number_get",
        "number_name",
        "ordinal",
        "when",
        "when_name",
    )

    def __init__(self) -> None:
        self.kind: EventKindKey | None = None
        self.kind_get: Get | None = None
        self.kind_name = ""
        self.when: tuple[int, ...] = ()
        self.when_name = ""
        self.number_get: Get | None = None
        self.number_name = ""
        self.fields: list[tuple[str, str, Get]] = []
        self.after = ""
        self.after_name = ""
        self.ordinal = 1


def _length(model: type[Any], name: str) -> int:
    most: int | None = model._meta.get_field(name).max_length
    return most or 0


LENGTHS = {
    name: _length(Event, name) for name in ("document_number", "approver", "ground", "tier", "reference", "note")
}
NUMBER_LENGTH = _length(Matter, "number")
TITLE_LENGTH = _length(Matter, "title")


class Plan:
    """A mapping bound to a file's heads and to the catalogue.

    `count` gives the how-manieth time a composed number occurs in the file. Raises MappingRefused where the mapping
    itself names what the catalogue does not have.
    """

    def __init__(
        self,
        mapping: IntakeMapping,
        heads: Sequence[str],
        directory: Directory,
        *,
        at: datetime,
        count: Callable[[str], int],
    ) -> None:
        self.mapping = mapping
        self.heads = list(heads)
        self.directory = directory
        self.at = at
        self.count = count
        self._problems: list[tuple[str, str]] = []
        self._places = {head: place for place, head in enumerate(self.heads)}
        self._readers: dict[tuple[ZoneInfo, str], TimeReader] = {}
        self._kind_name = _name(mapping.kind)
        self._unit_name = _name(mapping.unit)
        self._number_name = _name(mapping.number)
        self._officer_name = _name(mapping.officer)
        self._title_name = _name(mapping.title)
        self._kind_get = self._getter(mapping.kind)
        self._unit_get = self._getter(mapping.unit)
        self._number_get = self._getter(mapping.number, exact=True)
        self._officer_get = self._getter(mapping.officer, exact=True) if mapping.officer else None
        self._title_get = self._getter(mapping.title) if mapping.title else None
        self._facts = [(name, self._getter(source)) for name, source in mapping.facts.items()]
        self._steps = [self._step(step, number) for number, step in enumerate(mapping.steps)]
        self._check_codes("matter.kind", mapping.kind, directory.kinds, UNKNOWN_MATTER_KIND)
        self._check_codes("matter.unit", mapping.unit, directory.units, UNKNOWN_UNIT)
        if self._problems:
            raise MappingRefused(mapping.name, self._problems)

    # -- getting ready -----------------------------------------------------------------------------------------------

    def _check_codes(self, at: str, source: Field, known: Mapping[str, Any], text: str) -> None:
        codes = [source.fixed, *(source.values or {}).values(), source.otherwise]
        for code in dict.fromkeys(code for code in codes if code):
            if code not in known:
                self._problems.append((at, text.format(code=code)))

    def _step(self, step: StepMapping, number: int) -> _Step:
        made = _Step()
        at = "event" if self.mapping.shape == "event" else f"events[{number + 1}]"
        self._check_codes(f"{at}.kind", step.kind, self.directory.event_kinds, UNKNOWN_EVENT_KIND)
        if step.kind.fixed:
            made.kind = self.directory.event_kinds.get(step.kind.fixed)
        else:
            made.kind_get = self._getter(step.kind)
            made.kind_name = _name(step.kind)
        made.when = tuple(self._places.get(column, -1) for column in step.when.columns)
        made.when_name = "、".join(step.when.columns)
        if step.source_number is not None:
            made.number_get = self._getter(step.source_number, exact=True)
            made.number_name = _name(step.source_number)
        made.fields = [(name, _name(source), self._getter(source)) for name, source in step.fields.items()]
        made.after = step.after
        if step.after and (other := self.directory.event_kinds.get(step.after)) is not None:
            made.after_name = other.name
        same = [one.kind.fixed for one in self.mapping.steps[: number + 1]]
        made.ordinal = same.count(step.kind.fixed)
        return made

    def _getter(self, source: Field, *, exact: bool = False) -> Get:
        """How to read a field from a row's cells; `exact` refuses a number whose digits a spreadsheet has lost."""
        if source.fixed:
            fixed = source.fixed
            return lambda cells: fixed
        readers = [self._column_getter(column, exact) for column in source.columns]
        read = readers[0] if len(readers) == 1 else _joined(readers)
        if source.values is None:
            return read
        return self._translated(source, read)

    def _column_getter(self, column: str, exact: bool) -> Get:
        place = self._places.get(column, -1)
        if place < 0:
            return lambda cells: ""

        def read(cells: Sequence[Any]) -> str:
            value = cells[place]
            if value.__class__ is not str:
                text = cell_text(value)
                return _checked(text, value, column, exact) if text else text
            text = value.strip()
            if text and (text[0] == "=" or "\0" in text):
                return _checked(text, value, column, exact)
            return text

        return read

    @staticmethod
    def _translated(source: Field, read: Get) -> Get:
        table = dict(source.values or {})
        name = _name(source)

        def translate(cells: Sequence[Any]) -> str:
            word = read(cells)
            if word in table:
                code = table[word]
            elif source.has_otherwise:
                code = source.otherwise
            elif word == "":
                return ""
            else:
                raise Bad(name, UNKNOWN_WORD.format(word=word))
            if code is None:
                raise Skip
            return code

        return translate

    def _reader(self, day_zone: ZoneInfo, reading: str) -> TimeReader:
        key = (day_zone, reading)
        found = self._readers.get(key)
        if found is None:
            found = self._readers[key] = TimeReader(
                day_zone=day_zone, zone=self.mapping.zone, reading=reading, formats=self.mapping.formats
            )
        return found

    # -- a row -------------------------------------------------------------------------------------------------------

    def read(self, raw: RawRow) -> Row | None:
        """The row understood; None for a blank one."""
        cells = raw.cells
        row = Row(raw.number, cells, list(raw.problems))
        if raw.problems:
            return row
        if not any(cells):
            return None
        try:
            self._matter(row, cells)
        except Skip:
            row.skipped = True
            return row
        if row.kind is not None:
            for number, step in enumerate(self._steps):
                self._take(row, cells, step, self.mapping.steps[number].when.reading)
        if row.problems:
            return row if any(map(cell_text, cells)) else None
        if not row.steps:
            row.skipped = self.mapping.shape == "event"
            return row
        if len(row.steps) > 1:
            self._compare(row)
        elif self.mapping.shape == "event" and not row.problems:
            self._compose(row)
        return row

    def _matter(self, row: Row, cells: Sequence[Any]) -> None:
        directory, problems = self.directory, row.problems
        try:
            code = self._kind_get(cells)
            row.kind = directory.kinds.get(code)
            if row.kind is None:
                problems.append((self._kind_name, UNKNOWN_MATTER_KIND.format(code=code) if code else REQUIRED))
        except Bad as bad:
            problems.append((bad.column, bad.reason))
        try:
            row.matter = self._number_get(cells)
            if not 0 < len(row.matter) <= NUMBER_LENGTH:
                problems.append((self._number_name, TOO_LONG.format(most=NUMBER_LENGTH) if row.matter else REQUIRED))
        except Bad as bad:
            problems.append((bad.column, bad.reason))
        try:
            code = self._unit_get(cells)
            row.unit = directory.units.get(code)
            if row.unit is None:
                problems.append((self._unit_name, UNKNOWN_UNIT.format(code=code) if code else REQUIRED))
        except Bad as bad:
            problems.append((bad.column, bad.reason))
        if self._officer_get is not None or self._title_get is not None or self._facts:
            self._particulars(row, cells)

    def _particulars(self, row: Row, cells: Sequence[Any]) -> None:
        try:
            if self._officer_get is not None and (number := _or_blank(self._officer_get, cells)):
                row.officer_id = self.directory.officers.get(number)
                if row.officer_id is None and not self.mapping.unknown_officer_is_blank:
                    row.problems.append((self._officer_name, UNKNOWN_OFFICER.format(number=number)))
        except Bad as bad:
            row.problems.append((bad.column, bad.reason))
        try:
            if self._title_get is not None:
                row.title = _or_blank(self._title_get, cells)
                if len(row.title) > TITLE_LENGTH:
                    row.problems.append((self._title_name, TOO_LONG.format(most=TITLE_LENGTH)))
        except Bad as bad:
            row.problems.append((bad.column, bad.reason))
        for name, get in self._facts:
            try:
                if text := _or_blank(get, cells):
                    row.facts[name] = text
            except Bad as bad:
                row.problems.append((bad.column, bad.reason))

    def _take(self, row: Row, cells: Sequence[Any], step: _Step, reading: str) -> None:
        """Add what the row says of one kind of step; nothing where a dated column is blank."""
        assert row.kind is not None
        kind = step.kind
        try:
            if step.kind_get is not None:
                code = step.kind_get(cells)
                kind = self.directory.event_kinds.get(code)
                if kind is None:
                    raise Bad(step.kind_name, UNKNOWN_EVENT_KIND.format(code=code) if code else REQUIRED)
            assert kind is not None
            if len(step.when) == 1:
                value = cells[step.when[0]] if step.when[0] >= 0 else ""
                if value.__class__ is str:
                    value = value.strip()
            else:
                value = " ".join(filter(None, (cell_text(cells[place]) for place in step.when if place >= 0)))
            if value == "":
                if self.mapping.shape == "matter":
                    return
                raise Bad(step.when_name, REQUIRED)
            if value.__class__ is str and value[0] == "=":
                value = _checked(value, value, step.when_name, False)
            reader = self._reader(row.kind.zone, "day" if kind.day_only else reading)
            occurred_at, day_only = reader.read(value)
            if occurred_at > self.at:
                raise Bad(step.when_name, FUTURE.format(when=cell_text(value)))
            number = step.number_get(cells) if step.number_get is not None else ""
            if step.number_get is not None and not number:
                raise Bad(step.number_name, REQUIRED)
        except Skip:
            return
        except Bad as bad:
            row.problems.append((bad.column, bad.reason))
            return
        except BadTime as bad:
            row.problems.append((step.when_name, str(bad)))
            return
        if self.mapping.shape == "matter":
            # A row's number stands for all its steps. Without one the matter's own will do, and neither the time nor
            # a count is part of it: a corrected date is then seen to contradict the first.
            stem = number or f"{row.kind.code}:{row.matter}"
            number = _fitting(f"{stem}:{kind.code}" + (f"#{step.ordinal}" if step.ordinal > 1 else ""))
        if len(number) > SOURCE_NUMBER_LENGTH:
            row.problems.append((step.number_name, TOO_LONG.format(most=SOURCE_NUMBER_LENGTH)))
        if step.fields:
            row.steps.append(self._with_fields(row, cells, step, Step(kind.id, occurred_at, day_only, number)))
        else:
            row.steps.append(Step(kind.id, occurred_at, day_only, number))

    def _with_fields(self, row: Row, cells: Sequence[Any], step: _Step, made: Step) -> Step:
        assert row.kind is not None
        values: dict[str, Any] = {}
        for name, column, get in step.fields:
            try:
                text = _or_blank(get, cells)
                if text:
                    values[name] = self._value(name, column, text, row.kind.zone)
            except Bad as bad:
                row.problems.append((bad.column, bad.reason))
            except BadTime as bad:
                row.problems.append((column, str(bad)))
        return made._replace(**values)

    def _value(self, name: str, column: str, text: str, zone: ZoneInfo) -> Any:
        if name == "amount":
            if not text.isdecimal() or int(text) > MOST_AMOUNT:
                raise Bad(column, NOT_A_COUNT.format(text=text))
            return int(text)
        if name == "sets_on":
            return self._reader(zone, "auto").read_day(text)
        if name == "sets_at":
            return self._reader(zone, "moment").read(text)[0]
        if name == "approver":
            if text not in self.directory.approvers:
                raise Bad(column, UNKNOWN_APPROVER.format(code=text))
            return self.directory.approvers[text]
        if len(text) > LENGTHS[name]:
            raise Bad(column, TOO_LONG.format(most=LENGTHS[name]))
        return text

    def _compare(self, row: Row) -> None:
        """Refuse a step that precedes the one the mapping puts before it, and a close before the opening."""
        assert row.kind is not None
        kinds, zone = self.directory.event_kinds_by_id, row.kind.zone
        by_code = {kinds[step.kind_id].code: step for step in reversed(row.steps)}
        columns = {made.kind.code: made.when_name for made in self._steps if made.kind is not None}
        for made in self._steps:
            if not made.after or made.kind is None:
                continue
            later, earlier = by_code.get(made.kind.code), by_code.get(made.after)
            if later and earlier and precedes(later, earlier, zone):
                text = BEFORE.format(when=shown(later, zone), other=made.after_name, then=shown(earlier, zone))
                row.problems.append((made.when_name, text))
        opened = [step for step in row.steps if kinds[step.kind_id].opens]
        if not opened:
            return
        first = min(opened, key=lambda step: step.occurred_at)
        for step in row.steps:
            kind = kinds[step.kind_id]
            if kind.closes and precedes(step, first, zone):
                row.problems.append(
                    (columns.get(kind.code, ""), closed_before_opened(kind, step, kinds[first.kind_id], first, zone))
                )

    def _compose(self, row: Row) -> None:
        """Give an event without a source number one of its own, the same each time the file is read."""
        assert row.kind is not None
        step = row.steps[0]
        if step.source_number:
            return
        local = step.occurred_at.astimezone(row.kind.zone)
        when = f"{local:%Y%m%d}" if step.day_only else f"{local:%Y%m%dT%H%M%S}"
        stem = f"{row.kind.code}:{row.matter}:{self.directory.event_kinds_by_id[step.kind_id].code}:{when}"
        row.steps[0] = step._replace(source_number=_fitting(f"{stem}:{self.count(stem)}"))


def _name(source: Field | None) -> str:
    return "+".join(source.columns) if source is not None else ""


def _joined(readers: Sequence[Get]) -> Get:
    """Several columns as one value; blank where one of them is."""

    def read(cells: Sequence[Any]) -> str:
        parts = [get(cells) for get in readers]
        return "-".join(parts) if all(parts) else ""

    return read


def _or_blank(get: Get, cells: Sequence[Any]) -> str:
    try:
        return get(cells)
    except Skip:
        return ""


def _checked(text: str, value: Any, column: str, exact: bool) -> str:
    """A text that may be more or less than it seems: a formula, a number that lost digits, control characters."""
    if text[0] == "=":
        # ="0012" is how exports keep leading noughts from Excel.
        if len(text) >= 3 and text.startswith('="') and text.endswith('"') and '"' not in text[2:-1]:
            return text[2:-1].strip()
        raise Bad(column, FORMULA_TEXT)
    if "\0" in text:
        raise Bad(column, CONTROL)
    if exact and isinstance(value, float) and len(text.lstrip("-")) > EXACT_DIGITS:
        raise Bad(column, LOST_DIGITS.format(text=text))
    return text


def _fitting(number: str) -> str:
    """A composed number that fits its column; a long one keeps its beginning and a digest of the whole."""
    if len(number) <= SOURCE_NUMBER_LENGTH:
        return number
    digest = sha256(number.encode()).hexdigest()[:32]
    return f"{number[: SOURCE_NUMBER_LENGTH - 33]}~{digest}"


def precedes(one: Step, other: Step, zone: ZoneInfo) -> bool:
    """Whether `one` certainly happened before `other`; where only a day is known for either, days are compared."""
    if one.occurred_at >= other.occurred_at:
        return False
    if one.day_only or other.day_only:
        return one.occurred_at.astimezone(zone).date() < other.occurred_at.astimezone(zone).date()
    return True


def shown(step: Step, zone: ZoneInfo) -> str:
    local = step.occurred_at.astimezone(zone)
    return f"{local:%Y-%m-%d}" if step.day_only else f"{local:%Y-%m-%d %H:%M}"


def closed_before_opened(
    closing: EventKindKey, closed: Step, opening: EventKindKey, opened: Step, zone: ZoneInfo
) -> str:
    return CLOSED_BEFORE_OPENED.format(
        name=closing.name, when=shown(closed, zone), other=opening.name, then=shown(opened, zone)
    )
