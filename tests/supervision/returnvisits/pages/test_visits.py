"""The list of visits, and one of them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Feedback, Grade
from supervision.returnvisits import services
from supervision.returnvisits.models import Visit, VisitState
from supervision.returnvisits.services.slips import digest_of
from tests.supervision.returnvisits.factories import LATER, County, answer, draw, make_matters, negative, visits_in
from tests.supervision.returnvisits.pages.conftest import Opened

SECRET = "等了一个月没有人回话"


@pytest.fixture
def visit(county: County) -> Visit:
    return visits_in(draw(county), county.station)[0]


def address(visit: Visit) -> str:
    return f"/return-visits/visits/{visit.pk}/"


def test_an_answer_by_telephone_is_recorded_from_the_page(desk: Opened, county: County, visit: Visit) -> None:
    client = desk(county.legal)
    assert "登记电话回访" in client.get(address(visit)).content.decode()

    client.post(address(visit), {"act": "answer", "answer-grade": "3", "answer-text": SECRET})

    rating = Feedback.objects.get()
    assert (rating.grade, rating.text, rating.valid) == (3, SECRET, True)
    page = client.get(address(visit)).content.decode()
    assert SECRET in page and "待核查" in page


def test_a_reason_makes_an_answer_invalid(desk: Opened, county: County, visit: Visit) -> None:
    desk(county.legal).post(address(visit), {"act": "answer", "answer-grade": "1", "answer-invalid_reason": "不是本人"})

    assert not Feedback.objects.get().valid


def test_what_was_written_wrongly_stays_on_the_page(desk: Opened, county: County, visit: Visit) -> None:
    answered = desk(county.legal).post(address(visit), {"act": "answer", "answer-text": SECRET})

    assert answered.status_code == 422
    assert SECRET in answered.content.decode()
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"act": "attempt", "attempt-word": "无人接听"}, VisitState.WAITING),
        ({"act": "unfit", "unfit-word": "涉及未成年人"}, VisitState.UNFIT),
        ({"act": "hand", "officer": "100002"}, VisitState.WAITING),
    ],
)
def test_the_other_verbs_of_the_page(
    desk: Opened, county: County, visit: Visit, fields: dict[str, str], state: VisitState
) -> None:
    desk(county.legal).post(address(visit), fields)

    assert visit.steps.count() == 1
    visit.refresh_from_db()
    assert visit.state == state


def test_giving_up_is_offered_after_three_attempts(desk: Opened, county: County, visit: Visit) -> None:
    client = desk(county.legal)
    for _ in range(3):
        assert "记为未联系上</button>" not in client.get(address(visit)).content.decode()
        client.post(address(visit), {"act": "attempt", "attempt-word": "无人接听"})

    client.post(address(visit), {"act": "give_up", "give_up-word": "停机"})

    visit.refresh_from_db()
    assert visit.state == VisitState.UNREACHED


def test_an_answer_is_made_invalid_by_another_than_its_recorder(desk: Opened, county: County) -> None:
    visit = negative(county).visit
    asked = {"act": "invalid", "invalid-word": "不是本人"}

    own = desk(county.legal).post(address(visit), asked)
    assert own.status_code == 422 and "要由别人办理" in own.content.decode()

    desk(county.second_legal).post(address(visit), asked)
    assert not Feedback.objects.get().valid


def test_an_act_that_is_no_longer_offered_is_told_so(desk: Opened, county: County, visit: Visit) -> None:
    client = desk(county.legal)
    answer(county, visit)

    page = client.post(address(visit), {"act": "attempt", "attempt-word": "无人接听"}).content.decode()

    assert "情况已经变了" in page


# -- who reads what ----------------------------------------------------------------------------------------------------


def test_the_unit_never_reads_the_words_nor_the_code_nor_who_called_and_the_grade_only_when_it_was_looked_into(
    desk: Opened, county: County
) -> None:
    check = negative(county, text=SECRET)
    visit, client = check.visit, desk(county.head)

    before = [client.get(path).content.decode() for path in (address(visit), "/return-visits/visits/")]
    services.conclude_check(check=check, upheld=False, text="录音核对不属实", by=county.legal, at=LATER)
    after = [client.get(path).content.decode() for path in (address(visit), "/return-visits/visits/")]

    for page in (*before, *after):
        assert SECRET not in page and visit.code not in page and "电话回访" not in page and "民警100001" not in page
    assert all("不满意" not in page for page in before)
    assert all("不满意" in page for page in after)
    assert "录音核对不属实" in after[0]


def test_a_satisfied_answer_is_kept_from_the_unit_until_the_round_is_over_like_a_dissatisfied_one(
    desk: Opened, county: County
) -> None:
    visits = visits_in(draw(county), county.station)
    answer(county, visits[0], Grade.SATISFIED)
    answer(county, visits[1], Grade.DISSATISFIED)
    client = desk(county.head)

    shown = [
        re.sub(
            r"A\d|/\d+/|\d{2,}",
            "",
            re.sub(r"<(script|head)\b.*?</\1>", "", client.get(address(v)).content.decode(), flags=re.S),
        )
        for v in visits
    ]

    assert (
        shown[0].partition('class="lead"')[2].partition("</dl>")[0]
        == shown[1].partition('class="lead"')[2].partition("</dl>")[0]
    )


def test_the_unit_cannot_search_by_what_it_may_not_read(desk: Opened, county: County) -> None:
    negative(county)

    page = desk(county.head).get("/return-visits/visits/?grade=3&channel=telephone").content.decode()

    # Both visits of the unit, as if nothing had been asked for.
    assert page.count("data-href") == 2


def test_the_unit_does_nothing_here(desk: Opened, county: County, visit: Visit) -> None:
    client = desk(county.head)

    assert client.post(address(visit), {"act": "answer", "answer-grade": "1"}).status_code == 403
    assert client.post(f"{address(visit)}slip/").status_code == 403
    assert client.get("/return-visits/replies/").status_code == 403
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("officer", 403), ("stranger", 404), ("sibling_head", 404), ("leader", 200)]
)
def test_a_visit_opens_to_those_over_its_unit(
    desk: Opened, county: County, visit: Visit, who: str, status: int
) -> None:
    assert desk(getattr(county, who)).get(address(visit)).status_code == status


def test_the_ratings_and_the_ledger_in_the_admin_are_for_who_asks(desk: Opened, county: County) -> None:
    negative(county, text=SECRET)

    for path in ("/cases/feedback/", "/returnvisits/visitstep/"):
        assert desk(county.legal).get(path).status_code == 200
        assert SECRET not in desk(county.legal).get(path).content.decode()
        assert desk(county.head).get(path).status_code == 403
        assert desk(county.officer).get(path).status_code == 403


# -- the list ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 4), ("?state=waiting", 3), ("?state=waiting&mine=1", 3), ("?state=reached", 1), ("?q=A", 2), ("?grade=3", 1)],
)
def test_the_list_is_narrowed(desk: Opened, county: County, query: str, count: int) -> None:
    negative(county)

    assert desk(county.legal).get(f"/return-visits/visits/{query}").content.decode().count("data-href") == count


def test_a_visit_is_found_by_the_code_on_a_slip(desk: Opened, county: County, visit: Visit) -> None:
    page = desk(county.legal).get("/return-visits/visits/", {"code": visit.code.lower()}).content.decode()

    assert page.count("data-href") == 1 and visit.code in page


@pytest.mark.parametrize("who", ["legal", "head"])
def test_the_list_asks_the_same_number_of_questions_for_one_row_and_for_three(
    desk: Opened, county: County, who: str
) -> None:
    make_matters(county, station=3, sibling=0)
    client = desk(getattr(county, who))
    draw(county, per_unit=1)
    client.get("/return-visits/visits/")

    with CaptureQueriesContext(connection) as one:
        client.get("/return-visits/visits/")
    answer(county, visits_in(draw(county, per_unit=2))[0], Grade.DISSATISFIED)
    with CaptureQueriesContext(connection) as three:
        page = client.get("/return-visits/visits/").content.decode()

    assert page.count("data-href") == 3
    assert len(one) == len(three)


# -- the slip ----------------------------------------------------------------------------------------------------------


def test_a_slip_is_printed_once_with_its_picture_and_is_kept_by_nobody(
    desk: Opened, county: County, visit: Visit
) -> None:
    client = desk(county.legal)
    assert client.get(f"{address(visit)}slip/").status_code == 405

    answered = client.post(f"{address(visit)}slip/")

    page = answered.content.decode()
    token = re.findall(r"/rate/\?k=([0-9a-f]{32})", page)[0]
    assert "<svg" in page and "城关派出所" in page
    assert "no-store" in answered["Cache-Control"]
    visit.refresh_from_db()
    assert visit.token_digest == digest_of(token)
    assert token not in client.get(address(visit)).content.decode()


def test_what_needs_no_slip_gets_none(desk: Opened, county: County, visit: Visit) -> None:
    answer(county, visit)

    page = desk(county.legal).post(f"{address(visit)}slip/", follow=True).content.decode()

    assert "没有打印" in page
