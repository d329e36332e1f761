"""Coming in, staying longer, leaving: the clocks that follow, and what is refused."""

from datetime import datetime
from typing import Any

import pytest

from cases.models import Clock, ClockState, Event, Matter
from supervision.custody import services
from supervision.custody.models import Visit, VisitStep
from supervision.custody.services import CustodyRefused
from tests.cases.factories import moment
from tests.supervision.custody.factories import (
    ARRIVED,
    AT,
    ENTERED,
    County,
    actions,
    begin,
    bring,
    found,
    full,
    go,
    tell,
)

pytestmark = pytest.mark.django_db


def the_clock(visit: Visit) -> Clock:
    return Clock.objects.select_related("limit").exclude(state=ClockState.VOID).get(matter=visit.pk)


@pytest.mark.parametrize(
    ("basis", "case", "special", "limit", "due"),
    [
        ("inquiry", "case", False, "psa_inquiry_8h_v2025", "2026-03-10 17:00"),
        ("continued", None, False, "cont_interrogation_12h", "2026-03-10 21:00"),
        ("continued", "crime", False, "cont_interrogation_12h", "2026-03-10 21:00"),
        ("continued", None, True, "cont_interrogation_special_4h", "2026-03-10 13:00"),
        ("summons", "crime", False, "crim_summon_12h", "2026-03-10 21:00"),
        ("compelled", "crime", False, "crim_compelled_12h", "2026-03-10 21:00"),
    ],
)
def test_the_hours_of_each_basis_run_from_the_arrival(
    county: County, basis: str, case: str | None, special: bool, limit: str, due: str
) -> None:
    visit = bring(county, case=getattr(county, case) if case else None, basis=basis, special=special)

    clock = the_clock(visit)
    assert (clock.limit.code, clock.started_at, clock.due_at) == (limit, ARRIVED, moment(due))


def test_a_visit_belongs_to_its_case_and_names_nobody(county: County) -> None:
    visit = bring(county)

    matter = Matter.objects.get(pk=visit.pk)
    assert (matter.parent, matter.unit, matter.officer) == (county.case, county.station, county.officer)
    kept = [
        str(value) for row in (visit, matter, VisitStep.objects.get(action="entered")) for value in vars(row).values()
    ]
    assert visit.shown_as == "张*" and not any("张三" in one for one in kept)
    assert matter.number == f"入区{county.centre.pk}-20260310-001"


def test_visits_of_a_day_are_numbered_on(county: County) -> None:
    bring(county)

    assert bring(county, "手环 2").matter.number.endswith("-002")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"case": None}, "只有继续盘问"),
        ({"basis": "summons"}, "不能刑事传唤入区"),
        ({"entered_at": moment("2026-03-10 08:50")}, "入区时间 2026-03-10 08:50 早于到案时间"),
        ({"entered_at": moment("2026-03-10 10:01")}, "晚于现在"),
        ({"reference": "11010119900101001X"}, "不能填身份证号"),
        ({"reference": " "}, "请填写人员编号"),
        ({"name": ""}, "请填写姓名"),
        ({"document": "字" * 81}, "文书号最多 80 个字"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_left(county: County, told: dict[str, Any], why: str) -> None:
    with pytest.raises(CustodyRefused, match=why):
        bring(county, **{"reference": "手环 1", **told})

    assert not Matter.objects.filter(kind__code="custody_visit").exists()


def test_who_is_inside_is_not_brought_in_again_until_he_left(county: County) -> None:
    first = bring(county)
    with pytest.raises(CustodyRefused, match="已在县局执法办案管理中心区内"):
        bring(county)
    go(county, first, "09:50")

    assert bring(county).is_inside


def test_a_centre_of_another_county_and_a_case_of_others_are_refused(county: County) -> None:
    other = services.add_centre(unit=county.bureau.other_county, name="邻县中心", by=county.stranger)

    with pytest.raises(CustodyRefused, match="请另选"):
        services.enter(case=county.case, centre=other, known=known(), by=county.officer, at=AT)
    with pytest.raises(CustodyRefused, match="不在您的范围内"):
        services.enter(case=county.case, centre=county.centre, known=known(), by=county.sibling, at=AT)


def known() -> services.Known:
    return services.Known("inquiry", "张三", "手环 9", ARRIVED, ENTERED)


@pytest.mark.parametrize(
    ("basis", "steps", "due"),
    [
        ("inquiry", [(12, "")], "2026-03-10 21:00"),
        ("inquiry", [(24, "")], "2026-03-11 09:00"),
        ("inquiry", [(12, ""), (24, "")], "2026-03-11 09:00"),
        ("continued", [(24, "county_duty_leader")], "2026-03-11 09:00"),
        ("continued", [(24, "county_duty_leader"), (48, "county_leader")], "2026-03-12 09:00"),
        # 公安机关适用继续盘问规定第十一条：不得由十二小时直接延至四十八小时
        ("continued", [(48, "county_leader")], "2026-03-10 21:00"),
        # 拘传延长由县级以上公安机关负责人批准
        ("compelled", [(24, "department_head")], "2026-03-10 21:00"),
        ("compelled", [(24, "county_leader")], "2026-03-11 09:00"),
        ("summons", [(24, "department_head")], "2026-03-11 09:00"),
    ],
)
def test_a_stay_is_lengthened_where_the_level_suffices(
    county: County, basis: str, steps: list[tuple[int, str]], due: str
) -> None:
    case = {"inquiry": county.case, "continued": None}.get(basis, county.crime)
    visit = bring(county, basis=basis, case=case)

    for number, (hours, approver) in enumerate(steps):
        longer(county, visit, hours, moment(f"2026-03-10 09:{20 + number}"), approver=approver)

    assert the_clock(visit).due_at == moment(due)


def longer(county: County, visit: Visit, hours: int, approved: datetime, **more: Any) -> Event:
    told: dict[str, Any] = {"document": "延字 1 号", "ground": "情况复杂", "by": county.officer, "at": AT, **more}
    return services.extend_stay(visit=visit, hours=hours, approved_at=approved, **told)


@pytest.mark.parametrize(
    ("special", "told", "why"),
    [
        (True, {}, "可以的有：没有"),
        (False, {"hours": 36}, "可以的有：24 小时、48 小时"),
        (False, {"document": ""}, "请填写文书号"),
        (False, {"approved": moment("2026-03-10 08:00")}, "批准时间 2026-03-10 08:00 早于到案"),
        (False, {"approved": moment("2026-03-10 11:00")}, "晚于现在"),
        (False, {"approver": "某人"}, "不在目录里"),
    ],
)
def test_an_extension_that_cannot_be_is_refused(county: County, special: bool, told: dict[str, Any], why: str) -> None:
    visit = bring(county, basis="continued", case=None, special=special)

    with pytest.raises(CustodyRefused, match=why):
        longer(county, visit, told.pop("hours", 24), told.pop("approved", ENTERED), **told)

    assert actions(visit) == ["entered", "found"]


def test_leaving_ends_the_step_that_goes_on_and_stops_the_hours(county: County) -> None:
    visit = bring(county)
    stage = begin(county, visit, "search", "检查室", "09:10")

    left = go(county, visit, "16:59")

    stage.refresh_from_db()
    clock = the_clock(visit)
    assert (stage.ended_at, left.left_at) == (moment("2026-03-10 16:59"),) * 2
    assert (clock.state, clock.late, clock.ended_at) == (ClockState.STOPPED, False, left.left_at)
    assert Matter.objects.get(pk=visit.pk).closed_at == left.left_at
    assert {"no_collection", "no_questioning", "family_not_told"} <= found(visit)


def test_a_visit_with_everything_in_it_has_no_fault(county: County) -> None:
    assert found(full(county, bring(county))) == set()


def test_who_left_does_not_leave_again_and_the_order_of_moments_is_kept(county: County) -> None:
    visit = bring(county)
    begin(county, visit, "search", "检查室", "09:30")

    with pytest.raises(CustodyRefused, match="早于入区时间"):
        go(county, visit, "09:05")
    with pytest.raises(CustodyRefused, match="早于上一环节"):
        go(county, visit, "09:20")
    go(county, visit, "09:40")
    with pytest.raises(CustodyRefused, match="已经离开办案区，不能登记离开"):
        go(county, visit, "09:50")
    assert actions(visit).count("left") == 1


def test_the_family_is_told_once_also_after_the_exit(county: County) -> None:
    visit = go(county, bring(county), "09:50")
    assert "family_not_told" in found(visit)

    tell(county, visit)

    assert "family_not_told" not in found(visit)
    with pytest.raises(CustodyRefused, match="已经登记过"):
        tell(county, visit)


def test_correcting_the_arrival_counts_the_hours_anew(county: County) -> None:
    visit = bring(county)

    services.correct_moment(
        visit=visit,
        which="arrived",
        moment=moment("2026-03-10 08:30"),
        why="传唤证上是八点半",
        by=county.officer,
        at=AT,
    )

    assert the_clock(visit).due_at == moment("2026-03-10 16:30")
    assert VisitStep.objects.get(action="corrected").text == "到案时间原为 2026-03-10 09:00：传唤证上是八点半"


def test_correcting_the_exit_makes_a_late_one_punctual_and_its_fault_lapses(county: County) -> None:
    visit = go(county, bring(county), "17:30")
    assert "over" in found(visit) and the_clock(visit).late

    services.correct_moment(
        visit=visit, which="left", moment=moment("2026-03-10 16:50"), why="录像为准", by=county.officer,
        at=moment("2026-03-10 18:00"),
    )  # fmt: skip

    assert "over" not in found(visit) and not the_clock(visit).late
    assert Visit.objects.get(pk=visit.pk).left_at == moment("2026-03-10 16:50")


@pytest.mark.parametrize(
    ("which", "to", "why"),
    [
        ("left", "2026-03-10 09:50", "没有离开时间可以更正"),
        ("entered", "2026-03-10 08:00", "早于到案"),
        ("entered", "2026-03-10 09:31", "已登记的环节有的不在"),
        ("arrived", "2026-03-10 09:20", "早于到案"),
        ("entered", "2026-03-10 10:30", "晚于现在"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(county: County, which: Any, to: str, why: str) -> None:
    visit = bring(county)
    begin(county, visit, "search", "检查室", "09:30")

    with pytest.raises(CustodyRefused, match=why):
        services.correct_moment(visit=visit, which=which, moment=moment(to), why="误登", by=county.officer, at=AT)

    assert (Visit.objects.get().arrived_at, Visit.objects.get().entered_at) == (ARRIVED, ENTERED)


def test_nobody_acts_on_a_visit_he_may_not_see(county: County) -> None:
    visit = bring(county)

    with pytest.raises(CustodyRefused, match="不在您的范围内"):
        services.leave(visit=visit, left_at=AT, outcome="离开", by=county.sibling, at=AT)
