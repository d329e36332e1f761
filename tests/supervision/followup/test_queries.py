"""Who sees which followed cases, and what is counted of them."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Barring, BarringGround, Matter, Role
from cases.services import name_handler
from supervision.followup.models import FollowedCase
from supervision.followup.queries import followed_of, has_hand_in, matters_behind, steps_of, tallies, untold
from supervision.followup.services import add_item, finish_item, give_instruction, strike_item
from tests.cases.factories import day, make_officer, moment
from tests.supervision.followup.factories import ENTERED, County, follow, items_of

LATER = moment("2026-03-06 10:00")


@pytest.mark.parametrize("who", ["officer", "head", "branch_officer", "legal", "second_legal", "leader"])
def test_whoever_has_the_case_in_his_scope_or_his_line_sees_it(county: County, who: str) -> None:
    case = follow(county)

    assert list(followed_of(getattr(county, who))) == [case]
    assert steps_of(getattr(county, who)).count() == 1


@pytest.mark.parametrize("who", ["colleague", "stranger"])
def test_a_colleague_and_the_county_next_door_see_nothing_not_even_a_step(county: County, who: str) -> None:
    follow(county)

    assert not followed_of(getattr(county, who)).exists()
    assert not steps_of(getattr(county, who)).exists()


@pytest.mark.parametrize("role", Role.administrators())
def test_the_three_administrators_see_none(county: County, role: Role) -> None:
    follow(county)

    assert not followed_of(make_officer("900001", county.bureau.county, role)).exists()


def test_who_has_an_item_or_an_instruction_or_handles_the_matter_sees_the_case(county: County) -> None:
    case = follow(county)
    helper, addressed = (make_officer(number, county.bureau.sibling, Role.CASE_OFFICER) for number in ("3001", "3002"))
    assert not followed_of(helper).exists()

    add_item(case=case, title="协查", due_on=day("2026-03-20"), officer=helper, by=county.legal, at=ENTERED)
    give_instruction(case=case, text="查清", to=addressed, due_on=day("2026-03-20"), by=county.leader, at=ENTERED)
    FollowedCase.objects.update(officer=county.colleague)

    assert [followed_of(one).count() for one in (helper, addressed, county.officer)] == [1, 1, 1]


def test_the_head_of_the_line_party_sees_it_from_another_county(county: County) -> None:
    case = follow(county)

    FollowedCase.objects.update(line_unit=county.bureau.other_station)

    assert list(followed_of(county.stranger)) == [case]


def test_a_restricted_matter_is_out_of_everybodys_sight_even_where_it_is_followed(county: County) -> None:
    case = follow(county)
    seen = case.matter
    closed = Matter.objects.create(
        kind=seen.kind, number="R1", officer=county.officer, restricted=True, **seen.unit.scope_ids
    )

    FollowedCase.objects.filter(pk=case.pk).update(matter=closed)

    for one in (county.officer, county.head, county.legal, county.leader, county.branch_officer):
        assert not followed_of(one).exists()


def test_of_a_restricted_matter_only_a_handler_who_may_see_it_would_hear(county: County) -> None:
    """It cannot be followed, and no matter becomes restricted; a row that is wrong all the same tells nobody else."""
    case = follow(county)
    closed = Matter.objects.create(
        kind=case.matter.kind, number="R1", officer=county.officer, restricted=True, **case.matter.unit.scope_ids
    )
    keys = {one.key for one in untold(at=LATER)}
    assert keys and matters_behind([*keys, "other"]) == dict.fromkeys(keys, case.matter_id)

    FollowedCase.objects.filter(pk=case.pk).update(matter=closed)
    assert list(untold(at=LATER)) == []

    name_handler(matter=closed, officer=county.officer, role="officer", at=ENTERED)
    assert {one.officer_id for one in untold(at=LATER)} == {county.officer.pk}

    Barring.objects.create(matter=closed, ground=BarringGround.ACCUSED, unit=county.station, from_at=ENTERED)
    assert list(untold(at=LATER)) == []


def test_a_followed_matter_cannot_become_restricted(county: County) -> None:
    case = follow(county)

    with pytest.raises(DatabaseError, match="不能更改"), transaction.atomic():
        Matter.objects.filter(pk=case.matter_id).update(restricted=True)


def test_an_account_out_of_use_sees_nothing(county: County) -> None:
    follow(county)
    county.officer.is_active = False

    assert not followed_of(county.officer).exists()


def test_what_hangs_on_an_undone_batch_is_gone(county: County) -> None:
    case = follow(county)

    Matter.objects.filter(pk=case.matter_id).update(withdrawn_at=LATER)

    assert not followed_of(county.legal).exists()


@pytest.mark.parametrize(
    ("who", "has"),
    [
        ("officer", True),
        ("head", True),
        ("branch_officer", True),
        ("legal", True),
        ("leader", False),
        ("colleague", False),
        ("stranger", False),
    ],
)
def test_whose_hand_is_in_a_case(county: County, who: str, has: bool) -> None:
    assert has_hand_in(getattr(county, who), follow(county)) == has


def test_struck_items_do_not_count_and_overdue_ones_are_told_apart(county: County) -> None:
    case = follow(county)
    first, second = items_of(case)
    extra = add_item(case=case, title="追加", due_on=day("2026-03-03"), officer=None, by=county.legal, at=ENTERED)
    struck = add_item(case=case, title="划去", due_on=day("2026-03-03"), officer=None, by=county.legal, at=ENTERED)
    strike_item(item=struck, reason="重复", by=county.legal, at=ENTERED)
    finish_item(item=first, result="查清", evidence="", by=county.officer, at=ENTERED)
    give_instruction(case=case, text="查", to=county.officer, due_on=day("2026-03-05"), by=county.leader, at=ENTERED)

    tally = tallies([case], LATER)[case.pk]

    assert (tally.total, tally.done, tally.overdue) == (3, 1, 1)
    assert tally.next_due_on == extra.due_on
    assert (tally.instructions, tally.instructions_overdue) == (1, 1)
    assert second.due_on == day("2026-03-09")


def test_counting_takes_two_queries_however_many_the_cases(county: County) -> None:
    cases = [follow(county, f"A{number}") for number in range(5)]

    with CaptureQueriesContext(connection) as asked:
        tallies(cases, LATER)

    assert len(asked) == 2
