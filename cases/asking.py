"""Questions to the calculator as text: what the command, the page and the interface are given."""

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from cases.calculator import Given
from cases.services import CaseRefused

_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?$")
_ATTRIBUTES = ("approver", "ground", "tier", "amount", "sets_on", "sets_at", "reference", "known")


class BadQuestion(ValueError):
    """Text that is not a question; the message says how to write one."""


def read_when(text: str) -> date | datetime:
    """A day (`2026-03-02`) or a moment (`2026-03-02T10:00`); refuses one that does not exist."""
    text = text.strip()
    try:
        if _DAY.match(text):
            return date.fromisoformat(text)
        if _MOMENT.match(text):
            return datetime.fromisoformat(text.replace(" ", "T"))
    except ValueError as error:
        raise CaseRefused(f"没有“{text}”这个时间") from error
    raise BadQuestion(f"“{text}”不是时间，应写成 2026-03-02 或 2026-03-02T10:00")


def read_given(text: str) -> Given:
    """An event as text: `KIND@A`, `KIND@A/B`, each with `,name=value` after it."""
    kind, mark, rest = text.partition("@")
    if not kind.strip() or not mark:
        raise BadQuestion(f"“{text}”应写成 节点@日期 或 节点@开始/结束")
    return replace(read_start(rest), kind=kind.strip())


def read_start(text: str) -> Given:
    """The start as text: a day or a moment, with `,name=value` after it."""
    when, *attributes = text.split(",")
    begin, slash, end = when.partition("/")
    given = Given("", read_when(begin), until=read_when(end) if slash else None)
    for attribute in attributes:
        name, mark, value = (part.strip() for part in attribute.partition("="))
        if not mark or name not in _ATTRIBUTES:
            raise BadQuestion(f"“{attribute}”应写成 名称=值，名称可用 {'、'.join(_ATTRIBUTES)}")
        given = replace(given, **{name: _attribute(name, value)})
    return given


def _attribute(name: str, value: str) -> Any:
    if name == "amount":
        if not value.isdecimal():
            raise BadQuestion(f"amount 应为正整数，现为“{value}”")
        return int(value)
    if name not in ("sets_on", "sets_at", "known"):
        return value
    when = read_when(value)
    if name == "sets_on" and isinstance(when, datetime):
        raise BadQuestion("sets_on 应为日期")
    if name == "sets_at" and not isinstance(when, datetime):
        raise BadQuestion("sets_at 应为时刻")
    return when


def read_fact(text: str) -> tuple[str, str]:
    """A fact of the case as text: `name=value`."""
    name, mark, value = (part.strip() for part in text.partition("="))
    if not name or not mark:
        raise BadQuestion(f"“{text}”应写成 名称=值")
    return name, value
