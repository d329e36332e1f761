"""The board, the list, and entering by hand."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import services as cases
from cases.models import Matter, Role
from supervision.followup.models import FollowedCase, Instruction
from supervision.followup.services import finish_item, give_instruction
from tests.cases.factories import day, make_case, make_officer, moment, record
from tests.supervision.followup.factories import (
    ENTERED,
    County,
    ended,
    follow,
    items_of,
    make_matter,
    make_rule,
    under_review,
)
from tests.supervision.followup.pages.conftest import Opened


def columns(page: str) -> dict[str, set[str]]:
    """Stage -> numbers of the cards in its column."""
    parts = re.findall(r'<section class="column" aria-label="([^"]+)">(.*?)</section>', page, re.S)
    return {name: set(re.findall(r">([A-Z]+\d*)</a>", part)) for name, part in parts}


def board(desk: Opened, county: County, who: str = "legal", query: str = "") -> str:
    answer = desk(getattr(county, who)).get(f"/followup/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def every_stage(county: County) -> County:
    follow(county, "INC", complete=False)
    follow(county, "MOV")
    under_review(county, "REV")
    ended(county, "END")
    return county


# -- the board ---------------------------------------------------------------------------------------------------------


def test_every_stage_has_its_column_in_order(desk: Opened, every_stage: County) -> None:
    page = board(desk, every_stage)

    found = columns(page)
    assert list(found) == ["待落实", "推进中", "待法制审核", "已办结"]
    assert list(found.values()) == [{"INC"}, {"MOV"}, {"REV"}, {"END"}]
    assert "1 件责任没有落实" in page


def test_a_card_says_parties_officer_items_and_standing_still_in_words_with_signs(desk: Opened, county: County) -> None:
    case = follow(county)
    finish_item(item=items_of(case)[1], result="查清", evidence="", by=county.officer, at=ENTERED)
    give_instruction(case=case, text="查", to=county.officer, due_on=day("2026-03-05"), by=county.leader, at=ENTERED)

    page = board(desk, county)

    assert "提纲 1/2 逾期 1 <i" in page
    assert "批示逾期未复 1 <i" in page
    assert "停滞 3 个工作日 <i" in page
    for said in ("城关派出所", "经济犯罪侦查大队", "法制大队", "民警100001"):
        assert said in page


def test_a_card_says_that_the_officer_has_left(desk: Opened, county: County) -> None:
    follow(county)
    cases.end_post(post=county.officer.posts.get(), until_on=day("2026-03-03"))

    assert "（已离岗）" in board(desk, county)


@pytest.mark.parametrize(
    ("who", "found"), [("legal", {"A1"}), ("officer", {"A1"}), ("head", {"A1"}), ("branch_officer", {"A1"}),
                       ("leader", {"A1"}), ("colleague", set()), ("stranger", set())],
)  # fmt: skip
def test_the_board_holds_what_one_may_see_and_nothing_else(
    desk: Opened, county: County, who: str, found: set[str]
) -> None:
    follow(county)

    page = board(desk, county, who)

    assert {number for numbers in columns(page).values() for number in numbers} == found
    assert ("没有盯办案件" in page) == (not found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=MO", {"MOV"}),
        ("?mine=1", set()),
        ("?trouble=stagnant", {"INC", "MOV", "REV"}),
        ("?trouble=items", {"INC", "MOV"}),
        ("?trouble=closed", set()),
    ],
)
def test_the_board_can_be_narrowed(desk: Opened, every_stage: County, query: str, found: set[str]) -> None:
    shown = {number for numbers in columns(board(desk, every_stage, query=query)).values() for number in numbers}

    assert shown == found


def test_whose_items_are_still_open_is_found(desk: Opened, every_stage: County) -> None:
    shown = columns(board(desk, every_stage, "officer", "?mine=items"))

    assert {number for numbers in shown.values() for number in numbers} == {"INC", "MOV"}


def test_who_has_to_reply_finds_the_case_and_the_workbench_leads_there(desk: Opened, county: County) -> None:
    case = follow(county, "A1")
    give_instruction(case=case, text="查", to=county.officer, due_on=day("2026-03-10"), by=county.leader, at=ENTERED)
    follow(county, "A2")

    assert listed(desk, county, "?stage=open&mine=reply", "officer") == {"A1"}
    start = desk(county.officer).get("/").content.decode()
    assert 'href="/followup/cases/?stage=open&amp;mine=reply">全部 1 件' in start
    assert 'href="/followup/cases/?stage=open&amp;mine=items">全部 2 件' in start
    assert "申请办结" not in start


def test_the_workbench_of_a_legal_officer_counts_what_waits_for_consent(desk: Opened, county: County) -> None:
    under_review(county)

    start = desk(county.legal).get("/").content.decode()

    assert 'href="/followup/cases/?stage=review&amp;mine=consent">全部 1 件' in start
    assert "没有等您办理的预警、整改和盯办案件" in desk(county.colleague).get("/").content.decode()


def test_a_full_column_is_cut_and_says_where_the_rest_is(desk: Opened, county: County) -> None:
    for number in range(22):
        follow(county, f"A{number}")

    page = board(desk, county)

    assert len(columns(page)["推进中"]) == 20
    assert "在列表中查看全部 22 件" in page
    assert 'href="/followup/cases/?stage=moving"' in page


def test_the_board_asks_the_same_number_of_questions_for_one_case_and_for_thirty(desk: Opened, county: County) -> None:
    follow(county, "A0")
    client = desk(county.legal)
    client.get("/followup/")
    with CaptureQueriesContext(connection) as for_one:
        client.get("/followup/")
    for number in range(1, 31):
        follow(county, f"A{number}", complete=number % 2 == 0)

    with CaptureQueriesContext(connection) as for_thirty:
        client.get("/followup/")

    assert len(for_thirty) == len(for_one)


def test_administrators_have_no_board_and_no_menu_line(desk: Opened, county: County) -> None:
    client = desk(make_officer("900001", county.bureau.county, Role.SYSTEM_ADMIN))

    assert client.get("/followup/").status_code == 403
    assert "盯办看板" not in client.get("/").content.decode()


# -- the list ----------------------------------------------------------------------------------------------------------


def listed(desk: Opened, county: County, query: str = "", who: str = "legal") -> set[str]:
    page = desk(getattr(county, who)).get(f"/followup/cases/{query}", follow=True).content.decode()
    return set(re.findall(r'<td class="number"><a href="/followup/cases/\d+/">([A-Z]+\d*)</a>', page))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"INC", "MOV", "REV"}),
        ("?stage=", {"INC", "MOV", "REV", "END"}),
        ("?stage=ended", {"END"}),
        ("?stage=incomplete", {"INC"}),
        ("?q=END", {"END"}),
        ("?reason=群众", {"INC", "MOV", "REV", "END"}),
        ("?reason=没有", set()),
        ("?officer=100001&stage=open", {"INC", "MOV", "REV"}),
        ("?entered_after=2026-03-02&entered_before=2026-03-02&stage=ended", {"END"}),
        ("?entered_after=2026-03-03", set()),
        ("?ended_after=2026-03-02&ended_before=2026-03-02", {"END"}),
        ("?asked_after=2026-03-02", {"REV", "END"}),
        ("?progressed_before=2026-03-01", set()),
    ],
)
def test_filters_of_the_list(desk: Opened, every_stage: County, query: str, found: set[str]) -> None:
    assert listed(desk, every_stage, query) == found


def test_cases_are_found_by_each_party_unit_and_kind(desk: Opened, every_stage: County) -> None:
    county, kind = every_stage, Matter.objects.all()[0].kind_id
    for query in (
        f"?unit={county.station.pk}",
        f"?main_unit={county.station.pk}",
        f"?supervisory_unit={county.bureau.legal.pk}",
        f"?kind={kind}",
    ):
        assert listed(desk, county, query) == {"INC", "MOV", "REV", "END"}, query
    assert listed(desk, county, f"?line_unit={county.branch.pk}") == {"MOV", "REV", "END"}


def test_by_rule_only_those_find_who_keep_the_rules(desk: Opened, county: County) -> None:
    follow(county)
    rule = make_rule("secret", {"facts": {"media": [True]}})
    FollowedCase.objects.update(rule=rule)

    assert listed(desk, county, f"?rule={rule.pk}") == {"A1"}
    assert listed(desk, county, f"?rule={rule.pk}", "head") == set()
    assert "规则secret" not in desk(county.head).get("/followup/cases/?stage=open").content.decode()


def test_by_a_rule_that_asks_for_petitions_nobody_finds(desk: Opened, county: County) -> None:
    follow(county)
    rule = make_rule("secret", {"petition": True})
    FollowedCase.objects.update(rule=rule)

    assert "规则secret" not in desk(county.legal).get("/followup/cases/?stage=open").content.decode()
    assert listed(desk, county, f"?rule={rule.pk}") == set()


def test_the_list_asks_the_same_number_of_questions_for_one_row_and_for_thirty(desk: Opened, county: County) -> None:
    follow(county, "A0")
    client = desk(county.legal)
    client.get("/followup/cases/?stage=open")
    with CaptureQueriesContext(connection) as for_one:
        client.get("/followup/cases/?stage=open")
    for number in range(1, 31):
        follow(county, f"A{number}")

    with CaptureQueriesContext(connection) as for_thirty:
        client.get("/followup/cases/?stage=open")

    assert len(for_thirty) == len(for_one)


# -- entering ----------------------------------------------------------------------------------------------------------


def test_a_legal_officer_enters_from_the_page_of_the_matter(desk: Opened, county: County) -> None:
    matter = make_matter(county)
    client = desk(county.legal)
    assert client.get(f"/matters/{matter.pk}/").content.decode().count(f"/followup/new/?matter={matter.pk}") == 1
    assert client.get(f"/followup/new/?matter={matter.pk}").status_code == 200

    answer = client.post(f"/followup/new/?matter={matter.pk}", {"reason": "案情重大", "line_unit": county.branch.pk})

    case = FollowedCase.objects.get()
    assert answer["Location"] == f"/followup/cases/{case.pk}/"
    assert (case.reason, case.stage, case.entered_by) == ("案情重大", "moving", county.legal)
    assert client.get(f"/followup/new/?matter={matter.pk}")["Location"] == f"/followup/cases/{case.pk}/"


def test_a_leader_enters_with_his_instruction(desk: Opened, county: County) -> None:
    matter = make_matter(county)

    desk(county.leader).post(
        f"/followup/new/?matter={matter.pk}", {"reason": "领导批示", "text": "限期查清", "due_on": "2026-03-16"}
    )

    given = Instruction.objects.get()
    assert (given.leader, given.to, given.due_on) == (county.leader, county.officer, day("2026-03-16"))


def test_an_entry_that_is_refused_or_wrong_stays_on_the_page_and_says_why(desk: Opened, county: County) -> None:
    matter = make_matter(county)
    client, address = desk(county.leader), f"/followup/new/?matter={matter.pk}"

    assert "这个字段是必填项" in client.post(address, {}).content.decode()
    assert "批示要写明回复期限" in client.post(address, {"reason": "x", "text": "查"}).content.decode()
    wrong = client.post(address, {"reason": "x", "officer": "000000"}).content.decode()
    assert "没有警号为“000000”的在用民警" in wrong
    record(matter, "closed", "2026-03-05")
    assert "已经办结" in client.post(address, {"reason": "x"}).content.decode()
    assert not FollowedCase.objects.exists()


def test_nobody_enters_what_he_may_not_see_or_without_the_right(desk: Opened, county: County) -> None:
    elsewhere = make_case("Y-1", county.bureau.other_station, filed="2026-02-02")
    matter = make_matter(county)

    assert desk(county.legal).get(f"/followup/new/?matter={elsewhere.pk}").status_code == 404
    assert desk(county.legal).get("/followup/new/?matter=x").status_code == 404
    assert desk(county.officer).get(f"/followup/new/?matter={matter.pk}").status_code == 403
    assert "列入盯办" not in desk(county.officer).get(f"/matters/{matter.pk}/").content.decode()


def test_when_it_was_entered_is_the_moment_of_the_page(desk: Opened, county: County) -> None:
    matter = make_matter(county)

    desk(county.legal).post(f"/followup/new/?matter={matter.pk}", {"reason": "案情重大"})

    assert FollowedCase.objects.get().entered_at == moment("2026-03-06 10:00")
