"""Many warnings at once: chosen in the list, looked at, confirmed, and a report by name of what was not done."""

import re
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Officer, Role
from cases.roles import plan_roles
from supervision.alerts import many_pages
from supervision.alerts.models import Alert, AlertState, AlertStep
from supervision.alerts.services import acknowledge, sweep
from supervision.rectification.models import Order
from tests.cases.factories import Bureau, day, make_case, make_officer, moment, record
from tests.supervision.alerts.factories import make_overrun

NOW = moment("2026-04-08 10:00")
WORD = {"act": "acknowledge", "confirm": "1", "word-reason": "等待鉴定意见", "word-next_on": "2026-04-10"}
ORDER = {"act": "order", "confirm": "1", "orders-grade": "reminder", "orders-workdays": "3", "orders-remark": ""}


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    def at() -> datetime:
        return NOW

    monkeypatch.setattr(timezone, "now", at)


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    plan_roles()
    return make_officer("100001", bureau.station, Role.CASE_OFFICER)


@pytest.fixture
def legal_officer(bureau: Bureau, officer: Officer) -> Officer:
    return make_officer("100003", bureau.legal, Role.LEGAL_OFFICER)


@pytest.fixture
def alerts(bureau: Bureau, catalogue: None, officer: Officer) -> list[Alert]:
    """Three cases of the officer's, all over."""
    make_overrun()
    for number in ("A1", "A2", "A3"):
        make_case(number, bureau.station, officer, filed="2026-03-02 09:00")
    sweep(at=NOW)
    return list(Alert.objects.order_by("pk"))


def sent(officer: Officer, alerts: list[Alert], **data: str) -> str:
    client = Client()
    client.force_login(officer)
    seen = [f"{row.pk}:{row.seen}" for row in alerts] if "confirm" in data else []
    answer = client.post("/alerts/many/", {**data, "pk": [row.pk for row in alerts], "seen": seen})
    assert answer.status_code == 200
    return answer.content.decode()


def states() -> list[str]:
    return list(Alert.objects.order_by("pk").values_list("state", flat=True))


def test_choosing_shows_what_would_be_done_and_changes_nothing(legal_officer: Officer, alerts: list[Alert]) -> None:
    page = sent(legal_officer, alerts[:2], act="acknowledge")

    assert "将答复 2 件" in page
    assert "还没有改动任何内容" in page
    assert states() == [AlertState.OPEN] * 3


def test_confirmed_the_same_word_is_said_about_each(officer: Officer, alerts: list[Alert]) -> None:
    page = sent(officer, alerts[:2], **WORD)

    assert "已答复 2 件" in page
    assert states() == [AlertState.ACKNOWLEDGED, AlertState.ACKNOWLEDGED, AlertState.OPEN]
    assert set(Alert.objects.filter(state=AlertState.ACKNOWLEDGED).values_list("said", "said_by")) == {
        ("等待鉴定意见", officer.pk)
    }


def test_a_word_without_a_reason_is_asked_again_and_nothing_is_done(officer: Officer, alerts: list[Alert]) -> None:
    page = sent(officer, alerts, **{**WORD, "word-reason": ""})

    assert "这个字段是必填项" in page
    assert states() == [AlertState.OPEN] * 3


def test_orders_are_given_to_each_and_each_says_what_it_is_about(legal_officer: Officer, alerts: list[Alert]) -> None:
    page = sent(legal_officer, alerts, **{**ORDER, "orders-remark": "本周内书面说明。"})

    assert "已下达整改 3 件" in page
    assert states() == [AlertState.ORDERED] * 3
    orders = Order.objects.order_by("pk")
    assert [order.by for order in orders] == [legal_officer] * 3
    assert [order.text.partition("的")[0] for order in orders] == ["A1", "A2", "A3"]
    assert all(order.text.endswith("本周内书面说明。") for order in orders)
    assert set(orders.values_list("due_on", flat=True)) == {day("2026-04-13")}
    assert list(AlertStep.objects.filter(action="ordered").values_list("by", flat=True)) == [legal_officer.pk] * 3


def test_what_cannot_be_ordered_is_named_with_why_and_the_others_are(
    legal_officer: Officer, alerts: list[Alert]
) -> None:
    sent(legal_officer, alerts[:1], **ORDER)
    given = Order.objects.get()

    page = sent(legal_officer, list(Alert.objects.order_by("pk")), **ORDER)

    assert "已下达整改 2 件，1 件没有办" in page
    assert f"这件预警已转整改（{given.number}），不能重复下达" in page
    assert Order.objects.count() == 3


def test_a_warning_somebody_answered_meanwhile_is_left_as_he_left_it(
    officer: Officer, legal_officer: Officer, alerts: list[Alert]
) -> None:
    acknowledge(
        alert=Alert.objects.get(pk=alerts[0].pk), reason="已在办", next_on=day("2026-04-09"), by=officer, at=NOW
    )

    page = sent(legal_officer, alerts, **ORDER)

    assert "您看过以后又有变动" in page
    assert states() == [AlertState.ACKNOWLEDGED, AlertState.ORDERED, AlertState.ORDERED]


def test_a_warning_withdrawn_meanwhile_is_named(officer: Officer, alerts: list[Alert]) -> None:
    record(alerts[0].clock.matter, "decided", "2026-04-08 09:30")
    sweep(at=NOW)

    page = sent(officer, list(Alert.objects.order_by("pk")), **WORD)

    assert "已答复 2 件，1 件没有办" in page
    assert "这件预警已经撤销（时钟已终止）" in page


def test_all_that_the_filter_finds_are_taken_and_no_more(
    legal_officer: Officer, alerts: list[Alert], bureau: Bureau
) -> None:
    make_case("B1", bureau.sibling, None, filed="2026-03-02 09:00")
    sweep(at=NOW)
    client = Client()
    client.force_login(legal_officer)

    page = client.post(
        "/alerts/many/", {"act": "order", "all": "1", "query": f"state=open&unit={bureau.sibling.pk}"}
    ).content.decode()

    assert re.findall(r'name="pk" value="(\d+)"', page) == [str(Alert.objects.get(clock__matter__number="B1").pk)]


def test_more_than_can_be_looked_through_are_taken_in_parts(
    legal_officer: Officer, alerts: list[Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_pages, "MOST", 2)

    page = sent(legal_officer, alerts, act="order", all="1", query="state=open")

    assert "一次最多办 2 件" in page
    assert len(re.findall(r'name="pk"', page)) == 2


def test_warnings_outside_ones_scope_are_passed_over(bureau: Bureau, alerts: list[Alert]) -> None:
    stranger = make_officer("100009", bureau.sibling, Role.CASE_OFFICER)
    client = Client()
    client.force_login(stranger)

    answer = client.post("/alerts/many/", {**WORD, "pk": [row.pk for row in alerts]})

    assert answer.status_code == 302
    assert states() == [AlertState.OPEN] * 3


def test_a_case_officer_orders_nothing(officer: Officer, alerts: list[Alert]) -> None:
    client = Client()
    client.force_login(officer)

    assert client.post("/alerts/many/", {"act": "order", "pk": [alerts[0].pk]}).status_code == 403


def test_nothing_chosen_leads_back_to_the_list(officer: Officer, alerts: list[Alert]) -> None:
    client = Client()
    client.force_login(officer)

    answer = client.post("/alerts/many/", {"act": "acknowledge", "query": "state=open&level=3"})

    assert (answer.status_code, answer["Location"]) == (302, "/alerts/?state=open&level=3")


def test_mangled_choices_are_passed_over(officer: Officer, alerts: list[Alert]) -> None:
    client = Client()
    client.force_login(officer)

    answer = client.post("/alerts/many/", {"act": "acknowledge", "pk": ["x", "9" * 30, "-1"], "seen": ["a:b", "1"]})

    assert answer.status_code == 302


def test_the_page_asks_the_same_number_of_questions_for_one_and_for_three(
    legal_officer: Officer, alerts: list[Alert], django_assert_max_num_queries: object
) -> None:
    client = Client()
    client.force_login(legal_officer)

    def questions(rows: list[Alert]) -> int:
        with django_assert_max_num_queries(30) as asked:  # type: ignore[operator]
            client.post("/alerts/many/", {"act": "order", "pk": [row.pk for row in rows]})
        return len(asked)

    questions(alerts[:1])  # the first of a session asks more

    assert questions(alerts[:1]) == questions(alerts)
