"""XES event logs, packed or not: read as they stream in, each event as one row.

An event's attributes are its columns; those of its trace carry the prefix `case:`; `event:index` counts the events of a
trace from nought. Document types, entities and external references are refused by the parser itself.
"""

import hashlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from cases.intake.files import RawRow, blocks
from cases.intake.mapping import IntakeMapping
from cases.intake.refused import IntakeRefused

ATTRIBUTES = frozenset("string date int float boolean id list container".split())
DEEPEST = 32
MOST_ATTRIBUTES = 1000
LONGEST_TAG = 1 << 20

FORBIDDEN = "XES 文件带有文档类型或者实体声明（{why}），可能是恶意文件，未读取"
NOT_XML = "XES 文件第{line}行不是合格的 XML：{why}"
NOT_XES = "文件不是 XES 事件日志：最外层应为 log"
TOO_DEEP = "XES 文件第{line}行嵌套超过{limit}层，可能是恶意文件"
TOO_MANY = "XES 文件第{line}行的一个事件或者案件有超过{limit}个属性，可能是恶意文件"
ENDLESS_TAG = "XES 文件第{line}行附近有一个超过{limit}字节的标签，可能是恶意文件"
NOT_UTF8 = "XES 文件写明的编码不能识别。请以 UTF-8 重新导出"
CUT_OFF = "XES 文件不完整，结尾处缺少内容"


class XesFile:
    """An event log. Rows are numbered by event, the first being 1; heads are the attributes the mapping names."""

    fixed_heads = False

    def __init__(self, path: Path, mapping: IntakeMapping) -> None:
        self.path = path
        self.heads = mapping.columns()
        digest = hashlib.sha256()
        for block in blocks(path):
            digest.update(block)
        self.digest = digest.hexdigest()
        self.total: int | None = None if next(self.rows(), None) is not None else 0

    def rows(self) -> Generator[RawRow, None, None]:
        parser = make_parser()
        log = _Log(self.heads, line=parser.getLineNumber)
        parser.forbid_dtd = True
        parser.setContentHandler(log)
        since_tag = number = 0
        try:
            for block in blocks(self.path):
                last = block.rfind(b">")
                since_tag = since_tag + len(block) if last < 0 else len(block) - last
                if since_tag > LONGEST_TAG:
                    raise IntakeRefused(ENDLESS_TAG.format(line=parser.getLineNumber(), limit=LONGEST_TAG))
                parser.feed(block)
                for cells in log.taken():
                    number += 1
                    yield RawRow(number, cells)
            parser.close()
        except DefusedXmlException as error:
            raise IntakeRefused(FORBIDDEN.format(why=type(error).__name__)) from error
        except (ValueError, LookupError) as error:
            raise IntakeRefused(NOT_UTF8) from error
        except SAXException as error:
            line = getattr(error, "getLineNumber", lambda: None)() or 1
            why = error.getMessage()
            raise IntakeRefused(CUT_OFF if "no element" in why else NOT_XML.format(line=line, why=why)) from error
        for cells in log.taken():
            number += 1
            yield RawRow(number, cells)


class _Log(ContentHandler):
    """Turns elements into rows; holds one trace's attributes and one event's at a time."""

    def __init__(self, heads: list[str], *, line: Callable[[], int]) -> None:
        super().__init__()
        self.line = line
        self.places = {head: place for place, head in enumerate(heads)}
        self.width = len(heads)
        self._rows: list[list[Any]] = []
        self._depth = 0
        self._trace: dict[str, str] | None = None
        self._event: dict[str, str] | None = None
        self._event_depth = 0
        self._index = 0

    def taken(self) -> list[list[Any]]:
        rows, self._rows = self._rows, []
        return rows

    def startElement(self, name: str, attrs: Any) -> None:
        name = name.rpartition(":")[2]
        self._depth += 1
        if self._depth == 1 and name != "log":
            raise IntakeRefused(NOT_XES)
        if self._depth > DEEPEST:
            raise IntakeRefused(TOO_DEEP.format(line=self.line(), limit=DEEPEST))
        if name == "trace" and self._depth == 2:
            self._trace, self._index = {}, 0
        elif name == "event" and self._event is None:
            self._event, self._event_depth = {}, self._depth
        elif name in ATTRIBUTES:
            self._attribute(attrs)

    def _attribute(self, attrs: Any) -> None:
        if self._event is not None:
            holder, direct = self._event, self._depth == self._event_depth + 1
        elif self._trace is not None:
            holder, direct = self._trace, self._depth == 3
        else:
            return
        if not direct:
            return
        if len(holder) >= MOST_ATTRIBUTES:
            raise IntakeRefused(TOO_MANY.format(line=self.line(), limit=MOST_ATTRIBUTES))
        holder[attrs.get("key", "")] = attrs.get("value", "")

    def endElement(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "event" and self._event is not None and self._depth == self._event_depth:
            self._rows.append(self._row(self._event))
            self._event = None
            self._index += 1
        elif name == "trace" and self._depth == 2:
            self._trace = None
        self._depth -= 1

    def _row(self, event: dict[str, str]) -> list[Any]:
        cells: list[Any] = [""] * self.width
        for key, value in event.items():
            place = self.places.get(key)
            if place is not None:
                cells[place] = value
        for key, value in (self._trace or {}).items():
            place = self.places.get(f"case:{key}")
            if place is not None:
                cells[place] = value
        place = self.places.get("event:index")
        if place is not None:
            cells[place] = str(self._index)
        return cells
