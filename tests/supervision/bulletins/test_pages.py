"""Inbox, settings and noise through the pages, and the number in the frame of every page."""

import re
from datetime import datetime, time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Officer, Role
from cases.roles import plan_roles
from cases.services import assign_post
from supervision.bulletins.models import Channel, ChannelKind, Letter, Notice, NoticeAddress, NoticePreference
from supervision.bulletins.services import BulletinRefused, compose_notices, mark_read
from tests.supervision.bulletins.factories import MARCH, County, make_officer, moment
from tests.supervision.bulletins.rooms import Room

NINE = moment("2026-04-28 09:00")
TEN = moment("2026-04-28 10:00")

pytestmark = pytest.mark.usefixtures("working_days")


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr("django.utils.timezone.now", lambda: TEN)
    return TEN


def person(place: County, role: Role, *, name: str = "李明", email: str = "", far: bool = False) -> Officer:
    unit = place.d if far else place.a
    officer = make_officer(unit, name=name, email=email)
    assign_post(
        officer=officer,
        unit=place.county if role in (Role.LEGAL_OFFICER, Role.SYSTEM_ADMIN) else unit,
        role=role,
        from_on=MARCH,
    )
    plan_roles()
    return officer


@pytest.fixture
def li(place: County) -> Officer:
    return person(place, Role.CASE_OFFICER, email="li@example.cn")


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def text_of(officer: Officer, address: str) -> str:
    page = browser(officer).get(address, follow=True)
    assert page.status_code == 200
    return page.content.decode()


def unread_in_the_frame(page: str) -> str | None:
    found = re.search(r'class="inbox-link.*?收件箱</span>(?: <b>([^<]+)</b>)?', page, re.S)
    assert found is not None
    return found.group(1)


def told(room: Room, officer: Officer, count: int = 1, *, urgent: bool = False, at: datetime = NINE) -> Notice:
    for _ in range(count):
        room.raises(str(len(room.standing)), officer, since=at, urgent=urgent)
    compose_notices(at=at)
    return Notice.objects.filter(officer=officer).latest("pk")


# -- the number in the frame -----------------------------------------------------------------------------------------


def test_every_page_says_how_many_notices_are_unread(room: Room, li: Officer) -> None:
    before = [unread_in_the_frame(text_of(li, page)) for page in ("/", "/clocks/", "/cases/ladder/")]
    told(room, li)
    told(room, li, urgent=True)

    after = [unread_in_the_frame(text_of(li, page)) for page in ("/", "/clocks/", "/cases/ladder/")]

    assert (before, after) == ([None] * 3, ["2"] * 3)


def test_the_number_costs_one_question_however_many_there_are(room: Room, li: Officer) -> None:
    def about_notices() -> list[str]:
        client = browser(li)
        with CaptureQueriesContext(connection) as asked:
            client.get("/clocks/", follow=True)
        return [query["sql"] for query in asked if "bulletins_notice" in query["sql"]]

    none = len(about_notices())
    for number in range(3):
        told(room, li, urgent=True, at=moment(f"2026-04-28 09:0{number}"))

    assert (none, len(about_notices())) == (1, 1)


def test_who_has_nothing_to_do_with_cases_has_no_inbox(place: County) -> None:
    admin = person(place, Role.SYSTEM_ADMIN)

    assert "inbox-link" not in text_of(admin, "/")
    assert browser(admin).get("/inbox/").status_code == 403


# -- the inbox -------------------------------------------------------------------------------------------------------


def test_the_inbox_opens_on_what_is_unread_and_otherwise_on_everything(room: Room, li: Officer) -> None:
    empty = text_of(li, "/inbox/")
    notice = told(room, li, 3)
    unread = browser(li).get("/inbox/")
    mark_read(notice=notice, by=li, at=TEN)

    read = text_of(li, "/inbox/")

    assert "收件箱是空的" in empty
    assert unread.headers["Location"] == "/inbox/?state=unread"
    assert "预警 3 条" in read and "已读" in read


def test_opening_a_notice_shows_its_lines_and_marks_it_read(room: Room, li: Officer) -> None:
    notice = told(room, li, 2)

    page = text_of(li, f"/inbox/{notice.pk}/")

    notice.refresh_from_db()
    assert notice.read_at == TEN
    assert '<a href="/clocks/0/">0 届满日临近</a>' in page
    assert unread_in_the_frame(page) is None


def test_what_has_been_settled_since_is_struck_out(room: Room, li: Officer) -> None:
    notice = told(room, li, 2)
    room.settles("room.thing:0:raised")

    page = text_of(li, f"/inbox/{notice.pk}/")

    assert '<span class="struck">0 届满日临近</span>' in page
    assert page.count("已了结") == 1 and page.count("待处理") == 1


def test_of_a_flood_fifty_lines_are_shown_and_the_rest_is_counted(room: Room, li: Officer) -> None:
    notice = told(room, li, 53)

    page = text_of(li, f"/inbox/{notice.pk}/")

    assert page.count("届满日临近") == 50
    assert "预警 3 条" in page


def test_nobody_reads_the_notices_of_another_not_even_who_supervises_him(
    room: Room, place: County, li: Officer
) -> None:
    notice = told(room, li)
    chief = person(place, Role.LEGAL_OFFICER, name="沈雨")

    assert browser(chief).get(f"/inbox/{notice.pk}/").status_code == 404
    assert "预警 1 条" not in text_of(chief, "/inbox/")
    with pytest.raises(BulletinRefused):
        mark_read(notice=notice, by=chief, at=TEN)
    notice.refresh_from_db()
    assert notice.read_at is None


def test_everything_is_marked_as_read_at_one_press(room: Room, place: County, li: Officer) -> None:
    told(room, li)
    told(room, li, urgent=True)
    other = told(room, person(place, Role.CASE_OFFICER, name="王强"), urgent=True)

    page = browser(li).post("/inbox/read/", follow=True).content.decode()

    assert "已将 2 条通知标为已读" in page
    assert list(Notice.objects.unread()) == [other]


def test_reading_needs_a_press_and_not_a_link(li: Officer) -> None:
    assert browser(li).get("/inbox/read/").status_code == 405


@pytest.mark.parametrize("page", ["/inbox/?state=", "/inbox/{pk}/"])
def test_a_page_asks_the_same_for_one_row_and_for_three(room: Room, li: Officer, page: str) -> None:
    def questions() -> int:
        notice, client = Notice.objects.latest("pk"), browser(li)
        Notice.objects.update(read_at=None)
        with CaptureQueriesContext(connection) as asked:
            client.get(page.format(pk=notice.pk))
        return len(asked)

    told(room, li, urgent=True)
    one = questions()
    for number in range(3):
        told(room, li, 3, urgent=True, at=moment(f"2026-04-28 09:1{number}"))

    assert questions() == one


# -- settings --------------------------------------------------------------------------------------------------------


def test_an_officer_says_when_and_by_which_ways_he_wants_to_be_told(li: Officer) -> None:
    short = Channel.objects.create(name="短信", kind=ChannelKind.SMS, base_url="http://127.0.0.1:9", enabled=True)
    Channel.objects.create(name="一组的机器人", kind=ChannelKind.DINGTALK, base_url="http://127.0.0.1:9")
    client = browser(li)

    before = client.get("/inbox/settings/").content.decode()
    client.post("/inbox/settings/", {"told_at": "14:30", f"channel_{short.pk}": " 13800000000 "})

    preference = NoticePreference.objects.get(officer=li)
    assert "短信（短信网关）" in before and "一组的机器人" not in before
    assert (preference.told_at, preference.by_mail) == (time(14, 30), False)
    assert NoticeAddress.objects.get().address == "13800000000"


def test_an_address_emptied_is_an_address_taken_back(li: Officer) -> None:
    short = Channel.objects.create(name="短信", kind=ChannelKind.SMS, base_url="http://127.0.0.1:9", enabled=True)
    NoticeAddress.objects.create(officer=li, channel=short, address="13800000000")

    browser(li).post("/inbox/settings/", {f"channel_{short.pk}": "", "by_mail": "on"})

    assert not NoticeAddress.objects.exists()
    assert NoticePreference.objects.get(officer=li).told_at is None


def test_an_hour_outside_working_time_is_kept_and_what_it_means_is_said(li: Officer) -> None:
    page = browser(li).post("/inbox/settings/", {"told_at": "06:00", "by_mail": "on"}, follow=True).content.decode()

    assert "06:00 不在上班时间以内，每日通知将在 09:00 发出" in page


def test_mail_without_an_address_is_refused_with_the_way_out(place: County) -> None:
    bare = person(place, Role.CASE_OFFICER, name="王强")

    page = browser(bare).post("/inbox/settings/", {"by_mail": "on"}).content.decode()

    assert "请先联系系统管理员登记" in page
    assert not NoticePreference.objects.exists()


# -- noise -----------------------------------------------------------------------------------------------------------


def test_noise_is_shown_to_who_supervises_for_his_people_only(room: Room, place: County, li: Officer) -> None:
    told(room, li, 2)
    told(room, li, urgent=True)
    told(room, person(place, Role.CASE_OFFICER, name="外县", far=True))
    chief = person(place, Role.LEGAL_OFFICER, name="沈雨")

    page = text_of(chief, "/noise/")

    assert "中位数 2 条，最多 2 条" in page
    assert "届满日临近" not in page


def test_the_system_administrator_sees_the_people_of_his_bureau_and_no_case(
    room: Room, place: County, li: Officer
) -> None:
    told(room, li)
    told(room, person(place, Role.CASE_OFFICER, name="外县", far=True))

    page = text_of(person(place, Role.SYSTEM_ADMIN), "/noise/?days=7")

    assert re.search(r'<div class="figure">1</div><div class="what">收到过通知的人', page)


def test_a_case_officer_does_not_see_the_noise_and_nonsense_in_the_address_is_ignored(
    place: County, li: Officer
) -> None:
    assert browser(li).get("/noise/").status_code == 403
    assert "没有发过通知" in text_of(person(place, Role.LEGAL_OFFICER), "/noise/?days=x")


# -- channels and hours, by the administrator ------------------------------------------------------------------------


def channel_form(**fields: str) -> dict[str, str]:
    return {
        "name": "企业微信",
        "kind": "wecom",
        "base_url": "http://10.1.2.3:8080",
        "account": "corp",
        "agent": "1000002",
        "secret_name": "WECOM",
        **fields,
    }


def test_the_system_administrator_enters_a_channel_and_it_is_off(place: County) -> None:
    admin = browser(person(place, Role.SYSTEM_ADMIN))

    admin.post("/bulletins/channel/add/", channel_form())

    channel = Channel.objects.get()
    assert (channel.enabled, channel.secret_name) == (False, "WECOM")
    assert "没有设置" in admin.get("/bulletins/channel/").content.decode()


def test_a_channel_without_what_its_kind_needs_is_refused_by_name(place: County) -> None:
    admin = browser(person(place, Role.SYSTEM_ADMIN))

    page = admin.post("/bulletins/channel/add/", channel_form(account="", secret_name="")).content.decode()

    assert "这种渠道必须填写：账号标识、密钥名称" in page
    assert not Channel.objects.exists()


def test_the_hour_of_a_bureau_is_set_and_no_officers_own_is_shown(place: County, li: Officer) -> None:
    NoticePreference.objects.create(officer=li, told_at=time(15))
    admin = browser(person(place, Role.SYSTEM_ADMIN))

    admin.post("/bulletins/noticepreference/add/", {"unit": str(place.county.pk), "told_at": "08:45"})

    assert NoticePreference.objects.get(unit=place.county).told_at == time(8, 45)
    page = admin.get("/bulletins/noticepreference/").content.decode()
    assert "8:45" in page and "15:00" not in page


def test_the_list_of_letters_holds_those_of_notices_with_their_way_and_no_content(
    room: Room, place: County, li: Officer
) -> None:
    told(room, li)
    chief = person(place, Role.LEGAL_OFFICER, name="沈雨")
    letter = Letter.objects.get()

    rows, page = text_of(chief, "/bulletins/letter/"), text_of(chief, f"/bulletins/letter/{letter.pk}/change/")

    for shown in (rows, page):
        assert "通知：预警 1 条" in shown and "邮件" in shown and "李明" in shown
        assert "届满日临近" not in shown
