"""The pages on Friday 27 March 2026 at ten; officers with the permissions of their roles."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Officer
from cases.roles import plan_roles
from cases.services import name_handler, open_matter
from supervision.proceedings.models import Dispute, Review, Transfer
from supervision.rectification.models import Order
from tests.cases.factories import day, moment
from tests.supervision.proceedings.factories import (
    AT,
    County,
    a_dispute,
    a_review,
    a_suit,
    a_transfer,
    actions,
    ended,
    mediating,
    refused,
    settled,
)
from tests.supervision.proceedings.test_queries import EXPECTED, make_march

Opened = Callable[[Officer], Client]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


@pytest.fixture
def desk(county: County) -> Opened:
    """Signs an officer in and hands over his browser."""
    plan_roles()

    def opened(officer: Officer) -> Client:
        client = Client()
        client.force_login(officer)
        return client

    return opened


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def numbers(page: str) -> set[str]:
    return set(re.findall(r'href="/proceedings/\d+/">([A-Z]+\d+)</a>', page))


# -- the list ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=open", {"JF1", "FY1", "YS1"}),
        ("state=ended", {"JF2", "FY2", "YS2"}),
        ("kind=dispute", {"JF1", "JF2"}),
        ("kind=review", {"FY1", "FY2"}),
        ("kind=transfer", {"YS1", "YS2"}),
        ("waiting=recheck", {"JF2"}),
        ("waiting=answer", {"FY1"}),
        ("waiting=correction", {"FY2"}),
        ("waiting=transfer", {"YS1"}),
        ("waiting=appeal", set()),
        ("waiting=supervision", set()),
        ("result=lost", {"FY2"}),
        ("result=refused", {"YS2"}),
        ("risk=low&kind=dispute", {"JF1", "JF2"}),
        ("q=FY", {"FY1", "FY2"}),
        ("period_after=2026-03-03", set()),
        ("period_after=2026-03-02&period_before=2026-03-02", {"JF1", "JF2", "FY1", "FY2", "YS1", "YS2"}),
        ("period_after=2026-03-02&period_before=2026-03-01", set()),
        ("figure=acts_upheld.of", {"FY2"}),
        ("figure=acts_upheld.of&period_after=2026-03-02&period_before=2026-03-01", set()),
    ],
)
def test_the_list_is_narrowed(desk: Opened, county: County, query: str, found: set[str]) -> None:
    a_dispute(county)
    settled(county, "JF2")
    a_review(county)
    ended(county, a_review(county, "FY2"), "revoked")
    a_transfer(county)
    refused(county, "YS2")

    assert numbers(page(desk(county.legal), f"/proceedings/?{query}")) == found


@pytest.mark.parametrize(
    ("who", "found"),
    [("officer", {"JF1"}), ("head", {"JF1", "JF2"}), ("legal", {"JF1", "JF2"}), ("leader", {"JF1", "JF2"}), ("stranger", set())],
)  # fmt: skip
def test_the_list_holds_what_one_may_see(desk: Opened, county: County, who: str, found: set[str]) -> None:
    a_dispute(county)
    hidden = a_dispute(county, "JF2", officer=None)
    client = desk(getattr(county, who))

    assert numbers(page(client, "/proceedings/?state=open")) == found
    assert client.get(f"/proceedings/{hidden.pk}/").status_code == (200 if "JF2" in found else 404)


def test_the_list_asks_as_much_of_three_rows_of_each_as_of_one(desk: Opened, county: County) -> None:
    client = desk(county.legal)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, "/proceedings/?state=")
        return len(queries)

    def add(*marks: str) -> None:
        for mark in marks:
            a_dispute(county, f"JF{mark}")
            a_suit(county, f"SS{mark}")
            a_transfer(county, f"YS{mark}")

    add("1")
    asked()
    one = asked()
    add("2", "3")

    assert (one, asked()) == (13, 13)


# -- one matter --------------------------------------------------------------------------------------------------------


def test_a_dispute_is_worked_through_its_page(desk: Opened, county: County) -> None:
    dispute = a_dispute(county)
    client = desk(county.head)
    home = f"/proceedings/{dispute.pk}/"
    assert "开始调解" in page(client, home)

    client.post(f"{home}mediate/", {"on": "2026-03-03", "mediated_by": county.bureau.station.pk})
    client.post(f"{home}settle/", {"on": "2026-03-05", "result": "和好", "recheck_due_on": "2026-03-20"})
    assert "应当回访了" in page(client, home)
    client.post(f"{home}recheck/", {"on": "2026-03-25", "held": "yes", "result": "无反复"})

    assert actions(dispute) == ["registered", "mediation", "settled", "rechecked"]
    assert "已回访：无反复" in page(client, home)


def test_a_review_is_worked_through_its_page(desk: Opened, county: County) -> None:
    review = a_suit(county)
    client = desk(county.legal)
    home = f"/proceedings/{review.pk}/"

    client.post(f"{home}answer/", {"on": "2026-03-10", "document_number": "答1"})
    client.post(f"{home}hear/", {"on": "2026-03-16", "head_appeared": "yes"})
    client.post(f"{home}end/", {"on": "2026-03-20", "outcome": "unlawful", "to_correct": "确认违法的处理"})
    client.post(f"{home}correct/", {"on": "2026-03-25", "correction": "已处理"})

    assert actions(review) == ["registered", "answered", "heard", "ended", "corrected"]
    assert "负责人出庭" in page(client, home)


def test_a_transfer_is_worked_through_its_page(desk: Opened, county: County) -> None:
    transfer = a_transfer(county)
    client = desk(county.head)
    home = f"/proceedings/{transfer.pk}/"

    client.post(f"{home}supplement/", {"day": "2026-03-02", "hour": "15:00", "missing": "清单"})
    client.post(f"{home}refuse/", {"on": "2026-03-04", "reason": "没有犯罪事实", "returned_on": "2026-03-05"})
    client.post(f"{home}appeal/", {"on": "2026-03-06"})
    client.post(f"{home}reasons/", {"on": "2026-03-06"})
    client.post(f"{home}explain/", {"on": "2026-03-09", "text": "理由"})
    client.post(f"{home}file-ordered/", {"on": "2026-03-10"})
    client.post(f"{home}filed/", {"on": "2026-03-11", "text": "立字1号"})

    assert actions(transfer) == ["registered", "supplement", "refused", "appealed", *["supervised"] * 4]
    assert "已按通知立案" in page(client, home)


def test_what_is_refused_is_said_and_nothing_entered_is_lost(desk: Opened, county: County) -> None:
    dispute = mediating(county)
    entered = {"on": "2026-03-02", "result": "双方各让一步", "recheck_due_on": "2026-03-20"}

    answer = desk(county.head).post(f"/proceedings/{dispute.pk}/settle/", entered)

    assert answer.status_code == 422
    assert "早于上一步的 2026-03-03" in answer.content.decode()
    assert "双方各让一步" in answer.content.decode()
    assert actions(dispute) == ["registered", "mediation"]


def test_an_act_whose_time_is_over_is_refused_with_a_word(desk: Opened, county: County) -> None:
    dispute = settled(county)

    answer = desk(county.head).post(
        f"/proceedings/{dispute.pk}/unsettled/", {"on": "2026-03-20", "result": "不成"}, follow=True
    )

    assert "现在是“已化解”，不能登记调解不成" in answer.content.decode()


def test_acts_are_for_those_who_may(desk: Opened, county: County) -> None:
    review = a_review(county)
    head, leader, stranger = desk(county.head), desk(county.leader), desk(county.stranger)

    assert "提交答复" not in page(head, f"/proceedings/{review.pk}/")
    assert head.post(f"/proceedings/{review.pk}/answer/", {"on": "2026-03-10"}).status_code == 403
    assert leader.post(f"/proceedings/{review.pk}/answer/", {"on": "2026-03-10"}).status_code == 403
    assert stranger.post(f"/proceedings/{review.pk}/answer/", {"on": "2026-03-10"}).status_code == 404
    assert desk(county.legal).post(f"/proceedings/{review.pk}/settle/", {}).status_code == 404
    assert head.get("/proceedings/new/review/").status_code == 403
    assert head.get("/proceedings/new/nothing/").status_code == 404


def test_one_click_orders_the_unit_to_put_right_what_was_lost(desk: Opened, county: County) -> None:
    review = ended(county, a_review(county), "revoked")
    legal, head = desk(county.legal), desk(county.head)
    assert "不会自动下达" in page(legal, f"/proceedings/{review.pk}/")
    assert "不会自动下达" not in page(head, f"/proceedings/{review.pk}/")

    said = legal.post(f"/proceedings/{review.pk}/order/", follow=True).content.decode()
    again = legal.post(f"/proceedings/{review.pk}/order/", follow=True).content.decode()

    assert f"已下达{Order.objects.get().number}" in said
    assert f">{Order.objects.get().number}</a>，待答复" in said
    assert "同一来源已有未结的整改" in again
    assert head.post(f"/proceedings/{review.pk}/order/").status_code == 403
    assert legal.post(f"/proceedings/{a_dispute(county).pk}/order/").status_code == 404


def test_the_page_of_one_matter_asks_a_fixed_number_of_questions(desk: Opened, county: County) -> None:
    client, dispute = desk(county.legal), mediating(county)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, f"/proceedings/{dispute.pk}/")
        return len(queries)

    asked()
    few = asked()
    client.post(
        f"/proceedings/{dispute.pk}/settle/", {"on": "2026-03-05", "result": "好", "recheck_due_on": "2026-03-10"}
    )
    client.post(f"/proceedings/{dispute.pk}/recheck/", {"on": "2026-03-12", "held": "no", "result": "又"})
    assert len(actions(dispute)) == 4

    assert (few, asked()) == (11, 11)


# -- a new one ---------------------------------------------------------------------------------------------------------


def test_one_of_each_is_registered_by_its_form(desk: Opened, county: County) -> None:
    client, station = desk(county.legal), county.bureau.station.pk
    same = {"title": "", "unit": station, "officer": "100001"}

    client.post(
        "/proceedings/new/dispute/",
        {**same, "number": "J1", "received_on": "2026-03-26", "sort": "debt", "risk": "high", "channel": "visit"},
    )
    client.post(
        "/proceedings/new/review/",
        {**same, "number": "F1", "track": "suit", "instance": "first", "received_on": "2026-03-26", "body": "法院",
         "act": "处罚", "against": "J1"},
    )  # fmt: skip
    client.post(
        "/proceedings/new/transfer/",
        {**same, "number": "Y1", "direction": "in", "agency": "市场局", "documents": "移送书", "day": "2026-03-26",
         "hour": "08:30"},
    )  # fmt: skip

    assert Dispute.objects.get().matter.officer == county.officer
    assert Review.objects.get().against == Dispute.objects.get().matter
    assert Transfer.objects.get().matter.number == "Y1"


@pytest.mark.parametrize("kind", ["dispute", "review", "transfer"])
def test_an_empty_form_is_sent_back(desk: Opened, county: County, kind: str) -> None:
    client = desk(county.legal)

    assert "登记" in page(client, f"/proceedings/new/{kind}/")
    assert client.post(f"/proceedings/new/{kind}/", {}).status_code == 422


def test_what_the_service_refuses_stands_above_the_form(desk: Opened, county: County) -> None:
    a_dispute(county)
    entered = {
        "number": "JF1", "unit": county.bureau.station.pk, "officer": "", "received_on": "2026-03-26", "sort": "debt",
        "risk": "low", "channel": "call",
    }  # fmt: skip

    answer = desk(county.head).post("/proceedings/new/dispute/", entered)

    assert answer.status_code == 422
    assert "编号“JF1”已有同类事项" in answer.content.decode()


# -- figures -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["legal", "head", "officer"])
def test_every_number_opens_a_list_with_as_many_rows(desk: Opened, county: County, who: str) -> None:
    make_march(county)
    client, unit = desk(getattr(county, who)), county.bureau.station
    asked = urlencode({"unit": unit.pk, "first_on": day("2026-03-01"), "last_on": day("2026-03-31")})

    said = page(client, f"/proceedings/figures/?{asked}")

    links = [
        (link.replace("&amp;", "&"), int(n))
        for link, n in re.findall(r'<a class="number" href="([^"]+)">(\d+)</a>', said)
    ]
    assert [number for _, number in links] == [number for pair in EXPECTED.values() for number in pair]
    for link, number in links:
        assert len(numbers(page(client, link))) == number, link


def test_figures_are_of_this_month_unless_asked_and_a_wrong_period_is_said(desk: Opened, county: County) -> None:
    a_dispute(county)
    client = desk(county.head)

    assert "其中已化解" in page(client, "/proceedings/figures/")
    assert "止日早于起日" in page(
        client, f"/proceedings/figures/?unit={county.bureau.station.pk}&first_on=2026-03-02&last_on=2026-03-01"
    )


# -- the ledger --------------------------------------------------------------------------------------------------------


def test_the_ledger_shows_the_steps_of_what_one_may_see(desk: Opened, county: County) -> None:
    a_dispute(county)

    assert "JF1" in page(desk(county.legal), "/proceedings/proceedingstep/")
    assert "JF1" not in page(desk(county.stranger), "/proceedings/proceedingstep/")


def set_on_page(client: Client, row: Review, on: str, head: str = "") -> tuple[int, str]:
    answer = client.post(f"/proceedings/{row.pk}/set-hearing/", {"on": on, "head": head}, follow=True)
    return answer.status_code, answer.content.decode()


def test_a_hearing_is_set_on_the_page_with_the_head_who_comes_and_listed_until_it_is_on_record(
    county: County, desk: Opened
) -> None:
    suit, legal = a_suit(county), desk(county.legal)
    a_review(county)
    assert "确定开庭、听证" in page(legal, f"/proceedings/{suit.pk}/")

    status, said = set_on_page(legal, suit, "2026-04-08", county.leader.police_number)

    assert (status, "已办理：确定开庭、听证" in said, f"{county.leader}出庭" in said) == (200, True, True)
    listed = page(legal, "/proceedings/?waiting=hearing")
    assert numbers(listed) == {"SS1"}
    assert f"2026-04-08 开庭，{county.leader}" in listed
    assert numbers(page(legal, "/proceedings/?hearing_after=2026-04-08&hearing_before=2026-04-08")) == {"SS1"}
    assert numbers(page(legal, "/proceedings/?hearing_after=2026-04-09")) == set()
    legal.post(f"/proceedings/{suit.pk}/hear/", {"on": "2026-03-27", "head_appeared": "yes", "absence_reason": ""})
    assert numbers(page(legal, "/proceedings/?waiting=hearing")) == set()
    assert "确定开庭、听证</button>" not in page(legal, f"/proceedings/{suit.pk}/")


def test_a_hearing_is_set_without_a_head_says_that_nobody_is_named_and_is_moved_on_the_same_form(
    county: County, desk: Opened
) -> None:
    review, legal = a_review(county), desk(county.legal)

    _, said = set_on_page(legal, review, "2026-04-08")
    assert "到场的负责人未定" in said
    assert 'value="2026-04-08"' in said
    assert "<dt>听证定于</dt>" in said

    _, said = set_on_page(legal, review, "2026-04-22", county.leader.police_number)
    assert "原定 2026-04-08，改为 2026-04-22 听证" in said
    assert "到场的负责人未定 <i" not in said


@pytest.mark.parametrize(
    ("on", "head", "words"),
    [
        ("2026-03-26", "", "2026-03-26 已经过去，请直接登记开庭"),
        ("", "", "必填"),
        ("2026-04-08", "officer", "现在没有领导职务"),
        ("2026-04-08", "stranger", "看不到这一件"),
        ("2026-04-08", "999999", "没有警号为“999999”的在用民警"),
    ],
)
def test_what_is_refused_of_a_hearing_is_said_in_the_form_that_keeps_what_was_entered(
    county: County, desk: Opened, on: str, head: str, words: str
) -> None:
    suit = a_suit(county)
    number = getattr(county, head).police_number if hasattr(county, head) else head

    status, said = set_on_page(desk(county.legal), suit, on, number)

    assert status == 422
    assert words in said
    assert f'value="{number}"' in said or not number
    assert Review.objects.get().hearing_set_on is None


def test_after_its_day_the_page_says_that_the_hearing_is_not_on_record(
    county: County, desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    suit = a_suit(county)
    set_on_page(desk(county.legal), suit, "2026-04-08", county.leader.police_number)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment("2026-04-09 10:00"))

    said = page(desk(county.legal), f"/proceedings/{suit.pk}/")

    assert "开庭还没有登记" in said
    assert "已过，尚未登记" in said
    assert "尚未登记" in page(desk(county.legal), "/proceedings/?waiting=hearing")


def test_who_only_reads_a_review_is_not_offered_a_hearing_and_who_may_not_see_it_finds_no_page(
    county: County, desk: Opened
) -> None:
    suit = a_suit(county)
    assert "确定开庭、听证" not in page(desk(county.head), f"/proceedings/{suit.pk}/")

    assert set_on_page(desk(county.head), suit, "2026-04-08")[0] == 403
    assert set_on_page(desk(county.stranger), suit, "2026-04-08")[0] == 404


def test_the_case_behind_a_review_is_named_only_to_whoever_may_see_it(county: County, desk: Opened) -> None:
    """A petition may be what a review is about; its number alone says that somebody complained."""
    closed = open_matter(kind="letter", number="XF-2026-7", unit=county.bureau.legal)
    name_handler(matter=closed, officer=county.legal, role="legal", at=AT)
    review = a_review(county, against=closed)
    address = f"/proceedings/{review.pk}/"

    assert "XF-2026-7" in page(desk(county.legal), address)
    for officer in (county.officer, county.head, county.leader):
        assert "XF-2026-7" not in page(desk(officer), address)
