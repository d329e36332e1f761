"""The circular as PDF: the standard's page, nothing taken for markup, fonts of the bureau first, warnings fail."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from pylopdf_fonts_zh_cn import sans_path

from supervision.bulletins.papers import pdf
from supervision.bulletins.papers.document import Paragraph, counted
from supervision.bulletins.papers.fonts import type_at_hand
from supervision.bulletins.papers.pdf import Unprintable, pdf_paper, unshown
from tests.supervision.bulletins.papers.circulars import chart_of, county_month, of_hostile_words, of_nothing


def read(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def test_it_is_pdf_a_2b_on_a4_in_chinese() -> None:
    reader = read(pdf_paper(county_month()))

    metadata = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata and "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]] == [210, 297]
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    assert reader.metadata is not None and reader.metadata.title == "江北县公安局关于2026年5月执法监督情况的通报"


def test_the_same_circular_gives_the_same_bytes_dated_by_its_day() -> None:
    first, second = pdf_paper(county_month()), pdf_paper(county_month())

    assert first == second
    assert (read(first).metadata or {})["/CreationDate"].startswith("D:20260601")


def test_a_page_holds_22_lines_of_28_signs() -> None:
    lines = Paragraph(("字" * (28 * 40 - 2),))

    pages = read(pdf_paper(replace(of_nothing(), blocks=(lines,), issuer=""))).pages

    full = [line for line in pages[1].extract_text().splitlines() if set(line) == {"字"}]
    assert len(full) == 22
    assert {len(line) for line in full} == {28}


def test_headings_can_be_gone_to() -> None:
    def flat(outline: list[object]) -> list[str]:
        return [
            title
            for part in outline
            for title in (flat(part) if isinstance(part, list) else [str(getattr(part, "title", ""))])
        ]

    titles = flat(list(read(pdf_paper(county_month())).outline))

    assert titles[:2] == ["一、总体情况", "（一）时限按期情况"]


@pytest.mark.parametrize("issued", [True, False])
def test_a_draft_says_so_on_every_page(issued: bool) -> None:
    pages = read(pdf_paper(county_month(issued=issued))).pages

    assert all(("草稿" in page.extract_text()) is not issued for page in pages)


def test_a_sign_that_no_font_can_show_is_marked_and_named() -> None:
    circular = replace(of_nothing(), blocks=(Paragraph(("喆堃昇镕😀", counted("k", 3), "ꙮ")),))

    text = read(pdf_paper(circular)).pages[0].extract_text()

    assert "喆堃昇镕〓3〓" in "".join(text.split())
    assert unshown(circular) == "😀ꙮ"
    assert unshown(of_hostile_words()) == "😀"


def test_the_fonts_of_the_bureau_come_first(tmp_path: Path) -> None:
    # A licensed font cannot lie here: a free one under another folder is found the same way.
    shutil.copy(sans_path(), tmp_path / "own.otf")

    fonts = type_at_hand(tmp_path)

    assert fonts.faces["hei"][0] == "Noto Sans SC"
    assert pdf_paper(county_month(), font_dir=tmp_path).startswith(b"%PDF")


def test_a_file_that_is_no_font_is_passed_over(tmp_path: Path) -> None:
    for name in ("broken.ttf", "broken.ttc"):
        (tmp_path / name).write_bytes(b"not a font")

    assert type_at_hand(tmp_path).signs == type_at_hand(None).signs
    assert pdf_paper(county_month(), font_dir=tmp_path).startswith(b"%PDF")


def test_without_licensed_fonts_every_face_is_a_free_one() -> None:
    faces = type_at_hand(None).faces

    assert faces == {
        "body": ["Noto Serif SC", "Noto Sans SC"],
        "kai": ["Noto Serif SC", "Noto Sans SC"],
        "hei": ["Noto Sans SC", "Noto Serif SC"],
        "title": ["Noto Serif SC", "Noto Sans SC"],
        "song": ["Noto Serif SC", "Noto Sans SC"],
    }


def test_what_typst_warns_of_is_not_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = tmp_path / "circular.typ"
    template.write_text('#set text(font: "没有的字体")\n字')
    monkeypatch.setattr(pdf, "TEMPLATE", template)

    with pytest.raises(Unprintable, match="没有排成 PDF"):
        pdf_paper(county_month())


def test_a_template_sees_no_file_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps("口令"))
    template = tmp_path / "circular.typ"
    template.write_text(f'#json("{secret}")')
    monkeypatch.setattr(pdf, "TEMPLATE", template)

    with pytest.raises(Unprintable):
        pdf_paper(county_month())


def test_a_chart_without_svg_is_shown_as_png() -> None:
    chart = replace(chart_of("一", (("甲", 1, 20),), "a"), svg="")

    page = read(pdf_paper(replace(of_nothing(), blocks=(chart,)))).pages[0]

    assert len(page.images) == 1
