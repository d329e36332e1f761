"""What waits for somebody today, at the head of the workbench: by role, each count the number of rows behind it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases.duty import Rung
from cases.models import Officer, Role
from cases.roles import plan_roles
from config.today import Group, today
from supervision.alerts.models import Alert
from supervision.alerts.services import acknowledge, sweep
from supervision.rectification.models import Order
from supervision.rectification.services import endorse_reply, reply_order
from tests.cases.factories import Bureau, make_bureau, make_case, make_catalogue, make_officer, moment
from tests.supervision.alerts.factories import make_overrun
from tests.supervision.rectification.factories import order_for

NOW = moment("2026-04-10 09:00")


@pytest.fixture
def bureau(db: None, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    bureau = make_bureau()
    make_catalogue()
    plan_roles()
    make_overrun()
    return bureau


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    return make_officer("100001", bureau.station, Role.CASE_OFFICER)


@pytest.fixture
def head(bureau: Bureau) -> Officer:
    return make_officer("100002", bureau.station, Role.UNIT_HEAD)


@pytest.fixture
def legal(bureau: Bureau) -> Officer:
    return make_officer("100003", bureau.legal, Role.LEGAL_OFFICER)


def workbench(officer: Officer) -> str:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client.get("/").content.decode()


def waits(officer: Officer) -> dict[str, int]:
    """How much waits in each group."""
    return {group.name: group.count.rows for group in today(Officer.objects.get(pk=officer.pk), NOW)}


def warned(bureau: Bureau, number: str, officer: Officer | None) -> Alert:
    """A warning on a case that ran out on the 9th of April."""
    case = make_case(number, bureau.station, officer, filed="2026-03-10")
    sweep(at=NOW)
    return Alert.objects.get(clock__matter=case)


def climbed(alert: Alert, rung: Rung) -> None:
    Alert.objects.filter(pk=alert.pk).update(rung=rung)


def test_a_warning_waits_for_its_officer_until_he_says_a_word(bureau: Bureau, officer: Officer) -> None:
    alert = warned(bureau, "A1", officer)
    assert waits(officer) == {"预警待我答复": 1}

    acknowledge(alert=alert, reason="在办", next_on=NOW.date() + timedelta(days=3), by=officer, at=NOW)

    assert waits(officer) == {}


@pytest.mark.parametrize(
    ("rung", "waiting"),
    [(Rung.OFFICER, "officer"), (Rung.HEAD, "head"), (Rung.LEGAL, "legal"), (Rung.LEADER, "leader")],
)
def test_it_waits_for_whoever_answers_at_the_rung_it_has_come_to_and_for_nobody_else(
    bureau: Bureau, officer: Officer, head: Officer, legal: Officer, rung: Rung, waiting: str
) -> None:
    leader = make_officer("100004", bureau.county, Role.LEADER)
    people = {"officer": officer, "head": head, "legal": legal, "leader": leader}

    climbed(warned(bureau, "A1", officer), rung)

    assert [name for name, one in people.items() if "预警待我答复" in waits(one)] == [waiting]


def test_without_an_officer_it_is_the_heads_and_without_a_head_the_legal_officers(
    bureau: Bureau, head: Officer, legal: Officer
) -> None:
    alert = warned(bureau, "A1", None)
    assert waits(head) == {"预警待我答复": 1}

    climbed(alert, Rung.HEAD)
    assert waits(legal) == {}
    head.posts.update(until_on=NOW.date())

    assert waits(legal) == {"预警待我答复": 1}


def test_a_head_sees_what_lies_with_his_people_and_a_head_next_door_does_not(
    bureau: Bureau, officer: Officer, head: Officer
) -> None:
    neighbour = make_officer("100009", bureau.sibling, Role.UNIT_HEAD)
    warned(bureau, "A1", officer)
    order_for(bureau.station, officer, by=None, at=NOW)

    assert waits(head) == {"本单位民警未答复的预警": 1, "本单位民警未答复的整改": 1}
    assert waits(neighbour) == {}


def test_an_order_goes_from_hand_to_hand(bureau: Bureau, officer: Officer, head: Officer, legal: Officer) -> None:
    order = order_for(bureau.station, officer, by=legal, at=NOW)
    assert (waits(officer), waits(legal)) == ({"整改待我答复": 1}, {})

    order = reply_order(order=order, text="已作出决定", evidence=[], by=officer, at=NOW)
    assert (waits(officer), waits(head), waits(legal)) == ({}, {"单位答复待我审核": 1}, {"整改答复待我核验": 1})

    endorse_reply(order=order, by=head, at=NOW)

    assert (waits(head), waits(legal)) == ({}, {"整改答复待我核验": 1})


def test_nobody_is_asked_to_verify_what_he_replied_to(bureau: Bureau, legal: Officer) -> None:
    order = order_for(bureau.legal, legal, by=None, at=NOW)

    reply_order(order=order, text="已改正", evidence=[], by=legal, at=NOW)

    assert waits(legal) == {}


def test_each_count_is_the_number_of_rows_of_the_list_it_opens(
    bureau: Bureau, officer: Officer, head: Officer, legal: Officer
) -> None:
    for number in range(7):
        warned(bureau, f"A{number}", officer)
    warned(bureau, "B1", None)
    climbed(warned(bureau, "C1", officer), Rung.LEGAL)
    for number in range(3):
        order_for(bureau.station, officer, by=None, at=NOW, source_number=f"S-{number}")
    first = Order.objects.order_by("pk")[0]
    reply_order(order=first, text="已改正", evidence=[], by=officer, at=NOW)

    for one in (officer, head, legal):
        client = Client()
        client.force_login(Officer.objects.get(pk=one.pk))
        groups = today(Officer.objects.get(pk=one.pk), NOW)
        assert groups
        for group in groups:
            page = client.get(group.link).content.decode()
            assert f"共 <b>{group.count}</b> 条" in page, (one, group.name)
            assert len(group.things) == min(group.count.rows, 5)


def test_the_workbench_shows_what_waits_first_with_the_act_beside_each_row(bureau: Bureau, officer: Officer) -> None:
    alert = warned(bureau, "A1", officer)
    order = order_for(bureau.station, officer, by=None, at=NOW)

    page = workbench(officer)

    assert page.index("今天要办") < page.index("我经办的</h2>")
    assert f'href="/alerts/{alert.pk}/#answer">答复</a>' in page
    assert f'href="/orders/{order.pk}/#reply">答复</a>' in page
    assert "超 1 天 <i" in page
    # Where the act is really done.
    client = Client()
    client.force_login(officer)
    assert 'id="answer"' in client.get(f"/alerts/{alert.pk}/").content.decode()
    assert 'id="reply"' in client.get(f"/orders/{order.pk}/").content.decode()


def test_several_warnings_are_answered_together_from_the_workbench(bureau: Bureau, officer: Officer) -> None:
    warned(bureau, "A1", officer)
    assert "一并答复…" not in workbench(officer)
    warned(bureau, "A2", officer)
    page = workbench(officer)
    form = page[page.index('action="/alerts/many/"') :]
    fields = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(all|query)" value="([^"]+)"', form)
    }

    client = Client()
    client.force_login(officer)
    preview = client.post("/alerts/many/", {**fields, "act": "acknowledge"}).content.decode()

    assert "A1" in preview and "A2" in preview


def test_where_nothing_waits_it_says_so(bureau: Bureau, officer: Officer) -> None:
    assert "没有等您办理的预警和整改" in workbench(officer)


def test_of_a_restricted_matter_only_its_handler_is_asked(bureau: Bureau, legal: Officer) -> None:
    make_case("XF-1", bureau.station, None, filed="2026-03-10", kind="letter")
    sweep(at=NOW)
    Alert.objects.update(rung=Rung.LEGAL)

    assert waits(legal) == {}
    assert "XF-1" not in workbench(legal)


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.UNIT_HEAD, Role.LEGAL_OFFICER])
def test_it_asks_the_same_number_of_questions_for_one_row_and_for_ten(
    bureau: Bureau, role: Role, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    unit = bureau.legal if role == Role.LEGAL_OFFICER else bureau.station
    who = make_officer("100020", unit, role)
    by_role = {Role.CASE_OFFICER: 6, Role.UNIT_HEAD: 16, Role.LEGAL_OFFICER: 8}
    other = make_officer("100021", bureau.station, Role.CASE_OFFICER)

    def add(number: int) -> None:
        holder = who if role == Role.CASE_OFFICER else other
        alert = warned(bureau, f"A{number}", holder)
        if role == Role.LEGAL_OFFICER:
            climbed(alert, Rung.LEGAL)
        order = order_for(bureau.station, holder, by=None, at=NOW, source_number=f"S-{number}")
        if role == Role.LEGAL_OFFICER:
            reply_order(order=order, text="已改正", evidence=[], by=other, at=NOW)

    def ask() -> list[Group]:
        asking = Officer.objects.get(pk=who.pk)
        asking.get_all_permissions()
        with django_assert_num_queries(by_role[role]):
            return today(asking, NOW)

    add(0)
    assert ask()
    for number in range(1, 10):
        add(number)
    assert all(len(group.things) == 5 and group.count.rows == 10 for group in ask())
