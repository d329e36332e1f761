from typing import Any

import pytest

from supervision.inspections import services
from supervision.inspections.models import Action, CheckInspector, CheckState, Draw, Finding, InspectionStep, Stage
from supervision.inspections.queries import draw_again
from supervision.inspections.services import Found, InspectionRefused
from supervision.rectification.models import Order, Source
from tests.cases.factories import day, make_case, moment
from tests.supervision.inspections.factories import (
    INSPECTED,
    County,
    add_item,
    check_at,
    draw,
    first_check,
    inspector_of,
    list_everything,
    record,
)

FAULT = Found("inspected", "《旅馆业治安管理办法》第六条", "旅客未登记。")
LATER = moment("2026-04-22 10:00")


def test_a_clean_result_waits_to_be_public_for_the_days_of_the_plan(county: County) -> None:
    check = record(first_check(draw(county)))

    # Monday 20 April, twenty working days on: 1, 4 and 5 May are off, 9 May is worked.
    assert (check.state, check.publish_due_on) == (CheckState.INSPECTED, day("2026-05-20"))
    assert Draw.objects.get().publish_due_on == day("2026-05-20")


def test_every_finding_becomes_an_order_to_the_unit_of_the_target(county: County) -> None:
    check = record(first_check(draw(county)), outcome="faults", findings=[FAULT, FAULT])

    orders = list(Order.objects.order_by("pk"))
    assert [(one.source, one.unit, one.problem.code) for one in orders] == [
        (Source.SUPERVISOR, check.unit, "inspected"), (Source.SUPERVISOR, check.unit, "inspected"),
    ]  # fmt: skip
    assert {one.order for one in Finding.objects.all()} == set(orders)
    assert "违反《旅馆业治安管理办法》第六条" in orders[0].text
    assert InspectionStep.objects.get(action=Action.INSPECTED).text == "发现问题，下达整改 2 件"


def test_a_finding_in_a_matter_is_ordered_of_who_handles_it(county: County) -> None:
    list_everything(county, station=0, sibling=1)
    make_case("A1", county.station, county.pool[3], filed="2026-03-02")
    check = first_check(draw(county, add_item(county, category="", kinds=("case",))))

    record(check, outcome="faults", findings=[FAULT])

    order = Order.objects.get()
    assert (order.matter, order.officer) == (check.matter, county.pool[3])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"outcome": "faults"}, "至少写一条问题"),
        ({"findings": [FAULT]}, "未发现问题的，不写问题"),
        ({"text": " "}, "请写明检查情况"),
        ({"inspected_on": day("2026-04-21")}, "还没有到"),
        ({"inspected_on": day("2026-04-06")}, "早于抽取日期"),
        ({"outcome": "faults", "findings": [Found("none", "x", "y")]}, "不在目录里"),
        ({"outcome": "faults", "findings": [Found("inspected", " ", "y")]}, "所违反的条款"),
    ],
)
def test_what_is_no_result(county: County, fields: dict[str, Any], said: str) -> None:
    check = first_check(draw(county))

    with pytest.raises(InspectionRefused, match=said):
        record(check, **fields)

    check.refresh_from_db()
    assert check.state == CheckState.DRAWN and not Finding.objects.exists() and not Order.objects.exists()


def test_only_who_was_drawn_records_and_only_once(county: County) -> None:
    check = first_check(draw(county))
    seen = first_check(check.draw)
    with pytest.raises(InspectionRefused, match="只有抽中的检查人员"):
        record(check, by=county.legal)
    record(check)

    with pytest.raises(InspectionRefused, match="现在是“待公示”，不能登记结果"):
        record(check)
    with pytest.raises(InspectionRefused, match="刚才已有人改动"):
        record(seen)


def test_who_steps_aside_is_followed_by_the_next_by_lot(county: County) -> None:
    check = first_check(draw(county, add_item(county, outside=False)))
    gone = inspector_of(check)

    row = services.step_aside(check=check, officer=gone, why="与经营者系亲属", by=gone, at=INSPECTED)

    assert row.officer not in (gone, None) and row.officer in county.pool
    assert CheckInspector.objects.get(check_row=check, officer=gone).why == "与经营者系亲属"
    assert check.inspectors.on_duty().count() == 2  # type: ignore[attr-defined]
    assert draw_again(check.draw).agrees
    with pytest.raises(InspectionRefused, match="不是这一次检查的检查人员"):
        services.step_aside(check=check, officer=gone, why="x", by=gone, at=INSPECTED)
    with pytest.raises(InspectionRefused, match="只有抽中的检查人员"):
        record(check, by=gone)


def test_who_cannot_be_followed_stays(county: County) -> None:
    check = first_check(draw(county))
    for one in county.pool:
        if not check.inspectors.filter(officer=one).exists():
            type(one).objects.filter(pk=one.pk).update(is_active=False)

    with pytest.raises(InspectionRefused, match="没有别的人可以接替"):
        services.step_aside(check=check, officer=inspector_of(check), why="x", by=county.legal, at=INSPECTED)

    assert not CheckInspector.objects.exclude(why="").exists()


def test_a_result_is_made_public_with_day_and_place_or_withheld_with_why(county: County) -> None:
    drawn = draw(county)
    for position in (1, 2, 3):
        record(check_at(drawn, position))
    services.publish_result(
        check=check_at(drawn, 1), on=day("2026-04-21"), where="县政府网站", by=county.legal, at=LATER
    )
    services.publish_result(
        check=check_at(drawn, 2), on=day("2026-04-21"), where="县政府网站", by=county.legal, at=LATER
    )
    assert drawn.item.steps.get(stage=Stage.PUBLISH).done_on is None

    withheld = services.withhold_result(check=check_at(drawn, 3), why="涉及国家秘密", by=county.legal, at=LATER)

    assert (withheld.state, withheld.withheld_why, withheld.settled_by) == ("withheld", "涉及国家秘密", county.legal)
    assert {one.stage: one.done_on for one in drawn.item.steps.all()} == {
        "draw": day("2026-04-07"), "inspect": day("2026-04-20"), "publish": day("2026-04-22"),
    }  # fmt: skip
    assert Draw.objects.get().publish_due_on is None


def test_what_cannot_be_made_public(county: County) -> None:
    check = first_check(draw(county))
    with pytest.raises(InspectionRefused, match="不能公示"):
        services.publish_result(check=check, on=day("2026-04-21"), where="x", by=county.legal, at=LATER)
    record(check)
    for on, where, said in (
        ("2026-04-23", "x", "还没有到"),
        ("2026-04-19", "x", "早于检查"),
        ("2026-04-21", " ", "哪里"),
    ):
        with pytest.raises(InspectionRefused, match=said):
            services.publish_result(check=check, on=day(on), where=where, by=county.legal, at=LATER)
    with pytest.raises(InspectionRefused, match="请写明理由"):
        services.withhold_result(check=check, why=" ", by=county.legal, at=LATER)
