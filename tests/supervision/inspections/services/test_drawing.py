from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Handling, HandlingRole
from supervision.inspections import services
from supervision.inspections.models import Check, CheckInspector, CheckState, Draw, Stage, Target
from supervision.inspections.queries import draw_again
from supervision.inspections.services import InspectionRefused
from tests.cases.factories import day, make_case, moment
from tests.supervision.inspections.factories import (
    DRAWN,
    PLANNED,
    SEED,
    County,
    add_item,
    draw,
    list_everything,
)


def test_targets_and_inspectors_are_drawn_and_can_be_drawn_again(county: County) -> None:
    drawn = draw(county)

    checks = list(Check.objects.filter(draw=drawn))
    assert (drawn.frame_size, drawn.drawn, len(checks)) == (10, 3, 3)
    assert all(one.inspectors.count() == 2 and one.state == CheckState.DRAWN for one in checks)
    assert draw_again(drawn).agrees
    assert drawn.item.steps.get(stage=Stage.DRAW).done_on == day("2026-04-07")


def test_the_same_seed_draws_the_same_and_another_does_not(county: County) -> None:
    drawn = draw(county)
    second = draw(county, add_item(county, drawn.item.plan, name="第二项"))
    third = draw(county, add_item(county, drawn.item.plan, name="第三项"), seed="43")

    def names(one: Draw) -> list[Any]:
        return list(Check.objects.filter(draw=one).values_list("target", "inspectors__officer"))

    assert names(drawn) == names(second) != names(third)


def test_without_a_seed_one_is_taken_by_chance(county: County) -> None:
    drawn = draw(county, seed=" ")

    assert len(drawn.seed) == 16 and not drawn.seed_given
    assert draw_again(drawn).agrees


def test_whoever_belongs_to_the_unit_of_a_target_keeps_away(county: County) -> None:
    draw(county, add_item(county, percent=100))

    own = CheckInspector.objects.filter(officer=county.pool[3])
    assert own.exists()
    assert not own.filter(check_row__unit=county.station).exists()


def test_whoever_declared_an_interest_keeps_away(county: County) -> None:
    targets = list_everything(county)
    for one in targets:
        if one.code != "S1":
            services.declare_interest(officer=county.pool[0], target=one, why="配偶经营", at=PLANNED)
    drawn = draw(county, add_item(county, percent=100))

    assert set(
        CheckInspector.objects.filter(officer=county.pool[0]).values_list("check_row__target__code", flat=True)
    ) <= {"S1"}
    assert drawn.away


def test_an_item_is_drawn_once_for_good(county: County) -> None:
    item = add_item(county)
    draw(county, item)

    with pytest.raises(InspectionRefused, match="一项只抽一次"):
        draw(county, item, seed="other")

    assert Draw.objects.count() == 1


def test_a_draw_is_refused_before_it_is_known_what_comes_out(county: County) -> None:
    """One target that only one inspector could inspect: whatever the seed, drawn or not."""
    targets = list_everything(county)
    for one in county.pool[:2]:
        services.declare_interest(officer=one, target=targets[0], why="近亲属", at=PLANNED)
    item = add_item(county, percent=1)

    for seed in ("1", "2", "3", "4", "5"):
        with pytest.raises(InspectionRefused, match="“S1旅馆”能够检查的人员不足 2 人"):
            draw(county, item, seed=seed)


def test_what_left_the_register_is_not_drawn(county: County) -> None:
    targets = list_everything(county)
    services.remove_target(target=targets[0], by=county.legal, at=PLANNED)
    services.remove_inspector(officer=county.pool[0], by=county.legal, at=PLANNED)

    drawn = draw(county, add_item(county, percent=100))

    assert drawn.frame_size == 9 and "200001" not in drawn.pool


def test_nothing_is_drawn_of_nothing(county: County) -> None:
    list_everything(county)

    with pytest.raises(InspectionRefused, match="没有可以抽取的检查对象"):
        draw(county, add_item(county, category="典当业"))


def test_matters_are_drawn_without_their_handlers_and_without_what_is_closed(county: County) -> None:
    list_everything(county, station=0, sibling=0)
    Target.objects.create(
        code="x", name="x", category="x", listed_at=PLANNED, listed_by=county.legal, **county.station.scope_ids
    )
    cases = [make_case(f"A{n}", county.station, county.pool[3], filed="2026-03-02") for n in range(1, 5)]
    make_case("OLD", county.station, county.pool[3], filed="2025-12-02")
    Handling.objects.create(
        matter=cases[0], officer=county.pool[0], role=HandlingRole.OFFICER, from_at=moment("2026-03-01")
    )
    item = add_item(county, category="", kinds=("case",), percent=100)

    drawn = draw(county, item)

    assert {one.matter.number for one in Check.objects.filter(draw=drawn) if one.matter} == {"A1", "A2", "A3", "A4"}
    assert not CheckInspector.objects.filter(officer=county.pool[3]).exists()
    first = Check.objects.get(draw=drawn, matter=cases[0])
    assert {one.officer for one in first.inspectors.all()} == set(county.pool[1:3])
    assert draw_again(drawn).agrees


def test_a_draw_asks_no_more_of_the_database_for_more_targets(county: County) -> None:
    plan = add_item(county).plan
    list_everything(county, station=3, sibling=2)
    few = add_item(county, plan, name="少")
    assert few.plan.unit == county.bureau.county
    with CaptureQueriesContext(connection) as first:
        services.draw_item(item=few, seed=SEED, by=county.legal, at=DRAWN)
    for n in range(30):
        services.list_target(
            code=f"M{n}", name=f"M{n}", category="旅馆业", unit=county.station, by=county.legal, at=PLANNED
        )
    many = add_item(county, plan, name="多")
    with CaptureQueriesContext(connection) as second:
        services.draw_item(item=many, seed=SEED, by=county.legal, at=DRAWN)

    assert len(first) == len(second)


def test_a_draw_kept_wrong_does_not_agree(county: County) -> None:
    drawn = draw(county)
    Draw.objects.filter(pk=drawn.pk).update(frame=drawn.frame[1:])
    drawn.refresh_from_db()

    again = draw_again(drawn)

    assert not again.same_frame and not again.agrees
