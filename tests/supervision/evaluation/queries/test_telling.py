"""Who may be told which numbers (信访工作条例 30), and when ratings are told."""

from datetime import datetime

import pytest

from cases.models import Grade, Officer, Role, Unit
from cases.roles import plan_roles
from supervision.evaluation.models import Indicator
from supervision.evaluation.queries import FigureCell, cutoff_of, told_to, told_to_anybody, withheld
from supervision.evaluation.queries.telling import ROUND_OPEN
from supervision.evaluation.rates import NOT_TOLD, Rate
from supervision.evaluation.rules.periods import Period, read_period
from supervision.returnvisits import services as returnvisits
from supervision.returnvisits.models import Visit
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.evaluation.factories import house_indicator, term
from tests.supervision.returnvisits import factories as visited

MARCH = read_period("2026-03")
AFTER = moment("2026-04-02 09:00")


@pytest.fixture
def complaints(bureau: Bureau) -> Indicator:
    return house_indicator(
        "complaint",
        name="投诉查实率",
        numerator=[{"source": "complaints", "at": "found", "where": {"borne_out": True}}],
        denominator=[{"source": "complaints", "at": "found"}],
    )


def cell(
    indicator: Indicator, unit: Unit, numerator: int, denominator: int, period: Period = MARCH, at: datetime = AFTER
) -> FigureCell:
    return FigureCell(indicator, unit, period, numerator, denominator, cutoff_of(period, at))


def text(one: FigureCell, officer: Officer, at: datetime = AFTER) -> str:
    (told,) = told_to([one], officer, at=at)
    assert (told.numerator is None) == (told.text == NOT_TOLD)
    assert (told.value is None) == (told.text == NOT_TOLD) and not (told.ranked and not told.told)
    return told.text


@pytest.mark.parametrize(
    ("role", "where", "post", "exact", "why"),
    [
        (Role.LEGAL_OFFICER, "legal", "legal", True, "supervises the station from the county"),
        (Role.LEADER, "county", "county", True, "leads the bureau above it"),
        (Role.INSPECTOR, "county", "county", True, "inspects it from above"),
        (Role.LEGAL_OFFICER, "city", "city", True, "from the city"),
        (Role.UNIT_HEAD, "station", "station", False, "heads the very unit complained about"),
        (Role.CASE_OFFICER, "county", "county", False, "supervises nobody"),
        (Role.UNIT_HEAD, "sibling", "sibling", False, "next door"),
        (Role.LEGAL_OFFICER, "other_station", "other_station", False, "of the county next door"),
        (Role.SYSTEM_ADMIN, "county", "county", False, "sees no case"),
        (Role.LEGAL_OFFICER, "station", "county", False, "supervises from above but belongs to the station himself"),
        (Role.LEGAL_OFFICER, "county", "station", False, "his post lies in the station, though it reaches the county"),
    ],
)
def test_few_complaints_are_told_to_whoever_supervises_from_above_and_to_nobody_else(
    bureau: Bureau, complaints: Indicator, role: Role, where: str, post: str, exact: bool, why: str
) -> None:
    officer = make_officer("200001", getattr(bureau, where), role, post=getattr(bureau, post))

    assert text(cell(complaints, bureau.station, 1, 3), officer) == ("33.33%" if exact else NOT_TOLD), why


@pytest.mark.parametrize(
    ("numerator", "denominator", "told"),
    [
        (5, 10, "50.00%"),
        (4, 10, NOT_TOLD),
        (6, 10, NOT_TOLD),
        (0, 0, NOT_TOLD),
        (0, 20, NOT_TOLD),
        (20, 20, NOT_TOLD),
    ],
)
def test_the_head_is_told_only_what_is_few_on_neither_side(
    bureau: Bureau, complaints: Indicator, numerator: int, denominator: int, told: str
) -> None:
    head = make_officer("200001", bureau.station, Role.UNIT_HEAD)

    assert text(cell(complaints, bureau.station, numerator, denominator), head) == told


def test_of_a_month_that_runs_the_head_is_told_nothing_restricted(bureau: Bureau, complaints: Indicator) -> None:
    """A number that grew overnight would tell that somebody complained yesterday."""
    head = make_officer("200001", bureau.station, Role.UNIT_HEAD)
    legal = make_officer("200002", bureau.legal, Role.LEGAL_OFFICER)
    now = moment("2026-03-20 10:00")
    running = cell(complaints, bureau.station, 8, 16, at=now)

    assert text(running, head, now) == NOT_TOLD
    assert text(running, legal, now) == "50.00%"


@pytest.mark.parametrize(
    ("period", "told"),
    [
        ("2026-03", True),
        ("2025", True),
        ("2026-01-01/2026-03-31", True),
        ("2026-03-01/2026-03-30", False),
        ("2026-03-02/2026-03-31", False),
    ],
)
def test_the_head_is_told_of_whole_months_so_that_no_day_can_be_taken_away_from_another(
    bureau: Bureau, complaints: Indicator, period: str, told: bool
) -> None:
    head = make_officer("200001", bureau.station, Role.UNIT_HEAD)
    legal = make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)
    one = cell(complaints, bureau.station, 8, 16, read_period(period))

    assert text(one, head) == ("50.00%" if told else NOT_TOLD)
    assert text(one, legal) == "50.00%"


def test_of_a_number_that_may_be_told_whoever_belongs_to_the_unit_is_told_the_whole_only(
    bureau: Bureau, complaints: Indicator
) -> None:
    head = make_officer("200001", bureau.station, Role.UNIT_HEAD)
    legal = make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)
    cells = [cell(complaints, bureau.station, 8, 16), cell(house_indicator(), bureau.station, 8, 16)]

    assert [one.only_whole for one in told_to(cells, head, at=AFTER)] == [True, False]
    assert [one.only_whole for one in told_to(cells, legal, at=AFTER)] == [False, False]


def test_what_is_counted_for_a_preview_is_told_by_the_same_rules(bureau: Bureau) -> None:
    legal = make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)
    complaints = [term("complaints", "received", enterprise=True), term("complaints", "received")]
    rates = {unit: Rate(1, 9) for unit in (bureau.county, bureau.legal, bureau.station)}
    cutoff = cutoff_of(MARCH, AFTER)

    restricted = withheld(complaints, rates, MARCH, cutoff, legal, at=AFTER)
    open_to_all = withheld([term("matters", "opened")], rates, MARCH, cutoff, legal, at=AFTER)

    assert restricted == {bureau.county.pk: NOT_TOLD, bureau.legal.pk: NOT_TOLD, bureau.station.pk: ""}
    assert set(open_to_all.values()) == {""}


def test_what_is_counted_for_a_preview_of_ratings_waits_for_their_round_too(db: None) -> None:
    county = visited.make_county()
    plan_roles()
    for visit in visited.visits_in(visited.draw(county), county.station):
        visited.answer(county, visit, Grade.SATISFIED)
    asked, rates = [term("ratings", "given")], {county.station: Rate(2, 2), county.bureau.sibling: Rate(2, 2)}

    def told(officer: Officer) -> dict[int, str]:
        return withheld(asked, rates, MARCH, cutoff_of(MARCH, AFTER), officer, at=AFTER)

    assert told(county.leader) == {county.station.pk: ROUND_OPEN, county.bureau.sibling.pk: ""}
    assert told(county.legal) == {county.station.pk: "", county.bureau.sibling.pk: ""}


def test_what_counts_nothing_restricted_is_everybodys(bureau: Bureau) -> None:
    head = make_officer("200001", bureau.station, Role.UNIT_HEAD)

    assert text(cell(house_indicator(), bureau.station, 1, 3), head) == "33.33%"


@pytest.mark.parametrize(
    ("numerator", "denominator", "period", "words"),
    [
        (5, 10, "2026-03", "50.00%"),
        (4, 10, "2026-03", NOT_TOLD),
        (6, 10, "2026-03", NOT_TOLD),
        (0, 20, "2026-03", NOT_TOLD),
        (20, 20, "2026-03", NOT_TOLD),
        (5, 10, "2026-03-01/2026-03-15", NOT_TOLD),
        (5, 10, "2026-04", NOT_TOLD),
    ],
)
def test_anybody_is_told_of_restricted_matters_what_is_not_few_in_months_that_are_over(
    bureau: Bureau, complaints: Indicator, numerator: int, denominator: int, period: str, words: str
) -> None:
    counted = cell(complaints, bureau.county, numerator, denominator, read_period(period))

    assert told_to_anybody([counted], at=AFTER)[0].text == words


def test_ratings_of_an_open_round_are_told_to_those_who_ask_and_to_others_when_it_is_over(db: None) -> None:
    county = visited.make_county()
    plan_roles()
    satisfaction = house_indicator(
        "satisfaction",
        numerator=[{"source": "ratings", "at": "given", "where": {"valid": True, "grade": ["satisfied"]}}],
        denominator=[{"source": "ratings", "at": "given", "where": {"valid": True}}],
    )
    visit_round = visited.draw(county)
    for visit in visited.visits_in(visit_round, county.station):
        visited.answer(county, visit, Grade.SATISFIED)

    def told(officer: Officer, unit: Unit, period: Period = MARCH) -> str:
        return told_to([cell(satisfaction, unit, 2, 2, period)], officer, at=AFTER)[0].text

    assert told(county.head, county.station) == ROUND_OPEN == told(county.leader, county.bureau.county)
    assert told(county.legal, county.station) == told(county.inspector, county.station) == "100.00%"
    # Neither other units nor other months are concerned.
    assert told(county.sibling_head, county.bureau.sibling) == "100.00%"
    assert told(county.head, county.station, read_period("2026-02")) == "100.00%"
    # A circular goes to those who ask and to all others.
    assert told_to_anybody([cell(satisfaction, county.bureau.county, 2, 2)], at=AFTER)[0].text == ROUND_OPEN

    visit_round.refresh_from_db()
    returnvisits.close_round(visit_round=visit_round, by=county.legal, at=moment("2026-03-18 10:00"))
    assert not Visit.objects.filter(round__closed_at=None).exists()
    assert told(county.head, county.station) == "100.00%"
