"""Pages by key: every row once, in order, forwards and backwards, with equal moments and with none."""

import pytest

from cases.desk.paging import COUNT_CAP, Count, Key, count_capped, page_by_key, read_key
from cases.models import Matter
from tests.cases.factories import Bureau, make_case, moment

pytestmark = pytest.mark.django_db

# Two share a moment, two have none.
OPENED = ("2026-03-01", "2026-03-02", "2026-03-02", "2026-03-05", None, None, "2026-02-01")


@pytest.fixture
def rows(bureau: Bureau, catalogue: None) -> list[int]:
    for number, opened in enumerate(OPENED):
        matter = make_case(f"N{number}", bureau.station)
        if opened:
            Matter.objects.filter(pk=matter.pk).update(opened_at=moment(opened))
    return list(Matter.objects.order_by("pk").values_list("number", flat=True))


def numbers(descending: bool) -> list[str]:
    dated = sorted((opened, number) for number, opened in enumerate(OPENED) if opened)
    if descending:
        dated.reverse()
    return [f"N{number}" for _, number in dated] + ["N4", "N5"]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_walking_forward_meets_every_row_once_in_order(rows: list[int], descending: bool, size: int) -> None:
    met: list[str] = []
    after = ""
    while True:
        page = page_by_key(Matter.objects.all(), moment="opened_at", descending=descending, after=after, size=size)
        met += [row.number for row in page.rows]
        if page.next is None:
            break
        after = str(page.next)

    assert met == numbers(descending)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_walking_back_from_the_end_meets_every_row_once(rows: list[int], descending: bool, size: int) -> None:
    last = Matter.objects.get(number="N5")
    met = ["N5"]
    before = str(Key(None, last.pk))
    while True:
        page = page_by_key(Matter.objects.all(), moment="opened_at", descending=descending, before=before, size=size)
        met = [row.number for row in page.rows] + met
        if page.previous is None:
            break
        before = str(page.previous)

    assert met == numbers(descending)


def test_the_first_page_has_no_page_before_it_and_the_second_leads_back_to_it(rows: list[int]) -> None:
    first = page_by_key(Matter.objects.all(), moment="opened_at", size=3)
    second = page_by_key(Matter.objects.all(), moment="opened_at", after=str(first.next), size=3)

    back = page_by_key(Matter.objects.all(), moment="opened_at", before=str(second.previous), size=3)

    assert first.previous is None
    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]


@pytest.mark.parametrize(
    "mangled",
    [
        "",
        "~",
        "x",
        "2026-13-01~5",
        "2026-03-01T00:00:00~5",
        "2026-03-01T00:00:00+08:00~-5",
        "~99999999999999999999",
        "~５",
    ],
)
def test_a_mangled_key_opens_the_first_page(rows: list[int], mangled: str) -> None:
    page = page_by_key(Matter.objects.all(), moment="opened_at", after=mangled, size=3)

    assert read_key(mangled) is None
    assert [row.number for row in page.rows] == ["N6", "N0", "N1"]


def test_a_key_survives_the_address() -> None:
    key = Key(moment("2026-03-02 10:30"), 17)

    assert read_key(str(key)) == key


def test_counting_stops_at_the_cap_and_says_so(rows: list[int]) -> None:
    assert count_capped(Matter.objects.all(), cap=7) == Count(7)
    assert str(count_capped(Matter.objects.all(), cap=6)) == "6+"
    assert str(Count(COUNT_CAP, more=True)) == "1,000+"
    assert not count_capped(Matter.objects.none())
