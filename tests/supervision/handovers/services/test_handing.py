"""Deciding a hand-over: what is written, and what is refused whole."""

from collections.abc import Callable
from typing import Any

import pytest

from cases.models import Absence, Officer, Role
from cases.services import end_post
from supervision.handovers.gathering import Asked
from supervision.handovers.models import Handover, HandoverItem, State
from supervision.handovers.rules import Mark, Thing
from supervision.handovers.services import HandoverRefused, begin_handover
from tests.cases.factories import clock_of, day, make_case, make_officer
from tests.supervision.handovers.factories import AT, OVERDUE, House, begin, case, everything, follow, order, outcomes


def test_each_thing_is_written_as_it_stood_and_nothing_has_moved_yet(house: House) -> None:
    late, soon = case(house, "A-1", filed=OVERDUE), case(house, "A-2")
    order(house)
    follow(house)

    row = begin(house, to=house.taker)

    assert (row.state, row.total, row.moved, row.kept) == (State.QUEUED, 5, 0, 0)
    assert [number for number, *_ in outcomes(row)][:2] == ["A-1", "A-2"]
    items = {item.number: item for item in row.items.all()}
    ran_out, runs = items["A-1"].running[0], items["A-2"].running[0]
    assert (ran_out.name, ran_out.due, ran_out.level, ran_out.stays) == ("作出决定", "2026-02-04", 3, True)
    assert (runs.due, runs.due_at, runs.left, runs.sign) == ("2026-03-04", clock_of(soon).due_at, "剩 2 天", "◆")
    asked = row.items.get(what="order")
    assert (asked.step, asked.running[0].name, asked.officer) == (1, "答复整改", house.leaver)
    assert row.items.get(what="followed").name == "盯办责任人"
    late.refresh_from_db()
    assert late.officer == house.leaver


def gone(house: House) -> dict[str, Any]:
    Officer.objects.filter(pk=house.taker.pk).update(is_active=False)
    return {"to": Officer.objects.get(pk=house.taker.pk)}


def away(house: House) -> dict[str, Any]:
    Absence.objects.create(
        officer=house.taker, deputy=house.head, from_on=day("2026-02-27"), until_on=day("2026-03-02")
    )
    return {"to": house.taker}


def merged(house: House) -> dict[str, Any]:
    house.bureau.sibling.valid_until = day("2026-02-01")
    house.bureau.sibling.save()
    return {"unit": house.bureau.sibling, "by": house.legal}


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (gone, "民警100002的账号已停用"),
        (away, "民警100002外出至 2026-03-02"),
        (merged, "城东派出所已于 2026-02-01 撤并"),
        (lambda house: {"to": house.legal}, "民警100005在城关派出所没有任职"),
        (lambda house: {"unit": house.bureau.sibling}, "城东派出所不在您可以移交的范围内"),
        (lambda house: {"unit": house.bureau.other_station, "by": house.legal}, "河口派出所不在您可以移交的范围内"),
        (lambda house: {"document_number": " "}, "请填写文号或者说明"),
        (lambda house: {"whose": Asked(officer=house.taker)}, "没有勾选任何一件"),
        (lambda house: {"by": house.county.leader}, "移交由办案单位负责人在本单位内办理"),
        (lambda house: {"by": house.leaver}, "移交由办案单位负责人在本单位内办理"),
    ],
)
def test_a_handover_that_cannot_be_is_refused_whole(
    house: House, how: Callable[[House], dict[str, Any]], told: str
) -> None:
    everything(house)

    with pytest.raises(HandoverRefused, match=told):
        begin(house, **how(house))

    assert not Handover.objects.exists() and not HandoverItem.objects.exists()


def test_what_lies_elsewhere_or_only_its_handlers_see_is_refused_whatever_is_sent(house: House) -> None:
    beside = case(house, "B-1", unit=house.bureau.sibling)
    letter = make_case("L-1", house.station, house.leaver, filed="2026-02-20", kind="letter")
    own = case(house, "A-1")
    unknown = Mark(Thing.MATTER, 999_999, house.station.pk, house.leaver.pk)

    for mark in (
        Mark(Thing.MATTER, beside.pk, beside.unit_id, house.leaver.pk),
        Mark(Thing.MATTER, letter.pk, letter.unit_id, house.leaver.pk),
        unknown,
    ):
        with pytest.raises(HandoverRefused):
            begin_handover(
                marks=[Mark(Thing.MATTER, own.pk, own.unit_id, own.officer_id), mark],
                from_officer=house.leaver,
                from_unit=None,
                to_unit=house.station,
                to_officer=house.taker,
                reason="left",
                note="调离",
                by=house.head,
                at=AT,
            )

    assert not Handover.objects.exists()


def test_more_than_anybody_signs_for_at_once_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case(house, "A-1")
    case(house, "A-2")
    monkeypatch.setattr("supervision.handovers.services.handing.MOST", 1)

    with pytest.raises(HandoverRefused, match="一次最多移交 1 件"):
        begin(house, to=house.taker)


def test_a_head_whose_post_ended_hands_nothing_over(house: House) -> None:
    everything(house)
    end_post(post=house.head.posts.get(), until_on=day("2026-03-01"))

    with pytest.raises(HandoverRefused):
        begin(house, to=house.taker)


def test_a_legal_officer_hands_over_anywhere_in_his_bureau(house: House) -> None:
    everything(house)
    there = make_officer("100020", house.bureau.sibling, Role.CASE_OFFICER)

    row = begin(house, by=house.legal, unit=house.bureau.sibling, to=there)

    assert (row.total, row.to_officer) == (4, there)
