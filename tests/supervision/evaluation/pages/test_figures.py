"""Figures on pages: numbers open their lists, and nobody is told what is not his to know."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Feedback, Grade, Matter, Officer, Role, Unit
from supervision.petitions.models import Complaint
from tests.cases.factories import Bureau, make_bureau, make_case, make_officer, moment, record
from tests.supervision.evaluation.factories import house_indicator
from tests.supervision.evaluation.pages.conftest import Opened
from tests.supervision.petitions.factories import make_complaint, petition_catalogue

MARCH = "period=2026-03"


def plain(page: bytes) -> str:
    """The words of the page's own part, without marks."""
    text = page.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text[text.index('<div class="desk">') :]))


def numbers_behind(client: object, address: str) -> list[str]:
    page = client.get(address).content.decode()  # type: ignore[attr-defined]
    return re.findall(r'<tr tabindex="0" data-href="[^"]+"><td class="number"><a href="[^"]+">([^<]+)</a>', page)


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

    page = plain(desk(legal_officer).get(f"/figures/?unit={counted.county.pk}&{MARCH}").content)

    assert "县局 2026年3月 统计期已过，取数时点为期末" in page
    assert "结案率 1 4 25.00% 0.00% — ↑ 越高越好 第 1 版" in page


def test_without_a_choice_it_is_the_last_month_of_the_highest_unit_one_sees(
    counted: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    head = make_officer("200001", counted.sibling, Role.UNIT_HEAD)

    assert "县局 2026年3月" in plain(desk(legal_officer).get("/figures/").content)
    assert "城东派出所 2026年3月" in plain(desk(head).get("/figures/").content)


def test_each_number_opens_a_list_of_as_many_rows(counted: Bureau, legal_officer: Officer, desk: Opened) -> None:
    client = desk(legal_officer)
    address = f"/figures/closing/?unit={counted.county.pk}&{MARCH}"

    page = plain(client.get(address).content)

    assert "县局 2026年3月：25.00%" in page and "1（其中已结案） ÷ 4（当期立案）" in page.replace("）÷", "） ÷")
    assert numbers_behind(client, address) == ["A1"]
    assert numbers_behind(client, f"{address}&side=denominator") == ["A1", "A2", "A3", "B1"]
    assert "城关派出所 1 3 33.33%" in page and "城东派出所 0 1 0.00%" in page


def test_a_long_list_goes_by_pages(counted: Bureau, legal_officer: Officer, desk: Opened) -> None:
    for number in range(60):
        make_case(f"C{number:02}", counted.station, filed="2026-03-05")
    client = desk(legal_officer)
    address = f"/figures/closing/?unit={counted.station.pk}&{MARCH}&side=denominator"

    first = client.get(address).content.decode()
    following = re.search(r'rel="next" href="([^"#]+)', first)

    assert following is not None and len(numbers_behind(client, address)) == 50
    rest = numbers_behind(client, f"/figures/closing/{following[1].replace('&amp;', '&')}")
    assert len(rest) == 13 and not set(rest) & set(numbers_behind(client, address))


def test_the_questions_of_a_page_do_not_grow_with_units_and_rows(
    counted: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    client = desk(legal_officer)
    addresses = (
        f"/figures/?unit={counted.county.pk}&{MARCH}",
        f"/figures/closing/?unit={counted.county.pk}&{MARCH}&side=denominator",
    )

    def questions(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as met:
            client.get(address)
        return len(met)

    before = [questions(address) for address in addresses]
    for number in range(3):
        make_case(f"D{number}", counted.legal, filed="2026-03-05")

    assert [questions(address) for address in addresses] == before


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/figures/?period=2026-13", 200),
        ("/figures/closing/?period=soon", 422),
        ("/figures/nothing/?period=2026-03", 404),
        ("/figures/closing/?period=2026-03&side=sideways&part=7", 200),
        ("/figures/closing/?period=2026-03&after=x~y", 200),
    ],
)
def test_a_mangled_address_is_answered_calmly(
    counted: Bureau, legal_officer: Officer, desk: Opened, address: str, status: int
) -> None:
    assert desk(legal_officer).get(address).status_code == status


# -- who -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.CASE_OFFICER, 403),
        (Role.UNIT_HEAD, 200),
        (Role.LEGAL_OFFICER, 200),
        (Role.BRANCH_OFFICER, 200),
        (Role.LEADER, 200),
        (Role.INSPECTOR, 200),
        (Role.SYSTEM_ADMIN, 403),
        (Role.SECURITY_ADMIN, 403),
        (Role.AUDITOR, 403),
    ],
)
def test_who_may_open_the_figures(counted: Bureau, desk: Opened, role: Role, status: int) -> None:
    client = desk(make_officer("200001", counted.county, role))

    assert client.get("/figures/").status_code == status
    assert client.get(f"/figures/closing/?{MARCH}").status_code == status


def test_a_unit_out_of_sight_is_no_choice(counted: Bureau, desk: Opened) -> None:
    client = desk(make_officer("200001", counted.station, Role.UNIT_HEAD))

    for unit in (counted.sibling, counted.county, counted.other_county):
        answer = client.get(f"/figures/closing/?unit={unit.pk}&{MARCH}")
        assert answer.status_code == 422 and "B1" not in answer.content.decode()


def test_ratings_are_counted_and_not_listed_for_the_unit_that_was_rated(
    counted: Bureau, legal_officer: Officer, desk: Opened
) -> None:
    house_indicator(
        "satisfaction",
        name="满意率",
        numerator=[{"source": "ratings", "at": "given", "where": {"valid": True, "grade": ["dissatisfied"]}}],
        denominator=[{"source": "ratings", "at": "given", "where": {"valid": True}}],
    )
    for number, grade in (("A2", Grade.SATISFIED), ("A3", Grade.DISSATISFIED)):
        Feedback.objects.create(
            matter=Matter.objects.get(number=number), grade=grade, channel="导入", given_at=moment("2026-03-20")
        )
    address = f"/figures/satisfaction/?unit={counted.station.pk}&{MARCH}"
    head = desk(make_officer("200001", counted.station, Role.UNIT_HEAD))

    page = plain(head.get(address).content)

    assert "50.00%" in page and "没有您看得见的明细" in page and "另有 1 条不在您的可见范围" in page
    assert numbers_behind(head, address) == []
    assert numbers_behind(desk(legal_officer), address) == ["A3"]


# -- complaints ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def complained(db: None) -> Bureau:
    """Three complaints about the station in March, one of them about an enterprise; handled by the legal squad."""
    petition_catalogue()
    bureau = make_bureau()
    by = make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)
    for number in range(3):
        make_complaint(
            bureau, by, channel_number=f"GD-{number}", received_on=date(2026, 3, 10), at=moment("2026-03-10 10:00"),
            enterprise=number == 0, anonymous=True,
        )  # fmt: skip
    house_indicator(
        "enterprise",
        name="涉企投诉占比",
        numerator=[{"source": "complaints", "at": "received", "where": {"enterprise": True}}],
        denominator=[{"source": "complaints", "at": "received"}],
        better="down",
    )
    return bureau


@pytest.mark.parametrize(
    ("role", "where", "exact"),
    [
        (Role.UNIT_HEAD, "station", False),
        (Role.LEGAL_OFFICER, "county", True),
        (Role.LEADER, "county", True),
        (Role.INSPECTOR, "county", True),
        (Role.BRANCH_OFFICER, "county", True),
        (Role.LEGAL_OFFICER, "city", True),
    ],
)
def test_few_complaints_are_shown_to_supervisors_only_on_every_page(
    complained: Bureau, desk: Opened, role: Role, where: str, exact: bool
) -> None:
    officer = make_officer("200001", getattr(complained, where), role)
    client = desk(officer)
    unit: Unit = complained.station

    for address in (f"/figures/?unit={unit.pk}&{MARCH}", f"/figures/enterprise/?unit={unit.pk}&{MARCH}"):
        page = plain(client.get(address).content)
        assert ("33.33%" in page) == exact
        assert ("少于5，不单列" in page) == (not exact)
        # Nobody here handles one, so nobody is shown one; how many there are is for those who may know the number.
        assert not any(row.matter.number in page for row in Complaint.objects.select_related("matter"))
        assert "GD-" not in page
    assert ("另有 1 条不在您的可见范围" in page) == exact


def test_a_table_of_the_units_below_tells_each_by_its_own_rule(complained: Bureau, desk: Opened) -> None:
    legal = desk(Officer.objects.get(police_number="100001"))

    page = plain(legal.get(f"/figures/enterprise/?unit={complained.county.pk}&{MARCH}").content)

    # Of the county as a whole, which is his own, few are not told; of the station below they are.
    assert "县局 2026年3月：少于5，不单列" in page
    assert "城关派出所 1 3 33.33%" in page
    # His own squad is complained about by nobody, and even that he is not told.
    assert "法制大队 — — 少于5，不单列" in page


def test_a_handler_finds_his_own_complaints_behind_a_number_he_is_not_told(complained: Bureau, desk: Opened) -> None:
    legal = desk(Officer.objects.get(police_number="100001"))
    address = f"/figures/enterprise/?unit={complained.county.pk}&{MARCH}&side=denominator"

    assert len(numbers_behind(legal, address)) == 3
    assert "另有" not in plain(legal.get(address).content)
