"""The pages: one's own archive, another's after saying why, replies, corrections, and who looked."""

import re
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Officer
from supervision.alerts.services import sweep
from supervision.archives import pages
from supervision.archives.models import ArchiveEntry, ArchiveLook, ArchiveReply, Kind
from supervision.archives.services import correct, look_at_officer, look_at_unit, reply
from tests.cases.factories import record
from tests.supervision.archives.factories import NIGHT, browser, collected, decided, late_case, ordered, praised
from tests.supervision.returnvisits.factories import County

MINE = "/my-archive/"
SEARCH = "/archives/"
REASON = {"reason": "日常监督检查"}


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The pages take it for this moment."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NIGHT)
    return NIGHT


def of(whose: object) -> str:
    return f"/archives/{'officers' if isinstance(whose, Officer) else 'units'}/{whose.pk}/"  # type: ignore[attr-defined]


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


# -- one's own ---------------------------------------------------------------------------------------------------------


def test_an_officer_reads_his_own_without_a_reason_and_with_a_way_to_the_source(county: County) -> None:
    matter = late_case(county)
    collected()

    page = read(browser(county.officer), f"{MINE}?kind=red")

    assert "届满没有办结，预警转红" in page
    assert f'<a href="/matters/{matter.pk}/">A-1</a>' in page
    assert not ArchiveLook.objects.exists()


def test_each_kind_is_read_by_itself(county: County) -> None:
    late_case(county)
    praised(county)
    collected()
    client = browser(county.officer)

    assert "预警转红" not in read(client, f"{MINE}?kind=praise")
    assert "抓获现行" in read(client, f"{MINE}?kind=praise")
    assert "没有“整改”的记录" in read(client, MINE)
    assert "没有“整改”的记录" in read(client, f"{MINE}?kind=everything")


def test_the_officer_replies_and_it_stands_beside_the_entry(county: County) -> None:
    entry = praised(county)
    client = browser(county.officer)
    assert f"/my-archive/entries/{entry.pk}/reply/" in read(client, f"{MINE}?kind=praise")

    answer = client.post(f"/my-archive/entries/{entry.pk}/reply/", {"text": "是两人一起办的"})

    assert answer.headers["Location"] == f"{MINE}?kind=praise"
    assert "是两人一起办的" in read(client, f"{MINE}?kind=praise")
    assert ArchiveReply.objects.get().by == county.officer


def test_an_empty_reply_is_asked_for_again(county: County) -> None:
    entry = praised(county)

    assert browser(county.officer).post(f"/my-archive/entries/{entry.pk}/reply/", {"text": " "}).status_code == 422
    assert not ArchiveReply.objects.exists()


def test_the_officer_reads_who_looked_and_why(county: County) -> None:
    look_at_officer(officer=county.officer, reason="季度考评", by=county.legal, at=NIGHT)

    for address in (MINE, f"{MINE}looks/"):
        page = read(browser(county.officer), address)
        assert "季度考评" in page
        assert str(county.legal) in page
    assert "季度考评" not in read(browser(county.head), f"{MINE}looks/")


# -- another's ---------------------------------------------------------------------------------------------------------


def test_another_archive_is_shown_only_after_the_reason_is_on_record(county: County) -> None:
    praised(county)
    client = browser(county.legal)
    before = read(client, f"{of(county.officer)}?kind=praise")
    assert "为什么查阅" in before and "抓获现行" not in before

    answer = client.post(of(county.officer), REASON)

    look = ArchiveLook.objects.get()
    assert (look.by, look.officer, look.looked_at, look.reason) == (county.legal, county.officer, NIGHT, "日常监督检查")
    assert answer.status_code == 302
    page = read(client, f"{of(county.officer)}?kind=praise")
    assert "抓获现行" in page
    assert f"{county.officer}（{county.officer.police_number}）的档案" in page and "不列民警姓名" not in page


def test_the_look_is_on_record_though_the_page_fails(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(county.legal)
    client.raise_request_exception = False
    monkeypatch.setattr(pages, "told_in_full", None)

    answer = client.post(of(county.officer), REASON, follow=True)

    assert answer.status_code == 500
    assert ArchiveLook.objects.get().reason == "日常监督检查"


@pytest.mark.parametrize("reason", ["", "看看", "核查举报线索"])
def test_without_a_fit_reason_nothing_is_shown(county: County, reason: str) -> None:
    praised(county)

    answer = browser(county.inspector).post(of(county.officer), {"reason": reason})

    assert answer.status_code == 422
    assert "抓获现行" not in answer.content.decode()
    assert not ArchiveLook.objects.exists()


def test_after_half_an_hour_the_reason_is_asked_again(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(county.legal)
    client.post(of(county.officer), REASON)
    assert "为什么查阅" not in read(client, of(county.officer))

    monkeypatch.setattr("django.utils.timezone.now", lambda: NIGHT.replace(hour=3))

    # Signed in anew: the session has run out too.
    assert "为什么查阅" in read(browser(county.legal), of(county.officer))


def test_one_look_opens_one_archive_to_one_reader(county: County) -> None:
    browser(county.legal).post(of(county.officer), REASON)

    assert "为什么查阅" in read(browser(county.legal), of(county.head))
    assert "为什么查阅" in read(browser(county.second_legal), of(county.officer))
    assert "为什么查阅" in read(browser(county.legal), of(county.station))


def test_out_of_reach_there_is_no_such_archive(county: County) -> None:
    for viewer in (county.sibling_head, county.stranger):
        assert browser(viewer).get(of(county.officer)).status_code == 404
        assert browser(viewer).post(of(county.officer), REASON).status_code == 404
        assert browser(viewer).get(of(county.station)).status_code == 404
    for address in (of(county.head), of(county.station), SEARCH):
        assert browser(county.officer).get(address).status_code == 403
    assert not ArchiveLook.objects.exists()


def test_ones_own_number_leads_to_ones_own_page(county: County) -> None:
    assert browser(county.legal).get(of(county.legal)).headers["Location"] == MINE


def test_the_way_to_a_source_is_shown_only_to_who_may_see_it(county: County) -> None:
    late_case(county, "A-7731")
    collected()
    Officer.objects.filter(pk=county.officer.pk).update(unit=county.bureau.sibling)
    client = browser(county.sibling_head)
    client.post(of(county.officer), REASON)

    page = read(client, f"{of(county.officer)}?kind=red")

    assert "预警转红" in page
    assert "A-7731" not in page


def test_the_archive_of_a_unit_names_no_officer(county: County) -> None:
    entry = praised(county)
    ordered(county)
    collected()
    reply(entry=entry, text="是两人一起办的", by=county.officer, at=NIGHT)
    reply(entry=entry, text="单位另报嘉奖", by=county.head, at=NIGHT)
    client = browser(county.inspector)
    client.post(of(county.station), REASON)

    page = read(client, f"{of(county.station)}?kind=praise")

    assert "含下级单位，不列民警姓名" in page
    assert "当事民警" in page and "是两人一起办的" in page
    assert f"{county.head}（单位负责人）" in page
    assert str(county.officer) not in page
    assert str(county.officer) not in read(client, f"{of(county.station)}?kind=found")


def test_the_head_replies_for_his_unit_once_he_has_opened_its_archive(county: County) -> None:
    entry = praised(county, unit=county.station)
    client = browser(county.head)
    address = f"/my-archive/entries/{entry.pk}/reply/"
    assert client.get(address).headers["Location"] == of(county.station)

    client.post(of(county.station), {"reason": "本单位日常管理"})
    answer = client.post(address, {"text": "全所共同努力"})

    assert answer.headers["Location"] == f"{of(county.station)}?kind=praise"
    assert "全所共同努力" in read(client, f"{of(county.station)}?kind=praise")


# -- entering and correcting -------------------------------------------------------------------------------------------


def test_a_legal_officer_enters_praise_and_a_form_sent_twice_enters_it_once(county: County) -> None:
    client = browser(county.legal)
    client.post(of(county.officer), REASON)
    number = re.search(r'name="number" value="([^"]+)"', read(client, of(county.officer)))
    assert number is not None
    form = {"act": "praise", "on": "2026-03-10", "text": "处置规范", "article": "嘉奖令", "number": number[1]}

    answers = [client.post(of(county.officer), form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    entry = ArchiveEntry.objects.get()
    assert (entry.kind, entry.officer, entry.unit, entry.by) == (
        Kind.PRAISE, county.officer, county.station, county.legal,
    )  # fmt: skip


def test_praise_that_is_refused_says_why_and_keeps_what_was_written(county: County) -> None:
    client = browser(county.legal)
    client.post(of(county.officer), REASON)
    form = {"act": "praise", "on": "2026-03-12", "text": "处置规范", "number": "5f2b1a52-4a70-4bb5-9f0e-6a0d87f3a001"}

    answer = client.post(of(county.officer), form)

    assert answer.status_code == 422
    assert "还没有到" in answer.content.decode()
    assert "处置规范" in answer.content.decode()


def test_who_only_reads_enters_and_corrects_nothing(county: County) -> None:
    entry = praised(county)
    for viewer in (county.head, county.leader):
        client = browser(viewer)
        client.post(of(county.officer), REASON)
        assert "记入表扬" not in read(client, of(county.officer))
        form = {"act": "praise", "on": "2026-03-10", "text": "x", "number": "5f2b1a52-4a70-4bb5-9f0e-6a0d87f3a001"}
        assert client.post(of(county.officer), form).status_code == 403
        assert client.post(f"/archives/entries/{entry.pk}/correction/", {"text": "写错了"}).status_code == 403
    assert ArchiveEntry.objects.count() == 1


def test_a_correction_is_shown_with_what_it_corrects(county: County) -> None:
    entry = praised(county)
    client = browser(county.second_legal)
    client.post(of(county.officer), REASON)

    client.post(f"/archives/entries/{entry.pk}/correction/", {"text": "日期应为三月九日"})
    page = read(client, f"{of(county.officer)}?kind=praise")

    assert "抓获现行" in page and "已更正" in page and "日期应为三月九日" in page


def test_a_correction_of_a_correction_is_shown_there_too(county: County) -> None:
    entry = praised(county)
    first = correct(entry=entry, text="应为三月九日", by=county.legal, at=NIGHT)
    correct(entry=first, text="应为三月八日", by=county.legal, at=NIGHT)

    page = read(browser(county.officer), f"{MINE}?kind=praise")

    assert page.index("抓获现行") < page.index("应为三月九日") < page.index("应为三月八日")


def test_no_one_corrects_without_having_looked(county: County) -> None:
    entry = praised(county)

    answer = browser(county.second_legal).post(f"/archives/entries/{entry.pk}/correction/", {"text": "写错了"})

    assert answer.headers["Location"] == of(county.officer)
    assert ArchiveEntry.objects.count() == 1


# -- finding -----------------------------------------------------------------------------------------------------------


def test_the_search_lists_whom_the_post_opens_by_number_with_nothing_beside(county: County) -> None:
    late_case(county)
    collected()
    client = browser(county.legal)

    everybody, by_name = read(client, SEARCH), read(client, f"{SEARCH}?q={county.officer.name}")
    of_a_unit = read(client, f"{SEARCH}?unit={county.bureau.sibling.pk}")

    numbers = re.findall(r">(1000\d\d)</a>", everybody)
    assert numbers == sorted(numbers) and county.officer.police_number in numbers
    assert county.stranger.police_number not in numbers and county.legal.police_number not in numbers
    assert re.findall(r">(1000\d\d)</a>", by_name) == [county.officer.police_number]
    assert re.findall(r">(1000\d\d)</a>", of_a_unit) == [county.sibling_head.police_number]
    assert re.findall(r">(1000\d\d)</a>", read(client, f"{SEARCH}?unit=999999")) == []


def test_a_head_finds_his_people_and_his_unit(county: County) -> None:
    page = read(browser(county.head), SEARCH)

    assert re.findall(r">(1000\d\d)</a>", page) == [county.officer.police_number]
    assert set(re.findall(r"/archives/units/\d+/", page)) == {of(county.station)}


# -- no sum of a person ------------------------------------------------------------------------------------------------


def test_no_page_says_how_many_entries_there_are(county: County) -> None:
    """Twenty-three warnings: neither that number, nor that of a page, is said of the officer anywhere."""
    for number in range(23):
        late_case(county, f"A-{number}")
    collected()
    client = browser(county.legal)
    client.post(of(county.officer), REASON)
    pages_read = [
        read(client, address)
        for address in (SEARCH, of(county.officer), *(f"{of(county.officer)}?kind={kind}" for kind in Kind))
    ]
    own = read(browser(county.officer), f"{MINE}?kind=red")

    words = [re.sub(r"<[^>]+>", " ", page[page.index('class="desk"') :]) for page in (*pages_read, own)]

    assert not [page for page in words if re.search(r"(?<![\d-])(23|20)(?![\d-])|共\s*\d|合计|总计|得分|排名第", page)]


def test_a_page_asks_as_many_questions_for_three_entries_as_for_one(county: County) -> None:
    def asked(client: Client, address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    def one_more(number: int) -> None:
        matter = late_case(county, f"A-{number}")
        collected()
        entry = ArchiveEntry.objects.latest("pk")
        reply(entry=entry, text="已说明", by=county.officer, at=NIGHT)
        decided(matter, "2026-03-03", at="2026-03-10 18:00")
        sweep(at=NIGHT)
        collected()

    look_at_unit(unit=county.station, reason="日常监督检查", by=county.legal, at=NIGHT)
    look_at_officer(officer=county.officer, reason="日常监督检查", by=county.legal, at=NIGHT)
    readers = (
        (browser(county.officer), f"{MINE}?kind=red"),
        (browser(county.legal), f"{of(county.officer)}?kind=red"),
        (browser(county.legal), f"{of(county.station)}?kind=red"),
        (browser(county.legal), SEARCH),
        (browser(county.officer), f"{MINE}looks/"),
    )
    one_more(0)
    # The first answer to a new browser reads what later ones know.
    first = [(asked(*reader), asked(*reader))[1] for reader in readers]
    one_more(1)
    one_more(2)

    assert [asked(*reader) for reader in readers] == first


def test_a_long_archive_is_leafed_through_without_losing_an_entry(county: County) -> None:
    for number in range(23):
        late_case(county, f"A-{number:02}")
    collected()
    client = browser(county.officer)

    first = read(client, f"{MINE}?kind=red")
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward is not None
    second = read(client, MINE + onward[1].replace("&amp;", "&"))

    seen = re.findall(r">(A-\d\d)</a>", first + second)
    assert len(seen) == len(set(seen)) == 23


def test_a_closing_is_in_the_archive_of_who_closed(county: County) -> None:
    matter = late_case(county)
    record(matter, "closed", "2026-03-09")
    collected()

    assert "案件办结" in read(browser(county.officer), f"{MINE}?kind=closed")
