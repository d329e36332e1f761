"""What waits for somebody today, at the head of the workbench: by role, each count the number of rows behind it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db.models import QuerySet
from django.test import Client
from pytest_django import DjangoAssertNumQueries

import config.today
from cases.duty import Rung
from cases.models import LevelDemand, Officer, Role
from cases.roles import plan_roles
from config.today import Group, today
from supervision.alerts.models import Alert
from supervision.alerts.services import acknowledge, sweep
from supervision.bulletins.services import compose_monthly
from supervision.followup.models import FollowedCase, Instruction, InstructionState
from supervision.followup.services import ask_closing, give_instruction, reply_instruction
from supervision.rectification.models import Order
from supervision.rectification.services import endorse_reply, reply_order, return_order
from tests.cases.factories import Bureau, day, make_bureau, make_case, make_catalogue, make_officer, moment
from tests.supervision.alerts.factories import make_overrun
from tests.supervision.followup.factories import (
    ENTERED,
    County,
    finish_all,
    follow,
    make_county,
    under_review,
)
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
    assert "04-14 09:00 前，过后上报" in page
    assert f'href="/orders/{order.pk}/#reply">答复</a>' in page
    assert "提醒：超期未办结" in page and "2026-04-15 前" in page
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
    assert "没有等您办理的预警、整改和盯办案件" in workbench(officer)


def test_what_asks_for_nothing_does_not_wait(bureau: Bureau, officer: Officer, head: Officer) -> None:
    warned(bureau, "A1", officer)
    Alert.objects.update(demands=LevelDemand.NONE)

    assert (waits(officer), waits(head)) == ({}, {})


def test_what_waits_for_the_legal_officer_of_a_county_does_not_wait_for_the_citys(
    bureau: Bureau, officer: Officer, legal: Officer
) -> None:
    above = make_officer("100030", bureau.city, Role.LEGAL_OFFICER)
    climbed(warned(bureau, "A1", officer), Rung.LEGAL)
    reply_order(order=order_for(bureau.station, officer, by=None, at=NOW), text="已改正", by=officer, at=NOW)
    assert (waits(legal), waits(above)) == ({"预警待我答复": 1, "整改答复待我核验": 1}, {})

    legal.posts.update(until_on=NOW.date())

    assert waits(above) == {"预警待我答复": 1, "整改答复待我核验": 1}


def test_an_order_that_was_sent_back_says_so(bureau: Bureau, officer: Officer, legal: Officer) -> None:
    order = reply_order(order=order_for(bureau.station, officer, by=None, at=NOW), text="已改正", by=officer, at=NOW)
    return_order(order=order, reason="没有附回证", by=legal, at=NOW)

    page = workbench(officer)

    assert waits(officer) == {"整改待我答复": 1}
    assert "退回重办：超期未办结" in page


def test_of_a_restricted_matter_only_its_handler_is_asked(bureau: Bureau, legal: Officer) -> None:
    make_case("XF-1", bureau.station, None, filed="2026-03-10", kind="letter")
    sweep(at=NOW)
    Alert.objects.update(rung=Rung.LEGAL)

    assert waits(legal) == {}
    assert "XF-1" not in workbench(legal)


# -- followed cases and drafts ---------------------------------------------------------------------------------------


@pytest.fixture
def county(db: None, monkeypatch: pytest.MonkeyPatch) -> County:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    county = make_county()
    plan_roles()
    return county


# Monday a week after the cases were entered.
LATER = moment("2026-03-09 10:00")


def waits_later(officer: Officer) -> dict[str, int]:
    return {group.name: group.count.rows for group in today(Officer.objects.get(pk=officer.pk), LATER)}


def instruct(county: County, number: str, to: Officer) -> None:
    give_instruction(
        case=follow(county, number),
        text="请查清资金去向",
        to=to,
        due_on=day("2026-03-06"),
        by=county.leader,
        at=ENTERED,
    )


def test_what_is_settled_while_the_page_is_put_together_is_not_shown(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    instruct(county, "A1", county.colleague)
    instruct(county, "A2", county.colleague)
    beside = config.today._beside

    def settled_meanwhile(rows: QuerySet[FollowedCase]) -> QuerySet[FollowedCase]:
        first = Instruction.objects.get(case__matter__number="A1")
        if first.state == InstructionState.OPEN:
            reply_instruction(instruction=first, reply="已查清", by=county.colleague, at=LATER)
        return beside(rows)

    monkeypatch.setattr("config.today._beside", settled_meanwhile)

    (group,) = today(Officer.objects.get(pk=county.colleague.pk), LATER)

    assert [thing.number for thing in group.things] == ["A2"]


def test_an_instruction_waits_for_whom_it_names_and_once_late_for_the_leader_too(county: County) -> None:
    instruct(county, "A1", county.colleague)

    assert waits_later(county.colleague) == {"案件批示待我回复": 1}
    assert waits_later(county.leader) == {"我的批示逾期未复": 1}
    page = workbench(county.leader)
    assert "请查清资金去向" in page and "2026-03-06 前" in page and "超 3 天 <i" in page


def test_a_leader_is_not_asked_about_an_instruction_that_is_not_late(county: County) -> None:
    give_instruction(
        case=follow(county), text="查", to=county.officer, due_on=LATER.date(), by=county.leader, at=ENTERED
    )

    assert waits_later(county.leader) == {}


def test_the_outline_waits_for_the_named_officer_by_the_item_that_falls_due_first(county: County) -> None:
    follow(county)

    assert waits_later(county.officer) == {"案件有我承办的提纲事项": 1}
    assert "列明原因" in workbench(county.officer)
    assert "补齐材料" not in workbench(county.officer)


def test_a_case_without_a_line_party_waits_for_the_legal_officer_and_says_what_is_missing(county: County) -> None:
    case = follow(county, complete=False)

    assert waits_later(county.legal) == {"责任待我落实": 1}
    page = workbench(county.legal)
    assert "缺条线责任单位" in page
    assert f'href="/followup/cases/{case.pk}/#parties">落实</a>' in page
    browser = Client()
    browser.force_login(county.legal)
    assert 'id="parties"' in browser.get(f"/followup/cases/{case.pk}/").content.decode()


def test_closing_waits_for_a_legal_officer_other_than_who_asked(county: County) -> None:
    case = finish_all(county, follow(county), at=ENTERED)
    ask_closing(case=case, conclusion="全部办完", by=county.legal, at=ENTERED)

    assert waits_later(county.legal) == {}
    assert waits_later(county.second_legal) == {"申请办结待我审核": 1}
    assert f'href="/followup/cases/{case.pk}/#closing">审核</a>' in workbench(county.second_legal)


def test_drafts_of_bulletins_wait_for_whoever_may_issue_them(county: County) -> None:
    compose_monthly(unit=county.bureau.county, month=day("2026-02-28"), at=LATER)

    assert waits_later(county.legal) == {"通报草稿待办": 1}
    assert waits_later(county.head) == waits_later(county.leader) == {}


def test_each_count_of_followed_cases_and_drafts_is_that_of_its_list(county: County) -> None:
    for number in range(7):
        instruct(county, f"A{number}", county.officer)
    for number in range(2):
        follow(county, f"B{number}", complete=False)
    under_review(county, "C1")
    compose_monthly(unit=county.bureau.county, month=day("2026-02-28"), at=LATER)

    seen: dict[str, int] = {}
    for one in (county.officer, county.leader, county.legal):
        browser = Client()
        browser.force_login(Officer.objects.get(pk=one.pk))
        for group in today(Officer.objects.get(pk=one.pk), LATER):
            seen[group.name] = group.count.rows
            answer = browser.get(group.link)
            listed = answer.context["cl"].result_count if "cl" in answer.context else None
            assert listed == group.count.rows or f"共 <b>{group.count}</b> 条" in answer.content.decode(), group.name
            assert len(group.things) == min(group.count.rows, 5)
    assert seen == {
        "案件批示待我回复": 7,
        "案件有我承办的提纲事项": 9,
        "我的批示逾期未复": 7,
        "申请办结待我审核": 1,
        "责任待我落实": 2,
        "通报草稿待办": 1,
    }


def test_what_presses_most_is_shown_first(county: County) -> None:
    for number, due in enumerate(("2026-03-20", "2026-03-05", "2026-03-12")):
        case = follow(county, f"A{number}")
        give_instruction(case=case, text="查", to=county.colleague, due_on=day(due), by=county.leader, at=ENTERED)

    (group,) = today(Officer.objects.get(pk=county.colleague.pk), LATER)

    assert [thing.number for thing in group.things] == ["A1", "A2", "A0"]


def test_a_count_beyond_the_cap_only_says_that_there_are_more(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.today.COUNT_CAP", 2)
    for number in range(3):
        instruct(county, f"A{number}", county.colleague)

    (group,) = today(Officer.objects.get(pk=county.colleague.pk), LATER)

    assert str(group.count) == "2+"


@pytest.mark.parametrize("role", sorted(Role.administrators()))
def test_the_three_administrators_are_asked_for_nothing(bureau: Bureau, role: Role) -> None:
    page = workbench(make_officer("900001", bureau.county, role))

    assert "今天要办" not in page
    assert "您的角色不涉及案件内容" in page


# -- how many questions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.UNIT_HEAD, Role.LEGAL_OFFICER])
def test_it_asks_the_same_number_of_questions_for_one_row_and_for_ten(
    bureau: Bureau, role: Role, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    unit = bureau.legal if role == Role.LEGAL_OFFICER else bureau.station
    who = make_officer("100020", unit, role)
    by_role = {Role.CASE_OFFICER: 10, Role.UNIT_HEAD: 16, Role.LEGAL_OFFICER: 18}
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
