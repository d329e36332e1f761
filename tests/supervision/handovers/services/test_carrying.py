"""Carrying out: through the verbs of the rooms, line by line; whatever happens in between, nothing twice and nothing lost."""

import linecache
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Absence, BarringGround, Event, Handling, Matter, Officer, Role
from cases.services import bar, end_post, transfer_matter
from supervision.followup.models import FollowedCase, FollowStep, Stage
from supervision.followup.services import hand_over, watch
from supervision.handovers.gathering import Asked
from supervision.handovers.models import Handover, HandoverItem, State
from supervision.handovers.rules import SILENCE
from supervision.handovers.services import CarryingFailed, carry_on, carry_out, carrying, take_up
from supervision.rectification.models import Order, OrderState, OrderStep
from supervision.rectification.services import extend_order
from tests.cases.factories import clock_of, day, make_officer, record
from tests.supervision.handovers.factories import (
    AT,
    OVERDUE,
    House,
    begin,
    carried,
    case,
    everything,
    follow,
    order,
    outcomes,
)


def told(row: Handover) -> dict[str, str]:
    """By number, why a line was not moved."""
    return {number: why or "" for number, outcome, why in outcomes(row) if outcome == "kept"}


# -- what changes hands ------------------------------------------------------------------------------------------------


def test_a_matter_goes_with_its_limits_and_what_ran_out_stays(house: House) -> None:
    late, soon = case(house, "A-1", filed=OVERDUE), case(house, "A-2")
    due = {matter.pk: clock_of(matter).due_at for matter in (late, soon)}

    row = carried(begin(house, by=house.legal, unit=house.bureau.sibling))

    assert (row.state, row.moved, row.kept, row.done_at) == (State.DONE, 2, 0, AT)
    for matter in (late, soon):
        matter.refresh_from_db()
        assert (matter.unit, matter.officer) == (house.bureau.sibling, None)
        assert clock_of(matter).due_at == due[matter.pk]
    assert (clock_of(late).unit, clock_of(late).officer) == (house.station, house.leaver)
    assert (clock_of(soon).unit, clock_of(soon).officer) == (house.bureau.sibling, None)
    event = Event.objects.get(matter=soon, kind__code="matter_transferred")
    assert (event.by, event.from_officer, event.to_unit) == (house.legal, house.leaver, house.bureau.sibling)


def test_an_order_is_reassigned_with_the_ground_of_the_handover(house: House) -> None:
    one = order(house)

    row = carried(begin(house, to=house.taker))

    one.refresh_from_db()
    step = OrderStep.objects.get(order=one, number=2)
    assert (one.officer, step.action, step.by) == (house.taker, "reassigned", house.head)
    assert step.text == f"{row.number}：调离，人〔2026〕1号"


def test_what_he_has_in_a_followed_case_goes_to_the_receiver_and_the_case_stays_followed(house: House) -> None:
    one = follow(house)
    there = make_officer("100020", house.bureau.sibling, Role.CASE_OFFICER)

    carried(begin(house, by=house.legal, unit=house.bureau.sibling, to=there))
    watch(at=AT)

    one.refresh_from_db()
    assert (one.officer, one.unit, one.main_unit) == (there, house.bureau.sibling, house.bureau.sibling)
    assert one.stage == Stage.MOVING
    assert FollowStep.objects.filter(case=one, action="handed_over", by=house.legal).count() == 1


def test_a_unit_hands_over_whole_and_its_followed_cases_follow_their_matters(house: House) -> None:
    case(house, "A-1", officer=house.taker)
    unassigned = case(house, "A-2")
    Matter.objects.filter(pk=unassigned.pk).update(officer=None)
    order(house)
    one = follow(house)

    row = carried(begin(house, by=house.legal, whose=Asked(unit=house.station), unit=house.bureau.sibling))
    watch(at=AT)

    assert (row.moved, row.kept) == (4, 0)
    assert not Matter.objects.filter(unit=house.station).exists()
    one.refresh_from_db()
    assert (one.unit, one.officer, one.stage) == (house.bureau.sibling, None, Stage.INCOMPLETE)


# -- what does not -----------------------------------------------------------------------------------------------------


def test_whoever_is_barred_receives_neither_the_matter_nor_what_hangs_on_it(house: House) -> None:
    matter = case(house, "A-1")
    order(house, matter=matter)
    followed = follow(house)
    row = begin(house, to=house.taker)
    for one in (matter, followed.matter):
        bar(matter=one, officer=house.taker, ground=BarringGround.INTEREST, by=None, at=AT)

    carried(row)

    assert row.moved == 0 and row.kept == 4
    assert all("民警100002属于被反映的单位、人员或者已经回避" in why for why in told(row).values())
    assert not Event.objects.filter(kind__code="matter_transferred").exists()


def test_a_unit_kept_away_receives_nothing_of_the_matter(house: House) -> None:
    matter = case(house, "A-1")
    order(house, matter=matter)
    bar(matter=matter, unit=house.bureau.sibling, ground=BarringGround.ACCUSED, by=None, at=AT)

    row = carried(begin(house, by=house.legal, unit=house.bureau.sibling))

    assert row.kept == 2 and all("城东派出所是被反映的单位" in why for why in told(row).values())


def test_a_followed_case_without_a_receiving_officer_stays_and_says_so(house: House) -> None:
    follow(house)

    row = carried(begin(house, by=house.legal, unit=house.bureau.sibling))

    assert [outcome for _, outcome, _ in outcomes(row)] == ["moved", "kept"]
    assert "请指定接收人" in told(row)["F-1"]


def test_what_another_handed_over_meanwhile_is_refused_by_name_and_the_rest_is_done(house: House) -> None:
    third = make_officer("100010", house.station, Role.CASE_OFFICER)
    everything(house)
    row = begin(house, to=house.taker)
    case(house, "A-2")
    other = begin(house, by=house.legal, to=third)
    late = begin(house, to=house.taker)

    carried(other)
    for one in (row, late):
        carried(one)

    assert (other.moved, other.kept) == (5, 0)
    for one in (row, late):
        assert one.moved == 0 and one.state == State.DONE
    why = told(row)
    assert why["A-1"].startswith("预览以后已于 03-02 10:00 由民警100005移交给城关派出所民警100010")
    assert "民警100005已于 03-02 10:00 改派" in why[Order.objects.get().number]
    assert why["F-1"] == "民警100001在这件盯办案件里已没有未了的事，可能已有人交接"


def closed(house: House, matter: Matter) -> str:
    record(matter, "closed", "2026-03-02 09:00", at="2026-03-02 09:30")
    return "已于 2026-03-02 办结"


def withdrawn(house: House, matter: Matter) -> str:
    Matter.objects.filter(pk=matter.pk).update(withdrawn_at=AT)
    return "已随导入批次撤销"


def renamed(house: House, matter: Matter) -> str:
    Matter.objects.filter(pk=matter.pk).update(officer=house.head)
    return "经办单位或者经办人已变为城关派出所民警100003"


def receiver_gone(house: House, matter: Matter) -> str:
    Officer.objects.filter(pk=house.taker.pk).update(is_active=False)
    return "民警100002的账号已停用"


def receiver_away(house: House, matter: Matter) -> str:
    Absence.objects.create(officer=house.taker, deputy=house.head, from_on=AT.date(), until_on=AT.date())
    return "民警100002外出至 2026-03-02"


def receiver_elsewhere(house: House, matter: Matter) -> str:
    end_post(post=house.taker.posts.get(), until_on=day("2026-03-02"))
    return "民警100002在城关派出所没有任职"


def giver_gone(house: House, matter: Matter) -> str:
    end_post(post=house.head.posts.get(), until_on=day("2026-03-02"))
    return "移交由办案单位负责人"


@pytest.mark.parametrize(
    "meanwhile", [closed, withdrawn, renamed, receiver_gone, receiver_away, receiver_elsewhere, giver_gone]
)
def test_what_changed_since_the_preview_is_refused_by_name(
    house: House, meanwhile: Callable[[House, Matter], str]
) -> None:
    matter = case(house, "A-1")
    row = begin(house, to=house.taker)
    why = meanwhile(house, matter)

    carried(row)

    assert (row.state, row.moved, row.kept) == (State.DONE, 0, 1)
    assert why in told(row)["A-1"]
    assert not Event.objects.filter(matter=matter, kind__code="matter_transferred").exists()


def test_an_order_acted_on_since_the_preview_is_refused_by_who_and_what(house: House) -> None:
    put_off, answered = order(house), order(house, "S-2")
    row = begin(house, to=house.taker)
    extend_order(
        order=put_off, due_on=day("2026-03-20"), reason="补材料", approver=house.county.leader, by=house.legal, at=AT
    )
    Order.objects.filter(pk=answered.pk).update(state=OrderState.REPLIED, replied_at=AT, replied_by=house.leaver)

    carried(row)

    assert "民警100005已于 03-02 10:00 延期" in told(row)[put_off.number]
    assert "整改现为“待核验”" in told(row)[answered.number]


def test_a_matter_that_left_the_givers_reach_is_not_touched(house: House) -> None:
    matter = case(house, "A-1")
    row = begin(house, to=house.taker)
    there = house.bureau.sibling
    transfer_matter(matter=matter, to_unit=there, to_officer=None, occurred_at=AT, by=house.legal, at=AT)

    carried(row)

    assert "由民警100005移交给城东派出所" in told(row)["A-1"]
    matter.refresh_from_db()
    assert matter.unit == there


def test_a_followed_case_handed_on_meanwhile_is_left_where_it_is(house: House) -> None:
    one = follow(house)
    row = begin(house, to=house.taker)
    hand_over(officer=house.leaver, to=house.head, by=house.legal, at=AT)

    carried(row)

    one.refresh_from_db()
    assert one.officer == house.head and "可能已有人交接" in told(row)["F-1"]


# -- kills, repetitions, failures --------------------------------------------------------------------------------------


class Killed(BaseException):
    """What a kill looks like from inside: nothing catches it, and open transactions go back."""


def lines_run(act: Callable[[], Any], dies_at: int | None = None) -> list[int]:
    """Run something and answer the lines of the module that ran, each once; with `dies_at` die at that line."""
    ran: list[int] = []

    def watch_lines(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != carrying.__file__:
            return None
        if event == "line":
            if frame.f_lineno == dies_at:
                raise Killed
            # Nothing happens at the word itself, and the interpreter holds it outside of the block around it.
            if frame.f_lineno not in ran and linecache.getline(carrying.__file__, frame.f_lineno).strip() != "try:":
                ran.append(frame.f_lineno)
        return watch_lines

    before = sys.gettrace()
    sys.settrace(watch_lines)
    try:
        act()
    finally:
        sys.settrace(before)
    return ran


def standing(row: Handover) -> Any:
    """Everything a hand-over leaves behind, without the numbers of rows."""
    row.refresh_from_db()
    return (
        (row.state, row.moved, row.kept),
        outcomes(row),
        list(
            Event.objects.filter(kind__code="matter_transferred").order_by("matter").values_list("matter", "to_officer")
        ),
        list(Matter.objects.order_by("pk").values_list("pk", "unit", "officer")),
        list(
            Handling.objects.filter(until_at=None)
            .order_by("matter", "officer")
            .values_list("matter", "officer", "role")
        ),
        list(Order.objects.order_by("pk").values_list("pk", "officer", "step_number")),
        list(OrderStep.objects.order_by("order", "number").values_list("order", "number", "action")),
        list(FollowedCase.objects.order_by("pk").values_list("pk", "officer", "stage")),
        list(FollowStep.objects.order_by("case", "pk").values_list("case", "action")),
    )


def test_killed_at_any_line_it_is_done_once_by_the_next_round(house: House) -> None:
    matter = case(house, "A-1")
    bar(matter=matter, officer=house.taker, ground=BarringGround.INTEREST, by=None, at=AT)
    order(house)
    follow(house)
    row = begin(house, to=house.taker)

    def a_round() -> None:
        carry_out(tick=lambda: AT)

    with transaction.atomic():
        ran = lines_run(a_round)
        whole = standing(row)
        transaction.set_rollback(True)
    assert whole[0] == (State.DONE, 3, 1) and len(ran) > 60

    for line in ran:
        with transaction.atomic():
            with pytest.raises(Killed):
                lines_run(a_round, dies_at=line)
            # Each line has been moved and says so, or neither.
            done = HandoverItem.objects.filter(handover=row, outcome="moved", what="matter").count()
            assert Event.objects.filter(kind__code="matter_transferred").count() == done, line
            carry_out(tick=lambda: AT + SILENCE * 2)
            assert standing(row) == whole, line
            transaction.set_rollback(True)


def test_a_second_round_changes_nothing(house: House) -> None:
    everything(house)
    row = carried(begin(house, to=house.taker))
    before = standing(row)

    again = carry_out(tick=lambda: AT + SILENCE)
    carry_on(handover=row, tick=lambda: AT + SILENCE)

    assert (again.moved, again.kept, again.handovers) == (0, 0, 0)
    assert standing(row) == before and row.done_at == AT


def test_what_another_worker_is_at_is_left_to_it_until_it_falls_silent(house: House) -> None:
    everything(house)
    row = begin(house, to=house.taker)
    assert take_up(handover=row, at=AT)

    assert not take_up(handover=row, at=AT + SILENCE)
    assert carry_out(tick=lambda: AT + SILENCE).moved == 0
    assert carry_out(tick=lambda: AT + SILENCE * 2).moved == 4


def test_one_line_that_fails_stops_no_other_and_is_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(house)
    row = begin(house, to=house.taker)

    def broken(**named: Any) -> None:
        raise RuntimeError("disk")

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "reassign_order", broken)
        with pytest.raises(CarryingFailed, match="1 件没有办成"):
            carry_out(tick=lambda: AT)
    row.refresh_from_db()
    assert (row.state, row.moved, row.worked_at) == (State.RUNNING, 3, None)
    assert "1 件没有办成，后台会再试" in row.error

    assert carry_out(tick=lambda: AT).moved == 1
    row.refresh_from_db()
    assert (row.state, row.moved, row.error) == (State.DONE, 4, "")


def test_a_line_costs_the_same_whatever_their_number(house: House) -> None:
    numbers = []
    for count in (1, 3):
        for n in range(count):
            case(house, f"Q-{count}-{n}")
        row = begin(house, to=house.taker)
        assert take_up(handover=row, at=AT)
        with CaptureQueriesContext(connection) as asked:
            carry_on(handover=row, tick=lambda: AT)
        numbers.append(len(asked))
        assert row.moved == count

    one, three = numbers
    assert (three - one) % 2 == 0 and (three - one) // 2 < 60
