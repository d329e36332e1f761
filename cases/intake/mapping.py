"""The mapping from a file's columns to matters and their events: a YAML file, described in this folder's README.

`read_mapping` checks everything a mapping can be wrong about without the file and names every field that is wrong.
`recognise` finds, among several mappings, the one made for a file by its heads.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from cases.intake.refused import IntakeRefused, MappingRefused
from cases.models import UnitLevel

FORMATS = ("csv", "xlsx", "xes")
ENCODINGS = ("auto", "utf-8", "gb18030", "gbk", "utf-16")
SHAPES = ("event", "matter")
READINGS = ("auto", "day", "moment")
SOURCE_LENGTH = 40
NAME_LENGTH = 100

# What a step may carry beside its kind and its time, and how the bureau calls it.
STEP_FIELDS = {
    "document_number": "文书号",
    "approver": "批准层级",
    "ground": "理由",
    "tier": "档次",
    "amount": "批准数量",
    "sets_on": "文书确定的日期",
    "sets_at": "文书确定的时刻",
    "reference": "关联号",
    "note": "备注",
}


@dataclass(frozen=True, slots=True)
class Field:
    """Where a value comes from: a column, several columns joined, or a fixed value; and what its words stand for.

    `values` translates; a word that stands for nothing (null) leaves the field empty. A word that is not in the table
    is refused unless `otherwise` says what it stands for.
    """

    columns: tuple[str, ...] = ()
    fixed: str = ""
    values: Mapping[str, str | None] | None = None
    otherwise: str | None = None
    has_otherwise: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """The columns a time is read from (joined by a space) and whether it is a day, a moment, or as written."""

    columns: tuple[str, ...]
    reading: str = "auto"


@dataclass(frozen=True, slots=True)
class StepMapping:
    """One kind of step a row tells of. `after` names the kind of step of the same row that it cannot precede."""

    kind: Field
    when: When
    source_number: Field | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    after: str = ""


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit to be added if there is none of this code."""

    code: str
    name: str
    level: int
    parent: str = ""


@dataclass(frozen=True, slots=True)
class IntakeMapping:
    """A mapping (对应表). `shape` says what one row is: an event, or a matter with several dates."""

    name: str
    source: str
    shape: str
    kind: Field
    number: Field
    unit: Field
    steps: tuple[StepMapping, ...]
    format: str = ""
    encoding: str = "auto"
    delimiter: str = ","
    sheet: str = ""
    head_row: int = 1
    zone: ZoneInfo | None = None
    formats: tuple[str, ...] = ()
    officer: Field | None = None
    unknown_officer_is_blank: bool = False
    title: Field | None = None
    facts: Mapping[str, Field] = field(default_factory=dict)
    units: tuple[NewUnit, ...] = ()

    def columns(self) -> list[str]:
        """Every column the mapping reads, each once, in the order it is first named."""
        fields: list[Field | None] = [self.kind, self.number, self.unit, self.officer, self.title, *self.facts.values()]
        names: list[str] = [name for one in fields if one is not None for name in one.columns]
        for step in self.steps:
            for one in (step.kind, step.source_number, *step.fields.values()):
                names.extend(one.columns if one is not None else ())
            names.extend(step.when.columns)
        return list(dict.fromkeys(names))


# -- reading the YAML ------------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key written twice instead of keeping the last."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"“{key}”写了两次", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_mapping(path: Path | str) -> IntakeMapping:
    """The mapping in a YAML file. Raises MappingRefused with everything that is wrong."""
    path = Path(path)
    try:
        document = yaml.load(path.read_bytes(), _Loader)  # noqa: S506  (a safe loader)  # nosec B506
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f"第{mark.line + 1}行" if mark is not None else "文件"
        raise MappingRefused(
            path.name, [(at, f"不是合格的 YAML：{getattr(error, 'problem', None) or error}")]
        ) from error
    except OSError as error:
        raise IntakeRefused(f"读不到对应表“{path}”：{error.strerror}") from error
    if not isinstance(document, Mapping) or not isinstance(document.get("intake"), Mapping):
        raise MappingRefused(path.name, [("intake", "缺少这一段；对应表的全部内容写在 intake: 之下")])
    return parse_mapping(document["intake"], path.name)


def read_mappings(folder: Path | str) -> list[IntakeMapping]:
    """Every mapping among the YAML files of a folder; other YAML files are passed over."""
    found = []
    for path in sorted(Path(folder).glob("*.yaml")):
        try:
            document = yaml.load(path.read_bytes(), _Loader)  # noqa: S506  # nosec B506
        except (yaml.YAMLError, UnicodeDecodeError, ValueError):
            document = {"intake": None}
        if isinstance(document, Mapping) and "intake" in document:
            found.append(read_mapping(path))
    return found


_KNOWN = {
    "": "name source format encoding delimiter sheet head_row zone formats rows units matter event events".split(),
    "matter": "kind number unit officer title facts".split(),
    "step": ["kind", "when", "source_number", "after", *STEP_FIELDS],
    "field": ["column", "columns", "fixed", "values", "otherwise"],
    "officer": ["column", "columns", "fixed", "values", "otherwise", "if_unknown"],
    "when": ["column", "columns", "as"],
    "unit": ["code", "name", "level", "parent"],
}


class _Reader:
    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []

    def wrong(self, at: str, text: str) -> None:
        self.problems.append((at, text))

    def known(self, row: Mapping[Any, Any], allowed: Iterable[str], at: str) -> None:
        allowed = list(allowed)
        for key in row:
            if key not in allowed:
                self.wrong(f"{at}{key}", f"没有这个字段，可用的有：{'、'.join(allowed)}")

    def section(self, row: Mapping[Any, Any], name: str, at: str = "") -> Mapping[Any, Any]:
        value = row.get(name)
        if isinstance(value, Mapping):
            return value
        self.wrong(f"{at}{name}", "必填，应为一组字段")
        return {}

    def text(self, row: Mapping[Any, Any], name: str, at: str, *, default: str | None = None, most: int = 200) -> str:
        value = row.get(name)
        if value is None:
            if default is None:
                self.wrong(f"{at}{name}", "必填")
            return default or ""
        if isinstance(value, bool | Mapping | list):
            self.wrong(f"{at}{name}", f"应为文字，现为 {value!r}")
            return default or ""
        text = str(value)
        if len(text) > most:
            self.wrong(f"{at}{name}", f"超过{most}字")
        return text

    def choice(self, row: Mapping[Any, Any], name: str, allowed: Sequence[str], default: str, at: str = "") -> str:
        value = row.get(name, default)
        if value in allowed:
            return str(value)
        self.wrong(f"{at}{name}", f"应为 {'、'.join(allowed)} 之一，现为 {value!r}")
        return default

    def count(self, row: Mapping[Any, Any], name: str, at: str, default: int) -> int:
        value = row.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.wrong(f"{at}{name}", f"应为正整数，现为 {value!r}")
            return default
        return value

    def names(self, value: Any, at: str) -> tuple[str, ...]:
        """One column name or a list of them."""
        many = value if isinstance(value, list) else [value]
        if not many or any(isinstance(one, bool | Mapping | list) or one is None or one == "" for one in many):
            self.wrong(at, "应为列名或者列名的列表")
            return ()
        return tuple(str(one) for one in many)

    def heads(self, value: Any, at: str) -> tuple[str, ...]:
        return tuple(clean_head(one) for one in self.names(value, at))

    def columns(self, row: Mapping[Any, Any], at: str) -> tuple[str, ...]:
        if "column" in row and "columns" in row:
            self.wrong(at, "column 与 columns 只写一个")
        return self.heads(row["column"] if "column" in row else row["columns"], at)

    def field(self, value: Any, at: str, allowed: Iterable[str] = tuple(_KNOWN["field"])) -> Field:
        if not isinstance(value, Mapping):
            return Field(columns=self.heads(value, at))
        self.known(value, allowed, f"{at}.")
        if ("fixed" in value) == ("column" in value or "columns" in value):
            self.wrong(at, "应写 column（列名）或者 fixed（固定值）中的一个")
            return Field()
        if "fixed" in value:
            return Field(fixed=self.text(value, "fixed", f"{at}."))
        columns = self.columns(value, at)
        table = value.get("values")
        if table is not None and not isinstance(table, Mapping):
            self.wrong(f"{at}.values", "应为“原值: 代码”的对照")
            table = None
        for word in table or ():
            if isinstance(word, bool):
                self.wrong(f"{at}.values", '原值被当成了是/否，请加引号，例如 "yes": …')
        return Field(
            columns=columns,
            values=None if table is None else {str(word): _code(code) for word, code in table.items()},
            otherwise=_code(value.get("otherwise")),
            has_otherwise="otherwise" in value,
        )

    def maybe(self, row: Mapping[Any, Any], name: str, at: str) -> Field | None:
        return None if row.get(name) is None else self.field(row[name], f"{at}{name}")

    def required(self, row: Mapping[Any, Any], name: str, at: str) -> Field:
        if row.get(name) is None:
            self.wrong(f"{at}{name}", "必填")
            return Field()
        return self.field(row[name], f"{at}{name}")

    def when(self, row: Mapping[Any, Any], at: str) -> When:
        value = row.get("when")
        if value is None:
            self.wrong(f"{at}when", "必填")
            return When(())
        if not isinstance(value, Mapping):
            return When(self.heads(value, f"{at}when"))
        self.known(value, _KNOWN["when"], f"{at}when.")
        if "column" not in value and "columns" not in value:
            self.wrong(f"{at}when", "缺少 column（列名）")
            return When(())
        return When(self.columns(value, f"{at}when"), self.choice(value, "as", READINGS, "auto", f"{at}when."))

    def step(self, value: Any, at: str) -> StepMapping:
        if not isinstance(value, Mapping):
            self.wrong(at.rstrip("."), "应为一组字段")
            return StepMapping(Field(), When(()))
        self.known(value, _KNOWN["step"], at)
        kind = value.get("kind")
        return StepMapping(
            # In a list of steps the kind stands there by its code; a column is written out.
            kind=self.required(value, "kind", at)
            if isinstance(kind, Mapping) or kind is None
            else Field(fixed=str(kind)),
            when=self.when(value, at),
            source_number=self.maybe(value, "source_number", at),
            fields={
                name: self.field(value[name], f"{at}{name}") for name in STEP_FIELDS if value.get(name) is not None
            },
            after=self.text(value, "after", at, default=""),
        )

    def zone(self, row: Mapping[Any, Any]) -> ZoneInfo | None:
        value = row.get("zone")
        if value is None:
            return None
        try:
            return ZoneInfo(str(value))
        except (ZoneInfoNotFoundError, ValueError):
            self.wrong("zone", f"没有这个时区：{value!r}，应写成 Asia/Shanghai")
            return None

    def units(self, row: Mapping[Any, Any]) -> tuple[NewUnit, ...]:
        found = []
        for number, entry in enumerate(row.get("units") or (), 1):
            at = f"units[{number}]."
            if not isinstance(entry, Mapping):
                self.wrong(at.rstrip("."), "应为一组字段")
                continue
            self.known(entry, _KNOWN["unit"], at)
            unit = NewUnit(
                code=self.text(entry, "code", at, most=32),
                name=self.text(entry, "name", at, most=100),
                level=self.count(entry, "level", at, UnitLevel.STATION),
                parent=self.text(entry, "parent", at, default="", most=32),
            )
            if unit.level not in UnitLevel.values:
                self.wrong(f"{at}level", f"应为 {'、'.join(map(str, UnitLevel.values))} 之一，现为 {unit.level}")
            found.append(unit)
        return tuple(found)


def _code(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def parse_mapping(row: Mapping[Any, Any], name: str = "") -> IntakeMapping:
    """A mapping from the content of its `intake:` section. Raises MappingRefused with every field that is wrong."""
    reader = _Reader()
    reader.known(row, _KNOWN[""], "")
    matter = reader.section(row, "matter")
    reader.known(matter, _KNOWN["matter"], "matter.")
    shape = reader.choice(row, "rows", SHAPES, "event")
    steps: tuple[StepMapping, ...] = ()
    if shape == "event":
        steps = (reader.step(row.get("event"), "event."),)
        if "events" in row:
            reader.wrong("events", "一行一个节点时只写 event；一行一件时才写 events")
    else:
        entries = row.get("events")
        if not isinstance(entries, list) or not entries:
            reader.wrong("events", "一行一件时必填，列出各日期列对应的节点")
            entries = []
        if "event" in row:
            reader.wrong("event", "一行一件时写 events，不写 event")
        steps = tuple(reader.step(entry, f"events[{number}].") for number, entry in enumerate(entries, 1))
    officer, blank = _officer(reader, matter)
    mapping = IntakeMapping(
        name=reader.text(row, "name", "", most=NAME_LENGTH),
        source=reader.text(row, "source", "", most=SOURCE_LENGTH),
        shape=shape,
        kind=reader.required(matter, "kind", "matter."),
        number=reader.required(matter, "number", "matter."),
        unit=reader.required(matter, "unit", "matter."),
        steps=steps,
        format=reader.choice(row, "format", FORMATS, "csv") if "format" in row else "",
        encoding=reader.choice(row, "encoding", ENCODINGS, "auto"),
        delimiter=reader.text(row, "delimiter", "", default=",", most=1),
        sheet=reader.text(row, "sheet", "", default=""),
        head_row=reader.count(row, "head_row", "", 1),
        zone=reader.zone(row),
        formats=reader.names(row["formats"], "formats") if row.get("formats") else (),
        officer=officer,
        unknown_officer_is_blank=blank,
        title=reader.maybe(matter, "title", "matter."),
        facts=_facts(reader, matter),
        units=reader.units(row),
    )
    _check_steps(reader, mapping)
    if reader.problems:
        raise MappingRefused(name or mapping.name, reader.problems)
    return mapping


def _officer(reader: _Reader, matter: Mapping[Any, Any]) -> tuple[Field | None, bool]:
    value = matter.get("officer")
    if value is None:
        return None, False
    blank = False
    if isinstance(value, Mapping):
        blank = reader.choice(value, "if_unknown", ("refuse", "blank"), "refuse", "matter.officer.") == "blank"
    return reader.field(value, "matter.officer", _KNOWN["officer"]), blank


def _facts(reader: _Reader, matter: Mapping[Any, Any]) -> dict[str, Field]:
    value = matter.get("facts") or {}
    if not isinstance(value, Mapping):
        reader.wrong("matter.facts", "应为“情形: 列”的对照")
        return {}
    return {str(name): reader.field(source, f"matter.facts.{name}") for name, source in value.items()}


def _check_steps(reader: _Reader, mapping: IntakeMapping) -> None:
    fixed = [step.kind.fixed for step in mapping.steps]
    for number, step in enumerate(mapping.steps, 1):
        at = "event." if mapping.shape == "event" else f"events[{number}]."
        if step.after and (mapping.shape == "event" or step.after not in fixed):
            reader.wrong(f"{at}after", "应为同一行中另一节点的代码")
        if mapping.shape == "matter" and step.kind.columns:
            reader.wrong(f"{at}kind", "一行一件时，每个日期列的节点是固定的，应直接写代码")
    for name, one in (("matter.number", mapping.number), *((f"event.{n}", f) for n, f in _numbers(mapping))):
        if one.fixed:
            reader.wrong(name, "编号不能是固定值")


def _numbers(mapping: IntakeMapping) -> list[tuple[str, Field]]:
    return [("source_number", step.source_number) for step in mapping.steps if step.source_number is not None]


# -- which mapping a file was exported for ---------------------------------------------------------------------------


def clean_head(value: object) -> str:
    """A column's name as it is compared: Chinese without any blanks (exports pad and break it), others with single ones."""
    words = str(value).replace("\ufeff", "").split()
    return " ".join(words) if str(value).isascii() else "".join(words)


def recognise(heads: Iterable[object], mappings: Iterable[IntakeMapping]) -> IntakeMapping | None:
    """The mapping all of whose columns are among the heads; of several, the one that reads most of them.

    None if there is no such mapping or if two read equally many: then a person chooses.
    """
    present = {clean_head(head) for head in heads}
    fits = [(len(mapping.columns()), mapping) for mapping in mappings if present.issuperset(mapping.columns())]
    most = max((count for count, _ in fits), default=0)
    best = [mapping for count, mapping in fits if count == most]
    return best[0] if len(best) == 1 else None
