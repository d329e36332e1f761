"""The page of a followed case: what it shows to whom, and what is done from it."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from supervision.followup.models import FollowedCase, Instruction, OutlineItem
from supervision.followup.services import add_item, give_instruction
from tests.cases.factories import day, record
from tests.supervision.followup.factories import (
    ENTERED,
    County,
    actions,
    ended,
    finish_all,
    follow,
    items_of,
    make_rule,
    under_review,
)
from tests.supervision.followup.pages.conftest import Opened


def address(case: FollowedCase, rest: str = "") -> str:
    return f"/followup/cases/{case.pk}/{rest}"


def page_of(client: Client, case: FollowedCase) -> str:
    answer = client.get(address(case))
    assert answer.status_code == 200
    return answer.content.decode()


def said(client: Client, case: FollowedCase, rest: str, entered: dict[str, object]) -> str:
    """What the page says after something was sent to it."""
    answer = client.post(address(case, rest), entered, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def acts_offered(page: str) -> set[str]:
    """The last words of the addresses the page's forms are sent to."""
    return {action.rstrip("/").split("/")[-1] for action in re.findall(r'action="(/followup/[^"?]+)', page)}


# -- what it shows -----------------------------------------------------------------------------------------------------


def test_the_first_line_says_what_must_be_done_now(desk: Opened, county: County) -> None:
    client = desk(county.legal)

    assert "责任没有落实，缺：条线责任单位" in page_of(client, follow(county, "A1", complete=False))
    moving = follow(county, "A2")
    assert "最先要办：列明原因，2026-03-04" in page_of(client, moving)
    give_instruction(case=moving, text="查", to=county.officer, due_on=day("2026-03-03"), by=county.leader, at=ENTERED)
    assert "最先要办：回复批示“查”" in page_of(client, moving)
    assert "提纲已经全部办完" in page_of(client, finish_all(county, follow(county, "A3"), at=ENTERED))
    assert "等法制部门审核" in page_of(client, under_review(county, "A4"))
    assert "2026-03-02 已办结" in page_of(client, ended(county, "A5"))


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("legal", {"parties", "items", "finish", "move", "strike", "reply", "handover"}),
        ("officer", {"finish", "reply"}),
        ("head", {"finish", "reply", "handover"}),
        ("branch_officer", {"finish", "reply"}),
        ("leader", {"instructions", "withdraw"}),
    ],
)
def test_each_is_offered_what_he_may_do_and_nothing_else(
    desk: Opened, county: County, who: str, offered: set[str]
) -> None:
    case = follow(county)
    give_instruction(case=case, text="查", to=county.officer, due_on=day("2026-03-10"), by=county.leader, at=ENTERED)

    assert acts_offered(page_of(desk(getattr(county, who)), case)) == offered


def test_under_review_another_legal_officer_is_offered_consent_and_the_one_who_asked_is_not(
    desk: Opened, county: County
) -> None:
    case = under_review(county)
    FollowedCase.objects.filter(pk=case.pk).update(asked_by=county.legal)

    assert "consent" in acts_offered(page_of(desk(county.second_legal), case))
    page = page_of(desk(county.legal), case)
    assert "consent" not in acts_offered(page)
    assert "请另一名法制民警审核" in page


def test_who_may_not_see_the_case_gets_no_page_and_can_send_nothing_to_it(desk: Opened, county: County) -> None:
    case = follow(county)
    item = items_of(case)[0]

    for who in (county.colleague, county.stranger):
        client = desk(who)
        assert client.get(address(case)).status_code == 404
        assert client.post(address(case, f"items/{item.pk}/finish/"), {"result": "x"}).status_code == 404


def test_what_a_rule_is_called_is_shown_to_those_who_keep_the_rules(desk: Opened, county: County) -> None:
    case = follow(county)
    FollowedCase.objects.update(rule=make_rule("secret", {"facts": {"media": [True]}}), entered_by=None)

    assert "规则secret" in page_of(desk(county.legal), case)
    for who in (county.officer, county.head, county.leader):
        assert "规则secret" not in page_of(desk(who), case)


def test_that_a_rule_asked_for_petitions_is_shown_to_nobody(desk: Opened, county: County) -> None:
    case = follow(county)
    FollowedCase.objects.update(rule=make_rule("secret", {"petition": True}), entered_by=None)

    for who in (county.legal, county.officer, county.head, county.leader):
        assert "规则secret" not in page_of(desk(who), case)


def test_the_page_asks_the_same_number_of_questions_for_two_items_and_for_twenty(desk: Opened, county: County) -> None:
    case = follow(county)
    client = desk(county.legal)
    client.get(address(case))
    with CaptureQueriesContext(connection) as for_few:
        client.get(address(case))
    for number in range(18):
        add_item(
            case=case,
            title=f"追加{number}",
            due_on=day("2026-03-20"),
            officer=county.colleague,
            by=county.legal,
            at=ENTERED,
        )
        give_instruction(
            case=case, text=f"批示{number}", to=county.officer, due_on=day("2026-03-20"), by=county.leader, at=ENTERED
        )

    with CaptureQueriesContext(connection) as for_many:
        client.get(address(case))

    assert len(for_many) == len(for_few)


def test_no_script_stands_in_the_page_and_nobody_outside_is_asked(desk: Opened, county: County) -> None:
    page = page_of(desk(county.legal), follow(county))

    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page) == []
    assert re.findall(r'\son\w+="', page) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', page) == []


# -- what is done from it ----------------------------------------------------------------------------------------------


def test_a_case_goes_its_whole_way_through_the_page(desk: Opened, county: County) -> None:
    case = follow(county, complete=False)
    legal, officer, leader, second = (
        desk(one) for one in (county.legal, county.officer, county.leader, county.second_legal)
    )
    first, last = items_of(case)
    event = record(case.matter, "test_ended", "2026-03-03 09:00")

    parties = {
        "main_unit": county.station.pk,
        "line_unit": county.branch.pk,
        "supervisory_unit": county.bureau.legal.pk,
        "officer": "100001",
    }
    assert "已更新责任分工" in said(legal, case, "parties/", parties)
    added = {"title": "追加调查", "due_on": "2026-03-20", "officer": "100001"}
    assert "已增列事项" in said(legal, case, "items/", added)
    given = {"text": "限期查清", "to": "100001", "due_on": "2026-03-16"}
    assert "批示已下达" in said(leader, case, "instructions/", given)
    finished = {"result": "已查清", "evidence": "卷三", "event": event.pk}
    assert "“列明原因”已完成" in said(officer, case, f"items/{first.pk}/finish/", finished)
    assert "已退回补办" in said(legal, case, f"items/{first.pk}/return/", {"reason": "不全"})
    assert "已完成" in said(officer, case, f"items/{first.pk}/finish/", {"result": "补齐"})
    assert "已划去" in said(legal, case, f"items/{last.pk}/strike/", {"reason": "不需要"})
    extra = OutlineItem.objects.get(title="追加调查")
    moved = {"due_on": "2026-03-25", "officer": "", "reason": "等材料"}
    assert "已调整" in said(legal, case, f"items/{extra.pk}/move/", moved)
    assert "已完成" in said(officer, case, f"items/{extra.pk}/finish/", {"result": "查清"})
    instruction = Instruction.objects.get()
    assert "批示已回复" in said(officer, case, f"instructions/{instruction.pk}/reply/", {"reply": "已查清"})
    assert "已申请办结" in said(officer, case, "closing/ask/", {"reason": "全部办完"})
    assert "没有同意办结" in said(legal, case, "closing/refuse/", {"reason": "再核对"})
    assert "已申请办结" in said(officer, case, "closing/ask/", {"reason": "已核对"})
    assert "已同意办结" in said(second, case, "closing/consent/", {"reason": ""})
    assert "已重新盯办" in said(legal, case, "closing/reopen/", {"reason": "又有线索"})

    assert (
        actions(case)
        == (
            "entered parties item_added instructed item_done item_returned item_done item_struck item_moved item_done "
            "replied asked refused asked consented reopened"
        ).split()
    )


def test_what_is_refused_is_said_and_nothing_changes(desk: Opened, county: County) -> None:
    case = follow(county)
    item = items_of(case)[0]
    legal = desk(county.legal)

    assert "没有办理：理由：" in said(legal, case, f"items/{item.pk}/strike/", {})
    assert "只有已完成的事项才能退回" in said(legal, case, f"items/{item.pk}/return/", {"reason": "x"})
    assert "没有改动" in said(
        legal,
        case,
        "parties/",
        {
            "main_unit": county.station.pk,
            "line_unit": county.branch.pk,
            "supervisory_unit": county.bureau.legal.pk,
            "officer": "100001",
        },
    )
    assert "还不能办结" in said(legal, case, "closing/ask/", {"reason": "x"})
    assert "没有人申请办结" in said(legal, case, "closing/consent/", {})
    assert actions(case) == ["entered"]


@pytest.mark.parametrize(
    ("who", "rest"),
    [
        ("officer", "parties/"),
        ("officer", "items/"),
        ("officer", "instructions/"),
        ("legal", "instructions/"),
        ("head", "closing/consent/"),
        ("leader", "closing/ask/"),
    ],
)
def test_what_a_role_may_not_do_it_cannot_send(desk: Opened, county: County, who: str, rest: str) -> None:
    case = follow(county)

    assert desk(getattr(county, who)).post(address(case, rest), {"reason": "x"}).status_code == 403
    assert actions(case) == ["entered"]


def test_an_item_or_instruction_of_another_case_and_an_unknown_verb_are_not_found(desk: Opened, county: County) -> None:
    case, other = follow(county, "A1"), follow(county, "A2")
    item = items_of(other)[0]
    legal = desk(county.legal)

    assert legal.post(address(case, f"items/{item.pk}/strike/"), {"reason": "x"}).status_code == 404
    assert legal.post(address(other, f"items/{item.pk}/burn/"), {"reason": "x"}).status_code == 404
    assert legal.post(address(case, "closing/burn/"), {"reason": "x"}).status_code == 404
    assert legal.get(address(case, "parties/")).status_code == 405


def test_an_event_of_another_matter_cannot_be_named_as_evidence(desk: Opened, county: County) -> None:
    case = follow(county)
    elsewhere = record(follow(county, "A2").matter, "test_began", "2026-03-03")
    item = items_of(case)[0]

    page = said(desk(county.officer), case, f"items/{item.pk}/finish/", {"result": "x", "event": elsewhere.pk})

    assert "没有办理：证明节点" in page


# -- handing over ------------------------------------------------------------------------------------------------------


def test_everything_of_an_officer_is_listed_and_handed_over(desk: Opened, county: County) -> None:
    follow(county, "A1")
    follow(county, "A2")
    client = desk(county.head)
    listed = client.get("/followup/handover/?officer=100001").content.decode()
    assert "盯办案件 2 件" in listed
    assert ">A1</a>" in listed and ">A2</a>" in listed
    assert listed.count("作出决定") == 2
    assert "提纲" in listed and ">0/2" in listed

    page = client.post("/followup/handover/?officer=100001", {"to": "100002"}, follow=True).content.decode()

    assert "已由民警100001交接给民警100002：盯办案件 2 件" in page
    assert set(FollowedCase.objects.values_list("officer", flat=True)) == {county.colleague.pk}


def test_one_case_is_handed_over_from_its_page(desk: Opened, county: County) -> None:
    case, other = follow(county, "A1"), follow(county, "A2")

    desk(county.legal).post("/followup/handover/?officer=100001", {"to": "100002", "case": case.pk})

    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.officer, other.officer) == (county.colleague, county.officer)


def test_a_hand_over_that_cannot_be_says_why(desk: Opened, county: County) -> None:
    case = follow(county)
    client = desk(county.legal)

    assert "没有警号为“9”的民警" in client.get("/followup/handover/?officer=9").content.decode()
    assert "没有您可以交接的" in client.get("/followup/handover/?officer=100002").content.decode()
    itself = client.post("/followup/handover/?officer=100001", {"to": "100001"}, follow=True).content.decode()
    assert "交出人与接手人是同一人" in itself
    nobody = {"to": "000000", "case": case.pk}
    assert "在用民警" in client.post("/followup/handover/?officer=100001", nobody, follow=True).content.decode()
    assert desk(county.officer).get("/followup/handover/").status_code == 403


def test_someone_who_has_left_is_found_by_his_number(desk: Opened, county: County) -> None:
    follow(county)
    county.officer.is_active = False
    county.officer.save()

    assert "账号已停用" in desk(county.legal).get("/followup/handover/?officer=100001").content.decode()
