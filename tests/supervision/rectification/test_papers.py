"""The papers, read back from Word: what they say, and that they look as an official paper does."""

import io
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Paper
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from cases.models import Officer
from supervision.rectification.models import Evidence, Order, OrderStep, Source
from supervision.rectification.papers import order_paper, reply_paper
from supervision.rectification.services import endorse_reply, extend_order, reopen_order, verify_order
from tests.cases.factories import Bureau, clock_of, make_case, moment
from tests.supervision.rectification.factories import AT, order_for, replied, taken

THURSDAY = moment("2026-05-21 10:00")
FRIDAY = moment("2026-05-22 10:00")


def steps_of(order: Order) -> list[OrderStep]:
    return list(OrderStep.objects.filter(order=order).order_by("number"))


def opened(content: bytes) -> Paper:
    paper: Paper = Document(io.BytesIO(content))
    return paper


def lines(paper: Paper) -> list[str]:
    return [paragraph.text for paragraph in paper.paragraphs if paragraph.text]


@pytest.mark.parametrize("source", Source.silent())
def test_the_paper_does_not_say_that_somebody_complained(bureau: Bureau, catalogue: None, source: Source) -> None:
    order = order_for(bureau.station, None, by=None, source=source, source_number="XF-1")

    said = "".join(lines(opened(order_paper(order, steps_of(order)))))

    assert "经日常监督发现" in said
    assert str(source.label) not in said and "XF-1" not in said


def form(order: Order) -> dict[str, str]:
    """The form of the reply: what stands beside what."""
    (table,) = opened(reply_paper(order, steps_of(order), list(Evidence.objects.filter(order=order)))).tables
    return {"".join(row.cells[0].text.split()): row.cells[1].text.rstrip("\n") for row in table.rows}


def test_an_order_says_what_is_asked_by_when_and_on_what_ground(
    bureau: Bureau, catalogue: None, officer: Officer, legal_officer: Officer
) -> None:
    case = make_case("A-1", bureau.station, officer, filed="2026-04-01")
    order = order_for(bureau.station, officer, by=legal_officer, matter=case, clock=clock_of(case))

    said = lines(opened(order_paper(order, steps_of(order))))

    assert said == [
        "某县公安局",
        order.number,
        "执法监督整改通知书",
        "（督办）",
        "城关派出所：",
        "经日常监督发现，你单位办理的案件（A-1）存在下列问题，现通知整改。",
        "一、问题和事实",
        "超过法定期限。",
        "超期未作出决定，请尽快作出决定。",
        "二、依据",
        "《测试法》第一条。",
        "三、要求",
        "尽快作出决定，并说明超期原因。",
        "责任人：民警100001（100001）。请于2026年5月22日前（含当日）书面答复整改情况，并附证据材料。",
        "某县公安局",
        "2026年5月19日",
    ]


def test_it_is_an_official_paper(order: Order) -> None:
    paper = opened(order_paper(order, steps_of(order)))

    (section,) = paper.sections
    assert [round(side / Mm(1)) for side in (section.page_width, section.page_height)] == [210, 297]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin / Mm(1)) for margin in margins] == [37, 35, 28, 26]
    title = next(paragraph for paragraph in paper.paragraphs if paragraph.text == "执法监督整改通知书")
    body = next(paragraph for paragraph in paper.paragraphs if paragraph.text.startswith("超期未作出"))
    heading = next(paragraph for paragraph in paper.paragraphs if paragraph.text == "二、依据")
    for paragraph, font, size in ((title, "方正小标宋简体", 22), (body, "仿宋_GB2312", 16), (heading, "黑体", 16)):
        (run,) = paragraph.runs
        assert run.font.size == Pt(size)
        # Without it Word writes the Chinese in the font of its theme.
        assert run._element.rPr.rFonts.get(qn("w:eastAsia")) == font
    assert (body.paragraph_format.line_spacing, body.paragraph_format.first_line_indent) == (Pt(28), Pt(32))


def test_the_signature_is_not_torn_from_the_text_by_the_end_of_a_page(order: Order) -> None:
    *_, last, gap, authority, day = opened(order_paper(order, steps_of(order))).paragraphs

    assert authority.text.endswith("公安局") and day.text.startswith("2026年")
    assert [one.paragraph_format.keep_with_next for one in (last, gap, authority, day)] == [True, True, True, None]


def test_pages_are_numbered_outside(order: Order) -> None:
    (section,) = opened(order_paper(order, steps_of(order))).sections

    for footer, side in ((section.footer, 2), (section.even_page_footer, 0)):
        (paragraph,) = footer.paragraphs
        assert paragraph.text == "—  —"
        assert " PAGE " in paragraph._p.xml
        assert paragraph.alignment == side


@pytest.mark.parametrize("text", ["甲<b>乙</b> & 丙 {{ now }}", "控制符\x0b\x1f丁", "一行\n\n二行"])
def test_what_somebody_wrote_is_put_in_as_it_is(bureau: Bureau, catalogue: None, text: str) -> None:
    order = order_for(bureau.station, None, by=None, text=text)

    said = "".join(lines(opened(order_paper(order, steps_of(order)))))

    assert text.replace("\x0b", "").replace("\x1f", "").replace("\n", "") in said


def test_an_extension_is_told_with_whom_it_was_let_pass_by(order: Order, legal_officer: Officer) -> None:
    extend_order(
        order=order, due_on=date(2026, 5, 29), reason="鉴定", approver=legal_officer, by=legal_officer, at=THURSDAY
    )

    said = lines(opened(order_paper(order, steps_of(order))))

    assert f"（2026年5月21日经{legal_officer}批准，期限延至2026年5月29日。）" in said
    assert form(order)["整改期限"] == "2026年5月29日（原定2026年5月22日）"


def test_the_form_of_the_reply_waits_to_be_filled_in(order: Order) -> None:
    filled = form(order)

    assert filled["责任单位"] == "城关派出所"
    assert filled["问题"] == "超过法定期限（《测试法》第一条）"
    assert [filled[name] for name in ("整改情况", "证据目录", "答复人", "单位负责人意见", "法制部门核验意见")] == [
        ""
    ] * 5


def test_it_is_filled_in_as_far_as_things_have_come(
    order: Order, officer: Officer, head: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, THURSDAY, taken("决定书.pdf"))
    endorse_reply(order=order, by=head, at=THURSDAY)
    verify_order(order=order, text="回证已核", by=legal_officer, at=FRIDAY)

    filled = form(order)

    assert (filled["整改情况"], filled["证据目录"]) == ("已作出决定。", "1. 决定书.pdf")
    assert filled["答复人"] == f"{officer}　2026年5月21日"
    assert filled["单位负责人意见"] == f"同意。\n{head}　2026年5月21日"
    assert filled["法制部门核验意见"] == f"回证已核\n{legal_officer}　2026年5月22日"


def test_a_verification_that_was_taken_back_is_not_on_the_form(
    order: Order, officer: Officer, legal_officer: Officer, evidence_folder: Path
) -> None:
    replied(order, officer, AT)
    verify_order(order=order, by=legal_officer, at=AT)
    reopen_order(order=order, reason="没有送达", workdays=3, by=legal_officer, at=THURSDAY)

    assert form(order)["法制部门核验意见"] == ""
