"""The live page, the rooms and the figures on Tuesday 10 March 2026 at ten."""

import re

import pytest

from cases.services import open_matter
from supervision.custody import services
from supervision.custody.models import Centre, Room
from supervision.custody.queries import figures
from tests.cases.factories import day
from tests.supervision.custody.factories import AT, County, a_case, begin, bring, full, go, local
from tests.supervision.custody.pages.conftest import Opened
from tests.supervision.custody.pages.test_visits import at_moment, page

pytestmark = pytest.mark.django_db


def test_the_live_page_says_who_is_in_which_room_how_long_and_how_much_is_left(desk: Opened, county: County) -> None:
    begin(county, bring(county), "questioning", "询问室一", "09:20")
    bring(county, "手环 2", name="李四")

    shown = page(desk(county.legal), "/custody/")

    assert '区内 <b class="number">2</b> 人' in shown
    assert "张*" in shown and "李*" in shown and "张三" not in shown
    assert "已 1 小时；询问、讯问 40 分" in shown
    assert "剩 7 小时" in shown
    assert "已满 1 / 1" in shown and "空余 2 / 2" in shown
    assert "没有进行中的环节" in shown
    assert '<meta http-equiv="refresh" content="60">' in shown


def test_over_the_limit_is_said_in_words_and_by_a_sign(
    desk: Opened, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(county)
    at_moment(monkeypatch, local("17:01"))

    shown = page(desk(county.legal), "/custody/")

    assert re.search(r'mark-red">超 1 分 <i aria-hidden="true">■', shown)


def test_who_left_is_no_longer_there_and_an_empty_centre_says_so(desk: Opened, county: County) -> None:
    go(county, bring(county), "09:50")

    assert "区内现在没有人" in page(desk(county.legal), "/custody/")


def test_those_of_other_units_are_counted_and_not_shown(desk: Opened, county: County) -> None:
    begin(county, bring(county), "waiting", "候问室一", "09:20")

    shown = page(desk(county.sibling), "/custody/")

    assert "另有 1 人由其他单位办理" in shown and "空余 1 / 2" in shown
    assert "张*" not in shown


def test_without_a_centre_the_page_says_where_one_is_entered(desk: Opened, county: County) -> None:
    assert "还没有办案中心" in page(desk(county.stranger), "/custody/")


def test_an_imported_visit_without_a_room_is_not_counted_inside(desk: Opened, county: County) -> None:
    open_matter(kind="custody_visit", number="旧1", unit=county.station, officer=county.officer)

    assert "区内现在没有人" in page(desk(county.legal), "/custody/")


# -- rooms ---------------------------------------------------------------------------------------------------------------


def test_centre_and_rooms_are_added_and_closed_from_the_page(desk: Opened, county: County) -> None:
    client = desk(county.head)
    client.post("/custody/rooms/", {"what": "centre", "unit": county.station.pk, "name": "所内办案区"})
    centre = Centre.objects.get(name="所内办案区")

    answer = client.post(
        "/custody/rooms/", {"what": "room", "centre": centre.pk, "name": "候问室", "kind": "waiting", "capacity": "2"},
        follow=True,
    )  # fmt: skip
    assert "已登记候问室" in answer.content.decode()
    client.post(f"/custody/rooms/{Room.objects.get(centre=centre).pk}/close/")

    assert Room.objects.get(centre=centre).closed_at == AT


def test_what_cannot_be_added_says_why_and_others_close_nothing(desk: Opened, county: County) -> None:
    told = {"what": "room", "centre": county.centre.pk, "name": "检查室", "kind": "search", "capacity": "1"}

    answer = desk(county.legal).post("/custody/rooms/", told)

    assert answer.status_code == 422 and "已有名为" in answer.content.decode()
    assert desk(county.officer).post("/custody/rooms/", told).status_code == 403
    room = county.rooms["检查室"]
    assert desk(county.stranger).post(f"/custody/rooms/{room.pk}/close/").status_code == 404


def test_a_room_that_somebody_is_in_stays_open(desk: Opened, county: County) -> None:
    begin(county, bring(county), "waiting", "候问室一", "09:20")
    client = desk(county.legal)

    answer = client.post(f"/custody/rooms/{county.rooms['候问室一'].pk}/close/", follow=True)

    assert "没有停用：候问室一里还有 1 人" in answer.content.decode()
    assert "移走人员后可以停用" in page(client, "/custody/rooms/")


# -- figures -------------------------------------------------------------------------------------------------------------


def test_every_figure_opens_a_list_of_as_many(desk: Opened, county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(county)
    full(county, bring(county, "手环 2"))
    go(county, bring(county, "手环 3"), "17:30")
    at_moment(monkeypatch, local("18:00"))
    client = desk(county.legal)

    shown = page(client, "/custody/figures/")
    links = re.findall(r'href="(/custody/visits/\?[^"]+)">(\d+)</a>', shown)

    assert [int(number) for _, number in links] == [3, 2, 1, 2]
    for link, number in links:
        assert f"共 <b>{number}</b> 条" in page(client, link.replace("&amp;", "&")), link


def test_a_month_begins_at_local_midnight_and_scope_is_kept(county: County) -> None:
    night = local("2026-03-01 00:30")
    other = a_case("治2", "public_order_case", county.bureau.sibling, county.sibling)
    bring(county, "手环 1", arrived_at=night, entered_at=night)
    services.enter(
        case=other, centre=county.centre, by=county.sibling, at=AT,
        known=services.Known("inquiry", "王五", "手环 2", night, night),
    )  # fmt: skip

    [all_of_them] = figures(county.legal, AT, since=day("2026-03-01"))
    [own] = figures(county.head, AT, since=day("2026-03-01"))

    assert (all_of_them.month, all_of_them.visits, own.visits) == (day("2026-03-01"), 2, 1)
    assert figures(county.legal, AT, since=day("2026-03-02")) == []
    assert figures(county.stranger, AT, since=day("2026-03-01")) == []
