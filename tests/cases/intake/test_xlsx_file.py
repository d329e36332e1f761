"""Spreadsheets: what calamine does not say, and workbooks made to do harm."""

import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from cases.intake import IntakeRefused, parse_mapping, xlsx_file
from cases.intake.files import RawRow
from cases.intake.opening import open_table
from tests.cases.intake.conftest import STEPS, changed

MAPPING = parse_mapping(STEPS)
HEADS = ["编号", "单位", "环节", "时间", "流水号"]
GOOD = ["A1", "X1", "立案", date(2026, 3, 2), "1"]

Book = Callable[..., Path]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A workbook with one sheet of these rows, more if sheets are named."""

    def write_book(rows: list[list[Any]], name: str = "表.xlsx", **sheets: list[list[Any]]) -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(str(path)) as workbook:
            day = workbook.add_format({"num_format": "yyyy/m/d"})
            moment = workbook.add_format({"num_format": "yyyy/m/d hh:mm"})
            for title, content in {"案件": rows, **sheets}.items():
                sheet = workbook.add_worksheet(title)
                for row, cells in enumerate(content):
                    for column, cell in enumerate(cells):
                        if isinstance(cell, datetime):
                            sheet.write_datetime(row, column, cell, moment)
                        elif isinstance(cell, date):
                            sheet.write_datetime(row, column, cell, day)
                        elif isinstance(cell, tuple):
                            sheet.write_formula(row, column, *cell)
                        else:
                            sheet.write(row, column, cell)
        return path

    return write_book


def with_part(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The same workbook with one of its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_sheet(path: Path, cells: str) -> Path:
    """The same workbook, its sheet written by hand."""
    xml = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    )
    return with_part(path, "xl/worksheets/sheet1.xml", lambda _: xml.encode())


def test_dates_numbers_and_texts_come_as_they_are(book: Book) -> None:
    path = book([HEADS, GOOD, ["A2", 330100, "立案", datetime(2026, 3, 2, 10, 5), 2]])  # noqa: DTZ001

    table = open_table(path, MAPPING)

    assert list(table.rows()) == [
        RawRow(2, ["A1", "X1", "立案", date(2026, 3, 2), "1"]),
        RawRow(3, ["A2", 330100.0, "立案", datetime(2026, 3, 2, 10, 5), 2.0]),  # noqa: DTZ001
    ]
    assert table.total == 2


def test_rows_keep_the_numbers_excel_shows_though_some_are_blank(book: Book) -> None:
    path = book([[], ["台账"], [], HEADS, [], GOOD])

    rows = list(open_table(path, changed(STEPS, head_row=4)).rows())

    assert [row.number for row in rows] == [5, 6]
    assert rows[1].cells[0] == "A1"


def test_the_sheet_is_the_one_the_mapping_names(book: Book) -> None:
    path = book([["说明"]], 明细=[HEADS, GOOD])

    assert next(open_table(path, changed(STEPS, sheet="明细")).rows()).cells[0] == "A1"
    with pytest.raises(IntakeRefused, match="没有工作表“案卷”，文件中有：案件、明细"):
        open_table(path, changed(STEPS, sheet="案卷"))


def test_a_formula_in_a_column_that_is_read_refuses_its_row_and_elsewhere_is_nobodys_business(book: Book) -> None:
    path = book(
        [
            [*HEADS, "备注"],
            ["A1", "X1", "立案", ("=TODAY()", None, 46083), "1"],
            [*GOOD, ("=1+1", None, 2)],
        ]
    )

    first, second = open_table(path, MAPPING).rows()

    assert first.problems == (("时间", "单元格D2是公式，不是值。请选中该列，复制后“选择性粘贴—数值”，再导入"),)
    assert second.problems == ()


def test_an_error_in_a_cell_is_told_where_calamine_says_nothing(book: Book) -> None:
    path = with_sheet(
        book([HEADS]),
        "<row><c t='inlineStr'><is><t>编号</t></is></c><c t='inlineStr'><is><t>单位</t></is></c>"
        "<c t='inlineStr'><is><t>环节</t></is></c><c t='inlineStr'><is><t>时间</t></is></c>"
        "<c t='inlineStr'><is><t>流水号</t></is></c></row>"
        '<row r="3"><c r="A3" t="inlineStr"><is><t>A1</t></is></c><c r="B3" t="e"><v>#N/A</v></c></row>',
    )

    rows = list(open_table(path, MAPPING).rows())

    assert rows[-1].number == 3
    assert rows[-1].problems == (("单位", "单元格B3是错误值。请在 Excel 中改正"),)


def test_a_workbook_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "大.xlsx"
    with path.open("wb") as stream:
        stream.write(b"PK\x03\x04")
        stream.truncate(2 << 30)

    with pytest.raises(IntakeRefused, match="Excel 文件有2 GiB，超过100 MiB。请另存为 CSV"):
        open_table(path, MAPPING)


@pytest.mark.parametrize("told", ["true", "a lie"])
def test_a_part_that_unpacks_without_end_is_refused_whatever_size_it_claims(book: Book, told: str) -> None:
    path = with_part(book([HEADS, GOOD]), "xl/media/image1.png", lambda _: b"\0" * (300 << 20))
    assert path.stat().st_size < 1 << 20
    if told == "a lie":
        content = path.read_bytes().replace(struct.pack("<I", 300 << 20), struct.pack("<I", 1000))
        path.write_bytes(content)

    with pytest.raises(IntakeRefused, match="Excel 文件解开后超过256 MiB"):
        open_table(path, MAPPING)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "1048576行"),
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="150000"><c s="1" r="XFD150000"/></row>', "2457600000格"),
        ("<row r='150000'><c note='>' r='XFD150000'/></row>", "2457600000格"),
        ("<x:row r = '150000'><x:c r = 'XFD150000'/></x:row>", "2457600000格"),
        ('<row r="300000"><c><v>1</v></c></row>', "300000行"),
    ],
)
def test_a_cell_far_away_is_refused_before_room_is_made_for_it(book: Book, cells: str, why: str) -> None:
    path = with_sheet(book([HEADS, GOOD]), cells)

    with pytest.raises(IntakeRefused, match=why):
        open_table(path, MAPPING)


def test_cells_are_found_however_the_stream_is_cut(monkeypatch: pytest.MonkeyPatch, book: Book) -> None:
    rows = [[f"A{n}", "X1", "立案", ("=1", None, 1) if n == 700 else 46083, str(n)] for n in range(1000)]
    path = book([HEADS, *rows])

    for block in (1 << 20, 64, 7):
        monkeypatch.setattr(xlsx_file, "BLOCK", block)
        faulty = [row.number for row in open_table(path, MAPPING).rows() if row.problems]
        assert faulty == [702]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:30] + b"\xff" * 200 + content[230:],
        lambda content: b"PK\x03\x04" + b"nonsense" * 100,
    ],
    ids=["cut", "scratched", "nonsense"],
)
def test_a_damaged_workbook_is_refused(book: Book, damage: Callable[[bytes], bytes]) -> None:
    path = book([HEADS, GOOD])
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(IntakeRefused, match="Excel 文件已损坏"):
        open_table(path, MAPPING)


def test_a_workbook_with_a_document_type_is_refused(book: Book) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]>'
    path = with_part(book([HEADS, GOOD]), "xl/workbook.xml", lambda xml: xml.replace(b"<workbook", bomb + b"<workbook"))

    with pytest.raises(IntakeRefused, match="Excel 文件已损坏"):
        open_table(path, MAPPING)


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")

    with pytest.raises(IntakeRefused, match="Excel 文件已损坏"):
        open_table(path, MAPPING)


@pytest.mark.parametrize("rows", [[], [HEADS]])
def test_a_sheet_without_rows_is_refused(book: Book, rows: list[list[Any]]) -> None:
    with pytest.raises(IntakeRefused, match=r"第1行应为表头|只有表头"):
        open_table(book(rows), MAPPING)
