"""The workbench: what must be done now, counts that matter today, each of them the list behind it."""

import re
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases.models import Clock, Officer, Role
from cases.roles import plan_roles
from supervision.alerts.services import sweep
from tests.cases.factories import Bureau, make_bureau, make_case, make_catalogue, make_officer, moment, record

NOW = moment("2026-04-10 09:00")
PASSWORD = "liangzhu-jade-5300"


@pytest.fixture
def bureau(db: None, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    bureau = make_bureau()
    make_catalogue()
    plan_roles()
    return bureau


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    officer = make_officer("100001", bureau.station, Role.CASE_OFFICER)
    officer.set_password(PASSWORD)
    officer.save()
    return officer


@pytest.fixture
def legal_officer(bureau: Bureau) -> Officer:
    return make_officer("100003", bureau.legal, Role.LEGAL_OFFICER)


def sign_in(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def tiles(page: str) -> list[tuple[str, str, str]]:
    """(what, count, link) of each tile, in the order of the page."""
    found = re.findall(
        r'<a class="tile \w+" href="([^"]+)"><div class="figure">([^<]+)</div><div class="what">([^<]+)</div>', page
    )
    return [(what, count, unescape(link)) for link, count, what in found]


def fill(bureau: Bureau, officer: Officer) -> None:
    """Run out on the 9th; due today, a Friday; due on Sunday the 12th; due on the 13th. One of each is next door's."""
    for unit, who in ((bureau.station, officer), (bureau.sibling, None)):
        make_case(f"{unit.code}-LATE", unit, who, filed="2026-03-10")
        make_case(f"{unit.code}-TODAY", unit, who, filed="2026-03-11")
        sunday = make_case(f"{unit.code}-SUNDAY", unit, who, filed="2026-03-11")
        Clock.objects.filter(matter=sunday).update(due_on="2026-04-12", due_at=moment("2026-04-13"))
        make_case(f"{unit.code}-MONDAY", unit, who, filed="2026-03-14")


def test_an_officer_sees_his_own_counts(bureau: Bureau, officer: Officer) -> None:
    fill(bureau, officer)

    page = sign_in(officer).get("/").content.decode()

    assert [(what, count) for what, count, _ in tiles(page)] == [
        ("已超期", "1"),
        ("今天届满", "1"),
        ("本周届满（含今天）", "2"),
        ("新预警", "0"),
    ]
    assert "我监督的范围" not in page


def test_a_supervisor_sees_the_counts_of_his_bureau(bureau: Bureau, officer: Officer, legal_officer: Officer) -> None:
    fill(bureau, officer)

    page = sign_in(legal_officer).get("/").content.decode()

    assert [count for _, count, _ in tiles(page)] == ["2", "2", "4", "0"]
    assert "我经办的</h2>" not in page


def test_each_count_is_the_number_of_rows_behind_it(bureau: Bureau, officer: Officer, legal_officer: Officer) -> None:
    fill(bureau, officer)
    sweep(at=NOW)

    for browser in (sign_in(officer), sign_in(legal_officer)):
        counted = tiles(browser.get("/").content.decode())
        assert counted[3][1] != "0"
        for what, count, link in counted:
            assert f"共 <b>{count}</b> 条" in browser.get(link).content.decode(), what


def test_the_first_line_is_what_must_be_done_now(bureau: Bureau, officer: Officer) -> None:
    fill(bureau, officer)

    page = sign_in(officer).get("/").content.decode()

    assert re.search(r"您经办的期限中最急的是 <a [^>]+>X1-LATE 作出决定</a>，2026-04-09", page)
    assert "超 1 天 <i" in page


def test_the_ten_most_urgent_are_listed_first_to_run_out_first(bureau: Bureau, officer: Officer) -> None:
    for day in range(10, 26):
        make_case(f"D{day}", bureau.station, officer, filed=f"2026-03-{day}")

    page = sign_in(officer).get("/").content.decode()
    table = page[page.index("<tbody>") :]

    assert re.findall(r">(D\d\d)</a>", table) == [f"D{day}" for day in range(10, 20)]


def test_what_is_over_is_no_longer_urgent(bureau: Bureau, officer: Officer) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-10")
    record(matter, "decided", "2026-04-01")

    page = sign_in(officer).get("/").content.decode()

    assert "现在没有要办的期限" in page
    assert "事项登记起算节点以后，期限会自动算出并排在这里" in page


def test_restricted_matters_are_not_counted_for_others(bureau: Bureau, legal_officer: Officer) -> None:
    make_case("XF-1", bureau.station, None, filed="2026-03-10", kind="letter")

    page = sign_in(legal_officer).get("/").content.decode()

    assert [count for _, count, _ in tiles(page)] == ["0", "0", "0", "0"]
    assert "XF-1" not in page


def test_new_is_what_came_since_one_was_here_before(
    bureau: Bureau, officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(moment_of_it: str) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment(moment_of_it))

    def new_alerts() -> str:
        client = Client()
        client.post("/login/", {"username": "100001", "password": PASSWORD})
        return {what: count for what, count, _ in tiles(client.get("/").content.decode())}["新预警"]

    make_case("A-1", bureau.station, officer, filed="2026-03-10")
    at("2026-04-02 08:00")
    sweep(at=moment("2026-04-02 07:00"))
    first = new_alerts()
    at("2026-04-02 10:00")
    second = new_alerts()
    make_case("A-2", bureau.station, officer, filed="2026-03-11")
    sweep(at=moment("2026-04-03 07:00"))
    at("2026-04-03 08:30")
    third = new_alerts()

    # The first time what came today, then only what came since.
    assert (first, second, third) == ("1", "0", "1")


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR])
def test_the_three_administrators_get_no_counts_not_even_empty_ones(bureau: Bureau, role: Role) -> None:
    page = sign_in(make_officer("900001", bureau.county, role)).get("/").content.decode()

    assert tiles(page) == []
    assert "您的角色不涉及案件内容" in page


def test_somebody_without_a_post_is_told_whom_to_ask(bureau: Bureau) -> None:
    page = sign_in(make_officer("100040", bureau.station)).get("/").content.decode()

    assert "请联系安全管理员登记任职" in page


def test_it_asks_the_same_number_of_questions_for_one_clock_and_for_thirty(
    bureau: Bureau, officer: Officer, legal_officer: Officer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_case("A-0", bureau.station, None, filed="2026-03-10")
    browser = sign_in(legal_officer)
    # The first request of a minute also puts off the end of the session.
    browser.get("/")
    with django_assert_num_queries(34):
        browser.get("/")

    for number in range(1, 30):
        make_case(f"A-{number}", bureau.station, None, filed="2026-03-10")
    with django_assert_num_queries(34):
        browser.get("/")
