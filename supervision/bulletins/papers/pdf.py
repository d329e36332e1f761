"""A circular as PDF/A-2b, set by typst in the manner of GB/T 9704-2012.

What is said goes in as JSON and never as markup, so nothing in a name is an instruction. typst sees the template, that
JSON and the pictures, no folder and no network. The same circular gives the same bytes.
"""

import json
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

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
    Row,
    Run,
    Table,
    cell_lines,
    legend_of,
    measure_of,
    said,
    spoken_text,
)
from supervision.bulletins.papers.fonts import XIAOBIAOSONG, Type, type_at_hand
from supervision.bulletins.papers.lettering import breakable, clean, day_text, head_size

TEMPLATE: Final = Path(__file__).with_name("circular.typ")
# Runs of letters and digits without a place to break at, before one is made: in a table's cell, in a line of text.
_IN_CELL: Final = 10
_IN_TEXT: Final = 24

NOT_AS_MEANT = "通报没有排成 PDF：{words}"


class Unprintable(RuntimeError):
    """The circular cannot be set as it should be; the words say why."""


def pdf_paper(circular: Circular, *, font_dir: Path | None = None) -> bytes:
    """The circular as PDF/A-2b. `font_dir` holds the bureau's licensed fonts, if it has any.

    Raises Unprintable on anything typst warns of: a warning is a missing font or a page that is not as meant. A sign
    that no font can show is printed as 〓 (`unshown` names them).
    """
    import typst  # only who prints needs it

    fonts = type_at_hand(font_dir)
    content, pictures = _told(circular, fonts)
    composed = circular.composed_on
    try:
        printed, warnings = typst.compile_with_warnings(
            {
                "main": TEMPLATE.read_bytes(),
                "circular.json": json.dumps(content, ensure_ascii=False).encode(),
                **pictures,
            },
            format="pdf",
            font_paths=fonts.loaded,
            ignore_system_fonts=True,
            pdf_standards=["a-2b"],
            timestamp=int(datetime(composed.year, composed.month, composed.day, tzinfo=UTC).timestamp()),
        )
    except typst.TypstError as error:
        raise Unprintable(NOT_AS_MEANT.format(words=error)) from error
    if warnings:
        raise Unprintable(NOT_AS_MEANT.format(words="；".join(str(warning) for warning in warnings)))
    return bytes(printed)


def unshown(circular: Circular, *, font_dir: Path | None = None) -> str:
    """The signs of the circular that no font at hand can show, each once: they would be printed as 〓."""
    content, _ = _told(circular, None)
    return type_at_hand(font_dir).unshown(json.dumps(content, ensure_ascii=False))


def _told(circular: Circular, fonts: Type | None) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The circular as the template reads it, and its pictures by the names it calls them by."""
    pictures: dict[str, bytes] = {}

    def text(words: str, longest: int = _IN_TEXT) -> str:
        words = clean(words)
        return breakable(fonts.shown(words) if fonts else words, longest)

    def told(runs: Iterable[Run]) -> str:
        # A number is never broken, whatever stands beside it.
        return "".join(text(run) if isinstance(run, str) else text(said(run), len(said(run))) for run in runs)

    def block(placed: Placed) -> dict[str, Any]:
        it = placed.block
        match it:
            case Heading():
                return {"kind": "heading", "level": it.level, "text": text(f"{placed.label}{it.text}")}
            case Paragraph():
                return {"kind": "paragraph", "text": told(it.runs)}
            case Note():
                return {"kind": "note", "text": told(("注：", *it.runs))}
            case Chart():
                path = f"chart-{it.name}.svg"
                if fonts:
                    pictures[path] = fonts.shown(it.svg or _wrapped(it)).encode()
                return {
                    "kind": "chart",
                    "label": placed.label,
                    "title": text(it.title),
                    "description": text(it.description),
                    "alt": clean(spoken_text(it)),
                    "path": path,
                    "proportion": max(it.proportion, 0.01),
                }
            case FigureTable() | ListTable():
                return table(it, placed.label)

    def table(it: Table, label: str) -> dict[str, Any]:
        measured = measure_of(it)
        return {
            "kind": "table",
            "label": label,
            "title": text(it.title),
            "columns": [text(column.name, _IN_CELL) for column in it.columns],
            "numeric": [column.numeric for column in it.columns],
            "shares": measured.shares,
            "size": measured.size,
            "rows": [row(one, it) for one in it.rows],
            "empty": text(it.empty),
            "legend": text(legend_of(it)),
        }

    def row(it: Row, of: Table) -> dict[str, Any]:
        return {
            "total": it.total,
            "cells": [
                {
                    "lines": [text(line, _IN_CELL) for line in cell_lines(cell, column)],
                    "mark": isinstance(cell, Number) and bool(cell.mark),
                }
                for cell, column in zip(it.cells, of.columns, strict=True)
            ],
        }

    faces = fonts.faces if fonts else {}
    composed = circular.composed_on
    return {
        "faces": faces,
        "thicken": not any(
            face.casefold() in {name.casefold() for name in XIAOBIAOSONG} for face in faces.get("title", ())
        ),
        "draft": circular.draft,
        "dated": [composed.year, composed.month, composed.day],
        "author": text(circular.issuer),
        "head": text(circular.head),
        "head_size": head_size(circular.head),
        "number": text(circular.number),
        "title": text(circular.full_title),
        "title_lines": [text(line) for line in circular.title.splitlines()],
        "period": text(f"（统计期间：{circular.period}）") if circular.period else "",
        "addressees": text(f"{'、'.join(circular.addressees)}：") if circular.addressees else "",
        "body": [block(placed) for placed in circular.body],
        "annex_names": [text(annex.title) for annex in circular.annexes],
        "annexes": [
            {
                "label": circular.annex_label(n),
                "title": text(annex.title),
                "body": [block(placed) for placed in blocks],
            }
            for n, (annex, blocks) in enumerate(circular.annexed, 1)
        ],
        "issuer": text(circular.issuer),
        "date": day_text(circular.issued_on),
        "seal": text(circular.seal),
        "remark": text(circular.remark),
        "cc": text(f"抄送：{'、'.join(circular.cc)}。") if circular.cc else "",
        "printed_by": text(circular.printed_by),
        "printed_on": f"{day_text(circular.printed_on)}印发",
    }, pictures


def _wrapped(chart: Chart) -> str:
    """A picture of dots inside an SVG: typst is handed texts only."""
    across, down = 1000, round(1000 * chart.proportion)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" viewBox="0 0 {across} {down}">'
        f'<image width="{across}" height="{down}" href="data:image/png;base64,{b64encode(chart.png).decode()}"/></svg>'
    )
