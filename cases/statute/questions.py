"""Open questions (待定问题): what the law leaves open about a limit, the answers that may be given, and what each changes.

A limit as it is written follows the default answer of every question, so a default changes nothing; another option
names the fields it puts in their place. Everything here is a function of its arguments.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.statute.limits import FieldReader, InvalidLimit, Limit, family_of, parse_limit

# What an answer may put another value in: the arithmetic. Never which law it is, its text, whether it is verified, or
# the kinds of matter it is for.
CHANGEABLE = frozenset(
    """starts stops restarts when length unit start_counted satisfied_before tiers extensions ladder_in_order pauses
    delays start_approvers rollover rollover_basis custody calendar transition ladder""".split()
)

LONGEST_CODE = 60


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be given: its basis, and the fields it puts in place, by code or family of limits."""

    code: str
    text: str
    basis: str
    changes: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Question:
    """Something the law leaves open: why it is open, under which articles, and the answers; one is the default."""

    code: str
    question: str
    why: str
    citations: tuple[str, ...]
    options: tuple[Option, ...]
    default: str

    def option(self, code: str) -> Option | None:
        return next((one for one in self.options if one.code == code), None)

    @property
    def about(self) -> frozenset[str]:
        """Codes and families of the limits whose dates depend on the answer.

        Which text rules what is open when a new one comes into force concerns every version of the limit.
        """
        named = set()
        for one in self.options:
            for target, fields in one.changes.items():
                named.add(target)
                if "transition" in fields:
                    named.add(family_of(target))
        return frozenset(named)

    def concerns(self, code: str, family: str) -> bool:
        """Whether the dates of this limit depend on the answer."""
        return not self.about.isdisjoint((code, family))


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer that stands: the one given on a day on some ground, or, without a day, the default."""

    question: Question
    option: Option
    decided_on: date | None = None
    ground: str = ""

    @property
    def said(self) -> str:
        """By which answer the dates are counted."""
        if self.decided_on is None:
            return f"尚未答复，按默认（{self.option.text}）计算"
        return f"按 {self.decided_on} 的答复（{self.option.text}；{self.ground}）计算"

    @property
    def note(self) -> str:
        """What a reader of a date that depends on it must know."""
        return f"本期限取决于待定问题“{self.question.question}”：{self.said}"

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.question.code,
            "question": self.question.question,
            "option": self.option.code,
            "text": self.option.text,
            "basis": self.option.basis,
            "default": self.option.code == self.question.default,
            "decided_on": self.decided_on.isoformat() if self.decided_on else None,
            "ground": self.ground,
            "note": self.note,
        }


def by_default(question: Question) -> Standing:
    """The standing of a question nobody has answered."""
    option = question.option(question.default)
    if option is None:
        raise ValueError(f"待定问题“{question.code}”没有默认答复")
    return Standing(question, option)


def changes_to(code: str, family: str, standing: Iterable[Standing]) -> dict[str, Any]:
    """The fields of one limit that the standing answers put in place; those named by family before those by code."""
    fields: dict[str, Any] = {}
    for one in standing:
        for target in (family, code) if family != code else (code,):
            fields.update(one.option.changes.get(target, {}))
    return fields


def replaced(definition: Mapping[str, Any], fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """A definition with some fields put in place of its own; without any, the definition itself."""
    return {**definition, **fields} if fields else definition


def limits_as_answered(definitions: Iterable[Mapping[str, Any]], standing: Iterable[Standing]) -> list[Limit]:
    """Definitions as limits under these answers. Raises InvalidLimit where the answers do not go together."""
    answers = list(standing)
    found = []
    for definition in definitions:
        code = str(definition.get("code", ""))
        family = str(definition.get("family") or family_of(code))
        found.append(parse_limit(replaced(definition, changes_to(code, family, answers))))
    return found


def standing_on(limit: Limit, standing: Iterable[Standing]) -> tuple[Standing, ...]:
    """The answers that the dates of one limit depend on."""
    return tuple(one for one in standing if one.question.concerns(limit.code, limit.family))


def parse_question(row: Mapping[str, Any]) -> Question:
    """A question row of the catalogue. Raises InvalidLimit with every field that is wrong.

    Refuses fewer than two options, a default that is none of them or that changes anything, an option without a text
    or a basis, and a change of a field that is not the arithmetic.
    """
    reader = FieldReader(row)
    reader.only(("code", "question", "why", "citations", "default", "options"))
    options = tuple(_option(entry) for _, entry in reader.rows("options"))
    question = Question(
        code=reader.text("code", required=True),
        question=reader.text("question", required=True),
        why=reader.text("why", required=True),
        citations=reader.words("citations"),
        options=options,
        default=reader.text("default", required=True),
    )
    if not question.citations:
        reader.wrong("citations", "必填，写明因哪些条款不明确")
    codes = [one.code for one in options]
    if len(options) < 2:
        reader.wrong("options", "至少要有两种答复")
    if len(set(codes)) != len(codes):
        reader.wrong("options", "答复代码重复")
    if any(len(one) > LONGEST_CODE for one in codes):
        reader.wrong("options", f"答复代码最多{LONGEST_CODE}个字")
    default = question.option(question.default)
    if question.default and default is None:
        reader.wrong("default", f"没有“{question.default}”这种答复，可用的有 {'、'.join(codes)}")
    if default is not None and default.changes:
        reader.wrong("default", "默认答复就是目录中时限所写的，不能另有改动，请直接改时限")
    if len(options) > 1 and not question.about:
        reader.wrong("options", "没有一种答复改动任何时限，这样的问题不必列入")
    if reader.problems:
        raise InvalidLimit(question.code or "（无代码）", reader.problems)
    return question


def _option(reader: FieldReader) -> Option:
    reader.only(("code", "text", "basis", "changes"))
    return Option(
        code=reader.text("code", required=True),
        text=reader.text("text", required=True),
        basis=reader.text("basis", required=True),
        changes=_changes(reader),
    )


def _changes(reader: FieldReader) -> Mapping[str, Mapping[str, Any]]:
    given = reader.row.get("changes")
    if not given:
        return {}
    if not isinstance(given, Mapping):
        reader.wrong("changes", "应写成“时限代码或族名: 一组字段”")
        return {}
    found: dict[str, Mapping[str, Any]] = {}
    for target, fields in given.items():
        if not isinstance(fields, Mapping) or not fields:
            reader.wrong(f"changes.{target}", "应为一组字段")
            continue
        for name in fields:
            if name not in CHANGEABLE:
                reader.wrong(f"changes.{target}.{name}", "答复不能改动这个字段，只能改动影响计算的字段")
        found[str(target)] = dict(fields)
    return found
