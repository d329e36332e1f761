"""Figures on pages: who may open them, and that nobody is told there what is not his to know (信访工作条例 30)."""

from datetime import date
from typing import Any

import pytest

from cases.models import Feedback, Grade, Matter, Officer, Role, Unit
from supervision.petitions.models import Complaint
from tests.cases.factories import Bureau, make_bureau, make_case, make_officer, moment
from tests.supervision.evaluation.factories import house_indicator
from tests.supervision.evaluation.pages.conftest import Opened, names_of, words_of
from tests.supervision.petitions.factories import make_complaint, petition_catalogue
from tests.supervision.returnvisits import factories as visited

MARCH = "period=2026-03"


@pytest.fixture
def counted(bureau: Bureau) -> Bureau:
    house_indicator()
    for number, unit in (("A2", bureau.station), ("A3", bureau.station), ("B1", bureau.sibling)):
        make_case(number, unit, filed="2026-03-02")
    return bureau


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
        assert answer.status_code == 422 and "B1" not in words_of(answer.content)


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

    page = words_of(head.get(address).content)

    assert "50.00%" in page and "没有您看得见的明细" in page and "另有 1 条不在您的可见范围" in page
    assert names_of(head, address) == []
    assert names_of(desk(legal_officer), address) == ["A3"]


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
        page = words_of(client.get(address).content)
        assert ("33.33%" in page) == exact
        assert ("少于5，不单列" in page) == (not exact)
        # Nobody here handles one, so nobody is shown one; how many there are is for those who may know the number.
        assert not any(row.matter.number in page for row in Complaint.objects.select_related("matter"))
        assert "GD-" not in page
    assert ("另有 1 条不在您的可见范围" in page) == exact


def test_whoever_runs_the_site_is_told_no_more_than_others(complained: Bureau, desk: Opened) -> None:
    root = make_officer("300001", complained.county)
    Officer.objects.filter(pk=root.pk).update(is_superuser=True)
    client = desk(Officer.objects.get(pk=root.pk))

    for unit in (complained.county, complained.station):
        for side in ("numerator", "denominator"):
            address = f"/figures/enterprise/?unit={unit.pk}&{MARCH}&side={side}"
            page = words_of(client.get(address).content)
            assert "少于5，不单列" in page and "33.33%" not in page and "另有" not in page
            assert names_of(client, address) == []


def test_of_a_side_of_several_counts_the_unit_itself_is_told_the_sum_only(db: None, desk: Opened) -> None:
    """Of eleven complaints three came by letter: neither the tabs nor the lists tell the head so."""
    petition_catalogue()
    bureau = make_bureau()
    by = make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)
    for number in range(11):
        make_complaint(
            bureau, by, channel_number=f"GD-{number}", received_on=date(2026, 3, 10), at=moment("2026-03-10 10:00"),
            enterprise=number < 6, anonymous=True, channel="letter" if number < 3 else "12345",
        )  # fmt: skip
    received: dict[str, Any] = {"source": "complaints", "at": "received"}
    house_indicator(
        "enterprise",
        numerator=[{**received, "where": {"enterprise": True}}],
        denominator=[{**received, "where": {"channel": [channel]}} for channel in ("letter", "12345")],
    )
    address = f"/figures/enterprise/?unit={bureau.station.pk}&{MARCH}&side=denominator"
    head = desk(make_officer("200001", bureau.station, Role.UNIT_HEAD))
    leader = desk(make_officer("200002", bureau.county, Role.LEADER))

    told = words_of(head.get(address).content)

    assert "城关派出所 2026年3月：54.54%" in told and "÷ 11（" in told
    assert "分子 6 分母之一 分母之二 " in told and "没有您看得见的明细" in told and "另有" not in told
    assert "另有 6 条不在您的可见范围" in words_of(head.get(address.partition("&side")[0]).content)
    exact = words_of(leader.get(address).content)
    assert "分子 6 分母之一 3 分母之二 8" in exact and "另有 3 条不在您的可见范围" in exact


def test_few_are_not_told_of_the_period_before_either(complained: Bureau, desk: Opened) -> None:
    head = desk(make_officer("200001", complained.station, Role.UNIT_HEAD))

    overview = words_of(head.get("/figures/?period=2026-04").content)
    page = words_of(head.get("/figures/enterprise/?period=2026-04").content)

    assert "涉企投诉占比 少于5，不单列 — — 少于5，不单列 少于5，不单列 ↓" in overview
    assert "上期（2026年3月） 少于5，不单列 上年同期（2025年4月） 少于5，不单列" in page


def test_a_table_of_the_units_below_tells_each_by_its_own_rule(complained: Bureau, desk: Opened) -> None:
    legal = desk(Officer.objects.get(police_number="100001"))

    page = words_of(legal.get(f"/figures/enterprise/?unit={complained.county.pk}&{MARCH}").content)

    # Of the county as a whole, which is his own, few are not told; of the station below they are.
    assert "县局 2026年3月：少于5，不单列" in page
    assert "城关派出所 1 3 33.33%" in page
    # His own squad is complained about by nobody, and even that he is not told.
    assert "法制大队 — — 少于5，不单列" in page


def test_a_handler_finds_his_own_complaints_behind_a_number_he_is_not_told(complained: Bureau, desk: Opened) -> None:
    legal = desk(Officer.objects.get(police_number="100001"))
    address = f"/figures/enterprise/?unit={complained.county.pk}&{MARCH}&side=denominator"

    assert len(names_of(legal, address)) == 3
    assert "另有" not in words_of(legal.get(address).content)


# -- ratings of a round that is not over ---------------------------------------------------------------------------------


def test_while_people_are_still_asked_only_those_who_ask_are_told_how_they_answered(db: None, desk: Opened) -> None:
    county = visited.make_county()
    house_indicator(
        "satisfaction",
        numerator=[{"source": "ratings", "at": "given", "where": {"grade": ["satisfied"]}}],
        denominator=[{"source": "ratings", "at": "given"}],
    )
    for visit in visited.visits_in(visited.draw(county), county.station):
        visited.answer(county, visit, Grade.SATISFIED)
    unit = f"unit={county.station.pk}&{MARCH}"

    for officer, told in ((county.head, False), (county.leader, False), (county.legal, True), (county.inspector, True)):
        client = desk(officer)
        for address in (f"/figures/?{unit}", f"/figures/satisfaction/?{unit}"):
            page = words_of(client.get(address).content)
            assert ("回访未结束，暂不公布" in page, "100.00%" in page) == (not told, told)
        assert bool(names_of(client, f"/figures/satisfaction/?{unit}")) == told
        assert "另有" not in page
