"""The list of warnings, through the page."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases.models import Officer, Role
from cases.roles import plan_roles
from supervision.alerts.services import sweep
from tests.cases.factories import Bureau, make_case, make_officer, moment, record

NOW = moment("2026-04-10 09:00")


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    return make_officer("100001", bureau.station, Role.CASE_OFFICER)


@pytest.fixture
def legal_officer(bureau: Bureau) -> Officer:
    return make_officer("100003", bureau.legal, Role.LEGAL_OFFICER)


@pytest.fixture
def cases(bureau: Bureau, catalogue: None, officer: Officer) -> None:
    """On 10 April: over since the 9th, due on the 13th, due on the 16th, and one that is warned of no more."""
    make_case("RED", bureau.station, officer, filed="2026-03-10")
    make_case("ORANGE", bureau.station, officer, filed="2026-03-14")
    make_case("YELLOW", bureau.sibling, None, filed="2026-03-17")
    make_case("GREEN", bureau.station, officer, filed="2026-04-09")
    done = make_case("DONE", bureau.station, officer, filed="2026-03-10")
    sweep(at=moment("2026-04-08"))
    record(done, "decided", "2026-04-09", at="2026-04-09")
    sweep(at=NOW)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def page_of(officer: Officer, query: str = "") -> str:
    plan_roles()
    client = Client()
    client.force_login(officer)
    answer = client.get(f"/alerts/{query}", follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def numbers(page: str) -> set[str]:
    return set(re.findall(r">(RED|ORANGE|YELLOW|GREEN|DONE)</a>", page))


def test_the_list_opens_on_what_is_to_be_dealt_with(cases: None, legal_officer: Officer) -> None:
    page = page_of(legal_officer)

    assert numbers(page) == {"RED", "ORANGE", "YELLOW"}
    assert "超 1 天 <i" in page
    # Whoever handles the matter has it; the head gets it after two silent working days, on Tuesday.
    assert "经办民警" in page
    assert "04-14 09:00" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=open&level=3", {"RED"}),
        ("state=open&level=2", {"ORANGE"}),
        ("state=open&mine=1", set()),
        ("state=withdrawn", {"DONE"}),
        ("state=", {"RED", "ORANGE", "YELLOW", "DONE"}),
        ("state=open&due=expired", {"RED"}),
        ("state=open&due=month", {"ORANGE", "YELLOW"}),
        ("state=open&officer=100001", {"RED", "ORANGE"}),
        ("state=open&q=YEL", {"YELLOW"}),
        ("state=open&due_on_after=2026-04-13&due_on_before=2026-04-13", {"ORANGE"}),
        ("state=open&since=2026-04-10T00:00:00%2B08:00", {"YELLOW"}),
    ],
)
def test_filters_of_the_list(cases: None, legal_officer: Officer, query: str, found: set[str]) -> None:
    assert numbers(page_of(legal_officer, f"?{query}")) == found


def test_a_warning_that_was_withdrawn_says_why(cases: None, legal_officer: Officer) -> None:
    assert "时钟已终止" in page_of(legal_officer, "?state=withdrawn")


def test_an_officer_sees_the_warnings_on_his_own_matters_only(cases: None, officer: Officer, bureau: Bureau) -> None:
    stranger = make_officer("100002", bureau.other_station, Role.CASE_OFFICER)

    assert numbers(page_of(officer)) == {"RED", "ORANGE"}
    assert numbers(page_of(stranger)) == set()


def test_a_restricted_matter_is_not_in_the_list_nor_in_its_count(
    bureau: Bureau, catalogue: None, legal_officer: Officer
) -> None:
    make_case("XF-1", bureau.station, None, filed="2026-03-10", kind="letter")
    sweep(at=NOW)

    page = page_of(legal_officer)

    assert "XF-1" not in page
    assert "共 <b>0</b> 条" in page


def test_an_empty_list_says_why(bureau: Bureau, catalogue: None, legal_officer: Officer) -> None:
    page = page_of(legal_officer, "?state=")

    assert "没有预警" in page
    assert "每分钟一次的扫描" in page


def test_administrators_do_not_see_it(bureau: Bureau) -> None:
    plan_roles()
    client = Client()
    client.force_login(make_officer("900001", bureau.county, Role.SYSTEM_ADMIN))

    assert client.get("/alerts/").status_code == 403


def test_the_list_asks_the_same_number_of_questions_for_one_row_and_for_thirty(
    bureau: Bureau, catalogue: None, legal_officer: Officer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plan_roles()
    client = Client()
    client.force_login(legal_officer)
    make_case("A-0", bureau.station, filed="2026-03-10")
    sweep(at=NOW)
    # The first request of a minute also puts off the end of the session.
    client.get("/alerts/?state=open")
    with django_assert_num_queries(14):
        client.get("/alerts/?state=open")

    for number in range(1, 30):
        make_case(f"A-{number}", bureau.station, filed="2026-03-10")
    sweep(at=NOW)
    with django_assert_num_queries(14):
        assert "A-29" in client.get("/alerts/?state=open").content.decode()
