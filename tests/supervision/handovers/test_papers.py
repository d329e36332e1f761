"""The sheet in Word holds everything that stands on the page, and where the three sign."""

import io

from docx import Document

from cases.models import BarringGround
from cases.services import bar
from supervision.handovers.papers import sheet
from tests.supervision.handovers.factories import AT, OVERDUE, House, begin, carried, case, everything


def words(content: bytes) -> str:
    paper = Document(io.BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


def test_the_sheet_says_what_went_what_stayed_and_why(house: House) -> None:
    everything(house)
    late = case(house, "A-9", filed=OVERDUE)
    bar(matter=late, officer=house.taker, ground=BarringGround.INTEREST, by=None, at=AT)
    row = carried(begin(house, to=house.taker))

    said = words(sheet(row, list(row.items.order_by("place"))))

    assert row.number in said and "民警100001" in said and "城关派出所民警100002" in said
    assert "调离（人〔2026〕1号）" in said and "已移交 4 件，未移交 1 件" in said
    assert "一、已移交（事项 2 件、整改 1 件、盯办 1 件）" in said
    assert "作出决定\n2026-03-04（剩 2 天◆）" in said
    assert "事项 A-9" in said and "已经回避，不能接收" not in said and "已经回避" in said
    assert [who for who in ("移交人（签名）", "接收人（签名）", "监交人（签名）") if who in said] == [
        "移交人（签名）",
        "接收人（签名）",
        "监交人（签名）",
    ]


def test_where_nothing_stayed_or_nothing_went_it_says_so(house: House) -> None:
    case(house, "A-1")
    row = carried(begin(house, by=house.legal, unit=house.bureau.sibling))

    said = words(sheet(row, list(row.items.all())))

    assert "二、未移交\n无。" in said and "城东派出所（由负责人分派）" in said
    assert "一、已移交（没有）\n无。" in words(sheet(row, []))
