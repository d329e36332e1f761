"""The product speaks Chinese: the catalogue is whole, and no page shows a word its libraries left in English."""

import re
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone, translation

from cases.models import Batch, BatchState, Handling, HandlingRole, Officer, Role
from cases.roles import plan_roles
from config.management.commands.build_locale import CATALOGUE, LIBRARIES, build, said_by
from supervision.alerts.services import sweep
from supervision.bulletins.services import add_recipient, compose_monthly, issue
from supervision.followup.models import EntryRule, OutlineTemplate
from supervision.followup.services import add_item
from supervision.followup.services import enter as follow_up
from supervision.proceedings.models import Dispute, Review, Transfer
from supervision.rectification.models import Problem
from supervision.rectification.services import issue_order
from supervision.returnvisits.models import Basis, Visit
from supervision.returnvisits.models import Channel as VisitChannel
from supervision.returnvisits.queries import Scope
from supervision.returnvisits.services import draw_round, record_answer
from tests.cases.factories import make_bureau, make_case, make_catalogue, make_officer, record

PASSWORD = "liangzhu-jade-5300"


# -- the catalogue ---------------------------------------------------------------------------------------------------


def test_every_word_of_the_libraries_has_its_chinese_and_is_compiled() -> None:
    assert build(CATALOGUE, write=False) == []


def test_the_compiled_catalogue_says_what_the_written_one_says() -> None:
    written = {(e.msgctxt, e.msgid): e.msgstr or e.msgstr_plural for e in polib.pofile(str(CATALOGUE))}
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))

    assert {(e.msgctxt, e.msgid): e.msgstr or e.msgstr_plural for e in compiled} == written


def test_placeholders_survive_translation() -> None:
    def marks(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)s|%s|\{\w*\}", text))

    wrong = [
        entry.msgid
        for entry in polib.pofile(str(CATALOGUE))
        for said in (entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr])
        if marks(said) != marks(entry.msgid)
    ]

    assert wrong == []


def test_words_of_the_theme_and_of_the_filters_come_out_in_chinese() -> None:
    with translation.override("zh-hans"):
        said = [translation.gettext(word) for word in ("Reset filters", "Failed Logins", "is greater than")]

    assert said == ["清除筛选", "失败次数", "大于"]


def test_the_language_is_one_that_django_has() -> None:
    # Under zh-cn Django itself would fall back to English.
    assert settings.LANGUAGE_CODE == "zh-hans"


# -- the pages -------------------------------------------------------------------------------------------------------


class _Words(HTMLParser):
    """What a reader of a page meets: its texts, and what pointers, screen readers and empty inputs say."""

    SILENT = frozenset({"script", "style", "textarea", "iframe", "option-code"})
    VOID = frozenset(
        {"input", "img", "br", "hr", "meta", "link", "source", "col", "wbr", "path", "rect", "line", "circle"}
    )

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.links: list[str] = []
        self._open: list[bool] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.found += [known[name] for name in ("title", "placeholder", "aria-label", "alt") if known.get(name)]
        if tag == "input" and known.get("type") in ("submit", "button"):
            self.found.append(known.get("value", ""))
        if tag == "a" and "href" in known:
            self.links.append(known["href"])
        if tag not in self.VOID:
            # An icon is a word of its font; no one reads it.
            self._open.append(tag in self.SILENT or "material-symbols-outlined" in known.get("class", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and not any(self._open):
            self.found.append(text)


@cache
def known_english() -> set[str]:
    """What the libraries would say if nobody had translated it."""
    return {
        " ".join(said.split())
        for library in LIBRARIES
        for words in said_by(library)
        for said in (words.text, words.plural)
        if re.search("[A-Za-z]{2}", said) and "%" not in said and "{" not in said
    }


# Three words of English in a row are a sentence somebody forgot; a code or a file name is not three words.
SENTENCE = re.compile(r"\b[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}\b")


def english_in(page: str, known: set[str]) -> list[str]:
    return [text for text in _Words(page).found if text in known or SENTENCE.search(text)]


@pytest.fixture
def house(db: None) -> Officer:
    """A house with something on every page, and the account that may open them all."""
    bureau = make_bureau()
    make_catalogue()
    plan_roles()
    call_command("plan_timetable", verbosity=0)
    officer = make_officer("100001", bureau.station, Role.CASE_OFFICER)
    now = timezone.now()
    day = timezone.localdate(now)
    filed = f"{day - timedelta(days=40)}"
    late = make_case("A-1", bureau.station, officer, filed=filed)
    record(late, "test_began", f"{day - timedelta(days=30)}")
    record(late, "test_ended", f"{day - timedelta(days=28)}")
    record(late, "longer", f"{day - timedelta(days=20)}", approver="deputy")
    letter = make_case("XF-1", bureau.station, officer, filed=filed, kind="letter")
    Handling.objects.create(matter=letter, officer=officer, role=HandlingRole.OFFICER, from_at=now)
    batch = Batch.objects.create(
        file_name="a.csv", digest="0", mapping="表", source="来源", by=officer, started_at=now, finished_at=now,
        state=BatchState.LOADED, rows_refused=1,
    )  # fmt: skip
    batch.refusals.create(row=2, column="时间", reason="不是时间", content={"时间": "昨天"})
    sweep(at=now)
    Problem.objects.create(code="late", name="超期", fault="期限", article="第一条", workdays=3)
    for number, unit in enumerate((bureau.station, bureau.county)):
        issue_order(
            source="supervisor", source_number=f"S-{number}", problem="late", unit=unit, officer=None, matter=late,
            text="超期未决定", by=None, at=now,
        )  # fmt: skip
    followed = follow_up(matter=late, reason="久侦未结", by=officer, at=now)
    add_item(case=followed, title="查流水", due_on=day + timedelta(days=3), officer=None, by=officer, at=now)
    OutlineTemplate.objects.create(code="own", name="提纲")
    # The kinds of matter are of no account to what a page says of a row.
    for detail in (
        Dispute(sort="debt", risk="high", channel="visit"),
        Review(track="suit", body="法院", act="处罚决定"),
        Transfer(direction="in", agency="市场监督管理局", documents="移送书"),
    ):
        detail.matter = make_case(f"P-{detail._meta.model_name}", bureau.station, officer, filed=filed)
        detail.save(force_insert=True)
    EntryRule.objects.create(code="media", name="媒体", told_as="关注", condition={"facts": {"media": [True]}})
    drawn = draw_round(
        title="回访", scope=Scope(bureau.county, ("case",), Basis.OPENED, day - timedelta(days=60), day - timedelta(days=1)),
        per_unit=1, reply_until=day + timedelta(days=9), callers=(), by=officer, at=now,
    )  # fmt: skip
    asked = Visit.objects.select_related("round", "matter").get(round=drawn)
    record_answer(visit=asked, channel=VisitChannel.SLIP, grade=3, text="慢", by=None, at=now)
    add_recipient(unit=bureau.county, name="李局", address="li@example.cn", at=now)
    last_month = day.replace(day=1) - timedelta(days=1)
    issue(bulletin=compose_monthly(unit=bureau.county, month=last_month, at=now), by=None, at=now)
    compose_monthly(unit=bureau.county, month=last_month.replace(day=1) - timedelta(days=1), at=now)
    root = Officer.objects.create_superuser("root", "建站账号", bureau.county, PASSWORD)
    for role in Role:
        make_officer(f"20{list(Role).index(role):04}", bureau.county, role)
    return root


def crawl(client: Client, *also: str, start: str = "/") -> Iterator[tuple[str, str]]:
    """Every kind of page one can come to by links, once: (address, page)."""
    waiting, met = deque([start, "/password_change/", *also]), set()
    while waiting:
        address = waiting.popleft()
        parts = urlsplit(address)
        kind = re.sub(r"\d+", "#", parts.path), tuple(sorted(name for name, _ in parse_qsl(parts.query)))
        if kind in met or parts.netloc or parts.scheme or "csv" in parts.path or "json" in parts.query:
            continue
        met.add(kind)
        answer = client.get(address)
        if answer.status_code in (301, 302):
            waiting.append(urljoin(address, answer["Location"]))
            continue
        assert answer.status_code == 200, address
        if not answer["Content-Type"].startswith("text/html"):
            continue
        page = answer.content.decode()
        yield address, page
        waiting.extend(urljoin(address, link) for link in _Words(page).links if not link.startswith("#"))


def test_no_page_shows_an_english_word_of_its_libraries(house: Officer) -> None:
    client, known = Client(), known_english()
    client.post("/login/", {"username": "root", "password": PASSWORD})
    telling, met = [], set()

    for address, page in crawl(client, "/cases/", "/alerts/alertstep/", "/cases/feedback/", "/cases/batch/"):
        met.add(urlsplit(address).path)
        telling += [f"{address}: {text}" for text in english_in(page, known)]

    assert telling == []
    # The crawl came everywhere.
    assert {
        "/",
        "/matters/",
        "/clocks/",
        "/alerts/",
        "/orders/",
        "/orders/new/",
        "/calculator/",
        "/imports/",
        "/limits/",
    } <= met
    assert {"/cases/unit/", "/cases/unit/add/", "/cases/officer/add/", "/cases/post/add/", "/auth/group/"} <= met
    assert {"/followup/", "/followup/cases/", "/followup/handover/", "/followup/entryrule/"} <= met
    assert {"/followup/outlinetemplate/add/", "/followup/followstep/"} <= met
    assert {"/proceedings/", "/proceedings/figures/", "/proceedings/new/review/", "/proceedings/proceedingstep/"} <= met
    assert {"/return-visits/", "/return-visits/new/", "/return-visits/visits/", "/return-visits/checks/"} <= met
    assert {"/return-visits/replies/", "/returnvisits/visitstep/"} <= met
    assert {"/circulars/", "/circulars/new/", "/bulletins/bulletinplan/", "/bulletins/letterhead/"} <= met
    assert {"/bulletins/bulletinstep/", "/bulletins/letter/", "/axes/accesslog/", "/admin/logentry/"} <= met
    assert len(met) > 60


# One of each set of permissions.
@pytest.mark.parametrize(
    "role",
    [Role.CASE_OFFICER, Role.LEGAL_OFFICER, Role.LEADER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR],
)
def test_every_link_a_role_is_shown_opens_and_is_chinese(house: Officer, role: Role) -> None:
    client, known = Client(), known_english()
    client.force_login(Officer.objects.get(police_number=f"20{list(Role).index(role):04}"))

    telling = [f"{address}: {text}" for address, page in crawl(client) for text in english_in(page, known)]

    assert telling == []


@pytest.mark.parametrize(
    ("address", "entered"),
    [
        ("/login/", {"username": "root", "password": "wrong"}),
        ("/cases/unit/add/", {}),
        ("/cases/officer/add/", {"police_number": "root", "name": "", "password": "1"}),
        ("/cases/post/add/", {"from_on": "2026-02-30"}),
        ("/auth/group/add/", {}),
        ("/password_change/", {"old_password": "x", "new_password1": "1", "new_password2": "2"}),
        ("/bulletins/recipient/add/", {"address": "nowhere"}),
        ("/django_celery_beat/crontabschedule/add/", {"minute": "99"}),
        ("/matters/new/", {}),
        ("/orders/new/", {"workdays": "0", "unit": "x"}),
        ("/followup/entryrule/add/", {"condition": "{"}),
        ("/followup/outlinetemplate/add/", {}),
        ("/followup/handover/?officer=100001", {}),
        ("/proceedings/new/dispute/", {}),
        ("/proceedings/new/review/", {"track": "x"}),
        ("/proceedings/new/transfer/", {"day": "2026-02-30"}),
        ("/proceedings/figures/?unit=x&first_on=y", {}),
        ("/imports/", {}),
        ("/return-visits/new/", {"per_unit": "x", "from_on": "x"}),
        ("/return-visits/replies/", {}),
        ("/rate/", {"k": "0"}),
    ],
)
def test_no_refusal_is_english(house: Officer, address: str, entered: dict[str, str]) -> None:
    client = Client()
    if address != "/login/":
        client.force_login(house)

    page = client.post(address, entered).content.decode()

    assert english_in(page, known_english()) == []


@pytest.mark.parametrize("address", ["/login/", "/nothing/here", "/matters/999999/"])
def test_pages_beside_the_way_are_chinese(house: Officer, address: str) -> None:
    client = Client(raise_request_exception=False)
    if address != "/login/":
        client.force_login(house)

    page = client.get(address).content.decode()

    assert re.search("[\u4e00-\u9fff]{4}", page)
    assert english_in(page, known_english()) == []


def test_a_page_that_is_not_for_one_says_so_in_chinese(house: Officer) -> None:
    client = Client()
    client.force_login(Officer.objects.get(police_number="100001"))

    answer = client.get("/imports/")

    assert answer.status_code == 403
    assert "这个页面不对您的角色开放" in answer.content.decode()


def test_a_form_sent_from_a_stale_page_is_told_so_in_chinese(house: Officer) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(house)

    answer = client.post("/matters/new/", {})

    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


def test_signing_out_ends_in_chinese(house: Officer) -> None:
    client = Client()
    client.force_login(house)

    page = client.post("/logout/").content.decode()

    assert english_in(page, known_english()) == []


def test_the_check_itself_notices_english() -> None:
    known = known_english()

    assert english_in("<p>Reset filters</p>", known) == ["Reset filters"]
    assert english_in('<input placeholder="Type to search">', known) == ["Type to search"]
    assert english_in("<p>somebody forgot this</p>", known) == ["somebody forgot this"]
    assert english_in('<span class="material-symbols-outlined">filter_list</span><p>筛选</p>', known) == []
