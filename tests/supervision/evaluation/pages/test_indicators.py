"""What is measured, on pages: words, versions, and an indicator of one's own made by form without a line of code."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Officer, Role, UnitKind, UnitLevel
from cases.services import add_unit
from supervision.evaluation.models import Indicator
from supervision.evaluation.sources import SOURCES
from supervision.rectification.models import Problem
from tests.cases.factories import Bureau, make_case, make_officer, record
from tests.supervision.evaluation.factories import house_indicator
from tests.supervision.evaluation.pages.conftest import Opened

ENTERED: dict[str, Any] = {
    "name": "当期立案已结比率",
    "better": "up",
    "minimum": "1",
    "in_force_from": "2026-04-02",
    "denominator_words": "当期立案",
    "numerator_words": "其中已结案",
    "basis": "本局规定",
    "at": "opened",
    "of_kind": ["case"],
    "in_closed": "yes",
}
NEW = "/indicators/new/?source=matters"


@pytest.fixture
def client(desk: Opened, legal_officer: Officer) -> Client:
    return desk(legal_officer)


def entered(bureau: Bureau, **changed: Any) -> dict[str, Any]:
    return {**ENTERED, "unit": bureau.county.pk, **changed}


# -- the list ------------------------------------------------------------------------------------------------------------


def test_the_list_says_what_each_is_and_what_may_not_be_measured(client: Client, bureau: Bureau) -> None:
    house_indicator(name="结案率", group="four", basis="本局规定第一条")

    page = client.get("/indicators/").content.decode()

    assert "结案率" in page and "其中已结案" in page and "当期立案" in page and "本局规定第一条" in page
    assert "不得设置：发案数、破案率、罚没款数额、拘留等强制措施数、退查率" in page and "公通字〔2015〕32号" in page


def test_what_is_to_come_and_what_is_measured_no_more_can_be_found_again(client: Client, bureau: Bureau) -> None:
    house_indicator()
    client.post(NEW, entered(bureau, act="save", name="下月的指标", in_force_from="2026-05-01"))
    client.post(NEW, entered(bureau, act="save", name="不再要的指标"))
    ended = Indicator.objects.get(name="不再要的指标")
    client.post(f"/indicators/{ended.pk}/", {"act": "end", "end-until": "2026-04-02"})
    coming = Indicator.objects.get(name="下月的指标")

    listed = client.get("/indicators/").content.decode().partition("将要施行的、已经停用的")[2]

    assert "下月的指标" in listed and "不再要的指标" in listed and "结案率" not in listed
    page = client.get(f"/indicators/{coming.pk}/").content.decode()
    assert "这一版还没有施行" in page and "看数据" not in page
    assert "这一版已经失效" in client.get(f"/indicators/{ended.pk}/").content.decode()


def test_a_version_that_another_followed_is_found_on_its_page_and_not_in_the_list(
    client: Client, bureau: Bureau
) -> None:
    first = house_indicator()
    house_indicator(version=2, since=date(2026, 3, 1), name="结案率新版")

    listed = client.get("/indicators/").content.decode()

    assert "结案率新版" in listed and "将要施行的、已经停用的" not in listed
    assert (
        f'href="/indicators/{first.pk}/">第 1 版</a>'
        in client.get(f"/indicators/{Indicator.objects.get(version=2).pk}/").content.decode()
    )


def test_one_of_the_county_next_door_is_not_shown(client: Client, bureau: Bureau, desk: Opened) -> None:
    neighbour = make_officer("300001", bureau.other_county, Role.LEGAL_OFFICER)
    theirs = house_indicator("own_Y_1", name="邻县的结案率", unit=bureau.other_county, by=neighbour)

    assert "邻县的结案率" not in client.get("/indicators/").content.decode()
    assert client.get(f"/indicators/{theirs.pk}/").status_code == 404
    assert "邻县的结案率" in desk(neighbour).get("/indicators/").content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_everybody_with_cases_reads_them_and_legal_officers_make_them(bureau: Bureau, desk: Opened, role: Role) -> None:
    row = house_indicator()
    browser = desk(make_officer("200001", bureau.county, role))
    reads = role not in Role.administrators()

    assert (
        browser.get("/indicators/").status_code
        == browser.get(f"/indicators/{row.pk}/").status_code
        == (200 if reads else 403)
    )
    assert browser.get(NEW).status_code == (200 if role == Role.LEGAL_OFFICER else 403)
    answer = browser.post(f"/indicators/{row.pk}/", {"act": "revise", "revise-unit": bureau.county.pk})
    assert answer.status_code == (422 if role == Role.LEGAL_OFFICER else 200 if reads else 403)
    assert Indicator.objects.count() == 1


@pytest.mark.parametrize("more", [1, 3])
def test_the_pages_ask_a_fixed_number_of_questions_whatever_the_indicators_and_units(
    client: Client, bureau: Bureau, more: int
) -> None:
    for number in range(more):
        house_indicator(f"closing{number}", name=f"结案率{number}")
        add_unit(
            code=f"N{number}",
            name=f"新{number}所",
            level=UnitLevel.STATION,
            kind=UnitKind.STATION,
            parent=bureau.county,
        )
    row = house_indicator()
    for version in range(2, more + 2):
        house_indicator(version=version)
    asked = {}

    for page in ("/indicators/", f"/indicators/{row.pk}/", "/indicators/new/", NEW):
        client.get(page)
        with CaptureQueriesContext(connection) as met:
            assert client.get(page).status_code == 200
        asked[page] = len(met)
    with CaptureQueriesContext(connection) as met:
        assert "新0所" in client.post(NEW, entered(bureau, act="look")).content.decode()

    assert list(asked.values()) == [11, 13, 4, 11]
    assert len(met) == 18


# -- made by form ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_has_its_form(client: Client, source: str) -> None:
    Problem.objects.get_or_create(code="slip", defaults={"name": "笔误", "fault": "文书", "article": "第一条"})

    page = client.get(f"/indicators/new/?source={source}").content.decode()

    assert all(f'name="of_{name}"' in page and f'name="in_{name}"' in page for name in SOURCES[source].conditions)


def test_first_the_source_is_chosen(client: Client) -> None:
    page = client.get("/indicators/new/?source=crimes").content.decode()

    assert "先选数什么" in page and "法定期限" in page


def test_its_numbers_are_shown_before_it_is_saved(client: Client, bureau: Bureau) -> None:
    for number in ("A1", "A2"):
        make_case(number, bureau.station, filed="2026-03-02")
    record(bureau.station.matters.get(number="A1"), "closed", "2026-03-09")

    page = client.post(NEW, entered(bureau, act="look")).content.decode()

    assert "2026年3月的数字" in page and "50.00%" in page and "保存并施行" in page
    assert "案件、警情等事项，计入时刻：发生（受案、立案、接报），已经办结；事项种类：案件" in page
    assert not Indicator.objects.exists()


def test_unless_another_day_is_entered_it_holds_from_the_next_month_on(client: Client, bureau: Bureau) -> None:
    """Figures of a month are made by what was in force when it began, so one of today would not be seen this month."""
    house = house_indicator()

    for page in (NEW, f"/indicators/{house.pk}/"):
        told = client.get(page).content.decode()
        assert 'value="2026-05-01"' in told and "施行日以后开始的统计期才统计；以前的数字不变" in told


def test_what_was_ticked_stays_ticked(client: Client, bureau: Bureau) -> None:
    page = client.post(NEW, entered(bureau, act="look")).content.decode()

    assert '<input type="checkbox" name="of_kind" value="case" checked> ' in page
    assert '<input type="checkbox" name="in_kind" value="case"> ' in page


def test_saved_it_holds_and_counts(client: Client, bureau: Bureau) -> None:
    answer = client.post(NEW, entered(bureau, act="save"), follow=True)

    made = Indicator.objects.get()
    assert (made.name, made.unit, made.basis, made.minimum) == ("当期立案已结比率", bureau.county, "本局规定", 1)
    assert made.period_words == "按发生（受案、立案、接报）计入当月"
    assert "已制定“当期立案已结比率”，2026-04-02 起施行。" in answer.content.decode()
    make_case("A1", bureau.station, filed="2026-04-02 08:00")
    page = client.get(f"/figures/{made.code}/?unit={bureau.county.pk}&period=2026-05").content.decode()
    assert "县局 2026年5月：—" in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"name": "破案率"},
            "不能设置“破案率”一类的指标。依据：公安部《关于改革完善受案立案制度的意见》（公通字〔2015〕32号）",
        ),
        ({"name": "行政拘留数"}, "不能设置“拘留等强制措施数”一类的指标"),
        ({"in_closed": "", "of_kind": [], "better": "down"}, "不能设置“发案数”一类的指标"),
        ({"in_closed": "", "better": "none"}, "分子与分母相同"),
    ],
)
@pytest.mark.parametrize("act", ["look", "save"])
def test_what_may_not_be_is_refused_at_the_preview_and_at_saving(
    client: Client, bureau: Bureau, changed: dict[str, Any], sentence: str, act: str
) -> None:
    answer = client.post(NEW, entered(bureau, act=act, **changed))

    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not Indicator.objects.exists()


def test_a_bureau_that_is_not_his_is_no_choice(client: Client, bureau: Bureau) -> None:
    answer = client.post(NEW, entered(bureau, act="save", unit=bureau.other_county.pk))

    assert answer.status_code == 422 and not Indicator.objects.exists()


def test_few_complaints_of_ones_own_county_are_not_told_by_a_preview(client: Client, bureau: Bureau) -> None:
    asked = {
        **{name: ENTERED[name] for name in ("better", "minimum", "in_force_from", "basis", "denominator_words", "numerator_words")},
        "name": "涉企投诉占比", "unit": bureau.county.pk, "at": "received", "in_enterprise": "yes", "act": "look",
    }  # fmt: skip

    page = client.post("/indicators/new/?source=complaints", asked).content.decode()

    assert "少于5，不单列" in page


# -- versions --------------------------------------------------------------------------------------------------------------


def revised(bureau: Bureau, **changed: Any) -> dict[str, Any]:
    told = {
        "unit": bureau.county.pk, "in_force_from": "2026-05-01", "minimum": "3", "name": "结案率",
        "denominator_words": "当期立案", "numerator_words": "其中已结案", "basis": "", **changed,
    }  # fmt: skip
    return {"act": "revise", **{f"revise-{name}": value for name, value in told.items()}}


def test_a_bureau_makes_its_own_version_of_one_of_the_house(client: Client, bureau: Bureau) -> None:
    house = house_indicator()

    answer = client.post(f"/indicators/{house.pk}/", revised(bureau), follow=True)

    ours = Indicator.objects.get(unit=bureau.county)
    page = answer.content.decode()
    assert (ours.code, ours.version, ours.minimum) == ("closing", 2, 3)
    assert "已发布第 2 版，2026-05-01 起施行。" in page and "第 1 版</a>：2025-01-01 起施行，最小分母 1" in page


def test_an_own_one_is_ended_by_form_and_one_of_the_house_is_not(client: Client, bureau: Bureau) -> None:
    house = house_indicator()
    client.post(NEW, entered(bureau, act="save"))
    own = Indicator.objects.get(unit=bureau.county)

    client.post(f"/indicators/{house.pk}/", {"act": "end", "end-until": "2026-05-01"})
    answer = client.post(f"/indicators/{own.pk}/", {"act": "end", "end-until": "2026-05-01"}, follow=True)

    own.refresh_from_db()
    house.refresh_from_db()
    assert (f"{own.in_force_until}", house.in_force_until) == ("2026-05-01", None)
    assert "已停用，2026-05-01 起不再统计。" in answer.content.decode()


def test_a_refusal_says_why_and_keeps_what_was_entered(client: Client, bureau: Bureau) -> None:
    house = house_indicator()

    answer = client.post(f"/indicators/{house.pk}/", revised(bureau, in_force_from="2026-04-01", name="换个说法"))

    page = answer.content.decode()
    assert answer.status_code == 422 and "没有办成：施行日不能早于今天" in page and 'value="换个说法"' in page
