"""The list of checks, and one of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Grade
from supervision.rectification.models import Order
from supervision.returnvisits import services
from supervision.returnvisits.models import Check, Finding
from tests.supervision.returnvisits.factories import (
    LATER,
    County,
    answer,
    check_of,
    draw,
    make_matters,
    negative,
    visits_in,
)
from tests.supervision.returnvisits.pages.conftest import Opened

SECRET = "等了一个月没有人回话"


@pytest.fixture
def check(county: County) -> Check:
    return negative(county, text=SECRET)


def address(check: Check) -> str:
    return f"/return-visits/checks/{check.pk}/"


def test_a_check_is_taken_and_brought_to_an_order_from_its_page(desk: Opened, county: County, check: Check) -> None:
    client = desk(county.inspector)
    client.post(address(check), {"act": "take"})

    client.post(
        address(check),
        {
            "act": "conclude",
            "finding-upheld": "yes",
            "finding-text": "没有按承诺告知",
            "finding-problem": county.problem.pk,
            "finding-order_text": "请补告进展",
            "finding-grade": "supervised",
            "finding-workdays": "3",
        },
    )

    done, order = check_of(check.visit), Order.objects.get()
    assert (done.finding, done.checker, done.order) == (Finding.UPHELD, county.inspector, order)
    assert (order.grade, order.workdays) == ("supervised", 3)
    assert order.number in client.get(address(check)).content.decode()


def test_not_borne_out_needs_no_order_whatever_stands_in_the_form(desk: Opened, county: County, check: Check) -> None:
    desk(county.legal).post(
        address(check),
        {"act": "conclude", "finding-upheld": "no", "finding-text": "录音核对不属实", "finding-order_text": "草稿"},
    )

    assert check_of(check.visit).finding == Finding.UNFOUNDED
    assert not Order.objects.exists()


def test_what_is_refused_stays_on_the_page_with_the_reason(desk: Opened, county: County, check: Check) -> None:
    written = {"act": "conclude", "finding-upheld": "yes", "finding-text": "没有按承诺告知"}

    answered = desk(county.legal).post(address(check), written)

    assert answered.status_code == 422
    page = answered.content.decode()
    assert "属实的要下达整改" in page and "没有按承诺告知" in page


def test_it_is_handed_to_another_and_then_is_his(desk: Opened, county: County, check: Check) -> None:
    client = desk(county.legal)
    client.post(address(check), {"act": "hand", "officer": "100003"})

    page = client.get(address(check)).content.decode()

    assert "由民警100003核查" in page
    assert "登记结论" not in page


def test_the_unit_reads_the_finding_and_its_order_and_never_the_words(
    desk: Opened, county: County, check: Check
) -> None:
    head = desk(county.head)
    assert head.get(address(check)).status_code == 404
    assert "没有核查结论" in head.get("/return-visits/checks/").content.decode()

    services.conclude_check(check=check, upheld=False, text="录音核对不属实", by=county.legal, at=LATER)

    for path in (address(check), "/return-visits/checks/"):
        page = head.get(path).content.decode()
        assert "录音核对不属实" in page
        assert SECRET not in page and check.visit.code not in page and "民警100001" not in page
    assert head.post(address(check), {"act": "take"}).status_code == 403


@pytest.mark.parametrize(("who", "status"), [("legal", 200), ("officer", 403), ("stranger", 404)])
def test_a_check_opens_to_who_looks_into_it(desk: Opened, county: County, check: Check, who: str, status: int) -> None:
    assert desk(getattr(county, who)).get(address(check)).status_code == status


def test_the_order_that_reaches_the_unit_does_not_say_who_or_what(desk: Opened, county: County, check: Check) -> None:
    from supervision.returnvisits.services.checking import Demand

    done = services.conclude_check(
        check=check,
        upheld=True,
        text="没有告知",
        by=county.legal,
        at=LATER,
        demand=Demand(county.problem, "请补告进展"),
    )

    page = desk(county.head).get(f"/orders/{done.order_id}/").content.decode()

    assert "群众评价" in page and "请补告进展" in page
    assert SECRET not in page and check.visit.code not in page


@pytest.mark.parametrize(
    ("query", "count"), [("", 1), ("?finding=open", 1), ("?mine=1", 0), ("?mine=none", 1), ("?late=1", 0)]
)
def test_the_list_is_narrowed(desk: Opened, county: County, check: Check, query: str, count: int) -> None:
    assert desk(county.legal).get(f"/return-visits/checks/{query}").content.decode().count("data-href") == count


def test_the_list_asks_the_same_number_of_questions_for_one_row_and_for_three(desk: Opened, county: County) -> None:
    make_matters(county, station=3, sibling=0)
    visits, client = visits_in(draw(county, per_unit=3)), desk(county.legal)
    answer(county, visits[0], Grade.DISSATISFIED)
    client.get("/return-visits/checks/")

    with CaptureQueriesContext(connection) as one:
        client.get("/return-visits/checks/")
    for visit in visits[1:]:
        answer(county, visit, Grade.DISSATISFIED)
    with CaptureQueriesContext(connection) as three:
        page = client.get("/return-visits/checks/").content.decode()

    assert page.count("data-href") == 3
    assert len(one) == len(three)
