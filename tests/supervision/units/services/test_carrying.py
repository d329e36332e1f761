"""An approved change is carried out on its day, whole or not at all, once."""

from datetime import date, timedelta
from typing import Any

import pytest

from cases.models import Event, Matter, Officer, Post, Role, Unit
from cases.queries import matters_of
from cases.services import open_matter
from supervision.custody.models import Centre
from supervision.followup.models import FollowedCase, Stage
from supervision.property.models import Place
from supervision.rectification.models import OrderStep, Problem
from supervision.rectification.queries import orders_of
from supervision.units.models import Kind, State, UnitChange
from supervision.units.services import CarryingFailed, approve_change, carry_out, propose_change
from supervision.units.services.carrying import AFTERMATH
from supervision.units.tasks import carry_out_task
from tests.cases.factories import make_officer
from tests.supervision.followup.factories import follow
from tests.supervision.rectification.factories import order_for
from tests.supervision.units.factories import AT, BEFORE, GROUND, ON, Tree, approved, proposed, some_case


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def roles(unit: Unit) -> dict[str, str]:
    return dict(Post.objects.current().filter(unit=unit).values_list("officer__police_number", "role"))


def test_nothing_happens_before_its_day_and_without_approval(tree: Tree) -> None:
    approved(tree)
    proposed(tree, Kind.MOVE, unit=tree.county.branch)

    done = carry_out(at=AT - timedelta(minutes=2))

    assert (done.changed, done.settled) == (0, 0)
    carry_out(at=AT)
    assert set(UnitChange.objects.values_list("state", flat=True)) == {State.PROPOSED, State.SETTLING}


def test_a_move_happens_on_its_day_and_is_settled_ten_minutes_after(tree: Tree) -> None:
    case = some_case(tree)
    row = approved(tree, Kind.MOVE)

    assert carry_out(at=AT).changed == 1
    row = fresh(row)
    assert (row.state, row.carried_out_at, row.result) == (State.SETTLING, AT, {"units": 1})
    assert fresh(tree.station).parent == tree.next_door
    assert case not in matters_of(fresh(tree.county.leader))

    # Whoever had read the old tree writes a row by it.
    late = open_matter(kind="case", number="B9", unit=tree.station)
    assert late.county == tree.county.bureau.county
    assert carry_out(at=AT + AFTERMATH - timedelta(seconds=1)).settled == 0
    assert carry_out(at=AT + AFTERMATH).settled == 1
    assert fresh(late).county == tree.next_door
    assert (fresh(row).state, fresh(row).done_at) == (State.DONE, AT + AFTERMATH)
    assert (carry_out(at=AT + 2 * AFTERMATH).changed, carry_out(at=AT + 2 * AFTERMATH).settled) == (0, 0)


def test_days_of_silence_are_made_good_in_the_order_of_the_days(tree: Tree) -> None:
    third = tree.county.branch
    approved(tree, on=ON + timedelta(days=1), target=tree.sibling)
    later = propose_change(
        kind=Kind.MERGER, unit=tree.sibling, target=third, effective_on=ON + timedelta(days=2), ground=GROUND,
        by=tree.proposer, at=BEFORE,
    )  # fmt: skip
    approve_change(change=later, by=tree.decider, at=BEFORE)
    case = some_case(tree)

    assert carry_out(at=AT + timedelta(days=9)).changed == 2

    assert fresh(case).unit == third
    assert fresh(tree.station).valid_until == ON + timedelta(days=1)


def test_a_merger_takes_orders_followed_cases_places_and_case_officers_along(tree: Tree) -> None:
    county = tree.county
    Problem.objects.create(code="overrun", name="超过法定期限", fault="期限", article="第一条", workdays=3)
    order = order_for(tree.station, county.officer, by=county.legal, at=BEFORE)
    followed = follow(county, at=BEFORE)
    Place.objects.create(unit=tree.station, name="保管室")
    Place.objects.create(unit=tree.sibling, name="保管室")
    Centre.objects.create(unit=tree.station, name="办案区")
    row = approved(tree)

    carry_out(at=AT)

    order = fresh(order)
    assert (order.unit, order.station, order.officer, order.state) == (
        tree.sibling, tree.sibling, county.officer, "issued",
    )  # fmt: skip
    last = OrderStep.objects.filter(order=order).order_by("number").last()
    assert last is not None and (last.number, last.unit, last.text) == (
        order.step_number,
        tree.sibling,
        f"城关派出所并入城东派出所（{GROUND}）",
    )
    assert order in orders_of(fresh(tree.heir_head))
    followed = fresh(followed)
    assert (followed.unit, followed.main_unit, followed.officer, followed.stage) == (
        tree.sibling, tree.sibling, county.officer, Stage.MOVING,
    )  # fmt: skip
    assert set(Place.objects.filter(unit=tree.sibling).values_list("name", flat=True)) == {
        "保管室",
        "保管室（原城关派出所）",
    }
    assert Centre.objects.get().unit == tree.sibling
    # Case officers go on, the head's post is over: nobody gets to lead more than he was given.
    assert roles(tree.station) == {}
    assert roles(tree.sibling) == {
        "100001": Role.CASE_OFFICER, "100002": Role.CASE_OFFICER, "200004": Role.UNIT_HEAD,
    }  # fmt: skip
    assert Post.objects.filter(officer=county.officer, unit=tree.sibling, granted_by=tree.decider, from_on=ON).exists()
    assert fresh(row).result == {
        "matters": 1, "children": 0, "people": 3, "places": 2, "posts": 2, "ended": ["民警100003（办案单位负责人）"],
    }  # fmt: skip


def test_who_approved_it_is_given_no_post_by_himself(tree: Tree) -> None:
    other = make_officer("200009", tree.county.bureau.city, Role.SECURITY_ADMIN)
    # He serves in the station that goes, and keeps the city.
    Post.objects.filter(officer=other).update(unit=tree.county.bureau.city)
    Post.objects.create(officer=other, unit=tree.station, role=Role.SECURITY_ADMIN, from_on=date(2026, 1, 1))
    row = approve_change(change=proposed(tree), by=other, at=BEFORE)

    carry_out(at=AT)

    ended = Post.objects.get(officer=other, unit=tree.station)
    assert (ended.until_on, ended.ended_by) == (ON, tree.proposer)
    assert "民警200009（安全管理员）" in fresh(row).result["ended"]


def test_a_legal_department_that_goes_into_a_unit_that_is_none_leaves_its_cases_incomplete(tree: Tree) -> None:
    case = follow(tree.county, at=BEFORE)
    legal = tree.county.bureau.legal
    approved(tree, unit=legal, target=tree.county.branch)

    carry_out(at=AT)

    case = FollowedCase.objects.get(pk=case.pk)
    assert (case.stage, case.supervisory_unit) == (Stage.INCOMPLETE, None)


def test_killed_anywhere_it_is_as_it_was_and_done_by_the_next_round(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = some_case(tree)
    row = approved(tree)
    for step in ("merge_unit", "orders_follow", "followed_cases_follow", "places_follow", "assign_post"):
        with monkeypatch.context() as patch:

            def fail(*args: Any, **kwargs: Any) -> None:
                raise KeyboardInterrupt

            patch.setattr(f"supervision.units.services.carrying.{step}", fail)
            with pytest.raises(KeyboardInterrupt):
                carry_out(at=AT)
        assert (fresh(row).state, fresh(tree.station).valid_until, fresh(case).unit) == (
            State.APPROVED, None, tree.station,
        ), step  # fmt: skip
        assert roles(tree.station).keys() == {"100001", "100002", "100003"}, step

    assert carry_out(at=AT).changed == 1
    assert Event.objects.filter(matter=case, from_unit=tree.station).count() == 1


def test_one_that_cannot_be_done_says_why_and_the_others_are_done(tree: Tree) -> None:
    bad = approved(tree, Kind.MOVE)
    Unit.objects.filter(pk=tree.next_door.pk).update(valid_until=date(2026, 3, 5))
    good = approved(tree, unit=tree.county.branch)

    with pytest.raises(CarryingFailed, match=f"第 {bad.pk} 号"):
        carry_out(at=AT)

    assert (fresh(bad).state, fresh(good).state) == (State.APPROVED, State.SETTLING)
    assert "请选择在用的单位" in fresh(bad).error
    Unit.objects.filter(pk=tree.next_door.pk).update(valid_until=None)
    assert carry_out(at=AT).changed == 1
    assert fresh(bad).error == ""


def test_the_task_does_a_round(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(tree)
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)

    assert (carry_out_task(), carry_out_task()) == (1, 0)


def test_open_matters_of_people_who_have_left_are_handed_over_all_the_same(tree: Tree) -> None:
    case = some_case(tree)
    Officer.objects.filter(pk=tree.county.officer.pk).update(is_active=False)
    approved(tree)

    carry_out(at=AT)

    assert Matter.objects.get(pk=case.pk).unit == tree.sibling
