"""A circular as HTML: for a mail with its charts inside, and for a page.

One column, tables for layout, every style at its element: mail programs honour little else. The style element only adds
dark colours and narrow screens where a program reads it; nothing needs it. Pictures may be kept out: what they show
stands in their place. Every number is inside an element that names its figure.
"""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from supervision.bulletins.papers.document import (
    SIGN,
    Cell,
    Chart,
    Circular,
    Column,
    FigureTable,
    Heading,
    ListTable,
    Note,
    Number,
    Paragraph,
    Placed,
    Row,
    Run,
    legend_of,
    spoken_text,
)
from supervision.bulletins.papers.lettering import clean, day_text, width
from supervision.bulletins.papers.plain import DRAFT_WORDS, plain_text
from supervision.bulletins.rules import NOTICE_PLACE

# Pixels between the edges of the text; Outlook reads no other unit.
PICTURE_WIDTH: Final = 576
# Half-width signs of a text in a table that stands on one line.
_SHORT: Final = 8
# Those of what a row is about.
_NAME: Final = 12

_FONTS: Final = "font-family:'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Source Han Sans SC',SimSun,sans-serif;"
_INK: Final = "color:#1f2328;"
_MUTED: Final = "color:#59636e;"
_WRAP: Final = "word-wrap:break-word;overflow-wrap:anywhere;"
_HEADINGS: Final = {
    1: "margin:28px 0 8px 0;font-size:18px;line-height:28px;font-weight:bold;",
    2: "margin:20px 0 6px 0;font-size:16px;line-height:26px;font-weight:bold;",
    3: "margin:14px 0 4px 0;font-size:15px;line-height:25px;font-weight:bold;",
    4: "margin:10px 0 4px 0;font-size:15px;line-height:25px;font-weight:normal;",
}
_STYLE: Final = """<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
.page, body { background-color: #0d1117 !important; }
.card { background-color: #161b22 !important; border-color: #30363d !important; }
.ink { color: #e6edf3 !important; }
.muted { color: #a5afba !important; }
.red { color: #ff9b93 !important; }
.line td, .line th { border-color: #30363d !important; }
.rule { background-color: #d4483b !important; }
.draft { background-color: #2b2111 !important; border-color: #b9812f !important; color: #f2cf96 !important; }
.picture { background-color: #ffffff !important; color: #1f2328 !important; }
}
@media (max-width: 520px) {
.pad { padding: 18px 14px !important; }
.title { font-size: 20px !important; line-height: 28px !important; }
.line { font-size: 13px !important; }
}
</style>"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart that travels in the mail; `cid` without its angle brackets."""

    cid: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """The two forms of a mail and the pictures the first of them shows."""

    html: str
    text: str
    pictures: tuple[Picture, ...]


def mail(circular: Circular) -> Mail:
    """The circular as a mail; its pictures are to be attached inline under their `cid`."""
    pictures = {
        chart.name: Picture(_cid(chart), f"{placed.label}.png", chart.png)
        for placed in circular.everything()
        if isinstance(chart := placed.block, Chart)
    }
    html = page(circular, address=lambda chart: f"cid:{_cid(chart)}")
    return Mail(html, plain_text(circular), tuple(pictures.values()))


def in_itself(chart: Chart) -> str:
    """The address of a chart in a file that is to stand alone. Our own pages may not show it: their policy forbids."""
    return f"data:image/png;base64,{base64.b64encode(chart.png).decode()}"


def page(circular: Circular, *, address: Callable[[Chart], str] = in_itself) -> str:
    """A whole HTML file; `address` says where a chart is to be had."""
    return format_html(
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="supported-color-schemes" content="light dark">\n'
        '<title>{}</title>\n{}\n</head>\n<body style="margin:0;padding:0;background-color:#f3f4f6;">\n{}{}\n</body>\n</html>\n',
        circular.full_title,
        mark_safe(_STYLE),
        _preview(circular.headline),
        fragment(circular, address=address),
    )


def fragment(circular: Circular, *, address: Callable[[Chart], str]) -> SafeString:
    """The circular without the frame of a file, to stand in a page of ours."""
    parts = [
        _letterhead(circular),
        *(_block(placed, address) for placed in circular.body),
        _annex_names(circular),
        _signature(circular),
        *(
            format_html(
                "{}{}",
                _annex_title(circular.annex_label(n), annex.title),
                _joined(_block(placed, address) for placed in blocks),
            )
            for n, (annex, blocks) in enumerate(circular.annexed, 1)
        ),
        _version(circular),
    ]
    return format_html(
        '<table class="page" role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        'style="width:100%;background-color:#f3f4f6;border-collapse:collapse;">\n'
        '<tr><td align="center" style="padding:0;">\n'
        '<!--[if mso]><table role="presentation" width="640" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->\n'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        'style="width:100%;max-width:640px;border-collapse:collapse;table-layout:fixed;{}">\n'
        '<tr><td class="card pad" style="padding:28px 31px;background-color:#ffffff;border:1px solid #e3e6ea;{}">\n'
        "{}\n{}\n</td></tr>\n</table>\n<!--[if mso]></td></tr></table><![endif]-->\n</td></tr>\n</table>",
        mark_safe(_FONTS),
        mark_safe(_WRAP),
        mark_safe(NOTICE_PLACE),
        _joined(parts),
    )


def _cid(chart: Chart) -> str:
    return f"{chart.name}@charts"


def _joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("\n", "{}", ((part,) for part in parts if part))


def _preview(headline: str) -> SafeString:
    """What a list of mails shows below the subject."""
    if not headline:
        return SafeString()
    return format_html(
        '<div style="display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:#f3f4f6;">{}</div>\n',
        clean(headline),
    )


def _line(text: str, style: str, kind: str = "ink", tag: str = "p") -> SafeString:
    return format_html(
        '<{} class="{}" style="{}">{}</{}>', mark_safe(tag), kind, mark_safe(style), clean(text), mark_safe(tag)
    )


def _letterhead(circular: Circular) -> SafeString:
    parts = [
        _line(
            circular.head,
            "margin:0 0 6px 0;font-size:22px;line-height:32px;font-weight:bold;text-align:center;color:#b42318;",
            "red",
        ),
        _line(circular.number, f"margin:0 0 8px 0;font-size:14px;line-height:22px;text-align:center;{_INK}"),
        mark_safe(
            '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="width:100%;">'
            '<tr><td class="rule" height="2" style="height:2px;line-height:2px;font-size:1px;background-color:#b42318;">'
            "&nbsp;</td></tr></table>"
        ),
    ]
    if circular.draft:
        parts.append(
            _line(
                DRAFT_WORDS,
                "margin:14px 0 0 0;padding:6px 12px;border:1px solid #d4a72c;background-color:#fff8e1;"
                "font-size:14px;line-height:22px;color:#6b4e00;",
                "draft",
            )
        )
    parts.append(
        _line(
            circular.full_title,
            f"margin:22px 0 6px 0;font-size:23px;line-height:33px;font-weight:bold;text-align:center;{_INK}",
            "title ink",
            "h1",
        )
    )
    if circular.period:
        parts.append(
            _line(
                f"统计期间：{circular.period}",
                f"margin:0 0 14px 0;font-size:13px;line-height:20px;text-align:center;{_MUTED}",
                "muted",
            )
        )
    if circular.addressees:
        parts.append(
            _line(f"{'、'.join(circular.addressees)}：", f"margin:14px 0 8px 0;font-size:15px;line-height:26px;{_INK}")
        )
    return _joined(parts)


def _block(placed: Placed, address: Callable[[Chart], str]) -> SafeString:
    block = placed.block
    match block:
        case Heading():
            return _line(f"{placed.label}{block.text}", _HEADINGS[block.level] + _INK, "ink", f"h{block.level + 1}")
        case Paragraph():
            return format_html(
                '<p class="ink" style="margin:0 0 8px 0;font-size:15px;line-height:26px;text-indent:2em;{}">{}</p>',
                mark_safe(_INK),
                _runs(block.runs),
            )
        case Note():
            return format_html('<p class="muted" style="{}">注：{}</p>', mark_safe(_SMALL), _runs(block.runs))
        case Chart():
            return _chart(block, placed.label, address(block))
        case FigureTable() | ListTable():
            return _table(block, placed.label)


_SMALL: Final = f"margin:6px 0 12px 0;font-size:13px;line-height:20px;{_MUTED}"
_CAPTION: Final = f"margin:14px 0 4px 0;font-size:14px;line-height:22px;font-weight:bold;{_INK}"


def _runs(runs: Iterable[Run]) -> SafeString:
    return format_html_join(
        "",
        "{}{}",
        (
            (clean(run), "") if isinstance(run, str) else (_number(run), f"（{clean(run.mark)}）" if run.mark else "")
            for run in runs
        ),
    )


def _number(number: Number) -> SafeString:
    """A number inside an element that names its figure; where it leads somewhere, a link."""
    told = format_html('<span data-figure="{}">{}</span>', clean(number.key), clean(number.text))
    # Anything but a page would be a way to have a reader's program do something.
    if not number.link.startswith(("https://", "http://", "/")) or number.link.startswith("//"):
        return told
    return format_html('<a href="{}" style="color:inherit;text-decoration:underline;">{}</a>', clean(number.link), told)


def _table(table: FigureTable | ListTable, label: str) -> SafeString:
    parts = [_line(f"{label}　{table.title}", _CAPTION)]
    if table.rows:
        columns = table.columns
        parts.append(
            format_html(
                '<table class="line ink" width="100%" cellpadding="6" cellspacing="0" border="0" '
                'style="width:100%;border-collapse:collapse;font-size:14px;line-height:20px;{}">\n'
                "<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody></table>",
                mark_safe(_INK),
                format_html_join("", "{}", ((_head(column, n == 0),) for n, column in enumerate(columns))),
                format_html_join("\n", "{}", ((_row(row, columns),) for row in table.rows)),
            )
        )
        if legend := legend_of(table):
            parts.append(_line(legend, _SMALL, "muted"))
    else:
        parts.append(_line(table.empty, f"margin:0 0 8px 0;font-size:14px;line-height:22px;{_INK}"))
    return _joined(parts)


def _head(column: Column, first: bool) -> SafeString:
    style = "border-bottom:2px solid #8c959f;vertical-align:bottom;font-size:13px;"
    return format_html(
        '<th class="muted" scope="col" align="{}" style="{}{}">{}</th>',
        "right" if column.numeric and not first else "left",
        mark_safe(style),
        mark_safe(_MUTED),
        clean(column.name),
    )


def _row(row: Row, columns: tuple[Column, ...]) -> SafeString:
    cells = zip(row.cells, columns, strict=True)
    return format_html(
        "<tr>{}</tr>", format_html_join("", "{}", ((_cell(*cell, n == 0, row.total),) for n, cell in enumerate(cells)))
    )


def _cell(cell: Cell, column: Column, first: bool, total: bool) -> SafeString:
    weight = "font-weight:bold;" if total else "font-weight:normal;" if first else ""
    style = mark_safe(f"border-bottom:1px solid #d8dee4;vertical-align:top;{weight}")
    inner = _number_in_cell(cell, column) if isinstance(cell, Number) else format_html("{}", clean(cell))
    if first:
        # Nor is the name of a unit, one sign a line, beside many columns of numbers.
        kept = mark_safe("white-space:nowrap;" if isinstance(cell, str) and width(clean(cell)) <= _NAME else "")
        return format_html('<th scope="row" align="left" style="{}{}">{}</th>', style, kept, inner)
    if column.numeric:
        return format_html('<td align="right" style="{}white-space:nowrap;">{}</td>', style, inner)
    # A short text, such as a day, is not broken.
    short = isinstance(cell, str) and width(clean(cell)) <= _SHORT
    return format_html('<td style="{}{}">{}</td>', style, mark_safe("white-space:nowrap;" if short else _WRAP), inner)


def _number_in_cell(number: Number, column: Column) -> SafeString:
    inner = _number(number)
    if number.mark:
        inner = format_html('<span class="muted" style="{}">{}{}</span>', mark_safe(_MUTED), inner, SIGN)
    if column.parts and number.is_ratio:
        inner = format_html(
            '{}<br><span class="muted" style="font-size:12px;{}">{}</span>', inner, mark_safe(_MUTED), number.parts
        )
    return inner


def _chart(chart: Chart, label: str, source: str) -> SafeString:
    return format_html(
        '{}\n<img class="picture" src="{}" alt="{}" width="{}" style="display:block;width:100%;max-width:{}px;height:auto;'
        'border:0;background-color:#ffffff;font-size:13px;line-height:20px;color:#1f2328;">\n{}',
        _line(f"{label}　{chart.title}", _CAPTION),
        source,
        spoken_text(chart),
        PICTURE_WIDTH,
        PICTURE_WIDTH,
        _line(chart.description, _SMALL, "muted"),
    )


def _annex_names(circular: Circular) -> SafeString:
    return format_html_join(
        "\n",
        '<p class="ink" style="margin:8px 0 0 0;font-size:15px;line-height:26px;{}">{}：{}</p>',
        ((mark_safe(_INK), circular.annex_label(n), clean(annex.title)) for n, annex in enumerate(circular.annexes, 1)),
    )


def _annex_title(label: str, title: str) -> SafeString:
    return _line(
        f"{label}　{title}",
        f"margin:32px 0 8px 0;padding:16px 0 0 0;font-size:19px;line-height:29px;font-weight:bold;{_INK}",
        "ink",
        "h2",
    )


def _signature(circular: Circular) -> SafeString:
    style = f"margin:0;font-size:15px;line-height:26px;text-align:right;{_INK}"
    return _joined(
        _line(line, f"margin:20px 0 0 0;{style.removeprefix('margin:0;')}" if n == 0 else style)
        for n, line in enumerate((circular.issuer, day_text(circular.issued_on), circular.seal, circular.remark))
        if line
    )


def _version(circular: Circular) -> SafeString:
    lines = []
    if circular.cc:
        lines.append(f"抄送：{'、'.join(circular.cc)}。")
    if circular.printed_by:
        lines.append(f"{circular.printed_by}　{day_text(circular.printed_on)}印发")
    style = "margin:24px 0 0 0;padding:10px 0 0 0;border-top:1px solid #8c959f;font-size:13px;line-height:20px;"
    return _joined(
        _line(line, (style if n == 0 else "margin:0;font-size:13px;line-height:20px;") + _MUTED, "muted")
        for n, line in enumerate(lines)
    )
