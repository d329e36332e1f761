from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from cases.models import Officer
from supervision.reviews.models import Line
from supervision.reviews.papers import form_paper
from supervision.reviews.services import Finding, Struck, file_form, object_to
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
