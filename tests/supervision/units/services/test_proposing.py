"""One administrator proposes, another decides, and only for units that both keep."""

from datetime import date

import pytest

from supervision.units.models import Kind, State
from supervision.units.queries import changes_of, effects_of, waiting_for
from supervision.units.services import (
    UnitsRefused,
    approve_change,
    carry_out,
    propose_change,
    refuse_change,
    withdraw_change,
)
from tests.cases.factories import make_case
from tests.supervision.units.factories import AT, BEFORE, GROUND, ON, Tree, approved, proposed, some_case


def test_what_was_proposed_waits_for_the_other_administrator(tree: Tree) -> None:
    row = proposed(tree)

    assert (row.state, row.former_parent) == (State.PROPOSED, tree.county.bureau.county)
    assert list(waiting_for(tree.decider)) == [row]
    assert not waiting_for(tree.proposer).exists() and not waiting_for(tree.county.legal).exists()


def test_who_keeps_one_of_the_two_units_sees_the_change_and_does_not_decide_it(tree: Tree) -> None:
    row = proposed(tree, Kind.MOVE)

    assert list(changes_of(tree.keeper_of_one)) == [row]
    assert not waiting_for(tree.keeper_of_one).exists()
    with pytest.raises(UnitsRefused, match="只有管理两个单位的安全管理员"):
        approve_change(change=row, by=tree.keeper_of_one, at=BEFORE)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"ground": " "}, "文号"),
        ({"effective_on": date(2026, 3, 4)}, "已过"),
        ({"target": "station"}, "或者在其之下"),
        ({"kind": Kind.MOVE}, "层级应当低于上级单位"),
    ],
)
def test_what_cannot_be_done_is_not_proposed(tree: Tree, asked: dict[str, object], why: str) -> None:
    target = tree.station if asked.pop("target", None) else tree.sibling
    known = {"kind": Kind.MERGER, "effective_on": ON, "ground": GROUND, **asked}

    with pytest.raises(UnitsRefused, match=why):
        propose_change(unit=tree.station, target=target, by=tree.proposer, at=BEFORE, **known)  # type: ignore[arg-type]


def test_a_unit_that_is_not_his_to_keep_is_not_proposed(tree: Tree) -> None:
    with pytest.raises(UnitsRefused, match="不在您管理的单位之内"):
        propose_change(
            kind=Kind.MOVE, unit=tree.station, target=tree.next_door, effective_on=ON, ground=GROUND,
            by=tree.keeper_of_one, at=BEFORE,
        )  # fmt: skip


def test_a_second_change_of_the_same_unit_waits_until_the_first_is_through(tree: Tree) -> None:
    first = proposed(tree)

    with pytest.raises(UnitsRefused, match="已有一项变动正在办理"):
        proposed(tree, Kind.MOVE)
    withdraw_change(change=first, by=tree.proposer)
    assert proposed(tree, Kind.MOVE).state == State.PROPOSED


def test_who_proposed_does_not_approve_and_a_refusal_says_why(tree: Tree) -> None:
    row = proposed(tree)

    with pytest.raises(UnitsRefused, match="另一人批准"):
        approve_change(change=row, by=tree.proposer, at=BEFORE)
    with pytest.raises(UnitsRefused, match="请写明理由"):
        refuse_change(change=row, answer=" ", by=tree.decider, at=BEFORE)
    assert refuse_change(change=row, answer="文号不对", by=tree.decider, at=BEFORE).state == State.REFUSED
    with pytest.raises(UnitsRefused, match="请刷新后再看"):
        approve_change(change=row, by=tree.decider, at=BEFORE)


def test_what_makes_no_tree_by_now_is_not_approved(tree: Tree) -> None:
    row = proposed(tree, Kind.MOVE)
    type(tree.next_door).objects.filter(pk=tree.next_door.pk).update(valid_until=ON)
    row.refresh_from_db()

    with pytest.raises(UnitsRefused, match="请选择在用的单位"):
        approve_change(change=row, by=tree.decider, at=BEFORE)


def test_an_approved_change_is_taken_back_until_it_is_carried_out(tree: Tree) -> None:
    row = approved(tree)
    with pytest.raises(UnitsRefused, match="只能撤回自己提出的"):
        withdraw_change(change=row, by=tree.decider)
    assert withdraw_change(change=row, by=tree.proposer).state == State.WITHDRAWN

    again = approved(tree)
    carry_out(at=AT)
    with pytest.raises(UnitsRefused, match="已经实施"):
        withdraw_change(change=again, by=tree.proposer)


def test_what_a_change_would_do_is_told_without_matters_only_their_handlers_see(tree: Tree) -> None:
    row = proposed(tree)
    some_case(tree)
    make_case("B2", tree.station, tree.county.officer, filed="2026-03-02", restricted=True)

    told = effects_of(row)

    assert (told.matters, told.open_matters, told.running) == (1, 1, 1)
    assert [one.officer for one in told.carried] == ["民警100001", "民警100002"]
    assert [one.officer for one in told.ended] == ["民警100003"]
    # The head of the other is above it from then on; nobody else's reach changes inside one county.
    assert [one.officer for one in told.gain] == ["民警200004"] and told.lose == []


def test_a_move_to_another_county_tells_whose_reach_ends_and_whose_begins(tree: Tree) -> None:
    from cases.models import Role
    from tests.cases.factories import make_officer

    make_officer("300001", tree.next_door, Role.LEADER)

    told = effects_of(proposed(tree, Kind.MOVE))

    assert [one.officer for one in told.gain] == ["民警300001"]
    assert [one.officer for one in told.lose] == ["民警100007", "民警100005", "民警100006", "民警100004"]
