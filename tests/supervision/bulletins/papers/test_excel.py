"""The circular in Excel: percentages that follow their counts, texts that stay texts, sheets that can be used."""

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from supervision.bulletins.papers.document import Column, FigureTable, Number, Row, rated
from supervision.bulletins.papers.excel import excel_paper
from tests.supervision.bulletins.papers.circulars import (
    HOSTILE,
    county_month,
    of_hostile_words,
    of_long_tables,
    of_nothing,
)
from tests.supervision.bulletins.papers.reading import calculated


def book(content: bytes, *, values: bool = False) -> Workbook:
    return load_workbook(io.BytesIO(content), data_only=values)


def test_there_is_a_sheet_of_figures_one_a_list_and_a_register() -> None:
    assert book(excel_paper(county_month())).sheetnames == ["说明", "数据", "数字", "超期清单", "更正", "图"]


def test_a_percentage_is_a_formula_of_its_counts_with_its_value_beside() -> None:
    content = excel_paper(county_month())
    formulas, values = book(content)["数据"], book(content, values=True)["数据"]

    (row,) = [cells[0].row for cells in formulas.iter_rows() if cells[0].value == "全县" and cells[1].value == 153]

    assert formulas.cell(row, 4).value == f'=IF(F{row}=0,"—",INT(E{row}*10000/F{row})/10000)'
    assert values.cell(row, 4).value == pytest.approx(0.6732)
    assert [values.cell(row, column).value for column in (5, 6)] == [103, 153]
    assert formulas.cell(row, 4).number_format == "0.00%"


@pytest.mark.parametrize(
    ("numerator", "denominator", "decimals"),
    [(2, 3, 2), (49_999, 50_000, 2), (29, 100, 2), (4057, 16491, 1), (57, 100, 0)],
)
def test_the_formula_cuts_off_as_the_circular_does(numerator: int, denominator: int, decimals: int) -> None:
    number = rated("k", numerator, denominator, decimals=decimals)
    table = FigureTable("表", (Column("单位", numeric=False), Column("率")), (Row(("甲", number)),))

    sheet = book(excel_paper(replace(of_nothing(), blocks=(table,))))["数据"]

    formula = str(sheet.cell(3, 2).value)
    assert _computed(formula, {"C3": numerator, "D3": denominator}) == pytest.approx(_share(number), abs=1e-12)


def _computed(formula: str, cells: dict[str, int]) -> float:
    """What a spreadsheet makes of our one formula, with its numbers of double precision."""
    found = re.fullmatch(r'=IF\((\w+)=0,"—",INT\((\w+)\*(\d+)/(\w+)\)/(\d+)\)', formula)
    assert found is not None
    _, top, scale, bottom, again = found.groups()
    return int(float(cells[top]) * int(scale) / cells[bottom]) / int(again)


def _share(number: Number) -> float:
    assert number.value is not None
    return float(number.value) / 100


def test_the_register_follows_the_tables() -> None:
    content = excel_paper(county_month())
    formulas = book(content)["数字"]

    rows = {row[1].value: row for row in formulas.iter_rows(min_row=2)}

    assert re.fullmatch(r"='数据'!D\d+", str(rows["petitions/rate"][4].value))
    assert re.fullmatch(r"='数据'!E\d+", str(rows["petitions/rate"][5].value))
    assert str(rows["rectified/all"][4].value).startswith("=IF(")
    assert rows["petitions/rate/1"][7].value == "基数小（分母不足 10），仅供参考，不作比较"


def test_a_grey_mark_stands_beside_its_number_in_words() -> None:
    rows = calculated(excel_paper(county_month()))["数据"]

    (head,) = [row for row in rows if "化解率（说明）" in row]
    (station,) = [row for row in rows if row[0] == "城关派出所" and row[1] == 8]
    assert station[head.index("化解率（说明）")] == "基数小（分母不足 10），仅供参考，不作比较"


def test_no_text_is_taken_for_a_formula_and_none_becomes_one_when_edited() -> None:
    workbook = book(excel_paper(of_hostile_words()))

    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value is not None]
    dangerous = [cell for cell in cells if cell.data_type == "s" and str(cell.value).startswith(("=", "+", "-", "@"))]
    assert len(dangerous) > 20
    assert [cell.coordinate for cell in dangerous if not cell.quotePrefix] == []
    ours = re.compile(r"""=IF\(\w+=0,"—",INT\(\w+\*\d+/\w+\)/\d+\)|='.+'!\w+""")
    assert [cell.value for cell in cells if cell.data_type == "f" and not ours.fullmatch(str(cell.value))] == []


def test_names_of_sheets_are_ones_that_excel_takes() -> None:
    names = book(excel_paper(of_hostile_words())).sheetnames

    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") and name.strip("'") == name for name in names)
    assert len({name.casefold() for name in names}) == len(names)
    assert "history" not in {name.casefold() for name in names}


def test_heads_stay_in_sight_and_are_printed_on_every_page() -> None:
    workbook = book(excel_paper(county_month()))

    assert (workbook["超期清单"].freeze_panes, workbook["超期清单"].print_title_rows) == ("B3", "$1:$2")
    assert (workbook["数字"].freeze_panes, workbook["数字"].print_title_rows) == ("C2", "$1:$1")
    for sheet in workbook:
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)


def test_columns_are_wide_enough_for_what_stands_in_them() -> None:
    sheet = book(excel_paper(county_month()))["超期清单"]

    assert sheet.column_dimensions["A"].width > len("A3301000001202605011")


def test_a_list_without_rows_says_so() -> None:
    assert calculated(excel_paper(county_month()))["更正"][2][0] == "本期没有对以前各期的更正。"


def test_a_draft_says_so_on_every_sheet() -> None:
    for sheet in book(excel_paper(of_long_tables())):
        assert sheet.oddHeader.right.text == "草稿，尚未签发"


def test_the_same_circular_gives_the_same_bytes() -> None:
    assert excel_paper(county_month()) == excel_paper(county_month())


def test_a_very_long_text_is_cut_where_a_cell_ends() -> None:
    table = FigureTable("表", (Column("说明", numeric=False),), (Row(("长" * 40_000,)),))

    rows: list[list[Any]] = calculated(excel_paper(replace(of_nothing(), blocks=(table,))))["数据"]

    assert len(rows[2][0]) == 32_767
    assert set(HOSTILE) and rows[2][0].startswith("长")


def test_headings_without_a_table_are_left_out_and_changes_keep_their_signs() -> None:
    workbook = book(excel_paper(county_month()))

    said = [row[0] for row in workbook["数据"].iter_rows(values_only=True)]
    assert {"一、总体情况", "（一）时限按期情况", "二、突出问题"} <= set(said)
    assert not {"1.整改质量", "（1）证据材料", "三、工作要求"} & set(said)
    rows = {row[1].value: row for row in workbook["数字"].iter_rows(min_row=2)}
    assert rows["change/8"][4].number_format == "+0.00;-0.00;0.00"
