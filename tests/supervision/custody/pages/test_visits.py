"""The pages of visits on Tuesday 10 March 2026 at ten; officers with the permissions of their roles."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Clock, ClockState
from supervision.custody.models import Fault, Stage, Visit
from supervision.rectification.models import Order
from tests.supervision.custody.factories import AT, County, begin, bring, full, go, local
from tests.supervision.custody.pages.conftest import Opened

pytestmark = pytest.mark.django_db

NOW = {"day": "2026-03-10", "hour": "10:00"}


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def people(shown: str) -> set[str]:
    return set(re.findall(r'href="/custody/visits/\d+/">入区\d+-20260310-(\d+)</a>', shown))


def at_moment(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)


# -- the list ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"001", "002", "003", "004"}),
        ("state=inside", {"001", "004"}),
        ("state=left", {"002", "003"}),
        ("amiss=over", {"001", "003"}),
        ("amiss=missing", {"003"}),
        ("amiss=gap", {"001", "003", "004"}),
        ("amiss=judge", {"001", "003", "004"}),
        ("amiss=none", {"002"}),
        ("basis=summons", {"004"}),
        ("q=刑1", {"004"}),
        ("q=治404", set()),
        ("mine=1", {"001", "002", "003", "004"}),
        ("entered_after=2026-03-11", set()),
        ("entered_after=2026-03-10&entered_before=2026-03-10", {"001", "002", "003", "004"}),
    ],
)
def test_the_list_is_narrowed(
    desk: Opened, county: County, monkeypatch: pytest.MonkeyPatch, query: str, found: set[str]
) -> None:
    bring(county)
    full(county, bring(county, "手环 2"))
    go(county, bring(county, "手环 3"), "17:30")
    bring(county, "手环 4", basis="summons", case=county.crime)
    at_moment(monkeypatch, local("18:00"))

    assert people(page(desk(county.officer), f"/custody/visits/?{query}")) == found


def test_the_list_is_narrowed_to_a_centre(desk: Opened, county: County) -> None:
    bring(county)

    assert people(page(desk(county.officer), f"/custody/visits/?centre={county.centre.pk}")) == {"001"}


@pytest.mark.parametrize("address", ["/custody/visits/", "/custody/", "/custody/figures/", "/custody/rooms/"])
def test_a_page_asks_as_much_of_three_visits_as_of_one(desk: Opened, county: County, address: str) -> None:
    def asked() -> int:
        client = desk(county.legal)
        with CaptureQueriesContext(connection) as queries:
            page(client, address)
        return len(queries)

    begin(county, bring(county), "waiting", "候问室一", "09:20")
    asked()
    one = asked()
    begin(county, bring(county, "手环 2"), "waiting", "候问室一", "09:20")
    begin(county, bring(county, "手环 3"), "questioning", "询问室一", "09:20")

    assert asked() == one


@pytest.mark.parametrize("who", ["sibling", "stranger"])
def test_who_may_not_see_the_case_sees_no_visit(desk: Opened, county: County, who: str) -> None:
    visit = bring(county)
    client = desk(getattr(county, who))

    assert people(page(client, "/custody/visits/")) == set()
    page(client, f"/custody/visits/{visit.pk}/", 404)
    assert "手环 1" not in page(client, "/custody/")


# -- one visit -----------------------------------------------------------------------------------------------------------


def test_the_page_shows_what_is_missing_gaps_and_clocks_and_no_name(desk: Opened, county: County) -> None:
    visit = bring(county)

    shown = page(desk(county.officer), f"/custody/visits/{visit.pk}/")

    assert "张*" in shown and "张三" not in shown
    assert "安全检查（《公安机关办理行政案件程序规定》第五十三条）" in shown
    assert "2026-03-10 09:10 至 2026-03-10 10:00，50 分 没有环节记录" in shown
    clock = Clock.objects.get(matter=visit.pk)
    assert f'<a href="{reverse("desk:clock", args=(clock.pk,))}">2026-03-10 17:00</a>' in shown
    assert "剩 7 小时" in shown


def test_a_visit_is_played_through_from_its_page(desk: Opened, county: County) -> None:
    visit, client = bring(county), desk(county.officer)

    def do(verb: str, **told: Any) -> None:
        answer = client.post(f"/custody/visits/{visit.pk}/{verb}/", {**NOW, **told})
        assert answer.status_code == 302, answer.content.decode()

    rooms = {name: room.pk for name, room in county.rooms.items()}
    do("begin", kind="search", room=rooms["检查室"], guard="100006", hour="09:10")
    do("finish", result="未见异常", hour="09:20")
    do("add", kind="collection", room=rooms["采集室"], hour="09:20", end_day="2026-03-10", end_hour="09:30")
    do("begin", kind="questioning", room=rooms["询问室一"], guard="", hour="09:30")
    do("move", room=rooms["询问室二"], reason="设备故障", hour="09:40")
    do("extend", hours="24", document="延字 1 号", approver="county_leader", ground="情况复杂", hour="09:40")
    do("family", text="电话通知其妻")
    do("correct", which="arrived", why="以传唤证为准", hour="08:50")
    do("void", stage=Stage.objects.get(kind="collection").pk, why="登错人")
    do("leave", outcome="询问完毕离开")

    visit = Visit.objects.get()
    assert (visit.left_at, visit.arrived_at) == (AT, local("08:50"))
    assert Clock.objects.exclude(state=ClockState.VOID).get(matter=visit.pk).due_at == local("2026-03-11 08:50")
    assert Stage.objects.filter(kind="questioning").count() == 2
    assert page(client, f"/custody/visits/{visit.pk}/").count("作废") >= 2


@pytest.mark.parametrize(
    ("verb", "told", "says"),
    [
        ("begin", {"kind": "search", "hour": "09:00"}, "早于入区时间"),
        ("begin", {"kind": "search", "guard": "999999"}, "没有警号为“999999”的民警"),
        ("begin", {"kind": "questioning"}, "不能用于"),
        ("extend", {"hours": "48", "document": "延字"}, "48"),
        ("leave", {"outcome": " "}, "必填项"),
    ],
)
def test_what_is_refused_says_why_and_keeps_what_was_entered(
    desk: Opened, county: County, verb: str, told: dict[str, str], says: str
) -> None:
    visit = bring(county)
    entered = {**NOW, "room": str(county.rooms["检查室"].pk), "guard": "100006", **told}

    answer = desk(county.officer).post(f"/custody/visits/{visit.pk}/{verb}/", entered)

    assert answer.status_code == 422
    assert re.search(says, answer.content.decode())
    assert not Stage.objects.exists()


@pytest.mark.parametrize("verb", ["finish", "leave"])
def test_what_is_no_longer_offered_is_told_on_the_page(desk: Opened, county: County, verb: str) -> None:
    visit = go(county, bring(county), "09:50")

    answer = desk(county.officer).post(f"/custody/visits/{visit.pk}/{verb}/", {**NOW, "outcome": "离开"}, follow=True)

    assert "没有办理：已经离开办案区" in answer.content.decode()


def test_who_only_reads_does_nothing_in_a_visit(desk: Opened, county: County) -> None:
    visit = bring(county)
    client = desk(county.inspector)

    assert client.post(f"/custody/visits/{visit.pk}/leave/", {**NOW, "outcome": "离开"}).status_code == 403
    page(client, "/custody/enter/", 403)
    assert "登记离开" not in page(client, f"/custody/visits/{visit.pk}/")


def test_there_is_no_act_of_another_name(desk: Opened, county: County) -> None:
    visit = bring(county)

    assert desk(county.officer).post(f"/custody/visits/{visit.pk}/erase/", NOW).status_code == 404


# -- judging and entering ------------------------------------------------------------------------------------------------


def test_a_fault_is_confirmed_or_dismissed_from_the_page(desk: Opened, county: County) -> None:
    visit = go(county, bring(county), "09:50")
    client = desk(county.legal)
    search, gap = Fault.objects.get(rule="no_search"), Fault.objects.get(rule="gap")

    client.post(f"/custody/faults/{search.pk}/judge/", {"verdict": "confirm", "text": ""})
    client.post(f"/custody/faults/{gap.pk}/judge/", {"verdict": "dismiss", "text": ""})
    shown = page(client, f"/custody/visits/{visit.pk}/")

    order = Order.objects.get()
    assert f'<a href="{reverse("rectification:order", args=(order.pk,))}">{order.number}</a>' in shown
    assert "没有办理：请写明不成立的理由" in shown
    gap.refresh_from_db()
    assert gap.state == "found"


def test_the_case_officer_judges_nothing(desk: Opened, county: County) -> None:
    bring(county)
    fault = Fault.objects.get()

    assert desk(county.officer).post(f"/custody/faults/{fault.pk}/judge/", {"verdict": "confirm"}).status_code == 403


def entered(county: County, **more: str) -> dict[str, str]:
    return {
        "centre": str(county.centre.pk), "basis": "inquiry", "case": "治1", "name": "张三", "reference": "手环 9",
        "document": "传字 9 号", "day": "2026-03-10", "hour": "09:00", "enter_day": "2026-03-10", "enter_hour": "09:10",
        **more,
    }  # fmt: skip


def test_somebody_is_entered_from_the_page(desk: Opened, county: County) -> None:
    answer = desk(county.officer).post("/custody/enter/", entered(county))

    visit = Visit.objects.get()
    assert answer.headers["Location"] == f"/custody/visits/{visit.pk}/"
    assert (visit.reference, visit.arrived_at, visit.shown_as) == ("手环 9", local("09:00"), "张*")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"case": "治404"}, "没有找到编号为“治404”"),
        ({"case": ""}, "只有继续盘问"),
        ({"enter_hour": "08:00"}, "早于到案时间"),
        ({"reference": "11010119900101001X"}, "不能填身份证号"),
        ({"centre": "0"}, "选择一个有效的选项"),
    ],
)
def test_what_cannot_be_entered_says_why(desk: Opened, county: County, wrong: dict[str, str], says: str) -> None:
    answer = desk(county.officer).post("/custody/enter/", entered(county, **wrong))

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert 'value="手环 9"' in answer.content.decode() or "reference" in wrong
    assert not Visit.objects.exists()
