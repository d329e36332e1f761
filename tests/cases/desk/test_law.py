"""The catalogue and the calendar as people read them."""

from datetime import date

import pytest

from cases.models import CalendarYear, DayOff, Limit, Officer, WorkCalendar
from tests.cases.desk.conftest import Opened
from tests.cases.factories import add_limit


def text_of(desk: Opened, officer: Officer, address: str) -> str:
    answer = desk(officer).get(address, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(page: str) -> set[str]:
    return {
        name for name in ("作出决定", "离区", "答复来信", "设想", "旧决定", "新决定") if f">{name}</a></td>" in page
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"作出决定", "离区", "答复来信", "设想", "旧决定", "新决定"}),
        ("q=第二条", {"离区"}),
        ("q=deci", {"作出决定"}),
        ("status=draft", {"设想"}),
        ("nature=measure_cap", {"离区"}),
        ("in_force=past", {"旧决定"}),
        ("in_force=future", {"新决定"}),
        ("in_force=today", {"作出决定", "离区", "答复来信", "设想"}),
        ("q=没有这样的", set()),
    ],
)
def test_limits_are_found_by_what_one_knows_of_them(
    desk: Opened, officer: Officer, query: str, found: set[str]
) -> None:
    common = {"kinds": ["case"], "starts": ["filed"], "stops": ["decided"], "unit": "day", "length": 5, "law": "旧法"}
    add_limit(code="old_v2012", name="旧决定", in_force_until="2025-12-31", **common)
    add_limit(code="old_v2027", name="新决定", in_force_from="2027-01-01", **common)

    assert rows(text_of(desk, officer, f"/limits/?{query}")) == found


def test_a_limit_is_told_whole_and_in_chinese(desk: Opened, officer: Officer) -> None:
    page = text_of(desk, officer, "/limits/decide/")

    assert "作出决定：30日" in page
    assert "自“立案”起" in page
    assert "鉴定：自“委托鉴定”至“收到鉴定意见”" in page
    assert "“批准延长”：每次30日，1 次，须县局负责人批准" in page
    assert "顺延" in page
    assert "工作日历" in page


def test_facts_a_limit_depends_on_are_named_in_chinese(desk: Opened, officer: Officer) -> None:
    add_limit(
        code="quick", name="快办", kinds=["case"], starts=["filed"], stops=["decided"], length=48, unit="hour",
        when={"expedited": [True]}, law="测试法",
        tiers=[{"code": "t", "length": 72, "unit": "hour", "when": {"unknown_fact": ["something"]}}],
    )  # fmt: skip

    page = text_of(desk, officer, "/limits/quick/")

    assert "快速办理：是" in page
    # A fact that only a bureau's own catalogue knows is shown as it is written there.
    assert "unknown_fact：something" in page


def test_a_draft_says_that_it_does_nothing(desk: Opened, officer: Officer) -> None:
    assert "这一条是草稿，不参与计算" in text_of(desk, officer, "/limits/idea/")


def test_versions_of_a_limit_lead_to_each_other(desk: Opened, officer: Officer) -> None:
    common = {"kinds": ["case"], "starts": ["filed"], "stops": ["decided"], "unit": "day", "law": "法"}
    add_limit(code="act_v2012", name="办理", length=30, in_force_until="2025-12-31", **common)
    add_limit(code="act_v2025", name="办理", length=60, in_force_from="2026-01-01", **common)

    page = text_of(desk, officer, "/limits/act_v2025/")

    assert "其他版本" in page
    assert 'href="/limits/act_v2012/"' in page


def test_a_limit_that_is_not_there_is_not_found(desk: Opened, officer: Officer) -> None:
    assert desk(officer).get("/limits/none/").status_code == 404


def test_an_empty_catalogue_says_how_to_fill_it(desk: Opened, officer: Officer) -> None:
    Limit.objects.all().delete()

    assert "由管理员运行 load_catalogue 载入" in text_of(desk, officer, "/limits/")


def test_a_year_is_a_picture_of_days(desk: Opened, officer: Officer) -> None:
    page = text_of(desk, officer, "/calendar/2026/")

    assert page.count("<small>休</small>") == 5
    assert page.count("<small>班</small>") == 1
    assert 'title="2026-05-09 周六 劳动节调休上班 "' in page
    # 261 weekdays of 2026, less Friday 1, Monday 4 and Tuesday 5 May, and Saturday 9 May worked.
    assert "2026年：259 个工作日" in page


def test_a_year_without_a_notice_says_that_dates_in_it_are_provisional(desk: Opened, officer: Officer) -> None:
    page = text_of(desk, officer, "/calendar/2027/")

    assert "2027年的放假安排尚未公布" in page
    assert "暂定" in page


def test_the_calendar_opens_on_this_year_or_the_last_announced(desk: Opened, officer: Officer) -> None:
    assert desk(officer).get("/calendar/")["Location"] == "/calendar/2026/"

    CalendarYear.objects.filter(year=2026).delete()

    assert desk(officer).get("/calendar/")["Location"] == "/calendar/2025/"


def test_several_calendars_are_offered_by_name(desk: Opened, officer: Officer) -> None:
    other = WorkCalendar.objects.create(code="it", name="意大利")
    DayOff.objects.create(calendar=other, day=date(2026, 6, 2), working=False, name="国庆")

    page = text_of(desk, officer, "/calendar/2026/?calendar=it")

    assert page.count("<small>休</small>") == 1
    assert "工作日历</a>" in page


@pytest.mark.parametrize("year", ["1066", "9999"])
def test_a_year_beyond_reason_is_not_found(desk: Opened, officer: Officer, year: str) -> None:
    assert desk(officer).get(f"/calendar/{year}/").status_code == 404


def test_a_limit_shows_where_texts_differ_and_who_must_approve_the_measure(desk: Opened, officer: Officer) -> None:
    add_limit(
        code="keep", name="登记保存", kinds=["case"], starts=["filed"], stops=["decided"], unit="day", length=7, law="甲法",
        start_approvers=["head"],
        conflicts=[{"about": "乙规定写五日", "resolved": "七日", "basis": "甲法是上位法"}],
    )  # fmt: skip

    page = text_of(desk, officer, "/limits/keep/")

    for text in ("不一致的规定", "乙规定写五日", "甲法是上位法", "起算的措施须经", "县局负责人"):
        assert text in page
    assert "不一致的规定" not in text_of(desk, officer, "/limits/decide/")
