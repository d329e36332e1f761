"""A circular as plain text: beside the HTML in a mail, and for whoever reads no other form.

A table is told row by row, each number after the head of its column: lined up columns do not survive a mail program.
"""

from collections.abc import Iterator

from supervision.bulletins.papers.document import (
    Chart,
    Circular,
    Column,
    FigureTable,
    Heading,
    ListTable,
    Note,
    Paragraph,
    Placed,
    Row,
    cell_lines,
    legend_of,
    said,
    spoken_text,
)
from supervision.bulletins.papers.lettering import clean, day_text

DRAFT_WORDS = "草稿，尚未签发"


def plain_text(circular: Circular) -> str:
    """The whole circular in lines, ending with a line feed."""
    return "\n".join(_lines(circular)).strip() + "\n"


def _lines(circular: Circular) -> Iterator[str]:
    yield from (clean(line) for line in (circular.head, circular.number) if line)
    if circular.draft:
        yield f"【{DRAFT_WORDS}】"
    yield ""
    yield circular.full_title
    if circular.period:
        yield f"（统计期间：{clean(circular.period)}）"
    yield ""
    if circular.addressees:
        yield f"{'、'.join(map(clean, circular.addressees))}："
    for placed in circular.body:
        yield from _block(placed)
    if circular.annexes:
        yield ""
        yield from (f"{circular.annex_label(n)}：{clean(annex.title)}" for n, annex in enumerate(circular.annexes, 1))
    yield ""
    yield clean(circular.issuer)
    yield day_text(circular.issued_on)
    yield from (clean(line) for line in (circular.seal, circular.remark) if line)
    for n, (annex, blocks) in enumerate(circular.annexed, 1):
        yield from ("", f"{circular.annex_label(n)}　{clean(annex.title)}")
        for placed in blocks:
            yield from _block(placed)
    if circular.cc:
        yield from ("", f"抄送：{'、'.join(map(clean, circular.cc))}。")
    if circular.printed_by:
        yield f"{clean(circular.printed_by)}　{day_text(circular.printed_on)}印发"


def _block(placed: Placed) -> Iterator[str]:
    block = placed.block
    match block:
        case Heading():
            yield from ("", f"{placed.label}{clean(block.text)}")
        case Paragraph():
            yield "".join(said(run) for run in block.runs)
        case Note():
            yield f"注：{''.join(said(run) for run in block.runs)}"
        case Chart():
            yield f"[{placed.label}] {spoken_text(block)}"
        case FigureTable() | ListTable():
            yield f"{placed.label} {clean(block.title)}"
            yield from (_row(row, block.columns) for row in block.rows)
            if not block.rows:
                yield clean(block.empty)
            if legend := legend_of(block):
                yield legend


def _row(row: Row, columns: tuple[Column, ...]) -> str:
    told = []
    for cell, column in zip(row.cells, columns, strict=True):
        first, *parts = cell_lines(cell, column)
        told.append(f"{first}（{parts[0]}）" if parts else first)
    rest = "，".join(f"{clean(column.name)} {text}" for column, text in zip(columns[1:], told[1:], strict=True))
    return f"{told[0]}：{rest}" if rest else told[0]
