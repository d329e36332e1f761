"""The pages of the units' own ladders: copy, change, copy again, give up, through the page."""

import pytest
from django.test import Client

from cases.ladders import held
from cases.models import Ladder, Officer, PendingWinding, Role, UnitLadder
from cases.roles import plan_roles
from tests.cases.factories import Bureau, make_case, make_officer

pytestmark = pytest.mark.django_db

STRICTER = {
    "act": "set",
    "yellow_lead": "10",
    "orange_lead": "5",
    "red_demands": "order",
    **{f"{level}_grade": "supervised" for level in ("yellow", "orange", "red")},
    **{f"{level}_within": "2" for level in ("yellow", "orange", "red")},
    **{f"climb_{name}": "1" for name in ("head", "legal", "leader")},
}


@pytest.fixture
def head(bureau: Bureau) -> Officer:
    return make_officer("100004", bureau.station, Role.UNIT_HEAD)


def browser(officer: Officer) -> Client:
    plan_roles()
    client = Client()
    client.force_login(officer)
    return client


def copied(bureau: Bureau, head: Officer, client: Client) -> UnitLadder:
    client.post("/unit-ladders/", {"unit": bureau.station.pk, "ladder": Ladder.objects.get(code="long").pk})
    return UnitLadder.objects.get()


def test_a_head_copies_the_ladder_above_and_makes_it_stricter(bureau: Bureau, catalogue: None, head: Officer) -> None:
    make_case("A1", bureau.station, filed="2026-03-02")
    client = browser(head)
    own = copied(bureau, head, client)

    answer = client.post(f"/unit-ladders/{own.pk}/", STRICTER, follow=True)

    assert "已保存" in answer.content.decode()
    own.refresh_from_db()
    ladder = held(own)
    assert (ladder.yellow.days, ladder.orange.days, ladder.climbs, own.by) == (10, 5, (1, 1, 1), head)
    assert (ladder.said[2].grade, ladder.said[2].within) == ("supervised", 2)
    assert PendingWinding.objects.count() == 1
    assert "提前 10 日" in client.get("/unit-ladders/").content.decode()


def test_what_is_slacker_is_told_so_and_what_was_entered_stays(bureau: Bureau, catalogue: None, head: Officer) -> None:
    client = browser(head)
    own = copied(bureau, head, client)

    answer = client.post(f"/unit-ladders/{own.pk}/", {**STRICTER, "yellow_lead": "6"}).content.decode()

    assert "黄色提前量比上级的阶梯宽" in answer
    assert 'value="6"' in answer


def test_copied_again_and_given_up(bureau: Bureau, catalogue: None, head: Officer) -> None:
    client = browser(head)
    own = copied(bureau, head, client)
    client.post(f"/unit-ladders/{own.pk}/", STRICTER)

    client.post(f"/unit-ladders/{own.pk}/", {"act": "again"})
    own.refresh_from_db()
    assert held(own).yellow.days == 7

    client.post(f"/unit-ladders/{own.pk}/", {"act": "drop"})
    assert not UnitLadder.objects.exists()


def test_others_ladders_are_not_to_be_found(bureau: Bureau, catalogue: None, head: Officer) -> None:
    own = copied(bureau, head, browser(head))
    neighbour = make_officer("100005", bureau.sibling, Role.UNIT_HEAD)

    assert browser(neighbour).get(f"/unit-ladders/{own.pk}/").status_code == 404
    assert browser(make_officer("100001", bureau.station, Role.CASE_OFFICER)).get("/unit-ladders/").status_code == 403


def test_an_empty_list_says_what_would_fill_it(bureau: Bureau, catalogue: None, head: Officer) -> None:
    page = browser(head).get("/unit-ladders/").content.decode()

    assert "没有单设的阶梯" in page
    assert "照抄" in page
