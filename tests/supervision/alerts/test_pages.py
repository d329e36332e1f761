"""The list of warnings, through the page."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from cases.models import Officer, Role
from cases.roles import plan_roles
from supervision.alerts.models import Action, Alert, AlertState, AlertStep
from supervision.alerts.services import sweep
from supervision.rectification.models import Order
from tests.cases.factories import Bureau, make_case, make_officer, moment, record
from tests.supervision.alerts.factories import make_overrun

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
    with django_assert_num_queries(19):
        client.get("/alerts/?state=open")

    for number in range(1, 30):
        make_case(f"A-{number}", bureau.station, filed="2026-03-10")
    sweep(at=NOW)
    with django_assert_num_queries(19):
        assert "A-29" in client.get("/alerts/?state=open").content.decode()


# -- the page of a warning, and what has long been over ----------------------------------------------------------------


def browser_of(officer: Officer) -> Client:
    plan_roles()
    client = Client()
    client.force_login(officer)
    return client


def alert_of(number: str) -> Alert:
    return Alert.objects.get(clock__matter__number=number)


def word(alert: Alert, **fields: str) -> dict[str, str]:
    return {
        "act": "acknowledge",
        "seen": alert.seen,
        "word-reason": "等鉴定",
        "word-next_on": "2026-04-14",
        **fields,
    }


def test_the_page_shows_where_it_stands_and_everything_that_happened(cases: None, legal_officer: Officer) -> None:
    page = browser_of(legal_officer).get(f"/alerts/{alert_of('RED').pk}/").content.decode()

    assert "现在等经办民警答复" in page
    assert page.count("应预警时刻") == 3
    assert "《测试法》第一条" in page


def test_answered_through_the_page_it_is_on_the_warning_and_in_the_ledger(cases: None, officer: Officer) -> None:
    alert = alert_of("ORANGE")
    client = browser_of(officer)

    answer = client.post(f"/alerts/{alert.pk}/", word(alert), follow=True)

    assert "已答复，04-14 以前不再上报" in answer.content.decode()
    alert.refresh_from_db()
    assert (alert.state, alert.said_by) == (AlertState.ACKNOWLEDGED, officer)
    assert AlertStep.objects.get(action=Action.ACKNOWLEDGED).text == "等鉴定"


def test_the_second_of_two_is_told_and_finds_his_words_again(
    cases: None, officer: Officer, legal_officer: Officer
) -> None:
    alert = alert_of("ORANGE")
    browser_of(officer).post(f"/alerts/{alert.pk}/", word(alert))

    answer = (
        browser_of(legal_officer)
        .post(f"/alerts/{alert.pk}/", word(alert, **{"word-reason": "已电话催办"}))
        .content.decode()
    )

    assert "没有办成：民警100001已于 04-10 09:00 答复" in answer
    assert "已电话催办</textarea>" in answer
    assert AlertStep.objects.filter(action=Action.ACKNOWLEDGED).count() == 1


def test_a_word_without_a_reason_or_with_a_day_that_is_over_is_told_so(cases: None, officer: Officer) -> None:
    alert = alert_of("ORANGE")
    client = browser_of(officer)

    without = client.post(f"/alerts/{alert.pk}/", word(alert, **{"word-reason": ""})).content.decode()
    over = client.post(f"/alerts/{alert.pk}/", word(alert, **{"word-next_on": "2026-04-09"})).content.decode()

    assert "errorlist" in without
    assert "2026-04-09 已经过去" in over
    alert.refresh_from_db()
    assert alert.state == AlertState.OPEN


def test_a_legal_officer_orders_from_the_page_and_a_case_officer_may_not(
    cases: None, officer: Officer, legal_officer: Officer
) -> None:
    make_overrun()
    alert = alert_of("ORANGE")
    order = {
        "act": "order", "seen": alert.seen, "order-text": "请办结", "order-grade": "supervised", "order-workdays": "5"
    }  # fmt: skip

    assert "下达整改" not in browser_of(officer).post(f"/alerts/{alert.pk}/", order).content.decode()
    assert not Order.objects.exists()

    answer = browser_of(legal_officer).post(f"/alerts/{alert.pk}/", order, follow=True).content.decode()

    assert "已下达整改" in answer
    assert Order.objects.get().by == legal_officer
    assert "已转整改" in page_of(legal_officer, "?state=ordered")


def test_a_stranger_finds_no_such_page(cases: None, bureau: Bureau) -> None:
    stranger = make_officer("100002", bureau.other_station, Role.UNIT_HEAD)

    assert browser_of(stranger).get(f"/alerts/{alert_of('RED').pk}/").status_code == 404


def test_what_is_over_is_listed_with_the_last_word_and_the_order(
    cases: None, officer: Officer, legal_officer: Officer
) -> None:
    alert = alert_of("RED")
    browser_of(officer).post(f"/alerts/{alert.pk}/", word(alert))

    page = browser_of(legal_officer).get("/alerts/standing/").content.decode()

    assert numbers(page) == {"RED"}
    assert "等鉴定" in page and "已答复" in page
    assert numbers(browser_of(legal_officer).get("/alerts/standing/?longer=7").content.decode()) == set()


def test_the_standing_list_asks_the_same_number_of_questions_for_one_row_and_for_thirty(
    bureau: Bureau, catalogue: None, legal_officer: Officer
) -> None:
    client = browser_of(legal_officer)
    make_case("A-0", bureau.station, filed="2026-03-10")
    sweep(at=NOW)
    client.get("/alerts/standing/")
    with CaptureQueriesContext(connection) as for_one:
        client.get("/alerts/standing/")
    for number in range(1, 30):
        make_case(f"A-{number}", bureau.station, filed="2026-03-10")
    sweep(at=NOW)

    with CaptureQueriesContext(connection) as for_thirty:
        assert "A-29" in client.get("/alerts/standing/").content.decode()

    assert len(for_thirty) == len(for_one)
