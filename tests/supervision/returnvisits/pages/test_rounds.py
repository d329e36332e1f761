"""The list of rounds, drawing one, and how one is getting on."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Grade
from supervision.exports.rules import Why
from supervision.exports.services import Export, approve_export, ask_export
from supervision.returnvisits import services
from supervision.returnvisits.models import Visit, VisitRound
from tests.cases.factories import moment
from tests.supervision.returnvisits.factories import LATER, County, answer, draw, make_matters, negative, visits_in
from tests.supervision.returnvisits.pages.conftest import Opened


def entered(county: County, **fields: object) -> dict[str, object]:
    return {
        "title": "二月回访",
        "unit": county.bureau.county.pk,
        "kinds": ["case"],
        "basis": "opened",
        "from_on": "2026-02-01",
        "until_on": "2026-02-28",
        "per_unit": 2,
        "reply_until": "2026-03-16",
        "callers": "100001、100002",
        "seed": "",
        **fields,
    }


def test_first_the_frame_is_shown_and_nothing_is_drawn(desk: Opened, county: County) -> None:
    make_matters(county)

    answered = desk(county.legal).post("/return-visits/new/", {**entered(county), "act": "look"})

    page = answered.content.decode()
    assert "可以回访的 5 件，2 个单位，将抽取 4 件" in page
    assert "A1" not in page
    assert not VisitRound.objects.exists()


def test_then_it_is_drawn_and_the_visits_are_given_out(desk: Opened, county: County) -> None:
    make_matters(county)

    desk(county.legal).post("/return-visits/new/", {**entered(county, seed="7"), "act": "draw"})

    drawn = VisitRound.objects.get()
    assert (drawn.seed, drawn.drawn_by) == ("7", county.legal)
    assert {visit.caller for visit in visits_in(drawn)} == {county.legal, county.second_legal}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"until_on": "2026-03-03"}, "还没有过完"),
        ({"callers": "999"}, "没有警号为“999”的在用民警"),
        ({"kinds": ["letter"]}, "letter"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_drawn(
    desk: Opened, county: County, fields: dict[str, object], said: str
) -> None:
    make_matters(county)

    answered = desk(county.legal).post("/return-visits/new/", {**entered(county, **fields), "act": "draw"})

    assert answered.status_code == 422
    assert said in answered.content.decode()
    assert not VisitRound.objects.exists()


@pytest.mark.parametrize("who", ["head", "leader", "officer"])
def test_only_who_asks_draws(desk: Opened, county: County, who: str) -> None:
    assert desk(getattr(county, who)).get("/return-visits/new/").status_code == 403


def test_the_page_counts_unit_by_unit_and_draws_again(desk: Opened, county: County) -> None:
    negative(county)
    drawn = VisitRound.objects.get()

    page = desk(county.legal).get(f"/return-visits/rounds/{drawn.pk}/?again=1").content.decode()

    assert "还有 3 件待回访" in page
    assert "重抽核对：总体摘要一致，抽出的 4 件与留存的完全相同" in page
    assert "核查属实" in page and drawn.frame_digest in page


def test_a_unit_reads_of_itself_how_many_were_asked_and_how_they_answered_only_at_the_end(
    desk: Opened, county: County
) -> None:
    drawn = draw(county)
    for visit in visits_in(drawn):
        answer(county, visit, Grade.SATISFIED)
    client, address = desk(county.head), f"/return-visits/rounds/{drawn.pk}/"

    before = client.get(address).content.decode()
    services.close_round(visit_round=drawn, by=county.legal, at=moment("2026-03-04 09:00"))
    after = client.get(address).content.decode()

    assert "城关派出所" in before and "城东派出所" not in before
    assert "满意、基本满意" not in before
    assert "满意、基本满意" in after and "城东派出所" not in after


@pytest.mark.parametrize(("who", "status"), [("legal", 200), ("leader", 200), ("officer", 403), ("stranger", 404)])
def test_a_round_opens_to_those_over_its_units(desk: Opened, county: County, who: str, status: int) -> None:
    drawn = draw(county)

    assert desk(getattr(county, who)).get(f"/return-visits/rounds/{drawn.pk}/").status_code == status


def test_the_frame_can_be_taken_away_with_the_rank_of_each_matter(desk: Opened, county: County) -> None:
    drawn = draw(county)

    answered = desk(county.legal).get(f"/return-visits/rounds/{drawn.pk}/frame/")

    rows = b"".join(answered).decode().splitlines()  # type: ignore[arg-type]
    assert len(rows) == 1 + 5
    assert sum(row.endswith("是") for row in rows) == 4
    # The head neither reads the list of those that were not drawn.
    assert desk(county.head).get(f"/return-visits/rounds/{drawn.pk}/frame/").status_code == 403


def test_the_list_for_messages_holds_codes_and_no_number_of_anybody(desk: Opened, county: County) -> None:
    drawn = draw(county)
    path = f"/return-visits/rounds/{drawn.pk}/messages/"
    held = desk(county.legal).post(path)
    assert held.status_code == 302 and not Visit.objects.exclude(asked_at=None).exists()
    export = Export("回访短信名单", path, "", "POST", "csv", f"returnvisits.visitround:{drawn.pk}", 4)
    asked = ask_export(export=export, why=Why.SENSITIVE, purpose="发短信", by=county.legal, at=LATER)
    approve_export(request=asked, by=county.leader, at=LATER)

    answered = desk(county.legal).post(f"/return-visits/rounds/{drawn.pk}/messages/")

    heads, *rows = answered.content.decode("utf-8-sig").splitlines()
    assert heads == "回访编号,种类,事项编号,单位,短信内容"
    assert not Visit.objects.filter(asked_at=None, round=drawn).exists()
    assert [row.partition(",")[0] for row in rows] == [visit.code for visit in visits_in(drawn)]
    assert desk(county.head).post(f"/return-visits/rounds/{drawn.pk}/messages/").status_code == 403


def test_a_round_is_closed_by_its_button_or_says_why_not(desk: Opened, county: County) -> None:
    drawn = draw(county)
    client = desk(county.legal)

    page = client.post(f"/return-visits/rounds/{drawn.pk}/close/", follow=True).content.decode()
    assert "没有结束：还有 4 件没有结果" in page

    for visit in visits_in(drawn):
        answer(county, visit)
    client.post(f"/return-visits/rounds/{drawn.pk}/close/")
    drawn.refresh_from_db()
    assert drawn.closed_by == county.legal


def test_the_list_asks_the_same_number_of_questions_for_one_round_and_for_three(desk: Opened, county: County) -> None:
    make_matters(county, station=3, sibling=3)
    client = desk(county.legal)
    draw(county, per_unit=1)
    client.get("/return-visits/")

    with CaptureQueriesContext(connection) as one:
        client.get("/return-visits/")
    draw(county, per_unit=1)
    draw(county, per_unit=1)
    with CaptureQueriesContext(connection) as three:
        page = client.get("/return-visits/").content.decode()

    assert page.count("data-href") == 3
    assert len(one) == len(three)


def test_the_page_of_a_round_asks_the_same_number_of_questions_for_few_visits_and_many(
    desk: Opened, county: County
) -> None:
    make_matters(county, station=6, sibling=6)
    small, client = draw(county, per_unit=1), desk(county.legal)
    large = draw(county, per_unit=4)
    client.get(f"/return-visits/rounds/{small.pk}/")

    with CaptureQueriesContext(connection) as few:
        client.get(f"/return-visits/rounds/{small.pk}/")
    with CaptureQueriesContext(connection) as many:
        client.get(f"/return-visits/rounds/{large.pk}/")

    assert Visit.objects.filter(round=large).count() == 8
    assert len(few) == len(many)
