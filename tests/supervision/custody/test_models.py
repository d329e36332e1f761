"""What the database itself refuses."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from supervision.custody.models import Fault, Room, Stage, Visit, VisitStep
from tests.cases.factories import moment
from tests.supervision.custody.factories import ARRIVED, AT, ENTERED, County, begin, bring

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"left_at": ENTERED, "outcome": "离开"}, "exit_after_entry"),
        ({"left_at": AT}, "exit_says_what_followed"),
        ({"outcome": "离开"}, "exit_says_what_followed"),
        ({"entered_at": moment("2026-03-10 08:59")}, "entry_after_arrival"),
        ({"shown_as": "张三"}, "name_is_masked"),
    ],
)
def test_a_visit_that_cannot_be_is_refused(county: County, changes: dict[str, Any], constraint: str) -> None:
    visit = bring(county)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(**changes)


def test_nobody_is_in_a_centre_twice_at_once(county: County) -> None:
    bring(county)
    other = bring(county, "手环 2")

    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=other.pk).update(reference="手环 1")


def test_one_step_of_a_visit_goes_on_and_none_ends_before_it_began(county: County) -> None:
    visit = bring(county)
    stage = begin(county, visit, "search", "检查室", "09:10")

    with pytest.raises(IntegrityError), transaction.atomic():
        Stage.objects.create(visit=visit, kind="waiting", room=county.rooms["候问室一"], begun_at=AT)
    with pytest.raises(IntegrityError, match="stage_ends_after_it_begins"), transaction.atomic():
        Stage.objects.filter(pk=stage.pk).update(ended_at=ARRIVED)


@pytest.mark.parametrize("capacity", [0, 51])
def test_a_room_holds_somebody_and_not_a_crowd(county: County, capacity: int) -> None:
    with pytest.raises(IntegrityError, match="room_has_a_capacity"), transaction.atomic():
        Room.objects.filter(pk=county.rooms["检查室"].pk).update(capacity=capacity)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "dismissed", "why": "不属实"}, "judged_fault_says_by_whom"),
        ({"judged_at": AT}, "judged_fault_says_by_whom"),
        ({"state": "confirmed"}, "judged_fault_says_by_whom|confirmed_fault_is_ordered"),
        ({"state": "dismissed", "judged_at": AT, "judge": True}, "dismissed_fault_says_why"),
        ({"state": "confirmed", "judged_at": AT, "judge": True}, "confirmed_fault_is_ordered"),
    ],
)
def test_a_fault_that_nobody_judged_is_not_judged(county: County, changes: dict[str, Any], constraint: str) -> None:
    visit = bring(county)
    told = {key: value for key, value in changes.items() if key != "judge"}
    told |= {"judged_by": county.legal} if "judge" in changes else {}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Fault.objects.filter(visit=visit, rule="gap").update(**told)


def test_a_rule_finds_once_on_a_visit(county: County) -> None:
    row = Fault.objects.get(visit=bring(county), rule="gap")

    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_ledger_is_only_added_to(county: County, act: str) -> None:
    bring(county)
    steps = VisitStep.objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        steps.update(text="改写") if act == "update" else steps.delete()
