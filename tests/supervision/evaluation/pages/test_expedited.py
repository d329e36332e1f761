"""The rate of expedited cases by unit: its counts, its place in the funnel, and the warning on three pages."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Matter, MatterKind, Officer, Role, Unit, UnitKind, UnitLevel
from cases.services import add_unit
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.evaluation.factories import house_indicator
from tests.supervision.evaluation.pages.conftest import Opened, words_of

MARCH = "period=2026-03"
COUNTS = "/figures/expedited/units/"
ASKED = "请了解是不是应当快速办理的没有快速办理"


def cases_in(unit: Unit, name: str, filed: int, quick: int) -> None:
    """Cases of March in a unit; the invented indicator counts the closed ones."""
    kind = MatterKind.objects.get(code="case")
    Matter.objects.bulk_create(
        Matter(
            kind=kind, number=f"{name}{n}", unit=unit, city=unit.city, county=unit.county, station=unit.station,
            opened_at=moment("2026-03-05"), closed_at=moment("2026-03-06") if n < quick else None,
        )
        for n in range(filed)
    )  # fmt: skip


def third_station(bureau: Bureau) -> Unit:
    return add_unit(code="X3", name="城西派出所", level=UnitLevel.STATION, kind=UnitKind.STATION, parent=bureau.county)


@pytest.fixture
def low(bureau: Bureau) -> Bureau:
    """One station of three handles none of thirty quickly, the others fifteen each."""
    house_indicator(code="expedited", name="快办率", minimum=10, warns_above=True)
    for unit, quick in ((bureau.station, 0), (bureau.sibling, 15), (third_station(bureau), 15)):
        cases_in(unit, unit.code, 30, quick)
    return bureau


def row_of(page: bytes, unit: Unit) -> str:
    found = re.search(rf"<tr>\s*<td><a [^>]+>{unit}</a></td>.*?</tr>", page.decode(), re.S)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])).strip()


def test_each_unit_stands_with_its_rate_its_interval_and_its_place(
    low: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    page = desk(legal_officer).get(f"{COUNTS}?{MARCH}").content

    # 0 of 30: Wilson's interval ends at 11.4 %; at a third each, 0 of 30 has a chance of 5 in a million.
    assert row_of(page, low.station) == "城关派出所 0 0 30 0 0.00% 0.0%～11.4% ▼ 低于 99.8% 控制限"
    assert row_of(page, low.sibling) == "城东派出所 0 0 30 15 50.00% 33.1%～66.9% ● 在控制限以内"
    assert row_of(page, low.county).startswith("县局 0 0 90 30 33.33%")
    assert "低于各单位整体 33.33%的 99.8% 控制限" in words_of(page) and "不是认定的问题" in words_of(page)


def test_every_number_opens_its_list(low: Bureau, legal_officer: Officer, desk: Opened) -> None:
    client = desk(legal_officer)
    page = client.get(f"{COUNTS}?{MARCH}").content.decode().replace("&amp;", "&")

    links = {link.partition("#")[0] for link in re.findall(r'<td class="number right"><a href="([^"]+)"', page)}

    # Two closed lists and both sides of the figure, of the bureau and each of its four units.
    assert len(links) == 4 * 5
    assert {client.get(link).status_code for link in links} == {200}
    assert f"/expedited/matters/?unit={low.station.pk}&closed_after=2026-03-01&closed_before=2026-03-31" in links


@pytest.mark.parametrize("address", ["/overview/", "/figures/", COUNTS])
def test_the_warning_stands_on_the_pages_of_the_bureau(
    low: Bureau, legal_officer: Officer, desk: Opened, address: str
) -> None:
    words = words_of(desk(legal_officer).get(f"{address}?{MARCH}").content)

    assert words.count(ASKED) == 1
    assert "城关派出所2026年3月快办率 0.00%（0/30）" in words


@pytest.mark.parametrize("address", ["/overview/", "/figures/"])
def test_the_unit_itself_is_warned_without_the_numbers_of_others(low: Bureau, desk: Opened, address: str) -> None:
    head = make_officer("100005", low.station, Role.UNIT_HEAD)
    other = make_officer("100007", low.sibling, Role.UNIT_HEAD)

    words = words_of(desk(head).get(f"{address}?{MARCH}").content)

    assert "低于同级单位整体的 99.8% 控制限" in words and "33.33%" not in words
    assert ASKED not in words_of(desk(other).get(f"{address}?{MARCH}").content)


def test_too_high_is_asked_about_too_where_the_indicator_says_so(
    bureau: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    house_indicator(code="expedited", name="快办率", minimum=10, warns_above=True)
    for unit, quick in ((bureau.station, 30), (bureau.sibling, 10), (third_station(bureau), 10)):
        cases_in(unit, unit.code, 30, quick)

    words = words_of(desk(legal_officer).get(f"{COUNTS}?{MARCH}").content)

    assert "城关派出所2026年3月快办率 100.00%（30/30），高于各单位整体 55.56%的 99.8% 控制限" in words
    assert "请复核是否都符合适用条件" in words


def test_praise_is_no_warning(bureau: Bureau, legal_officer: Officer, desk: Opened) -> None:
    house_indicator(code="expedited", name="快办率", minimum=10)
    for unit, quick in ((bureau.station, 30), (bureau.sibling, 10), (third_station(bureau), 10)):
        cases_in(unit, unit.code, 30, quick)

    page = desk(legal_officer).get(f"{COUNTS}?{MARCH}").content

    assert "▲ 高于 99.8% 控制限" in row_of(page, bureau.station) and "请复核" not in words_of(page)


def test_below_the_minimum_nobody_is_named(low: Bureau, legal_officer: Officer, desk: Opened) -> None:
    house_indicator(code="expedited", version=2, name="快办率", minimum=31, warns_above=True)
    page = desk(legal_officer).get(f"{COUNTS}?{MARCH}").content

    assert "没有比较" in row_of(page, low.station) and ASKED not in words_of(page)
    assert "不比较：件数够比较的下级单位少于三个" in words_of(page)


def test_two_units_are_not_compared(bureau: Bureau, legal_officer: Officer, desk: Opened) -> None:
    house_indicator(code="expedited", name="快办率", minimum=10, warns_above=True)
    for unit, quick in ((bureau.station, 0), (bureau.sibling, 30)):
        cases_in(unit, unit.code, 30, quick)

    assert ASKED not in words_of(desk(legal_officer).get(f"/overview/?{MARCH}").content)


def test_without_the_indicator_or_with_a_wrong_period_the_page_says_what_to_do(
    bureau: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    client = desk(legal_officer)

    assert "没有施行的快办率指标" in words_of(client.get(f"{COUNTS}?{MARCH}").content)
    wrong = client.get(f"{COUNTS}?period=soon")
    assert wrong.status_code == 422 and "没有统计" in words_of(wrong.content)


@pytest.mark.parametrize("address", ["/overview/", "/figures/", COUNTS])
def test_a_page_asks_as_much_of_five_units_as_of_four(
    low: Bureau, legal_officer: Officer, desk: Opened, address: str
) -> None:
    def asked(client: Client) -> int:
        client.get(f"{address}?{MARCH}")
        with CaptureQueriesContext(connection) as met:
            client.get(f"{address}?{MARCH}")
        return len(met)

    client = desk(legal_officer)
    before = asked(client)
    fourth = add_unit(code="X4", name="城北派出所", level=UnitLevel.STATION, parent=low.county)
    cases_in(fourth, "X4", 30, 15)

    assert asked(client) == before
