"""The month of a bureau at a glance: its rates, its units, its limits, and where each of them leads."""

import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Matter, Officer, Role, UnitKind, UnitLevel
from cases.services import add_unit
from supervision.evaluation.models import Group
from tests.cases.factories import Bureau, make_case, make_officer, record
from tests.supervision.evaluation.factories import house_indicator
from tests.supervision.evaluation.pages.conftest import Opened, words_of

MARCH = "period=2026-03"


@pytest.fixture
def four(bureau: Bureau) -> Bureau:
    """Of the four rates one that the county can reckon in the head: a case of four closed in March, none of one in February."""
    house_indicator(group=Group.FOUR)
    for number, unit in (
        ("A1", bureau.station),
        ("A2", bureau.station),
        ("A3", bureau.station),
        ("B1", bureau.sibling),
    ):
        make_case(number, unit, filed="2026-03-02")
    make_case("old", bureau.station, filed="2026-02-10")
    record(Matter.objects.get(number="A1"), "closed", "2026-03-20")
    return bureau


def page_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def links_in(page: str, words: str) -> list[str]:
    """Where the marks of drawings lead whose words begin so."""
    return [
        html.unescape(link)
        for link, said in re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', page)
        if said.startswith(words)
    ]


# -- rates -------------------------------------------------------------------------------------------------------------


def test_each_rate_stands_with_its_counts_its_interval_and_how_it_moved(
    four: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    page = words_of(desk(legal_officer).get(f"/overview/?{MARCH}").content)

    assert "县局 2026年3月" in page and "统计期已过，取数时点为期末" in page
    assert "结案率 ↑ 25.00% 1/4，95% 区间 4.5%～70.0% 较上期 +25.00 个百分点（变好） 较上年 —" in page


def test_the_trend_looks_back_twelve_months_and_each_month_opens_its_figure(
    four: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    client = desk(legal_officer)
    page = page_of(client, f"/overview/?{MARCH}")

    (march,), (february,) = links_in(page, "2026年3月 25.00%（1/4）"), links_in(page, "2026年2月 0.00%（0/1）")
    assert links_in(page, "2025年4月 —") and not links_in(page, "2025年3月")
    assert "县局 2026年3月：25.00%" in words_of(client.get(march).content)
    assert "县局 2026年2月：0.00%" in words_of(client.get(february).content)


def test_of_a_period_that_is_no_month_there_is_no_trend_and_it_says_so(
    four: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    page = words_of(desk(legal_officer).get("/overview/?period=2026").content)

    assert "走势按月画，请选一个月作统计期" in page and "20.00% 1/5" in page


def test_another_rate_can_be_chosen_and_only_the_four_rates_stand_here(
    four: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    house_indicator("open", name="未结率", group=Group.FOUR, better="down")
    house_indicator("other", name="别的率", group=Group.OTHER)
    client = desk(legal_officer)

    first, other = page_of(client, f"/overview/?{MARCH}"), page_of(client, f"/overview/?{MARCH}&indicator=open")

    assert "结案率的走势" in first and "未结率的走势" in other
    assert "indicator=open#units" in first and "别的率" not in first
    assert "结案率的走势" in page_of(client, f"/overview/?{MARCH}&indicator=nothing")


# -- units -------------------------------------------------------------------------------------------------------------


def test_the_units_below_stand_beside_each_other_and_each_opens_its_own_figure_and_month(
    four: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    client = desk(legal_officer)
    page = page_of(client, f"/overview/?{MARCH}")

    (link,) = links_in(page, "城关派出所 结案率 33.33%（1/3）")
    assert "城关派出所 2026年3月：33.33%" in words_of(client.get(link).content)
    assert "不比较：件数够比较的下级单位少于三个" in page
    (drill,) = re.findall(r'<a href="(/overview/[^"]+)">城关派出所</a>', page)
    assert "城关派出所 2026年3月" in words_of(client.get(html.unescape(drill)).content)


def test_a_unit_far_beyond_chance_on_the_bad_side_is_named_first(
    bureau: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    house_indicator(group=Group.FOUR)
    third = add_unit(
        code="N3",
        name="城西派出所",
        short_name="城西所",
        level=UnitLevel.STATION,
        kind=UnitKind.STATION,
        parent=bureau.county,
    )
    for unit, closed in ((bureau.station, 12), (bureau.sibling, 12), (third, 0)):
        for number in range(12):
            case = make_case(f"{unit.code}{number}", unit, filed="2026-03-02")
            if number < closed:
                record(case, "closed", "2026-03-20")
    client = desk(legal_officer)

    page = page_of(client, f"/overview/?{MARCH}")

    lead = words_of(page.encode()).partition("统计期已过")[0]
    assert "明显差于整体的： 城西所（结案率）" in lead and "城关" not in lead
    assert links_in(page, "城西所 结案率 0.00%（0/12），明显差于整体")
    assert "各单位是否超出偶然" in page and "在 99.8% 控制限以外：城西所" in page


def test_who_sees_one_unit_sees_its_month_and_no_other(four: Bureau, desk: Opened) -> None:
    head = make_officer("200001", four.station, Role.UNIT_HEAD)

    page = page_of(desk(head), f"/overview/?{MARCH}")

    assert "城关派出所 2026年3月" in words_of(page.encode()) and "城东" not in page
    assert desk(head).get(f"/overview/?unit={four.county.pk}&{MARCH}").status_code == 422


# -- limits ------------------------------------------------------------------------------------------------------------


def test_the_lights_of_limits_count_what_runs_now_and_each_opens_its_list(
    four: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    make_case("new", four.station, filed="2026-04-01")
    client = desk(legal_officer)
    page = page_of(client, f"/overview/?{MARCH}")

    lit = re.findall(r'<a href="(/clocks/[^"]+)" aria-label="([^"]+) (未预警|黄色预警|橙色预警|已超期) (\d+) 个"', page)

    assert {level for _, _, level, _ in lit} == {"未预警", "已超期"}
    for link, _, _, count in lit:
        assert f"共 <b>{count}</b> 条" in page_of(client, html.unescape(link))


def test_without_a_clock_and_without_an_indicator_it_says_what_would_fill_it(
    bureau: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    page = words_of(desk(legal_officer).get(f"/overview/?{MARCH}").content)

    assert "这个统计期没有施行的四率指标" in page and "没有您看得见的、正在计时的期限" in page


# -- calm --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [1, 3])
def test_it_asks_a_fixed_number_of_questions_whatever_its_units(
    bureau: Bureau, legal_officer: Officer, desk: Opened, more: int
) -> None:
    house_indicator(group=Group.FOUR)
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
    client.get(f"/overview/?{MARCH}")

    with CaptureQueriesContext(connection) as met:
        page = page_of(client, f"/overview/?{MARCH}")

    assert f"{more}/{more}" in page
    assert len(met) == 73


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/overview/?period=2026-13", 422),
        ("/overview/?unit=x", 422),
        ("/overview/?period=2026-05", 200),
        ("/overview/?period=2026-03&indicator=%22%3E", 200),
    ],
)
def test_a_mangled_address_is_answered_calmly(
    four: Bureau, legal_officer: Officer, desk: Opened, address: str, status: int
) -> None:
    assert desk(legal_officer).get(address).status_code == status
