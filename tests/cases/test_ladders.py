"""A unit's own ladder: copied, made stricter, given up; the clocks below it follow, and nobody else's."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import winding
from cases.ladders import above, copy_again, copy_ladder, drop_ladder, held, set_ladder
from cases.models import Clock, Ladder, Limit, Manner, Matter, Officer, PendingWinding, Role, UnitLadder
from cases.services import CaseRefused
from cases.statute.ladders import Demand
from cases.winding import wind_pending
from tests.cases.factories import Bureau, clock_of, make_case, make_officer, moment

pytestmark = pytest.mark.django_db

NOW = moment("2026-03-02 10:00")
EARLIER = {"yellow": {"days": 10}, "orange": {"days": 5}}


@pytest.fixture
def head(bureau: Bureau) -> Officer:
    return make_officer("100004", bureau.station, Role.UNIT_HEAD)


@pytest.fixture
def case(bureau: Bureau, catalogue: None) -> Matter:
    return make_case("A1", bureau.station, filed="2026-03-02")


@pytest.fixture
def neighbour(bureau: Bureau, catalogue: None) -> Matter:
    return make_case("A2", bureau.sibling, filed="2026-03-02")


def long() -> Ladder:
    return Ladder.objects.get(code="long")


def copied(bureau: Bureau, by: Officer, **fields: Any) -> UnitLadder:
    return copy_ladder(**{"unit": bureau.station, "ladder": long(), "by": by, "at": NOW, **fields})


def yellow(matter: Matter) -> str:
    at = clock_of(matter).yellow_at
    assert at is not None
    return f"{at.astimezone(NOW.tzinfo):%m-%d}"


def test_a_copy_says_what_holds_above_and_changes_nothing(bureau: Bureau, case: Matter, head: Officer) -> None:
    own = copied(bureau, head)

    assert held(own) == above(bureau.station, long(), None)
    assert not PendingWinding.objects.exists()


def test_a_stricter_one_makes_the_clocks_of_the_unit_yellow_earlier_and_no_others(
    bureau: Bureau, case: Matter, neighbour: Matter, head: Officer
) -> None:
    set_ladder(own=copied(bureau, head), levels=EARLIER, by=head, at=NOW)
    assert [row.matter for row in PendingWinding.objects.all()] == [case]

    wind_pending(at=NOW)

    assert (yellow(case), yellow(neighbour)) == ("03-22", "03-25")


def test_it_holds_for_the_units_below_too(bureau: Bureau, case: Matter, neighbour: Matter) -> None:
    legal = make_officer("100003", bureau.legal, Role.LEGAL_OFFICER, post=bureau.county)
    set_ladder(own=copied(bureau, legal, unit=bureau.county), levels=EARLIER, by=legal, at=NOW)

    wind_pending(at=NOW)

    assert yellow(case) == yellow(neighbour) == "03-22"


def test_the_nearest_unit_wins_but_is_never_slacker_than_one_above_that_was_tightened_since(
    bureau: Bureau, case: Matter, neighbour: Matter, head: Officer
) -> None:
    legal = make_officer("100003", bureau.legal, Role.LEGAL_OFFICER, post=bureau.county)
    set_ladder(own=copied(bureau, head), levels=EARLIER, by=head, at=NOW)
    county = copied(bureau, legal, unit=bureau.county)
    set_ladder(own=county, levels={"yellow": {"days": 8}, "orange": {"days": 3}}, by=legal, at=NOW)
    wind_pending(at=NOW)
    assert (yellow(case), yellow(neighbour)) == ("03-22", "03-24")

    set_ladder(own=county, levels={"yellow": {"days": 15}, "orange": {"days": 3}}, by=legal, at=NOW)
    wind_pending(at=NOW)

    assert yellow(case) == yellow(neighbour) == "03-17"


def test_one_for_a_limit_is_for_that_limit_alone(bureau: Bureau, case: Matter, head: Officer) -> None:
    limit = Limit.objects.get(code="decide")
    own = copied(bureau, head, limit=limit)
    set_ladder(own=own, levels=EARLIER, by=head, at=NOW)

    wind_pending(at=NOW)

    assert yellow(case) == "03-22"
    with pytest.raises(CaseRefused, match="用的不是"):
        copied(bureau, head, limit=limit, ladder=Ladder.objects.get(code="short"))


def test_given_up_what_holds_above_holds_again(bureau: Bureau, case: Matter, head: Officer) -> None:
    own = copied(bureau, head)
    set_ladder(own=own, levels=EARLIER, by=head, at=NOW)
    wind_pending(at=NOW)

    drop_ladder(own=own, by=head, at=NOW)
    wind_pending(at=NOW)

    assert yellow(case) == "03-25"
    assert not UnitLadder.objects.exists()


def test_copied_again_it_is_what_holds_above(bureau: Bureau, case: Matter, head: Officer) -> None:
    own = set_ladder(own=copied(bureau, head), levels=EARLIER, by=head, at=NOW)

    copy_again(own=own, by=head, at=NOW)

    assert held(own) == above(bureau.station, long(), None)


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ({"yellow": {"days": 5}, "orange": {"days": 3}}, "黄色提前量"),
        ({"yellow": {"workdays": 9}, "orange": {"days": 3}}, "黄色提前量"),
        ({**EARLIER, "red": {"demands": "none"}}, "超期的通知和要求"),
        ({**EARLIER, "climbs": [9, 9, 9]}, "逐级上报的天数"),
        ({**EARLIER, "climbs": [1]}, "应为三个数"),
        ({"yellow": {"days": 1}, "orange": {"days": 3}}, "橙色不能早于黄色"),
        ({**EARLIER, "red": {"grade": "worst"}}, "reminder"),
    ],
)
def test_what_is_slacker_or_ill_written_is_refused_with_its_part(
    bureau: Bureau, catalogue: None, head: Officer, levels: dict[str, Any], told: str
) -> None:
    with pytest.raises(CaseRefused, match=told):
        set_ladder(own=copied(bureau, head), levels=levels, by=head, at=NOW)


def test_nobody_sets_the_ladder_of_a_unit_that_is_not_his(bureau: Bureau, catalogue: None, head: Officer) -> None:
    with pytest.raises(CaseRefused, match="不能设定"):
        copied(bureau, head, unit=bureau.sibling)
    with pytest.raises(CaseRefused, match="不能设定"):
        copied(bureau, make_officer("100009", bureau.station, Role.CASE_OFFICER))


def test_a_unit_has_one_copy_of_a_ladder(bureau: Bureau, catalogue: None, head: Officer) -> None:
    copied(bureau, head)

    with pytest.raises(CaseRefused, match="已有这个阶梯"):
        copied(bureau, head)


def test_a_quieter_unit_is_refused_and_a_louder_one_presses_its_clocks_so(
    bureau: Bureau, case: Matter, head: Officer
) -> None:
    levels = {**EARLIER, "orange": {"days": 5, "demands": "order", "grade": "supervised", "within": 2}}
    set_ladder(own=copied(bureau, head), levels=levels, by=head, at=NOW)

    wind_pending(at=NOW)

    manner = Clock.objects.select_related("manner").get(matter=case).manner
    assert manner is not None
    assert (manner.orange_demands, manner.orange_grade, manner.orange_within) == (Demand.ORDER, "supervised", 2)


def test_a_manner_is_written_once_however_many_clocks_have_it(bureau: Bureau, case: Matter, neighbour: Matter) -> None:
    before = Manner.objects.count()

    make_case("A3", bureau.station, filed="2026-03-03")

    assert Manner.objects.count() == before
    assert clock_of(case).manner_id == clock_of(neighbour).manner_id is not None


def test_a_hundred_unit_ladders_cost_a_winding_no_more_questions_than_one(
    bureau: Bureau, case: Matter, head: Officer
) -> None:
    set_ladder(own=copied(bureau, head), levels=EARLIER, by=head, at=NOW)
    winding.catalogue()
    with CaptureQueriesContext(connection) as with_one:
        winding.catalogue()
    for unit in (bureau.sibling, bureau.other_station, bureau.legal, bureau.county, bureau.other_county):
        for ladder in Ladder.objects.all():
            levels = {"yellow": ladder.yellow, "orange": ladder.orange, "climbs": [1, 1, 1]}
            UnitLadder.objects.create(unit=unit, ladder=ladder, at=NOW, **levels)
    winding.catalogue()

    with CaptureQueriesContext(connection) as with_many:
        winding.catalogue()

    assert len(with_many) == len(with_one)
