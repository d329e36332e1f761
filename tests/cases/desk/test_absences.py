"""Absences through the page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Absence, Officer, Role
from tests.cases.desk.conftest import Opened
from tests.cases.factories import Bureau, day, make_officer


@pytest.fixture
def head(bureau: Bureau) -> Officer:
    return make_officer("200001", bureau.station, Role.UNIT_HEAD)


def away(officer: Officer, deputy: Officer, since: str = "2026-04-09", until: str = "2026-04-12") -> Absence:
    return Absence.objects.create(officer=officer, deputy=deputy, from_on=day(since), until_on=day(until))


def test_an_officer_enters_his_own_absence_by_his_deputys_number(desk: Opened, officer: Officer, head: Officer) -> None:
    empty = desk(officer).get("/absences/").content.decode()

    page = desk(officer).post(
        "/absences/",
        {"deputy": "200001", "from_on": "2026-04-10", "until_on": "2026-04-12", "reason": "出差"},
        follow=True,
    )

    absence = Absence.objects.get()
    assert "没有人登记外出" in empty and 'name="officer"' not in empty
    assert (absence.officer, absence.deputy, absence.reason) == (officer, head, "出差")
    assert "您现在登记为外出，通知由民警200001代收，至 2026-04-12" in page.content.decode()


def test_a_head_chooses_whose_absence_it_is_among_his_people(
    desk: Opened, officer: Officer, head: Officer, stranger: Officer
) -> None:
    form = {"officer": str(officer.pk), "deputy": "200001", "from_on": "2026-04-10", "until_on": "2026-04-12"}

    choices = desk(head).get("/absences/").content.decode()
    desk(head).post("/absences/", form)
    refused = desk(head).post("/absences/", {**form, "officer": str(stranger.pk)})

    assert f'<option value="{officer.pk}"' in choices and f'<option value="{stranger.pk}"' not in choices
    assert Absence.objects.get().officer == officer
    assert "errorlist" in refused.content.decode()


def test_what_is_refused_is_said_and_what_was_entered_stays(desk: Opened, officer: Officer) -> None:
    form = {"deputy": officer.police_number, "from_on": "2026-04-10", "until_on": "2026-04-12"}

    page = desk(officer).post("/absences/", form).content.decode()
    nobody = desk(officer).post("/absences/", {**form, "deputy": "999999"}).content.decode()

    assert "代理人不能是本人" in page and 'value="2026-04-12"' in page
    assert "没有警号为“999999”的在用民警" in nobody
    assert not Absence.objects.exists()


def test_whoever_is_back_says_so_at_one_press(desk: Opened, officer: Officer, head: Officer) -> None:
    absence = away(officer, head)

    page = desk(officer).post(f"/absences/{absence.pk}/end/", follow=True).content.decode()

    assert "通知从现在起发给本人" in page
    assert Absence.objects.get().until_on == day("2026-04-09")


def test_a_deputy_sees_it_and_has_no_button_and_a_stranger_sees_nothing(
    desk: Opened, officer: Officer, head: Officer, stranger: Officer, legal_officer: Officer
) -> None:
    absence = away(officer, legal_officer)

    deputy = desk(legal_officer).get("/absences/").content.decode()

    assert officer.name in deputy and "已回岗" not in deputy
    assert officer.name not in desk(stranger).get("/absences/").content.decode()
    assert desk(stranger).post(f"/absences/{absence.pk}/end/").status_code == 404
    assert "没有取消" in desk(legal_officer).post(f"/absences/{absence.pk}/end/", follow=True).content.decode()


def test_who_has_nothing_to_do_with_cases_has_no_such_page(desk: Opened, bureau: Bureau) -> None:
    admin = make_officer("300001", bureau.county, Role.SYSTEM_ADMIN)

    assert desk(admin).get("/absences/").status_code == 403


def test_the_page_asks_the_same_for_one_row_and_for_three(
    desk: Opened, bureau: Bureau, officer: Officer, head: Officer
) -> None:
    def questions() -> int:
        client = desk(head)
        with CaptureQueriesContext(connection) as asked:
            client.get("/absences/")
        return len(asked)

    away(officer, head)
    one = questions()
    for number in ("400001", "400002"):
        away(make_officer(number, bureau.station, Role.CASE_OFFICER), head)

    assert questions() == one
