"""Every number of a circular, read back from each of its papers by programs that did not write it.

HTML, Word and Excel name their numbers, and are read by those names. Plain text, PDF and what stands for a picture are
read by the words around: the words are known, what stands between them is not.
"""

import io
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

import pypdf
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from supervision.bulletins.papers.document import (
    Chart,
    Circular,
    FigureTable,
    Heading,
    ListTable,
    Note,
    Number,
    Paragraph,
    Placed,
    Run,
    cell_lines,
    legend_of,
    said,
)
from supervision.bulletins.papers.fonts import type_at_hand
from supervision.bulletins.papers.lettering import clean, day_text
from supervision.bulletins.papers.plain import DRAFT_WORDS
from supervision.bulletins.papers.word_sheet import bookmark_name

Read = list[tuple[str, str]]
# What a number may look like; words that stand for one are among the hostile things that it may be, too.
SHAPE = r"[-+]?\d+(?:\.\d+)?%?|—|少于5，不单列"


def meant(circular: Circular) -> Read:
    """What each paper should be read as."""
    return [(clean(number.key), clean(number.text)) for number in circular.numbers()]


def between(runs: Iterable[Run], text: str) -> Read:
    """The numbers of `runs` in a text that consists of them, by what stands around each."""
    listed = list(runs)
    pattern = "".join(f"({SHAPE})" if isinstance(run, Number) else re.escape(clean(run)) for run in listed)
    marked = _with_marks(listed, pattern)
    found = re.fullmatch(marked, text, re.DOTALL)
    assert found is not None, (marked[:300], text[:300])
    return list(zip([run.key for run in listed if isinstance(run, Number)], found.groups(), strict=True))


def _with_marks(runs: list[Run], pattern: str) -> str:
    if not any(isinstance(run, Number) and run.mark for run in runs):
        return pattern
    return "".join(
        re.escape(clean(run)) if isinstance(run, str) else f"({SHAPE})" + re.escape(said(run)[len(clean(run.text)) :])
        for run in runs
    )


# -- HTML ------------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """The numbers of a page, its pictures, and the elements that it consists of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.told: list[tuple[str, str | None, str]] = []
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        self.elements.append((tag, at))
        if tag == "img":
            self.told.append(("picture", None, at["alt"] or ""))
        elif tag == "span" and "data-figure" in at:
            self.told.append(("number", at["data-figure"], ""))
            self.open.append("number")
        elif tag == "span":
            self.open.append("span")

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.open and self.open[-1] == "number":
            kind, key, text = self.told[-1]
            self.told[-1] = (kind, key, text + data)


def from_html(html: str, circular: Circular) -> Read:
    page, charts = Page(html), charts_of(circular)
    read: Read = []
    for kind, key, text in page.told:
        if kind == "picture":
            read += between(next(charts).spoken, text)
        else:
            read.append((key or "", text))
    return read


def charts_of(circular: Circular) -> Iterator[Chart]:
    return (placed.block for placed in circular.everything() if isinstance(placed.block, Chart))


# -- Word ------------------------------------------------------------------------------------------------------------


def from_word(content: bytes, circular: Circular) -> Read:
    """By the bookmarks, and the pictures' descriptions."""
    keys = [number.key for number in circular.numbers()]
    charts = charts_of(circular)
    read: Read = []
    inside: str | None = None
    for element in Document(io.BytesIO(content)).element.body.iter():
        if element.tag == qn("w:bookmarkStart"):
            inside = element.get(qn("w:name"))
            read.append((inside, ""))
        elif element.tag == qn("w:bookmarkEnd"):
            inside = None
        elif element.tag == qn("w:t") and inside:
            read[-1] = (inside, read[-1][1] + (element.text or ""))
        elif element.tag == qn("wp:docPr"):
            read += between(next(charts).spoken, element.get("descr"))
    named = {bookmark_name(n, key): key for n, key in enumerate(keys, 1)}
    return [(named.get(name, name), text) for name, text in read]


# -- Excel -----------------------------------------------------------------------------------------------------------


def from_excel(content: bytes) -> list[tuple[str, str, Any, Any, Any]]:
    """The register: key, as written in the text, value as last computed, numerator, denominator."""
    sheet = load_workbook(io.BytesIO(content), data_only=True)["数字"]
    return [(row[1], row[3], row[4], row[5], row[6]) for row in sheet.iter_rows(min_row=2, values_only=True)]


def calculated(content: bytes) -> dict[str, list[list[Any]]]:
    """Every sheet as a second reader sees it."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


# -- PDF -------------------------------------------------------------------------------------------------------------


def from_pdf(content: bytes, circular: Circular) -> Read:
    """By what stands around each number on the pages; and in the pictures' descriptions. Nothing may be left over."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    fonts = type_at_hand(None)
    text = "".join(_of_page(page.extract_text()) for page in reader.pages)
    descriptions = list(_descriptions(reader))
    read: Read = []
    at, drawn = 0, False
    for part in _on_paper(circular):
        if isinstance(part, Chart):
            read += between(part.spoken, descriptions.pop(0))
            # What the drawing itself says is letters of the drawing: read on at its caption.
            drawn = True
        elif isinstance(part, Number):
            found = re.compile(rf"\s*({SHAPE})").match(text, at)
            assert found is not None, (part, text[max(at - 50, 0) : at + 50])
            read.append((part.key, found[1]))
            at = found.end()
        elif isinstance(part, Perhaps):
            found = _spaced(fonts.shown(clean(part))).match(text, at)
            at = found.end() if found else at
        elif _squeezed(clean(part)):
            words = _spaced(fonts.shown(clean(part)))
            found = words.search(text, at) if drawn else words.match(text, at)
            assert found is not None, (part, text[max(at - 50, 0) : at + 50])
            at, drawn = found.end(), False
    assert not text[at:].strip() and not descriptions
    return read


class Perhaps(str):
    """Words that may be said again on the next page."""


def _of_page(text: str) -> str:
    """Without the number of the page, the draft's word, and what a line may be broken at."""
    text = text.replace("\u200b", "")
    return re.sub(r"^\s*(?:草\s*稿)?(.*?)(?:—\s*\d+\s*—)?\s*(?:草\s*稿)?\s*$", r"\1", text, flags=re.DOTALL) + "\n"


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\u3000]+", "", text)


def _spaced(text: str) -> re.Pattern[str]:
    """A pattern of the text, wherever its lines end."""
    return re.compile(r"\s*" + r"\s*".join(re.escape(sign) for sign in _squeezed(text)))


def _descriptions(reader: pypdf.PdfReader) -> Iterator[str]:
    """What the structure of the file says of its pictures."""
    root = reader.trailer["/Root"]
    waiting: list[Any] = [root["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop(0)
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, dict):
            if "/Alt" in node:
                yield str(node["/Alt"])
            if "/K" in node:
                waiting.append(node["/K"])
        elif isinstance(node, list):
            waiting.extend(node)


def _on_paper(circular: Circular) -> Iterator[Any]:
    """The circular in the order of its pages: texts, numbers, charts; and what may be said again."""
    yield from (circular.head, circular.number, circular.title)
    if circular.period:
        yield f"（统计期间：{circular.period}）"
    if circular.addressees:
        yield f"{'、'.join(circular.addressees)}："
    for placed in circular.body:
        yield from _block_on_paper(placed)
    for n, annex in enumerate(circular.annexes, 1):
        yield "附件：" if n == 1 else Perhaps("附件：")
        yield f"{n}.{annex.title}" if len(circular.annexes) > 1 else annex.title
    yield from (circular.issuer, day_text(circular.issued_on), circular.seal, circular.remark)
    for n, (annex, blocks) in enumerate(circular.annexed, 1):
        yield from (circular.annex_label(n), annex.title)
        for placed in blocks:
            yield from _block_on_paper(placed)
    if circular.cc:
        yield f"抄送：{'、'.join(circular.cc)}。"
    if circular.printed_by:
        yield from (circular.printed_by, f"{day_text(circular.printed_on)}印发")


def _block_on_paper(placed: Placed) -> Iterator[Any]:
    block = placed.block
    match block:
        case Heading():
            yield f"{placed.label}{block.text}"
        case Paragraph() | Note():
            if isinstance(block, Note):
                yield "注："
            for run in block.runs:
                yield run
                if isinstance(run, Number):
                    yield said(run)[len(clean(run.text)) :]
        case Chart():
            yield block
            yield from (f"{placed.label}{block.title}", block.description)
        case FigureTable() | ListTable():
            yield f"{placed.label}{block.title}"
            if not block.rows:
                yield block.empty
                return
            head = "".join(column.name for column in block.columns)
            yield head
            again = Perhaps(head)
            for row in block.rows:
                yield again
                for cell, column in zip(row.cells, block.columns, strict=True):
                    yield cell
                    if isinstance(cell, Number):
                        yield cell.sign + "".join(cell_lines(cell, column)[1:])
            yield legend_of(block)


# -- plain text ------------------------------------------------------------------------------------------------------


def from_plain(text: str, circular: Circular) -> Read:
    """Line by line: what is said around each number must be there."""
    assert (DRAFT_WORDS in text) == circular.draft
    lines = text.splitlines()
    read: Read = []
    for placed in circular.everything():
        block = placed.block
        match block:
            case Paragraph():
                read += between(block.runs, _next(lines, "".join(said(run) for run in block.runs)))
            case Note():
                read += between(("注：", *block.runs), _next(lines, "注：" + "".join(said(run) for run in block.runs)))
            case Chart():
                read += between((f"[{placed.label}] ", *block.spoken), _next(lines, f"[{placed.label}] "))
            case FigureTable() | ListTable():
                _next(lines, f"{placed.label} {clean(block.title)}")
                for row in block.rows:
                    line, pattern = lines.pop(0), ""
                    for n, (cell, column) in enumerate(zip(row.cells, block.columns, strict=True)):
                        pattern += "" if n == 0 else re.escape(f"{'：' if n == 1 else '，'}{clean(column.name)} ")
                        pattern += f"({SHAPE})" if isinstance(cell, Number) else re.escape(clean(cell))
                        if isinstance(cell, Number):
                            pattern += re.escape(cell.sign) + (
                                re.escape(f"（{cell.parts}）") if column.parts and cell.is_ratio else ""
                            )
                    found = re.fullmatch(pattern, line)
                    assert found is not None, (pattern, line)
                    read += zip(
                        [cell.key for cell in row.cells if isinstance(cell, Number)], found.groups(), strict=True
                    )
            case Heading():
                _next(lines, f"{placed.label}{clean(block.text)}")
    return read


def _next(lines: list[str], begins: str) -> str:
    while not lines[0].startswith(begins):
        lines.pop(0)
    return lines.pop(0)
