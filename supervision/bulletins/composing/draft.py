"""A circular before its office has put anything to it: sections as they were counted, kept as JSON beside the bulletin.

Pure. What an editor writes and an office adds (number, seal, day) is put around it by `dressing`, so that counting and
writing never undo one another.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from supervision.bulletins.papers.document import (
    Annex,
    Block,
    Chart,
    Column,
    FigureTable,
    Heading,
    ListTable,
    Note,
    Number,
    Paragraph,
    Row,
)

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a circular under a heading of its own; the editor's remark of its code stands at its end."""

    code: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What was counted and said by rules: title, period in words, the first sentence, sections and annexes."""

    title: str
    period: str
    headline: str
    composed_on: date
    sections: tuple[Section, ...]
    annexes: tuple[Annex, ...] = ()


_KINDS: Final = {
    kind.__name__: kind
    for kind in (Annex, Chart, Column, Draft, FigureTable, Heading, ListTable, Note, Number, Paragraph, Row, Section)
}


def as_json(draft: Draft) -> dict[str, Any]:
    """The draft as JSON that `from_json` reads back to an equal draft."""
    return {"format": FORMAT, "draft": _told(draft)}


def from_json(kept: dict[str, Any]) -> Draft:
    """A kept draft. Refuses (ValueError) a format it does not know."""
    if kept.get("format") != FORMAT:
        raise ValueError(f"不认得的通报格式：{kept.get('format')}")
    draft = _read(kept["draft"])
    assert isinstance(draft, Draft)
    return draft


def _told(thing: Any) -> Any:
    if is_dataclass(thing) and not isinstance(thing, type):
        # What has its usual value is left out: most of a number is.
        own = {
            one.name: _told(value)
            for one in fields(thing)
            if (value := getattr(thing, one.name)) is not None and value != one.default
        }
        return {"is": type(thing).__name__, **own}
    if isinstance(thing, tuple):
        return [_told(one) for one in thing]
    if isinstance(thing, Decimal):
        return {"is": "Decimal", "text": str(thing)}
    if isinstance(thing, bytes):
        return {"is": "bytes", "base64": base64.b64encode(thing).decode()}
    if isinstance(thing, date):
        return {"is": "date", "text": thing.isoformat()}
    return thing


def _read(kept: Any) -> Any:
    if isinstance(kept, list):
        return tuple(_read(one) for one in kept)
    if not isinstance(kept, dict):
        return kept
    own = {name: value for name, value in kept.items() if name != "is"}
    match kept["is"]:
        case "Decimal":
            return Decimal(own["text"])
        case "bytes":
            return base64.b64decode(own["base64"])
        case "date":
            return date.fromisoformat(own["text"])
    kind = _KINDS[kept["is"]]
    return kind(**{name: _read(value) for name, value in own.items()})
