"""Figures on pages: numbers and the lists they open."""

import html
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Matter, Officer, Role, UnitKind, UnitLevel
from cases.services import add_unit
from tests.cases.factories import Bureau, make_case, make_officer, record
from tests.supervision.evaluation.factories import CLOSED, FILED, house_indicator
from tests.supervision.evaluation.pages.conftest import Opened, names_of, words_of

MARCH = "period=2026-03"


@pytest.fixture
def counted(bureau: Bureau) -> Bureau:
    house_indicator()
    for number, unit in (
        ("A1", bureau.station),
        ("A2", bureau.station),
        ("A3", bureau.station),
        ("B1", bureau.sibling),
    ):
        make_case(number, unit, filed="2026-03-02")
    record(Matter.objects.get(number="A1"), "closed", "2026-03-20")
    return bureau


# -- numbers and lists -------------------------------------------------------------------------------------------------


def test_a_unit_is_shown_with_the_period_before_and_a_year_ago(
    counted: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    make_case("old", counted.station, filed="2026-02-10")

    page = words_of(desk(legal_officer).get(f"/figures/?unit={counted.county.pk}&{MARCH}").content)

    assert "县局 2026年3月 统计期已过，取数时点为期末" in page
    assert "上期 2026年2月 上年同期 2025年3月" in page
    assert "结案率 25.00% 4.5%～70.0% 1 4 0.00% 0/1 — ↑ 越高越好 第 1 版" in page


def test_without_a_choice_it_is_the_last_month_of_the_highest_unit_one_sees(
    counted: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    head = make_officer("200001", counted.sibling, Role.UNIT_HEAD)

    assert "县局 2026年3月" in words_of(desk(legal_officer).get("/figures/").content)
    assert "城东派出所 2026年3月" in words_of(desk(head).get("/figures/").content)


def test_each_number_opens_a_list_of_as_many_rows(counted: Bureau, legal_officer: Officer, desk: Opened) -> None:
    client = desk(legal_officer)
    address = f"/figures/closing/?unit={counted.county.pk}&{MARCH}"

    page = words_of(client.get(address).content)

    assert "县局 2026年3月：25.00%" in page and "1（其中已结案）÷ 4（当期立案） 95% 置信区间 4.5%～70.0%" in page
    assert "分子 1 分母 4" in page
    assert names_of(client, address) == ["A1"]
    assert names_of(client, f"{address}&side=denominator") == ["A1", "A2", "A3", "B1"]
    assert "城关派出所 1 3 33.33% 6.1%～79.3%" in page and "城东派出所 0 1 0.00% 0.0%～79.4%" in page


def test_a_long_list_goes_by_pages(counted: Bureau, legal_officer: Officer, desk: Opened) -> None:
    for number in range(60):
        make_case(f"C{number:02}", counted.station, filed="2026-03-05")
    client = desk(legal_officer)
    address = f"/figures/closing/?unit={counted.station.pk}&{MARCH}&side=denominator"

    first = client.get(address).content.decode()
    names = names_of(client, address)

    assert first.count('<tr tabindex="0"') == 50 and "看得见 <b>63</b> 条，本页 50 条" in first
    assert len(names) == len(set(names)) == 63


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        (f"/figures/?{MARCH}", 18),
        (f"/figures/closing/?{MARCH}", 31),
        (f"/figures/closing/?{MARCH}&side=denominator", 31),
    ],
)
@pytest.mark.parametrize("more", [1, 3])
def test_a_page_asks_a_fixed_number_of_questions_whatever_its_units_and_rows(
    bureau: Bureau, legal_officer: Officer, desk: Opened, page: str, asked: int, more: int
) -> None:
    house_indicator()
    for number in range(more):
        unit = add_unit(
            code=f"N{number}",
            name=f"新{number}所",
            level=UnitLevel.STATION,
            kind=UnitKind.STATION,
            parent=bureau.county,
        )
        record(make_case(f"N{number}", unit, filed="2026-03-02"), "closed", "2026-03-20")
    client = desk(legal_officer)
    client.get(page)

    with CaptureQueriesContext(connection) as met:
        answer = client.get(page).content.decode()

    assert f">{more}</a>" in answer or f'<span class="number">{more}</span>' in answer
    assert len(met) == asked


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/figures/?period=2026-13", 422),
        ("/figures/?period=1999-12", 422),
        ("/figures/?period=9999-12", 422),
        ("/figures/?period=2026-03-01/9999-12-31", 422),
        ("/figures/?unit=x&period=2026-03", 422),
        ("/figures/closing/?period=soon", 422),
        ("/figures/closing/?period=0001-01", 422),
        ("/figures/nothing/?period=2026-03", 404),
        ("/figures/closing/?period=2026-03&side=sideways&part=7", 200),
        ("/figures/closing/?period=2026-03&after=x~y", 200),
        ("/figures/closing/?period=2026-03&version=9", 200),
        ("/figures/closing/?period=2026-03&version=one", 200),
        ("/figures/closing/?period=2026-03&version=99999999999999999999", 200),
    ],
)
def test_a_mangled_address_is_answered_calmly(
    counted: Bureau, legal_officer: Officer, desk: Opened, address: str, status: int
) -> None:
    assert desk(legal_officer).get(address).status_code == status


def test_what_was_before_is_counted_by_the_same_version_and_opens_its_own_list(
    counted: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    """Since March only what is still open counts on top; February is compared by that version though another was in force."""
    house_indicator(
        version=2,
        since=date(2026, 3, 1),
        numerator=[{"source": "matters", "at": "opened", "where": {"kind": ["case"], "closed": False}}],
    )
    make_case("old", counted.station, filed="2026-02-10")
    client = desk(legal_officer)

    page = client.get(f"/figures/?{MARCH}").content.decode()
    (link,) = re.findall(r'<a href="([^"]+)">100.00%</a><div class="note">1/1</div>', page)
    link = html.unescape(link)

    assert "period=2026-02" in link and "县局 2026年2月：100.00%" in words_of(client.get(link).content)
    assert names_of(client, link) == ["old"]
    # Looked up by itself February is counted by the version that was in force then.
    assert "县局 2026年2月：0.00%" in words_of(client.get("/figures/closing/?period=2026-02").content)


def test_one_figure_stands_beside_the_period_before_and_a_year_ago(
    counted: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    record(make_case("old", counted.station, filed="2026-02-10"), "closed", "2026-02-20")
    record(make_case("older", counted.station, filed="2025-03-10"), "closed", "2025-04-20")

    page = words_of(desk(legal_officer).get(f"/figures/closing/?{MARCH}").content)

    assert "上期（2026年2月） 100.00% ，1/1" in page
    # Closed when that March was over.
    assert "上年同期（2025年3月） 0.00% ，0/1" in page


def test_below_the_smallest_denominator_a_rate_is_grey_and_says_why(
    counted: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    house_indicator(version=2, since=date(2026, 1, 1), minimum=5)
    client = desk(legal_officer)

    assert "结案率 25.00%（件数少） 4.5%～70.0% 1 4" in words_of(client.get(f"/figures/?{MARCH}").content)
    page = words_of(client.get(f"/figures/closing/?{MARCH}").content)
    assert "县局 2026年3月：25.00% 分母不足 5，不参加比较" in page


def test_a_side_of_several_counts_has_a_list_for_each_which_add_up(
    bureau: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    house_indicator("stock", denominator=[{**FILED, "stock": True}, FILED], numerator=[CLOSED])
    for number, filed in (("S1", "2026-02-10"), ("S2", "2026-02-11"), ("A1", "2026-03-02")):
        make_case(number, bureau.station, filed=filed)
    client = desk(legal_officer)
    address = f"/figures/stock/?{MARCH}"

    page = words_of(client.get(address).content)

    assert "÷ 3（当期立案）" in page and "分子 0 分母之一 2 分母之二 1" in page
    assert names_of(client, f"{address}&side=denominator") == ["S1", "S2"]
    assert names_of(client, f"{address}&side=denominator&part=1") == ["A1"]
    assert "没有明细 这一边为 0。" in page


def test_a_period_in_which_it_was_not_in_force_says_so_and_leads_to_one_in_which_it_was(
    counted: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    house_indicator("fresh", name="新指标", since=date(2026, 2, 10))
    house_indicator("coming", name="将行指标", since=date(2026, 5, 10))
    client = desk(legal_officer)

    page = client.get("/figures/fresh/?period=2026-02")

    told = words_of(page.content)
    assert page.status_code == 200 and "2026年2月开始的那天，“新指标”没有施行中的版本" in told
    assert "自 2026-02-10 起施行" in told and "看2026年3月" in told
    assert "从2026年6月起" in words_of(client.get(f"/figures/coming/?{MARCH}").content)
    assert "新指标" not in words_of(client.get("/figures/?period=2026-02").content)


def test_a_period_that_runs_says_until_when_it_was_counted_and_one_to_come_that_there_is_nothing(
    counted: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    client = desk(legal_officer)

    assert "统计期未完，截至 2026-04-02 09:00" in words_of(client.get("/figures/?period=2026-04").content)
    assert "统计期还没有开始，没有可数的" in words_of(client.get("/figures/?period=2026-05").content)


def test_periods_people_ask_for_are_one_step_away(counted: Bureau, legal_officer: Officer, desk: Opened) -> None:
    page = desk(legal_officer).get(f"/figures/?unit={counted.station.pk}&{MARCH}").content.decode()

    offered = re.findall(
        rf'<a href="\?unit={counted.station.pk}&amp;period=([^"]+)"( aria-current="page")?>([^<]+)<', page
    )

    assert [(name, code, bool(current)) for code, current, name in offered] == [
        ("上月", "2026-03", True),
        ("本月", "2026-04", False),
        ("今年", "2026", False),
        ("去年", "2025", False),
        ("‹ 2026年2月", "2026-02", False),
        ("2026年4月 ›", "2026-04", False),
    ]
