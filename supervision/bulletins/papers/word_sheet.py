"""The sheet a circular in Word is written on: page, styles, fonts and what stands for them, page numbers, the draft's word.

Measures from GB/T 9704-2012: 5.2 (page and text area), 7.3 (text), 7.4 (foot of the last page), 7.5 (page numbers).
"""

from __future__ import annotations

import io
import zipfile
from copy import deepcopy
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any, Final

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as Line
from docx.text.run import Run

from supervision.bulletins.papers.document import Circular
from supervision.bulletins.papers.lettering import clean

BODY: Final = "仿宋_GB2312"
KAITI: Final = "楷体_GB2312"
HEITI: Final = "黑体"
TITLE: Final = "方正小标宋简体"
SONGTI: Final = "宋体"
# What Word takes where a font is missing: every Windows has the second of each pair.
STANDS_FOR: Final = {BODY: "仿宋", KAITI: "楷体", TITLE: "华文中宋", HEITI: "SimHei", SONGTI: "SimSun"}

TWO: Final = 22.0  # 二号
THREE: Final = 16.0  # 三号
FOUR: Final = 14.0  # 四号
LINE: Final = 28.0
# A quarter of a point closer, in twentieths: 28 signs of 16 points on 156 mm.
_CLOSER: Final = -5
RED: Final = RGBColor(0xC0, 0x00, 0x00)
_HEADING_FONTS: Final = (HEITI, KAITI, BODY, BODY)
_WATERMARK: Final = """<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
 xmlns:w10="urn:schemas-microsoft-com:office:word"><w:rPr><w:noProof/></w:rPr><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>
<v:f eqn="if @0 @4 21600"/></v:formulas><v:path textpathok="t" o:connecttype="rect"/>
<v:textpath on="t" fitshape="t"/></v:shapetype>
<v:shape id="Draft{n}" o:spid="_x0000_s{spid}" type="#_x0000_t136" alt="草稿" style="position:absolute;margin-left:0;\
margin-top:0;width:330pt;height:165pt;rotation:315;z-index:-251658752;mso-position-horizontal:center;\
mso-position-horizontal-relative:margin;mso-position-vertical:center;mso-position-vertical-relative:margin"
 fillcolor="#e4e4e4" stroked="f"><v:textpath style="font-family:&quot;黑体&quot;;font-size:1pt" string="草稿"/>
<w10:wrap anchorx="margin" anchory="margin"/></v:shape></w:pict></w:r>"""
_FONT: Final = (
    '<w:font w:name="{name}"><w:altName w:val="{stands}"/><w:charset w:val="86"/><w:family w:val="auto"/>'
    '<w:pitch w:val="variable"/></w:font>'
)


def new_sheet(circular: Circular) -> Paper:
    """An empty A4 sheet with its styles, its numbered pages and, for a draft, the word across each page."""
    paper: Paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(24)
    _styles(paper)
    _named_fonts(paper)
    # Page numbers stand outside: to the right on odd pages, to the left on even ones.
    paper.settings.odd_and_even_pages_header_footer = True
    for n, (header, footer, align) in enumerate(
        (
            (section.header, section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
            (section.even_page_header, section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
        ),
        1,
    ):
        _page_number(footer.paragraphs[0], align)
        if circular.draft:
            header.paragraphs[0]._p.append(parse_xml(_WATERMARK.format(n=n, spid=2048 + n)))
    return paper


def finish(paper: Paper, circular: Circular) -> bytes:
    """The file, dated by the day the circular was composed and by nothing else: the same circular, the same bytes."""
    moment = datetime.combine(circular.composed_on, time(), tzinfo=UTC)
    properties = paper.core_properties
    properties.title, properties.author = circular.full_title[:255], clean(circular.issuer)[:255]
    properties.comments, properties.language = "", "zh-CN"
    properties.created = properties.modified = moment
    properties.last_modified_by, properties.revision = "", 1
    written = io.BytesIO()
    paper.save(written)
    return _dated(written.getvalue(), moment)


def _dated(content: bytes, moment: datetime) -> bytes:
    """The same package with every part dated alike; as written, each bears the second it was packed in."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = zipfile.ZipInfo(name, moment.timetuple()[:6])
            part.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(part, before.read(name))
    return packed.getvalue()


# -- letters ---------------------------------------------------------------------------------------------------------


def named(properties: Any, font: str) -> None:
    """Name a font for Chinese and Latin text alike; the name alone would leave the Chinese to the theme."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)


def dress(
    run: Run, font: str, size: float, colour: RGBColor | None = None, *, bold: bool = False, whole: bool = False
) -> None:
    """Font, size and colour of a new run; away from the body's size its signs stand at their own distance.

    `whole`: a number in a line of text. It is said not to be Chinese, or LibreOffice would break the line within 91.19%.
    """
    # Copied: making them anew for each of some thousand cells is most of the work.
    run._r.insert(0, deepcopy(_letters(font, size, colour, bold, whole)))


@lru_cache(maxsize=64)
def _letters(font: str, size: float, colour: RGBColor | None, bold: bool, whole: bool) -> Any:
    run = Document().add_paragraph().add_run()
    properties = run._r.get_or_add_rPr()
    named(properties, font)
    run.font.size = Pt(size)
    if bold:
        run.font.bold = True
    if colour is not None:
        run.font.color.rgb = colour
    if size != THREE:
        _distance(properties, 0)
    if whole:
        properties.append(_language("en-US"))
    return properties


def _language(latin: str) -> Any:
    """What letters and digits are written in; the other signs are Chinese."""
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), latin)
    language.set(qn("w:eastAsia"), "zh-CN")
    return language


def _distance(properties: Any, twentieths: int) -> None:
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), str(twentieths))
    # Where the schema wants it: after the colour, before the size.
    properties.insert_element_before(
        spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:highlight", "w:u", "w:effect", "w:lang"
    )


def space(line: Line, leading: float = LINE, *, before: float = 0, after: float = 0) -> None:
    """A line of exactly `leading` points. Not for pictures: an exact line cuts them off (`single`)."""
    shape = line.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(leading)
    shape.space_before, shape.space_after = Pt(before), Pt(after)


def single(line: Line, *, before: float = 0) -> None:
    """As high as what stands in it."""
    shape = line.paragraph_format
    shape.line_spacing_rule = WD_LINE_SPACING.SINGLE
    shape.space_before, shape.space_after = Pt(before), Pt(0)


# Where the schema wants frames and borders: before these.
_AFTER_FRAME: Final = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def rule_below(line: Line) -> None:
    """The red rule, 4 mm below the number of the document."""
    borders = OxmlElement("w:pBdr")
    borders.append(_rule("bottom", 12, 11, str(RED)))
    line._p.get_or_add_pPr().insert_element_before(borders, *_AFTER_FRAME)


def _rule(side: str, eighths: int, distance: int = 0, colour: str = "000000") -> Any:
    """A line at a side, its thickness in eighths of a point."""
    rule = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", eighths), ("space", distance), ("color", colour)):
        rule.set(qn(f"w:{name}"), str(value))
    return rule


# -- styles ----------------------------------------------------------------------------------------------------------


def _styles(paper: Paper) -> None:
    normal = paper.styles["Normal"]
    properties = normal.element.get_or_add_rPr()
    named(properties, BODY)
    normal.font.size = Pt(THREE)
    _distance(properties, _CLOSER)
    properties.append(_language("zh-CN"))
    # Headings keep their place in the outline of Word and lose its blue.
    for level, font in enumerate(_HEADING_FONTS, 1):
        style = paper.styles[f"Heading {level}"]
        named(style.element.get_or_add_rPr(), font)
        style.font.size, style.font.bold, style.font.italic = Pt(THREE), False, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        shape = style.paragraph_format
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE)
        shape.space_before = shape.space_after = Pt(0)
        shape.first_line_indent = Pt(THREE * 2)
        shape.keep_with_next = True


def _named_fonts(paper: Paper) -> None:
    """Tell Word what to take for a font that a desk does not have."""
    for part in paper.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            fonts = "".join(_FONT.format(name=name, stands=stands) for name, stands in STANDS_FOR.items())
            part._blob = part.blob.replace(b"</w:fonts>", fonts.encode() + b"</w:fonts>")


def _page_number(line: Line, align: WD_ALIGN_PARAGRAPH) -> None:
    line.alignment = align
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(FOUR)
    dress(line.add_run("— "), SONGTI, FOUR)
    run = line.add_run()
    dress(run, SONGTI, FOUR)
    for kind in ("begin", None, "end"):
        if kind is None:
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = " PAGE "
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)
    dress(line.add_run(" —"), SONGTI, FOUR)


def at_the_foot(line: Line, across: Length) -> None:
    """Let a line stand at the foot of its page. Lines that follow each other share the two rules (0.35 mm, 7.4.1)."""
    frame = OxmlElement("w:framePr")
    for name, value in (
        ("w", str(across.twips)),
        ("wrap", "notBeside"),
        ("vAnchor", "margin"),
        ("hAnchor", "margin"),
        ("xAlign", "center"),
        ("yAlign", "bottom"),
    ):
        frame.set(qn(f"w:{name}"), value)
    properties = line._p.get_or_add_pPr()
    properties.insert_element_before(frame, "w:widowControl", "w:numPr", "w:suppressLineNumbers", *_AFTER_FRAME)
    borders = OxmlElement("w:pBdr")
    borders.append(_rule("top", 8, 1))
    borders.append(_rule("bottom", 8, 1))
    properties.insert_element_before(borders, *_AFTER_FRAME)


def narrow_cells(table: Any) -> None:
    """Four points at the sides of every cell."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "80")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def set_close(line: Line) -> None:
    """Without the room that Word leaves between Chinese and digits: a cell has none to spare."""
    properties = line._p.get_or_add_pPr()
    for name in ("autoSpaceDE", "autoSpaceDN"):
        closer = OxmlElement(f"w:{name}")
        closer.set(qn("w:val"), "0")
        properties.insert_element_before(
            closer,
            "w:bidi",
            "w:adjustRightInd",
            "w:snapToGrid",
            "w:spacing",
            "w:ind",
            "w:contextualSpacing",
            "w:jc",
            "w:rPr",
        )


def bookmark_name(ordinal: int, key: str) -> str:
    """What a number's bookmark is called: hidden, its place in the circular, then as much of its key as Word allows."""
    told = "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in key)
    return f"_f{ordinal}_{told}"[:40]
