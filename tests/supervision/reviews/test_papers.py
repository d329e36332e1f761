from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from cases.models import Officer
from supervision.reviews.models import Line
from supervision.reviews.papers import form_paper
from supervision.reviews.services import Finding, Struck, file_form, object_to, watch
from tests.supervision.reviews.factories import LATER, County, draw, form_of, make_files

SERVED = Finding("served", "flaw", 3, "决定书迟送二日", "卷 15 页")


def cells(paper: bytes) -> dict[str, str]:
    """What stands in the form, by what is asked."""
    [table] = Document(BytesIO(paper)).tables
    return {row.cells[0].text.replace("　", "").replace(" ", ""): row.cells[1].text.strip() for row in table.rows}


@pytest.fixture
def reviewed(county: County) -> County:
    make_files(county, late=1)
    draw(county)
    form = form_of("A1")
    assert form.reviewer is not None
    strike = (Struck(Line.objects.get().pk, "延长漏录"),)
    form = file_form(form=form, add=(SERVED,), strike=strike, opinion="有一处瑕疵", by=form.reviewer, at=LATER)
    object_to(form=form, text="当日已电话告知", by=county.head, at=LATER)
    return county


def test_the_form_says_what_stands_in_the_room(reviewed: County) -> None:
    form = form_of("A1")

    said = cells(form_paper(form, list(form.lines.all()), named=True))

    assert said["案件"] == "案件 A1" and said["办案单位"] == "城关派出所"
    assert said["评查结果"].splitlines() == [
        "1. 期限：超过办案期限，瑕疵，-15 分，依据《某法》第五条。本案“作出处理决定”超期办结（系统比对） 已划去：延长漏录。",
        "2. 送达：处罚决定书未按期送达，瑕疵，-3 分，依据《治安管理处罚法》第一百一十六条。决定书迟送二日；卷内：卷 15 页",
    ]
    assert said["结论"] == "瑕疵，97 分"
    assert said["评查意见"] == f"有一处瑕疵\n{form.reviewer}　2026年4月8日"
    assert said["异议"] == f"当日已电话告知\n{reviewed.head}　2026年4月8日"
    assert said["裁定意见"] == ""


@pytest.mark.parametrize(
    ("who", "status"), [("head", 200), ("inspector", 200), ("sibling_head", 404), ("stranger", 404)]
)
def test_who_sees_the_form_takes_it_along_and_the_unit_reads_no_reviewers_name(
    reviewed: County, who: str, status: int
) -> None:
    client, form = Client(), form_of("A1")
    client.force_login(Officer.objects.get(pk=getattr(reviewed, who).pk))

    answer = client.get(reverse("reviews:paper", args=(form.pk,)))

    assert answer.status_code == status
    if status == 200:
        assert (str(form.reviewer) in cells(answer.content)["评查意见"]) is (who == "inspector")


def test_a_form_that_waits_has_room_to_write_by_hand(county: County) -> None:
    draw(county)

    said = cells(form_paper(form_of("A1"), [], named=False))

    assert said["评查结果"] == said["结论"] == said["评查意见"] == ""


def rows_of(paper: bytes) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in Document(BytesIO(paper)).tables]


def test_the_report_of_a_round_counts_what_is_final_by_unit_and_item(reviewed: County) -> None:
    # A1 is objected to; one of the sibling is flawed and final, the others are clean.
    for number in ("A2", "A3", "B1", "B2"):
        form = form_of(number)
        assert form.reviewer is not None
        add = (SERVED,) if number == "B1" else ()
        file_form(form=form, add=add, strike=(), opinion="阅", by=form.reviewer, at=LATER)
    watch(at=LATER + timedelta(days=10))
    client = Client()
    client.force_login(Officer.objects.get(pk=reviewed.inspector.pk))

    answer = client.get(reverse("reviews:report", args=(form_of("A1").round_id,)))

    said = "\n".join(one.text for one in Document(BytesIO(answer.content)).paragraphs)
    assert "总体5件，抽取5件" in said and f"种子{form_of('A1').round.seed}" in said
    assert "已确定4件：无问题3件，瑕疵1件，过错0件。还有1件没有确定" in said
    assert "提出异议0件，裁定后划去0处。下达整改1件，其中已经核验销号0件" in said
    units, items = rows_of(answer.content)
    assert units == [
        ["办案单位", "已确定", "无问题", "瑕疵", "过错"],
        ["城关派出所", "2", "2", "0", "0"],
        [reviewed.bureau.sibling.name, "2", "1", "1", "0"],
        ["合计", "4", "3", "1", "0"],
    ]
    assert items == [["评查项目", "瑕疵", "过错"], ["送达：处罚决定书未按期送达", "1", "0"]]


def test_a_head_takes_the_report_of_what_his_unit_may_read_and_a_stranger_none(reviewed: County) -> None:
    address = reverse("reviews:report", args=(form_of("A1").round_id,))
    answers = {}
    for who in ("head", "stranger"):
        client = Client()
        client.force_login(Officer.objects.get(pk=getattr(reviewed, who).pk))
        answers[who] = client.get(address)

    assert answers["stranger"].status_code == 404
    said = "\n".join(one.text for one in Document(BytesIO(answers["head"].content)).paragraphs)
    assert "已确定0件" in said and str(form_of("A1").reviewer) not in said
