"""The circular in Word, read back: measures of GB/T 9704-2012, fonts, heads said again, the draft's word."""

import io
from dataclasses import replace

import pytest
from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from supervision.bulletins.papers.document import Circular
from supervision.bulletins.papers.word import word_paper
from supervision.bulletins.papers.word_sheet import STANDS_FOR, bookmark_name
from tests.supervision.bulletins.papers.circulars import ALL, county_month, of_long_tables


def opened(circular: Circular) -> Paper:
    paper: Paper = Document(io.BytesIO(word_paper(circular)))
    return paper


@pytest.fixture(scope="module")
def month() -> Paper:
    return opened(county_month())


def test_the_page_is_a4_with_the_margins_of_the_standard(month: Paper) -> None:
    section = month.sections[0]

    def millimetres(*lengths: int | None) -> list[int]:
        return [round((length or 0) / Mm(1)) for length in lengths]

    assert millimetres(section.page_width, section.page_height) == [210, 297]
    assert millimetres(section.top_margin, section.bottom_margin) == [37, 35]
    assert millimetres(section.left_margin, section.right_margin) == [28, 26]


def test_22_lines_of_28_signs_fit_between_the_margins(month: Paper) -> None:
    body = next(line for line in month.paragraphs if line.text.startswith("2026年5月，"))
    normal = month.styles["Normal"].element.rPr
    distance = int(normal.find(qn("w:spacing")).get(qn("w:val"))) / 20

    assert body.paragraph_format.line_spacing_rule == WD_LINE_SPACING.EXACTLY
    assert body.paragraph_format.line_spacing == Pt(28)
    assert 22 * 28 <= Mm(297 - 37 - 35).pt < 23 * 28
    assert 28 * (16 + distance) <= Mm(156).pt < 29 * (16 + distance)


def test_headings_stand_in_the_fonts_of_their_levels_and_in_the_outline(month: Paper) -> None:
    found = {}
    for line in month.paragraphs:
        if line.style is not None and (line.style.name or "").startswith("Heading"):
            fonts = line.style.element.rPr.rFonts
            found.setdefault(
                line.style.name, (line.text, fonts.get(qn("w:eastAsia")), fonts.get(qn("w:eastAsiaTheme")))
            )

    assert found == {
        "Heading 1": ("一、总体情况", "黑体", None),
        "Heading 2": ("（一）时限按期情况", "楷体_GB2312", None),
        "Heading 3": ("1.整改质量", "仿宋_GB2312", None),
        "Heading 4": ("（1）证据材料", "仿宋_GB2312", None),
    }


def test_every_run_names_its_font_for_chinese(month: Paper) -> None:
    runs = [run for run in month.element.body.iter(qn("w:r")) if run.find(qn("w:t")) is not None]
    bare = [
        run.find(qn("w:t")).text
        for run in runs
        if run.getparent().pPr.pStyle is None
        and (run.rPr is None or run.rPr.rFonts is None or run.rPr.rFonts.get(qn("w:eastAsia")) not in STANDS_FOR)
    ]

    assert len(runs) > 100
    assert bare == []


def test_word_is_told_what_stands_for_a_missing_font(month: Paper) -> None:
    (table,) = [part for part in month.part.package.iter_parts() if str(part.partname) == "/word/fontTable.xml"]

    for font, stands in STANDS_FOR.items():
        assert f'<w:font w:name="{font}"><w:altName w:val="{stands}"/>'.encode() in table.blob


def test_a_number_in_a_line_of_text_is_not_broken_by_programs_that_break_between_chinese_signs(month: Paper) -> None:
    body = next(line for line in month.paragraphs if line.text.startswith("2026年5月，"))

    said = {
        run.text: run._r.rPr.find(qn("w:lang")).get(qn("w:val"))
        for run in body.runs
        if run._r.rPr.find(qn("w:lang")) is not None
    }

    assert said == {"91.19%": "en-US", "-1.00": "en-US", "7": "en-US"}


def test_the_title_is_two_and_the_head_is_red(month: Paper) -> None:
    head, title = (
        next(line for line in month.paragraphs if line.text == text)
        for text in ("江北县公安局执法监督通报", "执法监督情况的通报")
    )

    assert str(head.runs[0].font.color.rgb) == "C00000"
    assert title.runs[0].font.size == Pt(22)
    assert title.runs[0].element.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"
    number = next(line for line in month.paragraphs if line.text == "江公法监〔2026〕3号")
    assert number._p.pPr.find(qn("w:pBdr")).find(qn("w:bottom")).get(qn("w:color")) == "C00000"


def test_page_numbers_stand_outside(month: Paper) -> None:
    odd, even = month.sections[0].footer.paragraphs[0], month.sections[0].even_page_footer.paragraphs[0]

    assert month.settings.odd_and_even_pages_header_footer
    assert [odd.alignment, even.alignment] == [2, 0]
    for line in (odd, even):
        assert line.text == "—  —"
        assert " PAGE " in [text.text for text in line._p.iter(qn("w:instrText"))]


def test_the_head_of_a_table_is_said_again_on_every_page() -> None:
    for table in opened(of_long_tables()).tables:
        first, *rest = table.rows[:3]
        assert first._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:tblHeader")) is None for row in rest)


def test_a_picture_is_not_cut_off_by_the_line_it_stands_in(month: Paper) -> None:
    (line,) = [line for line in month.paragraphs if line._p.findall(f".//{qn('w:drawing')}")]

    assert line.paragraph_format.line_spacing_rule == WD_LINE_SPACING.SINGLE


def test_the_signature_stands_in_one_piece_with_the_text(month: Paper) -> None:
    lines = list(month.paragraphs)
    last = next(n for n, line in enumerate(lines) if line.text.startswith("各单位要对照清单"))
    end = next(n for n, line in enumerate(lines) if line.text.startswith("（此件发至"))

    assert [line.text for line in lines[end - 2 : end]] == ["江北县公安局", "2026年6月1日"]
    assert all(line.paragraph_format.keep_with_next for line in lines[last:end])


def test_the_foot_of_the_last_page_names_copies_and_the_printer(month: Paper) -> None:
    framed = [
        line for line in month.paragraphs if line._p.pPr is not None and line._p.pPr.find(qn("w:framePr")) is not None
    ]

    assert [line.text for line in framed if line.text.strip()] == [
        "抄送：市公安局法制支队、县局领导、县局纪检监察组。",
        "江北县公安局法制大队\t2026年6月1日印发",
    ]
    assert {line._p.pPr.find(qn("w:framePr")).get(qn("w:yAlign")) for line in framed} == {"bottom"}


@pytest.mark.parametrize(("issued", "words"), [(False, 2), (True, 0)])
def test_a_draft_says_so_across_every_page(issued: bool, words: int) -> None:
    section = opened(county_month(issued=issued)).sections[0]

    headers = (section.header._element, section.even_page_header._element)
    said = [
        shape
        for header in headers
        for shape in header.iter("{urn:schemas-microsoft-com:vml}textpath")
        if shape.get("string")
    ]
    assert [shape.get("string") for shape in said] == ["草稿"] * words


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_properties_stand_in_the_order_that_word_demands(make: object) -> None:
    assert callable(make)
    order = "pStyle keepNext keepLines pageBreakBefore framePr widowControl pBdr tabs autoSpaceDE autoSpaceDN spacing ind jc rPr"
    places = {qn(f"w:{name}"): n for n, name in enumerate(order.split())}

    for properties in opened(make()).element.body.iter(qn("w:pPr")):
        found = [places[child.tag] for child in properties]
        assert found == sorted(found)


def test_the_same_circular_gives_the_same_bytes() -> None:
    assert word_paper(county_month()) == word_paper(county_month())


def test_a_bookmark_is_named_by_place_and_key_as_far_as_word_allows() -> None:
    assert bookmark_name(12, "on_time/v1/330100") == "_f12_on_time_v1_330100"
    assert len(bookmark_name(1234, "名" * 100)) == 40
    circular = replace(county_month(), blocks=(), annexes=())
    assert not list(opened(circular).element.body.iter(qn("w:bookmarkStart")))
