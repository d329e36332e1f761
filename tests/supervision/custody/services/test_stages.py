"""What is done inside, where, and what is refused."""

import pytest

from cases.models import Clock, ClockState
from supervision.custody import services
from supervision.custody.models import Room, Stage, Visit
from supervision.custody.queries import in_rooms
from supervision.custody.services import CustodyRefused
from tests.cases.factories import moment
from tests.supervision.custody.factories import AT, ENTERED, County, actions, begin, bring, finish, found, go, local

pytestmark = pytest.mark.django_db


def add(county: County, visit: Visit, kind: str, room: str, begins: str, ends: str, at: str = "23:00") -> Stage:
    return services.add_stage(
        visit=visit, kind=kind, room=county.rooms[room], begun_at=local(begins), ended_at=local(ends),
        guard=county.officer, by=county.officer, at=local(at),
    )  # fmt: skip


def test_beginning_the_next_step_ends_the_one_before(county: County) -> None:
    visit = bring(county)
    first = begin(county, visit, "search", "检查室", "09:10")

    begin(county, visit, "collection", "采集室", "09:25")

    first.refresh_from_db()
    assert first.ended_at == local("09:25")
    assert [one for one in actions(visit) if one in ("begun", "finished")] == ["begun", "finished", "begun"]


def test_a_full_room_is_refused_with_how_many_are_in_it(county: County) -> None:
    begin(county, bring(county), "questioning", "询问室一", "09:20")
    other = bring(county, "手环 2")

    with pytest.raises(CustodyRefused, match="询问室一最多容纳 1 人，现有 1 人"):
        begin(county, other, "questioning", "询问室一", "09:20")

    assert in_rooms([county.rooms["询问室一"].pk]) == {county.rooms["询问室一"].pk: 1}


def test_a_room_is_free_again_when_he_who_was_in_it_left(county: County) -> None:
    first, other = bring(county), bring(county, "手环 2")
    begin(county, first, "questioning", "询问室一", "09:20")
    go(county, first, "09:50")

    assert begin(county, other, "questioning", "询问室一", "09:55").ended_at is None


@pytest.mark.parametrize(
    ("kind", "room", "when", "why"),
    [
        ("questioning", "候问室一", "09:20", "不能用于询问、讯问"),
        ("search", "检查室", "09:05", "早于入区时间"),
        ("search", "检查室", "10:30", "晚于现在"),
    ],
)
def test_a_step_that_cannot_be_is_refused(county: County, kind: str, room: str, when: str, why: str) -> None:
    visit = bring(county)

    with pytest.raises(CustodyRefused, match=why):
        begin(county, visit, kind, room, when, at=AT)

    assert not Stage.objects.exists()


def test_nothing_is_begun_before_what_was_done_last_and_nothing_after_the_exit(county: County) -> None:
    visit = bring(county)
    begin(county, visit, "search", "检查室", "09:30")
    finish(county, visit, "09:40")

    with pytest.raises(CustodyRefused, match="请用“补登环节”"):
        begin(county, visit, "collection", "采集室", "09:35")
    with pytest.raises(CustodyRefused, match="没有进行中的环节"):
        finish(county, visit, "09:50")
    go(county, visit, "09:50")
    with pytest.raises(CustodyRefused, match="已经离开办案区，不能开始环节"):
        begin(county, visit, "collection", "采集室", "09:55")


def test_special_persons_are_not_put_into_a_waiting_room(county: County) -> None:
    """公安机关适用继续盘问规定第十条."""
    visit = bring(county, basis="continued", case=None, special=True)

    with pytest.raises(CustodyRefused, match="不得送入候问室"):
        begin(county, visit, "waiting", "候问室一", "09:20")
    assert begin(county, visit, "waiting", "询问室一", "09:20")


def test_a_room_of_another_centre_and_a_closed_one_are_refused(county: County) -> None:
    visit = bring(county)
    own = services.add_centre(unit=county.station, name="所内办案区", by=county.head)
    far = services.add_room(centre=own, name="询问室", kind="questioning", capacity=1, by=county.head)
    closed = services.close_room(room=county.rooms["询问室二"], by=county.legal, at=AT)

    for room, why in ((far, "不在县局执法办案管理中心"), (closed, "已经停用")):
        with pytest.raises(CustodyRefused, match=why):
            services.begin_stage(visit=visit, kind="questioning", room=room, begun_at=ENTERED, by=county.officer, at=AT)


def test_moving_goes_on_with_the_same_in_another_room(county: County) -> None:
    visit = bring(county)
    before = begin(county, visit, "questioning", "询问室一", "09:20")

    after = services.move_room(
        visit=visit, room=county.rooms["询问室二"], moved_at=local("09:45"), reason="设备故障", by=county.officer, at=AT
    )

    before.refresh_from_db()
    assert (before.ended_at, after.begun_at, after.kind, after.guard) == (
        after.begun_at, local("09:45"), "questioning", county.officer,
    )  # fmt: skip
    with pytest.raises(CustodyRefused, match="没有改动"):
        services.move_room(
            visit=visit, room=county.rooms["询问室二"], moved_at=AT, reason="再移", by=county.officer, at=AT
        )


def test_sobering_up_pauses_the_hours_of_an_inquiry(county: County) -> None:
    """公安机关办理行政案件程序规定第五十八条：约束时间不计算在询问查证时间内."""
    visit = bring(county)
    begin(county, visit, "sobering", "约束室", "09:20")
    clock = Clock.objects.get(matter=visit.pk)
    assert clock.state == ClockState.PAUSED

    finish(county, visit, "12:20")

    clock.refresh_from_db()
    assert (clock.state, clock.due_at) == (ClockState.RUNNING, moment("2026-03-10 20:00"))


def test_striking_out_the_sobering_up_counts_its_hours_again(county: County) -> None:
    visit = bring(county)
    stage = begin(county, visit, "sobering", "约束室", "09:20")
    finish(county, visit, "12:20")

    services.void_stage(visit=visit, stage=stage, why="登错人", by=county.officer, at=local("12:30"))

    clock = Clock.objects.get(matter=visit.pk)
    assert (clock.state, clock.due_at) == (ClockState.RUNNING, moment("2026-03-10 17:00"))


def test_sobering_up_is_known_to_an_inquiry_only(county: County) -> None:
    visit = bring(county, basis="summons", case=county.crime)

    with pytest.raises(CustodyRefused, match="第五十八条"):
        begin(county, visit, "sobering", "约束室", "09:20")


def test_what_was_forgotten_is_added_after_the_exit_and_its_fault_lapses(county: County) -> None:
    visit = bring(county)
    begin(county, visit, "questioning", "询问室一", "09:40")
    go(county, visit, "12:00")
    assert {"no_search", "no_collection", "gap"} <= found(visit)

    add(county, visit, "search", "检查室", "09:10", "09:20")
    add(county, visit, "collection", "采集室", "09:20", "09:40")

    assert found(visit) == {"family_not_told", "not_recorded"}
    assert actions(visit).count("lapsed") == 3


@pytest.mark.parametrize(
    ("begins", "ends", "why"),
    [
        ("09:30", "09:50", "与 2026-03-10 09:40 开始的询问、讯问时间重叠"),
        ("09:05", "09:20", "早于入区时间"),
        ("11:50", "12:10", "晚于离开时间"),
        ("09:20", "09:20", "结束时间应当晚于"),
    ],
)
def test_a_step_added_lies_in_the_visit_and_overlaps_none(county: County, begins: str, ends: str, why: str) -> None:
    visit = bring(county)
    begin(county, visit, "questioning", "询问室一", "09:40")
    go(county, visit, "12:00")

    with pytest.raises(CustodyRefused, match=why):
        add(county, visit, "search", "检查室", begins, ends)


def test_a_step_struck_out_stays_on_record_and_counts_no_more(county: County) -> None:
    visit = bring(county)
    stage = begin(county, visit, "questioning", "询问室一", "09:20")

    services.void_stage(visit=visit, stage=stage, why="登错人", by=county.officer, at=AT)

    assert Stage.objects.get().voided_at == AT
    assert in_rooms([county.rooms["询问室一"].pk]) == {}
    with pytest.raises(CustodyRefused, match="已经作废"):
        services.void_stage(visit=visit, stage=stage, why="再作废", by=county.officer, at=AT)


# -- rooms ---------------------------------------------------------------------------------------------------------------


def test_a_room_that_somebody_is_in_is_not_closed(county: County) -> None:
    visit = bring(county)
    begin(county, visit, "questioning", "询问室一", "09:20")
    room = county.rooms["询问室一"]

    with pytest.raises(CustodyRefused, match="还有 1 人"):
        services.close_room(room=room, by=county.legal, at=AT)
    go(county, visit, "09:50")
    services.close_room(room=room, by=county.legal, at=AT)
    with pytest.raises(CustodyRefused, match="已经停用"):
        services.close_room(room=room, by=county.legal, at=AT)
    again = services.add_room(centre=county.centre, name="询问室一", kind="questioning", capacity=2, by=county.legal)
    assert Room.objects.filter(name="询问室一").count() == 2 and again.pk != room.pk


def test_names_capacity_and_scope_are_looked_at(county: County) -> None:
    for told, why in (
        ({"name": "询问室一", "capacity": 1}, "已有名为"),
        ({"name": "新", "capacity": 0}, "1 到 50"),
        ({"name": " ", "capacity": 1}, "请填写名称"),
    ):
        with pytest.raises(CustodyRefused, match=why):
            services.add_room(centre=county.centre, kind="questioning", by=county.legal, **told)  # type: ignore[arg-type]
    with pytest.raises(CustodyRefused, match="已有名为"):
        services.add_centre(unit=county.bureau.county, name=county.centre.name, by=county.legal)
    with pytest.raises(CustodyRefused, match="不在您的范围内"):
        services.add_centre(unit=county.bureau.county, name="二", by=county.stranger)
