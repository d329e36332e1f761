from typing import Any

import pytest

from cases.models import MatterKind
from supervision.inspections import services
from supervision.inspections.models import Action, InspectionStep, ItemStep, PlannedItem, Stage
from supervision.inspections.services import InspectionRefused
from tests.cases.factories import day, moment
from tests.supervision.inspections.factories import (
    DRAWN,
    PLANNED,
    County,
    add_item,
    check_at,
    draw,
    make_plan,
    record,
)


def test_an_item_has_three_steps_whose_people_are_warned_before(county: County) -> None:
    item = add_item(county)

    steps = list(ItemStep.objects.filter(item=item))
    assert [(one.stage, one.due_on) for one in steps] == [
        ("draw", day("2026-04-15")), ("inspect", day("2026-05-15")), ("publish", day("2026-06-15")),
    ]  # fmt: skip
    # Wednesday, less three working days.
    assert steps[0].warn_on == day("2026-04-10")
    assert [one.action for one in InspectionStep.objects.filter(plan=item.plan)] == [Action.PLANNED, Action.ADDED]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ground": " "}, "没有依据的，不得列入检查"),
        ({"name": ""}, "请写明抽查事项"),
        ({"category": ""}, "只能选一样"),
        ({"kinds": ("case",)}, "只能选一样"),
        ({"percent": 0}, "1 至 100"),
        ({"each": 1}, "2 至 5 人"),
        ({"draw_by": day("2026-06-01")}, "依次"),
        ({"publish_by": day("2027-04-01")}, "2026 年以内"),
        ({"begins_on": day("2025-12-31")}, "2026 年以内"),
    ],
)
def test_what_may_not_stand_on_a_plan(county: County, fields: dict[str, Any], said: str) -> None:
    plan = make_plan(county)

    with pytest.raises(InspectionRefused, match=said):
        add_item(county, plan, **fields)

    assert not PlannedItem.objects.exists()


def test_results_may_be_published_in_the_spring_after(county: County) -> None:
    assert add_item(county, publish_by=day("2027-03-31")).steps.get(stage=Stage.PUBLISH).due_on == day("2027-03-31")


def test_restricted_kinds_are_not_inspected(county: County) -> None:
    MatterKind.objects.create(code="closed", name="信访", restricted=True)

    with pytest.raises(InspectionRefused, match="仅经办人可见"):
        add_item(county, category="", kinds=("closed",))


def test_a_plan_and_an_item_have_their_name_once(county: County) -> None:
    plan = make_plan(county)
    add_item(county, plan)

    with pytest.raises(InspectionRefused, match="已有名称为“年度双随机”的计划"):
        make_plan(county)
    with pytest.raises(InspectionRefused, match="已有名称为“旅馆业治安检查”的抽查事项"):
        add_item(county, plan)


def test_a_step_put_off_keeps_its_first_day_and_says_why(county: County) -> None:
    step = add_item(county).steps.get(stage=Stage.DRAW)

    moved = services.move_step(row=step, due_on=day("2026-04-30"), why="警力不足", by=county.legal, at=DRAWN)

    assert (moved.due_on, moved.first_due_on, moved.moves, moved.slipped) == (
        day("2026-04-30"), day("2026-04-15"), 1, True,
    )  # fmt: skip
    assert InspectionStep.objects.get(action=Action.MOVED).text == "随机抽取由 2026-04-15 改为 2026-04-30：警力不足"


@pytest.mark.parametrize(
    ("due_on", "why", "said"),
    [
        ("2026-04-30", " ", "请写明理由"),
        ("2026-04-15", "x", "和原来的一样"),
        ("2026-04-06", "x", "已经过去"),
        ("2026-05-20", "x", "依次"),
    ],
)
def test_how_a_step_may_not_be_moved(county: County, due_on: str, why: str, said: str) -> None:
    step = add_item(county).steps.get(stage=Stage.DRAW)

    with pytest.raises(InspectionRefused, match=said):
        services.move_step(row=step, due_on=day(due_on), why=why, by=county.legal, at=DRAWN)


def test_what_is_done_is_not_moved_and_what_was_moved_meanwhile_is_seen_first(county: County) -> None:
    item = add_item(county)
    step, seen = item.steps.get(stage=Stage.DRAW), item.steps.get(stage=Stage.DRAW)
    services.move_step(row=step, due_on=day("2026-04-20"), why="x", by=county.legal, at=PLANNED)

    with pytest.raises(InspectionRefused, match="刚才已有人改动"):
        services.move_step(row=seen, due_on=day("2026-04-21"), why="x", by=county.legal, at=PLANNED)
    draw(county, item)
    step.refresh_from_db()
    with pytest.raises(InspectionRefused, match="已经办完"):
        services.move_step(row=step, due_on=day("2026-04-22"), why="x", by=county.legal, at=DRAWN)


def test_a_plan_ends_when_all_is_public_and_changes_no_more(county: County) -> None:
    item = add_item(county)
    drawn = draw(county, item)
    at = moment("2026-04-22 10:00")
    with pytest.raises(InspectionRefused, match="还有 1 项没有办完"):
        services.close_plan(plan=item.plan, by=county.legal, at=at)
    for position in (1, 2, 3):
        record(check_at(drawn, position))
        services.publish_result(
            check=check_at(drawn, position), on=day("2026-04-21"), where="县政府网站", by=county.legal, at=at
        )

    closed = services.close_plan(plan=item.plan, by=county.legal, at=at)

    assert (closed.closed_at, closed.closed_by) == (at, county.legal)
    with pytest.raises(InspectionRefused, match="已经结束"):
        services.close_plan(plan=item.plan, by=county.legal, at=at)
    with pytest.raises(InspectionRefused, match="已经结束"):
        add_item(county, item.plan, name="再加一项")
