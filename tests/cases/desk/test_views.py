"""Lists and the page of a matter, through the pages."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases.models import Clock, Event, Handling, HandlingRole, Matter, MatterKind, Officer, Role
from tests.cases.desk.conftest import NOW, Opened
from tests.cases.factories import Bureau, clock_of, make_case, make_officer, moment, record


def text_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def body(page: str) -> str:
    """The page without the frame: what stands in the table or the empty note."""
    return page[page.index('<div class="desk">') :]


# -- who sees what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/matters/", "/clocks/?state=open", "/matters/new/", "/imports/", "/limits/"])
def test_nobody_sees_a_page_without_signing_in(desk: Opened, bureau: Bureau, address: str) -> None:
    answer = Client().get(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR])
@pytest.mark.parametrize("address", ["/matters/", "/clocks/", "/matters/find/?number=A", "/calculator/", "/imports/"])
def test_the_three_administrators_have_no_page_of_case_content(
    desk: Opened, bureau: Bureau, role: Role, address: str
) -> None:
    administrator = make_officer("900001", bureau.county, role)

    assert desk(administrator).get(address).status_code == 403


def test_a_list_holds_only_what_the_officer_may_see(
    desk: Opened, bureau: Bureau, officer: Officer, stranger: Officer, legal_officer: Officer
) -> None:
    make_case("OWN-1", bureau.station, officer, filed="2026-04-01")
    make_case("NEAR-1", bureau.sibling, stranger, filed="2026-04-01")
    make_case("FAR-1", bureau.other_station, None, filed="2026-04-01")

    mine, hers = text_of(desk(officer), "/matters/"), text_of(desk(legal_officer), "/clocks/?state=open")

    assert "OWN-1" in mine
    assert "NEAR-1" not in mine
    assert "FAR-1" not in mine
    assert "共 <b>1</b> 条" in mine
    assert "OWN-1" in hers
    assert "NEAR-1" in hers
    assert "FAR-1" not in hers
    assert "共 <b>2</b> 条" in hers


def test_a_restricted_matter_is_nowhere_but_with_its_handlers(
    desk: Opened, bureau: Bureau, officer: Officer, legal_officer: Officer
) -> None:
    letter = make_case("XF-1", bureau.station, None, filed="2026-04-08", kind="letter")
    clock = clock_of(letter, "answer")
    Handling.objects.create(matter=letter, officer=officer, role=HandlingRole.OFFICER, from_at=NOW)

    outside, inside = desk(legal_officer), desk(officer)

    for address in ("/matters/", "/clocks/?state=open", "/matters/?q=XF"):
        assert "XF-1" not in text_of(outside, address)
    assert "共 <b>0</b> 条" in text_of(outside, "/clocks/?state=open")
    assert outside.get(f"/matters/{letter.pk}/").status_code == 404
    assert outside.get(f"/clocks/{clock.pk}/").status_code == 404
    assert outside.get("/matters/find/?number=XF-1")["Location"] == "/matters/?q=XF-1"
    # Not even the kind and its limit are offered as a choice.
    assert "来信" not in text_of(outside, "/matters/")
    assert "答复来信" not in text_of(outside, "/clocks/?state=open")
    assert "XF-1" in text_of(inside, "/matters/")
    assert "答复来信" in text_of(inside, f"/matters/{letter.pk}/")


def test_a_matter_out_of_scope_is_not_found(desk: Opened, bureau: Bureau, stranger: Officer, officer: Officer) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-04-01")
    event = Event.objects.get(matter=matter)

    browser = desk(stranger)

    assert browser.get(f"/matters/{matter.pk}/").status_code == 404
    assert browser.post(f"/matters/{matter.pk}/events/", {"kind": "decided", "on": "2026-04-09"}).status_code == 404
    assert browser.post(f"/matters/{matter.pk}/events/{event.pk}/void/", {"reason": "x"}).status_code == 404
    assert Event.objects.count() == 1


def test_an_officer_without_the_permission_reads_but_does_not_write(desk: Opened, bureau: Bureau) -> None:
    leader = make_officer("100009", bureau.county, Role.LEADER)
    matter = make_case("A-1", bureau.station, None, filed="2026-04-01")

    browser = desk(leader)
    page = text_of(browser, f"/matters/{matter.pk}/")

    assert "登记节点" not in page
    assert "作废此节点" not in page
    assert browser.post(f"/matters/{matter.pk}/events/", {"kind": "decided", "on": "2026-04-09"}).status_code == 403
    assert browser.get("/matters/new/").status_code == 403


# -- lists -----------------------------------------------------------------------------------------------------------


def test_an_empty_list_says_why_and_what_would_fill_it(desk: Opened, officer: Officer) -> None:
    browser = desk(officer)

    assert "还没有您可以看到的事项" in text_of(browser, "/matters/")
    assert "期限会自动算出并在这里列出" in text_of(browser, "/clocks/?state=")
    assert "没有符合这些条件的事项" in text_of(browser, "/matters/?q=ZZ")


def test_a_wrong_condition_shows_no_rows_instead_of_all(desk: Opened, bureau: Bureau, officer: Officer) -> None:
    make_case("A-1", bureau.station, officer, filed="2026-04-01")

    page = text_of(desk(officer), "/matters/?unit=999999")

    assert "A-1" not in body(page)
    assert "筛选条件有误" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("due=expired", {"LATE"}),
        ("due=today", {"TODAY"}),
        ("due=week", {"TODAY", "SUNDAY"}),
        ("due=month", {"TODAY", "SUNDAY", "LATER"}),
        ("level=3", {"LATE"}),
        ("level=2", {"TODAY", "SUNDAY"}),
        ("level=0", {"LATER"}),
        ("due_on_after=2026-04-10&due_on_before=2026-04-10", {"TODAY"}),
        ("q=LA", {"LATE", "LATER"}),
        ("officer=100001", {"LATE", "TODAY"}),
        ("mine=1", {"LATE", "TODAY"}),
    ],
)
def test_filters_of_the_clock_list(desk: Opened, bureau: Bureau, officer: Officer, query: str, found: set[str]) -> None:
    head = make_officer("100005", bureau.station, Role.UNIT_HEAD)
    # 30 days after 10 March is Thursday 9 April; 11 March, today; the 12th falls on a Saturday and rolls to Monday.
    make_case("LATE", bureau.station, officer, filed="2026-03-10")
    make_case("TODAY", bureau.station, officer, filed="2026-03-11")
    make_case("LATER", bureau.station, None, filed="2026-04-01")
    sunday = make_case("SUNDAY", bureau.station, None, filed="2026-03-11")
    Clock.objects.filter(matter=sunday).update(due_on="2026-04-12", due_at=moment("2026-04-13"))

    page = body(text_of(desk(officer if "mine" in query else head), f"/clocks/?state=running&{query}"))

    assert set(re.findall(r">(LATE|TODAY|SUNDAY|LATER)</a>", page)) == found


def test_a_list_opens_on_what_is_to_be_done(desk: Opened, bureau: Bureau, officer: Officer) -> None:
    done = make_case("DONE", bureau.station, officer, filed="2026-03-10")
    record(done, "decided", "2026-03-20")
    make_case("OPEN", bureau.station, officer, filed="2026-04-01")

    page = desk(officer).get("/clocks/", follow=True).content.decode()

    assert "OPEN" in page
    assert "DONE" not in page


def test_pages_of_a_list_keep_its_filter(desk: Opened, bureau: Bureau, officer: Officer) -> None:
    for number in range(51):
        make_case(f"M{number:03}", bureau.station, officer)
    make_case("OTHER", bureau.station, officer)

    browser = desk(officer)
    first = text_of(browser, "/matters/?q=M0")
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link is not None
    second = text_of(browser, "/matters/" + link[1].replace("&amp;", "&"))

    assert "本页 50 条" in first
    assert "本页 1 条" in second
    assert "M050" in second
    assert "OTHER" not in second


@pytest.mark.parametrize(("address", "questions"), [("/matters/", 14), ("/clocks/?state=", 19)])
def test_a_list_asks_the_same_number_of_questions_for_one_row_and_for_thirty(
    desk: Opened,
    bureau: Bureau,
    legal_officer: Officer,
    officer: Officer,
    django_assert_num_queries: DjangoAssertNumQueries,
    address: str,
    questions: int,
) -> None:
    browser = desk(legal_officer)
    make_case("A-0", bureau.station, officer, filed="2026-04-01")
    # The first request of a minute also puts off the end of the session.
    browser.get(address)
    with django_assert_num_queries(questions):
        assert "A-0" in text_of(browser, address)

    for number in range(1, 30):
        make_case(f"A-{number}", bureau.station, officer, filed="2026-04-01")
    with django_assert_num_queries(questions):
        assert "A-29" in text_of(browser, address)


# -- finding by number -----------------------------------------------------------------------------------------------


def test_a_number_opens_its_matter_and_the_beginning_of_several_opens_the_list(
    desk: Opened, bureau: Bureau, officer: Officer
) -> None:
    one = make_case("治字〔2026〕1号", bureau.station, officer)
    make_case("治字〔2026〕12号", bureau.station, officer)

    browser = desk(officer)

    assert browser.get("/matters/find/", {"number": " 治字〔2026〕1号 "})["Location"] == f"/matters/{one.pk}/"
    assert browser.get("/matters/find/", {"number": "治字〔2026〕1"})["Location"].startswith("/matters/?q=")
    assert browser.get("/matters/find/", {"number": "治字〔2026〕12"})["Location"].endswith("/")
    assert browser.get("/matters/find/")["Location"] == "/matters/"


# -- the page of a matter --------------------------------------------------------------------------------------------


def test_the_page_says_first_what_runs_out_first(desk: Opened, bureau: Bureau, officer: Officer) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-14", title="张某殴打他人案")

    page = text_of(desk(officer), f"/matters/{matter.pk}/")

    # 30 days after 14 March 2026 is Monday 13 April.
    assert re.search(r"最先届满：<a [^>]+>作出决定</a>，2026-04-13", page)
    assert "剩 3 天" in page
    assert "张某殴打他人案" in page
    assert "<svg" in page
    assert "立案" in page


def test_an_event_is_recorded_and_the_page_tells_what_it_moved(desk: Opened, bureau: Bureau, officer: Officer) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-14")
    record(matter, "test_began", "2026-03-20")

    answer = desk(officer).post(
        f"/matters/{matter.pk}/events/",
        {"kind": "test_ended", "on": "2026-03-30", "at_time": "16:30", "document_number": "鉴字1号"},
        follow=True,
    )

    event = Event.objects.get(kind__code="test_ended")
    # Ten days of testing put 13 April off to the 23rd.
    assert "作出决定的届满改为 2026-04-23" in answer.content.decode()
    assert (event.occurred_at, event.day_only, event.by, event.document_number) == (
        moment("2026-03-30 16:30"),
        False,
        officer,
        "鉴字1号",
    )
    assert event.recorded_at == NOW


def test_an_event_without_a_time_of_day_is_a_day(desk: Opened, bureau: Bureau, officer: Officer) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-14")

    desk(officer).post(f"/matters/{matter.pk}/events/", {"kind": "decided", "on": "2026-04-09"})

    event = Event.objects.get(kind__code="decided")
    assert event.day_only
    assert event.occurred_at == moment("2026-04-09")


def test_an_extension_takes_its_approver_with_it(desk: Opened, bureau: Bureau, officer: Officer) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-14")

    page = desk(officer).post(
        f"/matters/{matter.pk}/events/", {"kind": "longer", "on": "2026-04-09", "approver": "head"}, follow=True
    )

    assert Event.objects.get(kind__code="longer").approver == "head"
    assert "县局负责人批准" in page.content.decode()
    assert f"{clock_of(matter).due_on}" == "2026-05-13"


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"kind": "decided", "on": "2026-04-11"}, "不能登记尚未发生的事"),
        ({"kind": "decided", "on": "2026-02-30"}, "输入一个有效的日期"),
        ({"kind": "nothing", "on": "2026-04-09"}, "选择一个有效的选项"),
        ({"on": "2026-04-09"}, "这个字段是必填项"),
    ],
)
def test_what_is_refused_is_said_and_nothing_entered_is_lost(
    desk: Opened, bureau: Bureau, officer: Officer, entered: dict[str, str], said: str
) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-14")

    answer = desk(officer).post(f"/matters/{matter.pk}/events/", {**entered, "note": "抄自案卷第三页"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "抄自案卷第三页" in page
    assert Event.objects.count() == 1


def test_an_event_is_struck_out_with_a_reason_and_stays_to_be_read(
    desk: Opened, bureau: Bureau, officer: Officer
) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-14")
    wrong = record(matter, "decided", "2026-03-20")

    page = desk(officer).post(
        f"/matters/{matter.pk}/events/{wrong.pk}/void/", {"reason": "录到了别的案件"}, follow=True
    )

    assert "已作废“作出决定”" in page.content.decode()
    assert "作废：录到了别的案件" in page.content.decode()
    assert Event.objects.get(voids=wrong).by == officer
    assert clock_of(matter).ended_at is None


def test_striking_out_needs_a_reason_and_happens_once(desk: Opened, bureau: Bureau, officer: Officer) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-14")
    wrong = record(matter, "decided", "2026-03-20")
    address = f"/matters/{matter.pk}/events/{wrong.pk}/void/"

    browser = desk(officer)
    without = browser.post(address, {"reason": "  "}, follow=True).content.decode()
    browser.post(address, {"reason": "录错"})
    again = browser.post(address, {"reason": "录错"}, follow=True).content.decode()

    assert "必须写明作废理由" in without
    assert "已经作废或者更正过" in again
    assert Event.objects.filter(voids=wrong).count() == 1


def test_a_fault_is_shown_at_the_event_it_is_about(desk: Opened, bureau: Bureau, officer: Officer) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-14")
    record(matter, "longer", "2026-04-01", approver="deputy")

    page = text_of(desk(officer), f"/matters/{matter.pk}/")

    assert "批准层级“副职”不够" in page


def test_somebody_is_made_responsible_by_his_police_number(
    desk: Opened, bureau: Bureau, legal_officer: Officer, officer: Officer
) -> None:
    matter = make_case("A-1", bureau.station, None, filed="2026-03-14")
    browser = desk(legal_officer)

    page = browser.post(
        f"/matters/{matter.pk}/handlers/", {"police_number": "100001", "role": "legal"}, follow=True
    ).content.decode()
    unknown = browser.post(
        f"/matters/{matter.pk}/handlers/", {"police_number": "777777", "role": "legal"}, follow=True
    ).content.decode()

    assert "民警100001（法制民警）" in page
    assert "没有警号为“777777”的在用民警" in unknown
    assert Handling.objects.get(matter=matter, role=HandlingRole.LEGAL).officer == officer
    assert desk(officer).post(f"/matters/{matter.pk}/handlers/", {}).status_code == 403


def test_the_page_asks_the_same_number_of_questions_however_long_the_story(
    desk: Opened, bureau: Bureau, officer: Officer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    short, long = make_case("A-1", bureau.station, officer), make_case("A-2", bureau.station, officer)
    record(short, "filed", "2026-03-14", by=officer)
    record(long, "filed", "2026-03-14", by=officer)
    for number in range(15):
        began = record(long, "test_began", f"2026-03-{15 + number}", by=officer)
        record(long, "test_began", f"2026-03-{15 + number}", by=officer, voids=began)
    browser = desk(officer)
    browser.get("/matters/")

    with django_assert_num_queries(15):
        text_of(browser, f"/matters/{short.pk}/")
    with django_assert_num_queries(15):
        text_of(browser, f"/matters/{long.pk}/")


# -- a new matter ----------------------------------------------------------------------------------------------------


def test_a_matter_is_entered_by_hand(desk: Opened, bureau: Bureau, legal_officer: Officer, officer: Officer) -> None:
    entered = {"kind": str(_kind("case")), "number": " N-1 ", "unit": str(bureau.station.pk), "officer": "100001"}

    answer = desk(legal_officer).post("/matters/new/", entered)

    matter = Matter.objects.get(number="N-1")
    assert answer["Location"] == f"/matters/{matter.pk}/"
    assert (matter.unit, matter.officer, matter.county_id) == (bureau.station, officer, bureau.county.pk)


def test_a_number_in_use_and_a_unit_out_of_scope_are_refused(
    desk: Opened, bureau: Bureau, legal_officer: Officer
) -> None:
    make_case("N-1", bureau.station)
    browser = desk(legal_officer)
    entered = {"kind": str(_kind("case")), "number": "N-1", "unit": str(bureau.station.pk)}

    taken = browser.post("/matters/new/", entered).content.decode()
    outside = browser.post("/matters/new/", {**entered, "number": "N-2", "unit": str(bureau.other_station.pk)})

    assert "编号“N-1”已有同类事项" in taken
    assert "选择一个有效的选项" in outside.content.decode()
    assert Matter.objects.count() == 1


def _kind(code: str) -> int:
    return MatterKind.objects.get(code=code).pk
