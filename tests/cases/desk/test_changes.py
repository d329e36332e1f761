"""Changes on screen: proposed by who may, looked at first, carried out behind a bar."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from kombu.exceptions import OperationalError
from pytest_django import DjangoAssertNumQueries

from cases.changes.services import AT_ONCE, apply_change, carry_on, preview_change, propose
from cases.models import CalendarYear, Change, ChangeKind, ChangeState, Clock, Limit, Officer, Role
from cases.tasks import carry_changes_task
from tests.cases.changes.conftest import payload, version
from tests.cases.desk.conftest import NOW, Opened
from tests.cases.factories import Bureau, add_limit, make_case, make_officer, record

YAML = "starts: [filed]\nstops: [decided]\nkinds: [case]\nrollover: forward\ncalendar: cn\n"
VERSION = {
    "in_force_from": "2026-03-10",
    "name": "作出决定",
    "length": "20",
    "unit": "day",
    "law": "测试法",
    "transition": "at_start",
    "definition": YAML,
}
NOTICE = {
    "calendar": "cn",
    "year": "2027",
    "scope": "full",
    "notice": "通知三",
    "off": "元旦 2027-01-01/2027-01-03\n春节 2027-02-05/2027-02-11",
    "worked": "春节 2027-02-13",
}


@pytest.fixture
def browser(desk: Opened, legal_officer: Officer) -> Client:
    return desk(legal_officer)


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue is told, and nobody takes it up until the test lets the worker run."""
    monkeypatch.setattr(carry_changes_task, "delay", lambda: None)


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return unescape(answer.content.decode())


def tiles(page: str) -> dict[str, str]:
    found = re.findall(r'<div class="figure">([^<]*)</div><div class="what">([^<]*)', page)
    return {what: figure for figure, what in found}


# -- a new version -----------------------------------------------------------------------------------------------------


def test_a_limit_leads_to_a_new_version_looked_at_and_carried_out(bureau: Bureau, browser: Client) -> None:
    make_case("A1", bureau.station, filed="2026-03-12")  # due 04-11; by the new version on 04-01
    make_case("A2", bureau.sibling, filed="2026-03-25")
    assert 'href="/limits/decide/version/"' in text(browser.get("/limits/decide/"))
    assert "原版本至前一日为止" in text(browser.get("/limits/decide/version/"))

    page = text(browser.post("/limits/decide/version/", VERSION, follow=True))

    assert "预览：2 个时钟的届满日变动，1 个变为超期" in page
    assert (tiles(page)["届满日变动"], tiles(page)["变为超期"]) == ("2", "1")
    assert "还没有改动任何数据" in page and "提前 10 天" in page
    assert "城关派出所" in page and ">A1</a>" in page
    assert not Limit.objects.filter(code="decide_v2026").exists()

    change = Change.objects.get()
    page = text(browser.post(f"/changes/{change.pk}/", {"act": "apply"}, follow=True))
    assert "正在实施：已重算 0%" in page and "<progress" in page
    carry_changes_task()
    page = text(browser.get(f"/changes/{change.pk}/"))

    assert "已实施：2 个时钟的届满日变动" in page
    assert "结果与预览因此略有不同" not in page
    assert Limit.objects.get(code="decide_v2026").length == 20


LETTERS = {**VERSION, "definition": "starts: [received]\nstops: [answered]\nkinds: [letter]\n"}


@pytest.mark.parametrize(("number", "told"), [(4, False), (5, True)])
def test_what_moves_on_restricted_matters_is_told_of_no_unit_and_not_at_all_where_it_is_little(
    bureau: Bureau, browser: Client, number: int, told: bool
) -> None:
    """Else a unit would read from its share that it handles such a matter (信访工作条例 30)."""
    for count in range(number):
        make_case(f"XF-{count}", bureau.station, filed="2026-03-12", kind="letter")
    limit = Limit.objects.get(kinds__code="letter")

    page = text(browser.post(f"/limits/{limit.code}/version/", LETTERS, follow=True))

    change = Change.objects.get()
    assert change.preview["closed"]["clocks"] == number and change.preview["units"] == {}
    assert ("仅经办人可见的事项（不分单位）" in page) == told
    assert (f"{number} 个时钟的届满日变动" in page) == told
    assert f"<dd>{number if told else 0} 件</dd>" in page
    assert tiles(page)["届满日变动"] == str(number if told else 0)
    assert ("个工作日" in page or "推迟" in page) == told
    assert str(bureau.station) not in page[page.index("将有什么变动") :]
    assert "没有时钟会因此变动" in page or told
    assert f'<td class="number right">{number if told else 0}</td>' in browser.get("/changes/").content.decode()

    apply_change(change=change, by=None, at=NOW)
    carry_changes_task()
    page = text(browser.get(f"/changes/{change.pk}/"))
    assert tiles(page)["届满日变动"] == str(number if told else 0)
    assert "结果与预览因此略有不同" not in page


def test_a_restricted_matter_that_cannot_be_wound_is_not_named(
    bureau: Bureau, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_case("XF-1", bureau.station, filed="2026-03-12", kind="letter")
    limit = Limit.objects.get(kinds__code="letter")

    def fails(*_: Any, **__: Any) -> None:
        raise ValueError("坏数据")

    monkeypatch.setattr("cases.winding._wind_one", fails)
    page = text(browser.post(f"/limits/{limit.code}/version/", LETTERS, follow=True))

    assert "1 件事项的时钟无法计算" in page
    assert "XF-1" not in page


def test_the_page_comes_again_by_itself_while_work_is_under_way(bureau: Bureau, browser: Client) -> None:
    make_case("A1", bureau.station, filed="2026-03-12")
    browser.post("/limits/decide/version/", VERSION)
    change = Change.objects.get()
    assert "Refresh" not in browser.get(f"/changes/{change.pk}/")
    apply_change(change=change, by=None, at=NOW)

    assert browser.get(f"/changes/{change.pk}/")["Refresh"] == "3"


def test_many_matters_are_looked_at_in_the_background(
    bureau: Bureau, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_case("A1", bureau.station, filed="2026-03-12")
    monkeypatch.setattr("cases.desk.changes.AT_ONCE", 0)

    page = text(browser.post("/limits/decide/version/", VERSION, follow=True))

    assert AT_ONCE > 0
    assert "正在预览：已看 0%" in page
    carry_changes_task()
    assert "预览：1 个时钟的届满日变动" in text(browser.get(f"/changes/{Change.objects.get().pk}/"))


def test_a_change_is_kept_when_the_queue_does_not_answer(
    bureau: Bureau, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError

    make_case("A1", bureau.station, filed="2026-03-12")
    browser.post("/limits/decide/version/", VERSION)
    monkeypatch.setattr(carry_changes_task, "delay", refuse)

    page = text(browser.post(f"/changes/{Change.objects.get().pk}/", {"act": "apply"}, follow=True))

    assert "后台没有应答；变更已记下" in page
    assert Change.objects.get().state == ChangeState.APPLYING


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"in_force_from": ""}, "这个字段是必填项"),
        ({"code": "decide"}, "代码“decide”已有时限使用"),
        ({"length": ""}, "没有长度"),
        ({"definition": YAML.replace("filed", "fild")}, "starts：没有“fild”这种节点，是不是“filed”"),
        ({"definition": "starts: [filed"}, "不合 YAML 的写法"),
        ({"definition": YAML + "length: 5\n"}, "length 请在上面填写，这里删去"),
        ({"definition": YAML + "stops: [closed]\n"}, "字段写了两遍"),
        ({"definition": "filed"}, "应为一组字段"),
        ({"definition": YAML + "custody: true\n"}, "限制人身自由的期限至期满之日为止"),
    ],
)
def test_a_version_is_refused_beside_its_field(browser: Client, changed: dict[str, str], told: str) -> None:
    page = text(browser.post("/limits/decide/version/", {**VERSION, **changed}), status=422)

    assert told in page
    assert not Change.objects.exists()


def test_a_draft_has_no_versions(browser: Client) -> None:
    assert browser.get("/limits/idea/version/").status_code == 404


# -- a year's notice ---------------------------------------------------------------------------------------------------


def test_a_year_is_loaded_by_form_after_a_look(bureau: Bureau, browser: Client) -> None:
    late = make_case("A1", bureau.station, filed="2026-03-12")
    Clock.objects.filter(matter=late).update(provisional=True)
    assert 'href="/calendar/2027/notice/?calendar=cn"' in text(browser.get("/calendar/2027/"))

    page = text(browser.post("/calendar/2027/notice/", NOTICE, follow=True))

    assert "没有届满日变动，1 个由暂定变为确定" in page
    assert "放假 10 天" in page and "2027-02-13（周六，春节）" in page
    assert not CalendarYear.objects.filter(year=2027).exists()
    browser.post(f"/changes/{Change.objects.get().pk}/", {"act": "apply"})
    carry_changes_task()
    assert "2027年：" in text(browser.get("/calendar/2027/"))
    assert Change.objects.get().state == ChangeState.APPLIED


@pytest.mark.parametrize("way", ["json", "file"])
def test_a_year_is_loaded_from_a_public_calendar(browser: Client, way: str) -> None:
    days = [{"name": "元旦", "date": f"2027-01-0{n}", "isOffDay": True} for n in range(1, 8)]
    told = json.dumps({"year": 2027, "papers": [], "days": days})
    sent: Any = told if way == "json" else SimpleUploadedFile("2027.json", told.encode())

    page = text(browser.post("/calendar/2027/notice/", {**NOTICE, "off": "", "worked": "", way: sent}, follow=True))

    assert "没有时钟会因此变动" in page
    assert len(Change.objects.get().payload["days"]) == 7


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"off": "元旦 2027-01-01"}, "全年只写了放假1天"),
        ({"worked": "春节 2027-02-15"}, "2027-02-15 是周一，本来就上班，请删去"),
        ({"off": "元旦 2027-01-32"}, "第1行：没有“2027-01-32”这一天"),
        ({"json": "{}"}, "日期请只用一种方式填写"),
        ({"off": "", "worked": "", "json": '{"year": 2026, "days": []}'}, "上面填的是2027年，JSON 里写的是2026年"),
        ({"off": "", "worked": "", "json": "{"}, "第1行不合 JSON 的写法"),
        ({"scope": "supplement"}, "2027年的放假安排还没有载入，不能先作补充"),
        ({"off": "", "worked": "", "file": SimpleUploadedFile("x.json", b"\xff\xfe")}, "文件应为 UTF-8 编码"),
    ],
)
def test_a_notice_is_refused_beside_its_field(browser: Client, changed: dict[str, Any], told: str) -> None:
    page = text(browser.post("/calendar/2027/notice/", {**NOTICE, **changed}), status=422)

    assert told in page
    assert not Change.objects.exists()


# -- who may, and what he sees -----------------------------------------------------------------------------------------


def test_who_may_not_change_the_law_reads_of_it_only(bureau: Bureau, desk: Opened, officer: Officer) -> None:
    change = preview_change(change=propose(kind=ChangeKind.LIMIT, payload=version(), by=None, at=NOW), at=NOW)
    browser = desk(officer)

    assert browser.get("/limits/decide/version/").status_code == 403
    assert browser.post("/calendar/2027/notice/", NOTICE).status_code == 403
    page = text(browser.get(f"/changes/{change.pk}/"))
    assert "实施这项变更" not in page and "起草新版本" not in text(browser.get("/limits/decide/"))
    assert "您没有这项权限" in text(browser.post(f"/changes/{change.pk}/", {"act": "apply"}, follow=True))
    change.refresh_from_db()
    assert change.state == ChangeState.PREVIEWED


def test_only_matters_one_may_see_are_named(bureau: Bureau, desk: Opened, officer: Officer) -> None:
    make_case("MINE", bureau.station, officer, filed="2026-03-12")
    make_case("THEIRS", bureau.other_station, filed="2026-03-12")
    change = preview_change(
        change=propose(kind=ChangeKind.LIMIT, payload=version(in_force_from="2026-03-01"), by=None, at=NOW), at=NOW
    )

    page = text(desk(officer).get(f"/changes/{change.pk}/"))

    assert ">MINE</a>" in page and "THEIRS" not in page
    assert f"unit={bureau.other_station.pk}" not in page


def test_a_restricted_matter_is_not_named(bureau: Bureau, browser: Client) -> None:
    make_case("SECRET", bureau.station, filed="2026-03-12", restricted=True)
    browser.post("/limits/decide/version/", VERSION)

    assert "SECRET" not in text(browser.get(f"/changes/{Change.objects.get().pk}/"))


def test_a_preview_that_is_out_of_date_says_so_and_cannot_be_applied(bureau: Bureau, browser: Client) -> None:
    make_case("A1", bureau.station, filed="2026-03-12")
    browser.post("/limits/decide/version/", VERSION)
    change = Change.objects.get()
    add_limit(code="new", name="新", kinds=["case"], starts=["filed"], length=3, unit="day", law="法")

    page = text(browser.get(f"/changes/{change.pk}/"))
    assert "请先重新预览，再实施" in page and "实施这项变更" not in page
    assert "请重新预览后再实施" in text(browser.post(f"/changes/{change.pk}/", {"act": "apply"}, follow=True))
    assert "实施这项变更" in text(browser.post(f"/changes/{change.pk}/", {"act": "look"}, follow=True))


def test_a_change_can_be_given_up(browser: Client) -> None:
    browser.post("/limits/decide/version/", VERSION)

    page = text(browser.post(f"/changes/{Change.objects.get().pk}/", {"act": "drop"}, follow=True))

    assert "已放弃这项变更，时限、日历和期限都没有改动" in page
    assert Change.objects.get().state == ChangeState.DROPPED


def test_what_a_change_moved_is_a_list(bureau: Bureau, browser: Client) -> None:
    make_case("MOVED", bureau.station, filed="2026-03-12")
    make_case("STAYED", bureau.station, filed="2026-03-02")
    browser.post("/limits/decide/version/", VERSION)
    change = Change.objects.get()
    apply_change(change=change, by=None, at=NOW)
    while carry_on(change=change, at=NOW):
        pass

    page = text(browser.get(f"/clocks/?change={change.pk}"))

    assert "MOVED" in page and "STAYED" not in page


def test_the_list_of_changes_asks_as_many_questions_for_three_as_for_one(
    bureau: Bureau, browser: Client, legal_officer: Officer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def more(count: int) -> None:
        for _ in range(count):
            propose(kind=ChangeKind.CALENDAR, payload=payload(), by=legal_officer, at=NOW)

    more(1)
    browser.get("/changes/")
    with django_assert_num_queries(8):
        browser.get("/changes/")
    more(2)
    with django_assert_num_queries(8):
        page = text(browser.get("/changes/"))
    assert page.count("工作日历日历：2027年放假安排") == 3


# -- care --------------------------------------------------------------------------------------------------------------


def test_the_calendar_reminds_of_the_next_year_and_leads_to_the_provisional_dates(
    bureau: Bureau, browser: Client, legal_officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "还没有 2027 年的放假安排" not in text(browser.get("/calendar/2026/"))
    make_case("A1", bureau.station, filed="2026-03-12")
    Clock.objects.update(provisional=True)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW.replace(month=11, day=2))
    # The session of April is long over.
    browser.force_login(legal_officer)

    page = text(browser.get("/calendar/2026/"))

    assert "工作日历日历还没有 2027 年的放假安排" in page
    assert '<a href="/clocks/?provisional=yes&state=open">1 个届满日</a>' in page
    assert "A1" in text(browser.get("/clocks/?provisional=yes&state=open"))


# -- a matter ----------------------------------------------------------------------------------------------------------


def test_an_entry_is_looked_at_before_it_is_saved(bureau: Bureau, browser: Client) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-12")
    entered = {"kind": "longer", "on": "2026-04-09", "approver": "head"}

    page = text(browser.post(f"/matters/{matter.pk}/events/", {**entered, "act": "look"}))

    assert "登记这个节点以后，1 个期限会有变化" in page
    assert "届满将变动" in page and "2026-05-11" in page
    assert matter.events.count() == 1
    assert 'value="2026-04-09"' in page


def test_a_striking_out_is_looked_at_before_it_is_saved(bureau: Bureau, browser: Client) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-12")
    event = matter.events.get()

    page = text(browser.post(f"/matters/{matter.pk}/events/{event.pk}/void/", {"act": "look", "reason": "误录"}))

    assert "作废“立案”以后，1 个期限会有变化" in page and "将作废，不再计算" in page
    assert 'value="误录"' in page
    assert matter.events.count() == 1


def test_an_event_is_corrected_from_its_page(bureau: Bureau, browser: Client) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-12 08:30")
    event = matter.events.get()
    page = text(browser.get(f"/matters/{matter.pk}/?correct={event.pk}"))
    assert "更正“立案”" in page and 'value="2026-03-12"' in page and 'value="08:30"' in page

    corrected = {"kind": "filed", "on": "2026-03-16", "at_time": "", "voids": event.pk}
    page = text(browser.post(f"/matters/{matter.pk}/events/", corrected, follow=True))

    assert "已更正为“立案”" in page
    assert matter.events.get(voids=event).occurred_at.date().isoformat() == "2026-03-15"
    again = text(browser.post(f"/matters/{matter.pk}/events/", corrected), status=422)
    assert "该节点已经作废或者更正过" in again


def test_an_event_of_another_matter_is_not_corrected(bureau: Bureau, browser: Client) -> None:
    matter, other = (make_case(number, bureau.station, filed="2026-03-12") for number in ("A1", "A2"))
    corrected = {"kind": "filed", "on": "2026-03-16", "voids": other.events.get().pk}

    assert "要更正的节点不在这件事项上" in text(browser.post(f"/matters/{matter.pk}/events/", corrected), status=422)


def test_a_look_is_refused_as_the_entry_would_be(bureau: Bureau, browser: Client) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-12")
    late = {"kind": "decided", "on": "2026-05-09", "act": "look"}

    assert "不能登记尚未发生的事" in text(browser.post(f"/matters/{matter.pk}/events/", late), status=422)
    record(matter, "decided", "2026-04-01", voids=matter.events.get())
    gone = matter.events.order_by("pk").first()
    assert gone is not None
    page = text(browser.post(f"/matters/{matter.pk}/events/{gone.pk}/void/", {"act": "look"}, follow=True))
    assert "不能作废：该节点已经作废或者更正过" in page


def test_the_law_is_not_changed_by_a_head_of_a_unit(bureau: Bureau, desk: Opened) -> None:
    head = make_officer("200001", bureau.station, Role.UNIT_HEAD)

    assert desk(head).get("/calendar/2027/notice/").status_code == 403
