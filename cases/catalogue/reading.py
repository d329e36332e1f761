"""A catalogue folder as rows: what YAML says, with the place where it says it. Nothing is judged here but the writing.

Scalars are those of YAML 1.2: `off`, `no` and `12:30` are words, a date is text. Nothing but data is ever constructed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from cases.catalogue.sections import OF_OTHER_ROOMS

try:
    from yaml import CSafeLoader as SafeLoader  # ten times as fast, where the library has it
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

SECTIONS = ("calendars", "kinds", "events", "approvers", "ladders", "limits", "questions")
# Parts that others read (import mappings, reports on a log, rules of follow-up, indicators, retention); they may lie
# beside a catalogue.
READ_BY_OTHERS = ("intake", "log_report", "followup", "indicators", "retention", "weights")
FOLDERS = ("", "calendars", "ladders", "limits")


class NoSuchFolder(Exception):
    """The catalogue folder is not there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: its file, its first line, its section and its number there; lines and numbers from 1."""

    file: str
    line: int = 0
    section: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a catalogue: where, in which field, and how to put it right."""

    place: Place
    code: str
    field: str
    text: str

    def __str__(self) -> str:
        place = self.place
        parts = [place.file]
        if place.line:
            parts.append(f"第{place.line}行")
        if place.number:
            parts.append(f"{place.section} 第{place.number}条{f'（{self.code}）' if self.code else ''}")
        if self.field:
            parts.append(f"字段 {self.field}")
        return "，".join(parts) + f"：{self.text}"

    def as_json(self) -> dict[str, Any]:
        place = self.place
        return {
            "file": place.file,
            "line": place.line or None,
            "section": place.section,
            "row": place.number or None,
            "code": self.code,
            "field": self.field,
            "problem": self.text,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One row of one section."""

    place: Place
    data: dict[str, Any]

    @property
    def code(self) -> str:
        code = self.data.get("code")
        return code if isinstance(code, str) else ""


class _Loader(SafeLoader):
    """Safe, and with the plain scalars of YAML 1.2 only."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(?:0|-?[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])


def read_folder(folder: Path) -> tuple[list[Row], list[Problem]]:
    """All rows of `folder/*.yaml` and its three sub-folders, in the order of file names; and what could not be read."""
    if not folder.is_dir():
        raise NoSuchFolder(f"没有目录 {folder}")
    rows: list[Row] = []
    problems: list[Problem] = []
    files = [path for part in FOLDERS for path in sorted((folder / part).glob("*.y*ml"))]
    for path in files:
        name = path.relative_to(folder).as_posix()
        if path.suffix != ".yaml":
            problems.append(Problem(Place(name), "", "", "文件名须以 .yaml 结尾，否则不会读取"))
            continue
        _read_file(path, name, rows, problems)
    if not files:
        problems.append(Problem(Place(str(folder)), "", "", "目录中没有 .yaml 文件"))
    return rows, problems


def _read_file(path: Path, name: str, rows: list[Row], problems: list[Problem]) -> None:
    try:
        loader = _Loader(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        if node is None:
            problems.append(Problem(Place(name), "", "", "文件是空的"))
            return
        problems += [Problem(Place(name, line), "", key, text) for line, key, text in _bad_keys(node)]
        document = loader.construct_document(node)
    except UnicodeDecodeError:
        problems.append(Problem(Place(name), "", "", "应为 UTF-8 编码，请另存为 UTF-8"))
        return
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        problems.append(Problem(Place(name, line), "", "", "这里不合 YAML 的写法，请检查缩进、冒号、引号和括号"))
        return
    except yaml.YAMLError:
        problems.append(Problem(Place(name), "", "", "含有 YAML 不允许的字符，请检查"))
        return
    if not isinstance(document, dict) or not isinstance(node, yaml.MappingNode):
        problems.append(Problem(Place(name, 1), "", "", f"文件应由 {'、'.join(SECTIONS)} 这些部分组成"))
        return
    for key_node, value_node in node.value:
        _read_section(name, key_node, value_node, document, rows, problems)


def _read_section(
    name: str,
    key_node: yaml.Node,
    value_node: yaml.Node,
    document: dict[str, Any],
    rows: list[Row],
    problems: list[Problem],
) -> None:
    section = str(key_node.value)
    if section in READ_BY_OTHERS:
        return
    place = Place(name, key_node.start_mark.line + 1)
    known = (*SECTIONS, *OF_OTHER_ROOMS)
    if section not in known:
        near = get_close_matches(section, known, n=1)
        hint = f"是不是“{near[0]}”" if near else f"可用的有 {'、'.join(known)}"
        problems.append(Problem(place, "", section, f"没有这一部分，{hint}"))
        return
    entries = document[section]
    if not isinstance(entries, list) or not isinstance(value_node, yaml.SequenceNode):
        problems.append(Problem(place, "", section, "应为列表，每条以“- ”开头"))
        return
    for number, (entry, entry_node) in enumerate(zip(entries, value_node.value, strict=True), 1):
        where = Place(name, entry_node.start_mark.line + 1, section, number)
        if isinstance(entry, dict):
            rows.append(Row(where, entry))
        else:
            problems.append(Problem(where, "", "", "应为一组字段"))


def _bad_keys(node: yaml.Node) -> Iterator[tuple[int, str, str]]:
    """Field names written twice, of which YAML would silently keep the last, and names that are not words."""
    waiting, met = [node], set()
    while waiting:
        one = waiting.pop()
        if id(one) in met:
            continue
        met.add(id(one))
        if isinstance(one, yaml.SequenceNode):
            waiting += one.value
        elif isinstance(one, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in one.value:
                line = key.start_mark.line + 1
                if key.tag != "tag:yaml.org,2002:str":
                    yield line, str(key.value), "字段名应为文字，请加引号"
                elif key.value in seen:
                    yield line, key.value, "字段写了两遍，请只留一处"
                seen.add(str(key.value))
                waiting.append(value)


class NotWritten(ValueError):
    """A text that is not one row of a catalogue; says where, in Chinese."""


def read_one(text: str) -> dict[str, Any]:
    """The fields of one row, written as in a catalogue; none for an empty text. Refuses what cannot be read."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return {}
        wrong = [f"第{line}行，{key}：{told}" for line, key, told in _bad_keys(node)]
        document = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise NotWritten(f"第{line}行不合 YAML 的写法，请检查缩进、冒号、引号和括号") from error
    except yaml.YAMLError as error:
        raise NotWritten("含有 YAML 不允许的字符，请检查") from error
    if wrong:
        raise NotWritten("；".join(wrong))
    if not isinstance(document, dict):
        raise NotWritten("应为一组字段，每行写成“字段: 值”")
    return document
